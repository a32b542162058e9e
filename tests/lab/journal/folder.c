#include "tests/lab/journal/folder.h"

#include <criterion/criterion.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"
#include "tests/calls.h"

const unsigned folder_is_local = TMPFS_MAGIC;
char folder[64];

void folder_begin(void) {
    test_calls.file_system = folder_is_local;
    snprintf(folder, sizeof folder, "/tmp/normlab-test-journal-XXXXXX");
    cr_assert(mkdtemp(folder), "no folder");
}

void folder_end(void) {
    struct pool pool = {0};
    const char **names;
    int n;
    cr_assert(folder_names(folder, &pool, &names, &n) == OK, "%s", status_message());
    for (int i = 0; i < n; i++)
        unlink(pool_format(&pool, "%s/%s", folder, names[i]));
    cr_expect(rmdir(folder) == 0, "%s is not empty", folder);
    pool_free(&pool);
}

void folder_open(const struct journal_begin *begin, struct journal *journal) {
    cr_assert(journal_open(folder, begin, NULL, journal) == OK, "%s", status_message());
}

void folder_write(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0, "cannot write %s", path);
}

void folder_read(const struct journals *before, struct journals *journals) {
    const char *dir = folder;
    cr_assert(journals_read(1, &dir, before, journals) == OK, "%s", status_message());
}
