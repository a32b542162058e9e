/* The machine that a run was made on, for provenance. */
#pragma once

#include "base/pool.h"

/* "Intel(R) Xeon(R) Processor @ 2.50GHz", from the system; "unknown" where it does not say. */
const char *machine_processor(struct pool *pool);
