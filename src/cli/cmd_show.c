/* normlab show: what is inside a results file, for a person. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/print.h"
#include "cli/show_json.h"
#include "cli/terminal.h"
#include "lab/config/keys.h"
#include "lab/journal/journals.h"
#include "lab/store/series_list.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/varied_keys.h"

enum { MOST_VALUES = 12 };

struct show_options {
    const char *file, *run;
    bool yaml;
    const char *flag; /* "json" */
};

/* What is shown, read once. */
struct shown {
    struct pool pool;
    const char *path;
    bool json;
    struct store_header header;
    struct table summary;
};

static int max_int(int a, int b) {
    return a > b ? a : b;
}

/* ---- the file as a whole ---- */

static const char *cell_text(const struct column *column, int row, struct pool *pool) {
    if (column->type == TYPE_BOOL)
        return column->integers[row] < 0 ? "" : column->integers[row] ? "true" : "false";
    return table_text(column, row, pool);
}

static void print_statuses(struct shown *shown) {
    const struct table *summary = &shown->summary;
    const struct column_value *values;
    const struct column *status = table_find(summary, "status");
    const struct column *collapsed = table_find(summary, "collapsed");
    printf("%-12s%d", "runs", summary->n_rows);
    int n = status ? column_values(summary, status, &shown->pool, &values) : 0;
    int n_collapsed = 0;
    for (int row = 0; collapsed && row < summary->n_rows; row++)
        n_collapsed += table_number(collapsed, row) > 0;
    for (int i = 0; i < n; i++) {
        printf("%s%d %s", i ? ", " : ": ", values[i].n_rows, values[i].text);
        if (n_collapsed > 0 && !strcmp(values[i].text, "complete"))
            printf(" (%d of them collapsed)", n_collapsed);
    }
    putchar('\n');
}

static void print_values(const struct table *summary, const struct column *column,
                         struct pool *pool) {
    const struct column_value *values;
    int n = column_values(summary, column, pool, &values);
    for (int i = 0; i < n && i < MOST_VALUES; i++)
        printf("%s%s", i ? ", " : "", list_words(cell_text(column, values[i].row, pool), pool));
    printf(n > MOST_VALUES ? ", ... (%d values)\n" : "\n", n);
}

static void print_sweep(struct shown *shown) {
    const struct table *summary = &shown->summary;
    size_t most = (size_t)summary->n_columns + 1;
    const struct column **varied = pool_alloc(&shown->pool, most * sizeof *varied);
    int n = summary_varied(summary, varied), width = 0;
    for (int i = 0; i < n; i++)
        width = max_int(width, (int)strlen(varied[i]->name));
    for (int i = 0; i < n; i++) {
        printf("%-12s%-*s  ", i ? "" : "swept", width, varied[i]->name);
        print_values(summary, varied[i], &shown->pool);
    }
}

/* ---- series ---- */

/* "[step 642..2000, layer 4]" */
static const char *shape_text(const struct series_info *info, struct pool *pool) {
    const char *text = "[";
    if (info->n_dims == 0)
        return "one number";
    for (int d = 0; d < info->n_dims; d++) {
        const char *comma = d ? ", " : "";
        const char *name = info->dim_names[d];
        text = info->min_dims[d] == info->max_dims[d]
                   ? pool_format(pool, "%s%s%s %zu", text, comma, name, info->max_dims[d])
                   : pool_format(pool, "%s%s%s %zu..%zu", text, comma, name, info->min_dims[d],
                                 info->max_dims[d]);
    }
    return pool_format(pool, "%s]", text);
}

static enum status print_series(struct shown *shown, const char *id) {
    struct series_list list;
    enum status status = results_list_series(shown->path, &shown->summary, id, &list);
    if (status)
        return status;
    int name_width = 0, shape_width = 0, unit_width = 0;
    for (int i = 0; i < list.n; i++) {
        const struct series_info *info = &list.items[i];
        name_width = max_int(name_width, (int)strlen(info->name));
        shape_width = max_int(shape_width, (int)strlen(shape_text(info, &shown->pool)));
        unit_width = max_int(unit_width, (int)strlen(info->unit));
    }
    printf("\nseries%s\n", list.n == 0 ? ": none" : "");
    for (int i = 0; i < list.n; i++) {
        const struct series_info *info = &list.items[i];
        printf("  %-*s  %-*s  %-*s  %s", name_width, info->name, shape_width,
               shape_text(info, &shown->pool), unit_width, info->unit, info->doc);
        printf(id ? "\n" : " (%d run%s)\n", info->n_runs, plural(info->n_runs));
    }
    series_list_free(&list);
    return OK;
}

/* A command to be pasted: where it does not fit beside its label, below it. */
static void suggest(struct shown *shown, const char *label, const char *command, const char *more) {
    enum { LABEL = 20, INDENT = 4 };
    struct pool *pool = &shown->pool;
    int width = terminal_width();
    const char *line = pool_format(pool, "%s %s %s%s", text_program(pool), command,
                                   text_quoted(shown->path, pool), more);
    bool fits = width == 0 || LABEL + 2 + print_columns(line) <= width;
    printf("%-*s%s", fits ? LABEL : 0, label, fits ? "  " : "\n");
    print_command(stdout, line, fits ? 0 : INDENT, fits ? INT_MAX : width);
}

static enum status show_file(struct shown *shown) {
    const struct store_header *header = &shown->header;
    const char *name = header->name[0] ? header->name : "one run";
    printf("%s%s%s\n\n", name, header->title[0] ? ": " : "", header->title);
    text_print(stdout, "%-12s%s%s%s\n", "file", shown->path,
               header->source[0] ? ", merged by " : "", header->source);
    print_statuses(shown);
    print_sweep(shown);
    if (header->yaml[0])
        printf("%-12s`%s show %s --yaml` prints the experiment file\n", "definition",
               text_program(&shown->pool), text_quoted(shown->path, &shown->pool));
    enum status status = print_series(shown, NULL);
    if (!status) {
        putchar('\n');
        suggest(shown, "A row for each run:", "table", "");
        suggest(shown, "All about one run:", "show", " ID");
        suggest(shown, "A series as a table:", "table", " --series GROUP/NAME");
    }
    return status;
}

/* ---- one run ---- */

/* As a person would say it: -1 of a key that may be `all` or `auto` is that word. */
static const char *integer_text(const struct attribute *attribute, struct pool *pool) {
    int key = key_find(attribute->name);
    bool word = attribute->integer == -1 && key >= 0 && key_get(key)->words;
    return word ? words_get(key_get(key)->words, 0, pool)
                : pool_format(pool, "%ld", attribute->integer);
}

static const char *attribute_text(const struct attribute *attribute, struct pool *pool) {
    switch (attribute->type) {
    case TYPE_TEXT:
        return attribute->text[0] ? attribute->text : "-";
    case TYPE_BOOL:
        return attribute->integer ? "true" : "false";
    case TYPE_INT:
        return integer_text(attribute, pool);
    case TYPE_REAL:
        return pool_format(pool, "%.7g", attribute->real);
    }
    return "";
}

/* "64 rows"; the unit stands in /summary. */
static const char *quantity_text(const struct attribute *attribute, const struct column *column,
                                 struct pool *pool) {
    const char *text = attribute_text(attribute, pool);
    bool has_unit = column && column->unit[0] && strcmp(column->unit, "1") != 0;
    return has_unit ? pool_format(pool, "%s %s", text, column->unit) : text;
}

/* Name, value, unit, and the sentence that stands in /summary. */
static void print_attributes(const char *title, const struct attributes *list,
                             struct shown *shown) {
    struct pool *pool = &shown->pool;
    int name_width = 0, text_width = 0;
    for (int pass = 0; pass < 2; pass++) { /* measure, then print */
        if (pass == 1)
            printf("\n%s\n", title);
        for (int i = 0; i < list->n; i++) {
            const struct attribute *attribute = &list->items[i];
            const struct column *column = table_find(&shown->summary, attribute->name);
            const char *text = quantity_text(attribute, column, pool);
            bool has_doc = column && column->doc[0];
            if (pass == 0) {
                name_width = max_int(name_width, (int)strlen(attribute->name));
                text_width = has_doc ? max_int(text_width, (int)strlen(text)) : text_width;
            } else if (has_doc) {
                printf("  %-*s  %-*s  %s\n", name_width, attribute->name, text_width, text,
                       column->doc);
            } else {
                printf("  %-*s  %s\n", name_width, attribute->name, text);
            }
        }
    }
}

/* ---- a run without results ---- */

/* Of a row of /summary, the keys that apply. */
static void print_planned(struct shown *shown, int row) {
    struct record record = {0};
    const struct table *summary = &shown->summary;
    for (int i = 0; i < summary->n_columns; i++) {
        const struct column *column = &summary->columns[i];
        if (column_is_key(column->name) && key_applies(column, row)) {
            attributes_add_text(&record, &record.config, column->name,
                                cell_text(column, row, &shown->pool), NULL);
        }
    }
    print_attributes("configuration", &record.config, shown);
    record_free(&record);
}

/* "results/small" beside "results/small.h5": what the runs were merged from, where it is there. */
static const char *runs_folder(struct shown *shown) {
    const char *slash = strrchr(shown->path, '/');
    int size = slash ? (int)(slash + 1 - shown->path) : 0;
    return pool_format(&shown->pool, "%.*s%s", size, shown->path, shown->header.name);
}

static void show_planned(struct shown *shown, int row) {
    const char *id = table_find(&shown->summary, "run")->texts[row];
    const char *status = table_find(&shown->summary, "status")->texts[row];
    const char *reason = journal_reason(runs_folder(shown), id, &shown->pool);
    text_print(stdout, "run %s of %s: %s\n", id, shown->path, status);
    if (*reason)
        text_print(stdout, "reason: %s\n", reason);
    print_planned(shown, row);
    printf("\nThis run has no results; the same `%s run` tries it again.\n",
           text_program(&shown->pool));
}

static enum status print_run_json(struct shown *shown, const struct record *record) {
    struct series_list list;
    enum status status = results_list_series(shown->path, &shown->summary, record->id, &list);
    if (status)
        return status;
    show_json_run(shown->path, record, &list, stdout);
    series_list_free(&list);
    return OK;
}

static enum status print_file_json(const struct shown *shown) {
    struct series_list list;
    enum status status = results_list_series(shown->path, &shown->summary, NULL, &list);
    if (status)
        return status;
    show_json_file(shown->path, &shown->header, &shown->summary, &list, stdout);
    series_list_free(&list);
    return OK;
}

static enum status show_run(struct shown *shown, const char *prefix) {
    char id[RUN_ID_SIZE];
    struct record record = {0};
    const struct table *summary = &shown->summary;
    enum status status = run_find(summary, prefix, id);
    if (status)
        return fail_in(status, "%s", shown->path);
    for (int row = 0; row < summary->n_rows; row++) {
        if (strcmp(table_find(summary, "run")->texts[row], id) == 0 &&
            !run_has_group(summary, row)) {
            if (shown->json)
                return fail(ERROR_RESULTS, "run %s has no results: it is %s", id,
                            table_find(summary, "status")->texts[row]);
            show_planned(shown, row);
            return OK;
        }
    }
    status = store_read_series_of(shown->path, id, NULL, &record);
    if (status)
        return status;
    if (shown->json) {
        status = print_run_json(shown, &record);
        record_free(&record);
        return status;
    }
    text_print(stdout, "run %s of %s\n", id, shown->path);
    print_attributes("configuration", &record.config, shown);
    print_attributes("final metrics", &record.final, shown);
    print_attributes("provenance", &record.provenance, shown);
    record_free(&record);
    return print_series(shown, id);
}

/* For a person: in lines that fit. */
static enum status show_fitted(struct shown *shown, const char *run) {
    struct print_fitted fitted;
    print_fitted_begin(&fitted);
    enum status status = run ? show_run(shown, run) : show_file(shown);
    print_fitted_end(&fitted);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct show_options *options = arguments->options;
    struct shown shown = {.path = options->file, .json = options->flag};
    if (options->yaml && (options->run || options->flag))
        return fail(ERROR_USAGE, "--yaml prints the experiment file as it was: it goes with no ID "
                                 "and no --json");
    enum status status = store_read_header(shown.path, &shown.pool, &shown.header);
    if (!status)
        status = store_read_summary(shown.path, &shown.summary);
    if (!status && options->yaml && !*shown.header.yaml)
        status =
            fail(ERROR_RESULTS, "%s holds no experiment file, as a merged file does", shown.path);
    else if (!status && options->yaml)
        fputs(shown.header.yaml, stdout);
    else if (!status && shown.json)
        status = options->run ? show_run(&shown, options->run) : print_file_json(&shown);
    else if (!status)
        status = show_fitted(&shown, options->run);
    table_free(&shown.summary);
    pool_free(&shown.pool);
    return status;
}

static const struct option_row rows[] = {
    {.name = "RESULTS.h5", .type = OPERAND, FIELD(struct show_options, file)},
    {.name = "ID", .type = OPERAND_MAYBE, FIELD(struct show_options, run)},
    {"yaml", NULL, "print the experiment file as it was", OPTION_FLAG,
     FIELD(struct show_options, yaml)},
    OUTPUT_JSON_OPTION(struct show_options, flag),
    UNSEALED_OPTION,
    {0},
};

const struct command command_show = {
    .name = "show",
    .summary = "show what is inside a results file, or everything about one of its runs",
    .details =
        "ID is the id of a run, or how it begins; `normlab table RESULTS.h5` lists the ids. A "
        "series named layer*/NAME exists once for each layer, as layer0/NAME and so on.",
    .examples = "$ normlab show results/small_batch.h5\n"
                "$ normlab show results/small_batch.h5 r3f2\n"
                "$ normlab show results/small_batch.h5 --json\n"
                "$ normlab show results/small_batch.h5 --yaml > again.yaml",
    .rows = rows,
    .size = sizeof(struct show_options),
    .paged = true,
    .run = run,
};
