/* Writes the merged file, and tells whether one that is there is up to date. */
#include "lab/runner/merge_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "io/draft.h"
#include "io/files.h"
#include "io/lock.h"
#include "io/version_info.h"
#include "lab/runner/merge_summary.h"
#include "lab/store/store.h"
#include "lab/table/table.h"

enum status merge_check_path(const char *path, const char *name) {
    struct stat about;
    struct pool pool = {0};
    struct store_header header = {0};
    if (lstat(path, &about) != 0)
        return file_error(errno) == ERROR_UNREADABLE
                   ? fail(ERROR_UNREADABLE, "%s: %s", path, strerror(errno))
                   : OK; /* nothing there; whether it can be written shows itself */
    enum status status = store_read_header(path, &pool, &header);
    if (status && status != ERROR_UNREADABLE)
        status = fail(status,
                      "%s; it is not replaced by the results of '%s': move it away, and the same "
                      "command makes new ones from the runs, or give another --out",
                      pool_text(&pool, status_message()), name);
    else if (!status && strcmp(header.name, name) != 0)
        status =
            fail(ERROR_RESULTS, "%s holds results of '%s'; give another --out, or move it away",
                 path, header.name);
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
    enum status status = merge_check_path(path, merge->name);
    if (status)
        return status;
    status = check_older(merge, path);
    if (status)
        return status;
    drafts_sweep_of(path);
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
