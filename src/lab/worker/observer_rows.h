/* Which test rows a run got wrong in the end, as series of its record. */
#pragma once

#include "lab/store/record.h"
#include "lab/worker/observation.h"

/* rows/wrong..., and of the bank's members bank/wrong..., where log.probes asks for them; after
 * the final metrics, which find out whether the run diverged. Of what has no number because it
 * diverged those of the best constant prediction. */
void observer_write_rows(const struct observer *observer, struct record *record);
