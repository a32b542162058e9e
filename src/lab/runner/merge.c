#include "lab/runner/merge.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "io/version_info.h"
#include "lab/plan/plan_file.h"
#include "lab/runner/journal.h"
#include "lab/store/outcome.h"
#include "lab/store/store.h"
#include "lab/table/summary_columns.h"
#include "lab/worker/execute.h"

/* ---- what there is of each run ---- */

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Runs without a file: did they fail, or were they never ended? */
static void find_failed(struct merge *merge, const char *dir) {
    struct pool pool = {0};
    size_t n = (size_t)merge->n_runs;
    const char **ids = pool_alloc(&pool, n * sizeof *ids);
    bool *failed = pool_alloc(&pool, n * sizeof *failed);
    for (size_t i = 0; i < n; i++)
        ids[i] = merge->runs[i].id;
    qsort(ids, n, sizeof *ids, compare_texts);
    journal_failed(dir, merge->n_runs, ids, failed);
    for (size_t i = 0; i < n; i++) {
        const char **found = bsearch(&merge->runs[i].id, ids, n, sizeof *ids, compare_texts);
        if (!merge->runs[i].path && failed[found - ids])
            merge->runs[i].status = "failed";
    }
    pool_free(&pool);
}

static void find_file(struct merge *merge, struct merge_run *run, int n_dirs,
                      const char *const *dirs) {
    struct outcome outcome = {0};
    run->status = "missing";
    for (int i = 0; i < n_dirs && !outcome.finished; i++) {
        const char *path = pool_format(&merge->pool, "%s/%s.h5", dirs[i], run->id);
        outcome = outcome_peek(path, run->id, &merge->pool);
        if (outcome.finished) {
            run->path = path;
            run->status = outcome_status(&outcome);
        }
    }
    merge->n_missing += !outcome.finished;
}

static void add_text(struct hash *hash, const char *text) {
    hash_add(hash, text, strlen(text) + 1);
}

static const char *stamp_of(struct merge *merge) {
    struct hash hash;
    char text[HASH_TEXT_SIZE];
    hash_begin(&hash);
    add_text(&hash, merge->name);
    add_text(&hash, merge->title);
    add_text(&hash, merge->yaml);
    add_text(&hash, merge->resolved);
    for (int i = 0; i < merge->n_runs; i++) {
        const struct merge_run *run = &merge->runs[i];
        const long log[] = {run->log.level, run->log.test, run->log.weights};
        add_text(&hash, run->id);
        add_text(&hash, run->status);
        hash_add(&hash, log, sizeof log);
        add_text(&hash, run->log.probes);
    }
    hash_end(&hash, text);
    return pool_text(&merge->pool, text);
}

static void find_files(struct merge *merge, int n_dirs, const char *const *dirs) {
    for (int i = 0; i < merge->n_runs; i++)
        find_file(merge, &merge->runs[i], n_dirs, dirs);
    for (int i = 0; i < n_dirs && merge->n_missing > 0; i++)
        find_failed(merge, dirs[i]);
    merge->stamp = stamp_of(merge);
}

static void name_experiment(struct merge *merge, const struct experiment *experiment) {
    struct pool *pool = &merge->pool;
    merge->name = pool_text(pool, experiment->name);
    merge->title = pool_text(pool, experiment->title ? experiment->title : "");
    merge->yaml = pool_text(pool, experiment->text);
    merge->resolved = experiment_json(experiment, pool);
}

void merge_plan(struct merge *merge, const struct plan *plan, const char *dir) {
    *merge = (struct merge){.n_runs = plan->n_runs};
    name_experiment(merge, plan->experiment);
    merge->runs = pool_alloc(&merge->pool, (size_t)plan->n_runs * sizeof *merge->runs);
    for (int i = 0; i < plan->n_runs; i++)
        merge->runs[i] = (struct merge_run){.id = plan->runs[i].id,
                                            .label = plan_label(plan, i, &merge->pool),
                                            .cell = &plan->runs[i].cell,
                                            .log = plan->runs[i].config.log};
    find_files(merge, 1, &dir);
}

/* ---- folders with a plan.json ---- */

/* The same runs, whatever their order? */
static bool same_runs(const struct plan_file *a, const struct plan_file *b) {
    struct pool pool = {0};
    size_t n = (size_t)a->n_runs;
    if (a->n_runs != b->n_runs)
        return false;
    const char **left = pool_alloc(&pool, n * sizeof *left + 1);
    const char **right = pool_alloc(&pool, n * sizeof *right + 1);
    for (size_t i = 0; i < n; i++) {
        left[i] = a->runs[i].id;
        right[i] = b->runs[i].id;
    }
    qsort(left, n, sizeof *left, compare_texts);
    qsort(right, n, sizeof *right, compare_texts);
    bool same = true;
    for (size_t i = 0; i < n && same; i++)
        same = strcmp(left[i], right[i]) == 0;
    pool_free(&pool);
    return same;
}

/* "<dir>/<folder>", one that has a plan; NULL: none. */
static const char *find_planned(const char *dir, struct pool *pool) {
    const char *found = NULL;
    DIR *folder = opendir(dir);
    for (const struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        const char *inner = pool_format(pool, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.' && access(pool_format(pool, "%s/plan.json", inner), F_OK) == 0)
            found = inner;
    }
    if (folder)
        closedir(folder);
    return found;
}

/* The folder above the right one is what shards with an --out of their own suggest. */
static enum status read_plan(const char *dir, struct plan_file *plan) {
    struct pool pool = {0};
    enum status status;
    const char *inner;
    if (access(dir, F_OK) != 0 || access(pool_format(&pool, "%s/plan.json", dir), F_OK) == 0)
        status = plan_file_read(dir, plan);
    else if ((inner = find_planned(dir, &pool)))
        status = fail(ERROR_RESULTS,
                      "no plan in %s; name the folder that `normlab run` filled, such as %s", dir,
                      inner);
    else
        status = fail(ERROR_RESULTS, "no plan in %s; name a folder that `normlab run` filled", dir);
    pool_free(&pool);
    return status;
}

static enum status check_same(const struct plan_file *first, const char *dir) {
    struct plan_file other;
    enum status status = read_plan(dir, &other);
    if (status)
        return status;
    if (strcmp(first->name, other.name) != 0)
        status =
            fail(ERROR_RESULTS, "%s is of the experiment '%s', %s of '%s': merge them one by one",
                 first->path, first->name, other.path, other.name);
    else if (!same_runs(first, &other))
        status =
            fail(ERROR_RESULTS,
                 "%s (%d runs) and %s (%d runs) plan different runs: parts of one experiment are "
                 "made with the same file and the same key=value words",
                 first->path, first->n_runs, other.path, other.n_runs);
    plan_file_free(&other);
    return status;
}

static enum status merge_from_file(struct merge *merge, const struct plan_file *file) {
    struct experiment experiment;
    enum status status =
        experiment_parse(file->file, file->yaml, file->n_overrides, file->overrides, &experiment);
    if (status)
        return fail_in(ERROR_RESULTS, "%s", file->path);
    name_experiment(merge, &experiment);
    experiment_free(&experiment);
    merge->n_runs = file->n_runs;
    merge->runs = pool_alloc(&merge->pool, (size_t)file->n_runs * sizeof *merge->runs + 1);
    for (int i = 0; i < file->n_runs; i++) {
        const struct filed_run *run = &file->runs[i];
        merge->runs[i] = (struct merge_run){
            .id = run->id, .label = run->label, .cell = &run->cell, .log = run->config.log};
    }
    return OK;
}

enum status merge_folders(struct merge *merge, int n_dirs, const char *const *dirs) {
    struct plan_file first;
    enum status status = read_plan(dirs[0], &first);
    if (status)
        return status;
    for (int i = 1; i < n_dirs && !status; i++)
        status = check_same(&first, dirs[i]);
    struct merge merged = {0};
    if (!status)
        status = merge_from_file(&merged, &first);
    if (status) {
        merge_free(&merged);
        plan_file_free(&first);
        return status;
    }
    merged.plan = first;
    find_files(&merged, n_dirs, dirs);
    *merge = merged;
    return OK;
}

void merge_free(struct merge *merge) {
    plan_file_free(&merge->plan);
    pool_free(&merge->pool);
    *merge = (struct merge){0};
}

/* ---- /summary ---- */

static enum cell_type column_type(const struct key *key) {
    switch (key->type) {
    case KEY_BOOL:
        return TYPE_BOOL;
    case KEY_INT:
        return TYPE_INT;
    case KEY_REAL:
        return TYPE_REAL;
    default:
        return TYPE_TEXT;
    }
}

/* A new column in which nothing applies yet: -1, NaN or "". */
static struct column *add_column(struct table *table, const char *name, enum cell_type type,
                                 const char *unit, const char *doc) {
    struct column *column = table_add(table, name, type, unit ? unit : "", doc ? doc : "");
    for (int row = 0; row < table->n_rows; row++)
        if (type == TYPE_REAL)
            column->reals[row] = NAN;
        else if (type != TYPE_TEXT)
            column->integers[row] = -1;
    return column;
}

static void set_value(struct table *table, struct column *column, int row, const struct key *key,
                      const struct value *value) {
    if (column->type == TYPE_REAL)
        column->reals[row] = value->real;
    else if (column->type == TYPE_TEXT)
        column->texts[row] = pool_text(&table->pool, value_text(key, value, &table->pool));
    else
        column->integers[row] = value->integer;
}

/* A run's configuration follows from its identity, so the plan's serves for all of it but what was
 * logged, where a run may have more than was asked for. What is about a machine only is left out:
 * runs may come from several. */
static void add_key(const struct merge *merge, struct table *table, int index) {
    const struct key *key = key_get(index);
    struct column *column = NULL;
    if (key->local)
        return;
    for (int row = 0; row < merge->n_runs; row++) {
        const struct cell *cell = merge->runs[row].cell;
        if (!cell->applies[index])
            continue;
        if (!column)
            column = add_column(table, key->name, column_type(key), key->unit, key->doc);
        set_value(table, column, row, key, &cell->values[index]);
    }
}

static void set_attribute(struct table *table, const char *name, int row,
                          const struct attribute *attribute) {
    struct column *column = table_find(table, name);
    if (!column || !attribute || (column->type == TYPE_TEXT) != (attribute->type == TYPE_TEXT))
        return;
    if (column->type == TYPE_TEXT)
        column->texts[row] = pool_text(&table->pool, attribute->text);
    else if (column->type == TYPE_REAL)
        column->reals[row] =
            attribute->type == TYPE_REAL ? attribute->real : (double)attribute->integer;
    else if (attribute->type != TYPE_REAL)
        column->integers[row] = attribute->integer;
}

/* What a finished run itself says: its final figures, and how it was logged. */
static enum status fill_row(struct table *table, const struct merge_run *run, int row) {
    struct record record = {0};
    enum status status = store_peek_run(run->path, &record);
    if (status)
        return status;
    for (int i = 0; i < summary_column_count(); i++) {
        const char *name = summary_column_get(i)->name;
        set_attribute(table, name, row, attributes_find(&record.final, name));
    }
    for (int i = 0; i < key_count(); i++)
        if (key_get(i)->volatile_)
            set_attribute(table, key_get(i)->name, row,
                          attributes_find(&record.config, key_get(i)->name));
    record_free(&record);
    return OK;
}

/* What losses are measured in: runs that differ in it have a unit of numbers in common. */
static const char *loss_unit(const struct merge *merge) {
    int key = key_find("train.loss");
    long loss = merge->runs[0].cell->values[key].integer;
    for (int row = 1; row < merge->n_runs; row++)
        if (merge->runs[row].cell->values[key].integer != loss)
            return "1";
    return loss_get(loss)->unit;
}

enum status merge_summary(const struct merge *merge, struct table *summary) {
    table_create(summary, merge->n_runs);
    struct column *ids =
        table_add(summary, "run", TYPE_TEXT, "", "id of the run: its group in /runs");
    for (int row = 0; row < merge->n_runs; row++)
        ids->texts[row] = pool_text(&summary->pool, merge->runs[row].id);
    for (int i = 0; i < key_count(); i++)
        add_key(merge, summary, i);
    for (int i = 0; i < summary_column_count(); i++) {
        const struct summary_column *final = summary_column_get(i);
        bool is_loss = !strcmp(final->unit, UNIT_OF_LOSS);
        add_column(summary, final->name, final->type, is_loss ? loss_unit(merge) : final->unit,
                   final->doc);
    }
    struct column *statuses = table_find(summary, "status");
    for (int row = 0; row < merge->n_runs; row++) {
        const struct merge_run *run = &merge->runs[row];
        if (statuses)
            statuses->texts[row] = run->status;
        enum status status = run->path ? fill_row(summary, run, row) : OK;
        if (status)
            return status;
    }
    return OK;
}

/* ---- the file ---- */

enum status merge_check_path(const char *path, const char *name) {
    struct stat about;
    struct pool pool = {0};
    struct store_header header = {0};
    if (lstat(path, &about) != 0)
        return OK; /* nothing there; whether it can be written shows itself */
    bool good = store_read_header(path, &pool, &header) == OK && header.name &&
                strcmp(header.name, name) == 0;
    pool_free(&pool);
    return good ? OK
                : fail(ERROR_RESULTS,
                       "%s is not a results file of '%s'; give another --out, or move it away",
                       path, name);
}

enum status merge_write(const struct merge *merge, const char *path) {
    enum status status = merge_check_path(path, merge->name);
    if (status)
        return status;
    struct pool pool = {0};
    struct table summary = {0};
    const char **paths = pool_alloc(&pool, (size_t)merge->n_runs * sizeof *paths + 1);
    struct store_header header = {.name = merge->name,
                                  .title = merge->title,
                                  .source = pool_format(&pool, "normlab %s", build_version),
                                  .yaml = merge->yaml,
                                  .resolved = merge->resolved,
                                  .plan = merge->stamp};
    int n = 0;
    for (int i = 0; i < merge->n_runs; i++)
        if (merge->runs[i].path)
            paths[n++] = merge->runs[i].path;
    status = merge_summary(merge, &summary);
    if (!status)
        status = store_write_merged(path, &header, &summary, n, paths);
    table_free(&summary);
    pool_free(&pool);
    return status;
}

static bool is_older(const struct stat *a, const struct stat *b) {
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec < b->st_mtim.tv_sec
                                                  : a->st_mtim.tv_nsec < b->st_mtim.tv_nsec;
}

bool merge_is_current(const struct merge *merge, const char *path) {
    struct pool pool = {0};
    struct store_header header = {0};
    struct stat merged, run;
    bool current = stat(path, &merged) == 0 && store_read_header(path, &pool, &header) == OK &&
                   header.plan && strcmp(header.plan, merge->stamp) == 0;
    for (int i = 0; i < merge->n_runs && current; i++)
        current = !merge->runs[i].path ||
                  (stat(merge->runs[i].path, &run) == 0 && !is_older(&merged, &run));
    pool_free(&pool);
    return current;
}

enum status merge_plan_into(const struct plan *plan, const char *dir, const char *path,
                            int *n_missing) {
    struct merge merge;
    merge_plan(&merge, plan, dir);
    *n_missing = merge.n_missing;
    enum status status = merge_write(&merge, path);
    merge_free(&merge);
    return status;
}
