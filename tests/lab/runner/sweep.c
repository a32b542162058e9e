#include "tests/lab/runner/sweep.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sort.h"
#include "lab/journal/journal_read.h"
#include "lab/store/store.h"

const char sweep_small[] = "schema: 1\n"
                           "name: small\n"
                           "title: A small sweep\n"
                           "base:\n"
                           "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                           "         classes: 3, train: 200, validation: 50}\n"
                           "  model: {hidden: [5]}\n"
                           "  train: {batch_size: 10, epochs: 2}\n"
                           "sweep:\n"
                           "  norm.kind: [none, batch]\n"
                           "  seed: [0, 1]\n";

const char sweep_slow[] = "schema: 1\n"
                          "name: slow\n"
                          "title: A sweep that can be met while it runs\n"
                          "base:\n"
                          "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                          "         classes: 3, train: 200, validation: 50}\n"
                          "  model: {hidden: [30, 30]}\n"
                          "  norm: {kind: batch}\n"
                          "  train: {batch_size: 20, epochs: 1000}\n"
                          "  log: {level: economy}\n"
                          "sweep:\n"
                          "  seed: range(6)\n";

static void plan(struct sweep *sweep, const char *yaml, const char *const *overrides) {
    int n = 0;
    while (overrides && overrides[n])
        n++;
    cr_assert(experiment_parse("test.yaml", yaml, n, overrides, &sweep->experiment) == OK,
              "the experiment does not parse: %s", status_message());
    cr_assert(plan_create(&sweep->experiment, &sweep->plan) == OK, "it cannot be planned: %s",
              status_message());
    sweep->options.n_overrides = n;
    sweep->options.overrides = overrides;
}

void sweep_create(struct sweep *sweep, const char *yaml, const char *const *overrides) {
    static const char *const words[] = {"normlab", "run", "a file.yaml"};
    *sweep = (struct sweep){.out = "/tmp/normlab-test-XXXXXX"};
    cr_assert(mkdtemp(sweep->out), "no folder under /tmp");
    sweep->options = (struct runner_options){
        .out = sweep->out, .jobs = 1, .threads = 1, .argc = 3, .argv = words};
    plan(sweep, yaml, overrides);
}

void sweep_change(struct sweep *sweep, const char *yaml, const char *const *overrides) {
    plan_free(&sweep->plan);
    experiment_free(&sweep->experiment);
    plan(sweep, yaml, overrides);
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *ftw) {
    (void)about, (void)type, (void)ftw;
    return remove(path);
}

void sweep_free(struct sweep *sweep) {
    plan_free(&sweep->plan);
    experiment_free(&sweep->experiment);
    free(sweep->said);
    nftw(sweep->out, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

enum status sweep_run(struct sweep *sweep) {
    free(sweep->said);
    sweep->said = NULL;
    FILE *messages = open_memstream(&sweep->said, &sweep->said_size);
    sweep->options.messages = messages;
    enum status status = runner_run(&sweep->plan, &sweep->options);
    fclose(messages);
    sweep->options.messages = NULL;
    return status;
}

pid_t sweep_fork(struct sweep *sweep) {
    fflush(NULL);
    pid_t pid = fork();
    cr_assert(pid >= 0, "cannot fork");
    if (pid == 0) {
        setpgid(0, 0);
        _exit((int)runner_run(&sweep->plan, &sweep->options));
    }
    setpgid(pid, pid); /* both do it: whoever comes first */
    return pid;
}

int sweep_join(pid_t pid) {
    int status;
    cr_assert(waitpid(pid, &status, 0) == pid, "the child is not there");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- the folder ---- */

static const char *keep(const char *text) {
    static char kept[4][512];
    static int next;
    char *slot = kept[next++ % 4];
    snprintf(slot, sizeof kept[0], "%s", text);
    return slot;
}

const char *sweep_dir(const struct sweep *sweep) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", sweep->out, sweep->experiment.name);
    return keep(path);
}

const char *sweep_path(const struct sweep *sweep, int run) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.h5", sweep_dir(sweep), sweep->plan.runs[run].id);
    return keep(path);
}

const char *sweep_merged(const struct sweep *sweep) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.h5", sweep->out, sweep->experiment.results);
    return keep(path);
}

bool sweep_exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0;
}

int sweep_count_files(const struct sweep *sweep, const char *part) {
    int n = 0;
    DIR *folder = opendir(sweep_dir(sweep));
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        n += strstr(entry->d_name, part) != NULL;
    if (folder)
        closedir(folder);
    return n;
}

/* ---- the journal ---- */

struct query {
    const char *id, *event, *status;
    int n, stop_at; /* matches; at this one (from 0) pid and id of the line are kept */
    pid_t pid;
    char found[RUN_ID_SIZE];
};

static void match(struct query *query, const struct journal_event *event) {
    bool is_start = event->word == JOURNAL_START;
    if (is_start != (strcmp(query->event, "start") == 0))
        return;
    if (query->id && strcmp(event->id, query->id) != 0)
        return;
    if (query->status && strcmp(journal_word_name(event->word), query->status) != 0)
        return;
    if (query->n++ == query->stop_at) {
        query->pid = (pid_t)event->pid;
        snprintf(query->found, sizeof query->found, "%s", event->id);
    }
}

static int compare_times(const void *a, const void *b) {
    const struct journal_event *x = a, *y = b;
    int order = strcmp(x->time, y->time);
    return order ? order : x->place - y->place;
}

/* All journals of the folder, in the order of time. */
static void read_journal(const struct sweep *sweep, struct query *query) {
    struct journal_lines lines = {0};
    cr_assert(journal_read(sweep_dir(sweep), NULL, &lines) == OK, "%s", status_message());
    sort_items(lines.events, (size_t)lines.n_events, sizeof *lines.events, compare_times);
    for (int i = 0; i < lines.n_events; i++)
        match(query, &lines.events[i]);
    journal_lines_free(&lines);
}

int sweep_count_events(const struct sweep *sweep, int run, const char *event, const char *status) {
    struct query query = {.event = event, .status = status, .stop_at = -1};
    query.id = run < 0 ? NULL : sweep->plan.runs[run].id;
    read_journal(sweep, &query);
    return query.n;
}

pid_t sweep_wait_start(const struct sweep *sweep, int n, int *run) {
    struct query query = {.event = "start", .stop_at = n};
    for (int tries = 0; query.pid == 0; tries++) {
        cr_assert(tries < 12000, "no run number %d has started in a minute", n);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        query.n = 0;
        read_journal(sweep, &query);
    }
    for (*run = 0; strcmp(sweep->plan.runs[*run].id, query.found) != 0; ++*run)
        cr_assert(*run + 1 < sweep->plan.n_runs, "the journal has an id that was not planned");
    return query.pid;
}

/* ---- results ---- */

void sweep_summary(const char *path, struct table *summary) {
    cr_assert(store_read_summary(path, summary) == OK, "%s", status_message());
}

static bool is_volatile(const char *name) {
    size_t length = strlen(name);
    return strcmp(name, "concurrency") == 0 || (length > 2 && strcmp(name + length - 2, "_s") == 0);
}

const char *sweep_difference(const struct table *a, const struct table *b, struct pool *pool) {
    if (a->n_columns != b->n_columns || a->n_rows != b->n_rows)
        return pool_format(pool, "%d rows of %d columns against %d of %d", a->n_rows, a->n_columns,
                           b->n_rows, b->n_columns);
    for (int i = 0; i < a->n_columns; i++) {
        const struct column *left = &a->columns[i], *right = table_find(b, left->name);
        if (!right)
            return pool_format(pool, "no column %s", left->name);
        for (int row = 0; row < a->n_rows && !is_volatile(left->name); row++) {
            const char *x = table_text(left, row, pool), *y = table_text(right, row, pool);
            if (strcmp(x, y) != 0)
                return pool_format(pool, "%s, row %d: '%s' and '%s'", left->name, row, x, y);
        }
    }
    return NULL;
}

/* ---- what is expected ---- */

void sweep_trains(struct sweep *sweep, int n) {
    int before = sweep_count_events(sweep, -1, "start", NULL);
    enum status status = sweep_run(sweep);
    int trained = sweep_count_events(sweep, -1, "start", NULL) - before;
    cr_assert(!status, "status %d: %s", (int)status, status_message());
    cr_assert(trained == n, "%d runs were trained, not %d:\n%s", trained, n, sweep->said);
}

void sweep_expect_said(const struct sweep *sweep, const char *text) {
    cr_assert(strstr(sweep->said, text), "it did not say '%s' but:\n%s", text, sweep->said);
}

const char *sweep_status_of(const struct table *summary, const char *id) {
    const struct column *ids = table_find(summary, "run"),
                        *statuses = table_find(summary, "status");
    for (int row = 0; row < summary->n_rows; row++)
        if (strcmp(ids->texts[row], id) == 0)
            return statuses->texts[row];
    return "not in the summary";
}
