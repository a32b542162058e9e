/* Which runs are left to train, in which order, and how many at a time. */
#include "lab/runner/worklist.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sort.h"
#include "io/draft.h"
#include "io/machine.h"
#include "lab/plan/plan_shards.h"
#include "lab/worker/checkpoint.h"

/* ---- which ---- */

const char *worklist_path(const struct worklist *worklist, int run, struct pool *pool) {
    return pool_format(pool, "%s/%s.h5", worklist->dir, worklist->plan->runs[run].id);
}

const char *worklist_checkpoint(const struct worklist *worklist, int run, struct pool *pool) {
    return pool_format(pool, "%s/%s.checkpoint", worklist->dir, worklist->plan->runs[run].id);
}

/* What finished runs tell about time: those that were made like this one will be. */
static void learn(struct worklist *worklist, int run) {
    const struct planned_run *planned = &worklist->plan->runs[run];
    const struct outcome *outcome = &worklist->outcomes[run];
    if (outcome->state == RUN_FINISHED && !outcome->diverged)
        estimate_learn(&worklist->estimate, planned->config.run.train.batch_size, planned->cost,
                       outcome->seconds, false);
}

static enum status find_finished(struct worklist *worklist, const struct runner_options *options) {
    const struct plan *plan = worklist->plan;
    struct pool paths = {0};
    enum status status = OK;
    for (int run = 0; run < plan->n_runs && !status; run++) {
        struct outcome *outcome = &worklist->outcomes[run];
        if (!worklist->taken[run])
            continue;
        worklist->n_taken++;
        *outcome =
            outcome_peek(worklist_path(worklist, run, &paths), plan->runs[run].id, &worklist->pool);
        if (outcome->state == RUN_UNREADABLE)
            status = fail_in(ERROR_UNREADABLE, "nothing is trained");
        learn(worklist, run);
        if (options->force || !outcome_serves(outcome, &plan->runs[run].config.log)) {
            worklist->todo[worklist->n_todo++] = run;
            worklist->is_todo[run] = true;
            continue;
        }
        worklist->n_reused++;
        worklist->n_other_build += outcome->other_build;
    }
    pool_free(&paths);
    return status;
}

/* ---- how many at a time ---- */

static int at_least_one(int n) {
    return n > 1 ? n : 1;
}

/* Processes first, threads second: where there are fewer runs than cores, a run gets several. */
static void choose_jobs(struct worklist *worklist, const struct runner_options *options) {
    int cores = machine_cores(), jobs = options->jobs, threads = options->threads;
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
    worklist->stage = options->stage;
    worklist->dir = pool_format(pool, "%s/%s", worklist->out, plan->experiment->name);
    worklist->merged = pool_format(pool, "%s/%s.h5", worklist->out, plan->experiment->results);
    worklist->taken = pool_alloc(pool, n * sizeof *worklist->taken);
    worklist->is_todo = pool_alloc(pool, n * sizeof *worklist->is_todo);
    worklist->outcomes = pool_alloc(pool, n * sizeof *worklist->outcomes);
    worklist->todo = pool_alloc(pool, n * sizeof *worklist->todo);
    if (options->n_shards > 0)
        plan_shard(plan, options->shard, options->n_shards, worklist->taken);
    else
        memset(worklist->taken, true, n);
    if (options->first_seeds > 0)
        plan_take_seeds(plan, options->first_seeds, worklist->taken);
}

enum status worklist_look(struct worklist *worklist, const struct runner_options *options) {
    enum status status = find_finished(worklist, options);
    plan_sort_longest(worklist->plan, worklist->n_todo, worklist->todo);
    choose_jobs(worklist, options);
    return status;
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

struct planned_run worklist_run(const struct worklist *worklist, int run, struct pool *pool) {
    struct planned_run planned = worklist->plan->runs[run];
    const struct outcome *outcome = &worklist->outcomes[run];
    if (!worklist->is_todo[run] || outcome->state != RUN_FINISHED)
        return planned;
    struct log_config log = outcome_log(outcome, &planned.config.log, pool);
    struct cell cell;
    cell_copy(&cell, &planned.cell, pool);
    cell.values[key_find("log.level")].integer = log.level;
    cell.values[key_find("log.test")].integer = log.test;
    cell.values[key_find("log.weights")].integer = log.weights;
    cell.values[key_find("log.probes")].text = log.probes;
    cell_finish(&cell, &planned.config);
    planned.cell = cell;
    return planned;
}

/* ---- what else is there ---- */

/* "r" and 12 hexadecimal digits and the ending */
static bool is_run_file(const char *name, const char *ending) {
    return run_id_begins(name) && strcmp(name + RUN_ID_SIZE - 1, ending) == 0;
}

static int compare_ids(const void *a, const void *b) {
    return strncmp(*(const char *const *)a, *(const char *const *)b, RUN_ID_SIZE - 1);
}

int worklist_other_versions(const struct worklist *worklist, const char *ending) {
    const struct plan *plan = worklist->plan;
    struct pool pool = {0};
    size_t n = (size_t)plan->n_runs;
    const char **ids = pool_alloc(&pool, n * sizeof *ids + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = plan->runs[i].id;
    sort_items(ids, n, sizeof *ids, compare_ids);
    int n_others = 0;
    DIR *folder = opendir(worklist->dir);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        n_others +=
            is_run_file(name, ending) && !find_item(&name, ids, n, sizeof *ids, compare_ids);
    }
    if (folder)
        closedir(folder);
    pool_free(&pool);
    return n_others;
}

void worklist_drop_checkpoints(const struct worklist *worklist, bool all) {
    struct pool pool = {0};
    for (int run = 0; run < worklist->plan->n_runs; run++)
        if (worklist->taken[run] && (all || !worklist->is_todo[run]))
            checkpoint_remove(worklist_checkpoint(worklist, run, &pool));
    pool_free(&pool);
}

/* The folder is not ours alone. */
static bool sweep_staged(int folder, const char *name, void *context) {
    (void)context;
    return run_id_begins(name) && unlinkat(folder, name, 0) == 0;
}

void worklist_sweep(const struct worklist *worklist) {
    drafts_sweep(worklist->dir);
    drafts_sweep(worklist->out);
    if (worklist->stage)
        drafts_each(worklist->stage, sweep_staged, NULL);
}
