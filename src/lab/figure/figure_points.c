/* Collects the points of a figure from the summary or from series. */
#include "lab/figure/figure_points.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/table_join.h"
#include "lab/table/varied_keys.h"

void points_add(struct points *points, struct point point) {
    points->items =
        pool_grow(&points->pool, points->items, points->n, &points->capacity, sizeof point);
    points->items[points->n++] = point;
}

struct point point_of(const struct places *places, int run, int metric, double x, double value) {
    return (struct point){.panel = places->panel[run],
                          .row = places->row[run],
                          .arm = places->arm[run],
                          .metric = metric,
                          .run = run,
                          .x = x,
                          .value = value};
}

/* ---- points of the summary ---- */

/* Has any run of the same arm a value? test_error_population has none where there is no running
 * state. */
static bool arm_has_values(const struct drawing *drawing, const struct places *places, int run,
                           const struct column *metric) {
    for (int row = 0; row < drawing->runs.n_rows; row++)
        if (places->arm[row] == places->arm[run] && !isnan(table_number(metric, row)))
            return true;
    return false;
}

/* A diverged run has no test error of any name: it counts as test_error_scored has it. Leaving it
 * out would favour the arm. */
static double scored(const struct drawing *drawing, const struct column *metric, int run) {
    const struct column *score = table_find(&drawing->runs, "test_error_scored");
    double value = table_number(metric, run);
    bool is_test_error = !strncmp(metric->name, "test_error", 10);
    return isnan(value) && is_test_error && score && run_ended(&drawing->runs, run, END_DIVERGED)
               ? table_number(score, run)
               : value;
}

/* The x that runs have. */
static size_t distinct_xs(const struct drawing *drawing, const struct places *places, double *xs) {
    size_t n = 0;
    for (int run = 0; run < drawing->runs.n_rows; run++)
        if (key_applies(drawing->x, run))
            xs[n++] = places->x[run];
    return sort_unique(xs, n);
}

/* A run to which x does not apply would be the same at every x. */
static void add_run(const struct drawing *drawing, const struct places *places, int run, int metric,
                    double value, struct points *points) {
    double one = places->x[run], *xs = &one;
    size_t n = 1;
    if (drawing->kind->x_everywhere && !key_applies(drawing->x, run)) {
        xs = pool_alloc(&points->pool, ((size_t)drawing->runs.n_rows + 1) * sizeof *xs);
        n = distinct_xs(drawing, places, xs);
    }
    for (size_t i = 0; i < n; i++)
        points_add(points, point_of(places, run, metric, xs[i], value)); /* analysis: xs [n] */
}

void points_of_summary(const struct drawing *drawing, const struct places *places,
                       struct points *points) {
    for (int metric = 0; metric < drawing->n_metrics; metric++) {
        const struct column *column = table_find(&drawing->runs, drawing->metrics[metric]);
        for (int run = 0; run < drawing->runs.n_rows; run++)
            if (metric == 0 || arm_has_values(drawing, places, run, column))
                add_run(drawing, places, run, metric, scored(drawing, column, run), points);
    }
}

/* ---- points of series ---- */

/* The reader has seen to it that a scale is as long as the series along it. */
static enum status add_series(const struct drawing *drawing, const struct places *places,
                              const struct record *record, int run, int metric,
                              struct points *points) {
    const struct series *scale = record_find_series(record, drawing->group, drawing->x_name);
    const struct series *series =
        record_find_series(record, drawing->group, drawing->metrics[metric]);
    if (series && series->n_dims == 1 && strcmp(series->dim_names[0], drawing->x_name) != 0)
        return fail(ERROR_RESULTS, "run %s: '%s/%s' lies along '%s', not along '%s' as elsewhere",
                    record->id, series->group, series->name, series->dim_names[0], drawing->x_name);
    for (size_t i = 0; series && series->n_dims == 1 && i < series->dims[0]; i++)
        points_add(points,
                   point_of(places, run, metric, scale ? series_number(scale, i) : (double)i,
                            series_number(series, i)));
    return OK;
}

enum status points_of_series(const struct figure_source *source, const struct drawing *drawing,
                             const struct places *places, struct points *points) {
    const struct column *ids = table_find(&drawing->runs, "run");
    enum status status = OK;
    for (int run = 0; run < drawing->runs.n_rows && !status; run++) {
        if (run_ended(&drawing->runs, run, END_FAILED))
            continue; /* it left nothing behind */
        for (int metric = 0; metric < drawing->n_metrics && !status; metric++) {
            struct record record = {0};
            const char *pattern =
                pool_format(&points->pool, "%s/%s", drawing->group, drawing->metrics[metric]);
            status = store_read_series_of(run_file(&drawing->runs, run, source->file),
                                          ids->texts[run], pattern, &record);
            if (!status)
                status = add_series(drawing, places, &record, run, metric, points);
            record_free(&record);
        }
    }
    return status;
}

/* ---- order ---- */

static int compare_places(const struct point *a, const struct point *b) {
    const int order[] = {a->panel - b->panel, a->row - b->row, a->metric - b->metric,
                         a->arm - b->arm};
    for (int i = 0; i < 4; i++)
        if (order[i])
            return order[i];
    return (a->x > b->x) - (a->x < b->x);
}

static int compare_points(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    int order = compare_places(a, b);
    return order ? order : a->run - b->run;
}

void points_sort(struct points *points) {
    if (points->n)
        sort_items(points->items, (size_t)points->n, sizeof *points->items, compare_points);
}
