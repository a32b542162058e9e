/* normlab submit: an experiment file as jobs of Slurm. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/definition_check.h"
#include "lab/cluster/slurm_queue.h"
#include "lab/cluster/submission.h"
#include "lab/runner/runner.h"

enum { MOST_CORES = 4096, MOST_TASKS = 1000000, MOST_MINUTES = 100000 };

struct submit_options {
    const char *file, *name, *templates;
    struct words words; /* key=value, and behind `--` options for sbatch */
    int tasks, limit;
    double minutes;
    bool dry_run;
    struct runner_options runner;
};

/* ---- what a person is told ---- */

static void say_size(const struct submission *submission) {
    const struct shard_size *size = &submission->size;
    const struct worklist *worklist = submission->worklist;
    struct pool *pool = submission->pool;
    char longest[DURATION_SIZE];
    text_print(stderr,
               "%s: %d of %d run%s to do, in %d task%s of up to about %s%s; asked for: %d core%s, "
               "%.0f MiB and %s a task\n",
               worklist->plan->experiment->name, worklist->n_todo, worklist->plan->n_runs,
               plural(worklist->plan->n_runs), size->n_todo, plural(size->n_todo),
               duration_text(size->longest_s, longest),
               estimate_is_learned(&worklist->estimate) ? ", by the finished runs"
                                                        : ", a guess: no run is finished yet",
               submission->options->jobs * worklist->threads,
               plural(submission->options->jobs * worklist->threads),
               submission_bytes(submission) / 1048576,
               slurm_duration(submission_seconds(submission), pool));
}

static void say_limits(const struct submission *submission) {
    const struct slurm_limits *limits = &submission->limits;
    char text[DURATION_SIZE];
    if (limits->unknown)
        text_print(stderr, "normlab: warning: Slurm's defaults are assumed, since %s\n",
                   limits->unknown);
    if (submission->size.is_cut)
        text_print(stderr,
                   "normlab: warning: an array has at most %d tasks here, so they take longer than "
                   "was asked for\n",
                   limits->array_size);
    if (submission->size.longest_s > limits->seconds)
        text_print(stderr,
                   "normlab: warning: the partition %s allows %s: a task that is not done by then "
                   "leaves checkpoints and is queued again, three times at most; more --tasks, or "
                   "fewer --minutes, make tasks shorter\n",
                   limits->partition, duration_text(limits->seconds, text));
}

static enum status check_memory(const struct submission *submission) {
    double bytes = submission_bytes(submission);
    if (bytes <= submission->limits.bytes)
        return OK;
    return fail(ERROR_USAGE,
                "a task needs about %.0f MiB, and a node of the partition %s gives a job at most "
                "%.0f MiB: fewer --jobs at a time, or another partition (-- --partition=NAME)",
                bytes / 1048576, submission->limits.partition, submission->limits.bytes / 1048576);
}

static void print_scripts(const struct submission *submission) {
    text_print(stdout, "# %s\n%s\n# %s\n%s", submission->train, submission->train_text,
               submission->finish, submission->finish_text);
}

static void say_sent(const struct submission *submission) {
    text_print(stdout, "%s\t%s\n%s\t%s\n", submission->train_job, submission->train,
               submission->finish_job, submission->finish);
    text_print(stderr,
               "job %s trains, job %s merges when all of its tasks have ended; logs: %s\n"
               "`squeue --jobs=%s,%s` shows them, `scancel %s %s` ends them\n",
               submission->train_job, submission->finish_job, submission->folder,
               submission->train_job, submission->finish_job, submission->train_job,
               submission->finish_job);
}

/* ---- from the plan to the jobs ---- */

/* What waits in the queue would be trained twice. */
static enum status check_queue(const struct worklist *worklist, struct pool *pool) {
    struct slurm_queue queue;
    slurm_queue_read(worklist->dir, pool, &queue);
    if (queue.unknown)
        text_print(stderr,
                   "normlab: warning: nobody says what of an earlier submit is still in the queue: "
                   "%s\n",
                   queue.unknown);
    if (queue.n == 0)
        return OK;
    const char *job = queue.tasks[0].job;
    return fail(
        ERROR_RUN,
        "job %s still has %d task%s of this sweep in the queue: wait for its end, or end it "
        "first (scancel %s)",
        job, queue.n, plural(queue.n), job);
}

static enum status choose_size(const struct submit_options *options,
                               struct submission *submission) {
    struct slurm_limits *limits = &submission->limits;
    slurm_limits_read(submission_partition(submission), submission->pool, limits);
    if (options->tasks > limits->array_size)
        return fail(ERROR_USAGE, "--tasks: %d are more than an array has here, %d at most",
                    options->tasks, limits->array_size);
    const struct shard_request request = {.n_tasks = options->tasks,
                                          .seconds =
                                              60 * (options->minutes > 0 ? options->minutes : 60),
                                          .most = limits->array_size};
    shard_size_choose(submission->worklist, &request, submission->pool, &submission->size);
    say_size(submission);
    say_limits(submission);
    return check_memory(submission);
}

static enum status submit(const struct submit_options *options, struct submission *submission) {
    enum status status = choose_size(options, submission);
    if (!status)
        status = submission_write_texts(submission);
    if (status)
        return status;
    if (options->dry_run) {
        print_scripts(submission);
        return OK;
    }
    status = submission_send(submission);
    if (!status)
        say_sent(submission);
    return status;
}

static enum status plan_and_submit(struct submit_options *options, struct submission *submission,
                                   const struct experiment *experiment) {
    struct plan plan;
    struct worklist worklist;
    enum status status = plan_create(experiment, &plan);
    if (status)
        return status;
    definition_warn_plan(&plan);
    worklist_create(&worklist, &plan, &options->runner);
    status = runner_check_merged(&worklist, &options->runner);
    if (!status)
        status = worklist_look(&worklist, &options->runner);
    submission->worklist = &worklist; /* analysis: taken away below */
    if (!status && worklist.n_todo == 0)
        text_print(stderr, "%s: all %d runs are done; next: normlab merge %s\n", experiment->name,
                   plan.n_runs, worklist.dir);
    else if (!status && !options->dry_run)
        status = check_queue(&worklist, submission->pool);
    if (!status && worklist.n_todo > 0)
        status = submit(options, submission);
    submission->worklist = NULL;
    worklist_free(&worklist);
    plan_free(&plan);
    return status;
}

/* ---- the command line ---- */

/* Behind `--` stands what begins with a -: from there on all is sbatch's. */
static void part_words(struct submit_options *options, struct submission *submission) {
    const struct words *words = &options->words;
    int n = 0;
    while (n < words->n && words->items[n][0] != '-')
        n++;
    options->runner.n_overrides = n;
    options->runner.overrides = words->items;
    submission->n_sbatch = words->n - n;
    submission->sbatch = words->items + n;
}

/* A claim judges what its file defines, or that under a protocol. */
static bool is_judged(const struct submit_options *options, const struct experiment *experiment) {
    int n_protocols = experiment->protocol ? 1 : 0;
    return (experiment->sections[SECTION_CLAIM] || experiment->sections[SECTION_JUDGE]) &&
           options->runner.n_overrides == n_protocols && !options->name;
}

static enum status run(const struct arguments *arguments) {
    struct submit_options *options = arguments->options;
    struct submission submission = {.pool = arguments->pool,
                                    .options = &options->runner,
                                    .limit = options->limit,
                                    .templates = options->templates,
                                    .n_plugins = arguments->plugins.n,
                                    .plugins = arguments->plugins.items};
    struct experiment experiment;
    if (options->tasks > 0 && options->minutes > 0)
        return fail(ERROR_USAGE, "--tasks and --minutes: one of them");
    if (options->name && name_check("--name", options->name))
        return ERROR_USAGE;
    options->runner.messages = stderr;
    part_words(options, &submission);
    enum status status = experiment_read(options->file, options->runner.n_overrides,
                                         options->runner.overrides, &experiment);
    if (status)
        return status;
    if (options->name)
        experiment.results = options->name;
    definition_warn_source(&experiment);
    status = definition_check(options->file, &experiment);
    submission.claim = is_judged(options, &experiment) ? options->file : NULL;
    if (!status)
        status = plan_and_submit(options, &submission, &experiment);
    experiment_free(&experiment);
    return status;
}

static const struct option_row rows[] = {
    {.name = "FILE.yaml", .type = OPERAND, FIELD(struct submit_options, file)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct submit_options, words)},
    {"minutes", "N", "cut the runs into tasks that take about so long; default: 60", OPTION_REAL,
     FIELD(struct submit_options, minutes), .min = 0, .max = MOST_MINUTES},
    {"tasks", "N", "or into so many tasks", OPTION_INTEGER, FIELD(struct submit_options, tasks),
     .min = 1, .max = MOST_TASKS},
    {"limit", "N", "tasks at a time, at most (Slurm's %N); default: as many as Slurm starts",
     OPTION_INTEGER, FIELD(struct submit_options, limit), .min = 1, .max = MOST_TASKS},
    {"jobs", "N", "runs at a time in a task", OPTION_INTEGER,
     FIELD(struct submit_options, runner.jobs), .min = 1, .max = MOST_CORES, .initial = "1"},
    {"threads", "N", "threads of one run; a task asks for jobs x threads cores", OPTION_INTEGER,
     FIELD(struct submit_options, runner.threads), .min = 1, .max = MOST_CORES, .initial = "1"},
    {"out", "DIR", "folder of results, which all nodes must see under this path", OPTION_TEXT,
     FIELD(struct submit_options, runner.out), .initial = "results"},
    {"stage", "DIR",
     "folder on a disk of each node, as for `run`; a variable of the job may begin it: '$TMPDIR'",
     OPTION_TEXT, FIELD(struct submit_options, runner.stage)},
    {"name", "NAME", "name of the results file, as for `run`", OPTION_TEXT,
     FIELD(struct submit_options, name)},
    {"dry-run", NULL, "print the scripts; write and send nothing", OPTION_FLAG,
     FIELD(struct submit_options, dry_run)},
    {"templates", "DIR",
     "folder with a train.sh or finish.sh of yours, in place of those in share/slurm", OPTION_TEXT,
     FIELD(struct submit_options, templates)},
    RUN_LIMIT_OPTION(struct submit_options, runner.run_limit_s),
    CHECKPOINT_OPTION(struct submit_options, runner.checkpoint_s),
    PLUGIN_OPTION,
    {0},
};

const struct command command_submit = {
    .name = "submit",
    .summary = "send an experiment file to Slurm: an array job that trains, a job that merges",
    .usage = "FILE.yaml [key=value ...] [-- SBATCH-OPTION ...]",
    .details =
        "Cuts the runs that are not finished into shards of about as many minutes as you say, by "
        "the times of finished runs, and sends one array job with a task for each. A second job "
        "waits until all tasks have ended, merges DIR/NAME into DIR/NAME.h5, draws its figures, "
        "and judges the claim where the file has one. Cores, memory and time are asked for as "
        "`normlab run --dry-run` says, and within what the partition allows.\n"
        "Options of sbatch stand behind --, and hold for both jobs.\n"
        "A minute before a task's time is over, its runs leave checkpoints, and the task is queued "
        "again, three times at most; it then goes on inside its runs. The plan is kept as "
        "submitted: an edit of FILE.yaml changes no task that waits; the claim is judged as the "
        "file is "
        "then. Scripts, plan, the jobs' "
        "numbers and logs are in DIR/NAME/slurm/1, 2, ...; the scripts may be edited and sent "
        "again by hand. The same submit sends what is left after failures. See docs/cluster.md.",
    .examples = "$ normlab submit smoke --minutes 30 --dry-run\n"
                "$ normlab submit experiments/small_batch.yaml --minutes 60\n"
                "$ normlab submit experiments/small_batch.yaml seed=0,1 --tasks 20 --limit 8 -- "
                "--partition=long --account=me",
    .rows = rows,
    .size = sizeof(struct submit_options),
    .run = run,
};
