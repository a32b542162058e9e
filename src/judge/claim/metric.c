/* From a results file to one metric a run: columns, and series by their takes. */
#include "judge/claim/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/claim/take.h"
#include "lab/store/series_points.h"
#include "lab/table/row_filter.h"
#include "lab/table/run_rows.h"

/* What is wanted of the curves of these runs. */
struct curves {
    const struct table *summary;
    const struct metric *metric;
    double budgets;
    const double *when; /* [rows] steps at which values are wanted; NULL: by the take */
};

static double number_in(const struct table *summary, const char *name, int row) {
    const struct column *column = table_find(summary, name);
    return column ? table_number(column, row) : NAN;
}

/* Steps that a run was to make; NaN: its file does not say. Those from before normlab kept the
 * number say it where the run made them all. */
static double budget_of(const struct table *summary, int row) {
    double planned = number_in(summary, "planned_steps", row);
    return planned > 0                             ? planned
           : run_ended(summary, row, END_COMPLETE) ? number_in(summary, "steps", row)
                                                   : NAN;
}

/* Of a run that did not get to the target, which is known where it has points enough or diverged.
 */
static enum status settle(const struct curves *curves, const struct curve *curve, int row,
                          double *value) {
    const struct table *summary = curves->summary;
    const struct take *take = curves->metric->take;
    const char *id = table_find(summary, "run")->texts[row];
    bool diverged = run_ended(summary, row, END_DIVERGED);
    if (!take->is_place || !isnan(*value) || (curve->n == 0 && !diverged))
        return OK;
    if (curve->n < take->points && !diverged)
        return fail(ERROR_RESULTS, "run %s has %d of the %d points that %s takes of '%s'", id,
                    curve->n, take->points, take->name, curves->metric->series);
    *value = curves->budgets * budget_of(summary, row);
    return isnan(*value) ? fail(ERROR_RESULTS,
                                "run %s never got to its target, and its file is from before "
                                "normlab kept how many steps it was to make: train it again "
                                "(normlab run --force)",
                                id)
                         : OK;
}

bool metric_is_place(const struct metric *metric) {
    return metric->series && metric->take->is_place;
}

/* One that did get there has done so within its budget. */
bool metric_missed(const struct table *summary, const struct metric *metric, int row,
                   double value) {
    return metric_is_place(metric) && value > budget_of(summary, row);
}

/* The value at a place, on the straight line between two points; NaN beyond them. */
static double value_at(const struct curve *curve, double at) {
    for (int i = 1; i < curve->n; i++) {
        if (!(curve->at[i - 1] <= at && at <= curve->at[i]))
            continue;
        double part = (at - curve->at[i - 1]) / (curve->at[i] - curve->at[i - 1]);
        return curve->value[i - 1] + part * (curve->value[i] - curve->value[i - 1]);
    }
    return NAN;
}

/* The scale along which a series goes: the first, other than the layer that a '*' stands for. */
static const struct column *places_of(const struct table *points, int n_places) {
    const struct column *first = &points->columns[points->n_columns - 1 - n_places];
    return n_places > 1 && !strcmp(first->name, "layer") ? first + 1 : first;
}

static bool all_have_one_point_a_place(const struct table *points, const struct column *places) {
    const struct column *runs = table_find(points, "run");
    for (int i = 1; i < points->n_rows; i++)
        if (!strcmp(runs->texts[i], runs->texts[i - 1]) &&
            !(table_number(places, i) > table_number(places, i - 1)))
            return false;
    return true;
}

/* A run that went to its end must have come to the value at which others are looked at. */
static enum status check_came(const struct curves *curves, int row, double value) {
    const struct metric *metric = curves->metric;
    return isnan(value) && run_ended(curves->summary, row, END_COMPLETE)
               ? fail(ERROR_RESULTS, "run %s has no '%s' where '%s' comes to %g: it never does",
                      table_find(curves->summary, "run")->texts[row], metric->series, metric->when,
                      metric->when_at)
               : OK;
}

/* The points stand in the order of the summary's rows. */
static enum status take_curves(const struct curves *curves, const struct table *points,
                               const struct column *places, double *values) {
    const struct column *runs = table_find(points, "run"), *value = table_find(points, "value");
    const struct table *summary = curves->summary;
    const struct metric *metric = curves->metric;
    const struct column *ids = table_find(summary, "run");
    struct pool pool = {0};
    size_t most = (size_t)points->n_rows + 1;
    struct curve curve = {0, pool_alloc(&pool, most * sizeof(double)),
                          pool_alloc(&pool, most * sizeof(double))};
    enum status status = OK;
    for (int row = 0, i = 0; row < summary->n_rows && !status; row++) {
        curve.n = 0;
        for (; i < points->n_rows && !strcmp(runs->texts[i], ids->texts[row]); i++)
            curve_add(&curve, table_number(places, i), table_number(value, i));
        values[row] = curves->when ? value_at(&curve, curves->when[row])
                                   : take_number(metric->take, &curve, metric->at);
        status = curves->when ? check_came(curves, row, values[row])
                              : settle(curves, &curve, row, &values[row]);
    }
    pool_free(&pool);
    return status;
}

/* Can the take be of a series that goes along these places? */
static enum status check_places(const struct metric *metric, const struct table *points,
                                const struct column *places) {
    if ((metric->take->in_order || metric->when) && !all_have_one_point_a_place(points, places))
        return fail(ERROR_USAGE, "'%s' has several points at one %s; choose among them with where",
                    metric->series, places->name);
    if ((metric->take->is_place || metric->when) && strcmp(places->name, "step"))
        return fail(ERROR_USAGE, "'%s' goes along %s; %s is of a series along steps",
                    metric->series, places->name, metric->when ? "when" : metric->take->name);
    return OK;
}

/* Those that are asked for, of points that a series can be of. */
static enum status choose_points(const struct metric *metric, const struct table *points,
                                 int n_places, struct table *chosen) {
    enum status status = table_where(points, metric->n_where, metric->where, chosen);
    if (status)
        return status;
    status = check_places(metric, chosen, places_of(chosen, n_places));
    if (status)
        table_free(chosen);
    return status;
}

enum status metric_check_points(const struct metric *metric, const struct table *points,
                                int n_places) {
    struct table chosen;
    enum status status = choose_points(metric, points, n_places, &chosen);
    if (!status)
        table_free(&chosen);
    return status;
}

static bool any_has_run(const struct table *summary) {
    for (int row = 0; row < summary->n_rows; row++)
        if (run_has_group(summary, row))
            return true;
    return false;
}

static enum status series_rows(const char *path, const struct curves *curves, double *values) {
    static const char *const carried[] = {"run"};
    const struct table *summary = curves->summary;
    const struct metric *metric = curves->metric;
    struct table points = {0}, chosen = {0};
    int n_places = 0;
    for (int row = 0; row < summary->n_rows; row++)
        values[row] = NAN;
    if (!any_has_run(summary)) /* nobody can say whether there is such a series */
        return OK;
    enum status status =
        results_points(path, summary, metric->series, 1, carried, &n_places, &points);
    if (!status)
        status = choose_points(metric, &points, n_places, &chosen);
    table_free(&points);
    if (status)
        return status;
    status = take_curves(curves, &chosen, places_of(&chosen, n_places), values);
    table_free(&chosen);
    return status;
}

static enum status column_rows(const struct table *summary, const char *name, double *values) {
    struct column *column;
    enum status status = table_require(summary, name, &column);
    if (status)
        return status;
    if (column->type == TYPE_TEXT)
        return fail(ERROR_USAGE, "'%s' is text: it is no metric", name);
    for (int row = 0; row < summary->n_rows; row++)
        values[row] = table_number(column, row);
    return OK;
}

static enum status subtract_column(const struct table *summary, const char *name, double *values) {
    struct pool pool = {0};
    double *minus = pool_alloc(&pool, ((size_t)summary->n_rows + 1) * sizeof *minus);
    enum status status = column_rows(summary, name, minus);
    for (int row = 0; row < summary->n_rows && !status; row++)
        values[row] -= minus[row];
    pool_free(&pool);
    return status;
}

/* A series that broke off tells what was before: its last value is not the end of the run. That it
 * once was below a target stays true. */
static void score_diverged(const struct table *summary, const struct metric *metric,
                           double *values) {
    bool broken = metric->series && !metric->take->is_place && !metric->when;
    for (int row = 0; row < summary->n_rows; row++)
        if (run_ended(summary, row, END_DIVERGED) && (broken || !isfinite(values[row])))
            values[row] = metric->diverged;
}

/* Of a run that never gets there: beyond its last step. */
static enum status rows_when(const char *path, const struct table *summary,
                             const struct metric *metric, double *values) {
    struct pool pool = {0};
    struct metric place = {
        .series = metric->when, .take = take_find("first_below"), .at = metric->when_at};
    double *when = pool_alloc(&pool, ((size_t)summary->n_rows + 1) * sizeof *when);
    enum status status = series_rows(path, &(struct curves){summary, &place, 2, NULL}, when);
    if (!status)
        status = series_rows(path, &(struct curves){summary, metric, 1, when}, values);
    pool_free(&pool);
    return status;
}

enum status metric_rows(const char *path, const struct table *summary, const struct metric *metric,
                        double budgets, double *values) {
    struct curves curves = {summary, metric, budgets, NULL};
    enum status status = metric->column ? column_rows(summary, metric->column, values)
                         : metric->when ? rows_when(path, summary, metric, values)
                                        : series_rows(path, &curves, values);
    if (!status && metric->minus)
        status = subtract_column(summary, metric->minus, values);
    if (!status && metric->has_diverged)
        score_diverged(summary, metric, values);
    return status;
}
