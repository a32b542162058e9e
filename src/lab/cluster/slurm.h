/* Slurm's own programs: what a cluster allows, and a script sent to it. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

struct slurm_limits {
    int array_size;        /* tasks of an array */
    double seconds;        /* of a job in the partition; INFINITY: as long as it likes */
    double bytes;          /* of memory on a node of the partition; INFINITY: all it has */
    const char *partition; /* "": unknown */
    const char *unknown;   /* why Slurm does not say, and its defaults stand here; NULL: it does */
};

/* What `scontrol show config` and `show partition` say; `partition` NULL: of the default one. */
void slurm_limits_read(const char *partition, struct pool *pool, struct slurm_limits *limits);
/* Of all words "Name=value" or lines "Name = value" in the text the value of the first with this
 * name; NULL: there is none. */
const char *slurm_field(const char *text, const char *name, struct pool *pool);
/* "1-02:03:04", "02:03:04", "UNLIMITED" in seconds; NAN: none of these. */
double slurm_seconds(const char *text);
/* "2:05:00" of seconds, whole minutes, upwards. */
const char *slurm_duration(double seconds, struct pool *pool);

/* Sends a script; *job is its number. `after` NULL: at once; else it starts when all tasks of that
 * job have ended, however they ended. ERROR_RUN, with what sbatch said. */
enum status slurm_submit(const char *script, const char *after, struct pool *pool,
                         const char **job);
