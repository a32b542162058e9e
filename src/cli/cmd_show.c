/* normlab show: what is inside a results file, for a person. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/key.h"
#include "cli/command.h"
#include "lab/results.h"
#include "lab/store.h"

enum { MOST_VALUES = 12, MOST_WIDTH = 44 };

/* What is shown, read once. */
struct shown {
    struct pool pool;
    const char *path;
    struct store_header header;
    struct table summary;
};

static int max_int(int a, int b) {
    return a > b ? a : b;
}

static const char *plural(int n) {
    return n == 1 ? "" : "s";
}

/* ---- the file as a whole ---- */

/* Counts the different texts of a column; `texts` and `counts` have room for all rows. */
static int distinct(const struct column *column, int n_rows, const char **texts, int *counts,
                    struct pool *pool) {
    int n = 0;
    for (int row = 0; row < n_rows; row++) {
        const char *cell = table_text(column, row, pool);
        const char *text = cell[0] ? cell : "(none)";
        int i = 0;
        while (i < n && strcmp(texts[i], text) != 0) {
            i++;
        }
        if (i == n) {
            texts[n] = text;
            counts[n++] = 0;
        }
        counts[i]++;
    }
    return n;
}

static void print_statuses(struct shown *shown) {
    const struct table *summary = &shown->summary;
    size_t most = (size_t)summary->n_rows + 1;
    const char **texts = pool_alloc(&shown->pool, most * sizeof *texts);
    int *counts = pool_alloc(&shown->pool, most * sizeof *counts);
    const struct column *status = table_find(summary, "status");
    const struct column *collapsed = table_find(summary, "collapsed");
    printf("%-12s%d", "runs", summary->n_rows);
    int n = status ? distinct(status, summary->n_rows, texts, counts, &shown->pool) : 0;
    for (int i = 0; i < n; i++) {
        printf("%s%d %s", i ? ", " : ": ", counts[i], texts[i]);
    }
    int n_collapsed = 0;
    for (int row = 0; collapsed && row < summary->n_rows; row++) {
        n_collapsed += table_number(collapsed, row) > 0;
    }
    if (n_collapsed > 0) {
        printf(" (%d collapsed)", n_collapsed);
    }
    putchar('\n');
}

static void print_values(const struct column *column, int n_rows, struct pool *pool) {
    size_t most = (size_t)n_rows + 1;
    const char **texts = pool_alloc(pool, most * sizeof *texts);
    int *counts = pool_alloc(pool, most * sizeof *counts);
    int n = distinct(column, n_rows, texts, counts, pool);
    for (int i = 0; i < n && i < MOST_VALUES; i++) {
        printf("%s%s", i ? ", " : "", texts[i]);
    }
    printf(n > MOST_VALUES ? ", ... (%d values)\n" : "\n", n);
}

static void print_sweep(struct shown *shown) {
    const struct table *summary = &shown->summary;
    size_t most = (size_t)summary->n_columns + 1;
    const char **names = pool_alloc(&shown->pool, most * sizeof *names);
    int n = results_varied(summary, names), width = 0;
    for (int i = 0; i < n; i++) {
        width = max_int(width, (int)strlen(names[i]));
    }
    for (int i = 0; i < n; i++) {
        printf("%-12s%-*s  ", i ? "" : "swept", width, names[i]);
        print_values(table_find(summary, names[i]), summary->n_rows, &shown->pool);
    }
}

/* ---- series ---- */

/* "[step 642..2000, layer 4]" */
static const char *shape_text(const struct series_info *info, struct pool *pool) {
    const char *text = "[";
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
    if (status) {
        return status;
    }
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

static enum status show_file(struct shown *shown) {
    const struct store_header *header = &shown->header;
    const char *name = header->name[0] ? header->name : "one run";
    printf("%s%s%s\n\n", name, header->title[0] ? ": " : "", header->title);
    printf("%-12s%s%s%s\n", "file", shown->path, header->source[0] ? ", merged by " : "",
           header->source);
    print_statuses(shown);
    print_sweep(shown);
    if (header->yaml[0]) {
        printf("%-12s/experiment/yaml in the file: normlab show %s --yaml\n", "definition",
               shown->path);
    }
    enum status status = print_series(shown, NULL);
    if (!status) {
        printf("\nA row for each run:   normlab table %s\n"
               "All about one run:    normlab show %s ID\n"
               "A series as a table:  normlab table %s --series GROUP/NAME\n",
               shown->path, shown->path, shown->path);
    }
    return status;
}

/* ---- one run ---- */

static const char *attribute_text(const struct attribute *attribute, struct pool *pool) {
    switch (attribute->type) {
    case TYPE_TEXT:
        return attribute->text[0] ? attribute->text : "-";
    case TYPE_BOOL:
        return attribute->integer ? "true" : "false";
    case TYPE_INT:
        return pool_format(pool, "%ld", attribute->integer);
    case TYPE_REAL:
        return isnan(attribute->real)   ? "nan"
               : isinf(attribute->real) ? (attribute->real > 0 ? "inf" : "-inf")
                                        : number_text(attribute->real, pool);
    }
    return "";
}

/* Name, value, unit and sentence; the last two stand in /summary. */
static void print_attributes(const char *title, const struct attributes *list,
                             struct shown *shown) {
    int name_width = 0, text_width = 0;
    for (int i = 0; i < list->n; i++) {
        int length = (int)strlen(attribute_text(&list->items[i], &shown->pool));
        name_width = max_int(name_width, (int)strlen(list->items[i].name));
        text_width = length <= MOST_WIDTH ? max_int(text_width, length) : text_width;
    }
    printf("\n%s\n", title);
    for (int i = 0; i < list->n; i++) {
        const struct attribute *attribute = &list->items[i];
        const struct column *column = table_find(&shown->summary, attribute->name);
        const char *text = attribute_text(attribute, &shown->pool);
        if (!column || (!column->unit[0] && !column->doc[0])) {
            printf("  %-*s  %s\n", name_width, attribute->name, text);
        } else {
            printf("  %-*s  %-*s  %s%s%s\n", name_width, attribute->name, text_width, text,
                   column->doc, column->unit[0] ? ", in " : "", column->unit);
        }
    }
}

static enum status show_run(struct shown *shown, const char *prefix) {
    char id[RUN_ID_SIZE];
    struct record record = {0};
    const struct table *summary = &shown->summary;
    enum status status = results_find_run(summary, prefix, id);
    if (status) {
        return fail_in(status, "%s", shown->path);
    }
    for (int row = 0; row < summary->n_rows; row++) {
        if (strcmp(table_find(summary, "run")->texts[row], id) == 0 &&
            !results_has_run(summary, row)) {
            return fail(ERROR_RESULTS, "%s: run %s is planned, but %s", shown->path, id,
                        table_find(summary, "status")->texts[row]);
        }
    }
    status = store_read_series_of(shown->path, id, NULL, &record);
    if (status) {
        return status;
    }
    printf("run %s of %s\n", id, shown->path);
    print_attributes("configuration", &record.config, shown);
    print_attributes("final figures", &record.final, shown);
    print_attributes("provenance", &record.provenance, shown);
    record_free(&record);
    return print_series(shown, id);
}

static enum status run(const struct arguments *arguments) {
    struct shown shown = {.path = arguments->operands[0]};
    bool yaml = argument_text(&command_show, arguments, "yaml") != NULL;
    enum status status = store_read_header(shown.path, &shown.pool, &shown.header);
    if (!status) {
        status = store_read_summary(shown.path, &shown.summary);
    }
    if (!status && yaml) {
        fputs(shown.header.yaml, stdout);
    } else if (!status) {
        status = arguments->n_operands > 1 ? show_run(&shown, arguments->operands[1])
                                           : show_file(&shown);
    }
    table_free(&shown.summary);
    pool_free(&shown.pool);
    return status;
}

const struct command command_show = {
    .name = "show",
    .summary = "say what is inside a results file, or all about one of its runs",
    .usage = "RESULTS.h5 [ID]",
    .details = "ID is a run's id or its beginning; `normlab table RESULTS.h5` lists them. A series "
               "named layer*/NAME is there once for each layer, as layer0/NAME and so on.",
    .examples = "$ normlab show results/small_batch.h5\n"
                "$ normlab show results/small_batch.h5 r3f2\n"
                "$ normlab show results/small_batch.h5 --yaml > again.yaml",
    .options =
        {
            {"yaml", NULL, "print the experiment's definition, verbatim"},
        },
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
