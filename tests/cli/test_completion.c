/* The words that a shell offers where the cursor is. */
#include "cli/completion.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/config/keys.h"
#include "lab/store/store.h"
#include "tests/cli/capture.h"

static char folder[64];

static void begin(void) {
    strcpy(folder, "/tmp/normlab-completion-XXXXXX");
    cr_assert(mkdtemp(folder) && chdir(folder) == 0, "no folder under /tmp");
    cr_assert(system("mkdir -p a.folder .hidden share/experiments/claims && "
                     "touch a.h5 b.txt c.yaml 'd e.so' share/experiments/smoke.yaml "
                     "share/experiments/claims/heart.yaml") == 0,
              "files");
    setenv("NORMLAB_SHARE", "share", 1);
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(system(command) == 0, "%s", command);
}

TestSuite(completion, .init = begin, .fini = end);

/* The candidates, a line each. */
static const char *complete(const char *const *words) {
    static char text[1 << 15];
    int n = 0;
    while (words[n])
        n++;
    text[0] = 0;
    FILE *out = fmemopen(text, sizeof text, "w");
    completion_print(out, n, words);
    fclose(out);
    return text;
}

#define COMPLETE(...) complete((const char *const[]){__VA_ARGS__, NULL})

static bool has(const char *lines, const char *word) {
    char line[300];
    snprintf(line, sizeof line, "\n%s\t", word);
    return !strncmp(lines, line + 1, strlen(line + 1)) || strstr(lines, line);
}

static int count(const char *lines) {
    int n = 0;
    for (; *lines; lines++)
        n += *lines == '\n';
    return n;
}

/* The words between blanks are offered, and nothing else. */
static void expect(const char *lines, const char *words) {
    char word[256];
    int n = 0;
    for (int size; sscanf(words, "%255s%n", word, &size) == 1; words += size, n++)
        cr_expect(has(lines, word), "no %s in\n%s", word, lines);
    cr_expect(count(lines) == n, "%d words, not %d:\n%s", count(lines), n, lines);
}

Test(completion, the_first_word_is_a_command) {
    const char *lines = COMPLETE("");
    for (int i = 0; i < command_count(); i++)
        cr_expect(has(lines, command_get(i)->name), "no %s", command_get(i)->name);
    cr_expect(count(lines) == command_count() + 2, "%s", lines);
    expect(COMPLETE("ta"), "table");
    expect(COMPLETE("--v"), "--version");
    expect(COMPLETE("help", "ta"), "table");
    expect(COMPLETE("help", "table", ""), "");
    expect(COMPLETE("nosuch", ""), "");
}

Test(completion, every_option_of_every_command_is_offered) {
    for (int i = 0; i < command_count(); i++) {
        const struct command *command = command_get(i);
        for (const struct option_row *row = command->rows; row->type; row++) {
            char word[64];
            snprintf(word, sizeof word, "--%s", row->name);
            cr_expect(option_is_operand(row) || has(COMPLETE(command->name, word), word),
                      "%s: no %s", command->name, word);
        }
    }
    expect(COMPLETE("run", "x", "--dr"), "--dry-run");
    expect(COMPLETE("run", "--dry-run", "--", "--dr"), "");
}

Test(completion, words_of_the_tables_are_offered_as_values) {
    expect(COMPLETE("run", "x.yaml", "norm.kin"), "norm.kind=");
    expect(COMPLETE("run", "x.yaml", "norm.kind=batch"),
           "norm.kind=batch norm.kind=batch_renorm norm.kind=batch_noisy");
    expect(COMPLETE("run", "x.yaml", "norm.kind=layer,gr"), "norm.kind=layer,group");
    expect(COMPLETE("tune", "x.yaml", "seed=1", "norm.affine="),
           "norm.affine=true norm.affine=false");
    expect(COMPLETE("run", "x.yaml", "protocol=q"), "protocol=quick");
    expect(COMPLETE("run", "x.yaml", "optimizer.lr="), "optimizer.lr=0.025");
    expect(COMPLETE("run", "x.yaml", "nosuch="), "");
    expect(COMPLETE("check", "layer"), "layer");
    expect(COMPLETE("check", "batch", "norm.ep"), "norm.eps=");
    expect(COMPLETE("check", "batch", "optimizer"), "");
    expect(COMPLETE("compare", "x.h5", "--kind", "e"), "equality");
    expect(COMPLETE("compare", "x.h5", "--kind=e"), "--kind=equality");
    expect(COMPLETE("bench", "--norm", "none,layer"), "none,layer");
    expect(COMPLETE("bench", "--norm=none,gr"), "--norm=none,group");
    expect(COMPLETE("plot", "x.h5", "log"), "log= logx=");
    expect(COMPLETE("plot", "x.h5", "logx="), "logx=2 logx=10 logx=n");
    expect(COMPLETE("list", "no"), "normalizers");
    expect(COMPLETE("complete", "f"), "fish");
    cr_expect(has(COMPLETE("describe", "zi"), "zip"), "a part of experiment files");
    cr_expect(has(COMPLETE("describe", "test_error_s"), "test_error_scored"), "a final metric");
    for (int i = 0; i < key_count(); i++)
        cr_expect(has(COMPLETE("describe", key_get(i)->name), key_get(i)->name), "no %s",
                  key_get(i)->name);
}

Test(completion, files_fit_what_is_asked_for) {
    expect(COMPLETE("show", ""), "a.h5 a.folder/ share/");
    expect(COMPLETE("merge", ""), "a.folder/ share/");
    expect(COMPLETE("merge", "."), ".hidden/");
    expect(COMPLETE("run", "--out", "a"), "a.folder/");
    expect(COMPLETE("run", "--out=a"), "--out=a.folder/");
    expect(COMPLETE("run", "share/experiments/"),
           "share/experiments/smoke.yaml share/experiments/claims/");
    expect(COMPLETE("run", "s"), "smoke share/");
    expect(COMPLETE("judge", "c.yaml", "h"), "heart");
    expect(COMPLETE("list", "experiments", "cl"), "claims");
    const char *lines = COMPLETE("run", "--plugin", "d");
    cr_expect_str_eq(lines, "d e.so\t\n", "%s", lines);
    setenv("HOME", folder, 1);
    expect(COMPLETE("show", "~/a"), "~/a.h5 ~/a.folder/");
}

/* ---- what is in a results file ---- */

static void write_results(void) {
    static const char *const ids[] = {"r1aaaaaaaaaaa", "r2bbbbbbbbbbb"};
    static const char *const kinds[] = {"none", "bad\033kind"};
    struct table summary;
    table_create(&summary, 2);
    memcpy(table_add(&summary, "run", TYPE_TEXT, "", "the run")->texts, ids, sizeof ids);
    memcpy(table_add(&summary, "status", TYPE_TEXT, "", "")->texts,
           (const char *const[]){"missing", "missing"}, 2 * sizeof(char *));
    memcpy(table_add(&summary, "norm.kind", TYPE_TEXT, "", "a key")->texts, kinds, sizeof kinds);
    memcpy(table_add(&summary, "test_error", TYPE_REAL, "1", "a metric")->reals,
           (const double[]){0.25, NAN}, 2 * sizeof(double));
    struct store_header header = {.name = "x",
                                  .title = "a title",
                                  .source = "normlab",
                                  .yaml = "",
                                  .resolved = "{}",
                                  .plan = ""};
    cr_assert(store_write_merged("x.h5", &header, &summary, 0, NULL) == OK, "%s", status_message());
    table_free(&summary);
    cr_assert(store_read_summary("x.h5", &summary) == OK, "%s", status_message());
    table_free(&summary);
}

Test(completion, columns_values_and_runs_come_from_the_file_that_the_line_names) {
    write_results();
    expect(COMPLETE("show", "x.h5", "r1"), "r1aaaaaaaaaaa");
    expect(COMPLETE("table", "x.h5", "--by", "norm.kind,te"), "norm.kind,test_error");
    expect(COMPLETE("table", "x.h5", "--by", "norm.kind", "--metrics=t"), "--metrics=test_error");
    expect(COMPLETE("table", "x.h5", "--where", "n"), "norm.kind=");
    expect(COMPLETE("table", "x.h5", "--where", "test_error=0,norm.kind=layer|n"),
           "test_error=0,norm.kind=layer|none");
    expect(COMPLETE("table", "x.h5", "--where", "norm.kind!=n"), "norm.kind!=none");
    expect(COMPLETE("table", "x.h5", "--where", "test_error="), "test_error=0.25");
    expect(COMPLETE("compare", "x.h5", "--arms", "n"), "norm.kind=");
    expect(COMPLETE("compare", "x.h5", "--arms", "norm.kind=layer,n"), "norm.kind=layer,none");
    expect(COMPLETE("table", "nosuch.h5", "--by", ""), "");
}

/* Control characters stay out of a terminal: of results they come as escapes, and a file with such
 * a name is not offered. */
Test(completion, a_stranger_s_text_is_shown_or_left_out) {
    write_results();
    expect(COMPLETE("table", "x.h5", "--where", "norm.kind="),
           "norm.kind=none norm.kind=bad\\x1bkind");
    cr_assert(system("mkdir f && touch \"f/$(printf 'x\\033y').h5\" 'f/x\ny.h5' f/xz.h5") == 0,
              "f");
    expect(COMPLETE("show", "f/x"), "f/xz.h5");
}

Test(completion, each_shell_has_a_script) {
    static const char *const shells[] = {"bash", "zsh", "fish"};
    unsetenv("NORMLAB_SHARE");
    cr_redirect_stdout();
    for (int i = 0; i < 3; i++) {
        char said[1 << 13];
        const char *const words[] = {"normlab", "complete", shells[i], NULL};
        cr_assert(capture_command(words, sizeof said, said) == OK, "%s", status_message());
        cr_expect(strstr(said, "complete --line -- "), "%s:\n%s", shells[i], said);
    }
    const char *const other[] = {"normlab", "complete", "tcsh"}, *const none[] = {"normlab",
                                                                                  "complete"};
    cr_expect(command_main(3, other) == ERROR_USAGE && strstr(status_message(), "'tcsh'"), "%s",
              status_message());
    cr_expect(command_main(2, none) == ERROR_USAGE, "%s", status_message());
}
