/* The best of the rates that were tried, and which to try next. */
#include "judge/tune/rate_choice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/stats/statistics.h"

/* Two means of the same numbers in another order may differ by so much, relatively. */
static const double ROUNDING = 1e-12;

double rate_score(int n_seeds, const double *scores) {
    for (int i = 0; i < n_seeds; i++)
        if (!isfinite(scores[i]))
            return INFINITY;
    return interquartile_mean(scores, n_seeds);
}

static bool is_better(double score, double than) {
    return isinf(than) ? score < than : score < than - ROUNDING * fabs(than);
}

/* The best of the rates without `other`; -1: there is none. */
static int best_without(int other, int n, const double *scores) {
    int best = -1;
    for (int i = 0; i < n; i++)
        if (i != other && (best < 0 || is_better(scores[i], scores[best])))
            best = i;
    return best;
}

static bool has_learned(int n_seeds, const bool *failed) {
    for (int i = 0; i < n_seeds; i++)
        if (!failed[i])
            return true;
    return false;
}

static enum rate_edge edge_at(int rate, int n_rates) {
    return rate == 0 ? EDGE_LOW : rate == n_rates - 1 ? EDGE_HIGH : EDGE_NONE;
}

struct rate_choice rate_choose(int n_rates, int n_seeds, const double *scores, const bool *failed) {
    double means[MOST_RATES] = {0};
    struct rate_choice choice = {0};
    int n_learned = 0, learned = -1;
    for (int i = 0; i < n_rates; i++) {
        means[i] = rate_score(n_seeds, scores + i * n_seeds);
        if (has_learned(n_seeds, failed + i * n_seeds)) {
            n_learned++;
            learned = i;
        }
    }
    choice.learned_nothing = n_learned == 0;
    choice.best = n_learned ? best_without(-1, n_rates, means) : 0;
    choice.second = best_without(choice.best, n_rates, means);
    choice.best_score = means[choice.best]; /* analysis: there is a rate */
    choice.second_score = choice.second < 0 ? NAN : means[choice.second];
    choice.edge = edge_at(choice.best, n_rates);
    choice.alone = n_learned == 1 ? edge_at(learned, n_rates) : EDGE_NONE;
    return choice;
}

/* ---- more rates ---- */

static bool is_edge(enum rate_edge edge, int n, const struct rate_choice *choices) {
    for (int i = 0; i < n; i++)
        if (choices[i].edge == edge || choices[i].alone == edge)
            return true;
    return false;
}

/* last * (last/neighbour), without the digits that only rounding made. */
static double next_rate(double neighbour, double last) {
    char text[40];
    snprintf(text, sizeof text, "%.12g", last * (last / neighbour));
    return strtod(text, NULL);
}

static bool is_within(const struct key *key, double rate) {
    bool any = key->min == 0 && key->max == 0;
    return rate > 0 && (any || (rate >= key->min && rate <= key->max));
}

static bool add_below(struct rate_grid *grid, const struct key *key) {
    double rate = next_rate(grid->rates[1], grid->rates[0]);
    if (!is_within(key, rate))
        return false;
    memmove(grid->rates + 1, grid->rates, (size_t)grid->n * sizeof *grid->rates);
    grid->rates[0] = rate;
    grid->n++;
    return true;
}

static bool add_above(struct rate_grid *grid, const struct key *key) {
    double rate = next_rate(grid->rates[grid->n - 2], grid->rates[grid->n - 1]);
    if (!is_within(key, rate))
        return false;
    grid->rates[grid->n++] = rate;
    return true;
}

bool rate_grid_extend(struct rate_grid *grid, const struct key *key, int n_choices,
                      const struct rate_choice *choices) {
    bool added = false;
    if (grid->n_extended == MOST_EXTENSIONS)
        return false;
    if (is_edge(EDGE_LOW, n_choices, choices))
        added |= add_below(grid, key);
    if (is_edge(EDGE_HIGH, n_choices, choices))
        added |= add_above(grid, key);
    grid->n_extended += added;
    return added;
}
