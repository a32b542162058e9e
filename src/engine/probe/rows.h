/* The probe table's parts, one a file: rows end with a NULL name. */
#pragma once

#include "engine/probe/probe.h"

extern const struct probe probe_step_rows[];
extern const struct probe probe_epoch_rows[];
extern const struct probe probe_layer_rows[];
extern const struct probe probe_trace_rows[];
extern const struct probe probe_landscape_rows[];
extern const struct probe probe_ics_rows[];
extern const struct probe probe_decrease_rows[];
extern const struct probe probe_hessian_rows[];
extern const struct probe probe_condition_rows[];
extern const struct probe probe_unit_rows[];
extern const struct probe probe_noise_rows[];
extern const struct probe probe_removal_rows[];
extern const struct probe probe_response_rows[];
