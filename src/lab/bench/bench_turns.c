/* The trainer and its limits take turns in short pieces, so that what disturbs one disturbs all. */
#include "lab/bench/bench_turns.h"

#include <math.h>

#include "base/clock.h"
#include "lab/worker/observer.h"

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

static double train(struct bench_turns *turns, long n) {
    return timed(advance, turns->trainer, n);
}

static double products(struct bench_turns *turns, long n) {
    return timed(products_run, &turns->limits.products, n) / turns->cell->n_threads;
}

static double update(struct bench_turns *turns, long n) {
    return timed(limits_update, &turns->limits, n);
}

static double read_all(struct bench_turns *turns, long n) {
    return timed(limits_read, &turns->limits, n);
}

static double peak(struct bench_turns *turns, long n) {
    return timed(limits_peak, &turns->limits, n);
}

static double profiled(struct bench_turns *turns, long n) {
    turns->trainer->profiles = turns->profiles;
    double seconds = timed(advance, turns->trainer, n);
    turns->trainer->profiles = NULL;
    return seconds;
}

/* A whole run of n steps at this level: seconds between its beginning and its end without
 * evaluation, which is not logging. */
static double observed_run(struct bench_turns *turns, long n, long level) {
    struct run_config config = turns->config.run;
    struct log_config log = {
        .level = level, .test = LOG_TEST_NEVER, .weights = LOG_WEIGHTS_NONE, .probes = ""};
    struct trainer *trainer = NULL;
    struct observer observer = {0};
    double seconds = 0;
    config.train.steps = n;
    enum status status =
        trainer_create(&trainer, &config, turns->data->dataset, turns->cell->n_threads);
    if (!status)
        status = observer_create(&observer, trainer, &log);
    if (!status) {
        double begin = clock_seconds();
        status = observer_train(&observer);
        seconds = clock_seconds() - begin - observer.eval_s;
        turns->n_diagnostics = observer.timetables[TIMETABLE_TRACE].n + observer.n_epochs;
        turns->run_diverged |= trainer->diverged_at_step >= 0;
        observer_free(&observer);
    }
    trainer_free(trainer);
    turns->status = turns->status ? turns->status : status;
    return seconds;
}

static double economy_run(struct bench_turns *turns, long n) {
    return observed_run(turns, n, LOG_ECONOMY);
}

static double standard_run(struct bench_turns *turns, long n) {
    return observed_run(turns, n, LOG_STANDARD);
}

static double full_run(struct bench_turns *turns, long n) {
    return observed_run(turns, n, LOG_FULL);
}

static const struct {
    double (*run)(struct bench_turns *turns, long n);
    double share; /* of the time for a cell */
    /* Steps of it before the clock starts: what the others pushed out of the caches comes back, of
     * wide layers not with one pass. NULL: the runs are long, and begin with memory of their own.
     */
    double (*fetch)(struct bench_turns *turns, long n);
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
static double measure_steps(struct bench_turns *turns, enum activity activity, long n) {
    enum { FETCHING = 10 };
    if (activities[activity].fetch)
        activities[activity].fetch(turns, FETCHING);
    double cpu_s = clock_cpu_seconds();
    double seconds = activities[activity].run(turns, n);
    if (activity == TRAIN) {
        turns->cpu_s += clock_cpu_seconds() - cpu_s;
        turns->wall_s += seconds;
    }
    return seconds / (double)n;
}

/* ---- before the clock runs ---- */

enum {
    FEWEST_REPETITIONS = 3,
    MOST_REPETITIONS = 10000,
    RUNS = 25, /* of those that are logged, if their time is enough */
    FEWEST_RUN_STEPS = 8,
    MOST_STEPS = 1 << 30, /* of a repetition: training that has ended takes no time */
};

/* The least of a few tries: the first may have started threads. */
static double shortest_s(struct bench_turns *turns, enum activity activity, long n) {
    enum { TRIES = 3 };
    double least_s = INFINITY, total_s = 0;
    for (int i = 0; i < TRIES && total_s < turns->options->seconds; i++) {
        double seconds = measure_steps(turns, activity, n) * (double)n;
        least_s = fmin(least_s, seconds);
        total_s += seconds;
    }
    return least_s;
}

/* Twice as much takes twice as long: what it costs to bring a team of threads together, which may
 * be milliseconds where others want the processors, does not count any more. */
static bool is_proportional(struct bench_turns *turns, enum activity activity, long n,
                            double seconds) {
    return turns->cell->n_threads == 1 || shortest_s(turns, activity, 2 * n) > 1.8 * seconds;
}

/* How many steps are a repetition. */
static long calibrate(struct bench_turns *turns, enum activity activity) {
    const double slice_s = 50e-6;
    double most_s = turns->options->seconds / 10, seconds;
    long n = 1;
    while ((seconds = shortest_s(turns, activity, n)) < most_s && n < MOST_STEPS &&
           (seconds < slice_s / 4 || !is_proportional(turns, activity, n, seconds)))
        n *= 2;
    return seconds < slice_s ? lround((double)n * slice_s / seconds) : n;
}

void turns_calibrate(struct bench_turns *turns) {
    long level = turns->options->log;
    for (enum activity i = 0; i < ACTIVITIES; i++)
        turns->seconds[i] = pool_alloc(&turns->pool, MOST_REPETITIONS * sizeof *turns->seconds[i]);
    products_choose(&turns->limits.products, turns->options->seconds * activities[PRODUCTS].share);
    for (enum activity i = TRAIN; i <= PEAK; i++)
        if (i != PRODUCTS || turns->limits.products.has_library)
            turns->n[i] = calibrate(turns, i);
    double run_s = turns->options->seconds * activities[ECONOMY_RUN].share / RUNS;
    long steps =
        lround(run_s / shortest_s(turns, TRAIN, turns->n[TRAIN]) * (double)turns->n[TRAIN]);
    steps = steps > FEWEST_RUN_STEPS ? steps : FEWEST_RUN_STEPS;
    turns->wall_s = turns->cpu_s = 0;
    if (turns->profiles)
        turns->n[PROFILED] = turns->n[TRAIN];
    if (level >= LOG_STANDARD)
        turns->n[ECONOMY_RUN] = turns->n[STANDARD_RUN] = steps;
    if (level >= LOG_FULL)
        turns->n[FULL_RUN] = steps;
}

/* ---- taking turns ---- */

static void repeat(struct bench_turns *turns) {
    for (enum activity i = 0; i < ACTIVITIES; i++)
        if (turns->n[i] > 0)
            turns->seconds[i][turns->repetitions] = measure_steps(turns, i, turns->n[i]);
    turns->repetitions++;
}

void turns_take(struct bench_turns *turns) {
    double begin = clock_seconds(), time_s = 0;
    for (enum activity i = 0; i < ACTIVITIES; i++)
        time_s += turns->n[i] > 0 ? turns->options->seconds * activities[i].share : 0;
    while (turns->repetitions < FEWEST_REPETITIONS ||
           (turns->repetitions < MOST_REPETITIONS && clock_seconds() - begin < time_s))
        repeat(turns);
}

bool turns_diverged(const struct bench_turns *turns) {
    return turns->run_diverged || turns->trainer->diverged_at_step >= 0;
}
