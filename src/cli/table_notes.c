/* Says what rows of groups pool, and which runs they leave out. */
#include "cli/table_notes.h"

#include <math.h>
#include <string.h>

#include "base/words.h"
#include "lab/table/run_rows.h"
#include "lab/table/varied_keys.h"

/* ---- what is pooled ---- */

/* "train.batch_size (9 values) and norm.kind (3 values)" */
static const char *values_text(const struct table *summary, int n,
                               const struct column *const *columns, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < n; i++) {
        const struct column_value *values;
        int n_values = column_values(summary, columns[i], pool, &values);
        const char *between = i == 0 ? "" : i == n - 1 ? " and " : ", ";
        text = pool_format(pool, "%s%s%s (%d value%s)", text, between, columns[i]->name, n_values,
                           plural(n_values));
    }
    return text;
}

/* "norm.kind,train.batch_size": what --by has, and more. */
static const char *longer_by(const struct words *by, int n, const struct column *const *columns,
                             struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < by->n + n; i++)
        text = pool_format(pool, "%s%s%s", text, i ? "," : "",
                           i < by->n ? by->items[i] : columns[i - by->n]->name);
    return text;
}

static long largest_group(const struct table *groups) {
    const struct column *n = table_find(groups, "n");
    long largest = 0;
    for (int row = 0; row < groups->n_rows; row++)
        largest = n->integers[row] > largest ? n->integers[row] : largest;
    return largest;
}

static void note_pooled(const struct table *summary, const struct words *by,
                        const struct table *groups, struct pool *pool, struct notes *notes) {
    size_t most = (size_t)(by->n + summary->n_columns) + 1;
    const struct column **given = pool_alloc(pool, most * sizeof *given);
    const struct column **pooled = pool_alloc(pool, most * sizeof *pooled);
    int n_given = 0;
    for (int i = 0; i < by->n; i++)
        if (table_find(summary, by->items[i]))
            given[n_given++] = table_find(summary, by->items[i]);
    int n = summary_arms(summary, n_given, given, pooled);
    if (n > 0)
        note(notes, pool,
             "up to %ld runs share a row although they differ in %s; --by %s keeps them apart, "
             "--where chooses among them",
             largest_group(groups), values_text(summary, n, pooled, pool),
             longer_by(by, n, pooled, pool));
}

/* ---- what is left out ---- */

/* "2 diverged, 1 missing, 3 to which it does not apply" */
static const char *ends_text(const int n[RUN_ENDS], int n_all, struct pool *pool) {
    const char *text = "";
    for (enum run_end end = END_COMPLETE + 1; end < RUN_ENDS; n_all -= n[end++])
        if (n[end] > 0)
            text =
                pool_format(pool, "%s%s%d %s", text, *text ? ", " : "", n[end], run_end_name(end));
    return n_all > 0 ? pool_format(pool, "%s%s%d to which it does not apply", text,
                                   *text ? ", " : "", n_all)
                     : text;
}

static void note_left_out(const struct table *summary, const char *metric, struct pool *pool,
                          struct notes *notes) {
    const struct column *column = table_find(summary, metric);
    int n = 0, n_ends[RUN_ENDS] = {0};
    for (int row = 0; column && column->type == TYPE_REAL && row < summary->n_rows; row++) {
        if (!isnan(column->reals[row]))
            continue;
        n++;
        for (enum run_end end = 0; end < RUN_ENDS; end++)
            n_ends[end] += run_ended(summary, row, end);
    }
    if (n > 0)
        note(notes, pool, "%s leaves out %d of %d runs, which have none: %s%s", metric, n,
             summary->n_rows, ends_text(n_ends, n, pool),
             n_ends[END_DIVERGED] && !strcmp(metric, "test_error")
                 ? "; test_error_scored counts diverged ones"
                 : "");
}

void table_notes(const struct table *summary, const struct words *by, const struct words *metrics,
                 const struct table *groups, struct pool *pool, struct notes *notes) {
    note_pooled(summary, by, groups, pool, notes);
    for (int i = 0; i < metrics->n; i++)
        note_left_out(summary, metrics->items[i], pool, notes);
}
