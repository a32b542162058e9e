/* The chosen rates, read back from the comments of a tuned file, which have all that were tried. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"

enum tuned_edge { TUNED_INSIDE, TUNED_LOWEST, TUNED_HIGHEST };

/* A cell and its rate. Texts as they stand in the file. */
struct tuned_rate {
    const char **values; /* [n_keys] of the cell; "-": the key does not apply */
    const char *rate, *score, *low, *high;
    int n_tried; /* rates, from `low` to `high` */
    enum tuned_edge edge;
    int n_failed;         /* runs that diverged or collapsed, of all rates */
    bool learned_nothing; /* all did */
};

struct tuned_rates {
    int n_keys, n;
    const char **keys;  /* [n_keys] in which cells differ */
    const char *metric; /* of which the score is */
    int n_seeds;        /* runs of each rate; 0: the text does not say */
    struct tuned_rate *all;
};

/* The table of the comments; false: the text has none, or not in the form that `normlab tune`
 * writes. */
bool tuned_rates_read(const char *text, struct pool *pool, struct tuned_rates *rates);
