/* Which of the rates that were tried is the best one, and whether more have to be tried: numbers
 * in, numbers out, whoever trained. */
#pragma once

#include "base/key.h"

enum { MOST_RATES = 40, MOST_EXTENSIONS = 2 };

/* The rates, ascending, that all arms of a group try. */
struct rate_grid {
    int n;
    double rates[MOST_RATES];
    int n_extended; /* how often rates were added */
};

enum rate_edge { EDGE_NONE, EDGE_LOW, EDGE_HIGH };

struct rate_choice {
    int best, second; /* indices of rates: the best, and the best of the others */
    double best_score, second_score;
    enum rate_edge edge;  /* the best is the lowest or the highest rate: perhaps it lies beyond */
    enum rate_edge alone; /* at this edge lies the only rate that learned, best or not */
    bool learned_nothing; /* all trials of all rates failed: there is no best one */
};

/* The interquartile mean of a rate's scores. Of three it is .25, 1 and .25 of them: a failure among
 * few seeds is not hidden. Infinite where one of them is no number. */
double rate_score(int n_seeds, const double *scores);

/* From scores [n_rates][n_seeds], lower is better. Of equal rates the smaller one. A rate learned
 * where one of its trials at least has not `failed` [n_rates][n_seeds]. Where none did, scores are
 * noise between constants and the rates most likely too large: the lowest one is taken. */
struct rate_choice rate_choose(int n_rates, int n_seeds, const double *scores, const bool *failed);

/* Adds the next rate at each edge at which one of the choices lies, or the only rate that learned,
 * as far from the last one as that is from its neighbour, within the range of `key`. False: nothing
 * to add, or rates were added MOST_EXTENSIONS times already. */
bool rate_grid_extend(struct rate_grid *grid, const struct key *key, int n_choices,
                      const struct rate_choice *choices);
