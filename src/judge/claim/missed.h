/* Runs that never got to a target: their number of steps is not known, only that it is larger than
 * they were to make. Each is tested as its planned steps and as twice these; a fact holds if it
 * holds in either case. */
#pragma once

#include "judge/stats/decision.h"

struct missed {
    int n_more, n_less;   /* runs of each arm */
    bool at_least;        /* the smallest or the largest differences alone give another word */
    const char *sentence; /* for people; NULL: every run got to its target */
};

/* Fills at_least and the sentence, of a question whose d_low is not NULL. more, less: the
 * arms' names. */
void missed_describe(const struct question *asked, const struct decision *decision,
                     const char *more, const char *less, struct missed *missed, struct pool *pool);
