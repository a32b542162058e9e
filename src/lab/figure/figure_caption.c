/* What must be said below a figure, so that it can be read without its author. */
#include "lab/figure/figure_caption.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "lab/table/row_filter.h"
#include "lab/table/varied_keys.h"

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

/* Of the rows that meet the condition. */
static struct range range_where(const struct table *table, const char *condition,
                                const char *name) {
    struct table rows;
    if (table_where(table, 1, &condition, &rows) != OK)
        return (struct range){INFINITY, -INFINITY};
    struct range range = range_of(&rows, name);
    table_free(&rows);
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

/* Shares are fractions, as errors are, with as many digits as keep 0.992 from becoming 1. */
static const char *interval_text(const struct drawing *drawing, const struct table *data,
                                 bool in_terminal, struct pool *pool) {
    struct range n = range_where(data, "n>0", "n"), coverage = range_where(data, "n>1", "coverage");
    if (n.high < 1)
        return "No run has a value.";
    if (n.high <= 1)
        return "Each point is a single run: no interval.";
    const char *share = pool_format(pool, "%.3f", coverage.high);
    if (coverage.low < coverage.high)
        share = pool_format(pool, "%.3f to %s", coverage.low, share);
    if (n.low <= 1)
        share = pool_format(pool, "%s (n = 1: none)", share);
    const char *marks = drawing->group ? "bands" : "bars";
    const char *what = *drawing->mixed ? "runs" : "seeds";
    const char *place = drawing->kind->cells ? "cell" : "point";
    return drawing->kind->cells || in_terminal
               ? pool_format(pool, "Median of n = %s %s a %s.", range_text(n, pool), what, place)
               : pool_format(pool,
                             "Median of n = %s %s a point; %s: distribution-free interval of the "
                             "median from order statistics, coverage %s%s.",
                             range_text(n, pool), what, marks, share,
                             drawing->group ? "" : "; faint points: single runs");
}

/* Of the runs that were not cut short. */
static struct range planned_steps(const struct table *runs) {
    return range_where(runs, "status=complete", "steps");
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
        text = pool_format(pool, " failures (of n): runs that diverged, collapsed or failed%s.",
                           drawing->group ? "; the medians are of those that go on"
                           : !strcmp(drawing->metrics[0], "test_error_scored")
                               ? "; a diverged run counts as the best constant prediction"
                               : "");
    if (drawing->n_missing > 0)
        text = pool_format(pool, "%s Not trained yet: %d of %d runs.", text, drawing->n_missing,
                           drawing->n_missing + drawing->runs.n_rows);
    if (drawing->n_left_out > 0)
        text = pool_format(pool, "%s Left out: %d run%s without %s.", text, drawing->n_left_out,
                           drawing->n_left_out == 1 ? "" : "s", drawing->left_out);
    return text;
}

static const char *second_text(const struct drawing *drawing, struct pool *pool) {
    if (drawing->n_metrics != 2)
        return "";
    return second_is_population(drawing)
               ? pool_format(pool,
                             " %c%s (dashed): the same weights, evaluated with the statistics of "
                             "training rows in place of the running ones.",
                             toupper((unsigned char)drawing->second[0]), drawing->second + 1)
               : pool_format(pool, " Dashed: %s.", drawing->second);
}

static const char *level_text(const struct drawing *drawing, struct pool *pool) {
    for (int run = 0; drawing->x && run < drawing->runs.n_rows; run++)
        if (drawing->kind->x_everywhere && !key_applies(drawing->x, run))
            return pool_format(pool, " Arms that have no %s are drawn as level lines.",
                               drawing->x_name);
    return "";
}

/* ---- failures ---- */

/* "batch lr=0.1, batch_size=2": a row's arm, its panel and row. */
static const char *place_text(const struct drawing *drawing, const struct table *data, int row,
                              struct pool *pool) {
    static const char *const names[] = {"arm", "row", "panel"};
    const char *text = "";
    for (int i = drawing->n_arms == 1; i < 3; i++) {
        const char *value = table_find(data, names[i])->texts[row];
        size_t key = i > 0 ? strcspn(value, "=") : 0, group = i > 0 ? strcspn(value, ".") : 0;
        if (*value)
            text = pool_format(pool, "%s%s%s", text, *text ? ", " : "",
                               group < key ? value + group + 1 : value);
    }
    return text;
}

/* A text in the making: places one after the other, in each of them counts, in each the x. */
struct failures {
    const char *before, *text; /* all but the last place, and all */
    const char *place, *count; /* the last */
};

/* In a series each point repeats the failures before it: the last one counts. */
static void add_failure(struct failures *all, const char *place, const char *count, const char *x,
                        bool last_counts, struct pool *pool) {
    bool same_place = *all->text && !strcmp(place, all->place),
         goes_on = same_place && !last_counts;
    if (!same_place)
        all->before = *all->text ? pool_format(pool, "%s; ", all->text) : "";
    const char *head = goes_on ? pool_format(pool, "%s, ", all->text)
                               : pool_format(pool, "%s%s%s", all->before, place, *place ? " " : "");
    if (goes_on && !strcmp(count, all->count))
        all->text = pool_format(pool, "%s%s", head, x);
    else
        all->text = pool_format(pool, "%s%s%s%s", head, count, *x ? " at " : "", x);
    all->place = place;
    all->count = count;
}

const char *figure_failures(const struct drawing *drawing, const struct table *data,
                            struct pool *pool) {
    const struct column *metrics = table_find(data, "measure"),
                        *failed = table_find(data, "failed"), *runs = table_find(data, "runs"),
                        *xs = table_find(data, "x");
    struct failures all = {"", "", "", ""};
    for (int row = 0; row < data->n_rows; row++)
        if (!strcmp(metrics->texts[row], drawing->metrics[0]) && failed->integers[row] > 0)
            add_failure(&all, place_text(drawing, data, row, pool),
                        pool_format(pool, "%ld/%ld", failed->integers[row], runs->integers[row]),
                        drawing->group ? "" : xs->texts[row], drawing->group != NULL, pool);
    return all.text;
}

const char *figure_caption(const struct drawing *drawing, const struct table *data,
                           bool in_terminal, struct pool *pool) {
    const char *mixed =
        *drawing->mixed ? pool_format(pool, " A point mixes runs of different %s.", drawing->mixed)
                        : "";
    return pool_format(pool, "%s%s%s%s%s%s", interval_text(drawing, data, in_terminal, pool), mixed,
                       steps_text(drawing, pool), level_text(drawing, pool),
                       in_terminal ? "" : second_text(drawing, pool),
                       failures_text(drawing, data, pool));
}
