/* How far a sweep is, as JSON: share/schema/output.json describes it. */
#include "cli/output_json.h"
#include "cli/status_words.h"

static const struct json_layout part_layout = {"\n    ", ",\n    ", "\n  "};

static void put_counts(struct json_writer *writer, const struct sweep_status *status) {
    json_open_object(writer, "runs", &json_one_line);
    json_put(writer, "all", "%d", status->plan.n_runs);
    for (int state = 0; state < SWEEP_STATES; state++)
        json_put(writer, sweep_state_name((enum sweep_state)state), "%d", status->counts[state]);
    json_close(writer);
}

static void put_shards(struct json_writer *writer, const struct sweep_status *status) {
    struct pool pool = {0};
    const struct status_shard *shards = status_shards(status, &pool);
    json_open_list(writer, "by_shard", &part_layout);
    for (int i = 0; i < status->n_shards; i++) {
        if (!shards[i].n_runs)
            continue;
        json_open_object(writer, NULL, &json_one_line);
        json_put(writer, "shard", "%d", i);
        json_put(writer, "runs", "%d", shards[i].n_runs);
        json_put(writer, "done", "%d", shards[i].n_done);
        json_put(writer, "running", "%d", shards[i].n_running);
        json_put(writer, "cut", "%d", shards[i].n_cut);
        json_put(writer, "failed", "%d", shards[i].n_failed);
        json_put(writer, "missing", "%d", shards[i].n_missing);
        json_put_text(writer, "host", shards[i].process ? shards[i].process->host : "");
        json_close(writer);
    }
    json_close(writer);
    pool_free(&pool);
}

/* Of those that live. */
static void put_processes(struct json_writer *writer, const struct sweep_status *status) {
    const struct journal_lines *lines = &status->journals.lines;
    json_open_list(writer, "processes", &part_layout);
    for (int i = 0; i < lines->n_processes; i++) {
        const struct journal_process *process = &lines->processes[i];
        if (process->life == JOURNAL_GONE)
            continue;
        json_open_object(writer, NULL, &json_one_line);
        json_put_text(writer, "host", process->host);
        json_put(writer, "pid", "%ld", process->pid);
        json_put_text(writer, "queue", process->queue);
        json_put_text(writer, "job", process->job);
        json_put(writer, "shard", "%d", process->shard);
        json_put(writer, "shards", "%d", process->n_shards);
        json_put(writer, "jobs", "%d", process->jobs);
        json_put_text(writer, "since", process->time);
        json_put(writer, "beat", "%ld", process->beat);
        json_put(writer, "certain", "%s", process->certain ? "true" : "false");
        json_close(writer);
    }
    json_close(writer);
}

static void put_run(struct json_writer *writer, const struct sweep_status *status, int i) {
    const struct sweep_run *run = &status->runs[i];
    const struct journal_process *process = sweep_process(status, run);
    const struct journal_run *told = run->told;
    json_open_object(writer, NULL, &json_one_line);
    json_put_text(writer, "run", status->plan.runs[i].id);
    json_put_text(writer, "label", status->plan.runs[i].label);
    json_put_text(writer, "state", sweep_state_name(run->state));
    json_put(writer, "shard", "%d", run->shard);
    json_put_text(writer, "host", process ? process->host : "");
    json_put_text(writer, "job", process ? process->job : "");
    json_put_text(writer, "since", told && told->running ? told->running->time : "");
    json_put(writer, "steps", "%ld", run->steps);
    json_put(writer, "total", "%ld", run->total);
    output_json_number(writer, "left", run->left_s);
    json_put(writer, "failed", "%d", told ? told->n_failed : 0);
    json_put(writer, "timed_out", "%d", told ? told->n_timed_out : 0);
    json_put(writer, "cut", "%d", told ? told->n_cut : 0);
    json_put(writer, "checkpoint", "%s", run->checkpoint ? "true" : "false");
    json_put_text(writer, "why", run->why);
    json_close(writer);
}

static void put_open(struct json_writer *writer, const struct sweep_status *status) {
    json_open_list(writer, "open", &part_layout);
    for (int i = 0; i < status->plan.n_runs; i++)
        if (!sweep_state_is_done(status->runs[i].state))
            put_run(writer, status, i);
    json_close(writer);
}

static void put_queue(struct json_writer *writer, const struct slurm_queue *queue) {
    json_open_list(writer, "queue", &part_layout);
    for (int i = 0; i < queue->n; i++) {
        json_open_object(writer, NULL, &json_one_line);
        json_put_text(writer, "job", queue->tasks[i].job);
        json_put(writer, "task", "%d", queue->tasks[i].index);
        json_put_text(writer, "state", queue->tasks[i].state);
        json_put_text(writer, "reason", queue->tasks[i].reason);
        json_close(writer);
    }
    json_close(writer);
}

static void put_next(struct json_writer *writer, const struct status_subject *subject,
                     const struct sweep_status *status) {
    struct pool pool = {0};
    struct status_next next = status_next(subject, status, &pool);
    json_open_object(writer, "next", &json_one_line);
    json_put_text(writer, "command", next.command);
    json_put_text(writer, "says", next.says);
    json_put(writer, "runs", "%d", next.n_runs);
    output_json_number(writer, "seconds", next.seconds);
    json_close(writer);
    pool_free(&pool);
}

void status_json(const struct status_subject *subject, const struct sweep_status *status,
                 FILE *out) {
    struct json_writer writer = {.out = out};
    output_json_begin(&writer, "status");
    json_put_text(&writer, "name", status->plan.name);
    json_put_text(&writer, "dir", subject->dir);
    json_put(&writer, "changed", "%s", subject->is_changed ? "true" : "false");
    put_counts(&writer, status);
    json_put(&writer, "shards", "%d", status->n_shards);
    output_json_number(&writer, "ready", status_ready_s(status));
    put_processes(&writer, status);
    put_open(&writer, status);
    put_shards(&writer, status);
    put_queue(&writer, &subject->queue);
    put_next(&writer, subject, status);
    json_close(&writer);
}
