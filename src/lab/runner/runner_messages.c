/* What `normlab run` tells a person before and after its runs are trained. */
#include "lab/runner/runner_messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "io/json_writer.h"

__attribute__((format(printf, 2, 3))) static void say(const struct runner_options *options,
                                                      const char *format, ...) {
    if (!options->messages)
        return;
    va_list arguments;
    va_start(arguments, format);
    text_vprint(options->messages, format, arguments);
    va_end(arguments);
    putc('\n', options->messages);
    fflush(options->messages); /* a message: there is nobody else to tell */
}

/* ---- before ---- */

/* Files that are there and cannot be used. */
static void say_damaged(const struct worklist *worklist, const struct runner_options *options) {
    struct pool pool = {0};
    for (int i = 0; i < worklist->n_todo; i++) {
        int run = worklist->todo[i];
        if (worklist->outcomes[run].state == RUN_DAMAGED)
            say(options, "%s is damaged and is trained again", worklist_path(worklist, run, &pool));
    }
    pool_free(&pool);
}

/* The first event; those of the runs are the journal's, and tell_outcomes writes the last. */
static void tell_plan(const struct worklist *worklist, const struct runner_options *options) {
    struct json_writer line = {.out = options->events};
    if (!options->events)
        return;
    json_open_object(&line, NULL, &json_one_line);
    json_put_text(&line, "event", "plan");
    json_put_text(&line, "name", worklist->plan->experiment->name);
    json_put(&line, "runs", "%d", worklist->n_taken);
    json_put(&line, "todo", "%d", worklist->n_todo);
    json_put(&line, "jobs", "%d", worklist->jobs);
    json_put(&line, "threads", "%d", worklist->threads);
    json_close(&line);
    fflush(options->events); /* the program asks at its end whether all was written */
}

void say_before(const struct worklist *worklist, const struct runner_options *options) {
    const char *name = worklist->plan->experiment->name;
    tell_plan(worklist, options);
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

void say_dropped(const struct worklist *worklist, const struct runner_options *options, int n) {
    say(options,
        "%s: %d finished run%s of %s %s no longer in the definition and will leave that file; "
        "their own files stay in %s",
        worklist->plan->experiment->name, n, plural(n), worklist->merged, n == 1 ? "is" : "are",
        worklist->dir);
}

/* ---- after ---- */

static void tell_outcomes(const struct scheduler *scheduler, int n_complete, int n_diverged,
                          int n_collapsed, double seconds) {
    const struct worklist *worklist = scheduler->worklist;
    const struct runner_options *options = scheduler->options;
    struct json_writer line = {.out = options->events};
    if (!options->events)
        return;
    json_open_object(&line, NULL, &json_one_line);
    json_put_text(&line, "event", "summary");
    json_put_text(&line, "name", worklist->plan->experiment->name);
    json_put(&line, "runs", "%d", worklist->n_taken);
    json_put(&line, "complete", "%d", n_complete);
    json_put(&line, "diverged", "%d", n_diverged);
    json_put(&line, "failed", "%d", scheduler->n_failed);
    json_put(&line, "timed_out", "%d", scheduler->n_timed_out);
    json_put(&line, "collapsed", "%d", n_collapsed);
    json_put(&line, "trained", "%d", scheduler->n_trained);
    json_put(&line, "seconds", "%.3f", seconds);
    json_put_text(&line, "results", options->n_shards ? worklist->dir : worklist->merged);
    json_close(&line);
}

void say_outcomes(const struct scheduler *scheduler, double seconds) {
    const struct worklist *worklist = scheduler->worklist;
    const char *name = worklist->plan->experiment->name;
    int n_complete = 0, n_diverged = 0, n_collapsed = 0;
    struct pool pool = {0};
    char took[DURATION_SIZE];
    for (int run = 0; run < worklist->plan->n_runs; run++) {
        const struct outcome *outcome = &worklist->outcomes[run];
        n_complete += outcome->state == RUN_FINISHED && !outcome->diverged;
        n_diverged += outcome->state == RUN_FINISHED && outcome->diverged;
        n_collapsed += outcome->state == RUN_FINISHED && outcome->collapsed;
    }
    tell_outcomes(scheduler, n_complete, n_diverged, n_collapsed, seconds);
    const char *now = worklist->n_todo == 0
                          ? "nothing to train"
                          : pool_format(&pool, "%d trained now in %s", scheduler->n_trained,
                                        duration_text(seconds, took));
    const char *timed_out =
        scheduler->n_timed_out ? pool_format(&pool, " (%d timed out)", scheduler->n_timed_out) : "";
    const char *collapsed =
        n_collapsed ? pool_format(&pool, " (%d of them collapsed)", n_collapsed) : "";
    say(scheduler->options, "%s: %d run%s: %d complete%s, %d diverged, %d failed%s; %s", name,
        worklist->n_taken, plural(worklist->n_taken), n_complete, collapsed, n_diverged,
        scheduler->n_failed, timed_out, now);
    pool_free(&pool);
}

void say_after(const struct scheduler *scheduler, bool merged, bool written) {
    const struct worklist *worklist = scheduler->worklist;
    const struct runner_options *options = scheduler->options;
    struct pool pool = {0};
    int n_others = worklist_other_versions(worklist, ".h5");
    int n_checkpoints = worklist_other_versions(worklist, ".checkpoint");
    if (n_others > 0)
        say(options,
            "%d run%s of other versions kept in %s; `normlab gc` lists what nothing asks for",
            n_others, plural(n_others), worklist->dir);
    if (n_checkpoints > 0)
        say(options, "%d checkpoint%s of runs of other versions kept in %s", n_checkpoints,
            plural(n_checkpoints), worklist->dir);
    if (merged && !written)
        say(options, "the results are up to date");
    if (merged && !options->is_step)
        say(options, "next: normlab plot %s", text_quoted(worklist->merged, &pool));
    else if (!merged)
        say(options, "runs: %s\nnext, when all shards are done: normlab merge %s", worklist->dir,
            text_quoted(worklist->dir, &pool));
    pool_free(&pool);
    if (merged && options->listing)
        text_print_path(options->listing, worklist->merged);
}

enum status fail_runs(const struct scheduler *scheduler) {
    int n_left = scheduler->worklist->n_todo - scheduler->n_started;
    if (scheduler->n_failed == 0 && scheduler->journal_error)
        return fail(ERROR_RUN, "the runs are done, but %s lacks lines: %s", scheduler->journal_path,
                    strerror(scheduler->journal_error));
    if (scheduler->n_failed == 0)
        return OK;
    if (n_left > 0)
        return fail(ERROR_RUN, "%d failed and %d were not started; first: %s", scheduler->n_failed,
                    n_left, scheduler->first_failure);
    return fail(ERROR_RUN, "%d of %d run%s failed, the same command tries again; first: %s",
                scheduler->n_failed, scheduler->worklist->n_taken,
                plural(scheduler->worklist->n_taken), scheduler->first_failure);
}
