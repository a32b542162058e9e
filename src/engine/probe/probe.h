/* The probe table: what is observed while training. Same style as the normalizers: a row says what
 * it is called, its unit, when it is taken and how. Observing changes nothing in training.
 *
 * To add one: a function and a row in the file of its family, and it is logged, listed and plotted.
 */
#pragma once

#include <stdbool.h>

#include "engine/diagnostics/condition.h"
#include "engine/diagnostics/diagnostics.h"
#include "engine/nn/evaluate.h"

/* LOG_ASKED: at no level, only where log.probes names it. */
enum log_level { LOG_ECONOMY, LOG_STANDARD, LOG_FULL, LOG_ASKED };

/* Along what a probe's numbers lie, and so in which group of the results they stand. */
enum probe_axis {
    PROBE_STEP,        /* step/<name>   [step]: taken from every step's stretch */
    PROBE_EPOCH,       /* epoch/<name>  [epoch] */
    PROBE_LAYER,       /* layer/<name>  [epoch, layer]: one number a linear layer */
    PROBE_UNITS,       /* layer<k>/<name> [epoch, unit]: one number a unit of layer k */
    PROBE_TRACE,       /* trace/<name>  [step]: at about PROBE_TRACES evenly spaced steps */
    PROBE_TRACE_LAYER, /* trace/<name>  [step, layer]: at the same steps, one number a linear layer
                        */
    PROBE_MILESTONE,   /* milestone/<name> [step]: at about PROBE_MILESTONES evenly spaced steps */
};

enum {
    PROBE_AXES = PROBE_MILESTONE + 1,
    PROBE_TRACES = 100,
    PROBE_MILESTONES = 10,
    PROBE_UNIT = 0,
};

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
    /* PROBE_NEEDS_VALIDATION: of all validation rows, running statistics */
    struct evaluation validation;
    /* PROBE_NEEDS_CONDITION: of the input of those rows */
    const struct input_moments *input;
    /* PROBE_NEEDS_MOMENTS and below: measured on the side */
    const struct studies *studies;
};

enum probe_needs {
    PROBE_NEEDS_UPDATE = 1,
    PROBE_NEEDS_SAMPLE = 2,
    PROBE_NEEDS_STATES = 4,
    PROBE_NEEDS_UNIT = 8,
    PROBE_NEEDS_GRADIENT = 16, /* the weight matrices' dW of the last step */
    PROBE_NEEDS_VALIDATION = 32,
    PROBE_NEEDS_MOMENTS = 256, /* of the studies, down to the responses */
    PROBE_NEEDS_DRIFT = 512,
    PROBE_NEEDS_RANGES = 1024, /* with PROBE_NEEDS_SAMPLE */
    PROBE_NEEDS_NOISE = 2048,
    PROBE_NEEDS_REMOVAL = 4096,
    PROBE_NEEDS_RESPONSE = 8192,
    PROBE_NEEDS_SLOPE = 1 << 16, /* the landscape; with each of the next five */
    PROBE_NEEDS_SCAN = 1 << 17,
    PROBE_NEEDS_WIDE_SCAN = 1 << 18,
    PROBE_NEEDS_SHIFT = 1 << 19,
    PROBE_NEEDS_HESSIAN = 1 << 20,
    PROBE_NEEDS_DECREASE = 1 << 22,
    PROBE_NEEDS_CONDITION = 1 << 21, /* with PROBE_NEEDS_SAMPLE */
    /* what must be there when the step before is made */
    PROBE_NEEDS_STEP = PROBE_NEEDS_UPDATE | PROBE_NEEDS_GRADIENT | PROBE_NEEDS_SLOPE,
};

struct probe {
    const char *name;
    const char *unit; /* UNIT_OF_LOSS: the unit of train.loss */
    const char *doc, *cost;
    enum probe_axis axis;
    enum log_level level; /* logged at this level and above, or by name */
    unsigned needs;       /* of enum probe_needs */
    /* Does it make sense for linear layer `layer` of this run (-1: the run as a whole)? NULL:
     * always. */
    bool (*applies)(const struct probe *probe, const struct trainer *trainer, int layer);
    /* One number into out[0], layer -1 where it is about the run as a whole; PROBE_UNITS: one
     * number a unit. PROBE_STEP and PROBE_EPOCH rows have no function: they are measured while
     * training (lab/worker/observer.c), and stand in the table so that they are described once.
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
/* The part of the table that it stands in: "step", "epoch", "layer", "trace", ...; "vector":
 * what a normalizer declares. */
const char *probe_family(const struct probe *probe);
/* Group of the results in which an axis' numbers stand: "step", "epoch", ..., "layer<k>". */
const char *probe_group(enum probe_axis axis);

/* Its unit in this run. */
const char *probe_unit(const struct probe *probe, const struct trainer *trainer);

/* What log.probes says, beyond the level: names (all probes of the name, or group/name) and
 * families, separated by blanks or commas. asked.c */
bool probe_asked(const struct probe *probe, const char *words);
/* ERROR_USAGE: a word that is neither (did you mean ...?). */
enum status probe_check_words(const char *words);
/* What either asks for. */
const char *probe_join_words(const char *a, const char *b, struct pool *pool);

/* The view's memory, filled afresh by probe_look. Stays where it was created: the view points into
 * it. */
struct probe_sampler {
    struct probe_view view;
    struct arena arena;
    struct workspace workspace;
    struct input_moments input;
    float *params_before, *states;
    float *preactivations; /* [sample_rows, width of the last hidden layer] */
    float *unit_inputs;
    struct target *targets;
    struct studies studies;
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
