/* Compares two files of one run, and names where they differ. */
#include "lab/merge/run_copies.h"

#include <math.h>
#include <sys/stat.h>

#include "base/words.h"
#include "lab/config/keys.h"
#include "lab/merge/record_diff.h"
#include "lab/merge/run_kind.h"
#include "lab/store/store.h"

bool run_copies_one_file(const char *path, const char *copy) {
    struct stat a, b;
    return stat(path, &a) == 0 && stat(copy, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool is_logged_alike(const struct record_diff *diff) {
    for (int i = 0; i < diff->n; i++) {
        int key = diff->items[i].part == DIFF_CONFIGURATION ? key_find(diff->items[i].name) : -1;
        if (key >= 0 && key_get(key)->volatile_ && !key_get(key)->local)
            return false;
    }
    return true;
}

/* What only one has, or only one knows (nan), is no disagreement where the other did not log it. */
static const struct record_difference *find_disagreement(const struct record_diff *diff, int *n) {
    const struct record_difference *found = NULL;
    bool alike = is_logged_alike(diff);
    *n = 0;
    for (int i = 0; i < diff->n; i++) {
        const struct record_difference *item = &diff->items[i];
        bool is_result = item->part == DIFF_METRIC || item->part == DIFF_SERIES;
        if (!is_result || !(alike || isfinite(item->relative)))
            continue;
        found = found ? found : item;
        ++*n;
    }
    return found;
}

static const char *made_by(const struct record *record, struct pool *pool) {
    struct run_kind kind = run_kind_of(&record->provenance, pool);
    return pool_format(pool, "%s, %s", kind.processor, kind.build);
}

static const char *difference_text(const struct record *one, const char *path,
                                   const struct record *other, const char *copy,
                                   struct pool *pool) {
    struct record_diff diff;
    const char *text = NULL;
    int n;
    record_compare(one, other, &diff);
    const struct record_difference *item = find_disagreement(&diff, &n);
    if (item)
        text = pool_format(pool, "%s is %s in %s (%s) and %s in %s (%s)", item->name, item->a, path,
                           made_by(one, pool), item->b, copy, made_by(other, pool));
    if (n > 1)
        text = pool_format(pool, "%s; %d other%s differ%s, too", text, n - 1, plural(n - 1),
                           n == 2 ? "s" : "");
    record_diff_free(&diff);
    return text;
}

enum status run_copies_compare(const char *path, const char *copy, struct pool *pool,
                               const char **difference) {
    struct record one = {0}, other = {0};
    *difference = NULL;
    enum status status = store_read_run(path, &one);
    if (!status)
        status = store_read_run(copy, &other);
    if (!status)
        *difference = difference_text(&one, path, &other, copy, pool);
    record_free(&one);
    record_free(&other);
    return status;
}
