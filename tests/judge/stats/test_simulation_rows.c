/* Seeds and rows, simulated: how often both intervals hold the truth, and how often a word over
 * seeds and rows is false. 300 simulations; NORMLAB_SIMULATIONS in the environment makes them more,
 * and adds 20 seeds. docs/statistics.md has the rates of 2,000. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tests/judge/stats/planted.h"

TestSuite(judge_simulation_rows, .timeout = 6000);

/* 1.44 % of the rows fall to one arm in every seed: they alone give d a deviation of sqrt(.0144 /
 * 10,000) = .0012 over choices of the rows. Seeds add .0025, and each its own 100 rows at random.
 */
enum { ROWS = 10000, OWN_ROWS = 100, MOST_SEEDS = 20 };
static const double lasting = 0.0144, deviation = 0.0025;

struct sample {
    int n, folds; /* seed i is tested on the rows of fold i % folds */
    int x[MOST_SEEDS][ROWS];
    double d[MOST_SEEDS];
    double on_these_rows; /* the true difference on the rows drawn; of the population: `effect` */
};

static int n_simulations(void) {
    const char *text = getenv("NORMLAB_SIMULATIONS");
    return text ? atoi(text) : 300;
}

/* Adds `count` (or takes away -count) in rows drawn at random. */
static void scatter(struct random_key key, uint64_t index, long count, int *x) {
    for (long k = 0; k < labs(count); k++)
        x[random_below(key, index + (uint64_t)k, ROWS)] += count > 0 ? 1 : -1;
}

/* The rows of a fold that fall to one arm in every seed; returns their sum. */
static long draw_rows(struct random_key key, int fold, int *x) {
    long sum = 0;
    for (int r = 0; r < ROWS; r++) {
        double drawn = random_uniform(key, (uint64_t)(fold * ROWS + r)) / lasting;
        x[r] = drawn < 0.5 ? 1 : drawn < 1 ? -1 : 0;
        sum += x[r];
    }
    return sum;
}

/* n and folds of the sample are set. */
static void draw(enum planted_shape shape, double effect, uint32_t trial, struct sample *sample) {
    const struct random_key key = {41, RANDOM_TEST, trial};
    int n = sample->n, folds = sample->folds;
    long sum = 0;
    for (int fold = 0; fold < folds; fold++)
        sum += draw_rows(key, fold, sample->x[fold]);
    for (int i = folds; i < n; i++)
        memcpy(sample->x[i], sample->x[i % folds], sizeof sample->x[0]);
    for (int i = 0; i < n; i++) {
        uint64_t index = (uint64_t)(i + 1) << 32;
        double own = deviation * planted_noise(shape, index, 5000 + trial);
        scatter(key, index, (long)nearbyint((effect + own) * ROWS), sample->x[i]);
        scatter(key, index + (1 << 30), OWN_ROWS / 2, sample->x[i]);
        scatter(key, index + (1 << 30) + OWN_ROWS, -OWN_ROWS / 2, sample->x[i]);
        long of_seed = 0;
        for (int r = 0; r < ROWS; r++)
            of_seed += sample->x[i][r];
        sample->d[i] = (double)of_seed / ROWS;
    }
    sample->on_these_rows = effect + (double)sum / ROWS / folds;
}

static struct row_parts parts_of(const struct sample *sample) {
    struct seed_rows seeds[MOST_SEEDS];
    for (int i = 0; i < sample->n; i++)
        seeds[i] = (struct seed_rows){ROWS, i % sample->folds, sample->x[i]};
    return rows_parts(sample->n, seeds, 1);
}

struct rates {
    double seeds, rows;  /* intervals that hold the truth on these rows, of the population */
    double seeds_of_all; /* the seeds' interval and the population */
    double above, below; /* by seeds and rows: d > delta, d < delta */
    double above_seeds, below_seeds;
};

static bool holds(struct interval interval, double truth) {
    return interval.low <= truth && truth <= interval.high;
}

/* The truth is delta: neither more nor less. */
static struct rates simulate(enum planted_shape shape, int n, int folds) {
    static struct sample sample;
    struct rates rates = {0};
    const double delta = 0.005;
    int trials = n_simulations();
    for (int trial = 0; trial < trials; trial++) {
        sample.n = n;
        sample.folds = folds;
        draw(shape, delta, (uint32_t)(10 * trial) + (uint32_t)shape, &sample);
        struct row_parts parts[2];
        parts[0] = parts[1] = parts_of(&sample);
        const struct question question = {.kind = CLAIM_DIRECTION,
                                          .delta = delta,
                                          .n_strata = 1,
                                          .n_seeds = n,
                                          .d = sample.d,
                                          .m = ROWS,
                                          .rows = parts};
        struct decision decision;
        cr_assert(decision_test(&question, &decision) == OK, "%s", status_message());
        const struct finding *all = &decision.overall;
        struct interval over_seeds = bootstrap_interval(sample.d, n);
        struct interval over_both = rows_interval(all->estimate, over_seeds, parts->variance);
        rates.seeds += holds(over_seeds, sample.on_these_rows) / (double)trials;
        rates.seeds_of_all += holds(over_seeds, delta) / (double)trials;
        rates.rows += holds(over_both, delta) / (double)trials;
        rates.above += (all->tests.facts.p[EFFECT_ABOVE] <= LEVEL) / (double)trials;
        rates.below += (all->tests.facts.p[EFFECT_NOT_ABOVE] <= LEVEL) / (double)trials;
        rates.above_seeds += (all->seeds_only.facts.p[EFFECT_ABOVE] <= LEVEL) / (double)trials;
        rates.below_seeds += (all->seeds_only.facts.p[EFFECT_NOT_ABOVE] <= LEVEL) / (double)trials;
        decision_free(&decision);
    }
    cr_log_info("%s, %d seeds, %d fold%s: the seeds' interval holds the truth on these rows %.4f, "
                "that of the "
                "population %.4f; over seeds and rows %.4f; false words %.4f above, %.4f below; by "
                "seeds alone %.4f, %.4f\n",
                planted_name(shape), n, folds, folds > 1 ? "s" : "", rates.seeds,
                rates.seeds_of_all, rates.rows, rates.above, rates.below, rates.above_seeds,
                rates.below_seeds);
    return rates;
}

/* A few hundred draws are uncertain by .012. */
static void assert_rates(enum planted_shape shape, int n) {
    struct rates rates = simulate(shape, n, 1);
    double slack = 3 * sqrt(0.05 * 0.95 / n_simulations()) / 2;
    bool skewed = shape == PLANTED_EXPONENTIAL || shape == PLANTED_LOGNORMAL;
    double most = skewed ? 0.06 : 0.025;
    cr_assert(rates.seeds >= 0.93 - slack && rates.seeds <= 0.98 + slack, "%s, %d seeds: %g",
              planted_name(shape), n, rates.seeds);
    cr_assert(rates.rows >= 0.93 - slack && rates.rows <= 0.98 + slack, "%s, %d seeds x rows: %g",
              planted_name(shape), n, rates.rows);
    cr_assert(rates.above <= most + slack && rates.below <= most + slack,
              "%s, %d seeds: %g above, %g below", planted_name(shape), n, rates.above, rates.below);
}

Test(judge_simulation_rows, normal_seeds) {
    assert_rates(PLANTED_NORMAL, 10);
}

Test(judge_simulation_rows, heavy_tails) {
    assert_rates(PLANTED_T3, 10);
}

Test(judge_simulation_rows, exponential_seeds) {
    assert_rates(PLANTED_EXPONENTIAL, 10);
}

Test(judge_simulation_rows, lognormal_seeds) {
    assert_rates(PLANTED_LOGNORMAL, 10);
}

/* What rows are for: at 20 seeds the interval over seeds has become too narrow for the population.
 */
Test(judge_simulation_rows, more_seeds_do_not_see_the_rows) {
    struct rates rates = simulate(PLANTED_NORMAL, 20, 1);
    cr_assert(rates.seeds_of_all < 0.9 && rates.rows > 0.92, "%g, %g", rates.seeds_of_all,
              rates.rows);
}

/* Ten seeds in seven folds: their scatter holds the rows, but for three pairs that share them. */
Test(judge_simulation_rows, folds_show_the_rows_in_the_scatter) {
    struct rates rates = simulate(PLANTED_NORMAL, 10, 7);
    cr_assert(rates.rows >= 0.93 && rates.rows <= 0.99, "%g", rates.rows);
    cr_assert(rates.above <= 0.05 && rates.below <= 0.05, "%g above, %g below", rates.above,
              rates.below);
}

/* ---- what could have been decided ---- */

static struct question question_of(enum claim_kind kind, const struct sample *sample,
                                   struct row_parts parts[2]) {
    parts[0] = parts[1] = parts_of(sample);
    return (struct question){.kind = kind,
                             .delta = 0.005,
                             .n_strata = 1,
                             .n_seeds = sample->n,
                             .d = sample->d,
                             .m = ROWS,
                             .rows = parts};
}

/* As it is said of samples of that effect, on average. */
static double said_to_be_decidable(enum claim_kind kind, double effect, struct sample *sample) {
    enum { SAMPLES = 20 };
    double sum = 0;
    for (uint32_t trial = 0; trial < SAMPLES; trial++) {
        struct row_parts parts[2];
        struct decision decision;
        draw(PLANTED_NORMAL, effect, 70000 + trial, sample);
        struct question question = question_of(kind, sample, parts);
        cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
        sum += kind == CLAIM_EQUALITY ? decision.smallest_margin : decision.smallest_effect;
        decision_free(&decision);
    }
    return sum / SAMPLES;
}

/* A difference as large as that is found above delta in some 80 % of experiments. (Without the rows
 * it would be one that is found in 23 %.) */
Test(judge_simulation_rows, an_effect_that_can_be_decided_mostly_is) {
    static struct sample sample = {.n = 10, .folds = 1};
    double effect = said_to_be_decidable(CLAIM_DIRECTION, 0.005, &sample), found = 0;
    int trials = n_simulations();
    for (int trial = 0; trial < trials; trial++) {
        struct row_parts parts[2];
        struct decision decision;
        draw(PLANTED_NORMAL, effect, (uint32_t)trial, &sample);
        struct question question = question_of(CLAIM_DIRECTION, &sample, parts);
        cr_assert(decision_test(&question, &decision) == OK, "%s", status_message());
        found += (decision.verdict == VERDICT_SUPPORTED) / (double)trials;
        decision_free(&decision);
    }
    cr_log_info("10 seeds: %.4f is found above .005 in %.3f\n", effect, found);
    cr_expect(found >= 0.7 && found <= 0.9, "%g of %g", found, effect);
}

Test(judge_simulation_rows, twenty_seeds_of_everything) {
    if (!getenv("NORMLAB_SIMULATIONS"))
        cr_skip_test("only where NORMLAB_SIMULATIONS is set: it takes minutes");
    for (int shape = 0; shape < PLANTED_SHAPES; shape++)
        assert_rates((enum planted_shape)shape, 20);
}
