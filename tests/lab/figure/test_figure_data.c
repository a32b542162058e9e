/* Which figures a results file gets, and the tables that they are drawn from. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/figure/figure_caption.h"
#include "lab/figure/figure_data.h"
#include "lab/figure/figure_list.h"
#include "lab/figure/figure_prepare.h"
#include "lab/figure/gnuplot.h"
#include "lab/table/varied_keys.h"

static struct figure_source source;
static struct pool pool;
static struct drawing drawing;
static struct table points, data;

static void free_all(void) {
    figure_source_close(&source);
    drawing_free(&drawing);
    table_free(&points);
    table_free(&data);
    pool_free(&pool);
}

TestSuite(figure, .fini = free_all);

/* ---- a summary by hand ---- */

enum { NONE, BATCH, LAYER };
static const char *const kinds[] = {"none", "batch", "layer"};

/* One run; what is 0 or NULL stays as in every other run. */
struct run {
    int kind;
    const char *placement, *activation, *init, *status;
    double momentum, lr;
    int batch, train, seed;
    double error, population;
    bool collapsed;
};

static const char **texts(const char *name) {
    return table_add(&source.summary, name, TYPE_TEXT, "", "")->texts;
}

static double *reals(const char *name) {
    return table_add(&source.summary, name, TYPE_REAL, "", "")->reals;
}

static long *integers(const char *name) {
    return table_add(&source.summary, name, TYPE_INT, "", "")->integers;
}

/* As merge writes it: norm.placement and norm.momentum do not apply to `none`. */
static void create_summary(int n, const struct run *runs) {
    source = (struct figure_source){.path = "test.h5", .title = "A test"};
    table_create(&source.summary, n);
    const char **ids = texts("run"), **kind = texts("norm.kind"),
               **placement = texts("norm.placement"), **activation = texts("model.activation"),
               **init = texts("model.init"), **status = texts("status");
    double *momentum = reals("norm.momentum"), *lr = reals("optimizer.lr"),
           *scored = reals("test_error_scored"), *error = reals("test_error"),
           *population = reals("test_error_population");
    long *batch = integers("train.batch_size"), *train = integers("data.train"),
         *epochs = integers("train.epochs"), *seed = integers("seed"), *steps = integers("steps"),
         *collapsed = table_add(&source.summary, "collapsed", TYPE_BOOL, "", "")->integers;
    for (int i = 0; i < n; i++) {
        const struct run *run = &runs[i];
        bool normalized = run->kind != NONE;
        ids[i] = pool_format(&source.pool, "r%d", i);
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

#define SUMMARY(...)                                                                               \
    do {                                                                                           \
        static const struct run runs[] = {__VA_ARGS__};                                            \
        create_summary((int)(sizeof runs / sizeof *runs), runs);                                   \
    } while (0)

/* Series of which only the names count. */
static void add_shape(const char *group, const char *name, const char *scale) {
    static const double nothing[1];
    struct series series = {group, name, "1", "", SERIES_F64, 1, {1}, {scale}, nothing};
    record_add_series(&source.shapes, &series);
}

/* "a b c": the names of the figures that the file gets. */
static const char *default_figures(void) {
    struct figure *figures;
    int n;
    if (figure_list(&source, NULL, 0, NULL, &pool, &figures, &n) != OK)
        return "";
    const char *names = "";
    for (int i = 0; i < n; i++)
        names = pool_format(&pool, "%s%s%s", names, i ? " " : "", figures[i].name);
    return names;
}

static enum status prepare(const char *script, int n, const char *const *options) {
    struct figure *figures;
    int count;
    enum status status = figure_list(&source, script, n, options, &pool, &figures, &count);
    return status ? status : figure_prepare(&source, &figures[0], &pool, &drawing);
}

static void draw(const char *script, int n, const char *const *options) {
    table_free(&points);
    table_free(&data);
    cr_assert(prepare(script, n, options) == OK, "%s", status_message());
    cr_assert(figure_data(&source, &drawing, &points, &data) == OK, "%s", status_message());
}

/* A cell of `data` in the row with these texts. */
static double cell(const char *arm, const char *measure, const char *x, const char *column) {
    const struct column *arms = table_find(&data, "arm"), *measures = table_find(&data, "measure"),
                        *xs = table_find(&data, "x");
    for (int row = 0; row < data.n_rows; row++)
        if (!strcmp(arms->texts[row], arm) && !strcmp(measures->texts[row], measure) &&
            !strcmp(xs->texts[row], x))
            return table_number(table_find(&data, column), row);
    cr_assert_fail("no row %s %s %s", arm, measure, x);
    return NAN;
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-12;
}

/* ---- what varies ---- */

Test(figure, keys_that_follow_from_others_do_not_vary) {
    SUMMARY({.kind = NONE, .activation = "relu", .init = "he"},
            {.kind = BATCH, .activation = "relu", .init = "he", .momentum = 0.9},
            {.kind = NONE, .activation = "tanh", .init = "glorot", .seed = 1},
            {.kind = BATCH, .activation = "tanh", .init = "glorot", .momentum = 0.9, .seed = 1});
    const struct column *varied[80];
    cr_assert(source.summary.n_columns <= 80, "%d columns", source.summary.n_columns);
    int n = summary_arms(&source.summary, 0, NULL, varied);
    cr_assert(n == 2, "%d keys vary; the last is %s", n, varied[n - 1]->name);
    cr_assert_str_eq(varied[0]->name, "norm.kind", "first is %s", varied[0]->name);
    cr_assert_str_eq(varied[1]->name, "model.activation", "second is %s", varied[1]->name);
    cr_assert(!key_varies(&source.summary, "norm.placement"),
              "'' and before are not two placements");
    cr_assert(!key_varies(&source.summary, "norm.momentum"), "nan and 0.9 are not two momenta");
}

/* ---- which figures ---- */

Test(figure, batch_size_gives_error_vs_batch) {
    SUMMARY({.batch = 2}, {.batch = 4}, {.kind = BATCH, .batch = 2}, {.kind = BATCH, .batch = 4});
    cr_assert_str_eq(default_figures(), "error_vs_batch", "%s", default_figures());
}

Test(figure, placement_gives_small_multiples) {
    SUMMARY({.kind = NONE}, {.kind = BATCH, .placement = "before"},
            {.kind = BATCH, .placement = "after"});
    cr_assert_str_eq(default_figures(), "placement", "%s", default_figures());
}

Test(figure, momentum_and_batch_size_give_the_heat_map) {
    SUMMARY({.kind = BATCH, .momentum = 0.9, .batch = 2},
            {.kind = BATCH, .momentum = 0.99, .batch = 2},
            {.kind = BATCH, .momentum = 0.9, .batch = 8},
            {.kind = BATCH, .momentum = 0.99, .batch = 8});
    cr_assert_str_eq(default_figures(), "momentum_heatmap error_vs_batch", "%s", default_figures());
}

Test(figure, another_number_gives_error_vs_key) {
    SUMMARY({.lr = 0.1}, {.lr = 0.2}, {.kind = BATCH, .lr = 0.1}, {.kind = BATCH, .lr = 0.2});
    cr_assert_str_eq(default_figures(), "error_vs_key", "%s", default_figures());
    cr_assert(prepare(NULL, 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(drawing.x_name, "optimizer.lr", "x is %s", drawing.x_name);
    cr_assert(drawing.n_arms == 2, "%d arms", drawing.n_arms);
}

Test(figure, a_choice_gives_error_vs_choice) {
    SUMMARY({.activation = "relu"}, {.activation = "tanh"}, {.kind = BATCH, .activation = "relu"},
            {.kind = BATCH, .activation = "tanh"});
    cr_assert_str_eq(default_figures(), "error_vs_choice", "%s", default_figures());
    cr_assert(prepare(NULL, 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(drawing.x_name, "model.activation", "x is %s", drawing.x_name);
}

Test(figure, a_word_among_numbers_makes_a_choice) {
    SUMMARY({.train = 100}, {.train = 1000}, {.train = -1});
    cr_assert_str_eq(default_figures(), "error_vs_choice", "%s", default_figures());
    draw("error_vs_choice", 0, NULL);
    cr_expect_str_eq(table_find(&data, "x")->texts[0], "all", "%s",
                     table_find(&data, "x")->texts[0]);
    drawing_free(&drawing);
    static const char *const options[] = {"x=data.train"};
    cr_expect(prepare("error_vs_key", 1, options) == ERROR_USAGE, "a word has no place on an axis");
    cr_expect(strstr(status_message(), "data.train is no number in every run"), "%s",
              status_message());
}

Test(figure, normalizers_alone_are_a_choice_too) {
    SUMMARY({.kind = NONE}, {.kind = BATCH}, {.kind = LAYER});
    cr_assert_str_eq(default_figures(), "error_vs_choice", "%s", default_figures());
    cr_assert(prepare(NULL, 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(drawing.x_name, "norm.kind", "x is %s", drawing.x_name);
}

Test(figure, series_give_learning_curves_and_percentiles) {
    SUMMARY({.batch = 2}, {.batch = 4});
    add_shape("epoch", "train_loss", "epoch");
    add_shape("epoch", "validation_error", "epoch");
    add_shape("trace", "percentile_15", "step");
    add_shape("trace", "percentile_50", "step");
    add_shape("trace", "percentile_85", "step");
    cr_assert_str_eq(default_figures(), "error_vs_batch learning_curves percentiles", "%s",
                     default_figures());
    cr_assert(prepare("learning_curves", 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(drawing.metrics[0], "validation_error", "%s", drawing.metrics[0]);
    cr_assert(drawing.panel && !strcmp(drawing.panel->name, "train.batch_size"), "its panels");
    drawing_free(&drawing);
    cr_assert(prepare("percentiles", 0, NULL) == OK, "%s", status_message());
    cr_assert(drawing.n_metrics == 3, "%d metrics", drawing.n_metrics);
}

Test(figure, nothing_varies_nothing_to_draw) {
    SUMMARY({.seed = 0}, {.seed = 1});
    struct figure *figures;
    int n;
    cr_assert(figure_list(&source, NULL, 0, NULL, &pool, &figures, &n) == ERROR_USAGE, "%d figures",
              n);
    cr_assert(strstr(status_message(), "nothing to draw"), "%s", status_message());
}

Test(figure, the_experiment_decides_where_it_names_figures) {
    SUMMARY({.batch = 2}, {.batch = 4});
    static const char yaml[] =
        "schema: 1\nname: x\n"
        "base: {data: {name: clusters}}\n"
        "figures:\n"
        "  - {script: error_vs_key, name: mine, x: train.batch_size, log: y}\n";
    cr_assert(experiment_parse("x", yaml, 0, NULL, &source.experiment) == OK, "%s",
              status_message());
    source.has_experiment = true;
    cr_assert_str_eq(default_figures(), "mine", "%s", default_figures());
    static const char *const options[] = {"title=Other words"};
    cr_assert(prepare("mine", 1, options) == OK, "%s", status_message());
    cr_assert_str_eq(drawing.script, "error_vs_key", "%s", drawing.script);
    cr_assert_str_eq(drawing.x_name, "train.batch_size", "%s", drawing.x_name);
    cr_assert_str_eq(drawing.title, "Other words", "the command line wins: %s", drawing.title);
    cr_assert(drawing.n_options == 1 && !strcmp(drawing.option_names[0], "log") &&
                  !strcmp(drawing.option_values[0], "y"),
              "%d options for the script", drawing.n_options);
}

Test(figure, wrong_requests_say_what_is_wrong) {
    SUMMARY({.batch = 2}, {.batch = 4});
    static const struct {
        const char *figure, *option, *message;
    } cases[] = {
        {"error_vs_bach", "log=y", "did you mean 'error_vs_batch'?"},
        {"error_vs_batch", "whre=seed=0", "no option 'whre' (did you mean 'where'?)"},
        {"error_vs_batch", "log", "key=value"},
        {"error_vs_batch", "x=train.batchsize", "did you mean 'train.batch_size'?"},
        {"error_vs_batch", "panel=nothing.such", "panel: no column 'nothing.such'"},
        {"momentum_heatmap", "panel=norm.kind", "panel: momentum_heatmap cannot be split by it"},
        {"error_vs_batch", "arm=norm.knd", "did you mean 'norm.kind'?"},
        {"error_vs_batch", "y=tset_error", "no run has values of 'tset_error'"},
        {"error_vs_batch", "where=seed=77", "none of the 2 runs meets seed=77"},
        {"learning_curves", "log=y", "no run has values of epoch/"},
        {"error_vs_batch", "x=optimizer.lr", "optimizer.lr does not vary in test.h5; choose x=KEY"},
        {"error_vs_batch", "where=train.batch_size=4", "train.batch_size does not vary in test.h5"},
        {"error_vs_batch", "x=norm.kind", "x: norm.kind is no number"},
        {"error_vs_batch", "where=norm.kind=nonne", "did you mean 'none'?"},
        {"error_vs_batch", "y=step/train_loss", "step/train_loss is a series"},
        {"error_vs_choice", "y=test_error,test_error_scored", "draws 1 metric, not 2"},
        {"momentum_heatmap", "log=y", "norm.momentum does not vary in test.h5; choose row=KEY"},
        {"placement", "log=y", "norm.placement does not vary in test.h5; choose x=KEY"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum status status = prepare(cases[i].figure, 1, &cases[i].option);
        cr_expect(status, "%s %s was accepted", cases[i].figure, cases[i].option);
        cr_expect(strstr(status_message(), cases[i].message), "%s %s: %s", cases[i].figure,
                  cases[i].option, status_message());
    }
}

/* ---- the tables ---- */

Test(figure, data_holds_medians_intervals_and_counts) {
    SUMMARY({.kind = BATCH, .batch = 4, .seed = 0, .error = 0.30, .population = 0.25},
            {.kind = BATCH, .batch = 4, .seed = 1, .error = 0.10, .population = 0.05},
            {.kind = BATCH, .batch = 4, .seed = 2, .error = 0.20, .population = 0.15},
            {.kind = BATCH, .batch = 2, .seed = 0, .error = 0.90, .status = "diverged"},
            {.kind = BATCH, .batch = 2, .seed = 1, .error = 0.50, .population = 0.40},
            {.kind = BATCH,
             .batch = 2,
             .seed = 2,
             .error = 0.88,
             .population = 0.87,
             .collapsed = true},
            {.kind = NONE, .batch = 4, .seed = 0, .error = 0.12},
            {.kind = NONE, .batch = 2, .seed = 0, .error = NAN, .status = "failed"},
            {.kind = NONE, .batch = 2, .seed = 1, .error = NAN, .status = "missing"});
    draw("error_vs_batch", 0, NULL);
    static const char e[] = "test_error_scored", p[] = "test_error_population";
    cr_expect(data.n_rows == 6, "%d rows", data.n_rows);
    cr_expect(near(cell("batch", e, "4", "median"), 0.2), "median %g",
              cell("batch", e, "4", "median"));
    cr_expect(near(cell("batch", e, "4", "low"), 0.1) && near(cell("batch", e, "4", "high"), 0.3),
              "the interval of three is their range");
    cr_expect(near(cell("batch", e, "4", "coverage"), 0.75), "1 - 2/2^3, not %g",
              cell("batch", e, "4", "coverage"));
    cr_expect(cell("batch", e, "4", "n") == 3 && cell("batch", e, "4", "failed") == 0, "counts");
    cr_expect(near(cell("batch", e, "2", "median"), 0.88), "the diverged run counts: %g",
              cell("batch", e, "2", "median"));
    cr_expect(cell("batch", e, "2", "failed") == 2 && cell("batch", e, "2", "runs") == 3,
              "diverged and collapsed of three");
    cr_expect(near(cell("batch", p, "2", "median"), 0.87),
              "a diverged run has no population error, and counts as scored: %g",
              cell("batch", p, "2", "median"));
    cr_expect(cell("none", e, "2", "runs") == 1 && cell("none", e, "2", "n") == 0 &&
                  cell("none", e, "2", "failed") == 1 && isnan(cell("none", e, "2", "median")),
              "a run that broke off is counted; the one that was never trained is not");
    const char *caption = figure_caption(&drawing, &data, &pool);
    cr_expect(strstr(caption, "Not trained yet: 1 of 9 runs"), "%s", caption);
    cr_expect(strstr(caption, "n = 1 to 3 seeds") &&
                  strstr(caption, "coverage 75.0 % (n = 1: none)"),
              "%s", caption);
    drawing_free(&drawing);
}

Test(figure, arms_are_together_and_x_ascends) {
    SUMMARY({.kind = LAYER, .batch = 16}, {.kind = NONE, .batch = 16}, {.kind = LAYER, .batch = 2},
            {.kind = NONE, .batch = 2}, {.kind = LAYER, .batch = 4}, {.kind = NONE, .batch = 4});
    draw("error_vs_batch", 0, NULL);
    static const char *const arms[] = {"layer", "layer", "layer", "none", "none", "none"};
    static const char *const xs[] = {"2", "4", "16", "2", "4", "16"};
    cr_assert(data.n_rows == 6, "%d rows", data.n_rows);
    for (int row = 0; row < 6; row++) {
        cr_expect_str_eq(table_find(&data, "arm")->texts[row], arms[row], "arm of row %d", row);
        cr_expect_str_eq(table_find(&data, "x")->texts[row], xs[row], "x of row %d", row);
    }
}

/* A learning rate swept beside must not be averaged away. */
Test(figure, whatever_else_varies_makes_arms_of_its_own) {
    SUMMARY({.kind = NONE, .batch = 2, .lr = 0.1, .error = 0.1},
            {.kind = NONE, .batch = 2, .lr = 0.5, .error = 0.5},
            {.kind = NONE, .batch = 4, .lr = 0.1, .error = 0.1},
            {.kind = NONE, .batch = 4, .lr = 0.5, .error = 0.5});
    draw("error_vs_batch", 0, NULL);
    cr_expect(near(cell("lr=0.1", "test_error_scored", "2", "median"), 0.1), "arm lr=0.1");
    cr_expect(near(cell("lr=0.5", "test_error_scored", "4", "median"), 0.5), "arm lr=0.5");
    drawing_free(&drawing);
    static const char *const mixed[] = {"arm=norm.kind"};
    draw("error_vs_batch", 1, mixed);
    cr_expect(near(cell("none", "test_error_scored", "2", "median"), 0.3), "mixed on demand");
    const char *caption = figure_caption(&drawing, &data, &pool);
    cr_expect(strstr(caption, "mixes runs of different optimizer.lr"), "not said in: %s", caption);
}

Test(figure, a_key_zipped_with_x_makes_no_arms) {
    SUMMARY({.batch = 2, .lr = 0.1}, {.batch = 4, .lr = 0.2}, {.batch = 8, .lr = 0.4});
    draw("error_vs_batch", 0, NULL);
    cr_assert(drawing.n_arms == 1, "%d arms", drawing.n_arms);
    cr_assert_str_eq(table_find(&data, "arm")->texts[0], "all runs", "the arm is %s",
                     table_find(&data, "arm")->texts[0]);
}

Test(figure, placement_keeps_the_runs_that_have_none) {
    SUMMARY({.kind = NONE, .error = 0.3}, {.kind = BATCH, .placement = "before", .error = 0.1},
            {.kind = BATCH, .placement = "after", .error = 0.2});
    draw("placement", 0, NULL);
    cr_assert(data.n_rows == 3, "%d rows", data.n_rows);
    cr_expect(near(cell("none", "test_error_scored", "", "median"), 0.3),
              "none, without placement");
    cr_expect(near(cell("batch", "test_error_scored", "after", "median"), 0.2), "batch after");
}

Test(figure, the_heat_map_leaves_out_what_has_no_momentum) {
    SUMMARY({.kind = NONE, .batch = 2}, {.kind = NONE, .batch = 8},
            {.kind = BATCH, .momentum = 0.99, .batch = 2},
            {.kind = BATCH, .momentum = 0.99, .batch = 8},
            {.kind = BATCH, .momentum = 0.5, .batch = 2},
            {.kind = BATCH, .momentum = 0.5, .batch = 8});
    draw("momentum_heatmap", 0, NULL);
    cr_assert(data.n_rows == 4, "%d rows", data.n_rows);
    cr_expect_str_eq(table_find(&data, "row")->texts[0], "norm.momentum=0.5", "rows ascend: %s",
                     table_find(&data, "row")->texts[0]);
}

Test(figure, what_has_no_x_is_a_level_line) {
    SUMMARY({.kind = BATCH, .momentum = 0.5, .seed = 0, .error = 0.30, .population = 0.2},
            {.kind = BATCH, .momentum = 0.9, .seed = 0, .error = 0.10, .population = 0.1},
            {.kind = NONE, .seed = 0, .error = 0.40}, {.kind = NONE, .seed = 1, .error = 0.60});
    static const char *const options[] = {"x=norm.momentum",
                                          "y=test_error_scored,test_error_population"};
    draw("error_vs_key", 2, options);
    static const char *const xs[] = {"0.5", "0.9"};
    for (int i = 0; i < 2; i++) {
        cr_assert(near(cell("none", "test_error_scored", xs[i], "median"), 0.5));
        cr_assert(near(cell("none", "test_error_scored", xs[i], "n"), 2));
    }
    cr_assert(near(cell("batch", "test_error_population", "0.9", "median"), 0.1));
    cr_assert_eq(data.n_rows, 6, "%d rows", data.n_rows);
    const char *caption = figure_caption(&drawing, &data, &pool);
    cr_assert(strstr(caption, "have no norm.momentum are drawn as level lines"), "%s", caption);
}

/* ... and mixes with no other arm: the activation decides here whether there is a momentum. */
Test(figure, what_decides_whether_x_applies_makes_arms) {
    SUMMARY({.kind = BATCH, .momentum = 0.5, .error = 0.2},
            {.kind = BATCH, .momentum = 0.9, .error = 0.1},
            {.kind = BATCH, .momentum = NAN, .activation = "tanh", .error = 0.4});
    static const char *const options[] = {"x=norm.momentum", "arm=norm.kind"};
    draw("error_vs_key", 1, options);
    cr_expect(near(cell("relu", "test_error_scored", "0.5", "median"), 0.2), "relu");
    cr_expect(near(cell("tanh", "test_error_scored", "0.5", "median"), 0.4), "tanh at 0.5");
    cr_expect(near(cell("tanh", "test_error_scored", "0.9", "median"), 0.4), "tanh at 0.9");
    drawing_free(&drawing);
    draw("error_vs_key", 2, options);
    const char *caption = figure_caption(&drawing, &data, &pool);
    cr_expect(strstr(caption, "mixes runs of different model.activation"), "%s", caption);
}

Test(figure, points_hold_every_run) {
    SUMMARY({.batch = 2, .seed = 3, .error = 0.25}, {.batch = 4, .seed = 3, .error = 0.5});
    draw("error_vs_batch", 0, NULL);
    cr_assert(points.n_rows == 2, "%d rows", points.n_rows);
    cr_expect(table_find(&points, "seed")->integers[0] == 3, "seed");
    cr_expect(near(table_find(&points, "value")->reals[1], 0.5), "value");
    cr_expect_str_eq(table_find(&points, "status")->texts[0], "complete", "status");
}

Test(figure, where_selects_runs) {
    SUMMARY({.kind = NONE, .batch = 2}, {.kind = NONE, .batch = 4}, {.kind = BATCH, .batch = 2},
            {.kind = BATCH, .batch = 4, .population = NAN},
            {.kind = BATCH, .batch = 8, .population = NAN});
    static const char *const options[] = {"where=norm.kind=batch, train.batch_size>2"};
    draw("error_vs_batch", 1, options);
    cr_assert(data.n_rows == 2, "%d rows", data.n_rows);
    cr_expect_str_eq(table_find(&data, "x")->texts[0], "4", "x");
}

Test(figure, a_series_without_a_figure_is_drawn_as_learning_curves) {
    SUMMARY({.batch = 2}, {.batch = 4});
    add_shape("step", "train_loss", "step");
    static const char *const options[] = {"y=step/train_loss"};
    cr_assert(prepare(NULL, 1, options) == OK, "%s", status_message());
    cr_expect_str_eq(drawing.script, "learning_curves", "%s", drawing.script);
    cr_expect_str_eq(drawing.x_name, "step", "%s", drawing.x_name);
    cr_expect_str_eq(drawing.x_label, "step", "%s", drawing.x_label);
}

Test(figure, the_second_measure_is_called_by_its_own_name) {
    SUMMARY({.kind = BATCH, .batch = 2, .population = 0.1},
            {.kind = BATCH, .batch = 4, .population = 0.1});
    cr_assert(prepare("error_vs_batch", 0, NULL) == OK, "%s", status_message());
    cr_expect_str_eq(drawing.second, "population statistics", "%s", drawing.second);
    drawing_free(&drawing);
    static const char *const options[] = {"y=test_error,test_error_scored", "second=my words"};
    cr_assert(prepare("error_vs_batch", 1, options) == OK, "%s", status_message());
    cr_expect_str_eq(drawing.second, "test error", "%s", drawing.second);
    drawing_free(&drawing);
    cr_assert(prepare("error_vs_batch", 2, options) == OK, "%s", status_message());
    cr_expect_str_eq(drawing.second, "my words", "%s", drawing.second);
    drawing_free(&drawing);
    cr_assert(prepare("error_vs_batch", 1, (const char *const[]){"y=test_error"}) == OK, "%s",
              status_message());
    cr_expect(!drawing.second, "a single measure has a second one");
}

Test(figure, arms_and_tics_say_true_and_leave_out_what_does_not_apply) {
    SUMMARY({.kind = NONE, .batch = 2}, {.kind = NONE, .batch = 4}, {.kind = BATCH, .batch = 2},
            {.kind = BATCH, .batch = 4}, {.kind = BATCH, .batch = 2}, {.kind = BATCH, .batch = 4});
    long *affine = table_add(&source.summary, "norm.affine", TYPE_BOOL, "", "")->integers;
    for (int run = 0; run < 6; run++)
        affine[run] = run < 2 ? -1 : run < 4;
    draw("error_vs_batch", 1, (const char *const[]){"y=test_error"});
    static const char *const arms[] = {"none", "batch affine=true", "batch affine=false"};
    for (int i = 0; i < 3; i++)
        cell(arms[i], "test_error", "2", "median");
    drawing_free(&drawing);
    static const char *const options[] = {"x=norm.affine", "y=test_error"};
    draw("error_vs_choice", 2, options);
    cell("batch batch_size=2", "test_error", "true", "median");
    cell("none batch_size=2", "test_error", "", "median");
    drawing_free(&drawing);
    static const char *const panels[] = {"panel=norm.affine", "y=test_error"};
    draw("error_vs_batch", 2, panels);
    cr_expect_str_eq(table_find(&data, "panel")->texts[0], "norm.affine=true", "%s",
                     table_find(&data, "panel")->texts[0]);
}

/* ---- the caption ---- */

Test(figure, the_caption_says_n_interval_steps_and_failures) {
    SUMMARY({.batch = 2, .seed = 0, .error = 0.9, .status = "diverged"},
            {.batch = 2, .seed = 1, .error = 0.2}, {.batch = 64, .seed = 0, .error = 0.1},
            {.batch = 64, .seed = 1, .error = 0.2});
    draw("error_vs_batch", 0, NULL);
    const char *caption = figure_caption(&drawing, &data, &pool);
    static const char *const parts[] = {"Median of n = 2 seeds a point",
                                        "distribution-free interval",
                                        "coverage 50.0 %",
                                        "93 to 3,000 steps a run",
                                        "3 epochs each",
                                        "failed (of n)",
                                        "a diverged run counts as the best constant prediction"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(caption, parts[i]), "no '%s' in: %s", parts[i], caption);
}

Test(figure, single_runs_have_no_interval_and_the_caption_says_so) {
    SUMMARY({.batch = 2}, {.batch = 64});
    draw("error_vs_batch", 0, NULL);
    const char *caption = figure_caption(&drawing, &data, &pool);
    cr_expect(strstr(caption, "single run"), "%s", caption);
    cr_expect(!strstr(caption, "failed"), "%s", caption);
}

Test(figure, failures_are_named_by_arm_and_x) {
    SUMMARY({.kind = NONE, .batch = 2, .status = "diverged"}, {.kind = NONE, .batch = 2, .seed = 1},
            {.kind = NONE, .batch = 4}, {.kind = LAYER, .batch = 2},
            {.kind = LAYER, .batch = 4, .collapsed = true});
    draw("error_vs_batch", 0, NULL);
    const char *text = figure_failures(&drawing, &data, &pool);
    cr_expect_str_eq(text, "1/2 none at 2; 1/1 layer at 4", "%s", text);
    drawing_free(&drawing);
    static const char *const options[] = {"where=norm.kind=none"};
    draw("error_vs_batch", 1, options);
    text = figure_failures(&drawing, &data, &pool);
    cr_expect_str_eq(text, "1/2 at 2", "a single arm needs no name: %s", text);
}

/* ---- gnuplot's command line ---- */

Test(figure, the_command_line_is_quoted_for_a_shell) {
    static const char *const options[] = {
        "title=It's 5 $x", "a=1", "b=2", "c=3", "d=4", "e=5", "f=6"};
    struct gnuplot_call call = {"a b.gp", "o.svg", "svg", "d.tsv", "p.tsv", 7, options};
    const char *line = gnuplot_command(&call, &pool);
    cr_expect_str_eq(line,
                     "gnuplot -c 'a b.gp' o.svg svg d.tsv p.tsv 'title=It'\\''s 5 $x' a=1 b=2 c=3 "
                     "'d=4\ne=5\nf=6'",
                     "%s", line);
}
