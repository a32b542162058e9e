#include "judge/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/results.h"

/* The points of one run's series, in the order in which they were taken. */
struct course {
    int n;
    double *at, *value; /* place (step, epoch), number */
};

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(int n, const double *values) {
    struct pool pool = {0};
    double *sorted = pool_alloc(&pool, (size_t)n * sizeof *sorted);
    memcpy(sorted, values, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    pool_free(&pool);
    return median;
}

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
        double part = (course->value[i - 1] - target) / fall;
        return course->at[i - 1] + part * (course->at[i] - course->at[i - 1]);
    }
    return NAN;
}

static double taken(const struct course *course, const struct measure *measure, double budget) {
    int n = course->n;
    const double *value = course->value;
    if (measure->take == TAKE_FIRST_BELOW) {
        double place = first_below(course, measure->at);
        return isnan(place) ? 2 * budget : place;
    }
    if (n == 0)
        return NAN;
    switch ((enum take)measure->take) {
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
        return median_of(n, value);
    case TAKE_SPIKE:
        return largest_of(n, value) / median_of(n, value);
    case TAKE_ROUGHNESS:
        return roughness_of(n, value);
    case TAKE_VARIATION:
        return variation_of(n, value);
    case TAKE_FIRST_BELOW:
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

/* Steps that a run was to make: what runs of the same budget that reached the end have made. */
static double budget_of(const struct table *summary, int row) {
    const struct column *steps = table_find(summary, "steps");
    double most = 0;
    for (int i = 0; steps && i < summary->n_rows; i++)
        if (same_budget(summary, i, row))
            most = fmax(most, table_number(steps, i));
    return most;
}

static enum status series_rows(const char *path, const struct table *summary,
                               const struct measure *measure, double *values) {
    static const char *const carried[] = {"run"};
    struct table points = {0}, chosen = {0};
    int n_places = 0;
    enum status status =
        results_points(path, summary, measure->series, 1, carried, &n_places, &points);
    if (status)
        return status;
    status = table_where(&points, measure->n_where, measure->where, &chosen);
    table_free(&points);
    if (status)
        return status;
    const struct column *runs = table_find(&chosen, "run"), *value = table_find(&chosen, "value");
    const struct column *places = &chosen.columns[1];
    const struct column *ids = table_find(summary, "run");
    struct pool pool = {0};
    size_t most = (size_t)chosen.n_rows + 1;
    struct course course = {0, pool_alloc(&pool, most * sizeof(double)),
                            pool_alloc(&pool, most * sizeof(double))};
    for (int row = 0, i = 0; row < summary->n_rows; row++) { /* points stand in the rows' order */
        course.n = 0;
        for (; i < chosen.n_rows && !strcmp(runs->texts[i], ids->texts[row]); i++)
            if (!isnan(table_number(value, i))) {
                course.at[course.n] = table_number(places, i);
                course.value[course.n++] = table_number(value, i);
            }
        values[row] = taken(&course, measure, budget_of(summary, row));
    }
    pool_free(&pool);
    table_free(&chosen);
    return OK;
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

static void score_diverged(const struct table *summary, double score, double *values) {
    const struct column *states = table_find(summary, "status");
    for (int row = 0; states && row < summary->n_rows; row++)
        if (!strcmp(states->texts[row], "diverged") && !isfinite(values[row]))
            values[row] = score;
}

enum status measure_rows(const char *path, const struct table *summary,
                         const struct measure *measure, double *values) {
    enum status status = measure->column ? column_rows(summary, measure->column, values)
                                         : series_rows(path, summary, measure, values);
    if (!status && measure->minus)
        status = subtract_column(summary, measure->minus, values);
    if (!status && measure->has_diverged)
        score_diverged(summary, measure->diverged, values);
    return status;
}

const char *measure_words(const struct table *summary, const struct measure *measure,
                          struct pool *pool) {
    const char *name = measure->column ? measure->column : measure->series;
    const struct column *column = measure->column ? table_find(summary, measure->column) : NULL;
    if (column && column->doc && *column->doc && !measure->minus)
        return pool_format(pool, "%s: %s", name, column->doc);
    if (measure->minus)
        return pool_format(pool, "%s less %s", name, measure->minus);
    struct pool words = {0};
    const char *word = words_get(TAKE_WORDS, measure->take, &words);
    const char *text =
        measure->column ? pool_text(pool, name) : pool_format(pool, "%s, %s", name, word);
    pool_free(&words);
    return text;
}
