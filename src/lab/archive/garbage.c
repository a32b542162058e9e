/* Finds, and removes, what nothing asks for: runs, checkpoints, drafts. */
#include "lab/archive/garbage.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sort.h"
#include "base/visible.h"
#include "io/draft.h"
#include "io/files.h"
#include "io/lock.h"
#include "lab/journal/journals.h"
#include "lab/plan/plan_file.h"
#include "lab/store/store.h"

struct search {
    const struct garbage_request *request;
    struct garbage *garbage;
    struct pool pool;
    int n_asked, capacity; /* ids of the runs that are asked for; sorted before they are used */
    const char **asked;
    const char *dir;    /* where the search is */
    enum status status; /* the first failure of what cannot return one */
};

static void ask_for(struct search *search, const char *id) {
    search->asked = pool_grow(&search->pool, search->asked, search->n_asked, &search->capacity,
                              sizeof *search->asked);
    search->asked[search->n_asked++] = pool_text(&search->pool, id);
}

/* ---- folders ---- */

static bool ends_with(const char *name, const char *ending) {
    size_t size = strlen(name), end = strlen(ending);
    return size > end && strcmp(name + size - end, ending) == 0;
}

/* The id that a file of a run is named after, "r0123456789ab.h5"; NULL: it is none. */
static const char *id_of(const char *name, const char *ending, struct pool *pool) {
    bool is = run_id_begins(name) && strcmp(name + RUN_ID_SIZE - 1, ending) == 0;
    return is ? pool_format(pool, "%.*s", RUN_ID_SIZE - 1, name) : NULL;
}

/* ---- what is found ---- */

/* Lists the file; where files are to be removed, only once it is gone. */
static void take(struct search *search, const char *kind, const char *name) {
    struct garbage *garbage = search->garbage;
    const struct garbage_request *request = search->request;
    const char *path = pool_format(&garbage->pool, "%s/%s", search->dir, name);
    struct stat about;
    struct timespec now;
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    double age_s = (double)(now.tv_sec - about.st_mtim.tv_sec) +
                   1e-9 * (double)(now.tv_nsec - about.st_mtim.tv_nsec);
    if (age_s < request->older_s || (double)about.st_size < request->larger_bytes)
        return;
    if (request->remove && unlink(path) != 0) {
        if (errno != ENOENT && !search->status)
            search->status = fail(ERROR_RUN, "cannot remove '%s': %s", path, strerror(errno));
        return;
    }
    garbage->items = pool_grow(&garbage->pool, garbage->items, garbage->n, &garbage->capacity,
                               sizeof *garbage->items);
    garbage->items[garbage->n++] = (struct garbage_item){kind, path, (long)about.st_size, age_s};
    garbage->bytes += (double)about.st_size;
}

static bool take_draft(int folder, const char *name, void *context) {
    struct search *search = context;
    int before = search->garbage->n;
    (void)folder;
    take(search, "draft", name);
    return search->request->remove && search->garbage->n > before;
}

/* ---- a folder of runs ---- */

static bool is_asked(const struct search *search, const char *id) {
    return find_text(id, search->asked, (size_t)search->n_asked) >= 0;
}

/* A checkpoint of a finished run is of no use either. */
static bool is_superseded(const struct search *search, const char *id) {
    struct pool pool = {0};
    bool is = access(pool_format(&pool, "%s/%s.h5", search->dir, id), F_OK) == 0;
    pool_free(&pool);
    return is;
}

static void take_file(struct search *search, const char *name, struct pool *pool) {
    const char *run = id_of(name, ".h5", pool), *checkpoint = id_of(name, ".checkpoint", pool);
    if (run && !is_asked(search, run))
        take(search, "run", name);
    if (checkpoint && (!is_asked(search, checkpoint) || is_superseded(search, checkpoint)))
        take(search, "checkpoint", name);
}

static double written_s(const char *dir, const char *name) {
    struct pool pool = {0};
    struct stat about;
    double when = stat(pool_format(&pool, "%s/%s", dir, name), &about) == 0
                      ? (double)about.st_mtim.tv_sec
                      : 0;
    pool_free(&pool);
    return when;
}

static const double A_DAY_S = 86400;

/* Was a checkpoint written in the last day? */
static bool is_fresh(const char *dir, const char *const *names, int n) {
    struct pool pool = {0};
    double latest = 0;
    for (int i = 0; i < n; i++)
        if (id_of(names[i], ".checkpoint", &pool) && written_s(dir, names[i]) > latest)
            latest = written_s(dir, names[i]);
    pool_free(&pool);
    return (double)time(NULL) - latest < A_DAY_S;
}

/* A shard holds no lock. Its journal says whether it lives; where that cannot be known for certain
 * (another machine's, an earlier build's), a run has begun, and journal or checkpoints are of
 * today. */
static enum status check_idle(const char *dir, const char *const *names, int n) {
    struct journals journals;
    enum status status = journals_read(1, &dir, NULL, &journals);
    bool fresh = !status && is_fresh(dir, names, n);
    if (status)
        return status;
    for (int i = 0; i < journals.n_runs && !status; i++) {
        const struct journal_run *run = &journals.runs[i];
        const struct journal_process *process = NULL;
        if (run->cut && run->cut->word == JOURNAL_START)
            process = &journals.lines.processes[run->cut->process];
        bool today = process && (fresh || (double)time(NULL) - process->written_s < A_DAY_S);
        if (run->running || (process && !process->certain && today))
            status = fail(ERROR_RUN,
                          "run %s has begun there and not ended, and there were signs "
                          "of it in the last 24 hours",
                          run->id);
    }
    journals_free(&journals);
    return status;
}

/* The last failure says why. */
static void say_left(const struct search *search) {
    if (search->request->messages)
        text_print(search->request->messages, "%s is left alone: %s\n", search->dir,
                   status_message());
}

/* The folder is ours while this lasts. */
static enum status search_runs(struct search *search) {
    struct pool pool = {0};
    struct plan_file plan;
    const char **names;
    int n;
    enum status status = folder_names(search->dir, &pool, &names, &n);
    if (!status)
        status = check_idle(search->dir, names, n);
    if (!status)
        status = plan_file_read(search->dir, &plan);
    if (status) {
        say_left(search);
        goto done;
    }
    for (int i = 0; i < plan.n_runs; i++)
        ask_for(search, plan.runs[i].id);
    plan_file_free(&plan);
    sort_texts(search->asked, (size_t)search->n_asked);
    for (int i = 0; i < n && !search->status; i++)
        take_file(search, names[i], &pool);
    if (!search->status)
        drafts_each(search->dir, take_draft, search);
done:
    pool_free(&pool);
    return search->status;
}

static enum status search_folder(struct search *search, const char *dir) {
    struct lock lock = {-1};
    search->dir = dir;
    if (lock_take(dir, &lock) != OK) {
        say_left(search);
        return OK;
    }
    enum status status = search_runs(search);
    lock_release(&lock);
    return status;
}

/* ---- the folder of results ---- */

/* The rows of a results file are runs that are asked for. */
static enum status read_asked(struct search *search, const char *path) {
    struct table summary;
    enum status status = store_read_summary(path, &summary);
    if (status)
        return fail(status,
                    "%s: which runs it asks for cannot be known, and nothing is removed: "
                    "move it away, or mend it",
                    status_message());
    const struct column *ids = table_find(&summary, "run");
    for (int row = 0; row < summary.n_rows; row++)
        ask_for(search, ids->texts[row]);
    table_free(&summary);
    return OK;
}

/* 0: there is a plan; else an errno. */
static int find_plan(const char *dir) {
    struct pool pool = {0};
    int error = access(pool_format(&pool, "%s/plan.json", dir), F_OK) == 0 ? 0 : errno;
    pool_free(&pool);
    return error;
}

static enum status search_all(struct search *search) {
    const char *dir = search->request->dir;
    const char **names;
    int n = 0;
    enum status status = folder_names(dir, &search->pool, &names, &n);
    for (int i = 0; i < search->request->n_kept; i++)
        ask_for(search, search->request->kept[i]);
    for (int i = 0; i < n && !status; i++)
        if (ends_with(names[i], ".h5"))
            status = read_asked(search, pool_format(&search->pool, "%s/%s", dir, names[i]));
    for (int i = 0; i < n && !status; i++) {
        const char *inner = pool_format(&search->pool, "%s/%s", dir, names[i]);
        int error = find_plan(inner);
        if (error != ENOENT && error != ENOTDIR)
            status = search_folder(search, inner);
    }
    search->dir = dir;
    if (!status)
        drafts_each(dir, take_draft, search);
    return status ? status : search->status;
}

static enum status check_folder(const char *dir) {
    struct stat about;
    if (stat(dir, &about) != 0)
        return fail(file_error(errno) == ERROR_UNREADABLE ? ERROR_UNREADABLE : ERROR_USAGE,
                    "%s: %s", dir, strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return fail(ERROR_USAGE, "%s: is no folder", dir);
    if (find_plan(dir) == 0)
        return fail(ERROR_USAGE,
                    "%s has the runs of one experiment; name the folder above it, where the "
                    "results files stand that ask for them",
                    dir);
    return OK;
}

enum status garbage_collect(const struct garbage_request *request, struct garbage *garbage) {
    struct search search = {.request = request, .garbage = garbage};
    *garbage = (struct garbage){0};
    enum status status = check_folder(request->dir);
    if (!status)
        status = search_all(&search);
    pool_free(&search.pool);
    if (status && !request->remove)
        garbage_free(garbage);
    return status;
}

void garbage_free(struct garbage *garbage) {
    pool_free(&garbage->pool);
    *garbage = (struct garbage){0};
}
