/* The order of things in `normlab run`: lock, plan.json, training, merge. */
#include "lab/runner/runner.h"

#include "base/clock.h"
#include "io/files.h"
#include "io/lock.h"
#include "lab/merge/merge_file.h"
#include "lab/runner/dry_run.h"
#include "lab/runner/runner_messages.h"
#include "lab/runner/scheduler.h"

/* ---- the merged file ---- */

struct merge_job {
    struct merge *merge;
    const char *path;
};

static enum status write_merged(void *argument) {
    const struct merge_job *job = argument;
    return merge_write(job->merge, job->path);
}

/* A merge runs in a worker, too: it can be stopped like a run, and leaves as little behind. */
static enum status write_in_worker(struct merge *merge, const struct worklist *worklist,
                                   const struct runner_options *options) {
    struct merge_job job = {merge, worklist->merged};
    struct workers workers;
    struct worker_end end;
    pid_t pid;
    enum worker_event event = WORKERS_TIMEOUT;
    enum status status = workers_open(&workers, 1);
    if (status)
        return status;
    status = workers_start(&workers, 0, write_merged, &job, &pid);
    while (!status && event == WORKERS_TIMEOUT)
        event = workers_wait(&workers, 60, &end);
    if (event == WORKERS_STOP)
        status = scheduler_stop(&workers, worklist, options->messages);
    else if (event == WORKER_ENDED && end.status != OK)
        status = fail(end.status, "cannot merge: %s", end.reason);
    workers_close(&workers);
    return status;
}

/* A run that this call has seen finished is not merged away because its file is gone since. */
static enum status check_lost(const struct merge *merge, const struct worklist *worklist) {
    struct pool pool = {0};
    enum status status = OK;
    for (int run = 0; run < merge->n_runs && !status; run++)
        if (worklist->outcomes[run].state == RUN_FINISHED && !merge->runs[run].path)
            status = fail(ERROR_RUN, "cannot merge: %s was finished and %s",
                          worklist_path(worklist, run, &pool),
                          merge->runs[run].damaged ? "no longer holds its run" : "is gone");
    pool_free(&pool);
    return status;
}

static enum status merge_runs(const struct scheduler *scheduler, bool *written) {
    const struct worklist *worklist = scheduler->worklist;
    const struct runner_options *options = scheduler->options;
    struct merge merge;
    enum status status = merge_plan(&merge, worklist->plan, worklist->dir);
    if (status)
        return fail_in(status, "cannot merge");
    merge.force = options->force;
    status = check_lost(&merge, worklist);
    *written = scheduler->n_started > 0 || !merge_is_current(&merge, worklist->merged);
    if (!status && *written)
        status = write_in_worker(&merge, worklist, options);
    merge_free(&merge);
    return status;
}

/* ---- everything ---- */

/* What the folder must have before the first run starts. */
static enum status prepare(const struct worklist *worklist, const struct runner_options *options) {
    worklist_sweep(worklist);
    worklist_drop_checkpoints(worklist, options->force);
    return plan_file_publish(worklist->dir, worklist->plan, options->n_overrides,
                             options->overrides);
}

static enum status run_worklist(struct worklist *worklist, const struct runner_options *options) {
    struct scheduler scheduler;
    double begin_s = clock_seconds();
    bool merged = options->n_shards == 0, written = false;
    enum status status = prepare(worklist, options);
    if (status)
        return status;
    say_before(worklist, options);
    status = scheduler_run(&scheduler, worklist, options);
    if (status)
        return status;
    if (merged)
        status = merge_runs(&scheduler, &written);
    worklist_sweep(worklist); /* what a worker that was killed has left */
    say_outcomes(&scheduler, clock_seconds() - begin_s);
    if (status)
        return status;
    say_after(&scheduler, merged, written);
    return fail_runs(&scheduler);
}

enum status runner_check_merged(const struct worklist *worklist,
                                const struct runner_options *options) {
    struct merge merge;
    int n_dropped;
    merge_begin_plan(&merge, worklist->plan);
    merge.force = options->force;
    enum status status = merge_check_path(&merge, worklist->merged, &n_dropped);
    if (!status && n_dropped > 0)
        say_dropped(worklist, options, n_dropped);
    merge_free(&merge);
    return status;
}

/* Shards share a folder and write no merged file; any other call has the folder to itself. */
static enum status run_alone(struct worklist *worklist, const struct runner_options *options) {
    struct lock lock = {-1};
    bool shard = options->n_shards > 0;
    enum status status = shard ? OK : runner_check_merged(worklist, options);
    if (!status)
        status = folder_create(worklist->dir);
    if (!status && options->stage)
        status = folder_create(options->stage);
    if (!status && !shard)
        status = lock_take(worklist->dir, &lock);
    if (!status)
        status = worklist_look(worklist, options);
    if (!status)
        status = run_worklist(worklist, options);
    lock_release(&lock);
    return status;
}

static enum status list_worklist(struct worklist *worklist, const struct runner_options *options) {
    enum status status = worklist_look(worklist, options);
    struct table own = {0}, *table = options->listed ? options->listed : &own;
    if (status || !(options->listing || options->listed))
        return status;
    if (options->keys)
        dry_run_keys(worklist->plan, table);
    else if (options->tsv || options->listed)
        dry_run_table(worklist, table);
    else
        dry_run_list(worklist, options->listing);
    if (!options->listed && (options->keys || options->tsv))
        table_write_tsv(table, options->listing);
    table_free(&own);
    return OK;
}

enum status runner_run(const struct plan *plan, const struct runner_options *options) {
    struct worklist worklist;
    worklist_create(&worklist, plan, options);
    enum status status =
        options->dry_run ? list_worklist(&worklist, options) : run_alone(&worklist, options);
    worklist_free(&worklist);
    return status;
}
