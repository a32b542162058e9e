/* A sweep on its way to Slurm: its scripts, in the folder of its runs, and its jobs. */
#pragma once

#include "lab/cluster/shard_size.h"
#include "lab/cluster/slurm.h"
#include "lab/table/table.h"

struct submission {
    struct pool *pool;
    const struct worklist *worklist; /* its jobs and threads: of one task */
    struct runner_options *options;  /* checkpoint_s, run_limit_s, overrides */
    struct slurm_limits limits;
    struct shard_size size;
    int limit;             /* tasks at a time; 0: as many as the cluster starts */
    const char *templates; /* folder whose train.sh and finish.sh stand before ours; NULL: none */
    int n_plugins, n_sbatch;
    const char *const *plugins, *const *sbatch; /* shared objects; options for sbatch */
    const char *claim; /* the file with a claim on what was submitted; NULL: there is none */

    const char *folder, *train, *finish; /* "<dir>/slurm/3", its scripts' paths */
    const char *train_text, *finish_text;
    const char *train_job, *finish_job; /* their numbers */
};

/* The partition that the options for sbatch name, or several, "a,b"; NULL: none. */
const char *submission_partition(const struct submission *submission);
/* Seconds that one task may take, and bytes of memory. */
double submission_seconds(const struct submission *submission);
double submission_bytes(const struct submission *submission);

/* Chooses the folder, and makes the texts of the scripts; writes nothing. ERROR_USAGE: a template,
 * or an option for sbatch, that cannot be used. */
enum status submission_write_texts(struct submission *submission);
/* Publishes plan and scripts, sends both, and keeps the jobs' numbers beside them. ERROR_RUN. */
enum status submission_send(struct submission *submission);
