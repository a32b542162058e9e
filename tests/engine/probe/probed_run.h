/* What the tests of probes share: a small run, diagnostics of it, and the numbers that rows show.
 */
#pragma once

#include "engine/probe/probe.h"
#include "tests/support.h"

enum {
    PROBED_ROWS = 63, /* training rows: mini-batches of PROBED_B leave some over */
    PROBED_B = 10,
    PROBED_VALIDATION = 300, /* more than one chunk of an ablation */
    PROBED_USED = PROBED_ROWS / PROBED_B * PROBED_B,
};

/* All diagnostics but the Hessian, which takes longer than the others together. */
unsigned probed_quick_set(void);

struct probed {
    struct test_data *data;
    struct trainer *trainer;
    struct diagnostics diagnostics;
};

/* Two hidden tanh layers of 7 and 5 units (a smooth activation: no kink to fall on either side of)
 * and a normalizer. */
struct run_config probed_config(const char *kind, long placement);
/* After some steps of training, the last of them seen; nothing is measured yet. */
struct probed *probed_create(const struct run_config *config, unsigned set, int n_threads);
void probed_free(struct probed *run);
void probed_measure(struct probed *run, unsigned set);
double probed_value(const struct probed *run, enum probe_axis axis, const char *name, int layer);
/* The rows of a part as the oracle takes them: x [n, n_features] in double, labels [n]. */
void probed_rows(const struct probed *run, enum data_part part, long n, double *x, int *labels);

void probed_expect(double value, double expected, double tolerance, const char *what);
