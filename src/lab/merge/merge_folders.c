/* Folders that hold parts of one plan, on one machine or several, become one merge. */
#include "lab/merge/merge_folders.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

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
    sort_texts(left, n);
    sort_texts(right, n);
    bool same = true;
    for (size_t i = 0; i < n && same; i++)
        same = strcmp(left[i], right[i]) == 0;
    pool_free(&pool);
    return same;
}

static enum status check_same(const struct plan_file *first, const char *dir) {
    struct plan_file other;
    enum status status = plan_file_read(dir, &other);
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
    if (status) /* the definition is wrong, or memory is short */
        return fail_in(status == ERROR_USAGE ? ERROR_RESULTS : status, "%s", file->path);
    merge_begin(merge, &experiment, file->n_runs);
    if (file->results)
        merge->results = pool_text(&merge->pool, file->results);
    experiment_free(&experiment);
    for (int i = 0; i < file->n_runs; i++) {
        const struct filed_run *run = &file->runs[i];
        merge->runs[i] = (struct merge_run){
            .id = run->id, .label = run->label, .cell = &run->cell, .log = run->config.log};
    }
    return OK;
}

enum status merge_folders(struct merge *merge, int n_dirs, const char *const *dirs) {
    struct plan_file first;
    enum status status = plan_file_read(dirs[0], &first);
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
    status = merge_find_files(&merged, n_dirs, dirs);
    if (status)
        merge_free(&merged);
    else
        *merge = merged;
    return status;
}
