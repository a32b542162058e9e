#include "lab/runner/runner.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/files.h"
#include "io/lock.h"
#include "lab/runner/dry_run.h"
#include "lab/runner/merge.h"
#include "lab/runner/scheduler.h"

__attribute__((format(printf, 2, 3))) static void say(const struct runner_options *options,
                                                      const char *format, ...) {
    if (!options->messages)
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(options->messages, format, arguments);
    va_end(arguments);
    putc('\n', options->messages);
    fflush(options->messages);
}

/* ---- before ---- */

static const char *plural(int n) {
    return n == 1 ? "" : "s";
}

/* What the folder must have before the first run starts. */
static enum status prepare(const struct worklist *worklist, const struct runner_options *options) {
    worklist_sweep(worklist);
    return plan_file_publish(worklist->dir, worklist->plan, options->n_overrides,
                             options->overrides);
}

/* Files that are there and cannot be used. */
static void say_damaged(const struct worklist *worklist, const struct runner_options *options) {
    struct pool pool = {0};
    for (int i = 0; i < worklist->n_todo; i++) {
        const char *path = worklist_path(worklist, worklist->todo[i], &pool);
        if (!worklist->outcomes[worklist->todo[i]].finished && access(path, F_OK) == 0)
            say(options, "%s is damaged and is trained again", path);
    }
    pool_free(&pool);
}

static void say_before(const struct worklist *worklist, const struct runner_options *options) {
    const char *name = worklist->plan->experiment->name;
    say_damaged(worklist, options);
    if (worklist->n_other_build > 0)
        say(options, "%s: %d of the %d runs that are reused were made by another build of normlab",
            name, worklist->n_other_build, worklist->n_reused);
    if (worklist->n_todo == 0)
        return;
    say(options, "%s: %d run%s to do, %d at a time with %s%d thread%s each", name, worklist->n_todo,
        plural(worklist->n_todo), worklist->jobs, worklist->threads > 1 ? "up to " : "",
        worklist->threads, plural(worklist->threads));
    if (worklist->jobs * worklist->threads > worklist->cores)
        say(options, "%s: warning: %d job%s with %d thread%s on %d core%s get in each other's way",
            name, worklist->jobs, plural(worklist->jobs), worklist->threads,
            plural(worklist->threads), worklist->cores, plural(worklist->cores));
}

/* ---- the merged file ---- */

struct merge_job {
    const struct merge *merge;
    const char *path;
};

static enum status write_merged(void *argument) {
    const struct merge_job *job = argument;
    return merge_write(job->merge, job->path);
}

/* In a worker as well: a merge can be stopped like a run, and leaves as little. */
static enum status write_in_worker(const struct merge *merge, const struct worklist *worklist,
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

static enum status merge_runs(const struct scheduler *scheduler, bool *written) {
    const struct worklist *worklist = scheduler->worklist;
    const struct runner_options *options = scheduler->options;
    struct merge merge;
    enum status status = OK;
    merge_plan(&merge, worklist->plan, worklist->dir);
    *written = scheduler->n_started > 0 || !merge_is_current(&merge, worklist->merged);
    if (*written)
        status = write_in_worker(&merge, worklist, options);
    merge_free(&merge);
    return status;
}

/* ---- after ---- */

static void say_outcomes(const struct scheduler *scheduler, double seconds) {
    const struct worklist *worklist = scheduler->worklist;
    const char *name = worklist->plan->experiment->name;
    int n_complete = 0, n_diverged = 0, n_collapsed = 0;
    struct pool pool = {0};
    char took[DURATION_SIZE];
    for (int run = 0; run < worklist->plan->n_runs; run++) {
        const struct outcome *outcome = &worklist->outcomes[run];
        n_complete += outcome->finished && !outcome->diverged;
        n_diverged += outcome->finished && outcome->diverged;
        n_collapsed += outcome->finished && outcome->collapsed;
    }
    const char *now = worklist->n_todo == 0
                          ? "nothing to train"
                          : pool_format(&pool, "%d trained now in %s", scheduler->n_trained,
                                        duration_text(seconds, took));
    say(scheduler->options, "%s: %d run%s: %d complete, %d diverged, %d failed, %d collapsed; %s",
        name, worklist->n_taken, plural(worklist->n_taken), n_complete, n_diverged,
        scheduler->n_failed, n_collapsed, now);
    pool_free(&pool);
}

/* The path of the results goes to where another program reads it. */
static void say_after(const struct scheduler *scheduler, bool merged, bool written) {
    const struct worklist *worklist = scheduler->worklist;
    const struct runner_options *options = scheduler->options;
    int n_others = worklist_other_versions(worklist);
    if (n_others > 0)
        say(options, "%d run%s of other versions kept in %s", n_others, plural(n_others),
            worklist->dir);
    if (merged)
        say(options, "%snext: normlab plot %s", written ? "" : "the results are up to date\n",
            worklist->merged);
    else
        say(options, "runs: %s\nnext, when all shards are done: normlab merge %s", worklist->dir,
            worklist->dir);
    if (merged && options->listing)
        fprintf(options->listing, "%s\n", worklist->merged);
}

static enum status fail_runs(const struct scheduler *scheduler) {
    int n_left = scheduler->worklist->n_todo - scheduler->n_started;
    if (scheduler->n_failed == 0)
        return OK;
    if (n_left > 0)
        return fail(ERROR_RUN, "%d failed and %d were not started; first: %s", scheduler->n_failed,
                    n_left, scheduler->first_failure);
    return fail(ERROR_RUN, "%d of %d run%s failed, the same command tries again; first: %s",
                scheduler->n_failed, scheduler->worklist->n_taken,
                plural(scheduler->worklist->n_taken), scheduler->first_failure);
}

static enum status run_agenda(struct worklist *worklist, const struct runner_options *options) {
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

/* Shards share a folder, and write no merged file; all else has it alone. */
static enum status run_alone(struct worklist *worklist, const struct runner_options *options) {
    struct lock lock = {-1};
    bool shard = options->n_shards > 0;
    enum status status =
        shard ? OK : merge_check_path(worklist->merged, worklist->plan->experiment->name);
    if (!status)
        status = folder_create(worklist->dir);
    if (!status && !shard)
        status = lock_take(worklist->dir, &lock);
    if (!status)
        status = run_agenda(worklist, options);
    lock_release(&lock);
    return status;
}

enum status runner_run(const struct plan *plan, const struct runner_options *options) {
    struct worklist worklist;
    enum status status = OK;
    worklist_create(&worklist, plan, options);
    if (!options->dry_run)
        status = run_alone(&worklist, options);
    else if (options->listing)
        dry_run_list(&worklist, options->listing);
    worklist_free(&worklist);
    return status;
}
