/* Starts workers while there is work, hears of their ends, and keeps journal and progress. */
#include "lab/runner/scheduler.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "io/sandbox.h"
#include "lab/runner/job.h"

/* How often the line on a terminal is written anew. */
static const double REFRESH_S = 1;
/* A run whose steps did not move for so long goes before others in that line. */
static const double STILL_S = 10;
/* After they are asked to stop: how long workers have to write checkpoints, and how often they are
 * looked after. */
static const double LEAVE_S = 60, LOOK_S = 0.02;

/* ---- how runs get on ---- */

/* Where a run is, and when it was last seen to move: "step 120 of 500, 3 s ago". */
static const char *whereabouts(const struct scheduler *scheduler, int run, struct pool *pool) {
    const struct place *place = &scheduler->places[run];
    long total = atomic_load(&scheduler->heartbeats[run].total);
    long still_s = (long)(scheduler->awake_s - place->moved_s);
    return total > 0 ? pool_format(pool, "step %ld of %ld, %ld s ago", place->steps, total, still_s)
                     : pool_format(pool, "started %ld s ago", still_s);
}

/* Reads the clock; time that this process did not see, because it was stopped, is no time. */
static void read_clock(struct scheduler *scheduler) {
    double now = clock_seconds();
    scheduler->awake_s += fmin(now - scheduler->seen_s, 2 * REFRESH_S);
    scheduler->seen_s = now;
}

/* A run has taken too long. One that moves may leave with a checkpoint. */
static void end_overdue(struct scheduler *scheduler, int run) {
    struct place *place = &scheduler->places[run];
    double late_s = scheduler->awake_s - place->begun_s - scheduler->options->run_limit_s;
    double still_s = scheduler->awake_s - place->moved_s;
    place->overdue = true;
    atomic_store(&scheduler->heartbeats[run].stop, true);
    if (scheduler->options->checkpoint_s == 0 || fmax(late_s, still_s) > LEAVE_S)
        workers_kill(&scheduler->workers, run);
}

/* Reads the heartbeats, and ends who has taken too long. */
static void listen(struct scheduler *scheduler) {
    double limit_s = scheduler->options->run_limit_s;
    read_clock(scheduler);
    for (int i = 0; i < scheduler->workers.n_slots; i++) {
        const struct worker *worker = &scheduler->workers.slots[i];
        struct place *place = &scheduler->places[worker->tag];
        if (worker->pid == 0)
            continue;
        long steps = atomic_load(&scheduler->heartbeats[worker->tag].steps);
        if (steps != place->steps)
            place->moved_s = scheduler->awake_s;
        if (steps != 0 && place->steps == 0) {
            place->first_steps = steps;
            place->first_s = scheduler->awake_s;
        }
        place->steps = steps;
        if (limit_s > 0 && scheduler->awake_s - place->begun_s > limit_s)
            end_overdue(scheduler, worker->tag);
    }
}

/* Updates a second since it was first seen to move; 0: not yet known. */
static double rate(const struct place *place) {
    double seconds = place->moved_s - place->first_s;
    return seconds > 0 ? (double)(place->steps - place->first_steps) / seconds : 0;
}

/* Says in the journal how far the runs are. */
static void beat(struct scheduler *scheduler) {
    struct pool pool = {0};
    const struct workers *workers = &scheduler->workers;
    int n = 0;
    if (!journal_is_due(&scheduler->journal))
        return;
    struct beat *runs = pool_alloc(&pool, (size_t)workers->n_slots * sizeof *runs + 1);
    for (int i = 0; i < workers->n_slots; i++) {
        const struct worker *worker = &workers->slots[i];
        const struct place *place = &scheduler->places[worker->tag];
        if (worker->pid == 0)
            continue;
        runs[n++] = (struct beat){
            .id = scheduler->worklist->plan->runs[worker->tag].id,
            .steps = place->steps,
            .total = atomic_load(&scheduler->heartbeats[worker->tag].total),
            .seconds = scheduler->awake_s - place->begun_s,
            .rate = rate(place),
        };
    }
    journal_beat(&scheduler->journal, n, runs);
    pool_free(&pool);
}

/* ---- one run starts, one ends ---- */

/* status: as journal_end has it */
static void note_end(struct scheduler *scheduler, int run, const char *status, const char *reason,
                     double seconds) {
    const struct heartbeat *heartbeat = &scheduler->heartbeats[run];
    journal_end(&scheduler->journal, scheduler->worklist->plan->runs[run].id,
                scheduler->places[run].pid, status, reason, seconds, atomic_load(&heartbeat->steps),
                atomic_load(&heartbeat->total));
}

/* what: "failed" or "timed_out" */
static void run_failed(struct scheduler *scheduler, int run, const char *what, const char *reason,
                       double seconds) {
    struct worklist *worklist = scheduler->worklist;
    const char *id = worklist->plan->runs[run].id;
    const char *label = plan_label(worklist->plan, run, &worklist->pool);
    if (scheduler->n_failed++ == 0)
        scheduler->first_failure =
            pool_format(&worklist->pool, "%s%s%s: %s", id, *label ? " " : "", label, reason);
    scheduler->stages[run] = STAGE_FAILED;
    note_end(scheduler, run, what, reason, seconds);
    progress_ended(&scheduler->progress, what, id, label, reason);
}

static void run_timed_out(struct scheduler *scheduler, int run, const struct worker_end *end) {
    struct pool pool = {0};
    char limit[DURATION_SIZE];
    scheduler->n_timed_out++;
    run_failed(
        scheduler, run, "timed_out",
        pool_format(&pool, "longer than --run-limit %s allows: %s",
                    duration_text(scheduler->options->run_limit_s, limit),
                    end->status == STOPPED_TERM ? end->reason : whereabouts(scheduler, run, &pool)),
        end->seconds);
    pool_free(&pool);
}

/* Counts a run among those that wait (1), or no longer (-1). */
static void count_waiting(struct scheduler *scheduler, int run, int sign) {
    const struct planned_run *planned = &scheduler->worklist->plan->runs[run];
    scheduler->waiting[estimate_class(planned->config.run.train.batch_size)] +=
        sign * planned->cost;
}

/* false: not now; when one that is running has ended, the system may have room for another. */
static bool start_next(struct scheduler *scheduler) {
    int run = scheduler->worklist->todo[scheduler->n_started++];
    struct job job = {.worklist = scheduler->worklist,
                      .options = scheduler->options,
                      .progress = &scheduler->progress,
                      .heartbeat = &scheduler->heartbeats[run],
                      .run = run,
                      .concurrency = scheduler->workers.n_running + 1};
    struct place *place = &scheduler->places[run];
    if (workers_start(&scheduler->workers, run, job_run, &job, &place->pid) != OK) {
        if (scheduler->workers.n_running > 0) {
            scheduler->n_started--;
            return false;
        }
        count_waiting(scheduler, run, -1);
        run_failed(scheduler, run, "failed", status_message(), 0);
        return true;
    }
    count_waiting(scheduler, run, -1);
    place->started_s = clock_seconds();
    place->begun_s = place->moved_s = scheduler->awake_s;
    scheduler->stages[run] = STAGE_RUNNING;
    journal_start(&scheduler->journal, scheduler->worklist->plan->runs[run].id, place->pid);
    return true;
}

/* Until everything is done, by what is known now. The run that starts next costs most of those that
 * wait, so that they need not all be looked at each time one has ended. */
static double seconds_left(const struct scheduler *scheduler) {
    const struct worklist *worklist = scheduler->worklist;
    double total = estimate_sum(&worklist->estimate, scheduler->waiting), longest = 0;
    if (scheduler->n_started < worklist->n_todo)
        longest = worklist_seconds(worklist, worklist->todo[scheduler->n_started]);
    for (int i = 0; i < scheduler->workers.n_slots; i++) {
        const struct worker *worker = &scheduler->workers.slots[i];
        if (worker->pid == 0)
            continue;
        double spent = clock_seconds() - scheduler->places[worker->tag].started_s;
        double left = fmax(worklist_seconds(worklist, worker->tag) - spent, 0);
        total += left;
        longest = fmax(longest, left);
    }
    return fmax(total / worklist->jobs, longest);
}

static void run_finished(struct scheduler *scheduler, int run, double seconds) {
    struct worklist *worklist = scheduler->worklist;
    const struct planned_run *planned = &worklist->plan->runs[run];
    const struct outcome *outcome = &worklist->outcomes[run];
    const char *status = outcome_status(outcome);
    struct pool pool = {0};
    char took[DURATION_SIZE], left[DURATION_SIZE];
    scheduler->stages[run] = STAGE_TRAINED;
    scheduler->n_trained++;
    if (!outcome->diverged)
        estimate_learn(&worklist->estimate, planned->config.run.train.batch_size, planned->cost,
                       fmax(seconds, outcome->seconds), true); /* more, where it was taken up */
    note_end(scheduler, run, status, "", seconds);
    const char *error = isnan(outcome->test_error)
                            ? ""
                            : pool_format(&pool, "test error %.4f, ", outcome->test_error);
    progress_ended(&scheduler->progress, status, planned->id,
                   plan_label(worklist->plan, run, &pool),
                   pool_format(&pool, "%s%s; %s left", error, duration_text(seconds, took),
                               duration_text(seconds_left(scheduler), left)));
    pool_free(&pool);
}

static void run_interrupted(struct scheduler *scheduler, int run, const char *reason,
                            double seconds) {
    scheduler->stages[run] = STAGE_NONE;
    note_end(scheduler, run, "interrupted", reason, seconds);
}

/* A worker that says it is done is believed only where its file is there and whole. */
static void run_ended(struct scheduler *scheduler, const struct worker_end *end) {
    struct worklist *worklist = scheduler->worklist;
    struct pool pool = {0};
    int run = end->tag;
    if (end->status != OK && scheduler->places[run].overdue) {
        run_timed_out(scheduler, run, end);
        return;
    }
    if (end->status == STOPPED_TERM && atomic_load(&scheduler->heartbeats[run].stop)) {
        run_interrupted(scheduler, run, end->reason, end->seconds);
        return;
    }
    if (end->status != OK) {
        run_failed(scheduler, run, "failed", end->reason, end->seconds);
        return;
    }
    const char *path = worklist_path(worklist, run, &pool);
    struct outcome outcome = outcome_confirm(path, &scheduler->heartbeats[run].outcome);
    if (outcome.state == RUN_FINISHED) {
        outcome.logged = worklist_run(worklist, run, &worklist->pool).config.log;
        worklist->outcomes[run] = outcome;
        run_finished(scheduler, run, end->seconds);
    } else {
        run_failed(scheduler, run, "failed", status_message(), end->seconds);
    }
    pool_free(&pool);
}

/* ---- all of them ---- */

/* The run that the progress line is about: the one that stands still, if one does, else the one
 * that was started last. */
static int shown_run(const struct scheduler *scheduler) {
    const struct place *last = NULL, *stillest = NULL;
    for (int i = 0; i < scheduler->workers.n_slots; i++) {
        const struct worker *worker = &scheduler->workers.slots[i];
        const struct place *place = &scheduler->places[worker->tag];
        if (worker->pid == 0)
            continue;
        if (!last || place->begun_s >= last->begun_s)
            last = place;
        if (!stillest || place->moved_s < stillest->moved_s)
            stillest = place;
    }
    assert(last && stillest); /* it is asked for while something runs */
    bool still = scheduler->awake_s - stillest->moved_s >= STILL_S;
    return (int)((still ? stillest : last) - scheduler->places);
}

static void show(struct scheduler *scheduler) {
    struct pool pool = {0};
    if (!scheduler->progress.rewrites)
        return;
    int run = shown_run(scheduler);
    const char *now = pool_format(&pool, "%s; %s", whereabouts(scheduler, run, &pool),
                                  plan_label(scheduler->worklist->plan, run, &pool));
    progress_show(&scheduler->progress, scheduler->workers.n_running, now, seconds_left(scheduler));
    pool_free(&pool);
}

static bool may_start(const struct scheduler *scheduler) {
    return scheduler->n_started < scheduler->worklist->n_todo &&
           scheduler->workers.n_running < scheduler->worklist->jobs &&
           !(scheduler->options->fail_fast && scheduler->n_failed > 0);
}

static const char *stop_name(const struct workers *workers) {
    int number = workers->stop_signal;
    return number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
}

enum status scheduler_stop(struct workers *workers, const struct worklist *worklist,
                           FILE *messages) {
    const char *name = stop_name(workers);
    if (messages && workers->n_running > 0) {
        fprintf(messages, "normlab: %s: ending %d process%s; what is finished stays\n", name,
                workers->n_running, workers->n_running == 1 ? "" : "es");
        fflush(messages); /* a message: there is nobody else to tell */
    }
    workers_close(workers);
    worklist_sweep(worklist);
    return fail(workers->stop_signal == SIGINT ? STOPPED_INT : STOPPED_TERM,
                "stopped by %s; the same command goes on from here", name);
}

/* Asks all workers to write a checkpoint and leave, and waits until they have or a second signal
 * comes. Between two looks that one has its own effect, and the workers die with this process. */
static void let_leave(struct scheduler *scheduler) {
    struct workers *workers = &scheduler->workers;
    struct worker_end end;
    enum worker_event event = WORKERS_TIMEOUT;
    double until = clock_seconds() + LEAVE_S;
    bool one = workers->n_running == 1;
    progress_say(&scheduler->progress,
                 "normlab: %s: %d run%s with a checkpoint; a second signal ends %s at once",
                 stop_name(workers), workers->n_running, one ? " ends" : "s end",
                 one ? "it" : "them");
    for (int i = 0; i < workers->n_slots; i++)
        if (workers->slots[i].pid != 0)
            atomic_store(&scheduler->heartbeats[workers->slots[i].tag].stop, true);
    while (workers->n_running > 0 && event != WORKERS_STOP && clock_seconds() < until) {
        beat(scheduler);
        event = workers_wait(workers, LOOK_S, &end);
        if (event == WORKER_ENDED)
            run_ended(scheduler, &end);
    }
}

static enum status stop(struct scheduler *scheduler) {
    struct worklist *worklist = scheduler->worklist;
    progress_clear(&scheduler->progress);
    if (scheduler->options->checkpoint_s > 0)
        let_leave(scheduler);
    enum status status =
        scheduler_stop(&scheduler->workers, worklist, scheduler->options->messages);
    if (scheduler->options->checkpoint_s == 0)
        fail(status,
             "stopped by %s; finished runs stay, and the same command begins the others anew",
             stop_name(&scheduler->workers));
    for (int i = 0; i < scheduler->n_started; i++) {
        int run = worklist->todo[i];
        if (scheduler->stages[run] == STAGE_RUNNING)
            run_interrupted(scheduler, run, status_message(),
                            clock_seconds() - scheduler->places[run].started_s);
    }
    return status;
}

static enum status work(struct scheduler *scheduler) {
    struct worker_end end;
    for (;;) {
        listen(scheduler);
        beat(scheduler);
        while (may_start(scheduler) && start_next(scheduler))
            ;
        if (scheduler->workers.n_running == 0)
            return OK;
        show(scheduler);
        switch (workers_wait(&scheduler->workers, REFRESH_S, &end)) {
        case WORKER_ENDED:
            run_ended(scheduler, &end);
            break;
        case WORKERS_STOP:
            return stop(scheduler);
        case WORKERS_TIMEOUT:
            break;
        }
    }
}

static enum status work_with(struct scheduler *scheduler, int jobs) {
    enum status status = workers_open(&scheduler->workers, jobs);
    if (status)
        return status;
    scheduler->workers.shields = scheduler->options->checkpoint_s > 0;
    status = work(scheduler);
    progress_clear(&scheduler->progress);
    workers_close(&scheduler->workers);
    return status;
}

/* Where there is nothing to do, there is nothing to tell. */
static enum status open_journal(struct scheduler *scheduler) {
    struct worklist *worklist = scheduler->worklist;
    const struct runner_options *options = scheduler->options;
    const struct journal_begin begin = {
        .shard = options->shard, .n_shards = options->n_shards, .jobs = worklist->jobs};
    scheduler->journal = (struct journal){.descriptor = -1, .beat = ""};
    if (worklist->n_todo == 0)
        return OK;
    enum status status = journal_open(worklist->dir, &begin, options->events, &scheduler->journal);
    if (!status)
        scheduler->journal_path = pool_text(&worklist->pool, scheduler->journal.path);
    return status;
}

enum status scheduler_run(struct scheduler *scheduler, struct worklist *worklist,
                          const struct runner_options *options) {
    size_t n = (size_t)worklist->plan->n_runs + 1;
    *scheduler =
        (struct scheduler){.worklist = worklist, .options = options, .seen_s = clock_seconds()};
    scheduler->stages = pool_alloc(&worklist->pool, n * sizeof *scheduler->stages);
    scheduler->places = pool_alloc(&worklist->pool, n * sizeof *scheduler->places);
    for (int i = 0; i < worklist->n_todo; i++)
        count_waiting(scheduler, worklist->todo[i], 1);
    progress_start(&scheduler->progress, options->messages, worklist->n_todo);
    enum status status = open_journal(scheduler);
    if (status)
        return status;
    size_t size = n * sizeof *scheduler->heartbeats;
    scheduler->heartbeats = sandbox_memory(size);
    if (scheduler->heartbeats)
        status = work_with(scheduler, worklist->jobs);
    else
        status =
            fail(ERROR_RUN, "out of memory for the heartbeats of %d runs", worklist->plan->n_runs);
    sandbox_memory_free(scheduler->heartbeats, size);
    scheduler->journal_error = journal_close(&scheduler->journal, status                ? status
                                                                  : scheduler->n_failed ? ERROR_RUN
                                                                                        : OK);
    journal_free(&scheduler->journal);
    return status;
}
