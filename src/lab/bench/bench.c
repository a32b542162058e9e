#include "lab/bench/bench.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "lab/bench/bench_limits.h"
#include "lab/config/cell.h"
#include "lab/worker/observer.h"

/* What takes turns. Each does n steps (or passes) and says how many seconds they took. */
enum activity {
    TRAIN,
    PRODUCTS,
    UPDATE,
    READ,
    PEAK,
    PROFILED,    /* training with marks */
    ECONOMY_RUN, /* short runs from their beginning, as `normlab run` has them: one logs nothing, */
    STANDARD_RUN, /* one records each step, */
    FULL_RUN,     /* one also looks at the network now and then */
    ACTIVITIES
};

struct bench {
    const struct bench_cell *cell;
    const struct bench_options *options;
    const struct bench_data *data;
    struct pool pool;
    struct config config;
    struct trainer *trainer;
    struct limits limits;
    struct profile *profiles; /* [n_threads], or NULL */
    double rate;              /* factor on the learning rate */
    enum status status;       /* of the runs that were observed */
    bool run_diverged;        /* one of them */
    int repetitions;
    long n[ACTIVITIES]; /* steps of a repetition; 0: not asked for */
    double seconds[ACTIVITIES][BENCH_MOST_REPETITIONS]; /* of one step */
    long n_looks; /* of the last full run: trace points and ends of epochs */
};

/* ---- configuration ---- */

static void set_choice(struct cell *cell, const char *key, long index) {
    cell->values[key_find(key)].integer = index;
}

static void set_word(struct cell *cell, const char *key, const char *word) {
    int index = key_find(key);
    set_choice(cell, key, words_find(key_get(index)->words, word));
}

/* The shipped experiments' training (experiments/small_batch.yaml), every other key at its default;
 * so many steps that no bench comes to the end. */
static void configure(const struct bench_cell *cell, struct pool *pool, struct config *config) {
    struct cell keys;
    int n_hidden = cell->n_widths - 2;
    double *hidden = pool_alloc(pool, (size_t)n_hidden * sizeof *hidden);
    for (int i = 0; i < n_hidden; i++)
        hidden[i] = cell->widths[i + 1];
    cell_create(&keys, pool);
    keys.values[key_find("model.hidden")] = (struct value){.items = hidden, .n_items = n_hidden};
    set_choice(&keys, "norm.kind", cell->norm);
    set_choice(&keys, "norm.placement", cell->placement);
    set_choice(&keys, "train.batch_size", cell->B);
    set_choice(&keys, "train.steps", 1L << 40);
    set_word(&keys, "optimizer.lr_scaling", "linear");
    set_word(&keys, "optimizer.schedule", "cosine");
    cell_finish(&keys, config);
}

enum status bench_check(const struct bench_cell *cell) {
    struct pool pool = {0};
    struct config config;
    long rows = bench_data_rows(cell->widths[0]);
    configure(cell, &pool, &config);
    enum status status = mlp_check(&config.run.model, &config.run.norm, cell->widths[0],
                                   cell->widths[cell->n_widths - 1], cell->B);
    if (!status && cell->B > rows)
        status = fail(ERROR_USAGE, "a mini-batch has more rows than the %ld of the data", rows);
    if (status)
        status = fail_in(status, "%s", bench_label(cell, &pool));
    pool_free(&pool);
    return status;
}

const char *bench_label(const struct bench_cell *cell, struct pool *pool) {
    static const char *const placements[] = {[NORM_BEFORE] = "before", [NORM_AFTER] = "after"};
    const struct normalizer *norm = normalizer_get(cell->norm);
    const char *sizes = "";
    for (int i = 0; i < cell->n_widths; i++)
        sizes = pool_format(pool, "%s%s%d", sizes, i ? "-" : "", cell->widths[i]);
    bool placed = cell->norm != normalizer_find("none");
    return pool_format(pool, "%s %s%s%s, B=%d, %d thread%s", sizes, norm->name, placed ? " " : "",
                       placed ? placements[cell->placement] : "", cell->B, cell->n_threads,
                       cell->n_threads == 1 ? "" : "s");
}

/* ---- the activities ---- */

static double timed(void (*run)(void *, long), void *argument, long n) {
    double begin = clock_seconds();
    run(argument, n);
    return clock_seconds() - begin;
}

/* In stretches, as a run that logs nothing is trained. */
static void advance(void *argument, long n) {
    enum { STRETCH = 1024 };
    struct trainer *trainer = argument;
    for (; n > 0; n -= STRETCH)
        trainer_advance(trainer, n < STRETCH ? n : STRETCH, NULL);
}

static double train(struct bench *bench, long n) {
    return timed(advance, bench->trainer, n);
}

static double products(struct bench *bench, long n) {
    return timed(limits_products, &bench->limits, n) / bench->cell->n_threads;
}

static double update(struct bench *bench, long n) {
    return timed(limits_update, &bench->limits, n);
}

static double read_all(struct bench *bench, long n) {
    return timed(limits_read, &bench->limits, n);
}

static double peak(struct bench *bench, long n) {
    return timed(limits_peak, &bench->limits, n);
}

static double profiled(struct bench *bench, long n) {
    bench->trainer->profiles = bench->profiles;
    double seconds = timed(advance, bench->trainer, n);
    bench->trainer->profiles = NULL;
    return seconds;
}

/* A whole run of n steps at this level: seconds between its beginning and its end without
 * evaluation, which is not logging. */
static double observed_run(struct bench *bench, long n, long level) {
    struct run_config config = bench->config.run;
    struct log_config log = {
        .level = level, .test = LOG_TEST_NEVER, .weights = LOG_WEIGHTS_NONE, .probes = ""};
    struct trainer *trainer = NULL;
    struct observer observer = {0};
    double seconds = 0;
    config.train.steps = n;
    enum status status =
        trainer_create(&trainer, &config, bench->data->dataset, bench->cell->n_threads);
    if (!status)
        status = observer_create(&observer, trainer, &log);
    if (!status) {
        double begin = clock_seconds();
        status = observer_train(&observer);
        seconds = clock_seconds() - begin - observer.eval_s;
        bench->n_looks = observer.timetables[TIMETABLE_TRACE].n + observer.n_epochs;
        bench->run_diverged |= trainer->diverged_at_step >= 0;
        observer_free(&observer);
    }
    trainer_free(trainer);
    bench->status = bench->status ? bench->status : status;
    return seconds;
}

static double economy_run(struct bench *bench, long n) {
    return observed_run(bench, n, LOG_ECONOMY);
}

static double standard_run(struct bench *bench, long n) {
    return observed_run(bench, n, LOG_STANDARD);
}

static double full_run(struct bench *bench, long n) {
    return observed_run(bench, n, LOG_FULL);
}

static const struct {
    double (*run)(struct bench *bench, long n);
    double share; /* of the time for a cell */
    /* One step of it before the clock starts: what the others pushed out of the caches comes back.
     * NULL: the runs are long, and begin with memory of their own. */
    double (*fetch)(struct bench *bench, long n);
} activities[ACTIVITIES] = {
    [TRAIN] = {train, 0.4, train},
    [PRODUCTS] = {products, 0.3, products},
    [UPDATE] = {update, 0.1, update},
    [READ] = {read_all, 0.1, read_all},
    [PEAK] = {peak, 0.1, peak},
    [PROFILED] = {profiled, 0.4, train},
    [ECONOMY_RUN] = {economy_run, 1, NULL},
    [STANDARD_RUN] = {standard_run, 1, NULL},
    [FULL_RUN] = {full_run, 1, NULL},
};

/* Seconds of one of n steps. */
static double measure_steps(struct bench *bench, enum activity activity, long n) {
    if (activities[activity].fetch)
        activities[activity].fetch(bench, 1);
    return activities[activity].run(bench, n) / (double)n;
}

/* ---- before the clock runs ---- */

enum {
    USUAL_REPETITIONS = 25,
    FEWEST_REPETITIONS = 3,
    FEWEST_RUN_STEPS = 8,
    MOST_STEPS = 1 << 30, /* of a repetition: training that has ended takes no time */
};

/* Some hundred steps, or as many as the time for a cell allows: units that die are dead then, and
 * the velocities are those of training. */
static void start_training(struct bench *bench) {
    enum { WARM_STEPS = 300, AT_A_TIME = 10 };
    double begin = clock_seconds();
    for (int step = 0; step < WARM_STEPS; step += AT_A_TIME) {
        trainer_advance(bench->trainer, AT_A_TIME, NULL);
        if (clock_seconds() - begin > bench->options->seconds)
            break;
    }
}

/* The least of a few tries: the first may have started threads. */
static double shortest_s(struct bench *bench, enum activity activity, long n) {
    enum { TRIES = 3 };
    double least_s = INFINITY, total_s = 0;
    for (int i = 0; i < TRIES && total_s < bench->options->seconds; i++) {
        double seconds = measure_steps(bench, activity, n) * (double)n;
        least_s = fmin(least_s, seconds);
        total_s += seconds;
    }
    return least_s;
}

/* Twice as much takes twice as long: what it costs to bring a team of threads together, which may
 * be milliseconds where others want the processors, does not count any more. */
static bool is_proportional(struct bench *bench, enum activity activity, long n, double seconds) {
    return bench->cell->n_threads == 1 || shortest_s(bench, activity, 2 * n) > 1.8 * seconds;
}

/* How many steps are a repetition: as many as take its share of the time. */
static long calibrate(struct bench *bench, enum activity activity) {
    double slice_s = bench->options->seconds * activities[activity].share / USUAL_REPETITIONS;
    double most_s = 10 * slice_s, seconds;
    long n = 1;
    while ((seconds = shortest_s(bench, activity, n)) < most_s && n < MOST_STEPS &&
           (seconds < slice_s / 4 || !is_proportional(bench, activity, n, seconds)))
        n *= 2;
    return seconds < slice_s ? lround((double)n * slice_s / seconds) : n;
}

static void calibrate_all(struct bench *bench) {
    long level = bench->options->log;
    for (enum activity i = TRAIN; i <= PEAK; i++)
        if (i != PRODUCTS || bench->limits.has_products)
            bench->n[i] = calibrate(bench, i);
    long steps =
        lround((double)bench->n[TRAIN] * activities[ECONOMY_RUN].share / activities[TRAIN].share);
    steps = steps > FEWEST_RUN_STEPS ? steps : FEWEST_RUN_STEPS;
    if (bench->profiles)
        bench->n[PROFILED] = bench->n[TRAIN];
    if (level >= LOG_STANDARD)
        bench->n[ECONOMY_RUN] = bench->n[STANDARD_RUN] = steps;
    if (level >= LOG_FULL)
        bench->n[FULL_RUN] = steps;
}

static enum status prepare(struct bench *bench) {
    const struct bench_cell *cell = bench->cell;
    configure(cell, &bench->pool, &bench->config);
    bench->config.run.optimizer.lr *= bench->rate;
    enum status status =
        trainer_create(&bench->trainer, &bench->config.run, bench->data->dataset, cell->n_threads);
    if (status)
        return status;
    start_training(bench);
    if (bench->options->profile) { /* on lines of their own: pools align less */
        size_t size = (size_t)cell->n_threads * sizeof *bench->profiles;
        bench->profiles = aligned_alloc(_Alignof(struct profile), size);
        if (!bench->profiles)
            return fail(ERROR_RUN, "out of memory for %d profiles", cell->n_threads);
        for (int i = 0; i < cell->n_threads; i++)
            bench->profiles[i] = (struct profile){0};
    }
    status = limits_create(&bench->limits, cell->n_widths - 1, cell->widths, cell->B,
                           bench->config.run.optimizer.momentum, bench->trainer->mlp.n_params,
                           cell->n_threads);
    if (status)
        return status;
    limits_choose(&bench->limits, bench->options->seconds * activities[PRODUCTS].share);
    calibrate_all(bench);
    return OK;
}

/* ---- taking turns ---- */

static void repeat(struct bench *bench) {
    for (enum activity i = 0; i < ACTIVITIES; i++)
        if (bench->n[i] > 0)
            bench->seconds[i][bench->repetitions] = measure_steps(bench, i, bench->n[i]);
    bench->repetitions++;
}

static void take_turns(struct bench *bench) {
    double begin = clock_seconds(), time_s = 0;
    for (enum activity i = 0; i < ACTIVITIES; i++)
        time_s += bench->n[i] > 0 ? bench->options->seconds * activities[i].share : 0;
    while (bench->repetitions < FEWEST_REPETITIONS ||
           (bench->repetitions < BENCH_MOST_REPETITIONS && clock_seconds() - begin < time_s))
        repeat(bench);
}

/* ---- what came out ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of n ascending numbers, with linear interpolation between them. */
static double quantile(const double *sorted, int n, double p) {
    double at = p * (n - 1);
    int below = (int)at, above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

static struct bench_figure figure_of(int n, const double *values) {
    double sorted[BENCH_MOST_REPETITIONS];
    for (int i = 0; i < n; i++)
        sorted[i] = values[i];
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    return (struct bench_figure){quantile(sorted, n, 0.5), quantile(sorted, n, 0.25),
                                 quantile(sorted, n, 0.75)};
}

static double median(const struct bench *bench, const double *values) {
    return figure_of(bench->repetitions, values).median;
}

static double least(const struct bench *bench, enum activity activity) {
    double least = bench->seconds[activity][0];
    for (int i = 1; i < bench->repetitions; i++)
        least = fmin(least, bench->seconds[activity][i]);
    return least;
}

/* By how much a step of one activity is longer than of another, taken in turns. */
static double median_difference(const struct bench *bench, enum activity longer,
                                enum activity shorter) {
    double differences[BENCH_MOST_REPETITIONS];
    for (int i = 0; i < bench->repetitions; i++)
        differences[i] = bench->seconds[longer][i] - bench->seconds[shorter][i];
    return median(bench, differences);
}

/* Seconds that logging adds to a step: what each step records; at level full also looks at the
 * network, of which a run has a fixed number. A short run has one every few steps: they count here
 * as in a run of three epochs, like the shipped experiments'. */
static double logging_s(const struct bench *bench) {
    enum { EPOCHS = 3 };
    double recording = median_difference(bench, STANDARD_RUN, ECONOMY_RUN);
    if (!bench->n[FULL_RUN])
        return recording;
    double look = median_difference(bench, FULL_RUN, STANDARD_RUN) * (double)bench->n[FULL_RUN] /
                  (double)bench->n_looks;
    double steps = EPOCHS * (double)(BENCH_ROWS / bench->cell->B);
    return recording + look * (fmin(steps, PROBE_TRACES) + 1 + EPOCHS) / steps;
}

static void report_steps(const struct bench *bench, struct bench_result *result) {
    result->step_s = figure_of(bench->repetitions, bench->seconds[TRAIN]);
    result->log_share = NAN;
    if (!bench->n[STANDARD_RUN])
        return;
    double logging = logging_s(bench);
    double added =
        fmax(logging, 0); /* below 0 it is lost in the noise, and says how large that is */
    result->step_s.median += added;
    result->step_s.low += added;
    result->step_s.high += added;
    result->log_share = logging / result->step_s.median;
}

static void report_limits(const struct bench *bench, struct bench_result *result) {
    const struct limits *limits = &bench->limits;
    double ratios[BENCH_MOST_REPETITIONS], n_threads = bench->cell->n_threads;
    double n_params = (double)limits->n_params;
    bool has_products = limits->has_products;
    double logged = result->step_s.median - median(bench, bench->seconds[TRAIN]);
    for (int i = 0; i < bench->repetitions; i++)
        ratios[i] = (bench->seconds[TRAIN][i] + logged) /
                    (bench->seconds[PRODUCTS][i] + bench->seconds[UPDATE][i]);
    result->products_s = has_products ? median(bench, bench->seconds[PRODUCTS]) : NAN;
    result->update_s = median(bench, bench->seconds[UPDATE]);
    result->ratio_to_limit = has_products ? median(bench, ratios) : NAN;
    result->peak_flops = n_threads * limits_peak_flop / least(bench, PEAK);
    result->peak_bytes_s = fmax(READ_BYTES * n_params / least(bench, READ),
                                UPDATE_BYTES * n_params / least(bench, UPDATE));
    result->roofline_s = fmax(limits_step_flop(limits) / result->peak_flops,
                              limits_step_bytes(limits) / result->peak_bytes_s);
}

static void report_profile(const struct bench *bench, struct bench_result *result) {
    double tick_s = profile_tick_s();
    double steps = (double)(bench->repetitions * bench->n[PROFILED]);
    int working = 0;
    double sums[PHASES] = {0}, total_s = 0;
    for (int i = 0; i < bench->cell->n_threads; i++) {
        uint64_t all = 0;
        for (int phase = 0; phase < PHASES; phase++) {
            all += bench->profiles[i].ticks[phase];
            sums[phase] += (double)bench->profiles[i].ticks[phase] * tick_s;
        }
        working += all > 0;
    }
    for (int i = 0; i < bench->repetitions; i++)
        total_s += bench->seconds[PROFILED][i];
    result->has_profile = true;
    result->profiled_step_s = total_s / bench->repetitions;
    for (int phase = 0; phase < PHASES; phase++)
        result->phase_s[phase] = working ? sums[phase] / working / steps : 0;
}

static void report(const struct bench *bench, struct pool *pool, struct bench_result *result) {
    *result = (struct bench_result){.cell = bench->cell, .repetitions = bench->repetitions};
    report_steps(bench, result);
    report_limits(bench, result);
    result->products = limits_chosen(&bench->limits, pool);
    if (bench->profiles)
        report_profile(bench, result);
}

static bool diverged(const struct bench *bench) {
    return bench->run_diverged || bench->trainer->diverged_at_step >= 0;
}

static void bench_free(struct bench *bench) {
    limits_free(&bench->limits);
    trainer_free(bench->trainer);
    free(bench->profiles);
    pool_free(&bench->pool);
    free(bench);
}

/* With the learning rate times `rate`; *again: it was too high. */
static enum status measure(const struct bench_cell *cell, const struct bench_data *data,
                           const struct bench_options *options, double rate, struct pool *pool,
                           struct bench_result *result, bool *again) {
    struct bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return fail(ERROR_RUN, "out of memory for a bench");
    bench->cell = cell;
    bench->options = options;
    bench->data = data;
    bench->rate = rate;
    enum status status = prepare(bench);
    if (!status && !diverged(bench)) {
        take_turns(bench);
        status = bench->status;
    }
    *again = !status && diverged(bench);
    if (!status && !*again)
        report(bench, pool, result);
    bench_free(bench);
    return status;
}

/* Training ends where it diverges, and what one multiplies with changes nothing in the time it
 * takes: so at a rate at which it goes on. */
enum status bench_measure(const struct bench_cell *cell, const struct bench_data *data,
                          const struct bench_options *options, struct pool *pool,
                          struct bench_result *result) {
    const double lowest_rate = 1e-5;
    bool again = true;
    enum status status = OK;
    for (double rate = 1; !status && again && rate > lowest_rate; rate /= 10)
        status = measure(cell, data, options, rate, pool, result, &again);
    if (!status && again)
        status = fail(ERROR_RUN, "training diverges at any learning rate");
    return status ? fail_in(status, "%s", bench_label(cell, pool)) : OK;
}
