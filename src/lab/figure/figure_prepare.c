/* Deciding what a figure leaves open: which rows, which columns, what tells the arms apart. */
#include <math.h>
#include <string.h>

#include "lab/figure/figure.h"
#include "lab/plan/figure_option.h"
#include "lab/store/bank_members.h"
#include "lab/table/group_by.h"
#include "lab/table/summary_columns.h"
#include "lab/table/varied_keys.h"

/* The work in hand. */
struct preparing {
    const struct figure_source *source;
    const struct figure *figure;
    const struct figure_kind *kind;
    struct pool *pool;
    struct drawing *drawing;
};

static const char *option(const struct preparing *work, const char *name) {
    for (int i = 0; i < work->figure->n_options; i++)
        if (!strcmp(work->figure->option_names[i], name))
            return work->figure->option_values[i];
    return NULL;
}

/* The next of "a, b" or "[a, b]"; NULL at the end. */
static const char *next_item(const char **at, struct pool *pool) {
    *at += strspn(*at, " ,[]");
    size_t size = strcspn(*at, ",]");
    if (size == 0)
        return NULL;
    const char *item = *at;
    *at += size;
    while (size > 0 && item[size - 1] == ' ')
        size--;
    return pool_format(pool, "%.*s", (int)size, item);
}

/* ---- rows ---- */

static enum status select_where(struct preparing *work, const struct table *summary,
                                struct table *rows) {
    enum { MOST = 32 };
    const char *conditions[MOST];
    int n = 0;
    for (const char *at = option(work, "where"); at && *at && n < MOST;) {
        size_t size = list_item_size(at), blanks = strspn(at, " ");
        conditions[n++] = pool_format(work->pool, "%.*s", (int)(size - blanks), at + blanks);
        at += size + (at[size] == ',');
    }
    enum status status = table_where(summary, n, conditions, rows);
    if (!status && rows->n_rows == 0 && n > 0) {
        table_free(rows);
        status = fail(ERROR_USAGE, "where: none of the %d runs meets %s", summary->n_rows,
                      option(work, "where"));
    }
    return status;
}

/* The summary's rows; where metrics of banks are drawn, their members' rows. */
static enum status select_rows(struct preparing *work, struct table *rows) {
    const char *asked = option(work, "y"), *at = asked, *item, *metrics[FIGURE_METRICS];
    int n = 0;
    while (at && n < FIGURE_METRICS && (item = next_item(&at, work->pool)))
        if (bank_metric(item))
            metrics[n++] = bank_metric(item);
    if (n == 0 || work->kind->group)
        return select_where(work, &work->source->summary, rows);
    struct table members;
    enum status status = figure_option_check(work->figure->script, "y", asked);
    if (status)
        return status;
    status = members_table(work->source->path, &work->source->summary, n, metrics, &members,
                           &work->drawing->n_left_out);
    if (status)
        return fail_in(status, "y");
    work->drawing->left_out = "bank";
    status = select_where(work, &members, rows);
    table_free(&members);
    return status;
}

/* The first of the keys that does not apply; NULL: all do. */
static const char *missing_key(const struct table *rows, int row, int n_names,
                               const char *const *names) {
    for (int i = 0; i < n_names; i++)
        if (names[i] && !key_applies(table_find(rows, names[i]), row))
            return names[i];
    return NULL;
}

/* Leaves out the runs to which x, panel or row do not apply, and those that were never trained. */
static void keep_runs(const struct table *rows, int n_names, const char *const *names,
                      struct drawing *drawing) {
    struct pool pool = {0};
    const struct column *status = table_find(rows, "status");
    int *kept = pool_alloc(&pool, ((size_t)rows->n_rows + 1) * sizeof *kept), n = 0;
    for (int row = 0; row < rows->n_rows; row++) {
        const char *key = missing_key(rows, row, n_names, names);
        drawing->n_left_out += key != NULL;
        if (key)
            drawing->left_out = key;
        else if (status && !strcmp(status->texts[row], "missing"))
            drawing->n_missing++;
        else
            kept[n++] = row;
    }
    table_take(rows, n, kept, &drawing->runs);
    pool_free(&pool);
}

/* ---- metrics ---- */

static bool has_values(const struct preparing *work, const struct table *rows, const char *name) {
    if (work->drawing->group) {
        const struct series *series =
            record_find_series(&work->source->shapes, work->drawing->group, name);
        return series && series->n_dims == 1;
    }
    const struct column *column = table_find(rows, name);
    for (int row = 0; column && row < rows->n_rows; row++)
        if (!isnan(table_number(column, row)))
            return true;
    return false;
}

/* The first of "a|b|c" that has values; NULL: none. */
static const char *first_with_values(const struct preparing *work, const struct table *rows,
                                     const char *words) {
    while (*words) {
        size_t size = strcspn(words, "|");
        const char *name = pool_format(work->pool, "%.*s", (int)size, words);
        if (has_values(work, rows, name))
            return name;
        words += size + (words[size] == '|');
    }
    return NULL;
}

/* The file's name, for messages. */
static const char *file_name(const struct preparing *work) {
    const char *slash = strrchr(work->source->path, '/');
    return slash ? slash + 1 : work->source->path;
}

/* A script of the user's own draws what it wants. */
static bool is_of_the_house(const struct preparing *work) {
    return figure_kind_find(work->figure->script) != NULL;
}

/* Only what is drawn along a series can draw another one. */
static enum status check_group(const struct preparing *work, const char *item) {
    if (work->kind->group || !is_of_the_house(work))
        return OK;
    return fail(ERROR_USAGE,
                "y: %s draws final metrics, and %s is a series; --figure learning_curves draws it",
                work->figure->script, item);
}

static enum status check_metrics(const struct preparing *work) {
    int n = work->drawing->n_metrics, most = work->kind->most_metrics;
    if (n <= most || !is_of_the_house(work))
        return OK;
    return fail(ERROR_USAGE, "y: %s draws %d metric%s, not %d", work->figure->script, most,
                most == 1 ? "" : "s", n);
}

/* "epoch/test_error" names the group of a series as well. */
static enum status choose_metrics(struct preparing *work, const struct table *rows) {
    struct drawing *drawing = work->drawing;
    const char *asked = option(work, "y"), *at = asked ? asked : work->kind->y, *item;
    while (drawing->n_metrics < FIGURE_METRICS && (item = next_item(&at, work->pool))) {
        const char *slash = strrchr(item, '/');
        if (bank_metric(item) && !work->kind->group) {
            item = bank_metric(item);
        } else if (slash) {
            enum status status = check_group(work, item);
            if (status)
                return status;
            drawing->group = pool_format(work->pool, "%.*s", (int)(slash - item), item);
            item = slash + 1;
        }
        const char *name = first_with_values(work, rows, item);
        if (name)
            drawing->metrics[drawing->n_metrics++] = name;
        else if (asked)
            return fail(ERROR_USAGE, "y: no run has values of '%s'%s%s", item,
                        drawing->group ? " in the series of group " : "",
                        drawing->group ? drawing->group : "");
    }
    if (drawing->n_metrics == 0)
        return fail(ERROR_RESULTS, "no run has values of %s%s%s",
                    work->kind->group ? work->kind->group : "", work->kind->group ? "/" : "",
                    work->kind->y);
    return check_metrics(work);
}

/* ---- axes ---- */

/* Numbers alone: no text, and no word among the numbers, such as data.train=all. */
static bool holds_numbers(const struct table *rows, const struct column *column) {
    int found = key_find(column->name);
    bool has_words = found >= 0 && key_get(found)->words && column->type == TYPE_INT;
    for (int row = 0; has_words && row < rows->n_rows; row++)
        if (column->integers[row] == -1 && key_applies(column, row))
            return false;
    return column->type == TYPE_INT || column->type == TYPE_REAL;
}

/* The first key that varies, of numbers or of words. norm.kind, which makes the arms, comes last.
 */
static const char *first_varied(const struct table *rows, bool numbers, struct pool *pool) {
    const struct column **varied = pool_alloc(pool, ((size_t)rows->n_columns + 1) * sizeof *varied);
    int n = summary_arms(rows, 0, NULL, varied);
    for (int i = 0; i < n; i++)
        if (holds_numbers(rows, varied[i]) == numbers && strcmp(varied[i]->name, "norm.kind") != 0)
            return pool_text(pool, varied[i]->name);
    return numbers || !key_varies(rows, "norm.kind") ? NULL : "norm.kind";
}

static const char *choose_x(const struct preparing *work, const struct table *rows) {
    if (work->drawing->group) /* a series is drawn along its own scale */
        return record_find_series(&work->source->shapes, work->drawing->group,
                                  work->drawing->metrics[0])
            ->dim_names[0];
    const char *asked = option(work, "x");
    if (asked)
        return asked;
    if (work->kind->x_from == FIGURE_X_GIVEN)
        return work->kind->x;
    return first_varied(rows, work->kind->x_from == FIGURE_X_NUMBER, work->pool);
}

/* A key that was asked for ("none": no), or the kind's where it varies. */
static const char *choose_key(const struct preparing *work, const struct table *rows,
                              const char *name, const char *usual) {
    const char *asked = option(work, name);
    if (asked)
        return *asked && strcmp(asked, "none") != 0 ? asked : NULL;
    return usual && key_varies(rows, usual) ? usual : NULL;
}

/* A figure without extent says nothing, and gnuplot draws none. */
static enum status check_varies(const struct preparing *work, const char *option_name,
                                const char *key) {
    if (key_varies(&work->drawing->runs, key))
        return OK;
    return fail(ERROR_USAGE, "%s does not vary in %s%s; choose %s=KEY", key, file_name(work),
                option(work, "where") ? ", given the condition" : "", option_name);
}

/* Can the script draw this? */
static enum status check_axes(const struct preparing *work) {
    const struct drawing *drawing = work->drawing;
    const struct figure_kind *kind = work->kind;
    if (!is_of_the_house(work) || drawing->group)
        return OK;
    if (!holds_numbers(&drawing->runs, drawing->x) && !kind->x_may_be_absent)
        return fail(ERROR_USAGE,
                    "x: %s is no number%s; --figure error_vs_choice draws words, or choose x=KEY",
                    drawing->x_name, drawing->x->type == TYPE_INT ? " in every run" : "");
    enum status status = check_varies(work, "x", drawing->x_name);
    if (!status && kind->cells)
        status = check_varies(work, "row", drawing->row ? drawing->row->name : kind->row);
    return status;
}

static enum status require(const struct table *rows, const char *what, const char *name) {
    struct column *column;
    enum status status = name ? table_require(rows, name, &column) : OK;
    return status ? fail_in(status, "%s", what) : OK;
}

static enum status require_grid(const struct preparing *work, const struct table *rows,
                                const char *what, const char *name) {
    enum status status = name ? figure_grid_check(work->figure->script, what) : OK;
    return status ? status : require(rows, what, name);
}

static enum status choose_axes(struct preparing *work, const struct table *rows, const char **panel,
                               const char **row) {
    struct drawing *drawing = work->drawing;
    drawing->x_name = choose_x(work, rows);
    *panel = choose_key(work, rows, "panel", work->kind->panel);
    *row = choose_key(work, rows, "row", work->kind->row);
    if (!drawing->x_name)
        return fail(ERROR_USAGE, "no key varies that %s could draw against; choose one with x=KEY",
                    work->figure->script);
    if (drawing->group && option(work, "x") && is_of_the_house(work))
        return fail(ERROR_USAGE, "x: a series is drawn along its own scale, '%s'", drawing->x_name);
    enum status status = drawing->group ? OK : require(rows, "x", drawing->x_name);
    if (!status)
        status = require_grid(work, rows, "panel", *panel);
    return status ? status : require_grid(work, rows, "row", *row);
}

/* ---- arms ---- */

/* x, panel and row; returns their number. */
static int given_columns(const struct drawing *drawing, const struct column **given) {
    const struct column *const columns[] = {drawing->x, drawing->panel, drawing->row};
    int n = 0;
    for (int i = 0; i < 3; i++)
        if (columns[i])
            given[n++] = columns[i];
    return n;
}

/* A run to which x does not apply is drawn at every x. The key that decides whether it applies must
 * then tell arms apart, lest their points mix. NULL: none needs to, or no single key does. */
static const struct column *deciding_column(const struct preparing *work) {
    struct drawing *drawing = work->drawing;
    const struct table *runs = &drawing->runs;
    if (!drawing->x || !drawing->kind->x_everywhere)
        return NULL;
    struct column applies = {.name = "", .type = TYPE_BOOL};
    applies.integers = pool_alloc(work->pool, ((size_t)runs->n_rows + 1) * sizeof(long));
    for (int row = 0; row < runs->n_rows; row++)
        applies.integers[row] = key_applies(drawing->x, row);
    size_t size = ((size_t)runs->n_columns + 4) * sizeof(struct column *);
    const struct column **others = pool_alloc(work->pool, size);
    const struct column **varied = pool_alloc(work->pool, size);
    int n = 0, n_varied = summary_varied(runs, varied);
    for (int i = 0; i < drawing->n_arm_columns; i++)
        others[n++] = drawing->arm_columns[i];
    if (drawing->panel)
        others[n++] = drawing->panel;
    if (drawing->row)
        others[n++] = drawing->row;
    if (column_is_determined(runs, &applies, n, others))
        return NULL;
    for (int i = 0; i < n_varied; i++) {
        others[n] = varied[i];
        if (varied[i] != drawing->x && !key_is_seed(varied[i]->name) &&
            column_is_determined(runs, &applies, n + 1, others))
            return varied[i];
    }
    return NULL;
}

/* Where arms were asked for, what they leave out is mixed in each point: that must be said. */
static void find_mixed(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    size_t size = ((size_t)drawing->n_arm_columns + (size_t)drawing->runs.n_columns + 3) *
                  sizeof(struct column *);
    const struct column **given = pool_alloc(work->pool, size);
    const struct column **mixed = pool_alloc(work->pool, size);
    int n = given_columns(drawing, given);
    for (int i = 0; i < drawing->n_arm_columns; i++)
        given[n++] = drawing->arm_columns[i];
    int n_mixed = summary_arms(&drawing->runs, n, given, mixed);
    const struct column *deciding = deciding_column(work);
    if (deciding)
        mixed[n_mixed++] = deciding;
    for (int i = 0; i < n_mixed; i++)
        drawing->mixed =
            pool_format(work->pool, "%s%s%s", drawing->mixed, i ? ", " : "", mixed[i]->name);
}

/* The normalizers are arms wherever they differ, though x may tell them apart as well: only `none`
 * has no placement. */
static void add_kind(struct drawing *drawing) {
    const struct column *kind = table_find(&drawing->runs, "norm.kind");
    if (kind && kind != drawing->x && kind != drawing->panel && kind != drawing->row &&
        !column_is_constant(&drawing->runs, kind))
        drawing->arm_columns[drawing->n_arm_columns++] = kind;
}

/* Whatever else varies makes arms: no point mixes different things unless it was asked to. */
static void add_varied(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    const struct column *given[4];
    int n_given = given_columns(drawing, given);
    add_kind(drawing);
    if (drawing->n_arm_columns > 0)
        given[n_given++] = drawing->arm_columns[0];
    drawing->n_arm_columns +=
        summary_arms(&drawing->runs, n_given, given, drawing->arm_columns + drawing->n_arm_columns);
    const struct column *deciding = deciding_column(work);
    if (deciding)
        drawing->arm_columns[drawing->n_arm_columns++] = deciding;
}

static enum status choose_arms(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    int most = drawing->runs.n_columns;
    drawing->arm_columns = pool_alloc(work->pool, ((size_t)most + 1) * sizeof(struct column *));
    const char *asked = option(work, "arm"), *item;
    if (!asked)
        add_varied(work);
    while (asked && drawing->n_arm_columns < most && (item = next_item(&asked, work->pool))) {
        struct column *column;
        enum status status = table_require(&drawing->runs, item, &column);
        if (status)
            return fail_in(status, "arm");
        drawing->arm_columns[drawing->n_arm_columns++] = column;
    }
    find_mixed(work);
    return OK;
}

/* In how many groups the columns part the runs. */
static enum status count_groups(const struct preparing *work, int n_columns,
                                const struct column *const *columns, const char *what, int *n) {
    const char **names = pool_alloc(work->pool, ((size_t)n_columns + 1) * sizeof *names);
    for (int i = 0; i < n_columns; i++)
        names[i] = columns[i]->name;
    struct table by;
    enum status status = table_by(&work->drawing->runs, n_columns, names, 0, NULL, &by);
    if (status)
        return status;
    *n = by.n_rows;
    table_free(&by);
    if (*n > FIGURE_ARMS)
        return fail(ERROR_USAGE,
                    "%s would draw %d %ss, more than %d; choose runs with where=KEY=VALUE or "
                    "%ss with %s=KEY",
                    work->figure->script, *n, what, FIGURE_ARMS, what, what);
    return OK;
}

static enum status count_all(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    int n;
    enum status status =
        count_groups(work, drawing->n_arm_columns, drawing->arm_columns, "arm", &drawing->n_arms);
    if (!status && drawing->panel)
        status = count_groups(work, 1, &drawing->panel, "panel", &n);
    if (!status && drawing->row)
        status = count_groups(work, 1, &drawing->row, "row", &n);
    return status;
}

/* ---- words ---- */

/* test_error_scored -> test error */
static const char *spoken(const char *metric, struct pool *pool) {
    size_t size = strlen(metric);
    const char *scored = strstr(metric, "_scored");
    char *text =
        pool_format(pool, "%.*s", (int)(scored ? (size_t)(scored - metric) : size), metric);
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

/* "test error"; of two metrics that have no common name both: "test loss, train loss". */
static const char *metrics_label(const struct drawing *drawing, struct pool *pool) {
    const char *first = spoken(drawing->metrics[0], pool);
    return drawing->n_metrics == 2 && drawing->second && !second_is_population(drawing)
               ? pool_format(pool, "%s, %s", first, spoken(drawing->metrics[1], pool))
               : first;
}

/* What the dashed lines are. */
static const char *choose_second(const struct preparing *work) {
    const struct drawing *drawing = work->drawing;
    const char *asked = option(work, "second");
    if (drawing->n_metrics < 2)
        return NULL;
    if (asked)
        return asked;
    return work->kind->second && second_is_population(drawing)
               ? work->kind->second
               : spoken(drawing->metrics[1], work->pool);
}

static const char *key_label(const char *name, struct pool *pool) {
    int key = key_find(name);
    const char *unit = key >= 0 ? key_get(key)->unit : "";
    return *unit ? pool_format(pool, "%s (%s)", name, unit) : name;
}

static void choose_words(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    const struct figure_kind *kind = work->kind;
    const char *title = option(work, "title"), *x = option(work, "xlabel"),
               *y = option(work, "ylabel");
    bool usual_x = kind->x && !strcmp(drawing->x_name, kind->x);
    drawing->title = title ? title : work->source->title;
    drawing->x_label = x                          ? x
                       : usual_x && kind->x_label ? kind->x_label
                                                  : key_label(drawing->x_name, work->pool);
    bool usual_y = !option(work, "y");
    drawing->second = choose_second(work);
    drawing->y_label = y                          ? y
                       : usual_y && kind->y_label ? kind->y_label
                                                  : metrics_label(drawing, work->pool);
}

/* What is not for us is for the script. */
static enum status pass_options(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    for (int i = 0; i < work->figure->n_options && drawing->n_options < FIGURE_SCRIPT_OPTIONS;
         i++) {
        const char *name = work->figure->option_names[i], *value = work->figure->option_values[i];
        const struct figure_option *known = figure_option_find(name);
        if (known && !known->for_script)
            continue;
        enum status status = figure_option_check(work->figure->script, name, value);
        if (status)
            return status;
        drawing->option_names[drawing->n_options] = name;
        drawing->option_values[drawing->n_options++] = value;
    }
    return OK;
}

static enum status prepare(struct preparing *work, const struct table *rows) {
    struct drawing *drawing = work->drawing;
    const char *panel = NULL, *row = NULL;
    enum status status = choose_metrics(work, rows);
    if (!status)
        status = choose_axes(work, rows, &panel, &row);
    if (status)
        return status;
    bool drop_x = !drawing->group && !work->kind->x_may_be_absent && !work->kind->x_everywhere;
    const char *const needed[] = {drop_x ? drawing->x_name : NULL, panel, row};
    keep_runs(rows, 3, needed, drawing);
    if (drawing->runs.n_rows == 0)
        return fail(ERROR_USAGE, "no runs to draw");
    drawing->x = drawing->group ? NULL : table_find(&drawing->runs, drawing->x_name);
    drawing->panel = panel ? table_find(&drawing->runs, panel) : NULL;
    drawing->row = row ? table_find(&drawing->runs, row) : NULL;
    status = check_axes(work);
    if (!status)
        status = choose_arms(work);
    if (!status)
        status = count_all(work);
    choose_words(work);
    return status ? status : pass_options(work);
}

enum status figure_prepare(const struct figure_source *source, const struct figure *figure,
                           struct pool *pool, struct drawing *drawing) {
    const struct figure_kind *kind = figure_kind_find(figure->script);
    if (!kind)
        kind = figure_kind_find("error_vs_key");
    *drawing = (struct drawing){.script = figure->script,
                                .name = figure->name,
                                .kind = kind,
                                .group = kind->group,
                                .mixed = ""};
    struct preparing work = {source, figure, kind, pool, drawing};
    struct table rows;
    enum status status = select_rows(&work, &rows);
    if (!status) {
        status = prepare(&work, &rows);
        table_free(&rows);
    }
    if (status) {
        drawing_free(drawing);
        return fail_in(status, "%s", figure->name);
    }
    return OK;
}

void drawing_free(struct drawing *drawing) {
    table_free(&drawing->runs);
    *drawing = (struct drawing){0};
}
