/* normlab run: from an experiment file to its results. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "lab/runner/runner.h"

enum { MOST_JOBS = 4096, MOST_SHARDS = 1000000 };

/* "i/n", i from 0. */
static enum status read_shard(const char *text, struct runner_options *options) {
    char *end;
    long index = strtol(text, &end, 10), count = 0;
    bool good = end != text && *end == '/' && end[1] >= '0' && end[1] <= '9';
    if (good)
        count = strtol(end + 1, &end, 10);
    if (!good || *end || index < 0 || count < 1 || count > MOST_SHARDS || index >= count)
        return fail(ERROR_USAGE, "--shard: '%s' is not i/n with i from 0 to n-1, like 0/4", text);
    options->shard = (int)index;
    options->n_shards = (int)count;
    return OK;
}

static enum status read_options(const struct arguments *arguments, struct runner_options *options) {
    long jobs = 0, threads = 0;
    const struct command *command = &command_run;
    const char *shard = argument_text(command, arguments, "shard");
    *options = (struct runner_options){
        .out = argument_text(command, arguments, "out"),
        .dry_run = argument_text(command, arguments, "dry-run") != NULL,
        .fail_fast = argument_text(command, arguments, "fail-fast") != NULL,
        .force = argument_text(command, arguments, "force") != NULL,
        .argc = arguments->argc,
        .argv = arguments->argv,
        .n_overrides = arguments->n_operands - 1,
        .overrides = arguments->operands + 1,
        .messages = stderr,
        .listing = stdout,
    };
    enum status status = argument_integer(command, arguments, "jobs", 1, MOST_JOBS, &jobs);
    if (!status)
        status = argument_integer(command, arguments, "threads", 1, MOST_JOBS, &threads);
    if (!status && shard)
        status = read_shard(shard, options);
    options->jobs = (int)jobs;
    options->threads = (int)threads;
    return status;
}

static enum status plan_and_run(const struct experiment *experiment,
                                const struct runner_options *options) {
    struct plan plan = {0};
    enum status status = plan_create(experiment, &plan);
    if (status)
        return status;
    for (int i = 0; i < plan.n_warnings; i++)
        fprintf(stderr, "normlab: warning: %s\n", plan.warnings[i]);
    if (experiment->sections[SECTION_TUNE])
        fprintf(stderr,
                "normlab: warning: the section tune has no part in this: `normlab tune %s` chooses "
                "the rates and writes the file that is to be run\n",
                experiment->file);
    status = runner_run(&plan, options);
    plan_free(&plan);
    return status;
}

static enum status run(const struct arguments *arguments) {
    struct runner_options options;
    struct experiment experiment = {0};
    enum status status = read_options(arguments, &options);
    if (status)
        return status;
    status = experiment_read(arguments->operands[0], options.n_overrides, options.overrides,
                             &experiment);
    if (status)
        return status;
    status = plan_and_run(&experiment, &options);
    experiment_free(&experiment);
    return status;
}

const struct command command_run = {
    .name = "run",
    .summary = "train all runs of an experiment file that are not finished yet",
    .usage = "FILE.yaml [key=value ...]",
    .details =
        "Every run is a process of its own and leaves one file, DIR/NAME/ID.h5; at the end all of "
        "them are merged into DIR/NAME.h5, whose path goes to standard output. What is finished is "
        "not trained again, what failed is "
        "tried again, and a run that is stopped goes on with the same command.\n"
        "key=value replaces a key of the file wherever it stands; a comma makes an axis of it, "
        "[a,b] is one list.\n"
        "Exit status: 0 all complete, 1 some run failed, 2 usage or experiment file, 3 data "
        "missing "
        "or corrupt, 4 results that do not fit, 75 stopped by SIGTERM, 130 by SIGINT.",
    .examples = "$ normlab run experiments/small_batch.yaml --dry-run\n"
                "$ normlab run experiments/small_batch.yaml seed=0,1 train.epochs=1\n"
                "$ normlab run experiments/placement.yaml --jobs 2 --threads 1\n"
                "$ normlab run experiments/placement.yaml --shard 0/4",
    .options =
        {
            {"jobs", "N", "runs at a time; default: as many as fill the cores"},
            {"threads", "N",
             "threads of one run, at most: a step uses no more than it has work for; default: the "
             "cores left over"},
            {"out", "DIR", "folder of results; default: results"},
            {"dry-run", NULL, "list the runs, memory and time; write nothing"},
            {"fail-fast", NULL, "start no more runs once one has failed"},
            {"force", NULL, "train again what is finished, too"},
            {"shard", "i/n", "only part i of n, i from 0; merge the parts with `normlab merge`"},
            PLUGIN_OPTION,
        },
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
