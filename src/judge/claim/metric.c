#include "judge/claim/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/stats/statistics.h"
#include "lab/store/series_points.h"

/* The points of one run's series, in the order in which they were taken. */
struct course {
    int n;
    double *at, *value; /* place (step, epoch), number */
};

static double sum_of(int n, const double *values) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

static double largest_of(int n, const double *values) {
    double largest = values[0];
    for (int i = 1; i < n; i++)
        largest = fmax(largest, values[i]);
    return largest;
}

static double smallest_of(int n, const double *values) {
    double smallest = values[0];
    for (int i = 1; i < n; i++)
        smallest = fmin(smallest, values[i]);
    return smallest;
}

/* Standard deviation of value(i+1) - value(i). */
static double roughness_of(int n, const double *values) {
    if (n < 3)
        return NAN;
    double mean = (values[n - 1] - values[0]) / (n - 1), square = 0;
    for (int i = 1; i < n; i++)
        square += pow(values[i] - values[i - 1] - mean, 2);
    return sqrt(square / (n - 2));
}

static double variation_of(int n, const double *values) {
    double sum = 0;
    for (int i = 1; i < n; i++)
        sum += fabs(values[i] - values[i - 1]);
    return sum;
}

/* Where the straight line between two points first falls to the target; NaN: nowhere. */
static double first_below(const struct course *course, double target) {
    for (int i = 0; i < course->n; i++) {
        if (!(course->value[i] <= target))
            continue;
        if (i == 0)
            return course->at[0];
        double fall = course->value[i - 1] - course->value[i];
        double part = isfinite(fall) ? (course->value[i - 1] - target) / fall : 1;
        return course->at[i - 1] + part * (course->at[i] - course->at[i - 1]);
    }
    return NAN;
}

static double taken(const struct course *course, const struct metric *metric) {
    int n = course->n;
    const double *value = course->value;
    if (n == 0)
        return NAN;
    switch ((enum take)metric->take) {
    case TAKE_LAST:
        return value[n - 1];
    case TAKE_FIRST:
        return value[0];
    case TAKE_MEAN:
        return sum_of(n, value) / n;
    case TAKE_SUM:
        return sum_of(n, value);
    case TAKE_MIN:
        return smallest_of(n, value);
    case TAKE_MAX:
        return largest_of(n, value);
    case TAKE_MEDIAN:
        return median(value, n);
    case TAKE_SPIKE:
        return largest_of(n, value) / median(value, n);
    case TAKE_ROUGHNESS:
        return roughness_of(n, value);
    case TAKE_VARIATION:
        return variation_of(n, value);
    case TAKE_FIRST_BELOW:
        return first_below(course, metric->at);
    case TAKES:
        break;
    }
    return NAN;
}

/* Have two runs the same budget, as far as the summary tells? */
static bool same_budget(const struct table *summary, int a, int b) {
    static const char *const keys[] = {"train.batch_size", "train.epochs", "train.steps",
                                       "data.train"};
    struct pool pool = {0};
    bool same = true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys && same; i++) {
        const struct column *column = table_find(summary, keys[i]);
        same = !column || !strcmp(table_text(column, a, &pool), table_text(column, b, &pool));
    }
    pool_free(&pool);
    return same;
}

static bool has_status(const struct table *summary, int row, const char *status) {
    const struct column *column = table_find(summary, "status");
    return column && !strcmp(column->texts[row], status);
}

static double number_in(const struct table *summary, const char *name, int row) {
    const struct column *column = table_find(summary, name);
    return column ? table_number(column, row) : NAN;
}

/* By the configuration: where the budget is in epochs, epochs * floor(rows / B). */
static double planned_steps(const struct table *summary, int row) {
    double steps = number_in(summary, "train.steps", row);
    if (steps > 0)
        return steps;
    return number_in(summary, "train.epochs", row) *
           floor(number_in(summary, "data.train", row) /
                 number_in(summary, "train.batch_size", row));
}

/* Steps that a run was to make: what runs of the same budget that reached the end have made; where
 * none has, by the configuration. */
static double budget_of(const struct table *summary, int row) {
    double most = NAN;
    for (int i = 0; i < summary->n_rows; i++)
        if (has_status(summary, i, "complete") && same_budget(summary, i, row))
            most = fmax(most, number_in(summary, "steps", i));
    return isnan(most) ? planned_steps(summary, row) : most;
}

/* A run that did not get to the target counts as twice its budget; one without a course has none,
 * unless it is because it diverged. */
static double settled(const struct table *summary, const struct metric *metric,
                      const struct course *course, int row, double value) {
    bool counts = course->n > 0 || has_status(summary, row, "diverged");
    bool sought = metric->take == TAKE_FIRST_BELOW;
    return sought && counts && isnan(value) ? 2 * budget_of(summary, row) : value;
}

/* One that did get there has done so within its budget. */
bool metric_missed(const struct table *summary, const struct metric *metric, int row,
                   double value) {
    return metric->take == TAKE_FIRST_BELOW && value > budget_of(summary, row);
}

/* Does the order of a run's points matter? Then there must be one at each place. */
static bool takes_in_order(long take) {
    return take == TAKE_LAST || take == TAKE_FIRST || take == TAKE_ROUGHNESS ||
           take == TAKE_VARIATION || take == TAKE_FIRST_BELOW;
}

/* The scale along which a course goes: the first, other than the layer that a '*' stands for. */
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

/* The points stand in the order of the summary's rows. */
static void take_courses(const struct table *summary, const struct metric *metric,
                         const struct table *points, const struct column *places, double *values) {
    const struct column *runs = table_find(points, "run"), *value = table_find(points, "value");
    const struct column *ids = table_find(summary, "run");
    struct pool pool = {0};
    size_t most = (size_t)points->n_rows + 1;
    struct course course = {0, pool_alloc(&pool, most * sizeof(double)),
                            pool_alloc(&pool, most * sizeof(double))};
    for (int row = 0, i = 0; row < summary->n_rows; row++) {
        course.n = 0;
        for (; i < points->n_rows && !strcmp(runs->texts[i], ids->texts[row]); i++)
            if (!isnan(table_number(value, i))) {
                course.at[course.n] = table_number(places, i);
                course.value[course.n++] = table_number(value, i);
            }
        values[row] = settled(summary, metric, &course, row, taken(&course, metric));
    }
    pool_free(&pool);
}

static bool any_has_run(const struct table *summary) {
    for (int row = 0; row < summary->n_rows; row++)
        if (results_has_run(summary, row))
            return true;
    return false;
}

static enum status series_rows(const char *path, const struct table *summary,
                               const struct metric *metric, double *values) {
    static const char *const carried[] = {"run"};
    struct table points = {0}, chosen = {0};
    int n_places = 0;
    for (int row = 0; row < summary->n_rows; row++)
        values[row] = NAN;
    if (!any_has_run(summary)) /* nobody can say whether there is such a series */
        return OK;
    enum status status =
        results_points(path, summary, metric->series, 1, carried, &n_places, &points);
    if (!status)
        status = table_where(&points, metric->n_where, metric->where, &chosen);
    table_free(&points);
    if (status)
        return status;
    const struct column *places = places_of(&chosen, n_places);
    if (takes_in_order(metric->take) && !all_have_one_point_a_place(&chosen, places))
        status =
            fail(ERROR_USAGE, "'%s' has several points at one %s; choose among them with where",
                 metric->series, places->name);
    else
        take_courses(summary, metric, &chosen, places, values);
    table_free(&chosen);
    return status;
}

static enum status column_rows(const struct table *summary, const char *name, double *values) {
    struct column *column;
    enum status status = table_require(summary, name, &column);
    if (status)
        return status;
    if (column->type == TYPE_TEXT)
        return fail(ERROR_USAGE, "'%s' is text: no figure", name);
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

/* A course that broke off tells what was before: its last value is not the end of the run. That it
 * once was below a target stays true. */
static void score_diverged(const struct table *summary, const struct metric *metric,
                           double *values) {
    bool broken = metric->series && metric->take != TAKE_FIRST_BELOW;
    for (int row = 0; row < summary->n_rows; row++)
        if (has_status(summary, row, "diverged") && (broken || !isfinite(values[row])))
            values[row] = metric->diverged;
}

enum status metric_rows(const char *path, const struct table *summary, const struct metric *metric,
                        double *values) {
    enum status status = metric->column ? column_rows(summary, metric->column, values)
                                        : series_rows(path, summary, metric, values);
    if (!status && metric->minus)
        status = subtract_column(summary, metric->minus, values);
    if (!status && metric->has_diverged)
        score_diverged(summary, metric, values);
    return status;
}

const char *metric_words(const struct table *summary, const struct metric *metric,
                         struct pool *pool) {
    const char *name = metric->column ? metric->column : metric->series;
    const struct column *column = metric->column ? table_find(summary, metric->column) : NULL;
    if (column && column->doc && *column->doc && !metric->minus)
        return pool_format(pool, "%s: %s", name, column->doc);
    if (metric->minus)
        return pool_format(pool, "%s less %s", name, metric->minus);
    struct pool words = {0};
    const char *word = words_get(TAKE_WORDS, metric->take, &words);
    const char *text =
        metric->column ? pool_text(pool, name) : pool_format(pool, "%s, %s", name, word);
    pool_free(&words);
    return text;
}
