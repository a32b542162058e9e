/* Chooses the keys that make arms: whatever varies, so that no point mixes different things. */
#include "lab/figure/figure_arms.h"

#include <string.h>

#include "lab/figure/figure_places.h"
#include "lab/plan/figure_option.h"
#include "lab/table/group_by.h"
#include "lab/table/varied_keys.h"

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

/* Where arms were asked for, points mix the keys that they leave out: the caption must say so. */
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
    const char *asked = preparing_option(work, "arm"), *item;
    if (!asked)
        add_varied(work);
    while (asked && drawing->n_arm_columns < most &&
           (item = figure_option_word(&asked, ",]", work->pool))) {
        struct column *column;
        enum status status = table_require(&drawing->runs, item, &column);
        if (status)
            return fail_in(status, "arm");
        drawing->arm_columns[drawing->n_arm_columns++] = column;
    }
    find_mixed(work);
    return OK;
}

/* ---- are they too many? ---- */

/* In how many groups the columns part the runs. */
static enum status count_groups(const struct preparing *work, int n_columns,
                                const struct column *const *columns, int *n) {
    const char **names = pool_alloc(work->pool, ((size_t)n_columns + 1) * sizeof *names);
    for (int i = 0; i < n_columns; i++)
        names[i] = columns[i]->name;
    struct table by;
    enum status status = table_by(&work->drawing->runs, n_columns, names, 0, NULL, &by);
    if (status)
        return status;
    *n = by.n_rows;
    table_free(&by);
    return OK;
}

/* "norm.kind: none, batch, layer"; a few of many values. */
static const char *values_text(const struct preparing *work, const struct column *column) {
    enum { MOST = 6 };
    const struct column_value *values;
    const char *text = pool_format(work->pool, "%s:", column->name);
    int n = column_values(&work->drawing->runs, column, work->pool, &values);
    for (int i = 0; i < n && i < MOST; i++) {
        const char *words = cell_words(column, values[i].row, work->pool);
        text = pool_format(work->pool, "%s%s %s", text, i ? "," : "", *words ? words : "[]");
    }
    return n > MOST ? pool_format(work->pool, "%s, ...", text) : text;
}

/* What may be chosen, a line a key. */
static enum status too_many(const struct preparing *work, int n, const char *what, int most,
                            int n_columns, const struct column *const *columns) {
    bool panel = strstr(work->kind->grid, "panel") && !work->drawing->panel;
    const char *list = "";
    for (int i = 0; i < n_columns; i++)
        list = pool_format(work->pool, "%s\n    %s", list, values_text(work, columns[i]));
    return fail(ERROR_USAGE,
                "%d %ss are more than the %d that a reader can tell apart; choose runs with "
                "where=KEY=VALUE%s, or let points mix with arm=KEY:%s",
                n, what, most, panel ? ", a panel for each value with panel=KEY" : "", list);
}

static enum status count_arms(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    int most = preparing_is_ours(work) ? work->kind->most_arms : FIGURE_ARMS, n = 0;
    enum status status =
        count_groups(work, drawing->n_arm_columns, drawing->arm_columns, &drawing->n_arms);
    if (status || drawing->n_arms > most)
        return status ? status
                      : too_many(work, drawing->n_arms, "arm", most, drawing->n_arm_columns,
                                 drawing->arm_columns);
    if (!drawing->panel || !work->kind->arms_are_panels || !preparing_is_ours(work))
        return OK;
    const struct column **all =
        pool_alloc(work->pool, ((size_t)drawing->n_arm_columns + 1) * sizeof *all);
    for (int i = 0; i < drawing->n_arm_columns; i++)
        all[i] = drawing->arm_columns[i];
    all[drawing->n_arm_columns] = drawing->panel;
    status = count_groups(work, drawing->n_arm_columns + 1, all, &n);
    return status || n <= most ? status
                               : too_many(work, n, "panel", most, drawing->n_arm_columns + 1, all);
}

static enum status count_grid(const struct preparing *work, const char *what,
                              const struct column *column) {
    int n = 0;
    enum status status = column ? count_groups(work, 1, &column, &n) : OK;
    return status || n <= FIGURE_ARMS
               ? status
               : fail(
                     ERROR_USAGE,
                     "%s would draw %d %ss, more than %d; choose runs with where=KEY=VALUE, or %ss "
                     "with %s=KEY",
                     work->figure->script, n, what, FIGURE_ARMS, what, what);
}

enum status figure_arms(struct preparing *work) {
    enum status status = choose_arms(work);
    if (!status)
        status = count_grid(work, "panel", work->drawing->panel);
    if (!status)
        status = count_grid(work, "row", work->drawing->row);
    return status ? status : count_arms(work);
}
