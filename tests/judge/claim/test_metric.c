/* Figures of runs: columns and series of a real results file, with runs that diverged, that are
 * missing, and with series along two scales. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "judge/claim/metric.h"
#include "judge/claim/take.h"
#include "lab/table/row_filter.h"
#include "tests/lab/runner/sweep.h"

/* Two runs of 40 steps that learn and two that diverge at once. */
static const char study[] = "schema: 1\n"
                            "name: measured\n"
                            "title: Some learn, some diverge\n"
                            "base:\n"
                            "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                            "         classes: 3, train: 200, validation: 50}\n"
                            "  model: {hidden: [5]}\n"
                            "  norm: {kind: batch}\n"
                            "  train: {batch_size: 10, epochs: 2, loss: squared}\n"
                            "  log: {level: full}\n"
                            "sweep:\n"
                            "  optimizer.lr: [0.1, 1e6]\n"
                            "  seed: [0, 1]\n";
enum { RUNS = 4, STEPS = 40 };

static struct sweep sweep;
static struct table summary;

static void measured_create(void) {
    sweep_create(&sweep, study, NULL);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert(summary.n_rows == RUNS, "%d runs", summary.n_rows);
}

static void measured_free(void) {
    table_free(&summary);
    sweep_free(&sweep);
}

TestSuite(metric, .init = measured_create, .fini = measured_free, .timeout = 300);

static bool diverged(int row) {
    return !strcmp(table_find(&summary, "status")->texts[row], "diverged");
}

static void take_with(const struct metric *metric, double budgets, double values[RUNS]) {
    enum status status = metric_rows(sweep_merged(&sweep), &summary, metric, budgets, values);
    cr_assert(!status, "%s", status_message());
}

static void take(const struct metric *metric, double values[RUNS]) {
    take_with(metric, 2, values);
}

static enum status taken_of(const char *series, const struct take *what, int n,
                            const char *const *where, double values[RUNS]) {
    struct metric metric = {.series = series, .take = what, .n_where = n, .where = where};
    return metric_rows(sweep_merged(&sweep), &summary, &metric, 2, values);
}

Test(metric, target_not_reached_counts_as_so_many_budgets) {
    double values[RUNS];
    struct metric metric = {
        .series = "step/train_loss", .take = take_find("first_below"), .at = -1};
    for (int budgets = 1; budgets <= 2; budgets++) {
        take_with(&metric, budgets, values);
        for (int row = 0; row < RUNS; row++) {
            cr_expect(values[row] == budgets * STEPS, "row %d: %g", row, values[row]);
            cr_expect(metric_missed(&summary, &metric, row, values[row]) == (budgets > 1), "row %d",
                      row);
        }
    }
    metric.at = 1e9;
    take(&metric, values);
    for (int row = 0; row < RUNS; row++) {
        bool reached = !diverged(row); /* the others have not five points */
        cr_expect((values[row] < STEPS) == reached, "row %d: %g", row, values[row]);
        cr_expect(metric_missed(&summary, &metric, row, values[row]) == !reached, "row %d", row);
    }
}

/* Steps are counted in steps, and a curve of two epochs has not five points. */
Test(metric, target_of_a_series_that_has_no_steps_is_refused) {
    double values[RUNS];
    struct metric metric = {
        .series = "epoch/train_loss", .take = take_find("first_below"), .at = 0.1};
    cr_expect(metric_rows(sweep_merged(&sweep), &summary, &metric, 2, values) == ERROR_USAGE, "?");
    cr_expect(strstr(status_message(), "goes along epoch") != NULL, "%s", status_message());
    static const char *const late = "step>37";
    metric = (struct metric){.series = "step/train_loss",
                             .take = take_find("first_below"),
                             .at = 0.1,
                             .n_where = 1,
                             .where = &late};
    cr_expect(metric_rows(sweep_merged(&sweep), &summary, &metric, 2, values) == ERROR_RESULTS,
              "?");
    cr_expect(strstr(status_message(), "has 2 of the 5 points") != NULL, "%s", status_message());
}

/* As in files from before normlab kept the number: a complete run has made its steps, of others
 * nobody knows. */
Test(metric, budget_of_an_old_run_is_that_of_a_complete_one) {
    double values[RUNS];
    struct table complete;
    const char *condition = "status=complete";
    struct metric metric = {
        .series = "step/train_loss", .take = take_find("first_below"), .at = -1};
    for (int row = 0; row < RUNS; row++)
        table_find(&summary, "planned_steps")->integers[row] = -1;
    cr_expect(metric_rows(sweep_merged(&sweep), &summary, &metric, 2, values) == ERROR_RESULTS,
              "of runs that diverged");
    cr_expect(strstr(status_message(), "normlab run --force") != NULL, "%s", status_message());
    cr_assert(table_where(&summary, 1, &condition, &complete) == OK, "%s", status_message());
    cr_assert(complete.n_rows == 2, "%d complete", complete.n_rows);
    cr_assert(metric_rows(sweep_merged(&sweep), &complete, &metric, 2, values) == OK, "%s",
              status_message());
    for (int row = 0; row < complete.n_rows; row++)
        cr_expect(values[row] == 2 * STEPS, "row %d: %g", row, values[row]);
    table_free(&complete);
}

Test(metric, missing_run_has_no_figure) {
    double values[RUNS];
    struct metric metric = {
        .series = "step/train_loss", .take = take_find("first_below"), .at = -1};
    table_find(&summary, "status")->texts[1] = "missing";
    take(&metric, values);
    cr_expect(isnan(values[1]) && !isnan(values[0]), "%g, %g", values[1], values[0]);
    for (int row = 0; row < RUNS; row++)
        table_find(&summary, "status")->texts[row] = "missing";
    take(&metric, values);
    for (int row = 0; row < RUNS; row++)
        cr_expect(isnan(values[row]), "row %d: %g", row, values[row]);
}

Test(metric, diverged_runs_have_the_score_that_was_declared) {
    double plain[RUNS], scored[RUNS];
    struct metric metric = {.series = "step/train_loss", .take = take_find("first")};
    take(&metric, plain);
    metric.has_diverged = true;
    metric.diverged = 7;
    take(&metric, scored);
    for (int row = 0; row < RUNS; row++)
        cr_expect(diverged(row) ? scored[row] == 7 : scored[row] == plain[row], "row %d: %g", row,
                  scored[row]);
    struct metric error = {.column = "test_error", .has_diverged = true, .diverged = 0.9};
    take(&error, scored);
    for (int row = 0; row < RUNS; row++)
        cr_expect(diverged(row) ? scored[row] == 0.9 : scored[row] < 0.9, "row %d: %g", row,
                  scored[row]);
}

Test(metric, series_along_two_scales_needs_a_choice) {
    static const char *const unit = "unit=3";
    double values[RUNS], mean[RUNS];
    cr_expect(taken_of("layer0/gamma", take_find("last"), 0, NULL, values) == ERROR_USAGE,
              "last of all");
    cr_expect(strstr(status_message(), "several points at one epoch") != NULL, "%s",
              status_message());
    cr_expect(taken_of("layer*/gamma", take_find("last"), 1, &unit, values) == OK, "%s",
              status_message());
    cr_expect(taken_of("layer0/gamma", take_find("last"), 1, &unit, values) == OK, "%s",
              status_message());
    cr_expect(taken_of("layer0/gamma", take_find("mean"), 0, NULL, mean) == OK, "%s",
              status_message());
    cr_expect(isfinite(values[0]) && isfinite(mean[0]) && values[0] != mean[0], "%g, %g", values[0],
              mean[0]);
}

/* At the step at which the loss has come to .25 the rate is what it is everywhere, and the loss is
 * .25 but for smoothing. A run that diverged has none; one that never gets there is named. */
Test(metric, value_where_another_series_has_come_to_a_target) {
    double values[RUNS], places[RUNS], losses[RUNS];
    struct metric place = {
        .series = "step/train_loss", .take = take_find("first_below"), .at = 0.25};
    struct metric rate = {
        .series = "step/lr", .take = take_get(0), .when = "step/train_loss", .when_at = 0.25};
    struct metric loss = rate;
    loss.series = "step/train_loss";
    take_with(&place, 2, places);
    take(&rate, values);
    take(&loss, losses);
    for (int row = 0; row < RUNS; row++) {
        if (diverged(row)) {
            cr_expect(isnan(values[row]) && isnan(losses[row]), "row %d diverged", row);
            continue;
        }
        cr_assert(places[row] < STEPS, "row %d comes to .25", row);
        cr_expect(values[row] == 0.1, "row %d: %g", row, values[row]);
        cr_expect(fabs(losses[row] - 0.25) < 0.15, "row %d: %g", row, losses[row]);
    }
    rate.when_at = -1;
    cr_expect(metric_rows(sweep_merged(&sweep), &summary, &rate, 2, values) == ERROR_RESULTS);
    cr_expect(strstr(status_message(), "has no 'step/lr' where 'step/train_loss' comes to -1"),
              "%s", status_message());
}

Test(metric, unknown_columns_and_series_are_named) {
    double values[RUNS];
    struct metric metric = {.column = "test_eror"};
    cr_expect(metric_rows(sweep_merged(&sweep), &summary, &metric, 2, values) == ERROR_USAGE, "?");
    cr_expect(strstr(status_message(), "test_eror") != NULL, "%s", status_message());
    cr_expect(taken_of("step/trian_loss", take_find("last"), 0, NULL, values) == ERROR_USAGE, "?");
    cr_expect(strstr(status_message(), "trian_loss") != NULL, "%s", status_message());
}
