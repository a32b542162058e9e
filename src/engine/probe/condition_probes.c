/* Condition numbers of what the first layer sees, at milestones. */
#include "engine/diagnostics/condition_number.h"
#include "engine/probe/probe.h"

static bool has_exact_hessian(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return condition_has_hessian(trainer);
}

static void input_condition(const struct probe_view *view, int layer, double *out) {
    const struct condition_number *condition = view->state;
    (void)layer;
    out[0] = condition->input;
}

static void input_null(const struct probe_view *view, int layer, double *out) {
    const struct condition_number *condition = view->state;
    (void)layer;
    out[0] = condition->null;
}

static void hessian_condition(const struct probe_view *view, int layer, double *out) {
    const struct condition_number *condition = view->state;
    (void)layer;
    out[0] = condition->hessian;
}

#define SAMPLE " the first layer's input on 1,000 training rows, running statistics"
#define COST "some (features)^3 operations, once; about 10 times a run with norm.on_input"
#define HESSIAN_COST                                                                               \
    COST "; cross-entropy: (weights)^2 times 500 and some (weights)^3, about 10 times a run"

const struct probe probe_condition_rows[] = {
    {"input_condition", "1",
     "largest over smallest eigenvalue of the second moments X'X / rows of" SAMPLE
     "; those up to 1e-10 of the largest are left out",
     COST, PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_condition_number, NULL, input_condition},
    {"input_null", "1",
     "eigenvalues of the second moments of" SAMPLE " that are at most 1e-10 of the largest", COST,
     PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_condition_number, NULL, input_null},
    {"hessian_condition", "1",
     "exact condition number of the Hessian of a network without hidden layers (squared loss; "
     "cross-entropy: up to 2,000 weights), for" SAMPLE
     "; eigenvalues up to 1e-10 of the largest are left out",
     HESSIAN_COST, PROBE_MILESTONE, LOG_BY_NAME, &diagnostic_condition_number, has_exact_hessian,
     hessian_condition},
    {0},
};
