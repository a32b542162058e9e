/* normlab table: groups and what they pool, runs that are left out, several files. */
#include <criterion/criterion.h>
#include <string.h>

#include "io/files.h"
#include "io/json.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"

/* Rates that learn and one that diverges; and the same at another width. */
static const char yaml[] = "schema: 1\n"
                           "name: rates\n"
                           "title: Rates\n"
                           "base:\n"
                           "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                           "         classes: 3, train: 200, validation: 50}\n"
                           "  model: {hidden: [5]}\n"
                           "  train: {epochs: 2, batch_size: 10}\n"
                           "sweep:\n"
                           "  norm.kind: [none, batch]\n"
                           "  optimizer.lr: [0.1, 1e6]\n"
                           "  seed: range(3)\n";

static struct sweep sweep, wide;
static char said[1 << 16];

static void make_results(void) {
    static const char *const wider[] = {"model.hidden=[9]", "optimizer.lr=0.1", NULL};
    sweep_create(&sweep, yaml, NULL);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    sweep_create(&wide, yaml, wider);
    cr_assert(sweep_run(&wide) == OK, "%s", status_message());
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void remove_results(void) {
    sweep_free(&sweep);
    sweep_free(&wide);
}

TestSuite(table_command, .init = make_results, .fini = remove_results, .timeout = 60);

static const char *one(void) {
    static char path[256];
    snprintf(path, sizeof path, "%s", sweep_merged(&sweep));
    return path;
}

static const char *other(void) {
    static char path[256];
    snprintf(path, sizeof path, "%s", sweep_merged(&wide));
    return path;
}

#define TABLE(...)                                                                                 \
    cr_assert(capture_command((const char *[]){"normlab", "table", __VA_ARGS__, NULL},             \
                              sizeof said, said) == OK,                                            \
              "%s", status_message())

static const char *words(void) {
    static char text[1 << 12];
    fflush(stderr);
    text[fread(text, 1, sizeof text - 1, cr_get_redirected_stderr())] = '\0';
    return text;
}

static int count_lines(void) {
    int n = 0;
    for (const char *at = said; (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

Test(table_command, says_what_a_row_pools) {
    TABLE(one(), "--by", "norm.kind");
    cr_expect_str_eq(words(), "up to 6 runs share a row although they differ in optimizer.lr (2 "
                              "values); --by norm.kind,optimizer.lr keeps them apart, --where "
                              "chooses among them\n");
    TABLE(one(), "--by", "norm.kind,optimizer.lr");
    cr_expect_str_eq(words(), "", "seeds may share a row");
    TABLE(one(), "--by", "norm.kind", "--json");
    cr_expect(strstr(said, "\"notes\": [\"up to 6 runs share a row although"), "%s", said);
    cr_expect_str_eq(words(), "", "JSON has it");
}

Test(table_command, says_what_a_metric_leaves_out) {
    TABLE(one(), "--by", "norm.kind,optimizer.lr", "--metrics", "test_error");
    const char *text = words();
    cr_expect(strstr(text, "test_error leaves out ") &&
                  strstr(text, " of 12 runs, which have none: ") &&
                  strstr(text, " diverged; test_error_scored counts diverged ones\n"),
              "%s", text);
    TABLE(one(), "--by", "norm.kind,optimizer.lr");
    cr_expect_str_eq(words(), "", "the default leaves out none");
}

Test(table_command, several_files_have_a_column_file) {
    char expected[512];
    TABLE(one(), other(), "--columns", "file,run,seed", "--where", "seed=0,norm.kind=none");
    cr_expect(count_lines() == 4, "%s", said);
    cr_expect(!strncmp(said, "file\trun\tseed\n", 14), "%s", said);
    snprintf(expected, sizeof expected, "%s\tr", other());
    cr_expect(strstr(said, expected), "%s", said);
    TABLE(one(), other(), "--by", "file");
    snprintf(expected, sizeof expected, "\n%s\t", one());
    cr_expect(count_lines() == 3 && strstr(said, expected), "%s", said);
    cr_expect(strstr(words(), "norm.kind (2 values) and optimizer.lr (2 values)"),
              "of which the files differ");
    TABLE(other(), "--by", "norm.kind");
    cr_expect(!strstr(said, "file"), "one file: %s", said);
}

/* Each run's points come from its own file; a run that is in both is in each. */
Test(table_command, series_of_several_files) {
    TABLE(one(), other(), "--series", "epoch/test_error", "--where", "optimizer.lr=0.1,epoch=2",
          "--columns", "file");
    cr_expect(count_lines() == 1 + 12, "%s", said);
    TABLE(one(), other(), "--series", "epoch/test_error", "--by", "file,optimizer.lr", "--where",
          "optimizer.lr=0.1,epoch=2");
    cr_expect(count_lines() == 3, "%s", said);
    char copy[300];
    snprintf(copy, sizeof copy, "%s/copy.h5", sweep.out);
    cr_assert(rename(other(), copy) == 0, "rename");
    TABLE(copy, one(), "--series", "epoch/test_error", "--by", "file", "--where",
          "optimizer.lr=0.1,epoch=2,norm.kind=none,seed=0");
    cr_expect(count_lines() == 3, "%s", said);
}

Test(table_command, a_file_is_named_once) {
    const char *const line[] = {"normlab", "table", one(), one(), NULL};
    cr_expect(capture_command(line, sizeof said, said) == ERROR_USAGE, "twice");
    cr_expect(strstr(status_message(), "is named twice"), "%s", status_message());
}

/* Parses what was printed. */
static struct json *printed_json(struct pool *pool) {
    struct json *object = NULL;
    cr_assert(json_parse(said, pool, &object) == OK, "%s: %s", status_message(), said);
    return object;
}

#define SHOW(...)                                                                                  \
    cr_assert(capture_command((const char *[]){"normlab", "show", __VA_ARGS__, "--json", NULL},    \
                              sizeof said, said) == OK,                                            \
              "%s", status_message())

Test(table_command, show_tells_programs_of_the_file_and_of_a_run) {
    struct pool pool = {0};
    SHOW(one());
    struct json *file = printed_json(&pool);
    cr_expect(json_number(json_get(file, "runs"), "all", 0) == 12, "%s", said);
    cr_expect(json_list(json_get(file, "varied"), "seed")->n == 3, "%s", said);
    cr_expect(json_list(file, "series")->n > 3, "%s", said);
    SHOW(one(), sweep.plan.runs[0].id);
    struct json *run = printed_json(&pool);
    cr_expect_str_eq(json_text(run, "run", ""), sweep.plan.runs[0].id);
    cr_expect_str_eq(json_text(json_get(run, "configuration"), "norm.kind", ""), "none");
    cr_expect(json_number(json_get(run, "metrics"), "test_error", -1) >= 0, "%s", said);
    pool_free(&pool);
}

/* A picture of two files, with a line for each; what has a plus and a key in its name is a file. */
Test(table_command, plot_tells_files_apart) {
    char odd[300], out[300];
    snprintf(odd, sizeof odd, "%s/rates+seed=0.h5", sweep.out);
    snprintf(out, sizeof out, "%s/figures", sweep.out);
    cr_assert(rename(other(), odd) == 0, "rename");
    const char *const line[] = {"normlab",  "plot",
                                one(),      odd,
                                "--figure", "error_vs_choice",
                                "arm=file", "where=optimizer.lr=0.1",
                                "--format", "svg",
                                "--out",    out,
                                NULL};
    cr_assert(capture_command(line, sizeof said, said) == OK, "%s", status_message());
    const char *svg = strstr(said, ".svg");
    cr_assert(svg, "%s", said);
    while (svg[-1] != '\n')
        svg--;
    char path[300];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(svg, "\n"), svg);
    struct pool pool = {0};
    char *text = NULL;
    cr_assert(file_read(path, &pool, &text) == OK, "%s", status_message());
    cr_expect(strstr(text, "rates+seed=0.h5") && strstr(text, "rates.h5"), "no legend of two");
    pool_free(&pool);
}
