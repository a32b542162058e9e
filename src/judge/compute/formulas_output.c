/* Formulas about a normalizer's output in training: its size, and what it does not depend on. */
#include <math.h>
#include <string.h>

#include "judge/compute/formulas_family.h"

/* ---- its size ---- */

static double deviation_of(size_t n, const float *x) {
    double mean = formula_mean(n, x), square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    return sqrt(square / (double)n);
}

static double output_mean(const struct config *config, const double *a) {
    struct norm_work work;
    formula_begin(&work, config, a);
    double result = formula_mean(formula_size(&work), work.y);
    norm_work_free(&work);
    return result;
}

static double output_deviation(const struct config *config, const double *a) {
    struct norm_work work;
    formula_begin(&work, config, a);
    double result = deviation_of(formula_size(&work), work.y);
    norm_work_free(&work);
    return result;
}

static double largest_output(const struct config *config, const double *a) {
    struct norm_work work;
    double largest = 0;
    formula_begin(&work, config, a);
    for (size_t i = 0; i < formula_size(&work); i++)
        largest = fmax(largest, fabs((double)work.y[i]));
    norm_work_free(&work);
    return largest;
}

static double share_within(const struct config *config, const double *a) {
    struct norm_work work;
    long within = 0;
    formula_begin(&work, config, a);
    for (size_t i = 0; i < formula_size(&work); i++)
        within += fabs((double)work.y[i]) < a[REST];
    double share = (double)within / (double)formula_size(&work);
    norm_work_free(&work);
    return share;
}

/* The mean of each row's output, root mean square over the rows. */
static double row_mean(const struct config *config, const double *a) {
    struct norm_work work;
    double square = 0;
    formula_begin(&work, config, a);
    for (int b = 0; b < work.B; b++) {
        double mean = formula_mean((size_t)work.D, work.y + (long)b * work.D);
        square += mean * mean;
    }
    double result = sqrt(square / work.B);
    norm_work_free(&work);
    return result;
}

/* The first unit is constant: it has no deviation. */
static double finite_share(const struct config *config, const double *a) {
    struct norm_work work;
    long finite = 0;
    norm_work_create(&work, &config->run.norm, (int)a[B], (int)a[D]);
    norm_work_fill(&work, 0, a[MEAN], a[DEVIATION]);
    for (int b = 0; b < work.B && a[REST] != 0; b++)
        work.x[(long)b * work.D] = 1;
    norm_work_train(&work, 0);
    for (size_t i = 0; i < formula_size(&work); i++)
        finite += isfinite(work.y[i]) != 0;
    double share = (double)finite / (double)formula_size(&work);
    norm_work_free(&work);
    return share;
}

/* ---- what the output does not depend on ---- */

/* How much the output changes when the input becomes scale * x + shift_j. */
static double affine_effect(const struct config *config, const double *a, double scale,
                            double shift) {
    struct norm_work before, after;
    struct random_key key = {0, RANDOM_TEST, 1};
    formula_begin(&before, config, a);
    formula_begin(&after, config, a);
    for (int b = 0; b < after.B; b++)
        for (int j = 0; j < after.D; j++) {
            float *x = &after.x[(long)b * after.D + j];
            *x = (float)(scale * (double)*x + shift * random_normal(key, (uint64_t)j));
        }
    norm_work_train(&after, 0);
    double result = formula_change(formula_size(&before), after.y, before.y);
    norm_work_free(&before);
    norm_work_free(&after);
    return result;
}

static double scale_effect(const struct config *config, const double *a) {
    return affine_effect(config, a, a[REST], 0);
}

static double shift_effect(const struct config *config, const double *a) {
    return affine_effect(config, a, 1, a[REST]);
}

/* One unit's input, and no other's, is multiplied. */
static double column_effect(const struct config *config, const double *a) {
    struct norm_work before, after;
    formula_begin(&before, config, a);
    formula_begin(&after, config, a);
    for (int b = 0; b < after.B; b++)
        after.x[(long)b * after.D] *= (float)a[REST];
    norm_work_train(&after, 0);
    double result = formula_change(formula_size(&before), after.y, before.y);
    norm_work_free(&before);
    norm_work_free(&after);
    return result;
}

/* How much the first row's output changes when all other rows are exchanged. */
static double others_effect(const struct config *config, const double *a, bool training) {
    struct norm_work here, there;
    formula_begin(&here, config, a);
    formula_begin(&there, config, a);
    norm_work_fill(&there, 1, a[MEAN], a[DEVIATION]);
    memcpy(there.x, here.x, (size_t)here.D * sizeof *here.x);
    if (training) {
        norm_work_train(&there, 0);
    } else {
        norm_work_evaluate(&here);
        norm_work_evaluate(&there);
    }
    double result = formula_change((size_t)here.D, there.y, here.y);
    norm_work_free(&here);
    norm_work_free(&there);
    return result;
}

static double others_effect_training(const struct config *config, const double *a) {
    return others_effect(config, a, true);
}

static double others_effect_evaluation(const struct config *config, const double *a) {
    return others_effect(config, a, false);
}

/* How much the first row's output differs between training and evaluation, where the running state
 * is what a mini-batch like this one has left in it. */
static double mode_effect(const struct config *config, const double *a) {
    struct norm_work work;
    struct pool pool = {0};
    formula_begin(&work, config, a);
    float *trained = pool_alloc(&pool, formula_size(&work) * sizeof *trained);
    memcpy(trained, work.y, formula_size(&work) * sizeof *trained);
    norm_work_fill(&work, 1, a[MEAN], a[DEVIATION]);
    norm_work_train(&work, 1);
    norm_work_fill(&work, 0, a[MEAN], a[DEVIATION]);
    norm_work_evaluate(&work);
    double result = formula_change(formula_size(&work), work.y, trained);
    norm_work_free(&work);
    pool_free(&pool);
    return result;
}

static const struct formula rows[] = {
    {"output_mean", "mean of a normalizer's output on normal numbers", "1", SHAPE,
     .compute = output_mean},
    {"output_deviation", "standard deviation of a normalizer's output on normal numbers", "1",
     SHAPE, .compute = output_deviation},
    {"largest_output", "largest absolute value of the output", "1", SHAPE,
     .compute = largest_output},
    {"share_within", "share of outputs nearer to 0 than `limit`", "1", SHAPE " limit=1",
     .compute = share_within},
    {"row_mean", "mean over the units of one row's output (root mean square over rows)", "1", SHAPE,
     .compute = row_mean},
    {"finite_share", "share of finite outputs; with constant=1 the first unit has no deviation",
     "1", SHAPE " constant=1", .compute = finite_share},
    {"scale_effect", "change of the output when the input is multiplied by `factor`, relative", "1",
     SHAPE " factor=10", .compute = scale_effect},
    {"shift_effect", "change of the output when each unit is shifted by `shift` normal numbers",
     "1", SHAPE " shift=3", .compute = shift_effect},
    {"column_effect", "change of the output when one unit alone is multiplied by `factor`", "1",
     SHAPE " factor=10000", .compute = column_effect},
    {"company_effect_training",
     "change of a row's output in training when the other rows are exchanged, relative", "1", SHAPE,
     .compute = others_effect_training},
    {"company_effect_evaluation", "the same in evaluation", "1", SHAPE,
     .compute = others_effect_evaluation},
    {"mode_effect",
     "difference between training and evaluation with another mini-batch's statistics, relative",
     "1", SHAPE, .compute = mode_effect},
};

const struct formulas formulas_output = FORMULAS(rows);
