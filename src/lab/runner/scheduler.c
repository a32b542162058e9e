#include "lab/runner/scheduler.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "lab/store/store.h"
#include "lab/worker/execute.h"

/* How often the line on a terminal is written anew. */
static const double REFRESH_S = 1;

/* ---- in the worker process ---- */

struct job {
    const struct training *training;
    int run;
    int concurrency; /* runs that share the machine now, this one among them */
};

/* The command line as one text; words with blanks in quotes. */
static const char *command_line(const struct runner_options *options, struct pool *pool) {
    const char *line = "";
    for (int i = 0; i < options->argc; i++) {
        const char *word = options->argv[i];
        const char *quote = word[strcspn(word, " \t\n")] || !*word ? "'" : "";
        line = pool_format(pool, "%s%s%s%s%s", line, i ? " " : "", quote, word, quote);
    }
    return line;
}

static enum status train(void *argument) {
    const struct job *job = argument;
    const struct agenda *agenda = job->training->agenda;
    struct record record = {0};
    enum status status =
        run_execute(&agenda->runs[job->run], agenda->threads, job->concurrency, &record);
    if (status)
        return status;
    attributes_add_text(&record, &record.provenance, "arguments",
                        command_line(job->training->options, &record.pool), NULL);
    return store_write_run(agenda->dir, &record);
}

/* ---- one run starts, one ends ---- */

static void run_failed(struct training *training, int run, const char *reason, double seconds) {
    struct agenda *agenda = training->agenda;
    const char *id = agenda->plan->runs[run].id;
    const char *label = plan_label(agenda->plan, run, &agenda->pool);
    if (training->n_failed++ == 0)
        training->first_failure =
            pool_format(&agenda->pool, "%s%s%s: %s", id, *label ? " " : "", label, reason);
    training->stages[run] = STAGE_FAILED;
    journal_end(&training->journal, id, training->places[run].pid, "failed", reason, seconds);
    progress_ended(&training->progress, "failed", id, label, reason);
}

static void start_next(struct training *training) {
    int run = training->agenda->todo[training->n_started++];
    struct job job = {training, run, training->workers.n_running + 1};
    struct worker *place = &training->places[run];
    if (workers_start(&training->workers, run, train, &job, &place->pid) != OK) {
        run_failed(training, run, status_message(), 0);
        return;
    }
    place->started_s = clock_seconds();
    training->stages[run] = STAGE_RUNNING;
    journal_start(&training->journal, training->agenda->plan->runs[run].id, place->pid);
}

/* Until everything is done, by what is known now. */
static double seconds_left(const struct training *training) {
    const struct agenda *agenda = training->agenda;
    struct pool pool = {0};
    double *seconds = pool_alloc(&pool, (size_t)agenda->n_todo * sizeof *seconds + 1);
    int n = 0;
    for (int i = 0; i < agenda->n_todo; i++) {
        int run = agenda->todo[i];
        bool running = training->stages[run] == STAGE_RUNNING;
        if (i < training->n_started && !running)
            continue;
        double spent = running ? clock_seconds() - training->places[run].started_s : 0;
        double left = agenda_seconds(agenda, run) - spent;
        seconds[n++] = left > 0 ? left : 0;
    }
    double all = estimate_finish(seconds, n, agenda->jobs);
    pool_free(&pool);
    return all;
}

static void run_finished(struct training *training, int run, double seconds) {
    struct agenda *agenda = training->agenda;
    const struct planned_run *planned = &agenda->plan->runs[run];
    const struct outcome *outcome = &agenda->outcomes[run];
    const char *status = outcome_status(outcome);
    struct pool pool = {0};
    char took[DURATION_SIZE], left[DURATION_SIZE];
    training->stages[run] = STAGE_TRAINED;
    training->n_trained++;
    if (!outcome->diverged)
        estimate_learn(&agenda->estimate, planned->config.run.train.batch_size, planned->cost,
                       seconds, true);
    journal_end(&training->journal, planned->id, training->places[run].pid, status, "", seconds);
    const char *error = isnan(outcome->test_error)
                            ? ""
                            : pool_format(&pool, "test error %.4f, ", outcome->test_error);
    progress_ended(&training->progress, status, planned->id, plan_label(agenda->plan, run, &pool),
                   pool_format(&pool, "%s%s; %s left", error, duration_text(seconds, took),
                               duration_text(seconds_left(training), left)));
    pool_free(&pool);
}

/* A worker that says it is done is believed when its file says so, too. */
static void run_ended(struct training *training, const struct worker_end *end) {
    struct agenda *agenda = training->agenda;
    struct pool pool = {0};
    int run = end->tag;
    if (end->status != OK) {
        run_failed(training, run, end->reason, end->seconds);
        return;
    }
    const char *path = agenda_path(agenda, run, &pool);
    struct outcome outcome = outcome_peek(path, agenda->plan->runs[run].id, &agenda->pool);
    if (outcome.finished) {
        agenda->outcomes[run] = outcome;
        run_finished(training, run, end->seconds);
    } else {
        run_failed(training, run, status_message(), end->seconds);
    }
    pool_free(&pool);
}

/* ---- all of them ---- */

static void show(struct training *training) {
    const struct agenda *agenda = training->agenda;
    struct pool pool = {0};
    const char *label = "";
    if (!training->progress.rewrites)
        return;
    for (int i = 0; i < training->n_started; i++)
        if (training->stages[agenda->todo[i]] == STAGE_RUNNING)
            label = plan_label(agenda->plan, agenda->todo[i], &pool);
    progress_show(&training->progress, training->workers.n_running, label, seconds_left(training));
    pool_free(&pool);
}

static bool may_start(const struct training *training) {
    return training->n_started < training->agenda->n_todo &&
           training->workers.n_running < training->agenda->jobs &&
           !(training->options->fail_fast && training->n_failed > 0);
}

enum status training_stop(struct workers *workers, const struct agenda *agenda, FILE *messages) {
    int number = workers->stop_signal;
    const char *name = number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
    if (messages) {
        fprintf(messages, "normlab: %s: ending %d running; what is finished stays\n", name,
                workers->n_running);
        fflush(messages);
    }
    workers_close(workers);
    agenda_sweep(agenda);
    return fail(number == SIGINT ? STOPPED_INT : STOPPED_TERM,
                "stopped by %s; the same command goes on from here", name);
}

static enum status stop(struct training *training) {
    struct agenda *agenda = training->agenda;
    progress_clear(&training->progress);
    enum status status = training_stop(&training->workers, agenda, training->options->messages);
    for (int i = 0; i < training->n_started; i++) {
        int run = agenda->todo[i];
        const struct worker *place = &training->places[run];
        if (training->stages[run] == STAGE_RUNNING)
            journal_end(&training->journal, agenda->plan->runs[run].id, place->pid, "interrupted",
                        status_message(), clock_seconds() - place->started_s);
    }
    return status;
}

static enum status work(struct training *training) {
    struct worker_end end;
    for (;;) {
        while (may_start(training))
            start_next(training);
        if (training->workers.n_running == 0)
            return OK;
        show(training);
        switch (workers_wait(&training->workers, REFRESH_S, &end)) {
        case WORKER_ENDED:
            run_ended(training, &end);
            break;
        case WORKERS_STOP:
            return stop(training);
        case WORKERS_TIMEOUT:
            break;
        }
    }
}

enum status training_run(struct training *training, struct agenda *agenda,
                         const struct runner_options *options) {
    size_t n = (size_t)agenda->plan->n_runs + 1;
    *training = (struct training){.agenda = agenda, .options = options};
    training->stages = pool_alloc(&agenda->pool, n * sizeof *training->stages);
    training->places = pool_alloc(&agenda->pool, n * sizeof *training->places);
    progress_start(&training->progress, options->messages, agenda->n_todo);
    enum status status = journal_open(agenda->dir, &training->journal);
    if (status)
        return status;
    status = workers_open(&training->workers, agenda->jobs);
    if (!status) {
        status = work(training);
        progress_clear(&training->progress);
        workers_close(&training->workers);
    }
    journal_close(&training->journal);
    return status;
}
