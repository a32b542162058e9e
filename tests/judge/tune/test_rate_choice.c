/* Choosing a rate, on planted scores: nothing is trained. */
#include "judge/tune/rate_choice.h"

#include <criterion/criterion.h>
#include <math.h>

#include "base/random.h"
#include "lab/config/keys.h"

static const struct key *rate_key(void) {
    return key_get(key_find("optimizer.lr"));
}

static void expect_choice(struct rate_choice choice, int best, int second, enum rate_edge edge) {
    cr_assert(choice.best == best && choice.second == second && choice.edge == edge,
              "best %d, second %d, edge %d; not %d, %d, %d", choice.best, choice.second,
              (int)choice.edge, best, second, (int)edge);
}

/* Of trials that all learned. */
static struct rate_choice choose(int n_rates, int n_seeds, const double *scores) {
    static const bool failed[MOST_RATES * 8];
    return rate_choose(n_rates, n_seeds, scores, failed);
}

Test(rate_choice, the_lowest_score_wins_and_the_next_is_named) {
    const double scores[] = {.30, .31, .32, .20, .22, .21, .10, .11, .12, .15, .14, .16};
    struct rate_choice choice = choose(4, 3, scores);
    expect_choice(choice, 2, 3, EDGE_NONE);
    cr_assert(fabs(choice.best_score - .11) < 1e-12, "best %g", choice.best_score);
    cr_assert(fabs(choice.second_score - .15) < 1e-12, "second %g", choice.second_score);
}

Test(rate_choice, the_planted_optimum_is_found_wherever_it_lies) {
    enum { RATES = 7, SEEDS = 5, TIMES = 300 };
    struct random_key key = {.seed = 3, .purpose = RANDOM_TEST};
    for (int t = 0; t < TIMES; t++) {
        int planted = (int)random_below(key, (uint64_t)t, RATES);
        double scores[RATES * SEEDS];
        for (int i = 0; i < RATES * SEEDS; i++) {
            double noise = random_uniform(key, (uint64_t)(TIMES + t * RATES * SEEDS + i));
            scores[i] = .1 + .02 * abs(i / SEEDS - planted) + .015 * noise;
        }
        enum rate_edge edge = planted == 0           ? EDGE_LOW
                              : planted == RATES - 1 ? EDGE_HIGH
                                                     : EDGE_NONE;
        struct rate_choice choice = choose(RATES, SEEDS, scores);
        cr_assert(choice.best == planted && choice.edge == edge, "planted %d, found %d, edge %d",
                  planted, choice.best, (int)choice.edge);
    }
}

/* The sums of .1 .2 .3 in three orders differ in their last bits; sorted they do not, and rates
 * that are equal but for rounding are equal. */
Test(rate_choice, of_equal_rates_the_smaller_one) {
    const double scores[] = {.9, .9, .1, .3, .3, .1, .2, .2, .5, .5};
    expect_choice(choose(5, 2, scores), 1, 2, EDGE_NONE);
    const double rounded[] = {.9, .2 * (1 + 2e-16), .2, .7};
    expect_choice(choose(4, 1, rounded), 1, 2, EDGE_NONE);
    const double all[] = {.5, .5, .5};
    expect_choice(choose(3, 1, all), 0, 1, EDGE_LOW);
}

/* The middle of three seeds counts most, but a failure is not hidden. */
Test(rate_choice, one_failure_among_three_counts) {
    const double scores[] = {.20, .20, .20, .19, .19, .90, .30, .30, .30};
    expect_choice(choose(3, 3, scores), 0, 2, EDGE_LOW);
    cr_assert(fabs(rate_score(3, scores + 3) - (.25 * .19 + .19 + .25 * .9) / 1.5) < 1e-12,
              "score %g", rate_score(3, scores + 3));
}

Test(rate_choice, what_is_no_number_is_worse_than_any) {
    const double scores[] = {NAN, .1, .9, .9, INFINITY, .1, .8, 1.0};
    expect_choice(choose(4, 2, scores), 1, 3, EDGE_NONE);
    const double none[] = {NAN, NAN, NAN};
    expect_choice(choose(3, 1, none), 0, 1, EDGE_LOW);
    const double last[] = {NAN, NAN, .5};
    expect_choice(choose(3, 1, last), 2, 0, EDGE_HIGH);
}

/* ---- trials that failed ---- */

/* The scores of constants differ by noise: the lowest of them is no optimum. */
Test(rate_choice, where_no_rate_learned_the_lowest_is_taken_at_its_edge) {
    const double scores[] = {.8397, .8398, .8387, .8386, .84, .84};
    const bool all[] = {true, true, true, true, true, true};
    struct rate_choice choice = rate_choose(3, 2, scores, all);
    expect_choice(choice, 0, 1, EDGE_LOW);
    cr_expect(choice.learned_nothing && choice.alone == EDGE_NONE, "it learned");
    cr_expect(fabs(choice.best_score - .83975) < 1e-12, "score %g", choice.best_score);
}

/* One trial of one rate is enough: the choice is that of the scores. */
Test(rate_choice, where_a_rate_learned_scores_alone_choose) {
    const double scores[] = {.85, .2, .1, .1, .9, .9, .8, .7};
    bool failed[] = {true, true, true, true, true, true, true, false};
    struct rate_choice choice = rate_choose(4, 2, scores, failed);
    expect_choice(choice, 1, 0, EDGE_NONE);
    cr_expect(!choice.learned_nothing && choice.alone == EDGE_HIGH, "alone %d", (int)choice.alone);
    failed[0] = false;
    choice = rate_choose(4, 2, scores, failed);
    expect_choice(choice, 1, 0, EDGE_NONE);
    cr_expect(choice.alone == EDGE_NONE, "two learned, alone %d", (int)choice.alone);
    failed[7] = true;
    cr_expect(rate_choose(4, 2, scores, failed).alone == EDGE_LOW, "the lowest is not alone");
    failed[0] = true;
    failed[2] = false;
    cr_expect(rate_choose(4, 2, scores, failed).alone == EDGE_NONE, "one inside is at no edge");
}

/* ---- more rates ---- */

static struct rate_grid grid_of_three(void) {
    return (struct rate_grid){.n = 3, .rates = {.025, .05, .1}};
}

static void expect_rates(const struct rate_grid *grid, int n, const double *rates) {
    cr_assert(grid->n == n, "%d rates, not %d", grid->n, n);
    for (int i = 0; i < n; i++)
        cr_assert(grid->rates[i] == rates[i], "rate %d is %.17g, not %.17g", i, grid->rates[i],
                  rates[i]);
}

Test(rate_choice, an_optimum_inside_adds_nothing) {
    struct rate_grid grid = grid_of_three();
    const struct rate_choice inside[] = {{.best = 1, .edge = EDGE_NONE}};
    cr_assert(!rate_grid_extend(&grid, rate_key(), 1, inside), "it was extended");
    expect_rates(&grid, 3, (double[]){.025, .05, .1});
}

Test(rate_choice, each_edge_with_an_optimum_gets_the_next_rate) {
    const struct rate_choice low = {.edge = EDGE_LOW}, high = {.edge = EDGE_HIGH},
                             none = {.edge = EDGE_NONE};
    struct rate_grid grid = grid_of_three();
    cr_assert(rate_grid_extend(&grid, rate_key(), 2, (struct rate_choice[]){none, low}), "low");
    expect_rates(&grid, 4, (double[]){.0125, .025, .05, .1});
    grid = grid_of_three();
    cr_assert(rate_grid_extend(&grid, rate_key(), 2, (struct rate_choice[]){high, none}), "high");
    expect_rates(&grid, 4, (double[]){.025, .05, .1, .2});
    grid = grid_of_three();
    cr_assert(rate_grid_extend(&grid, rate_key(), 2, (struct rate_choice[]){high, low}), "both");
    expect_rates(&grid, 5, (double[]){.0125, .025, .05, .1, .2});
}

/* Wherever the best score lies. */
Test(rate_choice, an_edge_that_learned_alone_gets_the_next_rate) {
    struct rate_grid grid = grid_of_three();
    const struct rate_choice low = {.best = 1, .alone = EDGE_LOW},
                             high = {.best = 1, .alone = EDGE_HIGH};
    cr_assert(rate_grid_extend(&grid, rate_key(), 1, &low), "low");
    expect_rates(&grid, 4, (double[]){.0125, .025, .05, .1});
    cr_assert(rate_grid_extend(&grid, rate_key(), 1, &high), "high");
    expect_rates(&grid, 5, (double[]){.0125, .025, .05, .1, .2});
}

Test(rate_choice, a_grid_is_extended_twice_at_most) {
    struct rate_grid grid = grid_of_three();
    const struct rate_choice high = {.edge = EDGE_HIGH};
    cr_assert(rate_grid_extend(&grid, rate_key(), 1, &high), "once");
    cr_assert(rate_grid_extend(&grid, rate_key(), 1, &high), "twice");
    cr_assert(!rate_grid_extend(&grid, rate_key(), 1, &high), "a third time");
    expect_rates(&grid, 5, (double[]){.025, .05, .1, .2, .4});
}

/* .09 * (.09 / .03) is .27 and something in binary. */
Test(rate_choice, a_new_rate_has_no_digits_of_rounding_alone) {
    struct rate_grid grid = {.n = 3, .rates = {.01, .03, .09}};
    const struct rate_choice high = {.edge = EDGE_HIGH};
    cr_assert(rate_grid_extend(&grid, rate_key(), 1, &high), "not extended");
    expect_rates(&grid, 4, (double[]){.01, .03, .09, .27});
}

Test(rate_choice, no_rate_leaves_the_range_of_its_key) {
    struct rate_grid grid = {.n = 3, .rates = {.2, .4, .8}};
    const struct rate_choice high = {.edge = EDGE_HIGH};
    const struct key *share = key_get(key_find("optimizer.momentum"));
    cr_assert(!rate_grid_extend(&grid, share, 1, &high), "momentum went to %g", grid.rates[3]);
    cr_assert(grid.n_extended == 0, "it counts as extended");
}
