/* Effect sizes of paired figures. */
#include "judge/stats/effect_size.h"

#include <math.h>
#include <stdbool.h>

#include "judge/stats/sign_flip.h"

/* exp of the interquartile mean of ln less - ln more, and of the ends of its interval: swapped arms
 * give the reciprocals. */
static void set_ratio(const double *more, const double *less, int n, struct effect_size *size) {
    struct pool pool = {0};
    double *logs = pool_alloc(&pool, (size_t)n * sizeof *logs);
    bool positive = true;
    for (int i = 0; i < n; i++) {
        logs[i] = log(less[i]) - log(more[i]);
        positive &= more[i] > 0 && less[i] > 0;
    }
    size->ratio = NAN;
    size->ratio_interval = (struct interval){NAN, NAN};
    if (positive) {
        struct interval interval = bootstrap_interval(logs, n);
        size->ratio = exp(interquartile_mean(logs, n));
        size->ratio_interval = (struct interval){exp(interval.low), exp(interval.high)};
    }
    pool_free(&pool);
}

/* ---- what could have been decided ---- */

static double decidable(const struct question *question, const double *more, const double *less) {
    struct pool pool = {0};
    int n = question->n_seeds;
    double *d = pool_alloc(&pool, (size_t)n * sizeof *d);
    double variance = question->rows ? question->rows[question->n_strata].variance : 0;
    for (int i = 0; i < n; i++)
        d[i] = more[i] - less[i];
    struct flip_power power = sign_flip_power(
        d, n, question->delta, question->level > 0 ? question->level : LEVEL, variance);
    pool_free(&pool);
    return question->kind == CLAIM_EQUALITY ? power.margin : power.effect;
}

struct effect_size effect_size_of(const struct question *question, const double *more,
                                  const double *less) {
    int n = question->n_seeds;
    struct effect_size size = {.more = interquartile_mean(more, n),
                               .less = interquartile_mean(less, n),
                               .decidable = decidable(question, more, less)};
    set_ratio(more, less, n, &size);
    return size;
}
