/* normlab diff: what two results files say differently. */
#include <stdio.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "lab/archive/results_diff.h"

struct diff_options {
    const char *a, *b;
    struct output_options output;
};

static enum status print_differences(const struct diff_options *options,
                                     const struct results_diff *diff) {
    const struct output_fact facts[] = {{.name = "a", .text = options->a},
                                        {.name = "b", .text = options->b}};
    const struct output_heading heading = {.command = "diff", .n_facts = 2, .facts = facts};
    struct table table;
    table_create(&table, diff->n);
    const char **parts = print_texts(&table, "part"), **names = print_texts(&table, "name"),
               **a = print_texts(&table, "a"), **b = print_texts(&table, "b");
    long *runs = table_add(&table, "runs", TYPE_INT, "", "runs that differ in it")->integers;
    double *relative =
        table_add(&table, "difference", TYPE_REAL, "1", "largest |a - b| / max(|a|, |b|)")->reals;
    for (int i = 0; i < diff->n; i++) {
        parts[i] = diff->items[i].part;
        names[i] = diff->items[i].name;
        a[i] = diff->items[i].a;
        b[i] = diff->items[i].b;
        runs[i] = diff->items[i].n_runs;
        relative[i] = diff->items[i].relative;
    }
    enum status status = output_table(&options->output, &heading, &table, stdout);
    table_free(&table);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct diff_options *options = arguments->options;
    struct results_diff diff;
    enum status status = results_compare(options->a, options->b, &diff);
    if (status)
        return status;
    text_print(stderr, "%d run%s in both, %d in %s only, %d in %s only\n", diff.n_both,
               plural(diff.n_both), diff.n_only_a, options->a, diff.n_only_b, options->b);
    status = print_differences(options, &diff);
    if (!status && diff.n > 0)
        status = fail(ERROR_RUN, "they differ in %d thing%s", diff.n, plural(diff.n));
    results_diff_free(&diff);
    return status;
}

static const struct option_row rows[] = {
    {.name = "A.h5", .type = OPERAND, FIELD(struct diff_options, a)},
    {.name = "B.h5", .type = OPERAND, FIELD(struct diff_options, b)},
    OUTPUT_OPTIONS(struct diff_options, output),
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_diff = {
    .name = "diff",
    .summary = "say what two results files say differently, and nothing else",
    .details =
        "Prints a row for each thing that differs: of the files (name, title, overrides, program), "
        "of their definitions (the values of a key), of their runs (those that only one file has), "
        "and of the runs that both have: configuration, environment (build, processor, "
        "libraries), metrics and series. Such a row counts the runs that differ, and has the "
        "values of the one that differs most. Clocks and dates are no difference.\n"
        "Runs of one id are compared; where ids differ, runs of the same configuration, of another "
        "build or other data; two files of one run each in any case.\n"
        "Exit status: 0 nothing differs, 1 something does, 4 results that do not fit, 5 a file "
        "cannot be read now.",
    .examples = "$ normlab diff results/small_batch.h5 old/small_batch.h5\n"
                "$ normlab diff results/smoke.h5 results/smoke+seed=0.h5 --json",
    .rows = rows,
    .size = sizeof(struct diff_options),
    .paged = true,
    .run = run,
};
