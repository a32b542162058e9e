/* normlab rerun: a run repeated from the results file alone. */
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "io/machine.h"
#include "lab/archive/rerun.h"
#include "lab/journal/estimate.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"

enum { MOST_THREADS = 4096 };

struct rerun_options {
    const char *file, *data;
    struct words ids;
    int threads;
    double tolerance;
    struct output_options output;
};

/* All that came out so far: a row a difference. */
struct comparison {
    const struct rerun_options *options;
    struct pool *pool;
    int n, n_apart; /* runs; those that do not agree */
    int n_rows, capacity;
    struct comparison_row {
        const char *run;
        struct record_difference difference;
    } * rows;
};

/* ---- one run ---- */

static void keep(struct comparison *comparison, const char *run, const struct record_diff *diff) {
    struct pool *pool = comparison->pool;
    for (int i = 0; i < diff->n; i++) {
        const struct record_difference *item = &diff->items[i];
        comparison->rows = pool_grow(pool, comparison->rows, comparison->n_rows,
                                     &comparison->capacity, sizeof *comparison->rows);
        comparison->rows[comparison->n_rows++] = (struct comparison_row){
            run,
            {item->part, pool_text(pool, item->name), pool_text(pool, item->a),
             pool_text(pool, item->b), item->relative}};
    }
}

static int count_part(const struct record_diff *diff, enum diff_part part) {
    int n = 0;
    for (int i = 0; i < diff->n; i++)
        n += diff->items[i].part == part;
    return n;
}

static void say_outcome(struct comparison *comparison, const char *run,
                        const struct record_diff *diff) {
    struct pool pool = {0};
    double largest = record_diff_largest(diff);
    int n_environment = count_part(diff, DIFF_ENVIRONMENT);
    int n_apart = count_part(diff, DIFF_METRIC) + count_part(diff, DIFF_SERIES);
    comparison->n_apart += largest > comparison->options->tolerance;
    fprintf(stderr, "%s: %d metrics and %d series: ", run, diff->n_metrics, diff->n_series);
    if (largest == 0)
        fputs("all have the same bits", stderr);
    else
        fprintf(stderr, "%d differ%s, the largest relative difference is %s", n_apart,
                n_apart == 1 ? "s" : "",
                isfinite(largest) ? number_text(largest, &pool) : "infinite");
    if (n_environment > 0)
        fprintf(stderr, "; the environment differs in %d thing%s", n_environment,
                plural(n_environment));
    putc('\n', stderr);
    pool_free(&pool);
}

static enum status rerun_one(struct comparison *comparison, const char *run) {
    const struct rerun_options *options = comparison->options;
    struct rerun rerun;
    struct record_diff diff;
    char took[DURATION_SIZE];
    enum status status = rerun_prepare(options->file, run, options->data, &rerun);
    if (status)
        return status;
    const struct planned_run *planned = &rerun.plan.runs[0];
    fprintf(stderr, "%s: %ld step%s, about %s on one core\n", run, planned->total_steps,
            plural(planned->total_steps), duration_text(planned->cost, took));
    status = rerun_train(&rerun, options->threads ? options->threads : machine_cores(), &diff);
    if (!status) {
        comparison->n++;
        keep(comparison, run, &diff);
        say_outcome(comparison, run, &diff);
        record_diff_free(&diff);
    }
    rerun_free(&rerun);
    return status;
}

/* ---- which ---- */

/* The ids that were asked for; without any, the only one of a file of one run. */
static enum status find_runs(const struct rerun_options *options, struct pool *pool,
                             const char ***ids, int *n) {
    struct table summary;
    const char *one = "";
    struct words asked = options->ids.n ? options->ids : (struct words){1, &one};
    enum status status = store_read_summary(options->file, &summary);
    if (status)
        return status;
    *n = asked.n;
    *ids = pool_alloc(pool, (size_t)asked.n * sizeof **ids);
    if (options->ids.n == 0 && summary.n_rows != 1)
        status = fail(ERROR_USAGE,
                      "%s has %d runs: name one or several; `normlab list runs %s` "
                      "lists their ids",
                      options->file, summary.n_rows, text_quoted(options->file, pool));
    for (int i = 0; i < asked.n && !status; i++) {
        char id[RUN_ID_SIZE];
        status = run_find(&summary, asked.items[i], id);
        if (status)
            status = fail_in(status, "%s", options->file);
        else
            (*ids)[i] = pool_text(pool, id);
    }
    table_free(&summary);
    return status;
}

/* ---- what came out ---- */

static void list_differences(const struct comparison *comparison, struct table *table) {
    table_create(table, comparison->n_rows);
    const char **runs = print_texts(table, "run"), **parts = print_texts(table, "part"),
               **names = print_texts(table, "name"), **then = print_texts(table, "then"),
               **now = print_texts(table, "now");
    double *relative =
        table_add(table, "difference", TYPE_REAL, "1", "largest |then - now| / max(|then|, |now|)")
            ->reals;
    for (int i = 0; i < comparison->n_rows; i++) {
        const struct record_difference *difference = &comparison->rows[i].difference;
        runs[i] = comparison->rows[i].run;
        parts[i] = diff_part_name(difference->part);
        names[i] = difference->name;
        then[i] = difference->a;
        now[i] = difference->b;
        relative[i] = difference->relative;
    }
}

static enum status print_comparison(const struct comparison *comparison) {
    const struct output_heading heading = {.command = "rerun"};
    struct table table;
    list_differences(comparison, &table);
    enum status status = output_table(&comparison->options->output, &heading, &table, stdout);
    table_free(&table);
    return status;
}

/* ---- before anything is trained ---- */

static enum status check_output(const struct rerun_options *options) {
    const struct comparison none = {0};
    struct table table;
    list_differences(&none, &table);
    enum status status = output_check(&options->output, &table);
    table_free(&table);
    return status;
}

/* One that cannot be repeated is told now, and not behind hours of the others. */
static enum status check_runs(const struct rerun_options *options, int n, const char *const *ids) {
    enum status status = OK;
    for (int i = 1; i < n && !status; i++) { /* the first is prepared next in any case */
        struct rerun rerun;
        status = rerun_prepare(options->file, ids[i], options->data, &rerun);
        if (!status)
            rerun_free(&rerun);
    }
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct rerun_options *options = arguments->options;
    struct comparison comparison = {.options = options, .pool = arguments->pool};
    const char **ids = NULL;
    int n = 0;
    enum status status = check_output(options);
    if (!status)
        status = find_runs(options, arguments->pool, &ids, &n);
    if (!status)
        status = check_runs(options, n, ids);
    for (int i = 0; i < n && !status; i++)
        status = rerun_one(&comparison, ids[i]);
    if (comparison.n > 0) { /* the first failure is told, and what came out before it */
        enum status printed = print_comparison(&comparison);
        status = status ? status : printed;
    }
    if (!status && comparison.n_apart > 0)
        status = fail(ERROR_RUN, "%d of %d run%s came out otherwise", comparison.n_apart,
                      comparison.n, plural(comparison.n));
    return status;
}

static const struct option_row rows[] = {
    {.name = "RESULTS.h5", .type = OPERAND, FIELD(struct rerun_options, file)},
    {.name = "ID", .type = OPERANDS, FIELD(struct rerun_options, ids)},
    {"data", "DIR", "folder of the run's data; default: that of data.dir", OPTION_TEXT,
     FIELD(struct rerun_options, data)},
    {"threads", "N", "threads, at most; default: all cores; they change no bit", OPTION_INTEGER,
     FIELD(struct rerun_options, threads), .min = 1, .max = MOST_THREADS},
    {"tolerance", "X",
     "largest relative difference of numbers that still agree; default: none, the same bits",
     OPTION_REAL, FIELD(struct rerun_options, tolerance), .max = 1},
    OUTPUT_OPTIONS(struct rerun_options, output),
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_rerun = {
    .name = "rerun",
    .summary = "repeat runs from their results file alone, and say whether the numbers agree",
    .details =
        "Trains run ID, or whatever begins like that, once more with what the file says of it, and "
        "compares all its metrics and series. A run's own file, DIR/NAME/ID.h5, needs no ID. "
        "Prints a row for each thing that differs: configuration, environment (build, processor, "
        "libraries), metrics and series, with the values there where they differ most. Writes "
        "nothing.\n"
        "rerun opens nothing that the file names. Data that are files come from --data, or from "
        "where the package of Fashion-MNIST puts them, and must be those that the run had; a "
        "plugin comes from --plugin.\n"
        "Same bits are promised for one build on one kind of processor. Another one rounds "
        "differently, and training amplifies small differences: --tolerance says how much may "
        "differ.\n"
        "Exit status: 0 the numbers agree, 1 they do not; otherwise as `normlab run`.",
    .examples = "$ normlab rerun results/small_batch.h5 r3f2\n"
                "$ normlab rerun results/small_batch.h5 r3f2 --data ~/fashion --json\n"
                "$ normlab rerun results/smoke/r3f2a51c09d44.h5 --tolerance 1e-3",
    .rows = rows,
    .size = sizeof(struct rerun_options),
    .run = run,
};
