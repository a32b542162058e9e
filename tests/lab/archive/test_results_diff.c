/* Two results files: only what differs has a row. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/archive/results_diff.h"
#include "lab/store/store.h"
#include "tests/lab/runner/sweep.h"

static const struct results_difference *find(const struct results_diff *diff, const char *part,
                                             const char *name) {
    for (int i = 0; i < diff->n; i++)
        if (!strcmp(diff->items[i].part, part) && !strcmp(diff->items[i].name, name))
            return &diff->items[i];
    return NULL;
}

static void expect(const struct results_diff *diff, const char *part, const char *name,
                   const char *a, const char *b, int n_runs) {
    const struct results_difference *found = find(diff, part, name);
    cr_assert(found, "no row of %s %s", part, name);
    cr_expect(!strcmp(found->a, a) && !strcmp(found->b, b), "%s: %s and %s", name, found->a,
              found->b);
    cr_expect(found->n_runs == n_runs, "%s: %d runs", name, found->n_runs);
}

static void compare(const char *a, const char *b, struct results_diff *diff) {
    cr_assert(results_compare(a, b, diff) == OK, "%s", status_message());
}

Test(results_diff, of_two_trainings_of_one_definition_nothing_differs) {
    struct sweep a, b;
    struct results_diff diff;
    sweep_create(&a, sweep_small, NULL);
    sweep_create(&b, sweep_small, NULL);
    sweep_trains(&a, 4);
    sweep_trains(&b, 4);
    compare(sweep_merged(&a), sweep_merged(&b), &diff);
    cr_expect(diff.n == 0, "%s: %s, %s", diff.items ? diff.items[0].name : "",
              diff.items ? diff.items[0].a : "", diff.items ? diff.items[0].b : "");
    cr_expect(diff.n_both == 4 && diff.n_only_a == 0 && diff.n_only_b == 0, "%d runs", diff.n_both);
    results_diff_free(&diff);
    sweep_free(&a);
    sweep_free(&b);
}

Test(results_diff, definitions_differ_by_key_and_runs_that_one_file_has_are_counted) {
    static const char *const other[] = {"seed=1,5,6", "norm.kind=batch", "log.level=economy", NULL};
    struct sweep a, b;
    struct results_diff diff;
    char words[64];
    sweep_create(&a, sweep_small, NULL);
    sweep_create(&b, sweep_small, other);
    sweep_trains(&a, 4);
    sweep_trains(&b, 3);
    compare(sweep_merged(&a), sweep_merged(&b), &diff);
    cr_expect(diff.n_both == 1 && diff.n_only_a == 3 && diff.n_only_b == 2, "%d, %d, %d",
              diff.n_both, diff.n_only_a, diff.n_only_b);
    expect(&diff, "file", "overrides", "-", "norm.kind=batch seed=1,5,6", 0);
    expect(&diff, "definition", "seed", "[0, 1]", "[1, 5, 6]", 0);
    expect(&diff, "definition", "norm.kind", "[none, batch]", "[batch]", 0);
    expect(&diff, "definition", "log.level", "standard", "economy", 0);
    const struct results_difference *runs = find(&diff, "runs", "only here");
    snprintf(words, sizeof words, "3, such as %s", a.plan.runs[0].id);
    cr_expect(runs && !strcmp(runs->a, words) && !strncmp(runs->b, "2, such as r", 12), "%s",
              runs ? runs->a : "no row of runs");
    expect(&diff, "configuration", "log.level", "standard", "economy", 1);
    cr_expect(!find(&diff, "metric", "test_error"), "one run has two errors");
    cr_expect(find(&diff, "series", "epoch/test_error"), "a series that one has not is not told");
    results_diff_free(&diff);
    sweep_free(&a);
    sweep_free(&b);
}

/* The same results as another build of other numerics would have made them: other ids, and of the
 * first `n_changed` runs another error. */
static void forge(const struct sweep *sweep, int n_changed, const char *path) {
    struct pool pool = {0};
    struct store_header header;
    struct table summary;
    const char *paths[8];
    cr_assert(store_read_header(sweep_merged(sweep), &pool, &header) == OK, "%s", status_message());
    cr_assert(store_read_summary(sweep_merged(sweep), &summary) == OK, "%s", status_message());
    for (int run = 0; run < summary.n_rows; run++) {
        struct record record;
        cr_assert(store_read_run(sweep_path(sweep, run), &record) == OK, "%s", status_message());
        snprintf(record.id, sizeof record.id, "r00000000000%c", '0' + run);
        struct attribute *numerics =
            (struct attribute *)(uintptr_t)attributes_find(&record.config, "numerics");
        struct attribute *error =
            (struct attribute *)(uintptr_t)attributes_find(&record.final, "test_error");
        numerics->integer = 1;
        if (run < n_changed)
            error->real = 1. / (run + 1);
        cr_assert(store_write_run(sweep->out, &record) == OK, "%s", status_message());
        paths[run] = pool_format(&pool, "%s/%s.h5", sweep->out, record.id);
        table_find(&summary, "run")->texts[run] = pool_text(&summary.pool, record.id);
        record_free(&record);
    }
    cr_assert(store_write_merged(path, &header, &summary, summary.n_rows, paths) == OK, "%s",
              status_message());
    table_free(&summary);
    pool_free(&pool);
}

Test(results_diff, runs_of_other_numerics_are_known_by_their_configuration) {
    struct sweep sweep;
    struct results_diff diff;
    char path[96];
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    snprintf(path, sizeof path, "%s/forged.h5", sweep.out);
    forge(&sweep, 2, path);
    compare(sweep_merged(&sweep), path, &diff);
    cr_expect(diff.n_both == 4, "%d runs in both", diff.n_both);
    cr_expect(diff.n == 2, "%d rows", diff.n);
    expect(&diff, "configuration", "numerics", "2", "1", 4);
    const struct results_difference *error = find(&diff, "metric", "test_error");
    cr_expect(error && error->n_runs == 2 && !strcmp(error->b, "1") && error->relative > 0.5,
              "the error of the run that differs most: %s", error ? error->b : "none");
    results_diff_free(&diff);
    sweep_free(&sweep);
}

Test(results_diff, two_files_of_one_run_are_compared_whatever_they_are) {
    struct sweep sweep;
    struct results_diff diff;
    char other[512];
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    snprintf(other, sizeof other, "%s", sweep_path(&sweep, 3));
    compare(sweep_path(&sweep, 0), other, &diff);
    cr_expect(diff.n_both == 1, "%d runs in both", diff.n_both);
    expect(&diff, "configuration", "norm.kind", "none", "batch", 1);
    expect(&diff, "configuration", "seed", "0", "1", 1);
    results_diff_free(&diff);
    cr_expect(results_compare(other, "/nowhere.h5", &diff) == ERROR_RESULTS, "it was read");
    sweep_free(&sweep);
}

/* A run that failed has no results to compare. */
Test(results_diff, a_run_without_results_differs_in_its_status) {
    struct sweep sweep;
    struct results_diff diff;
    char whole[256], part[256];
    struct table summary;
    struct store_header header;
    struct pool pool = {0};
    const char *paths[3];
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    snprintf(whole, sizeof whole, "%s", sweep_merged(&sweep));
    snprintf(part, sizeof part, "%s/part.h5", sweep.out);
    cr_assert(store_read_header(whole, &pool, &header) == OK, "%s", status_message());
    cr_assert(store_read_summary(whole, &summary) == OK, "%s", status_message());
    for (int i = 0; i < 3; i++)
        paths[i] = pool_text(&pool, sweep_path(&sweep, i));
    table_find(&summary, "status")->texts[3] = "missing";
    cr_assert(store_write_merged(part, &header, &summary, 3, paths) == OK, "%s", status_message());
    compare(whole, part, &diff);
    cr_expect(diff.n == 1 && diff.n_both == 4, "%d rows, %d runs", diff.n, diff.n_both);
    expect(&diff, "runs", "status", "complete", "missing", 1);
    results_diff_free(&diff);
    table_free(&summary);
    pool_free(&pool);
    sweep_free(&sweep);
}
