/* A comparison in words: which arm is better, by how much, and what stands in the way. */
#include "cli/compare_words.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"

/* ---- the arms ---- */

/* "batch" where the other arm differs in the word of one key alone; else "norm.kind=batch,
 * norm.momentum=0.9". */
static const char *arm_name(const struct arm *arm, const struct arm *other, struct pool *pool) {
    const char *condition = arm->conditions[0], *text = "";
    size_t size = strcspn(condition, "!<>=");
    bool one_key = arm->n == 1 && other->n == 1 && condition[size] == '=' &&
                   !isdigit((unsigned char)condition[size + 1]) &&
                   !strncmp(condition, other->conditions[0], size + 1);
    for (int i = 0; i < arm->n; i++)
        text = pool_format(pool, "%s%s%s", text, i ? ", " : "", arm->conditions[i]);
    return one_key ? condition + size + 1 : text;
}

/* Three digits are more than so few seeds can tell. */
static const char *rounded(double x, struct pool *pool) {
    return pool_format(pool, "%.3g", x);
}

/* ---- by how much ---- */

/* A difference of logarithms as a factor. */
static double as_size(enum contrast_transform transform, double x) {
    return transform == CONTRAST_RATIO ? exp(x) : x;
}

/* "by 0.0123 [0.0094, 0.0151]", "by a factor of 1.2 [1.1, 1.3]", "by 0.2 doublings [0.1, 0.3]": how
 * far the first arm is ahead, or behind. */
static const char *size_text(const struct comparison *comparison, struct pool *pool) {
    const struct finding *all = &comparison->decision->overall;
    enum contrast_transform transform = comparison->request->transform;
    double sign = all->estimate > 0 ? 1 : -1;
    double low = sign * (sign > 0 ? all->interval_rows.low : all->interval_rows.high),
           high = sign * (sign > 0 ? all->interval_rows.high : all->interval_rows.low);
    const char *text =
        pool_format(pool, "by %s%s%s", transform == CONTRAST_RATIO ? "a factor of " : "",
                    rounded(as_size(transform, sign * all->estimate), pool),
                    transform == CONTRAST_LOG2 ? " doublings" : "");
    return isnan(low)
               ? text
               : pool_format(pool, "%s [%s, %s]", text, rounded(as_size(transform, low), pool),
                             rounded(as_size(transform, high), pool));
}

/* Is it settled which arm is ahead? */
static const char *verb(const struct comparison *comparison) {
    switch (comparison->decision->withheld ? EFFECT_OPEN
                                           : comparison->decision->overall.tests.effect) {
    case EFFECT_ABOVE:
    case EFFECT_BELOW:
    case EFFECT_NEGATIVE:
    case EFFECT_POSITIVE:
        return "is";
    case EFFECT_WITHIN:
        return "is, up to delta, as good: it comes out";
    default:
        return "comes out";
    }
}

static const char *median_text(const struct contrast *contrast, const double *values,
                               struct pool *pool) {
    return rounded(median(contrast_average(contrast, values, pool), contrast->n_seeds), pool);
}

const char *compare_sentence(const struct comparison *comparison, struct pool *pool) {
    const struct contrast_request *request = comparison->request;
    const struct contrast *contrast = comparison->contrast;
    double estimate = comparison->decision->overall.estimate;
    const char *first = arm_name(&request->first, &request->second, pool),
               *second = arm_name(&request->second, &request->first, pool);
    const char *medians = pool_format(pool, "median %s %s against %s, %d seed%s", request->metric,
                                      median_text(contrast, contrast->first, pool),
                                      median_text(contrast, contrast->second, pool),
                                      contrast->n_seeds, plural(contrast->n_seeds));
    const char *strata = contrast->n_strata > 1
                             ? pool_format(pool, ", averaged over %d strata", contrast->n_strata)
                             : "";
    if (estimate == 0)
        return pool_format(pool, "%s and %s come out equal (%s%s)", first, second, medians, strata);
    return pool_format(pool, "%s %s %s than %s %s (%s%s)", first, verb(comparison),
                       estimate > 0 ? "better" : "worse", second, size_text(comparison, pool),
                       medians, strata);
}

/* "0.005", "0.1 doublings", "a factor of 1.05" */
static const char *delta_text(enum contrast_transform transform, double delta, struct pool *pool) {
    const char *number = rounded(as_size(transform, delta), pool);
    return transform == CONTRAST_RATIO  ? pool_format(pool, "a factor of %s", number)
           : transform == CONTRAST_LOG2 ? pool_format(pool, "%s doublings", number)
                                        : number;
}

const char *compare_question(const struct comparison *comparison, const struct question *question,
                             struct pool *pool) {
    const struct contrast_request *request = comparison->request;
    const char *first = arm_name(&request->first, &request->second, pool),
               *second = arm_name(&request->second, &request->first, pool),
               *delta = delta_text(request->transform, question->delta, pool);
    return question->kind == CLAIM_EQUALITY
               ? pool_format(pool, "are %s and %s equal up to %s?", first, second, delta)
               : pool_format(pool, "is %s better than %s by more than %s?", first, second, delta);
}

/* ---- what else is to be known ---- */

static void add_failures(const struct contrast *contrast, struct notes *notes, struct pool *pool) {
    struct failures f = failures_compare(contrast->n_strata, contrast->n_seeds,
                                         contrast->failed_first, contrast->failed_second);
    if (f.first + f.second > 0)
        note(notes, pool,
             "diverged or collapsed: %d runs of the first arm, %d of the second (sign test over "
             "seeds: p = %.2g)",
             f.first, f.second, f.p);
}

/* More of them would be a page. */
static void add_dropped(const struct contrast *contrast, struct notes *notes, struct pool *pool) {
    enum { MOST = 4 };
    int n = contrast->n_dropped;
    for (int i = 0; i < n && i < MOST; i++)
        note(notes, pool, "left out for want of a run: %s", contrast->dropped[i]);
    if (n > MOST)
        note(notes, pool, "left out for want of a run: %d more", n - MOST);
}

void compare_notes(const struct comparison *comparison, struct pool *pool, struct notes *notes) {
    const struct contrast *contrast = comparison->contrast;
    *notes = (struct notes){0};
    add_failures(contrast, notes, pool);
    for (int i = 0; i < comparison->n_open; i++)
        note(notes, pool,
             "%s varies within the arms: each of its values is a stratum; --where chooses one",
             comparison->open[i]);
    add_dropped(contrast, notes, pool);
    for (int i = 0; i < contrast->n_also; i++)
        note(notes, pool, "the arms differ in %s as well", contrast->also[i]);
}
