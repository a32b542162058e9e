/* Fills /summary: keys from the plan, the rest from what was kept of the run files. */
#include "lab/merge/merge_summary.h"

#include <math.h>
#include <string.h>

#include "lab/table/run_rows.h"
#include "lab/table/summary_check.h"
#include "lab/table/summary_columns.h"

/* A new column in which nothing applies yet: -1, NaN or "". */
static struct column *add_column(struct table *table, const char *name, enum cell_type type,
                                 const char *unit, const char *doc) {
    bool counts = unit && unit[0]; /* numbers without a unit have the unit 1, as metrics have */
    struct column *column =
        table_add(table, name, type, counts || type == TYPE_TEXT ? unit : "1", doc ? doc : "");
    for (int row = 0; row < table->n_rows; row++)
        if (type == TYPE_REAL)
            column->reals[row] = NAN;
        else if (type != TYPE_TEXT)
            column->integers[row] = -1;
    return column;
}

static void set_value(struct table *table, struct column *column, int row, const struct key *key,
                      const struct value *value) {
    if (column->type == TYPE_REAL)
        column->reals[row] = value->real;
    else if (column->type == TYPE_TEXT)
        column->texts[row] = pool_text(&table->pool, value_text(key, value, &table->pool));
    else
        column->integers[row] = value->integer;
}

/* A run's configuration follows from its identity, so the plan's serves for all of it but what was
 * logged, where a run may have more than was asked for. Keys that only concern a machine are left
 * out: runs may come from several. */
static void add_key(const struct merge *merge, struct table *table, int index) {
    const struct key *key = key_get(index);
    struct column *column = NULL;
    if (key->local)
        return;
    for (int row = 0; row < merge->n_runs; row++) {
        const struct cell *cell = merge->runs[row].cell;
        if (!cell->applies[index])
            continue;
        if (!column)
            column = add_column(table, key->name, key_column_type(key), key->unit, key->doc);
        set_value(table, column, row, key, &cell->values[index]);
    }
}

/* What a finished run itself says. */
static void set_attribute(struct table *table, int row, const struct attribute *attribute) {
    struct column *column = table_find(table, attribute->name);
    if (!column || (column->type == TYPE_TEXT) != (attribute->type == TYPE_TEXT))
        return;
    if (column->type == TYPE_TEXT)
        column->texts[row] = pool_text(&table->pool, attribute->text);
    else if (column->type == TYPE_REAL)
        column->reals[row] =
            attribute->type == TYPE_REAL ? attribute->real : (double)attribute->integer;
    else if (attribute->type != TYPE_REAL)
        column->integers[row] = attribute->integer;
}

/* The unit of losses; "1" where the runs minimize different ones. */
static const char *loss_unit(const struct merge *merge) {
    int key = key_find("train.loss");
    long loss = merge->runs[0].cell->values[key].integer;
    for (int row = 1; row < merge->n_runs; row++)
        if (merge->runs[row].cell->values[key].integer != loss)
            return "1";
    return loss_get(loss)->unit;
}

void merge_summary(const struct merge *merge, struct table *summary) {
    table_create(summary, merge->n_runs);
    struct column *ids =
        table_add(summary, "run", TYPE_TEXT, "", "id of the run: its group in /runs");
    for (int row = 0; row < merge->n_runs; row++)
        ids->texts[row] = pool_text(&summary->pool, merge->runs[row].id);
    for (int i = 0; i < key_count(); i++)
        add_key(merge, summary, i);
    for (int i = 0; i < summary_column_count(); i++) {
        const struct summary_column *final = summary_column_get(i);
        bool is_loss = !strcmp(final->unit, UNIT_OF_LOSS);
        add_column(summary, final->name, final->type, is_loss ? loss_unit(merge) : final->unit,
                   final->doc);
    }
    struct column *statuses = table_find(summary, "status");
    for (int row = 0; row < merge->n_runs; row++) {
        const struct merge_run *run = &merge->runs[row];
        statuses->texts[row] = run->status;
        for (int i = 0; i < run->row.n; i++)
            set_attribute(summary, row, &run->row.items[i]);
    }
    run_forget_collapsed(summary);
}
