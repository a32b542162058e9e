/* What the tests of probes share: a small run, a sampler on it, and the numbers that rows show. */
#pragma once

#include "engine/probe/probe.h"
#include "tests/support.h"

enum {
    LOOK_ROWS = 63, /* training rows: mini-batches of LOOK_B leave some over */
    LOOK_B = 10,
    LOOK_VALIDATION = 300, /* more than are looked at at a time */
    LOOK_USED = LOOK_ROWS / LOOK_B * LOOK_B,
    LOOK_NEEDS = PROBE_NEEDS_MOMENTS | PROBE_NEEDS_DRIFT | PROBE_NEEDS_SAMPLE | PROBE_NEEDS_RANGES |
                 PROBE_NEEDS_NOISE | PROBE_NEEDS_REMOVAL | PROBE_NEEDS_RESPONSE,
};

struct look {
    struct test_data *data;
    struct trainer *trainer;
    struct probe_sampler sampler;
};

/* Two hidden tanh layers of 7 and 5 units (a smooth activation: no kink to fall on either side of)
 * and a normalizer. */
struct run_config look_config(const char *kind, long placement);
/* After some steps of training; nothing has been looked at. */
struct look *look_create(const struct run_config *config, unsigned needs, int n_threads);
void look_free(struct look *look);
void look_now(struct look *look, unsigned needs);
double look_at(const struct look *look, enum probe_axis axis, const char *name, int layer);
/* The rows of a part as the oracle takes them: x [n, n_features] in double, labels [n]. */
void look_rows(const struct look *look, enum data_part part, long n, double *x, int *labels);

void look_expect(double value, double expected, double tolerance, const char *what);
