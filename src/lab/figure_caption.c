/* What must be said below a figure, so that it can be read without its author. */
#include <math.h>
#include <string.h>

#include "lab/figure.h"
#include "lab/varied.h"

struct range {
    double low, high;
};

static struct range range_of(const struct table *table, const char *name) {
    const struct column *column = table_find(table, name);
    struct range range = {INFINITY, -INFINITY};
    for (int row = 0; column && row < table->n_rows; row++) {
        double value = table_number(column, row);
        range.low = value < range.low ? value : range.low;
        range.high = value > range.high ? value : range.high;
    }
    return range;
}

/* 82500 -> 82,500 */
static const char *thousands(double number, struct pool *pool) {
    const char *digits = pool_format(pool, "%.0f", number), *text = "";
    for (size_t n = strlen(digits); *digits; digits++, n--)
        text = pool_format(pool, "%s%c%s", text, *digits, n > 1 && n % 3 == 1 ? "," : "");
    return text;
}

/* "8" or "5 to 8". */
static const char *range_text(struct range range, struct pool *pool) {
    const char *low = thousands(range.low, pool);
    return range.low == range.high
               ? low
               : pool_format(pool, "%s to %s", low, thousands(range.high, pool));
}

static double sum_of(const struct table *table, const char *name) {
    const struct column *column = table_find(table, name);
    double sum = 0;
    for (int row = 0; column && row < table->n_rows; row++)
        sum += table_number(column, row);
    return sum;
}

/* Shares in percent, with as many digits as keep 99.2 from becoming 100. */
static const char *interval_text(const struct drawing *drawing, const struct table *data,
                                 struct pool *pool) {
    static const char *const drawn[] = {"n>0"};
    struct table points;
    if (table_where(data, 1, drawn, &points) != OK)
        return "";
    struct range n = range_of(&points, "n"), coverage = range_of(&points, "coverage");
    table_free(&points);
    if (n.high <= 1)
        return "Each point is a single run: no interval.";
    const char *share = pool_format(pool, "%.1f", 100 * coverage.high);
    if (coverage.low < coverage.high)
        share = pool_format(pool, "%.1f to %s", 100 * coverage.low, share);
    const char *marks = drawing->group ? "bands" : "bars";
    const char *what = *drawing->mixed ? "runs" : "seeds";
    return drawing->kind->cells
               ? pool_format(pool, "Median of n = %s %s a cell.", range_text(n, pool), what)
               : pool_format(pool,
                             "Median of n = %s %s a point; %s: distribution-free interval of the "
                             "median from order statistics, coverage %s %%%s.",
                             range_text(n, pool), what, marks, share,
                             drawing->group ? "" : "; faint points: single runs");
}

/* Of the runs that were not cut short. */
static struct range planned_steps(const struct table *runs) {
    static const char *const complete[] = {"status=complete"};
    struct table whole;
    if (table_where(runs, 1, complete, &whole) != OK)
        return range_of(runs, "steps");
    struct range steps = range_of(&whole, "steps");
    table_free(&whole);
    return steps;
}

/* Equal epochs are not equal steps. */
static const char *steps_text(const struct drawing *drawing, struct pool *pool) {
    struct range steps = planned_steps(&drawing->runs),
                 epochs = range_of(&drawing->runs, "train.epochs");
    const struct column *batch = table_find(&drawing->runs, "train.batch_size");
    if (!(steps.low < steps.high) || !batch || column_is_constant(&drawing->runs, batch))
        return "";
    const char *equal =
        epochs.low == epochs.high && epochs.low > 0
            ? pool_format(pool, " (%s epoch%s each: a large mini-batch gets few steps)",
                          number_text(epochs.low, pool), epochs.low == 1 ? "" : "s")
            : "";
    return pool_format(pool, " %s steps a run%s.", range_text(steps, pool), equal);
}

static const char *failures_text(const struct drawing *drawing, const struct table *data,
                                 struct pool *pool) {
    const char *text = "";
    if (sum_of(data, "failed") > 0)
        text = pool_format(pool, " failed/n: runs that diverged, collapsed or broke off%s.",
                           drawing->group ? "; the medians are of those that go on"
                           : !strcmp(drawing->measures[0], "test_error_scored")
                               ? "; a diverged run counts as the best constant prediction"
                               : "");
    if (drawing->n_missing > 0)
        text = pool_format(pool, "%s Not trained yet: %d of %d runs.", text, drawing->n_missing,
                           drawing->n_missing + drawing->runs.n_rows);
    return text;
}

static const char *second_text(const struct drawing *drawing, struct pool *pool) {
    bool population =
        drawing->n_measures > 1 && !strcmp(drawing->measures[1], "test_error_population");
    return population
               ? pool_format(pool, " Dashed: the same weights, evaluated with the statistics of "
                                   "training rows in place of the running ones.")
               : "";
}

const char *figure_caption(const struct drawing *drawing, const struct table *data,
                           struct pool *pool) {
    const char *mixed =
        *drawing->mixed ? pool_format(pool, " A point mixes runs of different %s.", drawing->mixed)
                        : "";
    return pool_format(pool, "%s%s%s%s%s", interval_text(drawing, data, pool), mixed,
                       steps_text(drawing, pool), second_text(drawing, pool),
                       failures_text(drawing, data, pool));
}
