/* The tables that a figure is drawn from. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/figure/figure_caption.h"
#include "lab/figure/figure_data.h"
#include "lab/figure/figure_prepare.h"
#include "tests/lab/figure/hand.h"

TestSuite(figure_data, .fini = hand_free);

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-12;
}

Test(figure_data, data_holds_medians_intervals_and_counts) {
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
    hand_draw("error_vs_batch", 0, NULL);
    static const char e[] = "test_error_scored", p[] = "test_error_population";
    cr_expect(hand.data.n_rows == 6, "%d rows", hand.data.n_rows);
    cr_expect(near(hand_cell("batch", e, "4", "median"), 0.2), "median %g",
              hand_cell("batch", e, "4", "median"));
    cr_expect(near(hand_cell("batch", e, "4", "low"), 0.1) &&
                  near(hand_cell("batch", e, "4", "high"), 0.3),
              "the interval of three is their range");
    cr_expect(near(hand_cell("batch", e, "4", "coverage"), 0.75), "1 - 2/2^3, not %g",
              hand_cell("batch", e, "4", "coverage"));
    cr_expect(hand_cell("batch", e, "4", "n") == 3 && hand_cell("batch", e, "4", "failed") == 0,
              "counts");
    cr_expect(near(hand_cell("batch", e, "2", "median"), 0.88), "the diverged run counts: %g",
              hand_cell("batch", e, "2", "median"));
    cr_expect(hand_cell("batch", e, "2", "failed") == 2 && hand_cell("batch", e, "2", "runs") == 3,
              "diverged and collapsed of three");
    cr_expect(near(hand_cell("batch", p, "2", "median"), 0.87),
              "a diverged run has no population error, and counts as scored: %g",
              hand_cell("batch", p, "2", "median"));
    cr_expect(hand_cell("none", e, "2", "runs") == 1 && hand_cell("none", e, "2", "n") == 0 &&
                  hand_cell("none", e, "2", "failed") == 1 &&
                  isnan(hand_cell("none", e, "2", "median")),
              "a run that broke off is counted; the one that was never trained is not");
    const char *caption = figure_caption(&hand.drawing, &hand.data, false, &hand.pool);
    cr_expect(strstr(caption, "Not trained yet: 1 of 9 runs"), "%s", caption);
    cr_expect(strstr(caption, "n = 1 to 3 seeds") &&
                  strstr(caption, "coverage 0.750 (n = 1: none)"),
              "%s", caption);
    drawing_free(&hand.drawing);
}

Test(figure_data, arms_are_together_and_x_ascends) {
    SUMMARY({.kind = LAYER, .batch = 16}, {.kind = NONE, .batch = 16}, {.kind = LAYER, .batch = 2},
            {.kind = NONE, .batch = 2}, {.kind = LAYER, .batch = 4}, {.kind = NONE, .batch = 4});
    hand_draw("error_vs_batch", 0, NULL);
    static const char *const arms[] = {"layer", "layer", "layer", "none", "none", "none"};
    static const char *const xs[] = {"2", "4", "16", "2", "4", "16"};
    cr_assert(hand.data.n_rows == 6, "%d rows", hand.data.n_rows);
    for (int row = 0; row < 6; row++) {
        cr_expect_str_eq(table_find(&hand.data, "arm")->texts[row], arms[row], "arm of row %d",
                         row);
        cr_expect_str_eq(table_find(&hand.data, "x")->texts[row], xs[row], "x of row %d", row);
    }
}

/* A learning rate swept beside must not be averaged away. */
Test(figure_data, whatever_else_varies_makes_arms_of_its_own) {
    SUMMARY({.kind = NONE, .batch = 2, .lr = 0.1, .error = 0.1},
            {.kind = NONE, .batch = 2, .lr = 0.5, .error = 0.5},
            {.kind = NONE, .batch = 4, .lr = 0.1, .error = 0.1},
            {.kind = NONE, .batch = 4, .lr = 0.5, .error = 0.5});
    hand_draw("error_vs_batch", 0, NULL);
    cr_expect(near(hand_cell("lr=0.1", "test_error_scored", "2", "median"), 0.1), "arm lr=0.1");
    cr_expect(near(hand_cell("lr=0.5", "test_error_scored", "4", "median"), 0.5), "arm lr=0.5");
    drawing_free(&hand.drawing);
    static const char *const mixed[] = {"arm=norm.kind"};
    hand_draw("error_vs_batch", 1, mixed);
    cr_expect(near(hand_cell("none", "test_error_scored", "2", "median"), 0.3), "mixed on demand");
    const char *caption = figure_caption(&hand.drawing, &hand.data, false, &hand.pool);
    cr_expect(strstr(caption, "mixes runs of different optimizer.lr"), "not said in: %s", caption);
}

Test(figure_data, a_key_zipped_with_x_makes_no_arms) {
    SUMMARY({.batch = 2, .lr = 0.1}, {.batch = 4, .lr = 0.2}, {.batch = 8, .lr = 0.4});
    hand_draw("error_vs_batch", 0, NULL);
    cr_assert(hand.drawing.n_arms == 1, "%d arms", hand.drawing.n_arms);
    cr_assert_str_eq(table_find(&hand.data, "arm")->texts[0], "all runs", "the arm is %s",
                     table_find(&hand.data, "arm")->texts[0]);
}

Test(figure_data, placement_keeps_the_runs_that_have_none) {
    SUMMARY({.kind = NONE, .error = 0.3}, {.kind = BATCH, .placement = "before", .error = 0.1},
            {.kind = BATCH, .placement = "after", .error = 0.2});
    hand_draw("placement", 0, NULL);
    cr_assert(hand.data.n_rows == 3, "%d rows", hand.data.n_rows);
    cr_expect(near(hand_cell("none", "test_error_scored", "", "median"), 0.3),
              "none, without placement");
    cr_expect(near(hand_cell("batch", "test_error_scored", "after", "median"), 0.2), "batch after");
}

Test(figure_data, the_heat_map_leaves_out_what_has_no_momentum) {
    SUMMARY({.kind = NONE, .batch = 2}, {.kind = NONE, .batch = 8},
            {.kind = BATCH, .momentum = 0.99, .batch = 2},
            {.kind = BATCH, .momentum = 0.99, .batch = 8},
            {.kind = BATCH, .momentum = 0.5, .batch = 2},
            {.kind = BATCH, .momentum = 0.5, .batch = 8});
    hand_draw("momentum_heatmap", 0, NULL);
    cr_assert(hand.data.n_rows == 4, "%d rows", hand.data.n_rows);
    cr_expect_str_eq(table_find(&hand.data, "row")->texts[0], "norm.momentum=0.5",
                     "rows ascend: %s", table_find(&hand.data, "row")->texts[0]);
}

Test(figure_data, what_has_no_x_is_a_level_line) {
    SUMMARY({.kind = BATCH, .momentum = 0.5, .seed = 0, .error = 0.30, .population = 0.2},
            {.kind = BATCH, .momentum = 0.9, .seed = 0, .error = 0.10, .population = 0.1},
            {.kind = NONE, .seed = 0, .error = 0.40}, {.kind = NONE, .seed = 1, .error = 0.60});
    static const char *const options[] = {"x=norm.momentum",
                                          "y=test_error_scored,test_error_population"};
    hand_draw("error_vs_key", 2, options);
    static const char *const xs[] = {"0.5", "0.9"};
    for (int i = 0; i < 2; i++) {
        cr_assert(near(hand_cell("none", "test_error_scored", xs[i], "median"), 0.5));
        cr_assert(near(hand_cell("none", "test_error_scored", xs[i], "n"), 2));
    }
    cr_assert(near(hand_cell("batch", "test_error_population", "0.9", "median"), 0.1));
    cr_assert_eq(hand.data.n_rows, 6, "%d rows", hand.data.n_rows);
    const char *caption = figure_caption(&hand.drawing, &hand.data, false, &hand.pool);
    cr_assert(strstr(caption, "have no norm.momentum are drawn as level lines"), "%s", caption);
}

/* ... and mixes with no other arm: the activation decides here whether there is a momentum. */
Test(figure_data, what_decides_whether_x_applies_makes_arms) {
    SUMMARY({.kind = BATCH, .momentum = 0.5, .error = 0.2},
            {.kind = BATCH, .momentum = 0.9, .error = 0.1},
            {.kind = BATCH, .momentum = NAN, .activation = "tanh", .error = 0.4});
    static const char *const options[] = {"x=norm.momentum", "arm=norm.kind"};
    hand_draw("error_vs_key", 1, options);
    cr_expect(near(hand_cell("relu", "test_error_scored", "0.5", "median"), 0.2), "relu");
    cr_expect(near(hand_cell("tanh", "test_error_scored", "0.5", "median"), 0.4), "tanh at 0.5");
    cr_expect(near(hand_cell("tanh", "test_error_scored", "0.9", "median"), 0.4), "tanh at 0.9");
    drawing_free(&hand.drawing);
    hand_draw("error_vs_key", 2, options);
    const char *caption = figure_caption(&hand.drawing, &hand.data, false, &hand.pool);
    cr_expect(strstr(caption, "mixes runs of different model.activation"), "%s", caption);
}

Test(figure_data, points_hold_every_run) {
    SUMMARY({.batch = 2, .seed = 3, .error = 0.25}, {.batch = 4, .seed = 3, .error = 0.5});
    hand_draw("error_vs_batch", 0, NULL);
    cr_assert(hand.points.n_rows == 2, "%d rows", hand.points.n_rows);
    cr_expect(table_find(&hand.points, "seed")->integers[0] == 3, "seed");
    cr_expect(near(table_find(&hand.points, "value")->reals[1], 0.5), "value");
    cr_expect_str_eq(table_find(&hand.points, "status")->texts[0], "complete", "status");
}

Test(figure_data, where_selects_runs) {
    SUMMARY({.kind = NONE, .batch = 2}, {.kind = NONE, .batch = 4}, {.kind = BATCH, .batch = 2},
            {.kind = BATCH, .batch = 4, .population = NAN},
            {.kind = BATCH, .batch = 8, .population = NAN});
    static const char *const options[] = {"where=norm.kind=batch, train.batch_size>2"};
    hand_draw("error_vs_batch", 1, options);
    cr_assert(hand.data.n_rows == 2, "%d rows", hand.data.n_rows);
    cr_expect_str_eq(table_find(&hand.data, "x")->texts[0], "4", "x");
}

Test(figure_data, all_conditions_count_however_many_and_however_often) {
    SUMMARY({.batch = 2}, {.batch = 4}, {.batch = 8}, {.batch = 16});
    char many[1024] = "where=seed=0";
    for (int i = 0; i < 40; i++)
        strcat(many, ",train.batch_size!=1");
    strcat(many, ",train.batch_size>2");
    const char *const options[] = {many, "where=train.batch_size<16"};
    hand_draw("error_vs_batch", 2, options);
    cr_assert(hand.data.n_rows == 2, "%d rows", hand.data.n_rows);
    cr_expect_str_eq(table_find(&hand.data, "x")->texts[0], "4", "x");
    cr_expect_str_eq(table_find(&hand.data, "x")->texts[1], "8", "x");
}

Test(figure_data, what_a_figure_has_one_of_is_not_given_twice) {
    SUMMARY({.batch = 2}, {.batch = 4});
    static const char *const options[] = {"y=test_loss", "y=test_error"};
    cr_assert(hand_prepare("error_vs_batch", 2, options) == ERROR_USAGE, "twice");
    cr_expect_str_eq(status_message(), "y: is given twice, 'test_loss' and 'test_error'", "%s",
                     status_message());
}

Test(figure_data, a_logarithmic_axis_begins_above_0) {
    SUMMARY({.momentum = 0, .kind = BATCH, .batch = 2},
            {.momentum = 0.2, .kind = BATCH, .batch = 4});
    static const char *const options[] = {"x=norm.momentum", "logx=10", "where=norm.momentum<2"};
    cr_assert(hand_prepare("error_vs_key", 3, options) == ERROR_USAGE, "drawn");
    cr_expect_str_eq(status_message(),
                     "error_vs_key: x: norm.momentum=0 has no place on a logarithmic axis; choose "
                     "logx=n, or where=norm.momentum>0",
                     "%s", status_message());
    static const char *const linear[] = {"x=norm.momentum", "logx=n"};
    cr_assert(hand_prepare("error_vs_key", 2, linear) == OK, "%s", status_message());
    drawing_free(&hand.drawing);
    cr_assert(hand_prepare("error_vs_batch", 1, options) == ERROR_USAGE, "always logarithmic");
    cr_expect(strstr(status_message(), "choose --figure error_vs_key"), "%s", status_message());
}

Test(figure_data, a_series_without_a_figure_is_drawn_as_learning_curves) {
    SUMMARY({.batch = 2}, {.batch = 4});
    hand_shape("step", "train_loss", "step");
    static const char *const options[] = {"y=step/train_loss"};
    cr_assert(hand_prepare(NULL, 1, options) == OK, "%s", status_message());
    cr_expect_str_eq(hand.drawing.script, "learning_curves", "%s", hand.drawing.script);
    cr_expect_str_eq(hand.drawing.x_name, "step", "%s", hand.drawing.x_name);
    cr_expect_str_eq(hand.drawing.x_label, "step", "%s", hand.drawing.x_label);
}

Test(figure_data, the_second_measure_is_called_by_its_own_name) {
    SUMMARY({.kind = BATCH, .batch = 2, .population = 0.1},
            {.kind = BATCH, .batch = 4, .population = 0.1});
    cr_assert(hand_prepare("error_vs_batch", 0, NULL) == OK, "%s", status_message());
    cr_expect_str_eq(hand.drawing.second, "population statistics", "%s", hand.drawing.second);
    drawing_free(&hand.drawing);
    static const char *const options[] = {"y=test_error,test_error_scored", "second=my words"};
    cr_assert(hand_prepare("error_vs_batch", 1, options) == OK, "%s", status_message());
    cr_expect_str_eq(hand.drawing.second, "test error", "%s", hand.drawing.second);
    drawing_free(&hand.drawing);
    cr_assert(hand_prepare("error_vs_batch", 2, options) == OK, "%s", status_message());
    cr_expect_str_eq(hand.drawing.second, "my words", "%s", hand.drawing.second);
    drawing_free(&hand.drawing);
    cr_assert(hand_prepare("error_vs_batch", 1, (const char *const[]){"y=test_error"}) == OK, "%s",
              status_message());
    cr_expect(!hand.drawing.second, "a single measure has a second one");
}

Test(figure_data, arms_and_tics_say_true_and_leave_out_what_does_not_apply) {
    SUMMARY({.kind = NONE, .batch = 2}, {.kind = NONE, .batch = 4}, {.kind = BATCH, .batch = 2},
            {.kind = BATCH, .batch = 4}, {.kind = BATCH, .batch = 2}, {.kind = BATCH, .batch = 4});
    long *affine = table_add(&hand.source.summary, "norm.affine", TYPE_BOOL, "", "")->integers;
    for (int run = 0; run < 6; run++)
        affine[run] = run < 2 ? -1 : run < 4;
    hand_draw("error_vs_batch", 1, (const char *const[]){"y=test_error"});
    static const char *const arms[] = {"none", "batch affine=true", "batch affine=false"};
    for (int i = 0; i < 3; i++)
        hand_cell(arms[i], "test_error", "2", "median");
    drawing_free(&hand.drawing);
    static const char *const options[] = {"x=norm.affine", "y=test_error"};
    hand_draw("error_vs_choice", 2, options);
    hand_cell("batch batch_size=2", "test_error", "true", "median");
    hand_cell("none batch_size=2", "test_error", "", "median");
    drawing_free(&hand.drawing);
    static const char *const panels[] = {"panel=norm.affine", "y=test_error"};
    hand_draw("error_vs_batch", 2, panels);
    cr_expect_str_eq(table_find(&hand.data, "panel")->texts[0], "norm.affine=true", "%s",
                     table_find(&hand.data, "panel")->texts[0]);
}
