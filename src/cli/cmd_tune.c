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
     "the tuned file; default: DIR/NAME.tuned.yaml; replaces only a file that tune wrote",
     OPTION_TEXT, FIELD(struct tune_command, tune.to)},
    {"dry-run", NULL, "list the next trials, memory and time; write nothing", OPTION_FLAG,
     FIELD(struct tune_command, tune.runner.dry_run)},
    {"tsv", NULL, "with --dry-run: list them with tabs, for programs", OPTION_FLAG,
     FIELD(struct tune_command, tune.runner.tsv)},
    RUN_LIMIT_OPTION(struct tune_command, tune.runner.run_limit_s),
    CHECKPOINT_OPTION(struct tune_command, tune.runner.checkpoint_s),
    PLUGIN_OPTION,
    {0},
};

const struct command command_tune = {
    .name = "tune",
    .summary = "choose the learning rate of each cell on validation data",
    .details =
        "The section tune of the experiment file says which rates to try and with which "
        "seeds; the experiment itself must use other seeds. For example:\n"
        "tune: {grid: {start: 0.0125, factor: 2, count: 4}, seeds: \"range(100, 103)\"}\n"
        "The grid may also be a list. Further fields are key (default optimizer.lr), by "
        "(validation_error or validation_loss), same_grid_within ([train.batch_size]: cells "
        "with the same values share a grid) and set (values for tuning alone, {train.epochs: "
        "1}).\n"
        "normlab trains every cell of the experiment with every rate and seed, as runs of an "
        "experiment NAME-tune in DIR, and never shows them test data. It chooses the rate "
        "with the lowest interquartile mean, of equal ones the smaller; a run that diverged "
        "counts as the best constant prediction. If an optimum, or the only rate that "
        "learned, lies at an edge of a grid, all cells that share the grid try one more rate "
        "there, at most twice; after that the table marks the edge. A cell all of whose trials "
        "diverged or collapsed tries lower rates in the same way; where none of them learns, a "
        "warning and the tuned file name the cell. The same command continues a tuning that was "
        "stopped.\n"
        "The tuned file is the experiment with one rate for each cell, zipped with the cell's "
        "keys, and comments that say where the rates come from. Train it with `normlab run`. "
        "When the experiment is edited later, be it in a comment, `run`, `judge` and `report` warn "
        "that the tuned file was made from another version: tune again, which trains what has "
        "changed. "
        "Standard output gets a tab-separated table: the keys of each cell, the chosen rate "
        "and its score, the second best, the edge (none, low, high), how many seeds and rates "
        "were tried, and how many runs diverged or collapsed: of the chosen rate (failed) and of "
        "all trials (trials_failed).\n"
        "Exit status as of `normlab run`; after status 1 some trial has failed and nothing "
        "was chosen.",
    .examples = "$ normlab tune experiments/claims/heart.yaml --dry-run\n"
                "$ normlab tune experiments/claims/heart.yaml --jobs 2 --threads 1\n"
                "$ normlab run results/heart.tuned.yaml",
    .rows = rows,
    .size = sizeof(struct tune_command),
    .run = run,
};
