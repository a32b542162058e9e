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

const char *worklist_path(const struct worklist *worklist, int run, struct pool *pool) {
    return pool_format(pool, "%s/%s.h5", worklist->dir, worklist->plan->runs[run].id);
}

/* What finished runs tell about time: those that were made like this one will be. */
static void learn(struct worklist *worklist, int run) {
    const struct planned_run *planned = &worklist->plan->runs[run];
    const struct outcome *outcome = &worklist->outcomes[run];
    if (outcome->finished && !outcome->diverged)
        estimate_learn(&worklist->estimate, planned->config.run.train.batch_size, planned->cost,
                       outcome->seconds, false);
}

/* The new file replaces the old one, and must not have less in it. */
static void keep_logged(struct worklist *worklist, int run) {
    struct planned_run *planned = &worklist->runs[run];
    struct log_config log =
        outcome_log(&worklist->outcomes[run], &planned->config.log, &worklist->pool);
    struct cell cell;
    cell_copy(&cell, &planned->cell, &worklist->pool);
    cell.values[key_find("log.level")].integer = log.level;
    cell.values[key_find("log.test")].integer = log.test;
    cell.values[key_find("log.weights")].integer = log.weights;
    cell.values[key_find("log.probes")].text = log.probes;
    cell_finish(&cell, &planned->config);
    planned->cell = cell;
}

static void look(struct worklist *worklist, const struct runner_options *options) {
    const struct plan *plan = worklist->plan;
    struct pool paths = {0};
    for (int run = 0; run < plan->n_runs; run++) {
        struct outcome *outcome = &worklist->outcomes[run];
        if (!worklist->taken[run])
            continue;
        worklist->n_taken++;
        *outcome =
            outcome_peek(worklist_path(worklist, run, &paths), plan->runs[run].id, &worklist->pool);
        learn(worklist, run);
        if (options->force || !outcome_serves(outcome, &plan->runs[run].config.log)) {
            if (outcome->finished)
                keep_logged(worklist, run);
            worklist->todo[worklist->n_todo++] = run;
            worklist->is_todo[run] = true;
            continue;
        }
        worklist->n_reused++;
        worklist->n_other_build += outcome->other_build;
    }
    pool_free(&paths);
}

/* Descending by cost, ties in the plan's order. */
static void sort_by_cost(struct worklist *worklist) {
    const struct planned_run *runs = worklist->runs;
    for (int i = 1; i < worklist->n_todo; i++) {
        int run = worklist->todo[i], at = i;
        for (; at > 0 && runs[worklist->todo[at - 1]].cost < runs[run].cost; at--)
            worklist->todo[at] = worklist->todo[at - 1];
        worklist->todo[at] = run;
    }
}

/* ---- how many at a time ---- */

static int at_least_one(int n) {
    return n > 1 ? n : 1;
}

/* Processes first, threads second: where there are fewer runs than cores, a run gets several. */
static void choose_jobs(struct worklist *worklist, const struct runner_options *options) {
    int cores = workers_cores(), jobs = options->jobs, threads = options->threads;
    int n = at_least_one(worklist->n_todo);
    if (threads == 0)
        threads = at_least_one(cores / (jobs > 0 && jobs < n ? jobs : n));
    if (jobs == 0)
        jobs = at_least_one(cores / threads);
    worklist->cores = cores;
    worklist->threads = threads;
    worklist->jobs = jobs < n ? jobs : n;
}

void worklist_create(struct worklist *worklist, const struct plan *plan,
                     const struct runner_options *options) {
    *worklist = (struct worklist){.plan = plan};
    struct pool *pool = &worklist->pool;
    size_t n = (size_t)plan->n_runs + 1;
    worklist->out = options->out ? options->out : "results";
    worklist->dir = pool_format(pool, "%s/%s", worklist->out, plan->experiment->name);
    worklist->merged = pool_format(pool, "%s.h5", worklist->dir);
    worklist->runs = pool_alloc(pool, n * sizeof *worklist->runs);
    memcpy(worklist->runs, plan->runs, (n - 1) * sizeof *worklist->runs);
    worklist->taken = pool_alloc(pool, n * sizeof *worklist->taken);
    worklist->is_todo = pool_alloc(pool, n * sizeof *worklist->is_todo);
    worklist->outcomes = pool_alloc(pool, n * sizeof *worklist->outcomes);
    worklist->todo = pool_alloc(pool, n * sizeof *worklist->todo);
    if (options->n_shards > 0)
        plan_shard(plan, options->shard, options->n_shards, worklist->taken);
    else
        memset(worklist->taken, true, n);
    look(worklist, options);
    sort_by_cost(worklist);
    choose_jobs(worklist, options);
}

void worklist_free(struct worklist *worklist) {
    pool_free(&worklist->pool);
    *worklist = (struct worklist){0};
}

double worklist_seconds(const struct worklist *worklist, int run) {
    const struct planned_run *planned = &worklist->plan->runs[run];
    return estimate_seconds(&worklist->estimate, planned->config.run.train.batch_size,
                            planned->cost);
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

int worklist_other_versions(const struct worklist *worklist) {
    const struct plan *plan = worklist->plan;
    struct pool pool = {0};
    size_t n = (size_t)plan->n_runs;
    const char **ids = pool_alloc(&pool, n * sizeof *ids + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = plan->runs[i].id;
    qsort(ids, n, sizeof *ids, compare_ids);
    int n_others = 0;
    DIR *folder = opendir(worklist->dir);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        n_others += is_run_file(name) && !bsearch(&name, ids, n, sizeof *ids, compare_ids);
    }
    if (folder)
        closedir(folder);
    pool_free(&pool);
    return n_others;
}

void worklist_sweep(const struct worklist *worklist) {
    store_sweep(worklist->dir);
    store_sweep(worklist->out);
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
static double run_bytes(const struct worklist *worklist, int run) {
    int n_threads = worklist->threads;
    return (double)run_memory(&worklist->runs[run], n_threads) + PROCESS_BYTES +
           n_threads * THREAD_BYTES;
}

static int compare_sizes(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

/* All processes together when the largest runs meet. */
static double worst_bytes(const struct worklist *worklist) {
    struct pool pool = {0};
    size_t n = (size_t)worklist->n_todo;
    double bytes = shared_bytes(worklist->plan) + PROCESS_BYTES;
    double *sizes = pool_alloc(&pool, n * sizeof *sizes + 1);
    for (size_t i = 0; i < n; i++)
        sizes[i] = run_bytes(worklist, worklist->todo[i]);
    qsort(sizes, n, sizeof *sizes, compare_sizes);
    for (size_t i = 0; i < n && i < (size_t)worklist->jobs; i++)
        bytes += sizes[i];
    pool_free(&pool);
    return bytes;
}

static void list_run(const struct worklist *worklist, int run, FILE *out) {
    const struct planned_run *planned = &worklist->runs[run];
    struct pool pool = {0};
    char seconds[DURATION_SIZE];
    bool todo = worklist->is_todo[run];
    fprintf(out, "%s  %-5s  %8ld steps  %6.1f MB  %10s  %s\n", planned->id, todo ? "to do" : "done",
            planned->total_steps, run_bytes(worklist, run) / 1e6,
            todo ? duration_text(worklist_seconds(worklist, run), seconds) : "",
            plan_label(worklist->plan, run, &pool));
    pool_free(&pool);
}

static double all_seconds(const struct worklist *worklist) {
    struct pool pool = {0};
    int n = worklist->n_todo;
    double *seconds = pool_alloc(&pool, (size_t)n * sizeof *seconds + 1);
    for (int i = 0; i < n; i++)
        seconds[i] = worklist_seconds(worklist, worklist->todo[i]);
    double all = estimate_finish(seconds, n, worklist->jobs);
    pool_free(&pool);
    return all;
}

void worklist_list(const struct worklist *worklist, FILE *out) {
    const struct plan *plan = worklist->plan;
    char text[DURATION_SIZE];
    long steps = 0;
    for (int run = 0; run < plan->n_runs; run++)
        if (worklist->taken[run])
            list_run(worklist, run, out);
    for (int i = 0; i < worklist->n_todo; i++)
        steps += plan->runs[worklist->todo[i]].total_steps;
    fprintf(out, "\n%s: %d run%s, %d done, %d to do", plan->experiment->name, worklist->n_taken,
            plural(worklist->n_taken), worklist->n_taken - worklist->n_todo, worklist->n_todo);
    if (worklist->n_taken < plan->n_runs)
        fprintf(out, " (a shard of %d)", plan->n_runs);
    fprintf(out, "; %d cell%s equal to another and merged, %d excluded\n", plan->n_merged,
            plan->n_merged == 1 ? " was" : "s were", plan->n_excluded);
    fprintf(out, "%ld step%s to do, %d at a time with %d thread%s each: about %s%s\n", steps,
            plural(steps), worklist->jobs, worklist->threads, worklist->threads == 1 ? "" : "s",
            duration_text(all_seconds(worklist), text),
            estimate_is_learned(&worklist->estimate) ? ", by the finished runs"
                                                     : ", a guess: no run is finished yet");
    fprintf(out, "memory: at most about %.0f MB, %.0f MB of it the data, which all share\n",
            worst_bytes(worklist) / 1e6, shared_bytes(plan) / 1e6);
    int n_others = worklist_other_versions(worklist);
    if (n_others > 0)
        fprintf(out, "%d run%s of other versions in %s %s left alone\n", n_others, plural(n_others),
                worklist->dir, n_others == 1 ? "is" : "are");
}
