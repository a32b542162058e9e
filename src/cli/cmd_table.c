/* normlab table: runs, groups of runs and points of a results file as a table. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/table_notes.h"
#include "lab/store/series_points.h"
#include "lab/store/store.h"
#include "lab/table/ended_runs.h"
#include "lab/table/group_by.h"
#include "lab/table/row_filter.h"
#include "lab/table/varied_keys.h"

struct table_options {
    struct words files;
    const char *series;
    struct words columns, by, metrics, where;
    struct output_options output;
};

/* What is asked for, and of which runs. */
struct request {
    const struct table_options *options;
    struct pool *pool;
    struct table summary; /* rows that meet the conditions on runs */
};

static enum status check_options(const struct table_options *options) {
    bool by = options->by.n > 0, metrics = options->metrics.n > 0;
    if (options->columns.n > 0 && by)
        return fail(ERROR_USAGE, "--columns and --by exclude each other: the columns of a grouped "
                                 "table are its keys and the statistics of --metrics");
    if (metrics && !by)
        return fail(ERROR_USAGE, "--metrics names what --by summarizes over its groups: give both, "
                                 "or --columns");
    if (metrics && options->series)
        return fail(ERROR_USAGE, "with --series the metric is the series itself: leave out "
                                 "--metrics");
    return OK;
}

/* ---- conditions ---- */

/* With --series, a condition may also be on where a point lies ("epoch=3"): those go to `others`.
 */
static void part_conditions(const struct request *request, const struct table *summary,
                            struct words *runs, struct words *others, struct pool *pool) {
    const struct words *where = &request->options->where;
    for (int i = 0; i < where->n; i++) {
        const char *condition = where->items[i];
        char *name = pool_text(pool, condition);
        name[strcspn(name, "!<>=")] = '\0';
        bool of_points = request->options->series && !table_find(summary, name);
        struct words *part = of_points ? others : runs;
        part->items[part->n++] = condition;
    }
}

static enum status read_rows(struct request *request, struct words *others) {
    struct table summary;
    struct words runs = {0};
    const struct words *files = &request->options->files;
    enum status status = store_read_summaries(files->n, files->items, &summary);
    if (status)
        return status;
    size_t most = (size_t)request->options->where.n + 1;
    runs.items = pool_alloc(request->pool, most * sizeof *runs.items);
    others->items = pool_alloc(request->pool, most * sizeof *others->items);
    part_conditions(request, &summary, &runs, others, request->pool);
    status = table_where(&summary, runs.n, runs.items, &request->summary);
    if (!status && request->summary.n_rows == 0 && summary.n_rows > 0) {
        status =
            fail(ERROR_USAGE, "--where: none of the %d runs meets all conditions", summary.n_rows);
    }
    table_free(&summary);
    return status;
}

/* ---- the tables ---- */

/* The id, the keys that differ between the runs. */
static struct words default_keys(struct request *request) {
    const struct table *summary = &request->summary;
    size_t most = (size_t)summary->n_columns + SPARE_WORDS;
    struct words words = {0, pool_alloc(request->pool, most * sizeof *words.items)};
    words.items[words.n++] = "run";
    const struct column **varied = pool_alloc(request->pool, most * sizeof *varied);
    int n = summary_varied(summary, varied);
    for (int i = 0; i < n; i++)
        words.items[words.n++] = varied[i]->name;
    return words;
}

/* A row a run. */
static enum status make_rows(struct request *request, struct table *result) {
    const struct table *summary = &request->summary;
    struct words columns = request->options->columns;
    if (columns.n == 0) {
        columns = default_keys(request);
        for (int i = 0; i < summary->n_columns; i++) {
            const char *name = summary->columns[i].name;
            if (strcmp(name, "run") != 0 && !column_is_key(name))
                columns.items[columns.n++] = name;
        }
    }
    return table_select(summary, columns.n, columns.items, result);
}

/* A row a group of runs. */
static enum status make_groups(struct request *request, struct table *result) {
    static const char *const initial[] = {"test_error_scored"};
    const struct words *by = &request->options->by, *metrics = &request->options->metrics;
    bool given = metrics->n > 0;
    return table_by(&request->summary, by->n, by->items, given ? metrics->n : 1,
                    given ? metrics->items : initial, result);
}

/* What of a run's row goes beside its points. */
static struct words carried_columns(struct request *request) {
    static const char *const marks[] = {"status", "collapsed"};
    const struct table_options *options = request->options;
    bool has_columns = options->columns.n > 0, has_by = options->by.n > 0;
    if (!has_columns && !has_by)
        return default_keys(request);
    const struct words *keys = has_by ? &options->by : &options->columns;
    size_t most = (size_t)keys->n + SPARE_WORDS;
    struct words words = {0, pool_alloc(request->pool, most * sizeof *words.items)};
    if (has_columns)
        words.items[words.n++] = "run";
    for (int i = 0; i < keys->n; i++)
        if (strcmp(keys->items[i], "run") != 0)
            words.items[words.n++] = keys->items[i];
    if (has_by)
        words.items[words.n++] = "run";   /* points_add_ended asks for it */
    for (int i = 0; i < 2 && has_by; i++) /* table_by counts failures by them */
        if (table_find(&request->summary, marks[i]))
            words.items[words.n++] = marks[i];
    return words;
}

/* Where no run reached the end, that is why there are no points; else what was said before. */
static enum status no_points(const struct table *summary, enum status status) {
    const struct column *states = table_find(summary, "status");
    for (int row = 0; states && row < summary->n_rows; row++)
        if (strcmp(states->texts[row], "diverged") != 0)
            return status;
    return fail(ERROR_RESULTS, "no points: all %d runs diverged before the first", summary->n_rows);
}

static enum status add_ended_runs(const struct request *request, int n_places,
                                  struct table *points) {
    struct table all;
    enum status status = points_add_ended(&request->summary, request->options->by.n,
                                          request->options->by.items, n_places, points, &all);
    if (!status) {
        table_free(points);
        *points = all;
    }
    return status;
}

/* By the keys and the places, which are the last columns but the value. */
static enum status group_points(const struct words *keys, int n_places, const struct table *points,
                                struct pool *pool, struct table *result) {
    static const char *const value[] = {"value"};
    int n = keys->n + n_places;
    const char **by = pool_alloc(pool, (size_t)n * sizeof *by);
    for (int i = 0; i < n; i++)
        by[i] = i < keys->n ? keys->items[i] : points->columns[points->n_columns - 1 - n + i].name;
    return table_by(points, n, by, 1, value, result);
}

/* NULL: there are several, and the summary says which run is in which. */
static const char *only_file(const struct words *files) {
    return files->n == 1 ? files->items[0] : NULL;
}

/* A row a point; with --by, a row a group of runs and place. */
static enum status make_points(struct request *request, const struct words *conditions,
                               struct table *result) {
    const struct table_options *options = request->options;
    struct table points = {0}, chosen = {0};
    int n_places = 0;
    if (!strchr(options->series, '/'))
        return fail(ERROR_USAGE,
                    "--series: '%s' is not of the form group/name, like "
                    "epoch/test_error; `normlab show %s` lists them",
                    options->series, options->files.items[0]);
    struct words carried = carried_columns(request);
    enum status status =
        results_points(only_file(&options->files), &request->summary, options->series, carried.n,
                       carried.items, &n_places, &points);
    if (status || points.n_rows == 0)
        status = no_points(&request->summary, status);
    if (!status && options->by.n > 0)
        status = add_ended_runs(request, n_places, &points);
    if (!status)
        status = table_where(&points, conditions->n, conditions->items, &chosen);
    if (!status && options->by.n > 0) {
        status = group_points(&options->by, n_places, &chosen, request->pool, result);
        table_free(&chosen);
    } else if (!status) {
        *result = chosen;
    }
    table_free(&points);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct table_options *options = arguments->options;
    struct request request = {.options = options, .pool = arguments->pool};
    struct output_heading heading = {.command = "table"};
    struct words others = {0};
    struct table result = {0};
    enum status status = check_options(options);
    if (!status)
        status = read_rows(&request, &others);
    if (!status)
        status = options->series     ? make_points(&request, &others, &result)
                 : options->by.n > 0 ? make_groups(&request, &result)
                                     : make_rows(&request, &result);
    if (!status && options->by.n > 0)
        table_notes(&request.summary, &options->by, &options->metrics, &result, arguments->pool,
                    &heading.notes);
    if (!status)
        status = output_table(&options->output, &heading, &result, stdout);
    if (!status)
        notes_print(&options->output, &heading.notes);
    table_free(&result);
    table_free(&request.summary);
    return status;
}

static const struct option_row rows[] = {
    {.name = "RESULTS.h5", .type = OPERANDS_SOME, FIELD(struct table_options, files)},
    {"columns", "A,B", "these columns; default: keys that differ, then final metrics", OPTION_LIST,
     FIELD(struct table_options, columns)},
    {"by", "A,B", "one row for each group of equal values, with medians and intervals", OPTION_LIST,
     FIELD(struct table_options, by)},
    {"metrics", "A,B", "what --by summarizes; default: test_error_scored", OPTION_LIST,
     FIELD(struct table_options, metrics), .alias = "figures"},
    {"where", "COND,COND", "only runs and points that meet all conditions", OPTION_LIST,
     FIELD(struct table_options, where)},
    {"series", "GROUP/NAME", "points of a series, one row each; * stands for any layer",
     OPTION_TEXT, FIELD(struct table_options, series)},
    OUTPUT_OPTIONS(struct table_options, output),
    OUTPUT_FORMAT_OPTION(struct table_options, output),
    UNSEALED_OPTION,
    {0},
};

const struct command command_table = {
    .name = "table",
    .summary = "print runs, groups of runs or points of a series as a table",
    .details =
        "Prints a row for each run: its id, the keys that differ between "
        "runs, the final metrics. With --by each row is a group of runs: the median of each "
        "metric; NAME_low and NAME_high, order statistics that enclose the median with "
        "probability `coverage` (0.95 or more from 6 runs on; with several metrics, "
        "NAME_coverage each); NAME_n; n; failed, the number of failures: runs that "
        "diverged, collapsed or failed; and missing, of those that are not trained yet. With "
        "--series each row is a point: the run's keys, where the point lies, its value; --by then "
        "summarizes each place over the runs of a "
        "group.\n"
        "Of several files, a column `file` says which one a run is of, and --by, --where and "
        "--columns "
        "know it; a key that a file lacks does not apply there.\n"
        "A condition is name=value or name=a|b, or uses !=, <=, >=, < or >; all conditions "
        "must hold, of a repeated --where too. Statistics leave out NaN, printed as `nan`, and "
        "NAME_n counts the rest. "
        "Unless told otherwise, --by therefore summarizes test_error_scored, in which a "
        "diverged run counts as the best constant prediction.",
    .examples =
        "$ normlab table results/small_batch.h5\n"
        "$ normlab table results/small_batch.h5 --by norm.kind,train.batch_size --metrics "
        "test_error,test_error_scored\n"
        "$ normlab table results/small_batch.h5 --where 'norm.kind=batch,train.batch_size<=8'\n"
        "$ normlab table results/small_batch.h5 --by norm.kind,train.batch_size --format latex\n"
        "$ normlab table results/small_batch.h5 --sort=-test_error --digits 3\n"
        "$ normlab table results/small_batch.h5 --series epoch/test_error --by norm.kind\n"
        "$ normlab table results/small_batch.h5 results/smoke.h5 --by file,norm.kind\n"
        "$ normlab table results/momentum.h5 --series 'layer*/gamma' --where epoch=3",
    .rows = rows,
    .size = sizeof(struct table_options),
    .paged = true,
    .run = run,
};
