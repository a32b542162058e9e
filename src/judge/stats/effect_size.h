/* How large a difference is beside the two figures that it is of, and how small a one could have
 * been decided. */
#pragma once

#include "judge/stats/decision.h"

struct effect_size {
    double more, less; /* interquartile means over seeds of the arms' figures */
    double ratio;      /* less / more; NaN: one of `more` is not above 0, or one of `less` below */
    struct interval
        ratio_interval; /* over seeds; beside 1 where that of the difference is beside 0 */
    /* The smallest true difference that would have been found to be above delta in 80 % of such
     * experiments; of a claim of equality the smallest margin within which none at all would have
     * been found to lie. Over seeds and rows where the decision is. */
    double decidable;
};

/* more, less [n_seeds]: figures averaged over the strata, on whose differences the decision was
 * made (decision_make). */
struct effect_size effect_size_of(const struct decision *decision, const double *more,
                                  const double *less);
