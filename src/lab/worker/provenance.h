/* Where a run's numbers come from. */
#pragma once

#include "lab/store/record.h"
#include "lab/worker/observation.h"

/* Time, program, machine, threads, the plugin of the normalizer: all that two runs of the same
 * configuration may differ in. */
void provenance_write(const struct observer *observer, struct record *record);
