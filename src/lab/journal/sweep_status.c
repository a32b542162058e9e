/* Puts plan, names and journals together: the state of each run. */
#include "lab/journal/sweep_status.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/sort.h"
#include "io/files.h"
#include "lab/plan/plan_shards.h"
#include "lab/store/outcome.h"

static const char *const names[SWEEP_STATES] = {
    [SWEEP_DONE] = "done",         [SWEEP_COMPLETE] = "complete",
    [SWEEP_DIVERGED] = "diverged", [SWEEP_RUNNING] = "running",
    [SWEEP_FAILED] = "failed",     [SWEEP_TIMED_OUT] = "timed_out",
    [SWEEP_MISSING] = "missing",   [SWEEP_INTERRUPTED] = "interrupted",
    [SWEEP_DAMAGED] = "damaged",   [SWEEP_UNREADABLE] = "unreadable"};

const char *sweep_state_name(enum sweep_state state) {
    return names[state];
}

bool sweep_state_is_done(enum sweep_state state) {
    return state <= SWEEP_DIVERGED;
}

/* ---- what is there ---- */

/* The names in each folder, listed once. */
struct listing {
    const char **names;
    int n;
};

static bool is_listed(const struct sweep_status *status, const struct listing *listings,
                      const char *name) {
    for (int i = 0; i < status->n_dirs; i++)
        if (find_text(name, listings[i].names, (size_t)listings[i].n) >= 0)
            return true;
    return false;
}

/* A journal has told its end, and its name is not listed: a file system of several machines lists
 * late, but whoever opens the file finds it. */
static bool can_be_opened(const struct sweep_status *status, const char *name) {
    struct pool pool = {0};
    bool found = false;
    for (int i = 0; i < status->n_dirs && !found; i++) {
        int descriptor;
        found =
            file_open_listed(pool_format(&pool, "%s/%s", status->dirs[i], name), &descriptor) == OK;
        if (found)
            close(descriptor); /* only read from */
    }
    pool_free(&pool);
    return found;
}

/* ---- what became of it ---- */

static enum sweep_state state_of_done(const struct journal_run *told) {
    if (!told || !told->end)
        return SWEEP_DONE;
    return told->end->word == JOURNAL_COMPLETE   ? SWEEP_COMPLETE
           : told->end->word == JOURNAL_DIVERGED ? SWEEP_DIVERGED
                                                 : SWEEP_DONE;
}

static bool was_done(const struct journal_run *told) {
    return told && told->end &&
           (told->end->word == JOURNAL_COMPLETE || told->end->word == JOURNAL_DIVERGED);
}

static enum sweep_state state_of_open(const struct journal_run *told) {
    if (!told)
        return SWEEP_MISSING;
    if (told->running)
        return SWEEP_RUNNING;
    if (told->cut)
        return SWEEP_INTERRUPTED;
    return told->end->word == JOURNAL_FAILED      ? SWEEP_FAILED
           : told->end->word == JOURNAL_TIMED_OUT ? SWEEP_TIMED_OUT
                                                  : SWEEP_MISSING;
}

/* The line that speaks of it as it is now; NULL: none. */
static const struct journal_event *last_event(const struct sweep_run *run) {
    const struct journal_run *told = run->told;
    if (!told)
        return NULL;
    return told->running ? told->running : told->cut ? told->cut : told->end;
}

const struct journal_process *sweep_process(const struct sweep_status *status,
                                            const struct sweep_run *run) {
    const struct journal_event *event = last_event(run);
    return event ? &status->journals.lines.processes[event->process] : NULL;
}

static const char *reason_of(const struct sweep_run *run) {
    const struct journal_event *event = last_event(run);
    if (run->state == SWEEP_MISSING && was_done(run->told))
        return "it was done, and its file is gone";
    if (run->state == SWEEP_INTERRUPTED && event->word == JOURNAL_START)
        return "its process died";
    bool ended_badly = run->state == SWEEP_INTERRUPTED || run->state == SWEEP_FAILED ||
                       run->state == SWEEP_TIMED_OUT;
    return ended_badly ? event->reason : "";
}

static void look_at(struct sweep_status *status, const struct listing *listings, int i) {
    struct sweep_run *run = &status->runs[i];
    const char *id = status->plan.runs[i].id;
    struct pool pool = {0};
    const char *file = pool_format(&pool, "%s.h5", id);
    run->told = journals_find(&status->journals, id);
    run->checkpoint = is_listed(status, listings, pool_format(&pool, "%s.checkpoint", id));
    bool there = is_listed(status, listings, file);
    if (!there && was_done(run->told) && !run->told->running)
        there = can_be_opened(status, file);
    run->state = there ? state_of_done(run->told) : state_of_open(run->told);
    const struct journal_event *event = there ? NULL : last_event(run);
    run->steps = event ? event->steps : 0;
    run->total = event && event->total ? event->total : status->plan.runs[i].total_steps;
    run->seconds = event ? event->seconds : -1;
    run->why = reason_of(run);
    pool_free(&pool);
}

/* ---- shards ---- */

/* Those of the process that wrote last, by the file system's clock. */
static int last_shards(const struct journal_lines *lines) {
    double latest_s = -INFINITY;
    int n_shards = 0;
    for (int i = 0; i < lines->n_processes; i++)
        if (lines->processes[i].written_s > latest_s) {
            latest_s = lines->processes[i].written_s;
            n_shards = lines->processes[i].n_shards;
        }
    return n_shards;
}

static void assign_shards(struct sweep_status *status, int n_shards) {
    struct pool pool = {0};
    size_t n = (size_t)status->plan.n_runs;
    double *cost = pool_alloc(&pool, n * sizeof *cost + 1);
    int *shard = pool_alloc(&pool, n * sizeof *shard + 1);
    status->n_shards = n_shards ? n_shards : last_shards(&status->journals.lines);
    for (size_t i = 0; i < n; i++) {
        cost[i] = status->plan.runs[i].cost;
        shard[i] = -1;
    }
    if (status->n_shards)
        shards_assign((int)n, cost, status->n_shards, shard);
    for (size_t i = 0; i < n; i++)
        status->runs[i].shard = shard[i];
    pool_free(&pool);
}

/* ---- time ---- */

/* From the runs that ended well in one go. */
static void learn(struct sweep_status *status) {
    for (int i = 0; i < status->plan.n_runs; i++) {
        const struct sweep_run *run = &status->runs[i];
        const struct filed_run *filed = &status->plan.runs[i];
        bool known = run->state == SWEEP_COMPLETE && run->told && run->told->end;
        if (known && run->told->end->word == JOURNAL_COMPLETE && run->told->n_cut == 0)
            estimate_learn(&status->estimate, filed->config.run.train.batch_size, filed->cost,
                           run->told->end->seconds, false);
    }
}

/* Updates a second of one that is under way; 0: not known. Before its beats tell, by all that it
 * has done, unless it was taken up from a checkpoint. */
static double speed(const struct sweep_run *run) {
    const struct journal_event *running = run->told->running;
    if (running->rate > 0 || run->checkpoint || running->seconds <= 0)
        return running->rate;
    return (double)running->steps / running->seconds;
}

/* Of one that is under way: by its speed, where it is known. A checkpoint of another that was cut
 * has the share of the work that its steps are. */
static double seconds_left(const struct sweep_status *status, int i) {
    const struct sweep_run *run = &status->runs[i];
    const struct filed_run *filed = &status->plan.runs[i];
    double all_s =
        estimate_seconds(&status->estimate, filed->config.run.train.batch_size, filed->cost);
    double left = run->total > 0 ? fmax(0, 1 - (double)run->steps / (double)run->total) : 1;
    double rate = run->state == SWEEP_RUNNING ? speed(run) : 0;
    if (rate > 0)
        return fmax(0, (double)(run->total - run->steps) / rate);
    return run->state == SWEEP_RUNNING || run->checkpoint ? all_s * left : all_s;
}

static void estimate(struct sweep_status *status) {
    status->estimate = (struct estimate){0};
    learn(status);
    for (int i = 0; i < status->plan.n_runs; i++)
        status->runs[i].left_s =
            sweep_state_is_done(status->runs[i].state) ? 0 : seconds_left(status, i);
}

/* ---- all of it ---- */

static void count(struct sweep_status *status) {
    memset(status->counts, 0, sizeof status->counts);
    for (int i = 0; i < status->plan.n_runs; i++)
        status->counts[status->runs[i].state]++;
}

int sweep_status_done(const struct sweep_status *status) {
    return status->counts[SWEEP_DONE] + status->counts[SWEEP_COMPLETE] +
           status->counts[SWEEP_DIVERGED];
}

/* Journals before names: what a journal calls done has its name by then. */
static enum status look(struct sweep_status *status, const struct sweep_status *before) {
    struct listing *listings = pool_alloc(&status->pool, (size_t)status->n_dirs * sizeof *listings);
    enum status failed = journals_read(status->n_dirs, status->dirs,
                                       before ? &before->journals : NULL, &status->journals);
    for (int i = 0; i < status->n_dirs && !failed; i++)
        failed = folder_names(status->dirs[i], &status->pool, &listings[i].names, &listings[i].n);
    if (failed)
        return failed;
    status->runs =
        pool_alloc(&status->pool, (size_t)status->plan.n_runs * sizeof *status->runs + 1);
    for (int i = 0; i < status->plan.n_runs; i++)
        look_at(status, listings, i);
    return OK;
}

enum status sweep_status_read(int n_dirs, const char *const *dirs, int n_shards,
                              const struct sweep_status *before, struct sweep_status *status) {
    struct sweep_status read = {.n_dirs = n_dirs, .dirs = dirs};
    enum status failed = plan_file_read(dirs[0], &read.plan);
    if (failed)
        return failed;
    failed = look(&read, before);
    if (failed) {
        sweep_status_free(&read);
        return failed;
    }
    assign_shards(&read, n_shards);
    estimate(&read);
    count(&read);
    *status = read;
    return OK;
}

void sweep_status_free(struct sweep_status *status) {
    journals_free(&status->journals);
    plan_file_free(&status->plan);
    pool_free(&status->pool);
    *status = (struct sweep_status){0};
}

/* ---- opened ---- */

static enum sweep_state state_of_file(const struct outcome *outcome) {
    switch (outcome->state) {
    case RUN_FINISHED:
        return outcome->diverged ? SWEEP_DIVERGED : SWEEP_COMPLETE;
    case RUN_UNREADABLE:
        return SWEEP_UNREADABLE;
    case RUN_DAMAGED:
        return SWEEP_DAMAGED;
    case RUN_ABSENT:
        break;
    }
    return SWEEP_MISSING;
}

/* Is it the planned run that the file holds? */
static enum sweep_state verify_file(const char *path, const struct filed_run *filed,
                                    struct pool *pool) {
    struct record record;
    struct attributes row;
    struct outcome outcome = outcome_read(path, filed->id, pool, &record);
    enum sweep_state state = state_of_file(&outcome);
    if (sweep_state_is_done(state) && summary_row(&record, &filed->cell, pool, &row) != OK) {
        fail_in(ERROR_RESULTS, "%s", path);
        state = SWEEP_DAMAGED;
    }
    record_free(&record);
    return state;
}

/* In the first folder that has it finished. */
static void verify_run(struct sweep_status *status, int i) {
    struct sweep_run *run = &status->runs[i];
    const struct filed_run *filed = &status->plan.runs[i];
    struct pool pool = {0};
    enum sweep_state state = SWEEP_MISSING;
    for (int d = 0; d < status->n_dirs && !sweep_state_is_done(state); d++) {
        const char *path = pool_format(&pool, "%s/%s.h5", status->dirs[d], filed->id);
        enum sweep_state found = verify_file(path, filed, &pool);
        if (found == SWEEP_MISSING)
            continue;
        state = found;
        run->why = sweep_state_is_done(state) ? "" : pool_text(&status->pool, status_message());
    }
    run->state = state == SWEEP_MISSING ? state_of_open(run->told) : state;
    pool_free(&pool);
}

void sweep_status_verify(struct sweep_status *status) {
    for (int i = 0; i < status->plan.n_runs; i++)
        if (sweep_state_is_done(status->runs[i].state))
            verify_run(status, i);
    estimate(status);
    count(status);
}
