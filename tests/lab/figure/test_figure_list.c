/* Which figures a results file gets, and which requests are refused. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/figure/figure_list.h"
#include "lab/figure/figure_prepare.h"
#include "lab/table/varied_keys.h"
#include "tests/lab/figure/hand.h"

TestSuite(figure_list, .fini = hand_free);

/* ---- what varies ---- */

Test(figure_list, keys_that_follow_from_others_do_not_vary) {
    SUMMARY({.kind = NONE, .activation = "relu", .init = "he"},
            {.kind = BATCH, .activation = "relu", .init = "he", .momentum = 0.9},
            {.kind = NONE, .activation = "tanh", .init = "glorot", .seed = 1},
            {.kind = BATCH, .activation = "tanh", .init = "glorot", .momentum = 0.9, .seed = 1});
    const struct column *varied[80];
    cr_assert(hand.source.summary.n_columns <= 80, "%d columns", hand.source.summary.n_columns);
    int n = summary_arms(&hand.source.summary, 0, NULL, varied);
    cr_assert(n == 2, "%d keys vary; the last is %s", n, varied[n - 1]->name);
    cr_assert_str_eq(varied[0]->name, "norm.kind", "first is %s", varied[0]->name);
    cr_assert_str_eq(varied[1]->name, "model.activation", "second is %s", varied[1]->name);
    cr_assert(!key_varies(&hand.source.summary, "norm.placement"),
              "'' and before are not two placements");
    cr_assert(!key_varies(&hand.source.summary, "norm.momentum"),
              "nan and 0.9 are not two momenta");
}

/* ---- which figures ---- */

Test(figure_list, batch_size_gives_error_vs_batch) {
    SUMMARY({.batch = 2}, {.batch = 4}, {.kind = BATCH, .batch = 2}, {.kind = BATCH, .batch = 4});
    cr_assert_str_eq(hand_default_figures(), "error_vs_batch", "%s", hand_default_figures());
}

Test(figure_list, placement_gives_small_multiples) {
    SUMMARY({.kind = NONE}, {.kind = BATCH, .placement = "before"},
            {.kind = BATCH, .placement = "after"});
    cr_assert_str_eq(hand_default_figures(), "placement", "%s", hand_default_figures());
}

Test(figure_list, momentum_and_batch_size_give_the_heat_map) {
    SUMMARY({.kind = BATCH, .momentum = 0.9, .batch = 2},
            {.kind = BATCH, .momentum = 0.99, .batch = 2},
            {.kind = BATCH, .momentum = 0.9, .batch = 8},
            {.kind = BATCH, .momentum = 0.99, .batch = 8});
    cr_assert_str_eq(hand_default_figures(), "momentum_heatmap error_vs_batch", "%s",
                     hand_default_figures());
}

Test(figure_list, another_number_gives_error_vs_key) {
    SUMMARY({.lr = 0.1}, {.lr = 0.2}, {.kind = BATCH, .lr = 0.1}, {.kind = BATCH, .lr = 0.2});
    cr_assert_str_eq(hand_default_figures(), "error_vs_key", "%s", hand_default_figures());
    cr_assert(hand_prepare(NULL, 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(hand.drawing.x_name, "optimizer.lr", "x is %s", hand.drawing.x_name);
    cr_assert(hand.drawing.n_arms == 2, "%d arms", hand.drawing.n_arms);
}

Test(figure_list, a_choice_gives_error_vs_choice) {
    SUMMARY({.activation = "relu"}, {.activation = "tanh"}, {.kind = BATCH, .activation = "relu"},
            {.kind = BATCH, .activation = "tanh"});
    cr_assert_str_eq(hand_default_figures(), "error_vs_choice", "%s", hand_default_figures());
    cr_assert(hand_prepare(NULL, 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(hand.drawing.x_name, "model.activation", "x is %s", hand.drawing.x_name);
}

Test(figure_list, a_word_among_numbers_makes_a_choice) {
    SUMMARY({.train = 100}, {.train = 1000}, {.train = -1});
    cr_assert_str_eq(hand_default_figures(), "error_vs_choice", "%s", hand_default_figures());
    hand_draw("error_vs_choice", 0, NULL);
    cr_expect_str_eq(table_find(&hand.data, "x")->texts[0], "all", "%s",
                     table_find(&hand.data, "x")->texts[0]);
    drawing_free(&hand.drawing);
    static const char *const options[] = {"x=data.train"};
    cr_expect(hand_prepare("error_vs_key", 1, options) == ERROR_USAGE,
              "a word has no place on an axis");
    cr_expect(strstr(status_message(), "data.train is no number in every run"), "%s",
              status_message());
}

Test(figure_list, normalizers_alone_are_a_choice_too) {
    SUMMARY({.kind = NONE}, {.kind = BATCH}, {.kind = LAYER});
    cr_assert_str_eq(hand_default_figures(), "error_vs_choice", "%s", hand_default_figures());
    cr_assert(hand_prepare(NULL, 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(hand.drawing.x_name, "norm.kind", "x is %s", hand.drawing.x_name);
}

Test(figure_list, series_give_learning_curves_and_percentiles) {
    SUMMARY({.batch = 2}, {.batch = 4});
    hand_shape("epoch", "train_loss", "epoch");
    hand_shape("epoch", "validation_error", "epoch");
    hand_shape("trace", "percentile_15", "step");
    hand_shape("trace", "percentile_50", "step");
    hand_shape("trace", "percentile_85", "step");
    cr_assert_str_eq(hand_default_figures(), "error_vs_batch learning_curves percentiles", "%s",
                     hand_default_figures());
    cr_assert(hand_prepare("learning_curves", 0, NULL) == OK, "%s", status_message());
    cr_assert_str_eq(hand.drawing.metrics[0], "validation_error", "%s", hand.drawing.metrics[0]);
    cr_assert(hand.drawing.panel && !strcmp(hand.drawing.panel->name, "train.batch_size"),
              "its panels");
    drawing_free(&hand.drawing);
    cr_assert(hand_prepare("percentiles", 0, NULL) == OK, "%s", status_message());
    cr_assert(hand.drawing.n_metrics == 3, "%d metrics", hand.drawing.n_metrics);
}

Test(figure_list, a_script_by_path_must_be_the_users_own) {
    static const struct figure asked = {.script = "./theirs.gp", .name = "theirs"};
    struct experiment own = {.n_figures = 1, .figures = &asked};
    SUMMARY({.batch = 2}, {.batch = 4});
    hand.source.has_experiment = true;
    hand.source.experiment.n_figures = 1;
    hand.source.experiment.figures = &asked;
    cr_expect(hand_prepare(NULL, 0, NULL) == ERROR_USAGE, "the file's");
    cr_expect(strstr(status_message(), "theirs: the results file asks for a script of its own"),
              "%s", status_message());
    cr_expect(hand_prepare("theirs", 0, NULL) == ERROR_USAGE, "by its name");
    cr_expect(hand_prepare("./theirs.gp", 0, NULL) == OK, "%s", status_message());
    drawing_free(&hand.drawing);
    hand.source.own = &own;
    cr_expect(hand_prepare(NULL, 0, NULL) == OK, "%s", status_message());
}

Test(figure_list, nothing_varies_nothing_to_draw) {
    SUMMARY({.seed = 0}, {.seed = 1});
    struct figure *figures;
    int n;
    cr_assert(figure_list(&hand.source, NULL, 0, NULL, &hand.pool, &figures, &n) == ERROR_USAGE,
              "%d figures", n);
    cr_assert(strstr(status_message(), "nothing to draw"), "%s", status_message());
}

Test(figure_list, the_experiment_decides_where_it_names_figures) {
    SUMMARY({.batch = 2}, {.batch = 4});
    static const char yaml[] =
        "schema: 1\nname: x\n"
        "base: {data: {name: clusters}}\n"
        "figures:\n"
        "  - {script: error_vs_key, name: mine, x: train.batch_size, log: y}\n";
    cr_assert(experiment_parse("x", yaml, 0, NULL, &hand.source.experiment) == OK, "%s",
              status_message());
    hand.source.has_experiment = true;
    cr_assert_str_eq(hand_default_figures(), "mine", "%s", hand_default_figures());
    static const char *const options[] = {"title=Other words"};
    cr_assert(hand_prepare("mine", 1, options) == OK, "%s", status_message());
    cr_assert_str_eq(hand.drawing.script, "error_vs_key", "%s", hand.drawing.script);
    cr_assert_str_eq(hand.drawing.x_name, "train.batch_size", "%s", hand.drawing.x_name);
    cr_assert_str_eq(hand.drawing.title, "Other words", "the command line wins: %s",
                     hand.drawing.title);
    cr_assert(hand.drawing.n_options == 1 && !strcmp(hand.drawing.option_names[0], "log") &&
                  !strcmp(hand.drawing.option_values[0], "y"),
              "%d options for the script", hand.drawing.n_options);
}

Test(figure_list, wrong_requests_say_what_is_wrong) {
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
        {"error_vs_batch", "y=tset_error", "no column 'tset_error' (did you mean 'test_error'?)"},
        {"error_vs_batch", "where=seed=77", "none of the 2 runs meets seed=77"},
        {"learning_curves", "log=y",
         "no run has numbers to draw (2 runs); looked for series of group epoch:"},
        {"error_vs_batch", "x=norm.kind", "x: norm.kind is no number"},
        {"error_vs_batch", "where=norm.kind=nonne", "did you mean 'none'?"},
        {"error_vs_batch", "y=step/train_loss", "step/train_loss is a series"},
        {"error_vs_choice", "y=test_error,test_error_scored", "draws 1 metric, not 2"},
        {"momentum_heatmap", "log=y", "norm.momentum does not vary in test.h5; choose row=KEY"},
        {"error_vs_choice", "log=y",
         "could draw against; choose one with x=KEY; train.batch_size varies, which --figure "
         "error_vs_key draws"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum status status = hand_prepare(cases[i].figure, 1, &cases[i].option);
        cr_expect(status, "%s %s was accepted", cases[i].figure, cases[i].option);
        cr_expect(strstr(status_message(), cases[i].message), "%s %s: %s", cases[i].figure,
                  cases[i].option, status_message());
    }
}
