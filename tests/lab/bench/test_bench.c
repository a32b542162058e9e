/* The bench: what it reports hangs together. No test asks how fast anything is. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/machine.h"
#include "lab/bench/bench.h"
#include "lab/bench/bench_limits.h"
#include "lab/bench/bench_table.h"
#include "lab/bench/blas_libraries.h"
#include "lab/config/keys.h"

static const int widths[] = {12, 9, 7, 3};
enum { WIDTHS = sizeof widths / sizeof *widths };

static struct bench_cell cell_of(const char *norm, int B) {
    return (struct bench_cell){.n_widths = WIDTHS,
                               .widths = widths,
                               .norm = normalizer_find(norm),
                               .placement = NORM_BEFORE,
                               .B = B,
                               .n_threads = 1};
}

static struct bench_data *data_of(const struct bench_cell *cell) {
    struct bench_data *data = NULL;
    cr_assert(bench_data_create(cell->widths[0], cell->widths[cell->n_widths - 1], &data) == OK,
              "%s", status_message());
    return data;
}

static bool some_library(void) {
    bool some = false;
    for (int i = 0; i < BLAS_LIBRARIES; i++)
        some |= blas_library_get(i) != NULL;
    return some;
}

static void expect_positive(const char *what, double number) {
    cr_expect(isfinite(number) && number > 0, "%s is %g", what, number);
}

static void measure(const struct bench_cell *cell, const struct bench_options *options,
                    struct pool *pool, struct bench_result *result) {
    struct bench_data *data = data_of(cell);
    cr_assert(bench_measure(cell, data, options, pool, result) == OK, "%s", status_message());
    bench_data_free(data);
}

Test(bench, a_cell_has_all_its_figures) {
    struct pool pool = {0};
    struct bench_cell cell = cell_of("batch", 4);
    struct bench_options options = {.seconds = 0.02, .log = LOG_ECONOMY};
    struct bench_result result;
    measure(&cell, &options, &pool, &result);
    expect_positive("step", result.step_s.median);
    cr_expect(result.step_s.best <= result.step_s.low &&
                  result.step_s.low <= result.step_s.median &&
                  result.step_s.median <= result.step_s.high,
              "quantiles %g %g %g %g", result.step_s.best, result.step_s.low, result.step_s.median,
              result.step_s.high);
    cr_expect(result.peak_share > 0 && result.peak_share < 1, "%g of the peak", result.peak_share);
    expect_positive("processor time", result.cpu_per_wall);
    expect_positive("update", result.update_s);
    expect_positive("peak of operations", result.peak_flops);
    expect_positive("peak of bytes", result.peak_bytes_s);
    expect_positive("roofline", result.roofline_s);
    cr_expect(result.repetitions >= 3, "%d repetitions", result.repetitions);
    cr_expect(isnan(result.log_share), "nothing was logged, and it cost %g", result.log_share);
    if (some_library()) {
        expect_positive("products", result.products_s);
        expect_positive("ratio", result.ratio_to_limit);
        cr_expect(!strncmp(result.products, "nn:", 3), "products by '%s'", result.products);
    } else {
        cr_expect(isnan(result.products_s) && isnan(result.ratio_to_limit), "limits of nothing");
    }
    pool_free(&pool);
}

Test(bench, phases_add_up_to_a_step) {
    struct pool pool = {0};
    struct bench_cell cell = cell_of("layer", 16);
    struct bench_options options = {.seconds = 0.05, .log = LOG_ECONOMY, .profile = true};
    struct bench_result result;
    double sum = 0;
    measure(&cell, &options, &pool, &result);
    for (int phase = 0; phase < PHASES; phase++) {
        cr_expect(result.phase_s[phase] >= 0, "%s: %g", phase_name((enum phase)phase),
                  result.phase_s[phase]);
        sum += result.phase_s[phase];
    }
    cr_expect(result.has_profile && fabs(sum / result.profiled_step_s - 1) < 0.05,
              "phases add up to %g of a step", sum / result.profiled_step_s);
    expect_positive("forward products", result.phase_s[PHASE_FORWARD_PRODUCTS]);
    expect_positive("backward products", result.phase_s[PHASE_BACKWARD_PRODUCTS]);
    expect_positive("normalizer", result.phase_s[PHASE_NORM_FORWARD]);
    pool_free(&pool);
}

Test(bench, logging_is_measured_at_both_levels) {
    struct pool pool = {0};
    struct bench_cell cell = cell_of("none", 8);
    for (long level = LOG_STANDARD; level <= LOG_FULL; level++) {
        struct bench_options options = {.seconds = 0.02, .log = level};
        struct bench_result result;
        measure(&cell, &options, &pool, &result);
        cr_expect(isfinite(result.log_share), "level %ld: %g", level, result.log_share);
        expect_positive("step", result.step_s.low);
    }
    pool_free(&pool);
}

Test(bench, threads_share_the_work) {
    struct pool pool = {0};
    struct bench_cell cell = cell_of("batch", 64);
    struct bench_options options = {.seconds = 0.02, .log = LOG_ECONOMY, .profile = true};
    struct bench_result result;
    static const int broad[] = {784, 1000, 10};
    cell.widths = broad;
    cell.n_widths = 3;
    cell.n_threads = 2;
    measure(&cell, &options, &pool, &result);
    expect_positive("step", result.step_s.median);
    if (machine_cores() > 1)
        expect_positive("waiting", result.phase_s[PHASE_WAITING]); /* so there were two */
    expect_positive("update", result.update_s);
    pool_free(&pool);
}

Test(bench, a_row_stands_on_its_own) {
    static const char *const columns[] = {"sizes",
                                          "norm",
                                          "placement",
                                          "batch",
                                          "threads",
                                          "log",
                                          "steps_per_s",
                                          "steps_per_s_low",
                                          "steps_per_s_high",
                                          "repetitions",
                                          "limit_products_s",
                                          "limit_update_s",
                                          "limit_steps_per_s",
                                          "ratio_to_limit",
                                          "roofline_steps_per_s",
                                          "log_share",
                                          "peak_gflops",
                                          "peak_gb_per_s",
                                          "processor",
                                          "libraries",
                                          "limit_products_by"};
    struct bench_cell cells[] = {cell_of("batch", 4), cell_of("none", 8)};
    struct bench_options options = {.seconds = 1, .log = LOG_STANDARD, .profile = true};
    struct bench_result results[2];
    struct table table;
    for (int i = 0; i < 2; i++)
        results[i] =
            (struct bench_result){.cell = &cells[i],
                                  .repetitions = 5,
                                  .step_s = {.best = 0.2, .low = 0.25, .median = 0.5, .high = 1},
                                  .peak_share = 0.4,
                                  .cpu_per_wall = 0.9,
                                  .products_s = 0.25,
                                  .update_s = 0.15,
                                  .roofline_s = 0.125,
                                  .peak_flops = 3e9,
                                  .products = "nn:x"};
    bench_table(&options, 2, results, &table);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        cr_expect(table_find(&table, columns[i]), "no column %s", columns[i]);
    cr_expect_str_eq(table_find(&table, "sizes")->texts[0], "12-9-7-3");
    cr_expect_str_eq(table_find(&table, "placement")->texts[0], "before");
    cr_expect_str_eq(table_find(&table, "placement")->texts[1], "-");
    cr_expect_str_eq(table_find(&table, "log")->texts[0], "standard");
    cr_expect(table_find(&table, "steps_per_s")->reals[0] == 2);
    cr_expect(table_find(&table, "steps_per_s_low")->reals[0] == 1);
    cr_expect(table_find(&table, "steps_per_s_high")->reals[0] == 4);
    cr_expect(table_find(&table, "steps_per_s_best")->reals[0] == 5);
    cr_expect(table_find(&table, "share_of_peak")->reals[0] == 0.4);
    cr_expect(table_find(&table, "cpu_per_wall")->reals[0] == 0.9);
    cr_expect(fabs(table_find(&table, "limit_steps_per_s")->reals[0] - 2.5) < 1e-12);
    cr_expect(table_find(&table, "roofline_steps_per_s")->reals[0] == 8);
    cr_expect(table_find(&table, "share_of_roofline")->reals[0] == 0.25);
    for (int phase = 0; phase < PHASES; phase++) {
        char name[64];
        snprintf(name, sizeof name, "%s_s", phase_name((enum phase)phase));
        cr_expect(table_find(&table, name), "no column %s", name);
    }
    table_free(&table);
}

Test(bench, what_cannot_run_is_said_before_anything_is_measured) {
    struct bench_cell cell = cell_of("batch", 1);
    cr_assert(bench_check(&cell) == ERROR_USAGE, "one row");
    cr_expect(strstr(status_message(), "12-9-7-3 batch before, B=1, 1 thread: batch norm needs"),
              "%s", status_message());
    cell = cell_of("none", BENCH_ROWS + 1);
    cr_assert(bench_check(&cell) == ERROR_USAGE, "more rows than there are");
    cr_expect(strstr(status_message(), "55000"), "%s", status_message());
    cell = cell_of("batch", 2);
    cr_assert(bench_check(&cell) == OK, "%s", status_message());
}

/* 784-100-10 at B=2: 4 operations a weight and row in the first layer, 6 in the second. */
Test(bench, least_work_of_a_step) {
    static const int narrow[] = {784, 100, 10};
    struct limits limits;
    cr_assert(limits_create(&limits, 2, narrow, 2, 0.9, 79510, 1) == OK, "%s", status_message());
    cr_expect(limits_step_flop(&limits) == 2 * (4.0 * 78400 + 6.0 * 1000), "%g operations",
              limits_step_flop(&limits));
    cr_expect(limits_step_bytes(&limits) == 5 * 4.0 * 79510 + 2 * 784, "%g bytes",
              limits_step_bytes(&limits));
    limits_free(&limits);
}

Test(bench, the_data_set_can_be_learned_but_not_by_heart) {
    struct bench_cell cell = cell_of("none", 8);
    struct bench_data *data = data_of(&cell);
    long counts[3];
    cr_expect(data->dataset->n[PART_TRAIN] == BENCH_ROWS, "%ld rows", data->dataset->n[PART_TRAIN]);
    dataset_class_counts(data->dataset, PART_TRAIN, BENCH_ROWS, counts);
    for (int k = 0; k < 3; k++)
        cr_expect(labs(counts[k] - BENCH_ROWS / 3) < 1000, "class %d: %ld rows", k, counts[k]);
    cr_expect(bench_data_rows(1 << 20) == 1024, "%ld rows in a GiB", bench_data_rows(1 << 20));
    bench_data_free(data);
}

Test(bench, marks_account_for_all_of_the_time) {
    struct profile profile = {0};
    profile_start(&profile);
    uint64_t begin = profile.last, sum = 0;
    for (int i = 0; i < 1000; i++)
        profile_mark(&profile, (enum phase)(i % PHASES));
    for (int phase = 0; phase < PHASES; phase++)
        sum += profile.ticks[phase];
    cr_expect(sum == profile.last - begin, "%lu of %lu ticks", (unsigned long)sum,
              (unsigned long)(profile.last - begin));
    profile_start(NULL);
    profile_mark(NULL, PHASE_OTHER);
    expect_positive("a tick", profile_tick_s());
}
