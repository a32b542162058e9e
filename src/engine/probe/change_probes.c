/* What happens where something is changed: another mini-batch around an example, a first layer
 * that is moved, a unit that is removed. Rows that are logged by name. */
#include <math.h>
#include <string.h>

#include "engine/diagnostics/ablation.h"
#include "engine/diagnostics/batch_noise.h"
#include "engine/diagnostics/response.h"
#include "engine/probe/applies.h"

static bool is_hidden_with_validation(const struct probe *probe, const struct trainer *trainer,
                                      int layer) {
    return applies_to_hidden(probe, trainer, layer) &&
           applies_with_validation(probe, trainer, layer);
}

/* ---- another mini-batch ---- */

static void batch_noise(const struct probe_view *view, int layer, double *out) {
    const struct batch_noise *noise = view->state;
    out[0] = noise->variance[layer];
}

#define NOISE_COST "forward passes over 8 x 32 mini-batches in training mode"

const struct probe probe_noise_rows[] = {
    {"batch_noise", "1",
     "variance, over 32 random mini-batches that contain an example, of what the normalizer makes "
     "of it (training mode; mean over units and the first 8 training rows; in a layer without a "
     "normalizer, of its output)",
     NOISE_COST, PROBE_LAYER, LOG_BY_NAME, &diagnostic_batch_noise, NULL, batch_noise},
    {0},
};

/* ---- a unit removed ---- */

static const double *increases(const struct probe_view *view, int layer) {
    const struct ablation *ablation = view->state;
    return ablation->increase + ablation->first[layer];
}

static void removal_mean(const struct probe_view *view, int layer, double *out) {
    const double *increase = increases(view, layer);
    int D = view->trainer->mlp.layers[layer].out;
    double sum = 0;
    for (int j = 0; j < D; j++)
        sum += increase[j];
    out[0] = sum / D;
}

static void removal_largest(const struct probe_view *view, int layer, double *out) {
    const double *increase = increases(view, layer);
    out[0] = increase[0];
    for (int j = 1; j < view->trainer->mlp.layers[layer].out; j++)
        out[0] = fmax(out[0], increase[j]);
}

static void removal(const struct probe_view *view, int layer, double *out) {
    memcpy(out, increases(view, layer), (size_t)view->trainer->mlp.layers[layer].out * sizeof *out);
}

#define REMOVED                                                                                    \
    "increase of the error on the first 1,000 validation rows where one unit's output is "         \
    "replaced by its mean over them"
#define REMOVAL_COST                                                                               \
    "for every hidden unit a pass of 1,000 validation rows through the layers above it"

const struct probe probe_removal_rows[] = {
    {"removal_mean", "1", REMOVED " (mean over the layer's units; running statistics)",
     REMOVAL_COST, PROBE_LAYER, LOG_BY_NAME, &diagnostic_ablation, is_hidden_with_validation,
     removal_mean},
    {"removal_largest", "1", REMOVED " (largest of the layer's units; running statistics)",
     REMOVAL_COST, PROBE_LAYER, LOG_BY_NAME, &diagnostic_ablation, is_hidden_with_validation,
     removal_largest},
    {"removal", "1", REMOVED " (running statistics)", REMOVAL_COST, PROBE_UNITS, LOG_BY_NAME,
     &diagnostic_ablation, is_hidden_with_validation, removal},
    {0},
};

/* ---- a first layer that is moved ---- */

extern const struct probe probe_response_rows[];

/* Rows stand in the order of changes, and for each of them of modes. */
static void response_change(const struct probe_view *view, int layer, double *out) {
    const struct response *response = view->state;
    long i = view->probe - probe_response_rows;
    out[0] = response->change[i % RESPONSE_MODES][i / RESPONSE_MODES][layer];
}

static void response_loss(const struct probe_view *view, int layer, double *out) {
    const struct response *response = view->state;
    (void)layer;
    long i = view->probe - probe_response_rows - RESPONSE_MODES * RESPONSE_CHANGES;
    out[0] = response->loss[i % RESPONSE_MODES][i / RESPONSE_MODES];
}

#define NOISE "where the first layer's weights get noise of 0.1 of their rms"
#define SCALE "where the first layer's weights are 1.1 times as large"
#define SHIFT                                                                                      \
    "where each unit of the first layer is shifted before its normalizer and activation, by a "    \
    "normal number times 0.1 of their rms"
#define TRAIN "(statistics as in training)"
#define EVAL "(running statistics as they are)"
#define OUTPUTS                                                                                    \
    "rms change of the layer's outputs on about 1,000 training rows, in their rms deviations, "
#define LOSS "change of the loss on about 1,000 training rows, "
#define RESPONSE_COST "24 passes over 1,000 training rows"

const struct probe probe_response_rows[] = {
    {"response_noise_train", "1", OUTPUTS NOISE " " TRAIN, RESPONSE_COST, PROBE_LAYER, LOG_BY_NAME,
     &diagnostic_response, NULL, response_change},
    {"response_noise_eval", "1", OUTPUTS NOISE " " EVAL, RESPONSE_COST, PROBE_LAYER, LOG_BY_NAME,
     &diagnostic_response, NULL, response_change},
    {"response_scale_train", "1", OUTPUTS SCALE " " TRAIN, RESPONSE_COST, PROBE_LAYER, LOG_BY_NAME,
     &diagnostic_response, NULL, response_change},
    {"response_scale_eval", "1", OUTPUTS SCALE " " EVAL, RESPONSE_COST, PROBE_LAYER, LOG_BY_NAME,
     &diagnostic_response, NULL, response_change},
    {"response_shift_train", "1", OUTPUTS SHIFT " " TRAIN, RESPONSE_COST, PROBE_LAYER, LOG_BY_NAME,
     &diagnostic_response, NULL, response_change},
    {"response_shift_eval", "1", OUTPUTS SHIFT " " EVAL, RESPONSE_COST, PROBE_LAYER, LOG_BY_NAME,
     &diagnostic_response, NULL, response_change},
    {"response_loss_noise_train", UNIT_OF_LOSS, LOSS NOISE " " TRAIN, RESPONSE_COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_response, NULL, response_loss},
    {"response_loss_noise_eval", UNIT_OF_LOSS, LOSS NOISE " " EVAL, RESPONSE_COST, PROBE_MILESTONE,
     LOG_BY_NAME, &diagnostic_response, NULL, response_loss},
    {"response_loss_scale_train", UNIT_OF_LOSS, LOSS SCALE " " TRAIN, RESPONSE_COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_response, NULL, response_loss},
    {"response_loss_scale_eval", UNIT_OF_LOSS, LOSS SCALE " " EVAL, RESPONSE_COST, PROBE_MILESTONE,
     LOG_BY_NAME, &diagnostic_response, NULL, response_loss},
    {"response_loss_shift_train", UNIT_OF_LOSS, LOSS SHIFT " " TRAIN, RESPONSE_COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_response, NULL, response_loss},
    {"response_loss_shift_eval", UNIT_OF_LOSS, LOSS SHIFT " " EVAL, RESPONSE_COST, PROBE_MILESTONE,
     LOG_BY_NAME, &diagnostic_response, NULL, response_loss},
    {0},
};
