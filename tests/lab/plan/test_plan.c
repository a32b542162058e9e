/* From an experiment to its runs: order, exclusions, merging, checks of whole cells, shards. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/plan/plan.h"
#include "lab/plan/plan_shards.h"
#include "lab/runner/run_memory.h"

/* A small generated data set: 100 training rows. */
#define HEAD                                                                                       \
    "schema: 1\nname: x\n"                                                                         \
    "base:\n"                                                                                      \
    "  data: {name: clusters, rows: 120, validation: 20, test_rows: 30, features: 4}\n"            \
    "  model: {hidden: [5]}\n"                                                                     \
    "  train: {batch_size: 10, epochs: 2}\n" /* line 6 */

static struct experiment experiment;
static struct plan plan;

static enum status make(const char *text, int n_overrides, const char *const *overrides) {
    enum status status = experiment_parse("x.yaml", text, n_overrides, overrides, &experiment);
    cr_assert(!status, "%s\n%s", status_message(), text);
    return plan_create(&experiment, &plan);
}

static void make_good(const char *text) {
    cr_assert(make(text, 0, NULL) == OK, "%s\n%s", status_message(), text);
}

static void release(void) {
    plan_free(&plan);
    experiment_free(&experiment);
}

TestSuite(plan);

static void expect_label(int run, const char *expected) {
    struct pool pool = {0};
    const char *label = plan_label(&plan, run, &pool);
    cr_assert(!strcmp(label, expected), "run %d is '%s', not '%s'", run, label, expected);
    pool_free(&pool);
}

Test(plan, first_key_of_the_sweep_runs_slowest) {
    make_good(HEAD "sweep: {norm.kind: [none, layer], seed: range(3)}\n");
    cr_assert(plan.n_runs == 6, "%d runs", plan.n_runs);
    expect_label(0, "norm.kind=none seed=0");
    expect_label(1, "norm.kind=none seed=1");
    expect_label(3, "norm.kind=layer seed=0");
    expect_label(5, "norm.kind=layer seed=2");
    cr_assert(plan.runs[5].config.run.seeds.seed == 2, "the configuration is the cell's");
    cr_assert(plan.runs[5].total_steps == 20, "%ld steps", plan.runs[5].total_steps);
    release();
}

Test(plan, zipped_keys_walk_together) {
    make_good(HEAD "zip:\n"
                   "  - {model.activation: [relu, tanh], model.init: [he, glorot]}\n"
                   "sweep: {seed: [4, 5]}\n");
    cr_assert(plan.n_runs == 4, "%d runs", plan.n_runs);
    expect_label(0, "model.activation=relu model.init=he seed=4");
    expect_label(3, "model.activation=tanh model.init=glorot seed=5");
    release();
}

Test(plan, one_run_without_axes) {
    make_good(HEAD);
    cr_assert(plan.n_runs == 1 && plan.n_varied == 0, "%d runs", plan.n_runs);
    expect_label(0, "");
    release();
}

Test(plan, what_does_not_apply_makes_no_cells) {
    make_good(HEAD "sweep:\n"
                   "  norm.kind: [none, batch, layer]\n"
                   "  norm.momentum: [0.5, 0.9]\n"
                   "  norm.placement: [before, after]\n");
    /* none 1, batch 4, layer 2 of 12 */
    cr_assert(plan.n_runs == 7 && plan.n_merged == 5, "%d runs, %d merged", plan.n_runs,
              plan.n_merged);
    expect_label(0, "norm.kind=none");
    expect_label(1, "norm.kind=batch norm.momentum=0.5 norm.placement=before");
    expect_label(6, "norm.kind=layer norm.placement=after");
    int keys[3] = {0};
    cr_assert(plan_varied(&plan, keys) == 3, "three keys vary");
    cr_assert(keys[0] == key_find("norm.kind") && keys[1] == key_find("norm.momentum"),
              "in the order of the axes");
    release();
}

Test(plan, equal_values_are_one_run) {
    make_good(HEAD "sweep: {optimizer.lr: [0.1, 1e-1, .1, 0.2]}\n");
    cr_assert(plan.n_runs == 2 && plan.n_merged == 2, "%d runs, %d merged", plan.n_runs,
              plan.n_merged);
    cr_assert(plan.n_warnings == 0, "%s", plan.warnings[0]);
    release();
}

Test(plan, logging_makes_no_runs) {
    make_good(HEAD "sweep: {log.level: [economy, full]}\n");
    cr_assert(plan.n_runs == 1 && plan.n_merged == 1, "%d runs", plan.n_runs);
    cr_assert(plan.runs[0].config.log.level == LOG_ECONOMY, "the first counts");
    cr_assert(plan.n_warnings == 1, "%d warnings", plan.n_warnings);
    const char *expected =
        "x.yaml: cells that differ in log.level alone are one run; the first counts";
    cr_assert(!strcmp(plan.warnings[0], expected), "%s", plan.warnings[0]);
    release();
}

Test(plan, identity_is_of_what_matters) {
    char id[RUN_ID_SIZE];
    make_good(HEAD);
    memcpy(id, plan.runs[0].id, sizeof id);
    release();
    const char *const same[] = {"log.level=full", "norm.momentum=0.5", "optimizer.lr=2.5e-2",
                                "train.epochs=2", "data.dir=/nowhere"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        cr_assert(make(HEAD "title: other\n", 1, &same[i]) == OK, "%s", status_message());
        cr_assert(!strcmp(plan.runs[0].id, id), "%s is another run", same[i]);
        release();
    }
    const char *const other[] = {"seed=1",        "train.epochs=3",  "norm.kind=batch",
                                 "data.seed=1",   "data.train=90",   "model.init_scale=2",
                                 "seeds.order=0", "optimizer.clip=1"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        cr_assert(make(HEAD, 1, &other[i]) == OK, "%s", status_message());
        cr_assert(strcmp(plan.runs[0].id, id) != 0, "%s is the same run", other[i]);
        release();
    }
}

Test(plan, exclusions_drop_what_matches_all_pairs) {
    make_good(HEAD "sweep: {norm.kind: [none, batch, layer], train.batch_size: [2, 3, 4]}\n"
                   "exclude:\n"
                   "  - {norm.kind: layer, train.batch_size: [2, 3]}\n"
                   "  - {norm.kind: [batch, layer], train.batch_size: 3}\n");
    cr_assert(plan.n_runs == 6 && plan.n_excluded == 3, "%d runs, %d excluded", plan.n_runs,
              plan.n_excluded);
    expect_label(3, "norm.kind=batch train.batch_size=2");
    expect_label(4, "norm.kind=batch train.batch_size=4");
    expect_label(5, "norm.kind=layer train.batch_size=4");
    cr_assert(plan.n_warnings == 0, "%s", plan.warnings[0]);
    release();
}

Test(plan, quick_keeps_the_cells_it_names) {
    const char *quick = "protocol=quick";
    cr_assert(make(HEAD
                   "sweep: {norm.kind: [none, batch], norm.momentum: [0.5, 0.9], seed: [1, 2]}\n"
                   "quick: {only: {norm.momentum: 0.9, seed: [2, 3]}}\n",
                   1, &quick) == OK,
              "%s", status_message());
    cr_assert(plan.n_runs == 2, "%d runs", plan.n_runs);
    expect_label(0, "norm.kind=none"); /* which has no momentum */
    expect_label(1, "norm.kind=batch");
    cr_assert(plan.n_warnings == 0, "%s", plan.warnings[0]);
    release();
}

Test(plan, exclusions_compare_values_not_spelling) {
    make_good(HEAD "sweep: {optimizer.lr: [0.1, 0.2], model.hidden: [[], [7, 8]]}\n"
                   "exclude:\n"
                   "  - {optimizer.lr: 1e-1, model.hidden: [7, 8]}\n");
    cr_assert(plan.n_runs == 3 && plan.n_excluded == 1, "%d runs", plan.n_runs);
    release();
}

Test(plan, idle_exclusion_is_a_warning) {
    make_good(HEAD "sweep: {norm.kind: [none, batch]}\n"
                   "exclude:\n"
                   "  - {norm.kind: layer}\n"
                   "  - {norm.kind: none, norm.momentum: 0.9}\n"); /* does not apply to none */
    cr_assert(plan.n_runs == 2 && plan.n_warnings == 2, "%d warnings", plan.n_warnings);
    cr_assert(!strcmp(plan.warnings[0], "x.yaml:9:5: this exclusion matches no cell"), "%s",
              plan.warnings[0]);
    cr_assert(!strcmp(plan.warnings[1], "x.yaml:10:5: this exclusion matches no cell"), "%s",
              plan.warnings[1]);
    release();
    const char *const override = "norm.kind=batch"; /* the command line may well make it idle */
    cr_assert(make(HEAD "sweep: {norm.kind: [none, batch]}\n"
                        "exclude:\n"
                        "  - {norm.kind: none, seed: 0}\n",
                   1, &override) == OK,
              "%s", status_message());
    cr_assert(plan.n_warnings == 0, "%s", plan.warnings[0]);
    release();
}

/* Softmax regression has no hidden layer: there every normalizer would look alike. */
Test(plan, normalizer_without_a_layer_is_a_warning_once) {
    const char *const text =
        HEAD "  norm: {eps: 0.1}\n"
             "sweep: {model.hidden: [[5], []], norm.kind: [none, batch, layer], seed: [0, 1]}\n";
    make_good(text);
    cr_assert(plan.n_runs == 12 && plan.n_warnings == 1, "%d warnings", plan.n_warnings);
    const char *expected =
        "x.yaml:8:52: norm.kind: batch has no layer to work on, because model.hidden is [] and "
        "neither norm.on_input nor norm.on_output is true: every normalizer gives the same run";
    cr_assert(!strcmp(plan.warnings[0], expected), "%s", plan.warnings[0]);
    release();
    const char *const sensible[] = {"norm.on_output=true", "norm.on_input=true", "norm.kind=none",
                                    "model.hidden=[5]"};
    for (size_t i = 0; i < sizeof sensible / sizeof *sensible; i++) {
        cr_assert(make(text, 1, &sensible[i]) == OK, "%s", status_message());
        cr_assert(plan.n_warnings == 0, "%s: %s", sensible[i], plan.warnings[0]);
        release();
    }
    cr_assert(make(text, 1, (const char *[]){"norm.kind=layer"}) == OK, "%s", status_message());
    expected = "command line: 'norm.kind=layer': norm.kind: layer has no layer to work on";
    cr_assert(plan.n_warnings == 1 && !strncmp(plan.warnings[0], expected, strlen(expected)), "%s",
              plan.n_warnings ? plan.warnings[0] : "no warning");
    release();
}

/* The message, or "" where there is nothing to warn of. */
static void expect_warning(const char *text, const char *override, const char *message) {
    cr_assert(make(text, override ? 1 : 0, &override) == OK, "%s", status_message());
    cr_assert(plan.n_warnings == (*message != '\0'), "%d warnings for\n%s", plan.n_warnings, text);
    cr_assert(!*message || !strcmp(plan.warnings[0], message), "%s", plan.warnings[0]);
    release();
}

Test(plan, settings_without_effect_are_named) {
    struct pool pool = {0};
    int momentum = key_find("norm.momentum"); /* the registry says where it applies */
    expect_warning(HEAD "sweep: {norm.kind: [none, layer], norm.momentum: [0.5, 0.9]}\n", NULL,
                   pool_format(&pool,
                               "x.yaml:7:51: norm.momentum has no effect; where it applies: %s",
                               key_get(momentum)->when));
    expect_warning(HEAD "sweep: {norm.kind: [none, batch], norm.momentum: [0.5, 0.9]}\n", NULL, "");
    expect_warning(HEAD, "optimizer.beta1=0.5",
                   "command line: 'optimizer.beta1=0.5': optimizer.beta1 has no effect; where it "
                   "applies: optimizer.kind=adam");
    expect_warning(HEAD "  norm: {kind: layer, momentum: 0.5}\n", NULL,
                   pool_format(&pool,
                               "x.yaml:7:33: norm.momentum has no effect; where it applies: %s",
                               key_get(momentum)->when));
    pool_free(&pool);
    /* a base may say more than is run now */
    expect_warning(HEAD "  norm: {kind: batch, momentum: 0.5}\n", "norm.kind=layer", "");
    expect_warning(HEAD "  norm: {kind: batch, momentum: 0.5}\n"
                        "quick: {set: {norm.kind: layer}}\n",
                   "protocol=quick", "");
    expect_warning(HEAD "  seed: 3\nsweep: {seed: [0, 1]}\n", NULL,
                   "x.yaml:7:9: seed has no effect in base, because it is swept in line 8");
    expect_warning(HEAD "  seed: 3\nsweep: {seed: [0, 1]}\n", "seed=4", "");
    expect_warning(HEAD "  norm: {kind: none}\nsweep: {norm.kind: [none, layer]}\n", NULL, "");
    const char *both =
        "x.yaml:6:35: train.epochs has no effect; where it applies: train.steps=auto";
    expect_warning(HEAD "  train.steps: 7\n", NULL, both);
    expect_warning(HEAD "sweep: {train.steps: [auto, 7]}\n", NULL, "");
    expect_warning(HEAD, "train.steps=7", "");
    expect_warning(HEAD "  train.steps: 7\n", "train.epochs=2",
                   "command line: 'train.epochs=2': train.epochs has no effect; where it applies: "
                   "train.steps=auto");
}

struct bad {
    const char *text, *override;
    enum status status;
    const char *message;
};

static const struct bad bads[] = {
    {HEAD "sweep:\n  norm.kind: [none, batch]\n  train.batch_size: [4, 1]\n", NULL, ERROR_USAGE,
     "x.yaml:9:25: batch norm needs at least 2 rows in a mini-batch, not 1: the variance of one "
     "row is "
     "0 and its output would be beta whatever the input; to leave such cells out, write exclude: "
     "[{norm.kind: batch, train.batch_size: 1}]"},
    {HEAD, "train.batch_size=101", ERROR_USAGE,
     "command line: 'train.batch_size=101': train.batch_size: 101 is more than the 100 training "
     "rows"},
    {HEAD "sweep: {train.batch_size: [10, 200]}\n", NULL, ERROR_USAGE,
     "x.yaml:7:32: train.batch_size: 200 is more than the 100 training rows; to leave such cells "
     "out, "
     "write exclude: [{train.batch_size: 200}]"},
    {HEAD "sweep: {norm.kind: [none, batch], train.order: [shuffle, classes], "
          "train.classes_per_batch: [2, 4]}\n",
     NULL, ERROR_USAGE,
     "x.yaml:6:23: train.batch_size and train.classes_per_batch: 10 rows cannot be shared equally "
     "by "
     "4 "
     "classes; to leave such cells out, write exclude: [{train.classes_per_batch: 4}]"},
    {HEAD "  train.order: classes\n", "train.classes_per_batch=20", ERROR_USAGE,
     "command line: 'train.classes_per_batch=20': train.classes_per_batch: 20 is more than the 10 "
     "classes"},
    {HEAD "  train.order: classes\n  train.classes_per_batch: 2\n", "train.batch_size=80",
     ERROR_USAGE,
     "x.yaml:8:28: train.classes_per_batch: fewer than 2 classes have the 40 training rows that a "
     "mini-batch takes of each"},
    {HEAD, "data.name=linear", ERROR_USAGE,
     "command line: 'data.name=linear': train.loss: cross_entropy is a loss of classes, but the "
     "targets of these data are numbers; say squared"},
    {HEAD "  train.loss: cross_entropy\nsweep: {data.name: [clusters, linear]}\n", NULL,
     ERROR_USAGE,
     "x.yaml:7:15: train.loss: cross_entropy is a loss of classes, but the targets of these data "
     "are numbers; say squared"},
    {HEAD "sweep: {data.name: [clusters, linear]}\n", NULL, ERROR_USAGE,
     "x.yaml:7:31: train.loss: cross_entropy is a loss of classes, but the targets of these data "
     "are numbers; say squared"},
    {HEAD "  train.loss: squared\n  train.order: sorted\n", "data.name=linear", ERROR_USAGE,
     "x.yaml:8:16: train.order: these data have no classes to go by"},
    {HEAD "  train.loss: squared\n  data.colour: class_in_batch\n", "data.name=linear", ERROR_USAGE,
     "x.yaml:8:16: data.colour: these data have no classes that could have colours"},
    {HEAD "  data.colour: class\n  data.colour_black: [1, 10]\n", NULL, ERROR_USAGE,
     "x.yaml:8:22: data.colour_black: no class 10; they are 0 to 9"},
    {HEAD "sweep: {data.train: [50, 101]}\n", NULL, ERROR_USAGE,
     "x.yaml:7:26: data.train and data.validation: 101 + 20 rows, but there are 120"},
    {HEAD, "data.validation=121", ERROR_USAGE,
     "command line: 'data.validation=121': data.validation: 121 rows, but there are 120; 0 to 119 "
     "fit"},
    {HEAD, "data.test=31", ERROR_USAGE,
     "command line: 'data.test=31': data.test: 31 rows, but there are 30"},
    {HEAD, "optimizer.step_at=[0.5,0.25]", OK, NULL}, /* nothing to a constant rate */
    {HEAD "  optimizer: {schedule: step, step_at: [0.5, 0.5]}\n", NULL, ERROR_USAGE,
     "x.yaml:7:40: optimizer.step_at: the shares must ascend"},
    {HEAD "  optimizer: {lr: 1e-60}\n", NULL, ERROR_USAGE,
     "x.yaml:7:19: optimizer.lr: 1e-60 is 0 in float32, whose least is 1.17549e-38"},
    {HEAD "  optimizer: {lr: 1e-37, lr_scaling: linear, lr_reference_batch: 1000}\n", NULL,
     ERROR_USAGE, "x.yaml:7:19: optimizer.lr: 1e-39 is 0 in float32, whose least is 1.17549e-38"},
    {HEAD, "optimizer.lr=1.2e-38", OK, NULL},
    {HEAD, "optimizer.weight_decay=1e-40", ERROR_USAGE,
     "command line: 'optimizer.weight_decay=1e-40': optimizer.weight_decay: 1e-40 is 0 in float32, "
     "whose least is 1.17549e-38"},
    {HEAD "  log: {probes: validation_eror gamma}\n", NULL, ERROR_USAGE,
     "x.yaml:7:17: log.probes: no probe 'validation_eror' (did you mean 'validation_error'?)"},
    {HEAD, "log.probes=gamma speed", ERROR_USAGE,
     "command line: 'log.probes=gamma speed': log.probes: no probe 'speed'; `normlab list probes` "
     "lists all"},
    {HEAD, "eval.momenta=[0.5,0.5]", OK, NULL}, /* nothing without running statistics */
    {HEAD "  norm: {kind: batch}\n  eval: {momenta: [0.5, 0.5]}\n", NULL, ERROR_USAGE,
     "x.yaml:8:19: eval.momenta: the values must ascend"},
    {HEAD "  norm: {kind: batch}\n", "eval.batch_rows=1", OK, NULL},          /* not trained on */
    {HEAD "  norm: {kind: batch, rows: 5}\n", "eval.batch_rows=7", OK, NULL}, /* nor cut */
    {HEAD "  norm: {kind: batch_renorm, rows: 5}\n", "eval.batch_rows=4", OK, NULL},
    {HEAD "  norm: {kind: group, groups: 7}\n", NULL, ERROR_USAGE,
     "x.yaml:7:31: norm.groups: group norm cannot cut 5 units into 7 groups of equal size"},
    {HEAD "  norm: {kind: batch_renorm, rows: 3}\n", NULL, ERROR_USAGE,
     "x.yaml:7:36: norm.rows: batch_renorm cannot cut a mini-batch of 10 rows into sub-batches of "
     "3"},
    {HEAD "  norm: {kind: literal_both}\n", "eval.batch_rows=1", ERROR_USAGE,
     "command line: 'eval.batch_rows=1': eval.batch_rows: literal_both needs at least 2 rows in a "
     "mini-batch, not 1: the variance of one row is 0 and its output would be beta whatever the "
     "input"},
    {HEAD "sweep: {norm.kind: [batch]}\nexclude: [{norm.kind: batch}]\n", NULL, ERROR_USAGE,
     "x.yaml: every cell is excluded"},
    {HEAD "sweep: {seed: range(1000), data.seed: range(51)}\n", NULL, ERROR_USAGE,
     "x.yaml: the axes make 51000 cells; at most 50000 are planned at once"},
};

Test(plan, cells_that_cannot_run) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        plan = (struct plan){.n_runs = 42};
        enum status status =
            make(bads[i].text, bads[i].override ? 1 : 0, (const char *[]){bads[i].override});
        cr_expect(status == bads[i].status, "status %d for:\n%s", status, bads[i].text);
        if (!bads[i].message) {
            release();
            continue;
        }
        cr_expect(!strcmp(status_message(), bads[i].message), "said  %s\nnot   %s\nfor:\n%s",
                  status_message(), bads[i].message, bads[i].text);
        cr_expect(plan.n_runs == 42, "changed the plan:\n%s", bads[i].text);
        experiment_free(&experiment);
    }
}

/* The folder's name stands in the message, but says nothing about the key of that name. */
Test(plan, a_key_that_a_message_merely_names_is_not_to_blame) {
    const char *text = "schema: 1\nname: x\nbase:\n  train.order: sorted\n"
                       "  data: {name: idx, dir: /nowhere/train.order}\n";
    const char *expected = "x.yaml:5:26: data folder /nowhere/train.order: ";
    cr_assert(make(text, 0, NULL) == ERROR_DATA, "data from nowhere");
    cr_assert(!strncmp(status_message(), expected, strlen(expected)), "%s", status_message());
    experiment_free(&experiment);
}

Test(plan, missing_data_is_said_where_the_folder_is_named) {
    const char *text = "schema: 1\nname: x\nbase:\n  data: {name: idx, dir: /nowhere/at/all}\n";
    cr_assert(make(text, 0, NULL) == ERROR_DATA, "data from nowhere");
    const char *expected = "x.yaml:4:26: data folder /nowhere/at/all: ";
    cr_assert(!strncmp(status_message(), expected, strlen(expected)), "%s", status_message());
    experiment_free(&experiment);
}

Test(plan, excluded_cells_are_not_checked) {
    make_good(HEAD "sweep: {norm.kind: [none, batch], train.batch_size: [1, 4]}\n"
                   "exclude: [{norm.kind: batch, train.batch_size: 1}]\n");
    cr_assert(plan.n_runs == 3, "%d runs", plan.n_runs);
    release();
}

Test(plan, data_is_loaded_once_and_shared) {
    make_good(HEAD "sweep: {data.seed: [0, 1], data.scale: [none, standardize], seed: range(3)}\n");
    cr_assert(plan.n_runs == 12, "%d runs", plan.n_runs);
    cr_assert(plan.data.n_sources == 2 && plan.data.n_datasets == 4, "%d sources, %d data sets",
              plan.data.n_sources, plan.data.n_datasets);
    cr_assert(plan.runs[0].dataset == plan.runs[2].dataset, "two seeds share a data set");
    cr_assert(plan.runs[0].dataset->source == plan.runs[3].dataset->source,
              "two scalings share a source");
    cr_assert(plan.runs[0].dataset->source != plan.runs[6].dataset->source, "two sources");
    release();
}

/* Fewer where classes run out before the rows do. */
Test(plan, an_epoch_of_some_classes_a_mini_batch_is_counted_in_its_own_steps) {
    make_good(HEAD "  train.order: classes\n"
                   "sweep: {train.classes_per_batch: [1, 2, 5, 10]}\n");
    for (int i = 0; i < 4; i++) {
        const struct planned_run *run = &plan.runs[i];
        long steps = train_steps_per_epoch(&run->config.run.train, run->dataset);
        cr_assert(run->total_steps == 2 * steps && steps > 0 && steps <= 10,
                  "%d: %ld steps for two epochs of %ld", i, run->total_steps, steps);
    }
    release();
}

/* The colour of the test rows is another run, but no other source. */
Test(plan, colours_are_part_of_a_run_and_of_its_data_set) {
    make_good(HEAD "sweep:\n"
                   "  data.colour: [none, row, class]\n"
                   "  data.colour_test: [free, bound, swapped]\n");
    cr_assert(plan.n_runs == 5 && plan.n_merged == 4, "%d runs, %d merged", plan.n_runs,
              plan.n_merged);
    cr_assert(plan.data.n_sources == 1 && plan.data.n_datasets == 5, "%d sources, %d data sets",
              plan.data.n_sources, plan.data.n_datasets);
    cr_assert(!strstr(plan.runs[0].canonical, "colour"), "none stays out of the identity");
    cr_assert(strstr(plan.runs[4].canonical, "data.colour_test=swapped"), "%s",
              plan.runs[4].canonical);
    release();
}

/* One data set a fold; in folds a run is another run, and without them it is what it was. */
Test(plan, seeds_that_test_on_the_same_fold_share_its_data) {
    static const int folds[] = {0, 1, 0, 5};
    char ids[4][RUN_ID_SIZE];
    make_good(HEAD "sweep: {seed: [0, 1, 7, 12]}\n");
    for (int i = 0; i < 4; i++)
        memcpy(ids[i], plan.runs[i].id, RUN_ID_SIZE);
    cr_assert(plan.data.n_datasets == 1, "%d data sets of the file's split", plan.data.n_datasets);
    cr_assert(!strstr(plan.runs[0].canonical, "data.split"), "%s", plan.runs[0].canonical);
    release();
    make_good(HEAD "sweep: {data.split: [folds, file], seed: [0, 1, 7, 12]}\n");
    cr_assert(plan.data.n_sources == 1 && plan.data.n_datasets == 4, "%d sources, %d data sets",
              plan.data.n_sources, plan.data.n_datasets);
    for (int i = 0; i < 4; i++) {
        const struct dataset *dataset = plan.runs[i].dataset;
        cr_assert(dataset->split.kind == SPLIT_FOLDS && dataset->split.fold == folds[i], "run %d",
                  i);
        cr_assert(strcmp(plan.runs[i].id, ids[i]) != 0, "folds have the id of the file's split");
        cr_assert(!strcmp(plan.runs[4 + i].id, ids[i]), "an id changed");
    }
    cr_assert(plan.runs[0].dataset == plan.runs[2].dataset, "seeds 0 and 7");
    cr_assert(plan.runs[4].dataset == plan.runs[5].dataset, "the file's split has no folds");
    release();
}

Test(plan, costs_are_of_the_right_order) {
    make_good(HEAD "sweep: {train.epochs: [2, 4], train.batch_size: [2, 100]}\n");
    double few = plan.runs[0].cost, twice = plan.runs[2].cost, large = plan.runs[1].cost;
    cr_assert(few > 0 && isfinite(few), "%g", few);
    cr_assert(twice > 1.5 * few && twice < 2.5 * few, "%g for twice %g", twice, few);
    cr_assert(few > large, "many small steps cost more than few large ones: %g, %g", few, large);
    cr_assert(run_memory(&plan.runs[0], 1) > 0, "memory");
    release();
}

/* By the rule as it reads: the longest first, each to the first of those with the least. */
static void assign_plainly(int n, const double *cost, int count, int *shard) {
    double load[64] = {0};
    for (int i = 0; i < n; i++)
        shard[i] = -1;
    for (int k = 0; k < n; k++) {
        int longest = -1, least = 0;
        for (int i = 0; i < n; i++)
            if (shard[i] < 0 && (longest < 0 || cost[i] > cost[longest]))
                longest = i;
        for (int s = 1; s < count; s++)
            least = load[s] < load[least] ? s : least;
        shard[longest] = least;
        load[least] += cost[longest];
    }
}

/* The parts of a sweep stay what they are: a folder may have been cut by an earlier program. */
Test(plan, shards_follow_the_rule_as_it_reads) {
    enum { N = 50 };
    double cost[N];
    int shard[N], plain[N];
    for (int count = 1; count <= 60; count++) {
        for (int i = 0; i < N; i++)
            cost[i] = (double)((i * 7919 + count * 31) % 13); /* many are equal, some are 0 */
        shards_assign(N, cost, count, shard);
        assign_plainly(N, cost, count, plain);
        for (int i = 0; i < N; i++)
            cr_assert(shard[i] == plain[i], "%d shards: run %d is in %d, not %d", count, i,
                      shard[i], plain[i]);
    }
}

Test(plan, shards_are_disjoint_complete_and_balanced) {
    make_good(HEAD "sweep: {train.batch_size: [2, 5, 10, 20], seed: range(5)}\n");
    enum { SHARDS = 3, RUNS = 20 };
    cr_assert(plan.n_runs == RUNS, "%d runs", plan.n_runs);
    int taken[RUNS] = {0};
    double load[SHARDS] = {0}, total = 0, largest = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
        bool take[RUNS], again[RUNS];
        plan_shard(&plan, shard, SHARDS, take);
        plan_shard(&plan, shard, SHARDS, again);
        cr_assert(!memcmp(take, again, sizeof take), "shard %d is not the same twice", shard);
        for (int i = 0; i < RUNS; i++) {
            taken[i] += take[i];
            load[shard] += take[i] ? plan.runs[i].cost : 0;
        }
    }
    for (int i = 0; i < RUNS; i++) {
        cr_assert(taken[i] == 1, "run %d is in %d shards", i, taken[i]);
        total += plan.runs[i].cost;
        largest = fmax(largest, plan.runs[i].cost);
    }
    for (int shard = 0; shard < SHARDS; shard++)
        cr_assert(load[shard] <= total / SHARDS + largest, "shard %d has %g of %g", shard,
                  load[shard], total);
    release();
}

/* In a zip as well; and where there are fewer, or no axis, all. */
Test(plan, first_seeds_are_those_of_the_axis) {
    static const int asked[] = {2, 3, 9}, kept[] = {4, 6, 6};
    make_good(HEAD "sweep: {norm.kind: [none, batch]}\n"
                   "zip:\n  - {seed: [7, 5, 6], train.batch_size: [2, 5, 10]}\n");
    cr_assert(plan.n_runs == 6, "%d runs", plan.n_runs);
    for (int i = 0; i < 3; i++) {
        bool take[6] = {true, true, true, true, true, true};
        int n = 0;
        plan_take_seeds(&plan, asked[i], take);
        for (int run = 0; run < 6; run++) {
            long seed = plan.runs[run].cell.values[key_find("seed")].integer;
            n += take[run];
            cr_expect(take[run] == (asked[i] > 2 || seed != 6), "seed %ld of the first %d", seed,
                      asked[i]);
        }
        cr_expect(n == kept[i], "%d runs of the first %d seeds", n, asked[i]);
    }
    release();
    make_good(HEAD "sweep: {norm.kind: [none, batch]}\n");
    bool take[2] = {true, false};
    plan_take_seeds(&plan, 1, take);
    cr_expect(take[0] && !take[1], "one seed has no axis");
    release();
}

Test(plan, small_batch_is_as_the_contract_says) {
    enum status status = experiment_read("experiments/small_batch.yaml", 0, NULL, &experiment);
    if (status)
        cr_skip_test("runs in the project's folder only");
    status = plan_create(&experiment, &plan);
    if (status == ERROR_DATA)
        cr_skip_test("Fashion-MNIST is not installed");
    cr_assert(!status, "%s", status_message());
    cr_assert(plan.n_runs == 216 && plan.n_merged == 0, "%d runs", plan.n_runs);
    cr_assert(plan.runs[0].total_steps == 82500, "%ld steps at batch size 2",
              plan.runs[0].total_steps);
    cr_assert(plan.runs[64].total_steps == 642, "%ld steps at batch size 256",
              plan.runs[64].total_steps);
    expect_label(215, "norm.kind=layer train.batch_size=256 seed=7");
    release();
}
