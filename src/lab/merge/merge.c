/* What there is of each planned run: its file, or how it failed. */
#include "lab/merge/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/visible.h"
#include "io/draft.h"
#include "lab/journal/journals.h"
#include "lab/merge/run_copies.h"
#include "lab/store/outcome.h"
#include "lab/table/run_rows.h"

/* Runs without a file: did they fail, or did they never end? */
static enum status find_failed(struct merge *merge) {
    struct journals journals;
    enum status status = journals_read(merge->n_dirs, merge->dirs, NULL, &journals);
    if (status)
        return status;
    for (int i = 0; i < merge->n_runs; i++)
        if (!merge->runs[i].path && journal_run_failed(journals_find(&journals, merge->runs[i].id)))
            merge->runs[i].status = run_end_name(END_FAILED);
    journals_free(&journals);
    return OK;
}

/* Where run `id` ended in a folder, by its journals: read once, when somebody asks. */
static const char *host_in(struct merge *merge, int dir, const char *id) {
    if (!merge->journals)
        merge->journals = pool_alloc(&merge->pool, (size_t)merge->n_dirs * sizeof *merge->journals);
    struct journals *journals = &merge->journals[dir];
    if (journals->n_runs == 0 && journals_read(1, &merge->dirs[dir], NULL, journals) != OK)
        return "";
    const struct journal_run *run = journals_find(journals, id);
    return run && run->end ? journals->lines.processes[run->end->process].host : "";
}

static void keep_disagreement(struct merge *merge, const struct merge_run *run, int dir,
                              const char *path, const struct run_difference *difference) {
    struct pool *pool = &merge->pool;
    const struct run_copy kept = {run->path, host_in(merge, run->dir, run->id)},
                          copy = {path, host_in(merge, dir, run->id)};
    merge->disagreements = pool_grow(pool, merge->disagreements, merge->n_differ,
                                     &merge->disagreement_capacity, sizeof *merge->disagreements);
    merge->disagreements[merge->n_differ++] =
        pool_format(pool, "%s%s%s: %s", run->id, *run->label ? "  " : "", run->label,
                    run_difference_text(difference, &kept, &copy, pool));
}

/* The run is known from another folder. */
static enum status compare_copy(struct merge *merge, const struct merge_run *run, int dir,
                                const char *path) {
    struct pool pool = {0};
    struct run_difference difference;
    enum status status = run_copies_compare(run->path, path, &pool, &difference);
    if (!status && difference.n > 0)
        keep_disagreement(merge, run, dir, path, &difference);
    else if (!status)
        merge->n_copies++;
    pool_free(&pool);
    return status;
}

/* The planned run, finished. */
static enum status take_file(struct merge *merge, struct merge_run *run, int dir, const char *path,
                             const struct outcome *outcome, const struct record *record) {
    struct attributes row;
    enum status status = summary_row(record, run->cell, &merge->pool, &row);
    if (status)
        return fail_in(status, "%s", path);
    if (run->path)
        return run_copies_one_file(run->path, path) ? OK : compare_copy(merge, run, dir, path);
    struct pool pool = {0};
    struct run_kind kind = run_kind_of(&record->provenance, &pool);
    run_kinds_add(&merge->kinds, &kind, &merge->pool);
    run->path = pool_text(&merge->pool, path);
    run->dir = dir;
    run->status = outcome_status(outcome);
    run->row = row;
    run->damaged = false;
    pool_free(&pool);
    return OK;
}

/* *unreadable: why a file cannot be read now, where it cannot. */
static enum status look_in(struct merge *merge, struct merge_run *run, int dir,
                           const char **unreadable) {
    struct pool pool = {0};
    struct record record = {0};
    const char *path = pool_format(&pool, "%s/%s.h5", merge->dirs[dir], run->id);
    struct outcome outcome = outcome_read(path, run->id, &pool, &record);
    enum status status = OK;
    if (outcome.state == RUN_FINISHED)
        status = take_file(merge, run, dir, path, &outcome, &record);
    else if (outcome.state == RUN_UNREADABLE)
        *unreadable = pool_text(&merge->pool, status_message());
    else if (outcome.state == RUN_DAMAGED && !run->path)
        run->damaged = true;
    record_free(&record);
    pool_free(&pool);
    return status;
}

static enum status find_file(struct merge *merge, struct merge_run *run) {
    const char *unreadable = NULL;
    enum status status = OK;
    run->status = run_end_name(END_MISSING);
    for (int i = 0; i < merge->n_dirs && !status; i++)
        status = look_in(merge, run, i, &unreadable);
    if (status || run->path)
        return status;
    merge->n_missing++;
    return unreadable ? fail(ERROR_UNREADABLE, "%s", unreadable) : OK;
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
    add_text(&hash, merge->file);
    add_text(&hash, merge->overrides);
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

enum status merge_look_again(struct merge *merge) {
    enum status status = OK;
    merge->n_missing = 0;
    for (int i = 0; i < merge->n_runs && !status; i++)
        if (!merge->runs[i].path)
            status = find_file(merge, &merge->runs[i]);
    if (!status && merge->n_missing > 0)
        status = find_failed(merge);
    if (!status)
        merge->stamp = stamp_of(merge);
    return status;
}

enum status merge_find_files(struct merge *merge, int n_dirs, const char *const *dirs) {
    const char **kept = pool_alloc(&merge->pool, (size_t)n_dirs * sizeof *kept + 1);
    for (int i = 0; i < n_dirs; i++)
        kept[i] = pool_text(&merge->pool, dirs[i]);
    merge->n_dirs = n_dirs;
    merge->dirs = kept;
    return merge_look_again(merge);
}

void merge_begin(struct merge *merge, const struct experiment *experiment, int n_runs) {
    *merge = (struct merge){.n_runs = n_runs};
    struct pool *pool = &merge->pool;
    merge->name = pool_text(pool, experiment->name);
    merge->title = pool_text(pool, experiment->title ? experiment->title : "");
    merge->yaml = pool_text(pool, experiment->text);
    merge->file = text_visible(pool_text(pool, path_name(experiment->file)), pool);
    merge->overrides = pool_text(pool, experiment->overrides);
    merge->results = pool_text(pool, experiment->results);
    merge->resolved = experiment_json(experiment, pool);
    merge->runs = pool_alloc(pool, (size_t)n_runs * sizeof *merge->runs + 1);
}

void merge_begin_plan(struct merge *merge, const struct plan *plan) {
    merge_begin(merge, plan->experiment, plan->n_runs);
    for (int i = 0; i < plan->n_runs; i++)
        merge->runs[i] = (struct merge_run){.id = plan->runs[i].id,
                                            .label = plan_label(plan, i, &merge->pool),
                                            .cell = &plan->runs[i].cell,
                                            .log = plan->runs[i].config.log};
}

enum status merge_plan(struct merge *merge, const struct plan *plan, const char *dir) {
    struct merge made;
    merge_begin_plan(&made, plan);
    enum status status = merge_find_files(&made, 1, &dir);
    if (status)
        merge_free(&made);
    else
        *merge = made;
    return status;
}

void merge_free(struct merge *merge) {
    for (int i = 0; merge->journals && i < merge->n_dirs; i++)
        journals_free(&merge->journals[i]);
    plan_file_free(&merge->plan);
    pool_free(&merge->pool);
    *merge = (struct merge){0};
}
