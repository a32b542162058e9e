/* normlab data: what it prints of each format, and what it refuses. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/capture.h"

static char folder[64];

static void begin(void) {
    strcpy(folder, "/tmp/normlab-data-XXXXXX");
    cr_assert(mkdtemp(folder) && chdir(folder) == 0, "no folder under /tmp");
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(system(command) == 0, "%s", command);
}

TestSuite(data_command, .init = begin, .fini = end);

static void write_text(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", name);
}

static const char *const table = "a,b,kind\n1,2,cat\n3,2,dog\n5,2,ant\n7,8,cat\n"
                                 "9,2,dog\n-11.5,2,ant\n13,2,cat\n15,16,ant\n";

Test(data_command, a_table) {
    char said[4096];
    write_text("mine.csv", table);
    const char *const words[] = {"normlab", "data", "mine.csv", "data.test_share=0.25", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    static const char *const lines[] = {
        "what\ttrain\ttest\n", "source\tcsv\t\n",          "rows\t6\t2\n",
        "columns\t2\t2\n",     "type\t32-bit floats\t",    "least\t-11.5\t7\n",
        "largest\t13\t16\n",   "constant columns\t1\t0\n", "missing values\t0\t0\n",
        "classes\t3\t3\n",     "class 0: ant\t2\t1\n",     "class 2: dog\t2\t0\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_expect(strstr(said, lines[i]), "no '%s' in:\n%s", lines[i], said);
}

Test(data_command, numbers_as_targets) {
    char said[4096];
    write_text("mine.csv", "a,y\n1,0.5\n2,3\n3,-1\n4,2\n5,7.25\n6,1\n");
    const char *const words[] = {"normlab", "data", "mine.csv", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "numbers of a target\t1\t1\n") &&
                  strstr(said, "target 0, least\t-1\t7.25\n") && !strstr(said, "class"),
              "%s", said);
}

/* The format shows by itself; a word says otherwise. */
Test(data_command, which_format) {
    char said[4096];
    write_text("train.csv", table);
    write_text("test.csv", table);
    const char *const words[] = {"normlab", "data", ".", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "source\tcsv\t\n") && strstr(said, "rows\t8\t8\n"), "%s", said);
    const char *const as_npy[] = {"normlab", "data", ".", "data.name=npy", NULL};
    cr_expect(capture_command(as_npy, sizeof said, said) == ERROR_DATA);
    cr_expect(strstr(status_message(), "X_train"), "%s", status_message());
    write_text("x.npy", "\x93NUMPY");
    const char *const one[] = {"normlab", "data", "x.npy", NULL};
    cr_expect(capture_command(one, sizeof said, said) == ERROR_USAGE);
    cr_expect(strstr(status_message(), "name their folder"), "%s", status_message());
    const char *const none[] = {"normlab", "data", "none", NULL};
    cr_expect(capture_command(none, sizeof said, said) == ERROR_DATA);
    cr_expect(strstr(status_message(), "none: cannot be opened: No such file"), "%s",
              status_message());
}

Test(data_command, what_no_key_of_data_is) {
    char said[4096];
    write_text("mine.csv", table);
    static const char *const wrong[] = {"model.hidden=[3]", "data.dir=x", "data.header=true,false",
                                        "data.targets=x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *const words[] = {"normlab", "data", "mine.csv", wrong[i], NULL};
        cr_expect(capture_command(words, sizeof said, said) == ERROR_USAGE, "%s", wrong[i]);
    }
}

Test(data_command, data_that_are_refused) {
    char said[4096];
    write_text("mine.csv", "a,b\n1,0\nx,1\n");
    const char *const words[] = {"normlab", "data", "mine.csv", NULL};
    cr_expect(capture_command(words, sizeof said, said) == ERROR_DATA);
    cr_expect(strstr(status_message(), "mine.csv:3: column 'a': 'x' is no number"), "%s",
              status_message());
    cr_expect(!*said, "printed: %s", said);
}

/* A group of keys has the same name. */
Test(data_command, help) {
    char said[4096];
    const char *const words[] = {"normlab", "help", "data", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "normlab data PATH"), "%s", said);
    const char *const group[] = {"normlab", "help", "norm", NULL};
    cr_expect(capture_command(group, sizeof said, said) == ERROR_USAGE);
    cr_expect(strstr(status_message(), "describe norm"), "%s", status_message());
}
