/* The columns of a bench. */
#include "lab/bench/bench_table.h"

#include <math.h>

#include "base/words.h"
#include "io/machine.h"
#include "lab/bench/blas_libraries.h"
#include "lab/config/keys.h"

static const char **add_texts(struct table *table, const char *name, const char *doc) {
    return table_add(table, name, TYPE_TEXT, "", doc)->texts;
}

static long *add_integers(struct table *table, const char *name, const char *doc) {
    return table_add(table, name, TYPE_INT, "1", doc)->integers;
}

static double *add_reals(struct table *table, const char *name, const char *unit, const char *doc) {
    return table_add(table, name, TYPE_REAL, unit, doc)->reals;
}

static const char *sizes_text(const struct bench_cell *cell, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < cell->n_widths; i++)
        text = pool_format(pool, "%s%s%d", text, i ? "-" : "", cell->widths[i]);
    return text;
}

static const char *word_of(const char *key, long index, struct pool *pool) {
    return words_get(key_get(key_find(key))->words, index, pool);
}

static void add_cells(const struct bench_options *options, int n,
                      const struct bench_result *results, struct table *table) {
    const char **sizes = add_texts(table, "sizes", "features, hidden units, classes");
    const char **norms = add_texts(table, "norm", "norm.kind");
    const char **placements = add_texts(table, "placement", "norm.placement; - without normalizer");
    long *batches = add_integers(table, "batch", "rows of a mini-batch");
    long *threads = add_integers(table, "threads", "threads asked for");
    const char **logs = add_texts(table, "log", "log.level");
    for (int i = 0; i < n; i++) {
        const struct bench_cell *cell = results[i].cell;
        bool placed = cell->norm != normalizer_find("none");
        sizes[i] = sizes_text(cell, &table->pool);
        norms[i] = normalizer_get(cell->norm)->name;
        placements[i] = placed ? word_of("norm.placement", cell->placement, &table->pool) : "-";
        batches[i] = cell->B;
        threads[i] = cell->n_threads;
        logs[i] = word_of("log.level", options->log, &table->pool);
    }
}

static void add_rates(int n, const struct bench_result *results, struct table *table) {
    double *rate = add_reals(table, "steps_per_s", "1/s", "steps of training a second, median");
    double *low = add_reals(table, "steps_per_s_low", "1/s", "lower quartile");
    double *high = add_reals(table, "steps_per_s_high", "1/s", "upper quartile");
    double *best = add_reals(table, "steps_per_s_best", "1/s",
                             "by the 5th percentile of the time of a step: undisturbed");
    long *repetitions = add_integers(table, "repetitions", "samples that these are of");
    double *limit =
        add_reals(table, "limit_steps_per_s", "1/s", "1 / (limit_products_s + limit_update_s)");
    double *ratio = add_reals(table, "ratio_to_limit", "1",
                              "time of a step over the limit's, median over the repetitions");
    double *roofline = add_reals(table, "roofline_steps_per_s", "1/s",
                                 "1 / max(operations / peak_gflops, bytes / peak_gb_per_s)");
    double *of_roofline = add_reals(table, "share_of_roofline", "1", "steps_per_s over it");
    for (int i = 0; i < n; i++) {
        const struct bench_result *result = &results[i];
        rate[i] = 1 / result->step_s.median;
        low[i] = 1 / result->step_s.high;
        high[i] = 1 / result->step_s.low;
        best[i] = 1 / result->step_s.best;
        repetitions[i] = result->repetitions;
        limit[i] = 1 / (result->products_s + result->update_s);
        ratio[i] = result->ratio_to_limit;
        roofline[i] = 1 / result->roofline_s;
        of_roofline[i] = rate[i] / roofline[i];
    }
}

static void add_limits(int n, const struct bench_result *results, struct table *table) {
    double *products = add_reals(table, "limit_products_s", "s",
                                 "bare matrix products of a step, the faster library for each");
    double *update = add_reals(table, "limit_update_s", "s", "12 bytes a parameter");
    double *flops =
        add_reals(table, "peak_gflops", "GFLOP/s", "fused multiply-adds, registers only");
    double *bytes = add_reals(table, "peak_gb_per_s", "GB/s",
                              "read or update of the parameters and velocities, the faster one");
    double *share = add_reals(table, "share_of_peak", "1",
                              "operations of a step at steps_per_s_best over peak_gflops");
    double *cpu = add_reals(table, "cpu_per_wall", "1", "processor time of training over its time");
    double *log = add_reals(table, "log_share", "1", "share of a step that is logging");
    for (int i = 0; i < n; i++) {
        products[i] = results[i].products_s;
        update[i] = results[i].update_s;
        flops[i] = results[i].peak_flops * 1e-9;
        bytes[i] = results[i].peak_bytes_s * 1e-9;
        share[i] = results[i].peak_share;
        cpu[i] = results[i].cpu_per_wall;
        log[i] = results[i].log_share;
    }
}

static void add_profile(int n, const struct bench_result *results, struct table *table) {
    double *step = add_reals(table, "profile_step_s", "s", "a step with marks between its phases");
    for (int i = 0; i < n; i++)
        step[i] = results[i].profiled_step_s;
    for (int phase = 0; phase < PHASES; phase++) {
        const char *name = pool_format(&table->pool, "%s_s", phase_name((enum phase)phase));
        double *seconds = add_reals(table, name, "s", "of profile_step_s, mean over the threads");
        for (int i = 0; i < n; i++)
            seconds[i] = results[i].phase_s[phase];
    }
}

const char *bench_libraries(struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < BLAS_LIBRARIES; i++) {
        const struct blas_library *library = blas_library_get(i);
        if (library)
            text = pool_format(pool, "%s%s%s %s", text, *text ? ", " : "", library->name,
                               library->version);
    }
    return *text ? text : "none";
}

static void add_machine(int n, const struct bench_result *results, struct table *table) {
    const char **products =
        add_texts(table, "limit_products_by", "which library for which product");
    const char **libraries = add_texts(table, "libraries", "what there was to choose from");
    const char **processors = add_texts(table, "processor", "its name");
    for (int i = 0; i < n; i++) {
        products[i] = pool_text(&table->pool, results[i].products);
        libraries[i] = bench_libraries(&table->pool);
        processors[i] = machine_processor(&table->pool);
    }
}

void bench_table(const struct bench_options *options, int n, const struct bench_result *results,
                 struct table *table) {
    table_create(table, n);
    add_cells(options, n, results, table);
    add_rates(n, results, table);
    add_limits(n, results, table);
    if (options->profile)
        add_profile(n, results, table);
    add_machine(n, results, table);
}
