/* What the process of a run does with the run's files around the training. */
#include "lab/runner/job.h"

#include <string.h>

#include "lab/merge/run_copies.h"
#include "lab/store/store.h"
#include "lab/worker/execute.h"

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

static void say(void *progress, const char *sentence) {
    progress_say(progress, "%s", sentence);
}

/* Another process may have finished it since this call looked: a task of Slurm that was thought
 * dead. Then its file stays, and must say the same. *is_there: it does. */
static enum status check_meanwhile(const struct job *job, const struct record *record,
                                   bool *is_there) {
    struct pool pool = {0};
    struct run_difference difference = {0};
    const char *path = worklist_path(job->worklist, job->run, &pool);
    const struct worklist *worklist = job->worklist;
    enum status status = OK;
    *is_there = false;
    if (worklist->outcomes[job->run].state != RUN_FINISHED) {
        struct outcome outcome = outcome_peek(path, record->id, &pool);
        *is_there = outcome_serves(&outcome, &worklist->plan->runs[job->run].config.log);
    }
    if (*is_there)
        status = run_copies_compare_record(path, record, &pool, &difference);
    if (!status && difference.n > 0)
        status =
            fail(ERROR_RESULTS, "another process has finished it meanwhile with other results: %s",
                 run_difference_text(&difference, &(struct run_copy){path, ""},
                                     &(struct run_copy){"what was trained here", ""}, &pool));
    pool_free(&pool);
    return status;
}

/* By way of a disk of this machine where one was named; what that cannot hold goes directly. */
static enum status publish(const struct job *job, const struct record *record) {
    const char *dir = job->worklist->dir, *stage = job->options->stage;
    bool is_there;
    enum status status = check_meanwhile(job, record, &is_there);
    if (status || is_there)
        return status;
    if (!stage)
        return store_write_run(dir, record);
    status = store_write_run_staged(dir, stage, record);
    if (!status)
        return OK;
    progress_say(job->progress, "normlab: %s is written without --stage %s: %s", record->id, stage,
                 status_message());
    return store_write_run(dir, record);
}

static enum status train(const struct job *job, const struct planned_run *planned,
                         struct checkpoint *checkpoint) {
    const struct worklist *worklist = job->worklist;
    struct record record = {0};
    enum status status = run_execute(planned, worklist->threads, job->concurrency, job->heartbeat,
                                     checkpoint, &record);
    if (status)
        return status;
    attributes_add_text(&record, &record.provenance, "arguments",
                        command_line(job->options, &record.pool), NULL);
    status = publish(job, &record);
    if (!status) {
        job->heartbeat->outcome = outcome_of(&record, planned->id, &record.pool);
        job->heartbeat->outcome.logged = (struct log_config){0};
    }
    record_free(&record);
    return status;
}

enum status job_run(void *argument) {
    const struct job *job = argument;
    struct pool pool = {0};
    struct planned_run planned = worklist_run(job->worklist, job->run, &pool);
    struct checkpoint checkpoint = {.path = worklist_checkpoint(job->worklist, job->run, &pool),
                                    .every_s = job->options->checkpoint_s,
                                    .say = say,
                                    .argument = job->progress};
    enum status status = train(job, &planned, &checkpoint);
    if (!status)
        checkpoint_remove(checkpoint.path);
    pool_free(&pool);
    return status;
}
