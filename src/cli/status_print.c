/* How far a sweep is, for a person. */
#include <math.h>
#include <string.h>

#include "base/sort.h"
#include "base/visible.h"
#include "base/words.h"
#include "cli/print.h"
#include "cli/print_table.h"
#include "cli/status_words.h"
#include "cli/terminal.h"

enum { MOST_ROWS = 20 };

static const char *duration(double seconds, struct pool *pool) {
    char text[DURATION_SIZE];
    return pool_text(pool, duration_text(seconds, text));
}

/* "120 of 500" */
static const char *steps_text(const struct sweep_run *run, struct pool *pool) {
    return run->steps > 0 ? pool_format(pool, "%ld of %ld", run->steps, run->total) : "";
}

static const char *shard_text(const struct sweep_status *status, const struct sweep_run *run,
                              struct pool *pool) {
    return run->shard < 0 ? "" : pool_format(pool, "%d/%d", run->shard, status->n_shards);
}

/* "n1", "n1, slurm 12_3" */
static const char *host_text(const struct journal_process *process, struct pool *pool) {
    const char *host = *process->host ? process->host : "?";
    return *process->job ? pool_format(pool, "%s, %s %s", host, process->queue, process->job)
                         : host;
}

/* The same of a run: "n1, shard 3/8" where no job says which it is. */
static const char *place_text(const struct journal_process *process, struct pool *pool) {
    if (!process)
        return "";
    const char *host = host_text(process, pool);
    return process->n_shards && !*process->job
               ? pool_format(pool, "%s, shard %d/%d", host, process->shard, process->n_shards)
               : host;
}

/* ---- the states ---- */

static const char *remark(const struct sweep_status *status, enum sweep_state state,
                          struct pool *pool) {
    int n = 0, n_unsure = 0;
    for (int i = 0; i < status->plan.n_runs; i++) {
        const struct sweep_run *run = &status->runs[i];
        const struct journal_process *process = sweep_process(status, run);
        if (run->state != state)
            continue;
        n += run->checkpoint;
        n_unsure += state == SWEEP_RUNNING && process->life == JOURNAL_UNKNOWN;
    }
    if (n_unsure > 0)
        return pool_format(pool, "%d perhaps: whether the process lives cannot be seen from here",
                           n_unsure);
    if (n == 0 || sweep_state_is_done(state) || state == SWEEP_RUNNING)
        return "";
    return pool_format(pool, "%d with a checkpoint to go on from", n);
}

static void print_states(const struct sweep_status *status, FILE *out) {
    struct pool pool = {0};
    for (int state = 0; state < SWEEP_STATES; state++) {
        const char *said = remark(status, (enum sweep_state)state, &pool);
        if (status->counts[state])
            fprintf(out, "%-12s %7d%s%s\n", sweep_state_name((enum sweep_state)state),
                    status->counts[state], *said ? "  " : "", said);
    }
    pool_free(&pool);
}

/* ---- tables of runs ---- */

/* Which runs a table shows: [n] of those for which `wanted` is true. */
static int choose(const struct sweep_status *status, bool (*wanted)(const struct sweep_run *),
                  int chosen[MOST_ROWS]) {
    int n = 0;
    for (int i = 0; i < status->plan.n_runs; i++)
        if (wanted(&status->runs[i])) {
            if (n < MOST_ROWS)
                chosen[n] = i;
            n++;
        }
    return n;
}

static void print_table(const struct table *table, FILE *out) {
    putc('\n', out);
    print_aligned(table, 0, terminal_width(), out);
}

static void print_runs(const struct table *table, int n, FILE *out) {
    print_table(table, out);
    if (n > MOST_ROWS)
        fprintf(out, "and %d more: --runs lists all\n", n - MOST_ROWS);
}

static bool is_running(const struct sweep_run *run) {
    return run->state == SWEEP_RUNNING;
}

static void print_running(const struct sweep_status *status, FILE *out) {
    struct table table;
    int chosen[MOST_ROWS], n = choose(status, is_running, chosen);
    if (n == 0)
        return;
    table_create(&table, n < MOST_ROWS ? n : MOST_ROWS);
    const char **ids = print_texts(&table, "running"), **places = print_texts(&table, "where"),
               **since = print_texts(&table, "for"), **steps = print_texts(&table, "step"),
               **left = print_texts(&table, "ready in"), **labels = print_texts(&table, "run");
    for (int row = 0; row < table.n_rows; row++) {
        const struct sweep_run *run = &status->runs[chosen[row]]; /* analysis: [n] */
        ids[row] = status->plan.runs[chosen[row]].id;
        places[row] = place_text(sweep_process(status, run), &table.pool);
        since[row] = run->seconds < 0 ? "" : duration(run->seconds, &table.pool);
        steps[row] = steps_text(run, &table.pool);
        left[row] = duration(run->left_s, &table.pool);
        labels[row] = status->plan.runs[chosen[row]].label;
    }
    print_runs(&table, n, out);
    table_free(&table);
}

/* One that nobody has begun has no row. */
static bool went_wrong(const struct sweep_run *run) {
    return *run->why || (!sweep_state_is_done(run->state) && run->state != SWEEP_RUNNING &&
                         run->state != SWEEP_MISSING);
}

/* Failed, timed out and cut together. */
static int times(const struct journal_run *told) {
    return told ? told->n_failed + told->n_timed_out + told->n_cut : 0;
}

static void print_wrong(const struct sweep_status *status, FILE *out) {
    struct table table;
    int chosen[MOST_ROWS], n = choose(status, went_wrong, chosen);
    if (n == 0)
        return;
    table_create(&table, n < MOST_ROWS ? n : MOST_ROWS);
    const char **ids = print_texts(&table, "not done"), **states = print_texts(&table, "state");
    long *tries = table_add(&table, "tries", TYPE_INT, "", "")->integers;
    const char **places = print_texts(&table, "where"), **steps = print_texts(&table, "step"),
               **labels = print_texts(&table, "run"), **why = print_texts(&table, "why");
    for (int row = 0; row < table.n_rows; row++) {
        const struct sweep_run *run = &status->runs[chosen[row]]; /* analysis: [n] */
        ids[row] = status->plan.runs[chosen[row]].id;
        states[row] = sweep_state_name(run->state);
        tries[row] = times(run->told);
        places[row] = place_text(sweep_process(status, run), &table.pool);
        steps[row] = steps_text(run, &table.pool);
        labels[row] = status->plan.runs[chosen[row]].label;
        why[row] = run->why;
    }
    print_runs(&table, n, out);
    table_free(&table);
}

/* ---- shards ---- */

/* Those that are not done. */
static int choose_shards(const struct sweep_status *status, const struct status_shard *shards,
                         int chosen[MOST_ROWS]) {
    int n = 0;
    for (int i = 0; i < status->n_shards; i++)
        if (shards[i].n_done < shards[i].n_runs) {
            if (n < MOST_ROWS)
                chosen[n] = i;
            n++;
        }
    return n;
}

/* "n1, slurm 12_3", "slurm 12_3 PENDING (Resources)", "nobody" */
static const char *who_text(const struct status_subject *subject, const struct status_shard *of,
                            int shard, struct pool *pool) {
    const struct slurm_task *task = slurm_queue_find(&subject->queue, shard);
    if (of->process)
        return host_text(of->process, pool);
    if (!task)
        return "nobody";
    return pool_format(pool, *task->reason ? "slurm %s_%d %s (%s)" : "slurm %s_%d %s", task->job,
                       task->index, task->state, task->reason);
}

static void print_shards(const struct status_subject *subject, const struct sweep_status *status,
                         FILE *out) {
    struct pool pool = {0};
    struct table table;
    const struct status_shard *shards = status_shards(status, &pool);
    int chosen[MOST_ROWS], n = status->n_shards > 1 ? choose_shards(status, shards, chosen) : 0;
    table_create(&table, n < MOST_ROWS ? n : MOST_ROWS);
    const char **names = print_texts(&table, "shard");
    long *runs = table_add(&table, "runs", TYPE_INT, "", "")->integers,
         *done = table_add(&table, "done", TYPE_INT, "", "")->integers,
         *running = table_add(&table, "running", TYPE_INT, "", "")->integers,
         *cut = table_add(&table, "interrupted", TYPE_INT, "", "")->integers,
         *failed = table_add(&table, "failed", TYPE_INT, "", "")->integers,
         *missing = table_add(&table, "missing", TYPE_INT, "", "")->integers;
    const char **who = print_texts(&table, "at work");
    for (int row = 0; row < table.n_rows; row++) {
        const struct status_shard *of = &shards[chosen[row]]; /* analysis: [n] */
        names[row] = pool_format(&table.pool, "%d/%d", chosen[row], status->n_shards);
        runs[row] = of->n_runs;
        done[row] = of->n_done;
        running[row] = of->n_running;
        cut[row] = of->n_cut;
        failed[row] = of->n_failed;
        missing[row] = of->n_missing;
        who[row] = who_text(subject, of, chosen[row], &table.pool);
    }
    if (n > 0)
        print_table(&table, out);
    if (n > MOST_ROWS)
        fprintf(out, "and %d shards more\n", n - MOST_ROWS);
    table_free(&table);
    pool_free(&pool);
}

/* How many tasks Slurm has in each state: "slurm: 5 RUNNING, 3 PENDING". */
static void print_queue(const struct slurm_queue *queue, FILE *out) {
    struct pool pool = {0};
    size_t n = (size_t)queue->n;
    const char **states = pool_alloc(&pool, n * sizeof *states + 1);
    for (size_t i = 0; i < n; i++)
        states[i] = queue->tasks[i].state;
    sort_texts(states, n);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && strcmp(states[next], states[i]) == 0;)
            next++;
        fprintf(out, "%s%zu %s", i ? ", " : "\nslurm: ", next - i, states[i]);
    }
    if (n > 0)
        putc('\n', out);
    pool_free(&pool);
}

/* ---- all of it ---- */

static void print_next(const struct status_subject *subject, const struct sweep_status *status,
                       FILE *out) {
    struct pool pool = {0};
    struct status_next next = status_next(subject, status, &pool);
    double ready_s = status_ready_s(status);
    putc('\n', out);
    if (ready_s > 0)
        fprintf(out, "who is at work is ready in about %s\n", duration(ready_s, &pool));
    if (*next.command)
        text_print(out, "next: `%s` %s%s%s\n", next.command, next.says,
                   next.seconds > 0 ? ": about " : "",
                   next.seconds > 0 ? duration(next.seconds, &pool) : "");
    else
        text_print(out, "next: %s\n", next.says);
    if (subject->is_changed)
        text_print(out, "%s was changed since: `normlab run` plans it anew\n", subject->file);
    pool_free(&pool);
}

void status_print(const struct status_subject *subject, const struct sweep_status *status,
                  FILE *out) {
    const struct plan_file *plan = &status->plan;
    text_print(out, "%s: %d run%s in %s, %d done\n\n", plan->name, plan->n_runs,
               plural(plan->n_runs), subject->dir, sweep_status_done(status));
    print_states(status, out);
    print_running(status, out);
    print_wrong(status, out);
    print_shards(subject, status, out);
    print_queue(&subject->queue, out);
    print_next(subject, status, out);
}

/* ---- a row a run ---- */

void status_table(const struct sweep_status *status, struct table *table) {
    table_create(table, status->plan.n_runs);
    struct pool *pool = &table->pool;
    const char **ids = print_texts(table, "run"), **states = print_texts(table, "state"),
               **shards = print_texts(table, "shard"), **hosts = print_texts(table, "host"),
               **jobs = print_texts(table, "job"), **since = print_texts(table, "since");
    double *seconds = table_add(table, "seconds", TYPE_REAL, "s", "that it has run for")->reals;
    long *steps = table_add(table, "steps", TYPE_INT, "steps", "updates made")->integers,
         *total = table_add(table, "total", TYPE_INT, "steps", "updates of all")->integers;
    double *left = table_add(table, "left", TYPE_REAL, "s", "until it is done, about")->reals;
    long *failed = table_add(table, "failed", TYPE_INT, "", "how often it failed")->integers,
         *timed_out = table_add(table, "timed_out", TYPE_INT, "", "was timed out")->integers,
         *cut = table_add(table, "cut", TYPE_INT, "", "or was cut off")->integers,
         *checkpoint = table_add(table, "checkpoint", TYPE_BOOL, "", "is there one?")->integers;
    const char **labels = print_texts(table, "label"), **why = print_texts(table, "why");
    for (int i = 0; i < status->plan.n_runs; i++) {
        const struct sweep_run *run = &status->runs[i];
        const struct journal_process *process = sweep_process(status, run);
        const struct journal_run *told = run->told;
        ids[i] = status->plan.runs[i].id;
        states[i] = sweep_state_name(run->state);
        shards[i] = shard_text(status, run, pool);
        hosts[i] = process ? process->host : "";
        jobs[i] = process ? process->job : "";
        since[i] = told && told->running ? told->running->time : "";
        seconds[i] = run->state == SWEEP_RUNNING && run->seconds >= 0 ? run->seconds : NAN;
        steps[i] = run->steps;
        total[i] = run->total;
        left[i] = run->left_s;
        failed[i] = told ? told->n_failed : 0;
        timed_out[i] = told ? told->n_timed_out : 0;
        cut[i] = told ? told->n_cut : 0;
        checkpoint[i] = run->checkpoint;
        labels[i] = status->plan.runs[i].label;
        why[i] = run->why;
    }
}
