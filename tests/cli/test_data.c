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
    cr_assert(system("gzip train.csv test.csv") == 0);
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

/* What a newcomer names: a folder of other files, an empty one, a format, a column's name in other
 * letters. */
Test(data_command, what_is_meant) {
    static const struct {
        const char *place, *key, *sentence;
    } asked[] = {
        {"mine", NULL, "mine: has no train.csv; is one file of it meant, such as mine.csv?"},
        {"empty", NULL, "empty: has none of the files that data in a folder consist of"},
        {"half", NULL, "data folder half: has no train-images-idx3-ubyte"},
        {"csv", NULL, "csv: no such file or folder; it is a format"},
        {"mine/mine.csv", "data.target=Kind",
         "no column 'Kind' (data.target) among 3 (did you mean 'kind'?)"},
        {"mine/mine.csv", "data.target=width", "no column 'width' (data.target) among 3"},
    };
    char said[4096];
    cr_assert(system("mkdir mine empty half; touch half/t10k-images-idx3-ubyte") == 0);
    write_text("mine/mine.csv", table);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        const char *const words[] = {"normlab", "data", asked[i].place, asked[i].key, NULL};
        cr_expect(capture_command(words, sizeof said, said) == ERROR_DATA, "%s", asked[i].place);
        cr_expect(strstr(status_message(), asked[i].sentence), "%s", status_message());
    }
    cr_expect(!strstr(status_message(), "did you mean"), "%s", status_message());
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

/* ---- sets that have a name ---- */

static void put_letters(const char *home) {
    char path[256];
    cr_assert(setenv("HOME", home, 1) == 0);
    snprintf(path, sizeof path, "mkdir -p %s/.local/share/normlab/letters", home);
    cr_assert(system(path) == 0, "%s", path);
    snprintf(path, sizeof path, "%s/.local/share/normlab/letters/train.csv", home);
    write_text(path, "x,class\n1,A\n2,B\n3,A\n4,B\n5,A\n6,B\n7,A\n8,B\n9,A\n10,B\n");
    snprintf(path, sizeof path, "%s/.local/share/normlab/letters/test.csv", home);
    write_text(path, "x,class\n1,B\n2,A\n");
}

/* Each has a line; what is missing, a sentence. */
Test(data_command, the_sets_that_have_a_name) {
    char said[8192];
    put_letters(folder);
    const char *const words[] = {"normlab", "data", "--json", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    static const char *const lines[] = {
        "\"name\": \"letters\", \"found\": \"yes\"",
        "\"name\": \"satellite\", \"found\": \"no\"",
        "\"place\": \"~/.local/share/normlab/letters\"",
        "satellite: make it by R (apt-get install r-cran-mlbench; Rscript /",
        "/data/mlbench.R) or name the folder",
        "mnist: put the four IDX files",
        "\"found\": \"generated\", \"title\": \"Gaussian clusters\", \"place\": \"\""};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_expect(strstr(said, lines[i]), "no '%s' in:\n%s", lines[i], said);
    cr_expect(!strstr(said, "letters: make it"), "how to get what is there:\n%s", said);
    cr_expect(!strstr(said, "\"csv\""), "a format is no set:\n%s", said);
}

Test(data_command, a_set_by_its_name) {
    char said[8192];
    put_letters(folder);
    const char *const words[] = {"normlab", "data", "letters", "--json", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "\"in an experiment file: data: {name: letters, validation: 2}\""), "%s",
              said);
    cr_expect(strstr(said, "5000 (the default) leaves none of 10 rows to train on; 0 to 9 fit"),
              "%s", said);
    cr_expect(strstr(said, "{\"what\": \"class 1: B\", \"train\": \"5\", \"test\": \"1\"}"), "%s",
              said);
    const char *const few[] = {"normlab",           "data",   "letters", "data.validation=6",
                               "data.header=false", "--json", NULL};
    cr_assert(capture_command(few, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "data: {name: letters, validation: 6}"), "%s", said);
    cr_expect(strstr(said, "data.validation: 6 leaves 4 of 10 rows to train on"), "%s", said);
    cr_expect(strstr(said, "data.header has no effect; where it applies: data.name=csv"), "%s",
              said);
    const char *const made[] = {"normlab", "data", "clusters", "data.classes=3", "--json", NULL};
    cr_assert(capture_command(made, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "data: {name: clusters, classes: 3}"), "%s", said);
    const char *const near[] = {"normlab", "data", "leters", NULL};
    cr_expect(capture_command(near, sizeof said, said) == ERROR_DATA);
    cr_expect(strstr(status_message(), "did you mean 'letters'"), "%s", status_message());
}

/* A set goes before a file of its name; a path says otherwise. */
Test(data_command, a_file_of_the_name_of_a_set) {
    char said[8192];
    put_letters(folder);
    write_text("letters", table);
    const char *const words[] = {"normlab", "data", "letters", "--json", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "letters is the set of this name; ./letters is the path"), "%s", said);
    const char *const path[] = {"normlab", "data", "./letters", "--json", NULL};
    cr_assert(capture_command(path, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "class 0: ant") && strstr(said, "{name: csv, dir: ./letters"), "%s",
              said);
}

/* Packed, a table is a table, and IDX one of four files. */
Test(data_command, gzipped_files) {
    char said[4096];
    write_text("mine.csv", table);
    FILE *file = fopen("one", "wb");
    cr_assert(file && fwrite("\0\0\x08\x01\0\0\0\x01\x07", 1, 9, file) == 9 && !fclose(file));
    cr_assert(system("gzip mine.csv one") == 0);
    const char *const words[] = {"normlab", "data", "mine.csv.gz", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "source\tcsv\t\n") && strstr(said, "class 0: ant"), "%s", said);
    const char *const one[] = {"normlab", "data", "one.gz", NULL};
    cr_expect(capture_command(one, sizeof said, said) == ERROR_USAGE);
    cr_expect(strstr(status_message(), "name their folder"), "%s", status_message());
}

/* A group of keys has the same name. */
Test(data_command, help) {
    char said[4096];
    const char *const words[] = {"normlab", "help", "data", NULL};
    cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
    cr_expect(strstr(said, "normlab data [PATH] [key=value ...]"), "%s", said);
    const char *const group[] = {"normlab", "help", "norm", NULL};
    cr_expect(capture_command(group, sizeof said, said) == ERROR_USAGE);
    cr_expect(strstr(status_message(), "describe norm"), "%s", status_message());
}
