/* Gives runs that ended early the points that they would have had, without values. */
#include "lab/figure/figure_ended.h"

#include <math.h>

#include "lab/table/run_rows.h"

#include "base/sort.h"
#include "lab/table/summary_columns.h"

/* How far to look for the points that a run would have had. */
enum reach { THE_ARM, THE_PANEL, THE_FIGURE, REACHES };

static bool in_reach(const struct point *a, const struct point *b, enum reach reach) {
    bool same_panel = a->panel == b->panel && a->row == b->row;
    return a->metric == b->metric && (reach == THE_FIGURE || same_panel) &&
           (reach != THE_ARM || a->arm == b->arm);
}

/* The x of the points within reach, ascending, each once. In the arm itself those of runs that
 * reached the end; never those where a loss is infinite, which are the diverging run's own. */
static size_t find_xs(const struct drawing *drawing, const struct points *points,
                      const struct point *place, enum reach reach, double *xs) {
    size_t n = 0;
    for (int i = 0; i < points->n; i++) {
        const struct point *point = &points->items[i];
        if (in_reach(place, point, reach) && isfinite(point->value) &&
            (reach != THE_ARM || run_has_status(&drawing->runs, point->run, "complete")))
            xs[n++] = point->x;
    }
    return sort_unique(xs, n);
}

/* Has the arm runs that reached the end? */
static bool arm_goes_on(const struct drawing *drawing, const struct places *places, int run) {
    for (int other = 0; other < drawing->runs.n_rows; other++)
        if (places->panel[other] == places->panel[run] && places->row[other] == places->row[run] &&
            places->arm[other] == places->arm[run] &&
            run_has_status(&drawing->runs, other, "complete"))
            return true;
    return false;
}

/* Where the run would have points, had it gone on. */
static size_t planned_xs(const struct drawing *drawing, const struct places *places,
                         const struct points *points, const struct point *place, double *xs) {
    if (arm_goes_on(drawing, places, place->run)) /* none: the metric does not apply to it */
        return find_xs(drawing, points, place, THE_ARM, xs);
    size_t n = 0;
    for (int reach = THE_PANEL; reach < REACHES && n == 0; reach++)
        n = find_xs(drawing, points, place, (enum reach)reach, xs);
    return n;
}

/* The run's points at `xs`, NaN where it has none. Its own points have ascending x. */
static void add_at(const struct points *points, const struct point *place, const double *xs,
                   size_t n, struct points *aligned) {
    int at = 0;
    for (size_t i = 0; i < n; i++) {
        struct point point = *place;
        point.x = xs[i];
        point.value = NAN;
        while (at < points->n &&
               (points->items[at].run != place->run || points->items[at].metric != place->metric ||
                points->items[at].x < xs[i]))
            at++;
        if (at < points->n && points->items[at].x == xs[i])
            point.value = points->items[at].value;
        points_add(aligned, point);
    }
}

void points_complete_ended(const struct drawing *drawing, const struct places *places,
                           struct points *points) {
    struct points aligned = {0};
    double *xs = pool_alloc(&points->pool, ((size_t)points->n + 1) * sizeof *xs);
    for (int i = 0; i < points->n; i++)
        if (run_has_status(&drawing->runs, points->items[i].run, "complete"))
            points_add(&aligned, points->items[i]);
    for (int run = 0; run < drawing->runs.n_rows; run++) {
        if (run_has_status(&drawing->runs, run, "complete"))
            continue;
        for (int metric = 0; metric < drawing->n_metrics; metric++) {
            struct point place = point_of(places, run, metric, 0, NAN);
            size_t n = planned_xs(drawing, places, points, &place, xs);
            add_at(points, &place, xs, n, &aligned);
        }
    }
    pool_free(&points->pool);
    *points = aligned;
}
