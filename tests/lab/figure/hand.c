/* Fills a summary by hand as merge would, and draws from it. */
#include "tests/lab/figure/hand.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/figure/figure_data.h"
#include "lab/figure/figure_list.h"
#include "lab/figure/figure_prepare.h"

struct hand hand;

void hand_free(void) {
    figure_source_close(&hand.source);
    drawing_free(&hand.drawing);
    table_free(&hand.points);
    table_free(&hand.data);
    pool_free(&hand.pool);
}

static const char *const kinds[] = {"none", "batch", "layer"};

static const char **texts(const char *name) {
    return table_add(&hand.source.summary, name, TYPE_TEXT, "", "")->texts;
}

static double *reals(const char *name) {
    return table_add(&hand.source.summary, name, TYPE_REAL, "", "")->reals;
}

static long *integers(const char *name) {
    return table_add(&hand.source.summary, name, TYPE_INT, "", "")->integers;
}

void hand_summary(int n, const struct hand_run *runs) {
    hand.source = (struct figure_source){.path = "test.h5", .title = "A test"};
    table_create(&hand.source.summary, n);
    const char **ids = texts("run"), **kind = texts("norm.kind"),
               **placement = texts("norm.placement"), **activation = texts("model.activation"),
               **init = texts("model.init"), **status = texts("status");
    double *momentum = reals("norm.momentum"), *lr = reals("optimizer.lr"),
           *scored = reals("test_error_scored"), *error = reals("test_error"),
           *population = reals("test_error_population");
    long *batch = integers("train.batch_size"), *train = integers("data.train"),
         *epochs = integers("train.epochs"), *seed = integers("seed"), *steps = integers("steps"),
         *collapsed = table_add(&hand.source.summary, "collapsed", TYPE_BOOL, "", "")->integers;
    for (int i = 0; i < n; i++) {
        const struct hand_run *run = &runs[i];
        bool normalized = run->kind != NONE;
        ids[i] = pool_format(&hand.source.pool, "r%d", i);
        kind[i] = kinds[run->kind];
        placement[i] = !normalized ? "" : run->placement ? run->placement : "before";
        activation[i] = run->activation ? run->activation : "relu";
        init[i] = run->init ? run->init : "he";
        status[i] = run->status ? run->status : "complete";
        momentum[i] = run->kind == BATCH ? run->momentum : NAN;
        lr[i] = run->lr > 0 ? run->lr : 0.1;
        batch[i] = run->batch ? run->batch : 64;
        train[i] = run->train ? run->train : 500;
        epochs[i] = 3;
        steps[i] = 6000 / batch[i];
        seed[i] = run->seed;
        scored[i] = run->error;
        error[i] = run->status ? NAN : run->error;
        population[i] = run->kind == BATCH && !run->status ? run->population : NAN;
        collapsed[i] = run->collapsed;
    }
}

void hand_shape(const char *group, const char *name, const char *scale) {
    static const double nothing[1];
    struct series series = {group, name, "1", "", SERIES_F64, 1, {1}, {scale}, nothing};
    record_add_series(&hand.source.shapes, &series);
}

const char *hand_default_figures(void) {
    struct figure *figures;
    int n;
    if (figure_list(&hand.source, NULL, 0, NULL, &hand.pool, &figures, &n) != OK)
        return "";
    const char *names = "";
    for (int i = 0; i < n; i++)
        names = pool_format(&hand.pool, "%s%s%s", names, i ? " " : "", figures[i].name);
    return names;
}

enum status hand_prepare(const char *script, int n, const char *const *options) {
    struct figure *figures;
    int count;
    enum status status =
        figure_list(&hand.source, script, n, options, &hand.pool, &figures, &count);
    return status ? status : figure_prepare(&hand.source, &figures[0], &hand.pool, &hand.drawing);
}

void hand_draw(const char *script, int n, const char *const *options) {
    table_free(&hand.points);
    table_free(&hand.data);
    cr_assert(hand_prepare(script, n, options) == OK, "%s", status_message());
    cr_assert(figure_data(&hand.source, &hand.drawing, &hand.points, &hand.data) == OK, "%s",
              status_message());
}

double hand_cell(const char *arm, const char *measure, const char *x, const char *column) {
    const struct column *arms = table_find(&hand.data, "arm"),
                        *measures = table_find(&hand.data, "measure"),
                        *xs = table_find(&hand.data, "x");
    for (int row = 0; row < hand.data.n_rows; row++)
        if (!strcmp(arms->texts[row], arm) && !strcmp(measures->texts[row], measure) &&
            !strcmp(xs->texts[row], x))
            return table_number(table_find(&hand.data, column), row);
    cr_assert_fail("no row %s %s %s", arm, measure, x);
    return NAN;
}
