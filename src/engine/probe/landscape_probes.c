/* The loss around the weights of a step: its slope, how it changes along the gradient and with each
 * layer's part of the step, its curvature. */
#include "engine/diagnostics/decrease.h"
#include "engine/diagnostics/hessian.h"
#include "engine/diagnostics/ics.h"
#include "engine/diagnostics/landscape_scan.h"
#include "engine/probe/applies.h"

/* ---- at the weights, and along the gradient ---- */

static void gradient_norm(const struct probe_view *view, int layer, double *out) {
    const struct landscape *landscape = view->state;
    (void)layer;
    out[0] = landscape->gradient_norm;
}

static void gradient_growth(const struct probe_view *view, int layer, double *out) {
    const struct landscape *landscape = view->state;
    out[0] = landscape->growth[layer];
}

static void loss_low(const struct probe_view *view, int layer, double *out) {
    const struct landscape_scan *scan = view->state;
    (void)layer;
    out[0] = scan->loss_low;
}

static void loss_high(const struct probe_view *view, int layer, double *out) {
    const struct landscape_scan *scan = view->state;
    (void)layer;
    out[0] = scan->loss_high;
}

static void predictiveness(const struct probe_view *view, int layer, double *out) {
    const struct landscape_scan *scan = view->state;
    (void)layer;
    out[0] = scan->predictiveness;
}

static void smoothness(const struct probe_view *view, int layer, double *out) {
    const struct landscape_scan *scan = view->state;
    (void)layer;
    out[0] = scan->smoothness;
}

#define STEP                                                                                       \
    ", on the mini-batch of the last step (at step 0: of the next), at the weights before it"
#define NEAR "7 values of s from 1/2 to 4 times the rate, at most 0.4"
#define WIDE "8 values of s from 1/100 to 30 times the rate, at most 0.4"
#define LOW(range) "smallest loss at w - s g, g the gradient; " range STEP
#define HIGH(range) "largest loss at w - s g, g the gradient; " range STEP
#define PREDICTIVENESS(range)                                                                      \
    "gradient predictiveness: largest distance of the gradient at w - s g from g; " range STEP
#define SMOOTHNESS(range)                                                                          \
    "effective beta-smoothness: largest distance of the gradient at w - s g from g over |s "       \
    "g|; " range STEP
#define TIMES(gradients) gradients ", about 100 times a run"

const struct probe probe_landscape_rows[] = {
    {"gradient_norm", UNIT_OF_LOSS, "Euclidean norm of the gradient of all parameters" STEP,
     TIMES("a gradient"), PROBE_TRACE, LOG_BY_NAME, &diagnostic_landscape, NULL, gradient_norm},
    {"gradient_growth", "1",
     "squared length of the gradient of a linear layer's output over that of the next layer's" STEP,
     TIMES("a gradient"), PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_landscape, applies_to_hidden,
     gradient_growth},
    {"loss_low", UNIT_OF_LOSS, LOW(NEAR), TIMES("8 gradients"), PROBE_TRACE, LOG_BY_NAME,
     &diagnostic_scan_near, NULL, loss_low},
    {"loss_high", UNIT_OF_LOSS, HIGH(NEAR), TIMES("8 gradients"), PROBE_TRACE, LOG_BY_NAME,
     &diagnostic_scan_near, NULL, loss_high},
    {"predictiveness", UNIT_OF_LOSS, PREDICTIVENESS(NEAR), TIMES("8 gradients"), PROBE_TRACE,
     LOG_BY_NAME, &diagnostic_scan_near, NULL, predictiveness},
    {"smoothness", UNIT_OF_LOSS, SMOOTHNESS(NEAR), TIMES("8 gradients"), PROBE_TRACE, LOG_BY_NAME,
     &diagnostic_scan_near, NULL, smoothness},
    {"wide_loss_low", UNIT_OF_LOSS, LOW(WIDE), TIMES("9 gradients"), PROBE_TRACE, LOG_BY_NAME,
     &diagnostic_scan_wide, NULL, loss_low},
    {"wide_loss_high", UNIT_OF_LOSS, HIGH(WIDE), TIMES("9 gradients"), PROBE_TRACE, LOG_BY_NAME,
     &diagnostic_scan_wide, NULL, loss_high},
    {"wide_predictiveness", UNIT_OF_LOSS, PREDICTIVENESS(WIDE), TIMES("9 gradients"), PROBE_TRACE,
     LOG_BY_NAME, &diagnostic_scan_wide, NULL, predictiveness},
    {"wide_smoothness", UNIT_OF_LOSS, SMOOTHNESS(WIDE), TIMES("9 gradients"), PROBE_TRACE,
     LOG_BY_NAME, &diagnostic_scan_wide, NULL, smoothness},
    {0},
};

/* ---- internal covariate shift ---- */

static void ics_norm(const struct probe_view *view, int layer, double *out) {
    const struct ics *ics = view->state;
    out[0] = ics->norm[layer];
}

static void ics_cosine(const struct probe_view *view, int layer, double *out) {
    const struct ics *ics = view->state;
    out[0] = ics->cosine[layer];
}

#define ICS_OF                                                                                     \
    "of the gradient of W before the last step and the one where the layers below have made it, "  \
    "same mini-batch (layer 0: none below)"
#define ICS_COST "a gradient a layer, about 100 times a run"

const struct probe probe_ics_rows[] = {
    {"ics_norm", UNIT_OF_LOSS, "internal covariate shift: distance " ICS_OF, ICS_COST,
     PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_ics, NULL, ics_norm},
    {"ics_cosine", "1", "internal covariate shift: cosine " ICS_OF, ICS_COST, PROBE_TRACE_LAYER,
     LOG_BY_NAME, &diagnostic_ics, NULL, ics_cosine},
    {0},
};

/* ---- what the last step took off the loss ---- */

static void decrease_whole(const struct probe_view *view, int layer, double *out) {
    const struct decrease *decrease = view->state;
    (void)layer;
    out[0] = decrease->whole;
}

static void decrease_alone(const struct probe_view *view, int layer, double *out) {
    const struct decrease *decrease = view->state;
    out[0] = decrease->alone[layer];
}

static void decrease_frozen(const struct probe_view *view, int layer, double *out) {
    const struct decrease *decrease = view->state;
    out[0] = decrease->frozen[layer];
}

#define TAKEN "what the last step takes off the loss of its own mini-batch"
#define DECREASE_COST "two losses a layer, about 100 times a run"

const struct probe probe_decrease_rows[] = {
    {"decrease", UNIT_OF_LOSS, TAKEN, DECREASE_COST, PROBE_TRACE, LOG_BY_NAME, &diagnostic_decrease,
     NULL, decrease_whole},
    {"decrease_alone", UNIT_OF_LOSS, TAKEN " where this layer alone makes it", DECREASE_COST,
     PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_decrease, NULL, decrease_alone},
    {"decrease_frozen", UNIT_OF_LOSS, TAKEN " where all layers but this one make it", DECREASE_COST,
     PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_decrease, NULL, decrease_frozen},
    {0},
};

/* ---- curvature ---- */

static void hessian_largest(const struct probe_view *view, int layer, double *out) {
    const struct hessian *hessian = view->state;
    (void)layer;
    out[0] = hessian->largest;
}

static void hessian_mean(const struct probe_view *view, int layer, double *out) {
    const struct hessian *hessian = view->state;
    (void)layer;
    out[0] = hessian->mean;
}

static void hessian_rms(const struct probe_view *view, int layer, double *out) {
    const struct hessian *hessian = view->state;
    (void)layer;
    out[0] = hessian->rms;
}

static void hessian_ratio(const struct probe_view *view, int layer, double *out) {
    const struct hessian *hessian = view->state;
    (void)layer;
    out[0] = hessian->largest / hessian->mean;
}

#define OF_HESSIAN                                                                                 \
    " of the Hessian of the loss, all parameters, on the mini-batch of the last step (at step 0: " \
    "of the next), at the weights before it"
#define HESSIAN_COST "about 130 gradients, about 10 times a run"

const struct probe probe_hessian_rows[] = {
    {"hessian_largest", UNIT_OF_LOSS, "largest eigenvalue" OF_HESSIAN, HESSIAN_COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_hessian, NULL, hessian_largest},
    {"hessian_mean", UNIT_OF_LOSS, "mean eigenvalue" OF_HESSIAN, HESSIAN_COST, PROBE_MILESTONE,
     LOG_BY_NAME, &diagnostic_hessian, NULL, hessian_mean},
    {"hessian_rms", UNIT_OF_LOSS, "root mean square of the eigenvalues" OF_HESSIAN, HESSIAN_COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_hessian, NULL, hessian_rms},
    {"hessian_ratio", "1",
     "largest eigenvalue over the mean one (which may be negative)" OF_HESSIAN, HESSIAN_COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_hessian, NULL, hessian_ratio},
    {0},
};
