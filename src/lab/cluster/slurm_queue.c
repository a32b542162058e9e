/* Asks squeue for the tasks of what was submitted. */
#include "lab/cluster/slurm_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "io/files.h"
#include "io/sandbox.h"

/* The number in a file that `submit` keeps; NULL: there is none. It becomes a word of a command, so
 * it is a number or nothing. */
static const char *kept_number(const char *dir, int submission, const char *name,
                               struct pool *pool) {
    enum { MOST_DIGITS = 12 };
    char *text;
    if (file_read(pool_format(pool, "%s/slurm/%d/%s", dir, submission, name), pool, &text) != OK)
        return NULL;
    size_t digits = strspn(text, "0123456789");
    bool good = digits > 0 && digits <= MOST_DIGITS && strcmp(text + digits, "\n") == 0;
    return good ? pool_format(pool, "%.*s", (int)digits, text) : NULL;
}

/* The latest `submit` that was sent, and its job; 0: none was. */
static int last_submission(const char *dir, struct pool *pool, const char **job) {
    const char **names;
    int n, last = 0;
    if (folder_names(pool_format(pool, "%s/slurm", dir), pool, &names, &n) != OK)
        return 0;
    for (int i = 0; i < n; i++) {
        int number = atoi(names[i]);
        const char *kept = number > last ? kept_number(dir, number, "train.job", pool) : NULL;
        last = kept ? number : last;
        *job = kept ? kept : *job;
    }
    return last;
}

/* "12|3|PENDING|Resources" */
static bool read_task(char *line, struct pool *pool, struct slurm_task *task) {
    char *rest = NULL, *job = strtok_r(line, "|", &rest), *index = strtok_r(NULL, "|", &rest);
    char *state = strtok_r(NULL, "|", &rest), *reason = strtok_r(NULL, "|", &rest);
    if (!job || !index || !state)
        return false;
    bool waits = reason && strcmp(reason, "None") != 0;
    *task = (struct slurm_task){
        .job = text_visible(job, pool),
        .index = *index >= '0' && *index <= '9' ? atoi(index) : -1,
        .state = text_visible(state, pool),
        .reason = waits ? text_visible(reason, pool) : "",
    };
    return true;
}

void slurm_queue_read(const char *dir, struct pool *pool, struct slurm_queue *queue) {
    struct program_output output;
    int capacity = 0;
    char *rest = NULL;
    const char *job = NULL, *shards;
    int last = last_submission(dir, pool, &job);
    /* Of a controller that does not answer, squeue asks for minutes. */
    const char *const arguments[] = {"timeout",    "5",       "squeue",
                                     "--noheader", "--array", "--format=%F|%K|%T|%r",
                                     "--jobs",     job,       NULL};
    *queue = (struct slurm_queue){0};
    if (!last)
        return;
    if (program_run(arguments, pool, &output) != OK) {
        if (!strstr(output.said, "Invalid job id")) /* it has not forgotten the job */
            queue->unknown = text_visible(pool_text(pool, status_message()), pool);
        return;
    }
    shards = kept_number(dir, last, "train.shards", pool);
    queue->n_shards = shards ? atoi(shards) : 0;
    char *all = pool_text(pool, output.bytes);
    for (char *line = strtok_r(all, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        struct slurm_task task;
        if (!read_task(line, pool, &task))
            continue;
        queue->tasks = pool_grow(pool, queue->tasks, queue->n, &capacity, sizeof *queue->tasks);
        queue->tasks[queue->n++] = task;
    }
}

const struct slurm_task *slurm_queue_find(const struct slurm_queue *queue, int index) {
    for (int i = 0; i < queue->n; i++)
        if (queue->tasks[i].index == index)
            return &queue->tasks[i];
    return NULL;
}
