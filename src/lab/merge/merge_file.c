/* Writes the merged file, and tells whether one that is there is up to date. */
#include "lab/merge/merge_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sort.h"
#include "base/words.h"
#include "io/draft.h"
#include "io/files.h"
#include "io/lock.h"
#include "io/version_info.h"
#include "lab/merge/merge_summary.h"
#include "lab/plan/experiment.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/table.h"

/* ---- what it would replace ---- */

/* Finished runs that a summary has. */
static int finished_runs(const struct table *summary, const char **ids) {
    const struct column *runs = table_find(summary, "run");
    int n = 0;
    for (int row = 0; runs && runs->type == TYPE_TEXT && row < summary->n_rows; row++)
        if (run_ended(summary, row, END_COMPLETE) || run_ended(summary, row, END_DIVERGED))
            ids[n++] = runs->texts[row];
    return n;
}

/* Of those, the ones that the merge does not plan; *first is one of them. */
static int count_dropped(const struct merge *merge, const struct table *older, const char **first,
                         struct pool *pool) {
    size_t n = (size_t)merge->n_runs;
    const char **ids = pool_alloc(pool, n * sizeof *ids + 1);
    const char **had = pool_alloc(pool, (size_t)older->n_rows * sizeof *had + 1);
    int n_had = finished_runs(older, had), n_dropped = 0;
    for (size_t i = 0; i < n; i++)
        ids[i] = merge->runs[i].id;
    sort_texts(ids, n);
    for (int i = 0; i < n_had; i++)
        if (find_text(had[i], ids, n) < 0 && n_dropped++ == 0)
            *first = pool_text(pool, had[i]);
    return n_dropped;
}

static const char *definition_words(const char *file, const char *overrides, struct pool *pool) {
    return *overrides ? pool_format(pool, "%s with %s", file, overrides) : file;
}

/* Is it the same file, or the one that was tuned of it? */
static bool comes_of(const char *file, const char *older, struct pool *pool) {
    const char *untuned = experiment_untuned(file, pool);
    return !strcmp(file, older) || (untuned && !strcmp(untuned, older));
}

/* Results of a definition that was edited, or tuned, follow it; those of another one stay. */
static enum status check_dropped(const struct merge *merge, const struct store_header *header,
                                 const char *path, int *n_dropped) {
    struct pool pool = {0};
    struct table older;
    const char *first = "";
    *n_dropped = 0;
    enum status status = store_read_summary(path, &older);
    if (status)
        return status == ERROR_UNREADABLE ? status : OK; /* nothing there that could be lost */
    *n_dropped = count_dropped(merge, &older, &first, &pool);
    bool same = !*header->file || (comes_of(merge->file, header->file, &pool) &&
                                   !strcmp(header->overrides, merge->overrides));
    if (*n_dropped > 0 && !same && !merge->force)
        status =
            fail(ERROR_RESULTS,
                 "%s holds the results of %s, with %d finished run%s that %s does not have, "
                 "such as %s: another --name or --out keeps both, --force replaces it",
                 path, definition_words(header->file, header->overrides, &pool), *n_dropped,
                 plural(*n_dropped), definition_words(merge->file, merge->overrides, &pool), first);
    table_free(&older);
    pool_free(&pool);
    return status;
}

static enum status check_header(const struct merge *merge, const struct store_header *header,
                                const char *path) {
    if (!strcmp(header->name, merge->name) || (merge->force && *header->name))
        return OK;
    return fail(ERROR_RESULTS, "%s holds results of '%s'; give another --out%s, or move it away",
                path, header->name, *header->name ? " or --name" : "");
}

enum status merge_check_path(const struct merge *merge, const char *path, int *n_dropped) {
    struct stat about;
    struct pool pool = {0};
    struct store_header header = {0};
    *n_dropped = 0;
    if (lstat(path, &about) != 0)
        return file_error(errno) == ERROR_UNREADABLE
                   ? fail(ERROR_UNREADABLE, "%s: %s", path, strerror(errno))
                   : OK; /* nothing there; whether it can be written shows itself */
    enum status status = store_read_header(path, &pool, &header);
    if (status && status != ERROR_UNREADABLE)
        status = fail(status,
                      "%s; it is not replaced by the results of '%s': move it away, and the same "
                      "command makes new ones from the runs, or give another --out",
                      pool_text(&pool, status_message()), merge->name);
    if (!status)
        status = check_header(merge, &header, path);
    if (!status)
        status = check_dropped(merge, &header, path, n_dropped);
    pool_free(&pool);
    return status;
}

/* Has the older file run `id` finished? */
static bool had_finished(const struct table *older, const char *id) {
    const struct column *ids = table_find(older, "run"), *statuses = table_find(older, "status");
    if (!ids || !statuses || ids->type != TYPE_TEXT || statuses->type != TYPE_TEXT)
        return false;
    for (int row = 0; row < older->n_rows; row++)
        if (strcmp(ids->texts[row], id) == 0)
            return !strcmp(statuses->texts[row], "complete") ||
                   !strcmp(statuses->texts[row], "diverged");
    return false;
}

/* An older file may be all that is left of a run: it is not replaced by one that has less. */
static enum status check_older(const struct merge *merge, const char *path) {
    struct table older;
    if (merge->n_missing == 0)
        return OK;
    enum status status = store_read_summary(path, &older);
    if (status)
        return status == ERROR_UNREADABLE ? status : OK; /* nothing there that could be lost */
    for (int i = 0; i < merge->n_runs && !status; i++)
        if (!merge->runs[i].path && had_finished(&older, merge->runs[i].id))
            status = fail(ERROR_RUN,
                          "%s stays: it has the finished run %s, %s; move it away to merge without",
                          path, merge->runs[i].id,
                          merge->runs[i].damaged ? "which its own file no longer holds"
                                                 : "of which there is no file any more");
    table_free(&older);
    return status;
}

static enum status write_merged(const struct merge *merge, const char *path) {
    int n_dropped;
    enum status status = merge_check_path(merge, path, &n_dropped);
    if (status)
        return status;
    status = check_older(merge, path);
    if (status)
        return status;
    drafts_sweep_of(path);
    struct pool pool = {0};
    struct table summary = {0};
    const char **paths = pool_alloc(&pool, (size_t)merge->n_runs * sizeof *paths + 1);
    struct store_header header = {
        .name = merge->name,
        .title = merge->title,
        .source = pool_format(&pool, "normlab %s", build_version),
        .history = pool_format(&pool, "normlab %s: run files merged", build_version),
        .yaml = merge->yaml,
        .resolved = merge->resolved,
        .plan = merge->stamp,
        .file = merge->file,
        .overrides = merge->overrides};
    int n = 0;
    for (int i = 0; i < merge->n_runs; i++)
        if (merge->runs[i].path)
            paths[n++] = merge->runs[i].path;
    merge_summary(merge, &summary);
    status = store_write_merged(path, &header, &summary, n, paths);
    table_free(&summary);
    pool_free(&pool);
    return status;
}

/* Another may be at work in the same folder: `run`, while somebody calls `merge`. What it has
 * published by now is not replaced by less. */
enum status merge_write(struct merge *merge, const char *path) {
    struct pool pool = {0};
    struct lock lock = {-1};
    enum status status = lock_take_folder(path_folder(path, &pool), &lock);
    if (!status && merge->n_missing > 0)
        status = merge_look_again(merge);
    if (!status && merge->n_differ > 0)
        status = fail(ERROR_RESULTS, "%s", merge->disagreements[0]);
    if (!status)
        status = write_merged(merge, path);
    lock_release(&lock);
    pool_free(&pool);
    return status;
}

static bool is_older(const struct stat *a, const struct stat *b) {
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec < b->st_mtim.tv_sec
                                                  : a->st_mtim.tv_nsec < b->st_mtim.tv_nsec;
}

/* Without a seal nobody knows whether the numbers are those that were written, and what no command
 * can read is of no use. */
static bool is_whole(const struct store_header *header, const char *path) {
    struct table summary;
    if (!header->sealed || store_read_summary(path, &summary) != OK)
        return false;
    table_free(&summary);
    return true;
}

bool merge_is_current(const struct merge *merge, const char *path) {
    struct pool pool = {0};
    struct store_header header = {0};
    struct stat merged, run;
    bool current = stat(path, &merged) == 0 && store_read_header(path, &pool, &header) == OK &&
                   header.plan && strcmp(header.plan, merge->stamp) == 0 && is_whole(&header, path);
    for (int i = 0; i < merge->n_runs && current; i++)
        current = !merge->runs[i].path ||
                  (stat(merge->runs[i].path, &run) == 0 && !is_older(&merged, &run));
    pool_free(&pool);
    return current;
}
