/* From the seconds of each turn to the numbers of a cell: medians, ratios, limits, phases. */
#include "lab/bench/bench_result.h"

#include <math.h>
#include <string.h>

#include "base/sort.h"
#include "lab/bench/bench_turns.h"

static struct bench_quantiles quantiles_of(const struct bench_turns *turns, const double *values) {
    struct pool pool = {0};
    size_t n = (size_t)turns->repetitions;
    double *sorted = pool_alloc(&pool, n * sizeof *sorted);
    memcpy(sorted, values, n * sizeof *sorted);
    sort_numbers(sorted, n);
    struct bench_quantiles quantiles = {
        sorted_quantile(sorted, n, 0.05), sorted_quantile(sorted, n, 0.25),
        sorted_quantile(sorted, n, 0.5), sorted_quantile(sorted, n, 0.75)};
    pool_free(&pool);
    return quantiles;
}

static double median(const struct bench_turns *turns, const double *values) {
    return quantiles_of(turns, values).median;
}

static double best(const struct bench_turns *turns, enum activity activity) {
    return quantiles_of(turns, turns->seconds[activity]).best;
}

/* By how much a step of one activity is longer than of another, taken in turns. */
static double median_difference(const struct bench_turns *turns, enum activity longer,
                                enum activity shorter) {
    struct pool pool = {0};
    double *differences = pool_alloc(&pool, (size_t)turns->repetitions * sizeof *differences);
    for (int i = 0; i < turns->repetitions; i++)
        differences[i] = turns->seconds[longer][i] - turns->seconds[shorter][i];
    double difference = median(turns, differences);
    pool_free(&pool);
    return difference;
}

/* Seconds that logging adds to a step: what each step records and, at level full, diagnostics, of
 * which a run takes a fixed number. A short run takes one every few steps: they count here as in a
 * run of three epochs, like the shipped experiments'. */
static double logging_s(const struct bench_turns *turns) {
    enum { EPOCHS = 3 };
    double recording = median_difference(turns, STANDARD_RUN, ECONOMY_RUN);
    if (!turns->n[FULL_RUN])
        return recording;
    double diagnostic = median_difference(turns, FULL_RUN, STANDARD_RUN) *
                        (double)turns->n[FULL_RUN] / (double)turns->n_diagnostics;
    double steps = EPOCHS * (double)(BENCH_ROWS / turns->cell->B);
    return recording + diagnostic * (fmin(steps, PROBE_TRACES) + 1 + EPOCHS) / steps;
}

static void report_steps(const struct bench_turns *turns, struct bench_result *result) {
    result->step_s = quantiles_of(turns, turns->seconds[TRAIN]);
    result->log_share = NAN;
    if (!turns->n[STANDARD_RUN])
        return;
    double logging = logging_s(turns);
    double added =
        fmax(logging, 0); /* below 0 it is lost in the noise, and says how large that is */
    result->step_s.best += added;
    result->step_s.median += added;
    result->step_s.low += added;
    result->step_s.high += added;
    result->log_share = logging / result->step_s.median;
}

static void report_limits(const struct bench_turns *turns, struct pool *pool,
                          struct bench_result *result) {
    const struct limits *limits = &turns->limits;
    double *ratios = pool_alloc(pool, (size_t)turns->repetitions * sizeof *ratios);
    double n_threads = turns->cell->n_threads;
    double n_params = (double)limits->n_params;
    bool has_products = limits->products.has_library;
    double logged = result->step_s.median - median(turns, turns->seconds[TRAIN]);
    for (int i = 0; i < turns->repetitions; i++)
        ratios[i] = (turns->seconds[TRAIN][i] + logged) /
                    (turns->seconds[PRODUCTS][i] + turns->seconds[UPDATE][i]);
    result->products_s = has_products ? median(turns, turns->seconds[PRODUCTS]) : NAN;
    result->update_s = median(turns, turns->seconds[UPDATE]);
    result->ratio_to_limit = has_products ? median(turns, ratios) : NAN;
    result->peak_flops = n_threads * limits_peak_flop / best(turns, PEAK);
    result->peak_bytes_s = fmax(READ_BYTES * n_params / best(turns, READ),
                                UPDATE_BYTES * n_params / best(turns, UPDATE));
    result->roofline_s = fmax(limits_step_flop(limits) / result->peak_flops,
                              limits_step_bytes(limits) / result->peak_bytes_s);
    result->peak_share = limits_step_flop(limits) / result->step_s.best / result->peak_flops;
    result->cpu_per_wall = turns->cpu_s / turns->wall_s;
}

static void report_profile(const struct bench_turns *turns, struct bench_result *result) {
    double tick_s = profile_tick_s();
    double steps = (double)(turns->repetitions * turns->n[PROFILED]);
    int working = 0;
    double sums[PHASES] = {0}, total_s = 0;
    for (int i = 0; i < turns->cell->n_threads; i++) {
        uint64_t all = 0;
        for (int phase = 0; phase < PHASES; phase++) {
            all += turns->profiles[i].ticks[phase];
            sums[phase] += (double)turns->profiles[i].ticks[phase] * tick_s;
        }
        working += all > 0;
    }
    for (int i = 0; i < turns->repetitions; i++)
        total_s += turns->seconds[PROFILED][i];
    result->has_profile = true;
    result->profiled_step_s = total_s / turns->repetitions;
    for (int phase = 0; phase < PHASES; phase++)
        result->phase_s[phase] = working ? sums[phase] / working / steps : 0;
}

void bench_result_of(const struct bench_turns *turns, struct pool *pool,
                     struct bench_result *result) {
    *result = (struct bench_result){.cell = turns->cell, .repetitions = turns->repetitions};
    report_steps(turns, result);
    report_limits(turns, pool, result);
    result->products = products_chosen(&turns->limits.products, pool);
    if (turns->profiles)
        report_profile(turns, result);
}
