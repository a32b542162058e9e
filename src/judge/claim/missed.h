/* Runs that never got to a target, tested as their planned steps and as twice these: their number
 * of steps is not known, only that it is larger. A fact holds if it holds both times. */
#pragma once

#include "judge/stats/decision.h"

struct missed {
    int n_more, n_less;   /* runs of each arm */
    bool at_least;        /* the two countings alone give different words */
    const char *sentence; /* for people; NULL: every run got to its target */
};

/* Fills at_least and the sentence, of a question whose d_twice is not NULL. Arms have names;
 * bounded: the difference grows with the steps of `more` and falls with those of `less`. */
void missed_describe(const struct question *asked, const struct decision *decision,
                     const char *more, const char *less, bool bounded, struct missed *missed,
                     struct pool *pool);
