/* The machine: its processor's name, for provenance, and how much of it this process may use. */
#pragma once

#include <stdint.h>

#include "base/pool.h"

/* "Intel(R) Xeon(R) Processor @ 2.50GHz", from the system; "unknown" where it does not say. */
const char *machine_processor(struct pool *pool);

/* Bytes of main memory that this process may use: the machine's, or less by its container. */
uint64_t machine_memory(void);
/* Those that control groups allow this process and those above it, together with whatever else is
 * in the group; INFINITY: as many as there are. `root` as of machine_quota. */
double machine_memory_limit(const char *root);

/* Cores this process may use, at least 1: by its affinity, its container's share of time (the
 * nearest whole number), SLURM_CPUS_PER_TASK. */
int machine_cores(void);
/* The processor time that control groups allow this process and those above it, in processors, by
 * /proc/self; INFINITY: as much as there is. `root`: "", or a folder that stands for "/". */
double machine_quota(const char *root);
