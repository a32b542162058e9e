/* What `normlab run --dry-run` prints: each run, and what all of them take in time and memory; or
 * the keys that they have, and which of these the file leaves to their defaults. */
#include "lab/runner/dry_run.h"

#include <stdlib.h>

#include "base/sort.h"
#include "base/words.h"
#include "engine/data/dataset.h"
#include "lab/runner/run_memory.h"
#include "lab/table/table.h"

/* ---- memory ---- */

/* What a process takes beside its run's memory and the shared data: its own pages of the program
 * and of HDF5; and a thread of it: its stack and the copies of engine/kernel/gemm.c. Measured: 2 to
 * 6 MB, and 0.6 MB and more a thread. */
static const double PROCESS_BYTES = 8e6, THREAD_BYTES = 2e6;

static double shared_bytes(const struct plan *plan) {
    double bytes = 0;
    for (int i = 0; i < plan->data.n_sources; i++) {
        const struct data_source *source = plan->data.sources[i];
        double rows = (double)source->n_train_rows + (double)source->n_test_rows;
        double size = source->train_bytes ? 1 : sizeof(float);
        double target = source->train_labels ? 1 : source->n_classes * (double)sizeof(float);
        bytes += rows * (target + source->n_features * size);
    }
    return bytes;
}

/* Of the process that trains it, without what it shares. */
static double run_bytes(const struct worklist *worklist, int run) {
    struct pool pool = {0};
    struct planned_run planned = worklist_run(worklist, run, &pool);
    int n_threads = worklist->threads;
    double bytes =
        (double)run_memory(&planned, n_threads) + PROCESS_BYTES + n_threads * THREAD_BYTES;
    pool_free(&pool);
    return bytes;
}

static int compare_sizes(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

double dry_run_bytes(const struct worklist *worklist) {
    struct pool pool = {0};
    size_t n = (size_t)worklist->n_todo;
    double bytes = shared_bytes(worklist->plan) + PROCESS_BYTES;
    double *sizes = pool_alloc(&pool, n * sizeof *sizes + 1);
    for (size_t i = 0; i < n; i++)
        sizes[i] = run_bytes(worklist, worklist->todo[i]);
    sort_items(sizes, n, sizeof *sizes, compare_sizes);
    for (size_t i = 0; i < n && i < (size_t)worklist->jobs; i++)
        bytes += sizes[i];
    pool_free(&pool);
    return bytes;
}

/* ---- the listing: first what a person wants to know, then each run ---- */

static void list_run(const struct worklist *worklist, int run, FILE *out) {
    const struct planned_run *planned = &worklist->plan->runs[run];
    struct pool pool = {0};
    char seconds[DURATION_SIZE];
    bool todo = worklist->is_todo[run];
    fprintf(out, "%s  %-5s  %8ld steps  %6.1f MB  %10s  %s\n", planned->id, todo ? "to do" : "done",
            planned->total_steps, run_bytes(worklist, run) / 1e6,
            todo ? duration_text(worklist_seconds(worklist, run), seconds) : "",
            plan_label(worklist->plan, run, &pool));
    pool_free(&pool);
}

static long all_steps(const struct worklist *worklist) {
    long steps = 0;
    for (int i = 0; i < worklist->n_todo; i++)
        steps += worklist->plan->runs[worklist->todo[i]].total_steps;
    return steps;
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

void dry_run_list(const struct worklist *worklist, FILE *out) {
    const struct plan *plan = worklist->plan;
    char text[DURATION_SIZE];
    long steps = all_steps(worklist);
    fprintf(out, "%s: %d run%s, %d done, %d to do", plan->experiment->name, worklist->n_taken,
            plural(worklist->n_taken), worklist->n_taken - worklist->n_todo, worklist->n_todo);
    if (worklist->n_taken < plan->n_runs)
        fprintf(out, " (a shard of %d)", plan->n_runs);
    fprintf(out, "; %d cell%s equal to another and merged, %d excluded\n", plan->n_merged,
            plan->n_merged == 1 ? " was" : "s were", plan->n_excluded);
    fprintf(out, "%ld step%s to do, %d at a time with %d thread%s each: about %s%s\n", steps,
            plural(steps), worklist->jobs, worklist->threads, plural(worklist->threads),
            duration_text(all_seconds(worklist), text),
            estimate_is_learned(&worklist->estimate) ? ", by the finished runs"
                                                     : ", a guess: no run is finished yet");
    fprintf(out, "memory: at most about %.0f MB, %.0f MB of it the data, which all share\n",
            dry_run_bytes(worklist) / 1e6, shared_bytes(plan) / 1e6);
    int n_others = worklist_other_versions(worklist, ".h5");
    if (n_others > 0)
        fprintf(out, "%d run%s of other versions in %s %s left alone\n", n_others, plural(n_others),
                worklist->dir, n_others == 1 ? "is" : "are");
    fputs("\n", out);
    for (int run = 0; run < plan->n_runs; run++)
        if (worklist->taken[run])
            list_run(worklist, run, out);
}

/* ---- the listing for programs ---- */

enum { RUN, STATE, STEPS, BYTES, SECONDS, LISTED };

static void add_columns(const struct plan *plan, struct table *table) {
    static const struct {
        const char *name;
        enum cell_type type;
    } columns[LISTED] = {[RUN] = {"run", TYPE_TEXT},
                         [STATE] = {"state", TYPE_TEXT},
                         [STEPS] = {"steps", TYPE_INT},
                         [BYTES] = {"bytes", TYPE_INT},
                         [SECONDS] = {"seconds", TYPE_REAL}};
    for (int i = 0; i < LISTED; i++)
        table_add(table, columns[i].name, columns[i].type, "", "");
    for (int i = 0; i < plan->n_varied; i++)
        table_add(table, key_get(plan->varied[i])->name, TYPE_TEXT, "", "");
}

static void set_row(struct table *table, int row, const char *run, const char *state, long steps,
                    double bytes, double seconds) {
    table->columns[RUN].texts[row] = run;
    table->columns[STATE].texts[row] = state;
    table->columns[STEPS].integers[row] = steps;
    table->columns[BYTES].integers[row] = (long)bytes;
    table->columns[SECONDS].reals[row] = seconds;
}

/* The values of the keys that vary; "" where a key does not apply. */
static void set_cell(struct table *table, int row, const struct plan *plan,
                     const struct cell *cell) {
    for (int i = 0; i < plan->n_varied; i++) {
        int key = plan->varied[i];
        bool applies = cell && cell->applies[key];
        table->columns[LISTED + i].texts[row] =
            applies ? value_text(key_get(key), &cell->values[key], &table->pool) : "";
    }
}

void dry_run_table(const struct worklist *worklist, struct table *table) {
    const struct plan *plan = worklist->plan;
    int row = 0;
    table_create(table, worklist->n_taken + 1);
    add_columns(plan, table);
    for (int run = 0; run < plan->n_runs; run++) {
        const struct planned_run *planned = &plan->runs[run];
        bool todo = worklist->is_todo[run];
        if (!worklist->taken[run])
            continue;
        set_row(table, row, planned->id, todo ? "todo" : "done", planned->total_steps,
                run_bytes(worklist, run), todo ? worklist_seconds(worklist, run) : 0);
        set_cell(table, row++, plan, &planned->cell);
    }
    set_row(table, row, "total", "todo", all_steps(worklist), dry_run_bytes(worklist),
            all_seconds(worklist));
    set_cell(table, row, plan, NULL);
}

/* ---- the keys ---- */

struct listed_key {
    bool applies, is_default;
    const char *values; /* those seen so far, | between them */
};

static void add_value(struct listed_key *listed, const char *value, struct pool *pool) {
    if (!listed->applies)
        listed->values = value;
    else if (words_find(listed->values, value) < 0)
        listed->values = pool_format(pool, "%s|%s", listed->values, value);
    listed->applies = true;
}

static struct listed_key look_at_key(const struct plan *plan, int key, struct pool *pool) {
    struct listed_key listed = {0};
    for (int run = 0; run < plan->n_runs; run++) {
        const struct cell *cell = &plan->runs[run].cell;
        if (!cell->applies[key])
            continue;
        add_value(&listed, value_yaml(key_get(key), &cell->values[key], pool), pool);
        listed.is_default = listed.is_default || !cell->origins[key].file;
    }
    return listed;
}

void dry_run_keys(const struct plan *plan, struct table *table) {
    int row = 0;
    table_create(table, key_count());
    struct column *keys = table_add(table, "key", TYPE_TEXT, "", "");
    struct column *values = table_add(table, "values", TYPE_TEXT, "", "");
    struct column *from = table_add(table, "from", TYPE_TEXT, "", "");
    for (int key = 0; key < key_count(); key++) {
        struct listed_key listed = look_at_key(plan, key, &table->pool);
        if (!listed.applies || key_get(key)->volatile_)
            continue;
        keys->texts[row] = key_get(key)->name;
        values->texts[row] = listed.values;
        from->texts[row++] = listed.is_default ? "default" : "file";
    }
    table->n_rows = row;
}
