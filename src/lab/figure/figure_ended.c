/* Gives runs that ended early the points that they would have had, without values. */
#include "lab/figure/figure_ended.h"

#include <math.h>
#include <stdlib.h>

#include "base/sort.h"
#include "lab/table/ended_runs.h"
#include "lab/table/run_rows.h"

/* Runs are alike in an arm, in a panel, in the figure. */
enum { THE_ARM, THE_PANEL, THE_FIGURE, SCOPES };

static int largest(int n, const int *numbers) {
    int most = 0;
    for (int i = 0; i < n; i++)
        most = numbers[i] > most ? numbers[i] : most;
    return most;
}

static struct ended_scopes find_scopes(const struct drawing *drawing, const struct places *places,
                                       struct pool *pool) {
    int n = drawing->runs.n_rows;
    int rows = largest(n, places->row) + 1, arms = largest(n, places->arm) + 1;
    int *group_of[SCOPES];
    bool *complete = pool_alloc(pool, (size_t)n + 1);
    for (int scope = 0; scope < SCOPES; scope++)
        group_of[scope] = pool_alloc(pool, ((size_t)n + 1) * sizeof(int));
    for (int run = 0; run < n; run++) {
        complete[run] = run_ended(&drawing->runs, run, END_COMPLETE);
        group_of[THE_PANEL][run] = places->panel[run] * rows + places->row[run];
        group_of[THE_ARM][run] = group_of[THE_PANEL][run] * arms + places->arm[run];
    }
    const int **groups = pool_alloc(pool, SCOPES * sizeof *groups);
    for (int scope = 0; scope < SCOPES; scope++)
        groups[scope] = group_of[scope];
    return (struct ended_scopes){n, complete, SCOPES, groups};
}

/* The points of one metric. Those where a loss is infinite are the diverging run's own: no other
 * would have one there. */
static void complete_metric(const struct points *points, int metric, const struct places *places,
                            const struct ended_scopes *scopes, struct points *aligned) {
    struct run_points given = {0}, all = {0};
    double *xs = pool_alloc(&given.pool, ((size_t)points->n + 1) * sizeof *xs);
    size_t n = 0;
    for (int i = 0; i < points->n; i++)
        if (points->items[i].metric == metric)
            xs[n++] = points->items[i].x;
    n = sort_unique(xs, n);
    for (int i = 0; i < points->n; i++) {
        const struct point *point = &points->items[i];
        if (point->metric == metric)
            run_points_add(&given, (struct run_point){point->run, (int)find_number(point->x, xs, n),
                                                      point->value, isfinite(point->value)});
    }
    ended_complete(&given, (int)n, scopes, &all);
    for (int i = 0; i < all.n; i++) {
        const struct run_point *point = &all.items[i];
        points_add(aligned, point_of(places, point->run, metric, xs[point->place], point->value));
    }
    pool_free(&all.pool);
    pool_free(&given.pool);
}

void points_complete_ended(const struct drawing *drawing, const struct places *places,
                           struct points *points) {
    struct points aligned = {0};
    struct pool pool = {0};
    struct ended_scopes scopes = find_scopes(drawing, places, &pool);
    for (int metric = 0; metric < drawing->n_metrics; metric++)
        complete_metric(points, metric, places, &scopes, &aligned);
    pool_free(&pool);
    pool_free(&points->pool);
    *points = aligned;
}
