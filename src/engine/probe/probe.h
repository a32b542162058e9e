/* The probe table: what is observed while training. Same style as the normalizers: a row says what
 * it is called, its unit, when it is taken and how. Observing changes nothing in training.
 *
 * To add one: a function and a row in the file of its family, and it is logged, listed and plotted.
 */
#pragma once

#include <stdbool.h>

#include "engine/diagnostics/diagnostics.h"

/* LOG_BY_NAME: at no level, only where log.probes names it. */
enum log_level { LOG_ECONOMY, LOG_STANDARD, LOG_FULL, LOG_BY_NAME };

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
    PROBE_CURVE,       /* curve/<name> [step]: at steps that grow by 2^(1/PROBE_CURVE_OCTAVE) */
    PROBE_ROWS,        /* rows/<name> [word]: a bit a test row, after the last step */
};

enum {
    PROBE_AXES = PROBE_ROWS + 1,
    PROBE_TRACES = 100,
    PROBE_MILESTONES = 10,
    PROBE_CURVE_OCTAVE = 20, /* points while the number of steps doubles */
};

struct probe;

/* What a probe sees: the trainer, whose batch is that of the last step, and the state of the
 * diagnostic that its row reads. */
struct probe_view {
    const struct probe *probe;
    const struct trainer *trainer;
    const void *state;
};

struct probe {
    const char *name;
    const char *unit; /* UNIT_OF_LOSS: the unit of train.loss */
    const char *doc, *cost;
    enum probe_axis axis;
    enum log_level level;           /* logged at this level and above, or by name */
    const struct diagnostic *reads; /* NULL: the trainer alone */
    /* Does it make sense for linear layer `layer` of this run (-1: the run as a whole)? NULL:
     * always. */
    bool (*applies)(const struct probe *probe, const struct trainer *trainer, int layer);
    /* One number into out[0], layer -1 where it is about the run as a whole; PROBE_UNITS: one
     * number a unit. PROBE_STEP, PROBE_EPOCH and PROBE_ROWS rows have no function: training and
     * evaluation measure them (lab/worker), and they stand in the table so that they are described
     * once. */
    void (*observe)(const struct probe_view *view, int layer, double *out);
};

/* The table: the rows of all families, and one for every field that a normalizer declares. */
int probe_count(void);
const struct probe *probe_get(int index);
const struct probe *probe_find(enum probe_axis axis, const char *name);
bool probe_applies(const struct probe *probe, const struct trainer *trainer, int layer);
/* Its numbers, after the diagnostic that it reads was measured. */
void probe_observe(const struct probe *probe, const struct diagnostics *diagnostics, int layer,
                   double *out);
/* The part of the table that it stands in: "step", "epoch", "layer", "trace", ...; "vector":
 * what a normalizer declares, vectors and the one numbers of layers. */
const char *probe_family(const struct probe *probe);
/* Group of the results in which an axis' numbers stand: "step", "epoch", ..., "layer<k>". */
const char *probe_group(enum probe_axis axis);

/* Its unit in this run. */
const char *probe_unit(const struct probe *probe, const struct trainer *trainer);

/* What log.probes says, beyond the level: names (all probes of the name, or group/name) and
 * families, separated by blanks or commas. probe_select.c */
bool probe_selected(const struct probe *probe, const char *words);
/* ERROR_USAGE: a word that is neither (did you mean ...?). */
enum status probe_check_words(const char *words);
/* What either selects. */
const char *probe_join_words(const char *a, const char *b, struct pool *pool);
