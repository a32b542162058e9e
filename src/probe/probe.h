/* The probe table: what is observed while training. Same style as the normalizers: a row says what
 * it is called, its unit, when it is taken and how. Observing changes nothing in training.
 *
 * To add one: a function and a row in the file of its family, and it is logged, listed and plotted.
 */
#pragma once

#include <stdbool.h>

#include "nn/evaluate.h"

enum log_level { LOG_ECONOMY, LOG_STANDARD, LOG_FULL };

/* Along what a probe's numbers lie, and so in which group of the results they stand. */
enum probe_axis {
    PROBE_STEP,  /* step/<name>   [step]: taken from every step's stretch */
    PROBE_EPOCH, /* epoch/<name>  [epoch] */
    PROBE_LAYER, /* layer/<name>  [epoch, layer]: one number a linear layer */
    PROBE_UNITS, /* layer<k>/<name> [epoch, unit]: one number a unit of layer k */
    PROBE_TRACE, /* trace/<name>  [step]: at about PROBE_TRACES evenly spaced steps */
};

enum { PROBE_AXES = PROBE_TRACE + 1, PROBE_TRACES = 100, PROBE_SAMPLE_ROWS = 1000, PROBE_UNIT = 0 };

/* What a probe may look at. Pointers are NULL unless the row's `needs` asks for them. */
struct probe_view {
    const struct trainer *trainer; /* its batch is that of the last step */
    /* PROBE_NEEDS_UPDATE: all parameters as they were before the last step */
    const float *params_before;
    /* PROBE_NEEDS_SAMPLE: the first sample_rows training rows, forward in evaluation mode */
    const struct workspace *sample;
    int sample_rows;
    /* PROBE_NEEDS_UNIT: what goes into the activation of one unit (PROBE_UNIT) of the last hidden
     * layer on those rows, ascending, not-a-number last */
    const float *unit_inputs; /* [sample_rows] */
    /* PROBE_NEEDS_STATES: statistics of those rows, laid out as mlp->states */
    const float *sample_states;
};

enum probe_needs {
    PROBE_NEEDS_UPDATE = 1,
    PROBE_NEEDS_SAMPLE = 2,
    PROBE_NEEDS_STATES = 4,
    PROBE_NEEDS_UNIT = 8,
    PROBE_NEEDS_GRADIENT = 16, /* the weight matrices' dW of the last step */
};

struct probe {
    const char *name;
    const char *unit; /* UNIT_OF_LOSS: the unit of train.loss */
    const char *doc, *cost;
    enum probe_axis axis;
    enum log_level level; /* logged at this level and above */
    unsigned needs;       /* of enum probe_needs */
    /* Does it make sense for linear layer `layer` of this run (-1: the run as a whole)? NULL:
     * always. */
    bool (*applies)(const struct probe *probe, const struct trainer *trainer, int layer);
    /* PROBE_LAYER, PROBE_TRACE: one number into out[0] (layer is -1 for traces);
     * PROBE_UNITS: one number a unit. PROBE_STEP and PROBE_EPOCH rows have no function: they are
     * measured while training (lab/run.c), and stand in the table so that they are described once.
     */
    void (*observe)(const struct probe *probe, const struct probe_view *view, int layer,
                    double *out);
};

/* The table: step.c, epoch.c, layer_probes.c, trace.c, and a row for every vector that a normalizer
 * declares. */
int probe_count(void);
const struct probe *probe_get(int index);
const struct probe *probe_find(enum probe_axis axis, const char *name);
bool probe_applies(const struct probe *probe, const struct trainer *trainer, int layer);
/* Group of the results in which an axis' numbers stand: "step", "epoch", ..., "layer<k>". */
const char *probe_group(enum probe_axis axis);

/* Its unit in this run. */
const char *probe_unit(const struct probe *probe, const struct trainer *trainer);

/* The view's memory, filled afresh by probe_look. Stays where it was created: the view points into
 * it. */
struct probe_sampler {
    struct probe_view view;
    struct arena arena;
    struct workspace workspace;
    float *params_before, *states;
    float *preactivations; /* [sample_rows, width of the last hidden layer] */
    float *unit_inputs;
    int *labels;
};

/* Bytes that probe_sampler_create takes: the same counting pass. The trainer may be an outline. */
size_t probe_sampler_memory(const struct trainer *trainer, unsigned needs);
/* ERROR_RUN: out of memory. */
enum status probe_sampler_create(struct probe_sampler *sampler, const struct trainer *trainer,
                                 unsigned needs);
/* Before the step whose update is to be seen. */
void probe_before_step(struct probe_sampler *sampler);
/* Fills what `needs` names of the view: sample pass, one unit's inputs, sample statistics. */
enum status probe_look(struct probe_sampler *sampler, unsigned needs);
void probe_sampler_free(struct probe_sampler *sampler);
