/* What is taken as it is: of the last step its update and gradient, of the network what it makes of
 * a sample, the first training rows, and of the validation rows. Running statistics. */
#pragma once

#include "engine/diagnostics/diagnostics.h"
#include "engine/nn/evaluate.h"

enum { SAMPLE_ROWS = 1000, TRACED_UNIT = 0 };

static inline int sample_rows(long n_rows) {
    return n_rows < SAMPLE_ROWS ? (int)n_rows : SAMPLE_ROWS;
}

struct last_update {
    float *before; /* [n_params]: all parameters before the last step */
};

struct sample {
    int rows;
    struct workspace workspace; /* of a pass in evaluation mode */
    struct target *targets;     /* [rows] */
};

/* Statistics of the sample, laid out as mlp->states. */
struct sample_states {
    float *states;
};

/* What goes into the activation of unit TRACED_UNIT of the last hidden layer (there is one) on the
 * sample. */
struct unit_inputs {
    int rows;
    float *preactivations; /* [rows, width of the layer] */
    float *sorted;         /* [rows]: ascending, not-a-number last */
};

extern const struct diagnostic diagnostic_update;        /* struct last_update */
extern const struct diagnostic diagnostic_gradient;      /* no state: the trainer's dW */
extern const struct diagnostic diagnostic_sample;        /* struct sample */
extern const struct diagnostic diagnostic_sample_states; /* struct sample_states */
extern const struct diagnostic diagnostic_unit_inputs;   /* struct unit_inputs */
extern const struct diagnostic diagnostic_validation;    /* struct evaluation */
