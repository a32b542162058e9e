/* plan.json: what was planned comes back, and what was changed in it does not pass. */
#include "lab/plan/plan_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"

/* Values that a text could lose: fractions, small numbers, lists, words, quotes. */
static const char yaml[] =
    "schema: 1\n"
    "name: x\n"
    "title: a \"title\"\n"
    "base:\n"
    "  data: {name: clusters, rows: 120, validation: 20, test_rows: 30, features: 4, spread: 0.7}\n"
    "  model: {hidden: [12, 24], init_scale: 0.30000000000000004}\n"
    "  train: {batch_size: 10, epochs: 2}\n"
    "  optimizer: {lr: 1e-5, schedule: cosine}\n"
    "sweep:\n"
    "  norm.kind: [none, batch, layer, batch_renorm, group, dropout]\n"
    "  norm.eps: [1e-5, 0.1]\n";

static char folder[64], path[96];
static struct experiment experiment;
static struct plan plan;

static void create_plan(void) {
    snprintf(folder, sizeof folder, "/tmp/normlab-test-plan-XXXXXX");
    cr_assert(mkdtemp(folder), "%s", strerror(errno));
    snprintf(path, sizeof path, "%s/plan.json", folder);
    cr_assert(experiment_parse("x.yaml", yaml, 0, NULL, &experiment) == OK, "%s", status_message());
    cr_assert(plan_create(&experiment, &plan) == OK, "%s", status_message());
    cr_assert(plan_file_publish(folder, &plan, 0, NULL) == OK, "%s", status_message());
}

static void free_plan(void) {
    unlink(path);
    rmdir(folder);
    plan_free(&plan);
    experiment_free(&experiment);
}

TestSuite(plan_file, .init = create_plan, .fini = free_plan);

Test(plan_file, what_was_planned_comes_back) {
    struct plan_file file;
    struct pool pool = {0};
    cr_assert(plan_file_read(folder, &file) == OK, "%s", status_message());
    cr_assert(file.n_runs == plan.n_runs, "%d runs, not %d", file.n_runs, plan.n_runs);
    cr_assert_str_eq(file.yaml, yaml, "another text");
    for (int run = 0; run < plan.n_runs; run++) {
        cr_expect_str_eq(file.runs[run].id, plan.runs[run].id, "run %d", run);
        cr_expect_str_eq(cell_canonical(&file.runs[run].cell, &pool), plan.runs[run].canonical,
                         "run %d", run);
        cr_expect(file.runs[run].config.run.optimizer.lr == plan.runs[run].config.run.optimizer.lr,
                  "run %d: the rate", run);
    }
    pool_free(&pool);
    plan_file_free(&file);
}

/* plan.json with `with` in the place of the first `what`. */
static enum status read_changed(const char *what, const char *with) {
    struct pool pool = {0};
    struct plan_file file;
    char *text;
    cr_assert(plan_file_publish(folder, &plan, 0, NULL) == OK, "%s", status_message());
    cr_assert(file_read(path, &pool, &text) == OK, "%s", status_message());
    const char *at = strstr(text, what);
    cr_assert(at, "no '%s' in %s", what, text);
    text = pool_format(&pool, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
    cr_assert(file_publish(path, text) == OK, "%s", status_message());
    enum status status = plan_file_read(folder, &file);
    if (!status)
        plan_file_free(&file);
    pool_free(&pool);
    return status;
}

Test(plan_file, what_was_changed_is_refused) {
    static const char *const changes[][2] = {
        {"\"train.batch_size\": \"10\"", "\"train.batch_size\": \"20\""},
        {"\"optimizer.lr\": \"1e-5\"", "\"optimizer.lr\": \"1e-4\""},
        {"\"norm.kind\": \"none\"", "\"norm.kind\": \"layer\""},
        {"\"id\": \"r", "\"id\": \"r0"},
        {"\"data\": \"", "\"data\": \"0"},
        {"\"model.hidden\": \"[12, 24]\"", "\"model.hidden\": \"[12, 12]\""},
        {"\"model.hidden\": \"[12, 24]\", ", ""},
        {"\"n_runs\": ", "\"n_runs\": 1"},
        {"batch_size: 10", "batch_size: 20"}, /* in the yaml */
        {"a \\\"title", "another \\\"title"},
        {"\"overrides\": [", "\"overrides\": [\"seed=3\""},
        {"\"results\": \"x\"", "\"results\": \"../x\""},
        {"\"results\": \"x\"", "\"results\": \".x\""},
        {"\"results\": \"x\"", "\"results\": \"\""},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        enum status status = read_changed(changes[i][0], changes[i][1]);
        cr_expect(status == ERROR_RESULTS, "%s: status %d", changes[i][1], (int)status);
        cr_expect(strstr(status_message(), path), "'%s' does not name the file", status_message());
    }
}

/* They have neither hashes of data nor one of the definition. What is logged is no part of an id.
 */
Test(plan_file, plans_of_earlier_builds_are_read) {
    char member[64];
    snprintf(member, sizeof member, "\"data\": \"%s\", ", plan.runs[0].dataset->source->hash);
    cr_assert(read_changed(member, "") == OK, "%s", status_message());
    cr_assert(read_changed("\"definition\": ", "\"nothing\": ") == OK, "%s", status_message());
    cr_assert(read_changed("\"log.level\": \"standard\"", "\"log.level\": \"full\"") == OK, "%s",
              status_message());
}
