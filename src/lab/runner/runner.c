#include "lab/runner/runner.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/files.h"
#include "io/lock.h"
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
static enum status prepare(const struct agenda *agenda, const struct runner_options *options) {
    agenda_sweep(agenda);
    return plan_file_publish(agenda->dir, agenda->plan, options->n_overrides, options->overrides);
}

/* Files that are there and cannot be used. */
static void say_damaged(const struct agenda *agenda, const struct runner_options *options) {
    struct pool pool = {0};
    for (int i = 0; i < agenda->n_todo; i++) {
        const char *path = agenda_path(agenda, agenda->todo[i], &pool);
        if (!agenda->outcomes[agenda->todo[i]].finished && access(path, F_OK) == 0)
            say(options, "%s is damaged and is trained again", path);
    }
    pool_free(&pool);
}

static void say_before(const struct agenda *agenda, const struct runner_options *options) {
    const char *name = agenda->plan->experiment->name;
    say_damaged(agenda, options);
    if (agenda->n_other_build > 0)
        say(options, "%s: %d of the %d runs that are reused were made by another build of normlab",
            name, agenda->n_other_build, agenda->n_reused);
    if (agenda->n_todo == 0)
        return;
    say(options, "%s: %d run%s to do, %d at a time with %s%d thread%s each", name, agenda->n_todo,
        plural(agenda->n_todo), agenda->jobs, agenda->threads > 1 ? "up to " : "", agenda->threads,
        plural(agenda->threads));
    if (agenda->jobs * agenda->threads > agenda->cores)
        say(options, "%s: warning: %d job%s with %d thread%s on %d core%s get in each other's way",
            name, agenda->jobs, plural(agenda->jobs), agenda->threads, plural(agenda->threads),
            agenda->cores, plural(agenda->cores));
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
static enum status write_in_worker(const struct merge *merge, const struct agenda *agenda,
                                   const struct runner_options *options) {
    struct merge_job job = {merge, agenda->merged};
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
        status = training_stop(&workers, agenda, options->messages);
    else if (event == WORKER_ENDED && end.status != OK)
        status = fail(end.status, "cannot merge: %s", end.reason);
    workers_close(&workers);
    return status;
}

static enum status merge_runs(const struct training *training, bool *written) {
    const struct agenda *agenda = training->agenda;
    const struct runner_options *options = training->options;
    struct merge merge;
    enum status status = OK;
    merge_plan(&merge, agenda->plan, agenda->dir);
    *written = training->n_started > 0 || !merge_is_current(&merge, agenda->merged);
    if (*written)
        status = write_in_worker(&merge, agenda, options);
    merge_free(&merge);
    return status;
}

/* ---- after ---- */

static void say_outcomes(const struct training *training, double seconds) {
    const struct agenda *agenda = training->agenda;
    const char *name = agenda->plan->experiment->name;
    int n_complete = 0, n_diverged = 0, n_collapsed = 0;
    struct pool pool = {0};
    char took[DURATION_SIZE];
    for (int run = 0; run < agenda->plan->n_runs; run++) {
        const struct outcome *outcome = &agenda->outcomes[run];
        n_complete += outcome->finished && !outcome->diverged;
        n_diverged += outcome->finished && outcome->diverged;
        n_collapsed += outcome->finished && outcome->collapsed;
    }
    const char *now = agenda->n_todo == 0
                          ? "nothing to train"
                          : pool_format(&pool, "%d trained now in %s", training->n_trained,
                                        duration_text(seconds, took));
    say(training->options, "%s: %d run%s: %d complete, %d diverged, %d failed, %d collapsed; %s",
        name, agenda->n_taken, plural(agenda->n_taken), n_complete, n_diverged, training->n_failed,
        n_collapsed, now);
    pool_free(&pool);
}

/* The path of the results goes to where another program reads it. */
static void say_after(const struct training *training, bool merged, bool written) {
    const struct agenda *agenda = training->agenda;
    const struct runner_options *options = training->options;
    int n_others = agenda_other_versions(agenda);
    if (n_others > 0)
        say(options, "%d run%s of other versions kept in %s", n_others, plural(n_others),
            agenda->dir);
    if (merged)
        say(options, "%snext: normlab plot %s", written ? "" : "the results are up to date\n",
            agenda->merged);
    else
        say(options, "runs: %s\nnext, when all shards are done: normlab merge %s", agenda->dir,
            agenda->dir);
    if (merged && options->listing)
        fprintf(options->listing, "%s\n", agenda->merged);
}

static enum status fail_runs(const struct training *training) {
    int n_left = training->agenda->n_todo - training->n_started;
    if (training->n_failed == 0)
        return OK;
    if (n_left > 0)
        return fail(ERROR_RUN, "%d failed and %d were not started; first: %s", training->n_failed,
                    n_left, training->first_failure);
    return fail(ERROR_RUN, "%d of %d run%s failed, the same command tries again; first: %s",
                training->n_failed, training->agenda->n_taken, plural(training->agenda->n_taken),
                training->first_failure);
}

static enum status run_agenda(struct agenda *agenda, const struct runner_options *options) {
    struct training training;
    double begin_s = clock_seconds();
    bool merged = options->n_shards == 0, written = false;
    enum status status = prepare(agenda, options);
    if (status)
        return status;
    say_before(agenda, options);
    status = training_run(&training, agenda, options);
    if (status)
        return status;
    if (merged)
        status = merge_runs(&training, &written);
    agenda_sweep(agenda); /* what a worker that was killed has left */
    say_outcomes(&training, clock_seconds() - begin_s);
    if (status)
        return status;
    say_after(&training, merged, written);
    return fail_runs(&training);
}

/* Shards share a folder, and write no merged file; all else has it alone. */
static enum status run_alone(struct agenda *agenda, const struct runner_options *options) {
    struct lock lock = {-1};
    bool shard = options->n_shards > 0;
    enum status status =
        shard ? OK : merge_check_path(agenda->merged, agenda->plan->experiment->name);
    if (!status)
        status = folder_create(agenda->dir);
    if (!status && !shard)
        status = lock_take(agenda->dir, &lock);
    if (!status)
        status = run_agenda(agenda, options);
    lock_release(&lock);
    return status;
}

enum status runner_run(const struct plan *plan, const struct runner_options *options) {
    struct agenda agenda;
    enum status status = OK;
    agenda_create(&agenda, plan, options);
    if (!options->dry_run)
        status = run_alone(&agenda, options);
    else if (options->listing)
        agenda_list(&agenda, options->listing);
    agenda_free(&agenda);
    return status;
}
