/* Where a run's numbers come from. */
#pragma once

#include <time.h>

#include "engine/nn/trainer.h"
#include "lab/store/record.h"

/* Time, program, machine, threads, the plugin of the normalizer: all that two runs of the same
 * configuration may differ in. */
void provenance_write(const struct trainer *trainer, time_t started, struct record *record);
