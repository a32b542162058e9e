/* normlab tune: learning rates chosen on validation data. */
#include "cli/command.h"
#include "judge/tune/tune.h"

enum { MOST_JOBS = 4096 };

static enum status run(const struct arguments *arguments) {
    const struct command *command = &command_tune;
    long jobs = 0, threads = 0;
    struct tune_options options = {
        .to = argument_text(command, arguments, "to"),
        .table = stdout,
        .runner = {.out = argument_text(command, arguments, "out"),
                   .dry_run = argument_text(command, arguments, "dry-run") != NULL,
                   .argc = arguments->argc,
                   .argv = arguments->argv,
                   .n_overrides = arguments->n_operands - 1,
                   .overrides = arguments->operands + 1,
                   .messages = stderr},
    };
    if (options.runner.dry_run)
        options.runner.listing = stdout;
    enum status status = argument_integer(command, arguments, "jobs", 1, MOST_JOBS, &jobs);
    if (!status)
        status = argument_integer(command, arguments, "threads", 1, MOST_JOBS, &threads);
    options.runner.jobs = (int)jobs;
    options.runner.threads = (int)threads;
    return status ? status : tune_file(arguments->operands[0], &options);
}

const struct command command_tune = {
    .name = "tune",
    .summary = "choose the learning rate of each cell on validation data",
    .usage = "FILE.yaml [key=value ...]",
    .details =
        "A line of the file says which rates are tried and with which seeds, none of which the "
        "experiment itself may have, such as\n"
        "tune: {grid: {start: 0.0125, factor: 2, count: 4}, seeds: \"range(100, 103)\"}\n"
        "The grid may be a list. There also may stand key (default optimizer.lr), by "
        "(validation_error, or validation_loss), same_grid_within ([train.batch_size]: cells with "
        "the same values share a grid) and set (values for tuning alone, {train.epochs: 1}).\n"
        "Every cell of the experiment is trained with every rate and seed, as runs of an "
        "experiment NAME-tune in DIR, and never sees test data. The rate with the lowest "
        "interquartile mean is chosen, of equal ones the smaller; a run that diverged counts as "
        "the best constant prediction. Where an optimum lies at an edge of a grid, all cells that "
        "share it try one more rate there, twice at most; after that the edge is marked. A tuning "
        "that is stopped goes on with the same command.\n"
        "The tuned file is the experiment with one rate a cell, zipped with the cells' keys, and "
        "comments that say where the rates came from; `normlab run` needs nothing else. To "
        "standard output goes a table, tab-separated: a cell's keys, its rate and figure, the "
        "second best, edge (none, low, high), seeds and rates tried, failed runs of the chosen "
        "rate and of all trials.\n"
        "Exit status as of `normlab run`: 1 where some trial failed, and nothing was chosen.",
    .examples = "$ normlab tune experiments/claims/heart.yaml --dry-run\n"
                "$ normlab tune experiments/claims/heart.yaml --jobs 2 --threads 1\n"
                "$ normlab run results/heart.tuned.yaml",
    .options =
        {
            {"jobs", "N", "runs at a time; default: as many as fill the cores"},
            {"threads", "N", "threads of one run, at most; default: the cores left over"},
            {"out", "DIR", "folder of results; default: results"},
            {"to", "FILE",
             "the tuned file; default: DIR/NAME.tuned.yaml; only one that tune made is replaced"},
            {"dry-run", NULL, "list the next trials, memory and time; write nothing"},
            PLUGIN_OPTION,
        },
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
