/* The laws, one function each, for the table in laws.c. */
#pragma once

#include "judge/check/fixture.h"
#include "judge/check/laws.h"

typedef void law_function(const struct norm_config *config, struct law_result *result);
typedef void law_shape_function(const struct norm_config *config, int B, int D,
                                struct law_result *result);

/* laws_declared.c: what the row says of itself. */
law_function law_declared, law_refusals, law_bias;
law_shape_function law_mixing, law_noise, law_eps;

/* laws_bits.c: equal bits, and who may write what. */
law_shape_function law_finite, law_writes, law_evaluation_writes, law_cuts, law_threads,
    law_outside, law_pure, law_nan;

/* laws_modes.c: training, evaluation, and the state between them. */
law_shape_function law_evaluation_rows, law_train_is_evaluation, law_frozen, law_population,
    law_held, law_update;

/* laws_gradient.c */
law_function law_gradient_input, law_gradient_param;

/* laws_facts.c */
law_function fact_rows, fact_scale, fact_shift, fact_unit_scale, fact_unit_shift, fact_row_scale,
    fact_row_shift, fact_cost;

/* Measures how many bits differ in outputs, gradients and state of two fixtures. */
void law_compare(const struct fixture *a, const struct fixture *b, const char *what,
                 struct law_result *result);
/* Numbers whose bits differ. */
long law_differences(const float *a, const float *b, size_t n);
static inline size_t law_elements(const struct fixture *fixture) {
    return (size_t)fixture->B * (size_t)fixture->D;
}
