#include "lab/runner/worklist.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "engine/data/dataset.h"
#include "io/workers.h"
#include "lab/runner/run_memory.h"
#include "lab/store/store.h"

/* What a process takes beside its run's memory and the shared data: its own pages of the program
 * and of HDF5; and a thread of it: its stack and the copies of kernel/gemm.c. Measured: 2 to 6 MB,
 * and 0.6 MB and more a thread. */
static const double PROCESS_BYTES = 8e6, THREAD_BYTES = 2e6;

/* ---- which ---- */

const char *agenda_path(const struct agenda *agenda, int run, struct pool *pool) {
    return pool_format(pool, "%s/%s.h5", agenda->dir, agenda->plan->runs[run].id);
}

/* What finished runs tell about time: those that were made like this one will be. */
static void learn(struct agenda *agenda, int run) {
    const struct planned_run *planned = &agenda->plan->runs[run];
    const struct outcome *outcome = &agenda->outcomes[run];
    if (outcome->finished && !outcome->diverged)
        estimate_learn(&agenda->estimate, planned->config.run.train.batch_size, planned->cost,
                       outcome->seconds, false);
}

/* The new file replaces the old one, and must not have less in it. */
static void keep_logged(struct agenda *agenda, int run) {
    struct planned_run *planned = &agenda->runs[run];
    struct log_config log =
        outcome_log(&agenda->outcomes[run], &planned->config.log, &agenda->pool);
    struct cell cell;
    cell_copy(&cell, &planned->cell, &agenda->pool);
    cell.values[key_find("log.level")].integer = log.level;
    cell.values[key_find("log.test")].integer = log.test;
    cell.values[key_find("log.weights")].integer = log.weights;
    cell.values[key_find("log.probes")].text = log.probes;
    cell_finish(&cell, &planned->config);
    planned->cell = cell;
}

static void look(struct agenda *agenda, const struct runner_options *options) {
    const struct plan *plan = agenda->plan;
    struct pool paths = {0};
    for (int run = 0; run < plan->n_runs; run++) {
        struct outcome *outcome = &agenda->outcomes[run];
        if (!agenda->taken[run])
            continue;
        agenda->n_taken++;
        *outcome =
            outcome_peek(agenda_path(agenda, run, &paths), plan->runs[run].id, &agenda->pool);
        learn(agenda, run);
        if (options->force || !outcome_serves(outcome, &plan->runs[run].config.log)) {
            if (outcome->finished)
                keep_logged(agenda, run);
            agenda->todo[agenda->n_todo++] = run;
            agenda->is_todo[run] = true;
            continue;
        }
        agenda->n_reused++;
        agenda->n_other_build += outcome->other_build;
    }
    pool_free(&paths);
}

/* Descending by cost, ties in the plan's order. */
static void sort_by_cost(struct agenda *agenda) {
    const struct planned_run *runs = agenda->runs;
    for (int i = 1; i < agenda->n_todo; i++) {
        int run = agenda->todo[i], at = i;
        for (; at > 0 && runs[agenda->todo[at - 1]].cost < runs[run].cost; at--)
            agenda->todo[at] = agenda->todo[at - 1];
        agenda->todo[at] = run;
    }
}

/* ---- how many at a time ---- */

static int at_least_one(int n) {
    return n > 1 ? n : 1;
}

/* Processes first, threads second: where there are fewer runs than cores, a run gets several. */
static void choose_jobs(struct agenda *agenda, const struct runner_options *options) {
    int cores = workers_cores(), jobs = options->jobs, threads = options->threads;
    int n = at_least_one(agenda->n_todo);
    if (threads == 0)
        threads = at_least_one(cores / (jobs > 0 && jobs < n ? jobs : n));
    if (jobs == 0)
        jobs = at_least_one(cores / threads);
    agenda->cores = cores;
    agenda->threads = threads;
    agenda->jobs = jobs < n ? jobs : n;
}

void agenda_create(struct agenda *agenda, const struct plan *plan,
                   const struct runner_options *options) {
    *agenda = (struct agenda){.plan = plan};
    struct pool *pool = &agenda->pool;
    size_t n = (size_t)plan->n_runs + 1;
    agenda->out = options->out ? options->out : "results";
    agenda->dir = pool_format(pool, "%s/%s", agenda->out, plan->experiment->name);
    agenda->merged = pool_format(pool, "%s.h5", agenda->dir);
    agenda->runs = pool_alloc(pool, n * sizeof *agenda->runs);
    memcpy(agenda->runs, plan->runs, (n - 1) * sizeof *agenda->runs);
    agenda->taken = pool_alloc(pool, n * sizeof *agenda->taken);
    agenda->is_todo = pool_alloc(pool, n * sizeof *agenda->is_todo);
    agenda->outcomes = pool_alloc(pool, n * sizeof *agenda->outcomes);
    agenda->todo = pool_alloc(pool, n * sizeof *agenda->todo);
    if (options->n_shards > 0)
        plan_shard(plan, options->shard, options->n_shards, agenda->taken);
    else
        memset(agenda->taken, true, n);
    look(agenda, options);
    sort_by_cost(agenda);
    choose_jobs(agenda, options);
}

void agenda_free(struct agenda *agenda) {
    pool_free(&agenda->pool);
    *agenda = (struct agenda){0};
}

double agenda_seconds(const struct agenda *agenda, int run) {
    const struct planned_run *planned = &agenda->plan->runs[run];
    return estimate_seconds(&agenda->estimate, planned->config.run.train.batch_size, planned->cost);
}

/* ---- what else is there ---- */

/* "r" and 12 hexadecimal digits and ".h5" */
static bool is_run_file(const char *name) {
    return name[0] == 'r' && strspn(name + 1, "0123456789abcdef") == RUN_ID_SIZE - 2 &&
           strcmp(name + RUN_ID_SIZE - 1, ".h5") == 0;
}

static int compare_ids(const void *a, const void *b) {
    return strncmp(*(const char *const *)a, *(const char *const *)b, RUN_ID_SIZE - 1);
}

int agenda_other_versions(const struct agenda *agenda) {
    const struct plan *plan = agenda->plan;
    struct pool pool = {0};
    size_t n = (size_t)plan->n_runs;
    const char **ids = pool_alloc(&pool, n * sizeof *ids + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = plan->runs[i].id;
    qsort(ids, n, sizeof *ids, compare_ids);
    int n_others = 0;
    DIR *folder = opendir(agenda->dir);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        n_others += is_run_file(name) && !bsearch(&name, ids, n, sizeof *ids, compare_ids);
    }
    if (folder)
        closedir(folder);
    pool_free(&pool);
    return n_others;
}

void agenda_sweep(const struct agenda *agenda) {
    store_sweep(agenda->dir);
    store_sweep(agenda->out);
}

/* ---- the listing ---- */

static const char *plural(long n) {
    return n == 1 ? "" : "s";
}

static double shared_bytes(const struct plan *plan) {
    double bytes = 0;
    for (int i = 0; i < plan->n_sources; i++) {
        const struct data_source *source = plan->sources[i];
        double rows = (double)source->n_train_rows + (double)source->n_test_rows;
        double size = source->train_bytes ? 1 : sizeof(float);
        double target = source->train_labels ? 1 : source->n_classes * (double)sizeof(float);
        bytes += rows * (target + source->n_features * size);
    }
    return bytes;
}

/* Of the process that trains it, without what it shares. */
static double run_bytes(const struct agenda *agenda, int run) {
    int n_threads = agenda->threads;
    return (double)run_memory(&agenda->runs[run], n_threads) + PROCESS_BYTES +
           n_threads * THREAD_BYTES;
}

static int compare_sizes(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

/* All processes together when the largest runs meet. */
static double worst_bytes(const struct agenda *agenda) {
    struct pool pool = {0};
    size_t n = (size_t)agenda->n_todo;
    double bytes = shared_bytes(agenda->plan) + PROCESS_BYTES;
    double *sizes = pool_alloc(&pool, n * sizeof *sizes + 1);
    for (size_t i = 0; i < n; i++)
        sizes[i] = run_bytes(agenda, agenda->todo[i]);
    qsort(sizes, n, sizeof *sizes, compare_sizes);
    for (size_t i = 0; i < n && i < (size_t)agenda->jobs; i++)
        bytes += sizes[i];
    pool_free(&pool);
    return bytes;
}

static void list_run(const struct agenda *agenda, int run, FILE *out) {
    const struct planned_run *planned = &agenda->runs[run];
    struct pool pool = {0};
    char seconds[DURATION_SIZE];
    bool todo = agenda->is_todo[run];
    fprintf(out, "%s  %-5s  %8ld steps  %6.1f MB  %10s  %s\n", planned->id, todo ? "to do" : "done",
            planned->total_steps, run_bytes(agenda, run) / 1e6,
            todo ? duration_text(agenda_seconds(agenda, run), seconds) : "",
            plan_label(agenda->plan, run, &pool));
    pool_free(&pool);
}

static double all_seconds(const struct agenda *agenda) {
    struct pool pool = {0};
    int n = agenda->n_todo;
    double *seconds = pool_alloc(&pool, (size_t)n * sizeof *seconds + 1);
    for (int i = 0; i < n; i++)
        seconds[i] = agenda_seconds(agenda, agenda->todo[i]);
    double all = estimate_finish(seconds, n, agenda->jobs);
    pool_free(&pool);
    return all;
}

void agenda_list(const struct agenda *agenda, FILE *out) {
    const struct plan *plan = agenda->plan;
    char text[DURATION_SIZE];
    long steps = 0;
    for (int run = 0; run < plan->n_runs; run++)
        if (agenda->taken[run])
            list_run(agenda, run, out);
    for (int i = 0; i < agenda->n_todo; i++)
        steps += plan->runs[agenda->todo[i]].total_steps;
    fprintf(out, "\n%s: %d run%s, %d done, %d to do", plan->experiment->name, agenda->n_taken,
            plural(agenda->n_taken), agenda->n_taken - agenda->n_todo, agenda->n_todo);
    if (agenda->n_taken < plan->n_runs)
        fprintf(out, " (a shard of %d)", plan->n_runs);
    fprintf(out, "; %d cell%s equal to another and merged, %d excluded\n", plan->n_merged,
            plan->n_merged == 1 ? " was" : "s were", plan->n_excluded);
    fprintf(out, "%ld step%s to do, %d at a time with %d thread%s each: about %s%s\n", steps,
            plural(steps), agenda->jobs, agenda->threads, agenda->threads == 1 ? "" : "s",
            duration_text(all_seconds(agenda), text),
            estimate_is_learned(&agenda->estimate) ? ", by the finished runs"
                                                   : ", a guess: no run is finished yet");
    fprintf(out, "memory: at most about %.0f MB, %.0f MB of it the data, which all share\n",
            worst_bytes(agenda) / 1e6, shared_bytes(plan) / 1e6);
    int n_others = agenda_other_versions(agenda);
    if (n_others > 0)
        fprintf(out, "%d run%s of other versions in %s %s left alone\n", n_others, plural(n_others),
                agenda->dir, n_others == 1 ? "is" : "are");
}
