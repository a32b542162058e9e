/* What the tests of probes share: a small run, diagnostics of it, and the numbers that rows show.
 */
#pragma once

#include "engine/probe/probe.h"
#include "tests/support.h"

enum {
    LOOK_ROWS = 63, /* training rows: mini-batches of LOOK_B leave some over */
    LOOK_B = 10,
    LOOK_VALIDATION = 300, /* more than one chunk of an ablation */
    LOOK_USED = LOOK_ROWS / LOOK_B * LOOK_B,
};

/* All diagnostics but the Hessian, which takes longer than the others together. */
unsigned look_quick_set(void);

struct look {
    struct test_data *data;
    struct trainer *trainer;
    struct diagnostics diagnostics;
};

/* Two hidden tanh layers of 7 and 5 units (a smooth activation: no kink to fall on either side of)
 * and a normalizer. */
struct run_config look_config(const char *kind, long placement);
/* After some steps of training, the last of them seen; nothing is measured yet. */
struct look *look_create(const struct run_config *config, unsigned set, int n_threads);
void look_free(struct look *look);
void look_now(struct look *look, unsigned set);
double look_at(const struct look *look, enum probe_axis axis, const char *name, int layer);
/* The rows of a part as the oracle takes them: x [n, n_features] in double, labels [n]. */
void look_rows(const struct look *look, enum data_part part, long n, double *x, int *labels);

void look_expect(double value, double expected, double tolerance, const char *what);
