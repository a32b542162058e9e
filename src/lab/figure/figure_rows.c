/* Selects the runs that a figure draws, and counts those that it leaves out. */
#include "lab/figure/figure_rows.h"

#include <string.h>

#include "base/words.h"
#include "lab/plan/figure_option.h"
#include "lab/store/bank_members.h"
#include "lab/table/row_filter.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_columns.h"
#include "lab/table/varied_keys.h"

static enum status select_where(struct preparing *work, const struct table *summary,
                                struct table *rows) {
    const char *asked = preparing_option(work, "where"), *at = asked ? asked : "";
    const char **conditions = pool_alloc(work->pool, (strlen(at) + 1) * sizeof *conditions);
    int n = 0;
    while (*at) {
        size_t size = list_item_size(at), blanks = strspn(at, " ");
        conditions[n++] = pool_format(work->pool, "%.*s", (int)(size - blanks), at + blanks);
        at += size + (at[size] == ',');
    }
    enum status status = table_where(summary, n, conditions, rows);
    if (!status && rows->n_rows == 0 && n > 0) {
        table_free(rows);
        status = fail(ERROR_USAGE, "where: none of the %d runs meets %s", summary->n_rows, asked);
    }
    return status;
}

enum status figure_rows(struct preparing *work, struct table *rows) {
    const char *asked = preparing_option(work, "y"), *at = asked, *item, *metrics[FIGURE_METRICS];
    int n = 0;
    while (at && (item = figure_option_word(&at, ",]", work->pool)))
        if (bank_metric(item) && n < FIGURE_METRICS) /* figure_metrics refuses more */
            metrics[n++] = bank_metric(item);
    if (n == 0 || work->kind->group)
        return select_where(work, &work->source->summary, rows);
    struct table members;
    enum status status = figure_option_check(work->figure->script, "y", asked);
    if (status)
        return status;
    status = bank_members_table(work->source->file, &work->source->summary, n, metrics, &members,
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

void figure_rows_keep(const struct table *rows, int n_names, const char *const *names,
                      struct drawing *drawing) {
    struct pool pool = {0};
    int *kept = pool_alloc(&pool, ((size_t)rows->n_rows + 1) * sizeof *kept), n = 0;
    for (int row = 0; row < rows->n_rows; row++) {
        const char *key = missing_key(rows, row, n_names, names);
        drawing->n_left_out += key != NULL;
        if (key)
            drawing->left_out = key;
        else if (run_ended(rows, row, END_MISSING))
            drawing->n_missing++;
        else
            kept[n++] = row;
    }
    table_take(rows, n, kept, &drawing->runs);
    pool_free(&pool);
}
