/* normlab tune: learning rates chosen on validation data. */
#include <stdio.h>

#include "cli/command.h"
#include "judge/tune/tune.h"

enum { MOST_JOBS = 4096 };

struct tune_command {
    const char *file;
    struct words overrides;
    struct tune_options tune;
};

static enum status run(const struct arguments *arguments) {
    struct tune_command *options = arguments->options;
    struct runner_options *runner = &options->tune.runner;
    if (runner->tsv && !runner->dry_run)
        return fail(ERROR_USAGE, "--tsv goes with --dry-run");
    options->tune.table = stdout;
    runner->argc = arguments->argc;
    runner->argv = arguments->argv;
    runner->n_overrides = options->overrides.n;
    runner->overrides = options->overrides.items;
    runner->messages = stderr;
    runner->listing = runner->dry_run ? stdout : NULL;
    return tune_file(options->file, &options->tune);
}

static const struct option_row rows[] = {
    {.name = "FILE.yaml", .type = OPERAND, FIELD(struct tune_command, file)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct tune_command, overrides)},
    {"jobs", "N", "runs at a time; default: as many as fill the cores", OPTION_INTEGER,
     FIELD(struct tune_command, tune.runner.jobs), .min = 1, .max = MOST_JOBS},
    {"threads", "N", "threads of one run, at most; default: the cores left over", OPTION_INTEGER,
     FIELD(struct tune_command, tune.runner.threads), .min = 1, .max = MOST_JOBS},
    {"out", "DIR", "folder of results", OPTION_TEXT, FIELD(struct tune_command, tune.runner.out),
     .initial = "results"},
    {"to", "FILE",
     "the tuned file; default: DIR/NAME.tuned.yaml; only one that tune made is replaced",
     OPTION_TEXT, FIELD(struct tune_command, tune.to)},
    {"dry-run", NULL, "list the next trials, memory and time; write nothing", OPTION_FLAG,
     FIELD(struct tune_command, tune.runner.dry_run)},
    {"tsv", NULL, "with --dry-run: list them with tabs, for programs", OPTION_FLAG,
     FIELD(struct tune_command, tune.runner.tsv)},
    PLUGIN_OPTION,
    {0},
};

const struct command command_tune = {
    .name = "tune",
    .summary = "choose the learning rate of each cell on validation data",
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
        "standard output goes a table, tab-separated: a cell's keys, its rate and score, the "
        "second best, edge (none, low, high), seeds and rates tried, failed runs of the chosen "
        "rate and of all trials.\n"
        "Exit status as of `normlab run`: 1 where some trial failed, and nothing was chosen.",
    .examples = "$ normlab tune experiments/claims/heart.yaml --dry-run\n"
                "$ normlab tune experiments/claims/heart.yaml --jobs 2 --threads 1\n"
                "$ normlab run results/heart.tuned.yaml",
    .rows = rows,
    .size = sizeof(struct tune_command),
    .run = run,
};
