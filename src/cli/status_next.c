/* What is to be done next with a sweep, and when it will be ready. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/status_words.h"
#include "io/machine.h"

/* ---- who is at work ---- */

static bool lives(const struct journal_process *process) {
    return process->life != JOURNAL_GONE;
}

bool status_is_at_work(const struct status_subject *subject, const struct sweep_status *status) {
    const struct journal_lines *lines = &status->journals.lines;
    if (subject->queue.n > 0)
        return true;
    for (int i = 0; i < lines->n_processes; i++)
        if (lives(&lines->processes[i]))
            return true;
    return false;
}

/* Processes that live: of all runs, and [n_shards] of each shard. */
struct work {
    int n_all;
    int n_shards, *of_shard;
    const struct slurm_queue *queue;
};

static struct work find_work(const struct status_subject *subject,
                             const struct sweep_status *status, struct pool *pool) {
    const struct journal_lines *lines = &status->journals.lines;
    struct work work = {.queue = &subject->queue,
                        .n_shards = status->n_shards,
                        .of_shard =
                            pool_alloc(pool, (size_t)status->n_shards * sizeof *work.of_shard + 1)};
    for (int i = 0; i < lines->n_processes; i++) {
        const struct journal_process *process = &lines->processes[i];
        work.n_all += lives(process) && process->n_shards == 0;
        if (lives(process) && process->n_shards > 0 && process->n_shards == status->n_shards)
            work.of_shard[process->shard]++;
    }
    return work;
}

/* Has somebody who is at work or queued this run, or its shard? Of another cut than the queue's all
 * are. */
static bool is_taken(const struct work *work, const struct sweep_run *run) {
    bool known = run->shard >= 0 && work->queue->n_shards == work->n_shards;
    bool queued = known ? slurm_queue_find(work->queue, run->shard) != NULL : work->queue->n > 0;
    return run->state == SWEEP_RUNNING || work->n_all > 0 || queued ||
           (run->shard >= 0 && work->of_shard[run->shard] > 0);
}

/* A process that lives has seen it fail: it tries it no more. */
static bool is_tried(const struct sweep_status *status, const struct sweep_run *run) {
    const struct journal_event *end = run->told ? run->told->end : NULL;
    return run->state != SWEEP_RUNNING && end &&
           lives(&status->journals.lines.processes[end->process]);
}

/* ---- shards ---- */

const struct status_shard *status_shards(const struct sweep_status *status, struct pool *pool) {
    const struct journal_lines *lines = &status->journals.lines;
    struct status_shard *shards = pool_alloc(pool, (size_t)status->n_shards * sizeof *shards + 1);
    for (int i = 0; i < status->plan.n_runs && status->n_shards; i++) {
        enum sweep_state state = status->runs[i].state;
        struct status_shard *of = &shards[status->runs[i].shard];
        bool done = sweep_state_is_done(state);
        int *count = done                         ? &of->n_done
                     : state == SWEEP_RUNNING     ? &of->n_running
                     : state == SWEEP_INTERRUPTED ? &of->n_cut
                     : state == SWEEP_MISSING     ? &of->n_missing
                                                  : &of->n_failed;
        of->n_runs++;
        ++*count;
    }
    for (int i = 0; i < lines->n_processes; i++) {
        const struct journal_process *process = &lines->processes[i];
        if (lives(process) && process->n_shards > 0 && process->n_shards == status->n_shards)
            shards[process->shard].process = process;
    }
    return shards;
}

/* ---- when it is ready ---- */

/* Of one process: what it has to do, so many at a time. */
static double ready_s(const struct sweep_status *status, const struct journal_process *process) {
    double sum_s = 0, longest_s = 0;
    for (int i = 0; i < status->plan.n_runs; i++) {
        const struct sweep_run *run = &status->runs[i];
        bool its = process->n_shards == 0 ||
                   (process->n_shards == status->n_shards && process->shard == run->shard);
        if (!its || sweep_state_is_done(run->state) || is_tried(status, run))
            continue;
        sum_s += run->left_s;
        longest_s = fmax(longest_s, run->left_s);
    }
    return fmax(sum_s / (process->jobs > 0 ? process->jobs : 1), longest_s);
}

double status_ready_s(const struct sweep_status *status) {
    const struct journal_lines *lines = &status->journals.lines;
    double ready = 0;
    for (int i = 0; i < lines->n_processes; i++)
        if (lives(&lines->processes[i]))
            ready = fmax(ready, ready_s(status, &lines->processes[i]));
    return ready;
}

/* ---- the next command ---- */

/* "x.yaml", where the runs are the trials that `normlab tune x.yaml` makes; NULL: they are not. */
static const char *tuned_file(const struct plan_file *plan, struct pool *pool) {
    static const char end[] = "-tune";
    size_t size = strlen(plan->name);
    bool is = text_ends_in(plan->name, end) &&
              strcmp(plan->file, pool_format(pool, "%s, made by normlab", plan->name)) == 0;
    return is ? pool_format(pool, "%.*s.yaml", (int)(size - strlen(end)), plan->name) : NULL;
}

static const char *run_command(const struct status_subject *subject,
                               const struct sweep_status *status, int shard, struct pool *pool) {
    const struct plan_file *plan = &status->plan;
    const char *tuned = tuned_file(plan, pool);
    const char *line = pool_format(pool, "normlab %s %s", tuned ? "tune" : "run",
                                   text_quoted(tuned ? tuned : subject->file, pool));
    for (int i = 0; i < plan->n_overrides; i++)
        line = pool_format(pool, "%s %s", line, text_quoted(plan->overrides[i], pool));
    if (subject->out)
        line = pool_format(pool, "%s --out %s", line, text_quoted(subject->out, pool));
    return shard < 0 || tuned || status->n_shards < 2
               ? line
               : pool_format(pool, "%s --shard %d/%d", line, shard, status->n_shards);
}

/* Was it written after all that journals tell? A merge on the way lacks what came later. */
static bool is_current(const char *merged, const struct journal_lines *lines) {
    struct stat about;
    if (stat(merged, &about) != 0)
        return false;
    double merged_s = (double)about.st_mtim.tv_sec + 1e-9 * (double)about.st_mtim.tv_nsec;
    for (int i = 0; i < lines->n_processes; i++)
        if (lines->processes[i].written_s > merged_s)
            return false;
    return true;
}

static struct status_next next_of_done(const struct status_subject *subject,
                                       const struct sweep_status *status, struct pool *pool) {
    const char *results = status->plan.results ? status->plan.results : status->plan.name;
    const char *out = subject->out ? subject->out : "results";
    const char *merged = pool_format(pool, "%s/%s.h5", out, results);
    if (!is_current(merged, &status->journals.lines))
        return (struct status_next){
            .command = pool_format(pool, "normlab merge %s", text_quoted(subject->dir, pool)),
            .says = "makes the results file"};
    return (struct status_next){
        .command = pool_format(pool, "normlab table %s", text_quoted(merged, pool)),
        .says = "shows the results"};
}

/* Runs that nobody has or will have; *first: the shard of the first, *shards: of how many they are,
 * *checkpoints: how many go on from one. */
static struct status_next left_over(const struct status_subject *subject,
                                    const struct sweep_status *status, int *first, int *n_shards,
                                    int *n_checkpoints) {
    struct pool pool = {0};
    struct status_next next = {0};
    struct work work = find_work(subject, status, &pool);
    bool *seen = pool_alloc(&pool, (size_t)status->n_shards * sizeof *seen + 1);
    double sum_s = 0, longest_s = 0;
    *first = -1;
    *n_shards = *n_checkpoints = 0;
    for (int i = 0; i < status->plan.n_runs; i++) {
        const struct sweep_run *run = &status->runs[i];
        if (sweep_state_is_done(run->state) || is_taken(&work, run))
            continue;
        next.n_runs++;
        *n_checkpoints += run->checkpoint;
        sum_s += run->left_s;
        longest_s = fmax(longest_s, run->left_s);
        if (run->shard >= 0 && !seen[run->shard]) {
            seen[run->shard] = true;
            ++*n_shards;
            *first = *first < 0 || run->shard < *first ? run->shard : *first;
        }
    }
    pool_free(&pool);
    next.seconds = fmax(sum_s / machine_cores(), longest_s);
    return next;
}

struct status_next status_next(const struct status_subject *subject,
                               const struct sweep_status *status, struct pool *pool) {
    int first, n_shards, n_checkpoints;
    if (sweep_status_done(status) == status->plan.n_runs)
        return next_of_done(subject, status, pool);
    struct status_next next = left_over(subject, status, &first, &n_shards, &n_checkpoints);
    bool busy = status_is_at_work(subject, status);
    if (next.n_runs == 0) {
        int n_tried = 0;
        for (int i = 0; i < status->plan.n_runs; i++)
            n_tried +=
                !sweep_state_is_done(status->runs[i].state) && is_tried(status, &status->runs[i]);
        next.command = "";
        next.says = n_tried ? pool_format(pool,
                                          "wait: who is at work has the rest; the next call tries "
                                          "%d again",
                                          n_tried)
                            : "wait: who is at work or queued has all that is left";
        return next;
    }
    const char *resumed =
        n_checkpoints ? pool_format(pool, ", %d of them from a checkpoint", n_checkpoints) : "";
    next.command = run_command(subject, status, busy || n_shards == 1 ? first : -1, pool);
    if (busy && n_shards > 1)
        next.says = pool_format(pool, "and the same for %d more shard%s train %d runs%s",
                                n_shards - 1, plural(n_shards - 1), next.n_runs, resumed);
    else
        next.says =
            pool_format(pool, "trains %d run%s%s", next.n_runs, plural(next.n_runs), resumed);
    return next;
}
