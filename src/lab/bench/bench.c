/* Measures a cell, at a learning rate at which training goes on. */
#include "lab/bench/bench.h"

#include <stdlib.h>

#include "base/clock.h"
#include "lab/bench/bench_turns.h"

/* Some hundred steps, or as many as the time for a cell allows: units that die are dead then, and
 * the velocities are those of training. */
static void start_training(struct bench_turns *turns) {
    enum { WARM_STEPS = 300, AT_A_TIME = 10 };
    double begin = clock_seconds();
    for (int step = 0; step < WARM_STEPS; step += AT_A_TIME) {
        trainer_advance(turns->trainer, AT_A_TIME, NULL);
        if (clock_seconds() - begin > turns->options->seconds)
            break;
    }
}

static enum status prepare(struct bench_turns *turns) {
    const struct bench_cell *cell = turns->cell;
    bench_configure(cell, &turns->pool, &turns->config);
    turns->config.run.optimizer.lr *= turns->rate;
    enum status status =
        trainer_create(&turns->trainer, &turns->config.run, turns->data->dataset, cell->n_threads);
    if (status)
        return status;
    start_training(turns);
    if (turns->options->profile) { /* on lines of their own: pools align less */
        size_t size = (size_t)cell->n_threads * sizeof *turns->profiles;
        turns->profiles = aligned_alloc(_Alignof(struct profile), size);
        if (!turns->profiles)
            return fail(ERROR_RUN, "out of memory for %d profiles", cell->n_threads);
        for (int i = 0; i < cell->n_threads; i++)
            turns->profiles[i] = (struct profile){0};
    }
    status = limits_create(&turns->limits, cell->n_widths - 1, cell->widths, cell->B,
                           turns->config.run.optimizer.momentum, turns->trainer->mlp.n_params,
                           cell->n_threads);
    if (status)
        return status;
    turns_calibrate(turns);
    return OK;
}

static void bench_free(struct bench_turns *turns) {
    limits_free(&turns->limits);
    trainer_free(turns->trainer);
    free(turns->profiles);
    pool_free(&turns->pool);
    free(turns);
}

/* With the learning rate times `rate`; *again: it was too high. */
static enum status measure(const struct bench_cell *cell, const struct bench_data *data,
                           const struct bench_options *options, double rate, struct pool *pool,
                           struct bench_result *result, bool *again) {
    struct bench_turns *turns = calloc(1, sizeof *turns);
    if (!turns)
        return fail(ERROR_RUN, "out of memory for a bench");
    turns->cell = cell;
    turns->options = options;
    turns->data = data;
    turns->rate = rate;
    enum status status = prepare(turns);
    if (!status && !turns_diverged(turns)) {
        turns_take(turns);
        status = turns->status;
    }
    *again = !status && turns_diverged(turns);
    if (!status && !*again)
        bench_result_of(turns, pool, result);
    bench_free(turns);
    return status;
}

/* Training ends where it diverges. The numbers do not change how long a step takes: so it is
 * measured at a learning rate at which training goes on. */
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
