/* Tuning: what its section may say, which arms there are, the file that comes out, and the whole
 * with training. */
#include "judge/tune/tune.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/files.h"
#include "judge/tune/tune_definition.h"
#include "judge/tune/tune_doubts.h"
#include "judge/tune/tuned_file.h"
#include "judge/tune/tuned_rates.h"
#include "judge/tune/tuned_source.h"
#include "lab/journal/journal_read.h"
#include "lab/store/store.h"
#include "tests/judge/tune/tuning.h"
#include "tests/support.h"

TestSuite(tune, .init = tuning_begin, .fini = tuning_end, .timeout = 120);

/* ---- the section ---- */

#define HEAD                                                                                       \
    "schema: 1\nname: x\nbase: {data.name: clusters, data.rows: 300, data.train: 100, "            \
    "data.validation: 50}\n" /* lines 1 to 3 */
#define GRID "grid: [0.1, 0.2, 0.4]"
#define TUNE(more) HEAD "tune: {" GRID ", " more "}\n" /* `more` begins in column 31 */

static const struct {
    const char *text, *message;
} bads[] = {
    {HEAD, "x.yaml: has no section tune; write, say, tune: {grid: [0.0125, 0.025, 0.05, 0.1], "
           "seeds: \"range(100, 103)\"}"},
    {TUNE("sedes: [9]"), "x.yaml:4:31: tune: unknown field 'sedes' (did you mean 'seeds'?)"},
    {TUNE("by: validation_error"), "x.yaml:4:7: tune: has no seeds"},
    {HEAD "tune: {seeds: [9]}\n", "x.yaml:4:7: tune: has no grid"},
    {HEAD "tune: {seeds: [9], grid: [0.1, 0.2]}\n",
     "x.yaml:4:26: tune.grid: has 2 rates; it must have 3 to 32, so that one can lie between "
     "others"},
    {HEAD "tune: {seeds: [9], grid: [0.1, 0.2, 0.2]}\n",
     "x.yaml:4:37: tune.grid: the rates must ascend"},
    {HEAD "tune: {seeds: [9], grid: [0.1, 0.2, -1]}\n",
     "x.yaml:4:37: optimizer.lr: -1 is outside its range, above 0 to 1000000"},
    {HEAD "tune: {seeds: [9], grid: {start: 0.1, count: 2}}\n",
     "x.yaml:4:46: count: 2 is outside its range, 3 to 32"},
    {HEAD "tune: {seeds: [9], grid: {start: 0.1, step: 2}}\n",
     "x.yaml:4:39: tune.grid: unknown field 'step'; here stand start, factor, count"},
    {HEAD "tune: {seeds: [9], grid: {start: 0.1}}\n",
     "x.yaml:4:26: tune.grid: has no count; write, say, {start: 0.0125, factor: 2, count: 4}"},
    {TUNE("seeds: [9, 0]"), "x.yaml:4:42: tune.seeds: 0 is a seed of the experiment as well; rates "
                            "are chosen with seeds of their own"},
    {TUNE("seeds: \"range(9, 12)\"") "sweep: {seed: \"range(10, 20)\"}\n",
     "x.yaml:4:38: tune.seeds: 10 is a seed of the experiment as well; rates are chosen with seeds "
     "of their own"},
    {TUNE("seeds: [9]") "quick: {set: {seed: [8, 9]}}\n",
     "x.yaml:4:39: tune.seeds: 9 is a seed of the quick protocol as well; rates are chosen with "
     "seeds of their own"},
    {TUNE("seeds: [9]") "literal: {set: {seed: 9}}\n",
     "x.yaml:4:39: tune.seeds: 9 is a seed of the literal protocol as well; rates are chosen with "
     "seeds of their own"},
    {TUNE("seeds: [9]") "sweep: {seeds.init: [8, 9]}\n",
     "x.yaml:4:39: tune.seeds: 9 is a seed of the experiment as well; rates are chosen with seeds "
     "of their own"},
    {TUNE("seeds: [9]") "quick: {set: {seeds.order: 9, seed: 8}}\n",
     "x.yaml:4:39: tune.seeds: 9 is a seed of the quick protocol as well; rates are chosen with "
     "seeds of their own"},
    {TUNE("seeds: [9, 9]"), "x.yaml:4:42: tune.seeds: 9 stands there twice"},
    {TUNE("seeds: 9"),
     "x.yaml:4:38: seed: must be a list of values or range(n), not a single value"},
    {TUNE("seeds: [9], by: test_error"),
     "x.yaml:4:47: by: 'test_error' is not validation_error or validation_loss"},
    {TUNE("seeds: [9], key: optimizer.rl"),
     "x.yaml:4:48: unknown key 'optimizer.rl' (did you mean 'optimizer.lr'?)"},
    {TUNE("seeds: [9], key: train.epochs"),
     "x.yaml:4:48: tune: train.epochs is no number that could be tried in factors"},
    {TUNE("seeds: [9], same_grid_within: train.batch_size"),
     "x.yaml:4:61: same_grid_within: must be a list of keys, like [train.batch_size], not a single "
     "value"},
    {TUNE("seeds: [9], same_grid_within: [batch_size]"),
     "x.yaml:4:62: unknown key 'batch_size' (did you mean 'train.batch_size'?)"},
    {TUNE("seeds: [9], set: {seed: 3}"), "x.yaml:4:49: tune.set: the seeds stand under tune.seeds"},
    {TUNE("seeds: [9], set: {optimizer.lr: 3}"),
     "x.yaml:4:49: tune.set: optimizer.lr is what is tuned"},
    {TUNE("seeds: [9], set: {log.level: full}"),
     "x.yaml:4:49: tune.set: log.level: what trials log is fixed"},
    {TUNE("seeds: [9], set: {train.batch_size: 3}") "sweep: {train.batch_size: [5]}\n",
     "x.yaml:4:49: tune.set: train.batch_size is swept: its values stay as they are"},
    {TUNE("seeds: [9]") "sweep: {optimizer.lr: [0.1]}\n",
     "x.yaml:5:24: optimizer.lr is swept here, but the section tune chooses it"},
    {TUNE("seeds: [9]") "sweep: {norm.kind: [none, batch]}\nexclude:\n"
                        "  - {norm.kind: batch, optimizer.lr: 0.4}\n",
     "x.yaml:7:5: an exclusion by optimizer.lr, which the section tune chooses"},
    {TUNE("seeds: [9]") "zip:\n  - {seed: [1, 2], train.batch_size: [4, 5]}\n",
     "x.yaml:6:39: train.batch_size is zipped with seeds; tuning has seeds of its own, crossed "
     "with all cells"},
    {TUNE("seeds: [9], key: norm.momentum") "sweep: {norm.kind: [none, batch]}\n",
     "x.yaml:4:1: tune: norm.momentum does not apply to every cell"},
    {"schema: 1\nname: x\nbase: {data.name: clusters, data.rows: 300, data.validation: 0}\n"
     "tune: {" GRID ", seeds: [9]}\n",
     "x.yaml:3:62: data.validation is 0: there are no rows to choose by"},
    {"schema: 1\nname: x\nbase: {data.name: linear, data.rows: 300, data.validation: 50, "
     "train.loss: squared}\ntune: {" GRID ", seeds: [9]}\n",
     "x.yaml:4:1: tune: targets that are numbers know no errors; say by: validation_loss"},
    {TUNE("seeds: [9]") "sweep: {train.batch_size: [5, 10]}\n"
                        "quick: {set: {train.batch_size: 5}}\n",
     "x.yaml:6:15: quick: train.batch_size will be zipped with other keys in the tuned file, and "
     "cannot be set; name cells under only"},
    {TUNE("seeds: [9]") "literal: {set: {optimizer.lr: 0.3}}\n",
     "x.yaml:5:17: literal: optimizer.lr will be zipped with other keys in the tuned file, and "
     "cannot be set; name cells under only"},
};

Test(tune, each_bad_section_is_refused_at_its_place) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct experiment experiment;
        struct tune tune;
        cr_assert(experiment_parse("x.yaml", bads[i].text, 0, NULL, &experiment) == OK, "%s\n%s",
                  status_message(), bads[i].text);
        enum status status = tune_create(&experiment, &tune);
        cr_expect(status == ERROR_USAGE, "status %d of\n%s", (int)status, bads[i].text);
        cr_expect(!strcmp(status_message(), bads[i].message), "it says\n%s\nnot\n%s",
                  status_message(), bads[i].message);
        experiment_free(&experiment);
    }
}

Test(tune, a_grid_is_a_list_or_a_progression) {
    struct experiment experiment;
    struct tune tune;
    tuning_create(HEAD "tune: {grid: {start: 0.01, factor: 3, count: 4}, seeds: [9]}\n",
                  &experiment, &tune);
    const double rates[] = {.01, .03, .09, .27};
    cr_assert(tune.tuning.grid.n == 4, "%d rates", tune.tuning.grid.n);
    for (int i = 0; i < 4; i++)
        cr_assert(tune.tuning.grid.rates[i] == rates[i], "rate %d: %.17g", i,
                  tune.tuning.grid.rates[i]);
    tuning_free(&experiment, &tune);
}

/* ---- arms ---- */

/* none 5, none 10, batch before 5, batch before 10, batch after 10. */
Test(tune, arms_are_the_cells_without_seeds_merged_and_excluded_as_in_the_plan) {
    static const char *const expected[][3] = {{"none", "", "5"},
                                              {"none", "", "10"},
                                              {"batch", "before", "5"},
                                              {"batch", "before", "10"},
                                              {"batch", "after", "10"}};
    struct experiment experiment;
    struct tune tune;
    struct pool pool = {0};
    tuning_create(tuning_small, &experiment, &tune);
    cr_assert(tune.n_arms == 5 && tune.n_keys == 3 && tune.n_groups == 2,
              "%d arms, %d keys, %d groups", tune.n_arms, tune.n_keys, tune.n_groups);
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 3; k++)
            cr_expect_str_eq(tune_text(&tune.arms[i], tune.keys[k], &pool), expected[i][k],
                             "arm %d, key %d: %s", i, k,
                             tune_text(&tune.arms[i], tune.keys[k], &pool));
        cr_expect(tune.arms[i].group == (i % 2 == 1 || i == 4), "arm %d is in group %d", i,
                  tune.arms[i].group);
    }
    pool_free(&pool);
    tuning_free(&experiment, &tune);
}

static int n_rates(const struct tune *tune, int arm) {
    return tune->grids[tune->arms[arm].group].n;
}

/* One arm of a batch size needs more rates: all of that size try them, the others do not. */
Test(tune, an_edge_extends_the_grid_of_all_arms_at_a_batch_size_twice_at_most) {
    struct experiment experiment;
    struct tune tune;
    tuning_create(tuning_small, &experiment, &tune);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < tune.n_arms; i++)
            tuning_plant(&tune, i, i == 3 ? 100 : .1);
        tune_choose(&tune);
        bool extended = tune_extend(&tune, tune.arms[3].group);
        cr_assert(extended == (round < 2), "round %d", round);
        cr_assert(!tune_extend(&tune, tune.arms[0].group), "the other batch size, round %d", round);
    }
    for (int i = 0; i < 5; i++)
        cr_expect(n_rates(&tune, i) == (tune.arms[i].group == tune.arms[3].group ? 5 : 3),
                  "arm %d tries %d rates", i, n_rates(&tune, i));
    cr_assert(tune.arms[3].choice.edge == EDGE_HIGH && tune.arms[1].choice.edge == EDGE_NONE,
              "edges");
    tuning_free(&experiment, &tune);
}

/* ---- the trials ---- */

static int config_seed(const struct planned_run *run) {
    return (int)run->cell.values[key_find("seed")].integer;
}

Test(tune, trials_are_every_arm_rate_and_seed_and_never_see_test_data) {
    struct experiment experiment, trials;
    struct tune tune;
    struct plan plan;
    struct pool pool = {0};
    tuning_create(tuning_small, &experiment, &tune);
    const char *text = tune_definition(&tune, &pool);
    cr_assert(experiment_parse("trials", text, 0, NULL, &trials) == OK, "%s\n%s", status_message(),
              text);
    cr_assert(plan_create(&trials, &plan) == OK, "%s\n%s", status_message(), text);
    cr_assert_str_eq(trials.name, "small-tune", "%s", trials.name);
    cr_assert(plan.n_runs == 5 * 3 * 2 && plan.n_warnings == 0, "%d runs, %d warnings", plan.n_runs,
              plan.n_warnings);
    for (int i = 0; i < plan.n_runs; i++) {
        cr_expect(plan.runs[i].config.log.test == LOG_TEST_NEVER, "run %d sees test data", i);
        cr_expect(config_seed(&plan.runs[i]) >= 100, "run %d has seed %d", i,
                  config_seed(&plan.runs[i]));
    }
    bool *found = calloc((size_t)plan.n_runs, sizeof *found);
    for (int i = 0; i < 5 * 3 * 2; i++) {
        int run = -1;
        cr_assert(tune_find_run(&tune, &plan, &tune.arms[i / 6], i / 2 % 3, i % 2, &run) == OK,
                  "%s", status_message());
        cr_expect(!found[run], "two trials are run %d", run);
        found[run] = true;
    }
    free(found);
    plan_free(&plan);
    experiment_free(&trials);
    pool_free(&pool);
    tuning_free(&experiment, &tune);
}

Test(tune, set_changes_the_trials_alone) {
    struct experiment experiment, trials;
    struct tune tune;
    struct pool pool = {0};
    tuning_create(HEAD "sweep: {norm.kind: [none, batch]}\n"
                       "tune: {" GRID ", seeds: [9], set: {train.steps: 7}}\n",
                  &experiment, &tune);
    cr_assert(experiment_parse("trials", tune_definition(&tune, &pool), 0, NULL, &trials) == OK,
              "%s", status_message());
    int steps = key_find("train.steps");
    cr_assert(trials.base.values[steps].integer == 7, "%ld steps",
              trials.base.values[steps].integer);
    cr_assert(tune.arms[0].cell->values[steps].integer == -1, "the cell itself was changed");
    experiment_free(&trials);
    pool_free(&pool);
    tuning_free(&experiment, &tune);
}

/* What would be chosen among rates that nothing was measured of? */
Test(tune, set_may_not_make_trials_that_cannot_be_compared) {
    static const struct {
        const char *set, *message;
    } rows[] = {{"{data.validation: 0}", "x.yaml:4:48: data.validation is 0: there are no rows to "
                                         "choose by"},
                {"{data.name: linear, train.loss: squared}",
                 "x.yaml:4:48: tune: targets that are numbers know no errors; say by: "
                 "validation_loss"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct experiment experiment, trials;
        struct tune tune;
        struct plan plan;
        struct pool pool = {0};
        const char *text = pool_format(&pool, TUNE("seeds: [9], set: %s"), rows[i].set);
        cr_assert(experiment_parse("x.yaml", text, 0, NULL, &experiment) == OK, "%s", text);
        cr_assert(tune_create(&experiment, &tune) == OK, "%s", status_message());
        cr_assert(experiment_parse("trials", tune_definition(&tune, &pool), 0, NULL, &trials) == OK,
                  "%s", status_message());
        cr_assert(plan_create(&trials, &plan) == OK, "%s", status_message());
        cr_expect(tune_check_trials(&tune, &plan) == ERROR_USAGE, "taken: %s", text);
        cr_expect_str_eq(status_message(), rows[i].message, "%s", status_message());
        plan_free(&plan);
        experiment_free(&trials);
        tuning_free(&experiment, &tune);
        pool_free(&pool);
    }
}

/* ---- the tuned file ---- */

/* Rates that a person would not confuse: arm i gets the rate planted for it. */
static const char *planted_file(const char *text, struct pool *pool) {
    static const double best[] = {.05, .1, .2, .1, .05};
    struct experiment experiment;
    struct tune tune;
    const char *tuned = NULL;
    tuning_create(text, &experiment, &tune);
    for (int i = 0; i < tune.n_arms; i++)
        tuning_plant(&tune, i, best[i % 5]);
    tune_choose(&tune);
    cr_assert(tuned_file_check(&tune) == OK, "%s", status_message());
    cr_assert(tuned_file_text(&tune, pool, &tuned) == OK, "%s", status_message());
    tuning_free(&experiment, &tune);
    return tuned;
}

static void plan_file(const char *text, int n, const char *const *overrides,
                      struct experiment *experiment, struct plan *plan) {
    cr_assert(experiment_parse("tuned", text, n, overrides, experiment) == OK, "%s\n%s",
              status_message(), text);
    cr_assert(plan_create(experiment, plan) == OK, "%s\n%s", status_message(), text);
}

Test(tune, the_tuned_file_plans_the_cells_with_their_rates_and_nothing_else) {
    static const double rates[] = {.05, .1, .2, .1, .05};
    struct pool pool = {0};
    struct experiment experiment, original;
    struct plan plan, before;
    plan_file(tuning_small, 0, NULL, &original, &before);
    plan_file(planted_file(tuning_small, &pool), 0, NULL, &experiment, &plan);
    cr_assert(plan.n_runs == 15 && plan.n_runs == before.n_runs, "%d runs", plan.n_runs);
    cr_assert(plan.n_merged == 0 && plan.n_warnings == 0, "%d merged, %d warnings", plan.n_merged,
              plan.n_warnings);
    int lr = key_find("optimizer.lr");
    for (int i = 0; i < plan.n_runs; i++) {
        struct cell *cell = &plan.runs[i].cell;
        cr_expect(cell->values[lr].real == rates[i / 3], "run %d has the rate %g", i,
                  cell->values[lr].real);
        cell->values[lr] = before.runs[i].cell.values[lr];
        cr_expect_str_eq(cell_canonical(cell, &pool), before.runs[i].canonical, "run %d", i);
    }
    plan_free(&plan);
    plan_free(&before);
    experiment_free(&experiment);
    experiment_free(&original);
    pool_free(&pool);
}

Test(tune, the_tuned_file_says_where_its_rates_came_from_and_keeps_all_other_lines) {
    static const char *const parts[] = {
        "# What stands here stays.\nschema: 1\nname: small   # a name\nbase:\n",
        "\n# And so does this.\nquick: {set:",
        "  - {script: error_vs_batch}\n",
        "interquartile mean over seeds [100, 101]",
        "# optimizer.lr_scaling is none",
        "# Tried where train.batch_size=5: 0.05, 0.1, 0.2.\n",
        "#  none       -               5                 0.1050*!  0.2050   0.3050\n",
        "#  batch      before          10                0.2050    0.1050*  0.2050\n",
        "  - norm.kind:        [none,   none,   batch,  batch,  batch]\n"
        "    norm.placement:   [before, before, before, before, after]\n"
        "    train.batch_size: [5,      10,     5,      10,     10]\n"
        "    optimizer.lr:     [0.05,   0.1,    0.2,    0.1,    0.05]\n"
        "sweep:\n  seed: range(3)\n",
    };
    struct pool pool = {0};
    const char *text = planted_file(tuning_small, &pool);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(text, parts[i]), "no\n%s\nin\n%s", parts[i], text);
    cr_expect(!strstr(text, "\ntune:") && !strstr(text, "\nexclude:"), "left over in\n%s", text);
    cr_expect_str_eq(planted_file(tuning_small, &pool), text, "twice is not the same");
    pool_free(&pool);
}

Test(tune, rates_are_read_back_from_the_comments) {
    static const struct {
        const char *norm, *placement, *rate, *score;
        enum tuned_edge edge;
    } expected[] = {{"none", "-", "0.05", "0.1050", TUNED_LOWEST},
                    {"none", "-", "0.1", "0.1050", TUNED_INSIDE},
                    {"batch", "before", "0.2", "0.1050", TUNED_HIGHEST},
                    {"batch", "before", "0.1", "0.1050", TUNED_INSIDE},
                    {"batch", "after", "0.05", "0.1050", TUNED_LOWEST}};
    struct pool pool = {0};
    struct tuned_rates rates;
    cr_assert(tuned_rates_read(planted_file(tuning_small, &pool), &pool, &rates), "no table");
    cr_assert(rates.n == 5 && rates.n_keys == 3, "%d cells of %d keys", rates.n, rates.n_keys);
    cr_expect_str_eq(rates.keys[2], "train.batch_size");
    cr_expect_str_eq(rates.metric, "validation_error");
    for (int i = 0; i < rates.n; i++) {
        const struct tuned_rate *rate = &rates.all[i];
        cr_expect_str_eq(rate->values[0], expected[i].norm);
        cr_expect_str_eq(rate->values[1], expected[i].placement);
        cr_expect_str_eq(rate->rate, expected[i].rate, "cell %d: %s", i, rate->rate);
        cr_expect_str_eq(rate->score, expected[i].score, "cell %d: %s", i, rate->score);
        cr_expect(rate->edge == expected[i].edge, "cell %d: edge %d", i, (int)rate->edge);
        cr_expect(rate->n_tried == 3 && !strcmp(rate->low, "0.05") && !strcmp(rate->high, "0.2"),
                  "%d from %s to %s", rate->n_tried, rate->low, rate->high);
    }
    pool_free(&pool);
}

/* ---- cells that failed ---- */

static void fail_trials(struct tune *tune, int arm, int first, int last) {
    int n = tune->tuning.n_seeds;
    for (int i = first * n; i < (last + 1) * n; i++)
        tune->arms[arm].failed[i] = true;
}

/* Cell 0: no rate learned; cell 1: only the highest did, while the middle one scores best; cell 2:
 * all learned, and the best is the highest. */
static void plant_failures(struct experiment *experiment, struct tune *tune) {
    tuning_create(tuning_small, experiment, tune);
    for (int i = 0; i < tune->n_arms; i++)
        tuning_plant(tune, i, i == 2 ? .2 : .1);
    fail_trials(tune, 0, 0, 2);
    fail_trials(tune, 1, 0, 1);
    tune_choose(tune);
}

Test(tune, doubts_name_their_cells) {
    static const char *const expected[] = {
        "the best rate of 1 of 5 cells lies at an edge of its grid: norm.kind=batch, "
        "norm.placement=before, train.batch_size=5",
        "at the best rate of 1 of 5 cells trials diverged or collapsed: norm.kind=none, "
        "train.batch_size=10 (2 of 2)",
        "norm.kind=none, train.batch_size=5: no rate from 0.05 to 0.2 learned anything; give lower "
        "ones in tune.grid"};
    struct pool pool = {0};
    struct experiment experiment;
    struct tune tune;
    plant_failures(&experiment, &tune);
    const char *const *doubts = tune_doubts(&tune, &pool);
    for (int i = 0; i < 3; i++)
        cr_assert(doubts[i] && !strcmp(doubts[i], expected[i]), "it says\n%s\nnot\n%s",
                  doubts[i] ? doubts[i] : "nothing", expected[i]);
    cr_expect(!doubts[3], "and %s", doubts[3]);
    tuning_free(&experiment, &tune);
    pool_free(&pool);
}

/* Each group shares a grid: that of 5 rows goes down for cell 0 and up for cell 2, that of 10 rows
 * up for cell 1. */
Test(tune, where_no_rate_learned_lower_ones_are_tried) {
    struct experiment experiment;
    struct tune tune;
    plant_failures(&experiment, &tune);
    cr_assert(tune_extend(&tune, 0) && tune_extend(&tune, 1), "a grid was left as it is");
    const struct rate_grid *both = &tune.grids[0], *up = &tune.grids[1];
    cr_expect(both->n == 5 && both->rates[0] == .025 && both->rates[4] == .4, "%d from %g to %g",
              both->n, both->rates[0], both->rates[both->n - 1]);
    cr_expect(up->n == 4 && up->rates[0] == .05 && up->rates[3] == .4, "%d from %g to %g", up->n,
              up->rates[0], up->rates[up->n - 1]);
    tuning_free(&experiment, &tune);
}

Test(tune, the_file_marks_a_cell_that_learned_nothing) {
    static const char *const parts[] = {
        "# No rate learned anything where norm.kind=none, train.batch_size=5:\n# all 6 runs from "
        "0.05 "
        "to 0.2 diverged or collapsed. Below stands the lowest rate.\n"
        "# validation_error by rate; *: chosen",
        "#  none       -               5                 0.2050*!(2)  0.1050(2)   0.2050(2)\n",
        "#  none       -               10                0.2050(2)    0.1050*(2)  0.2050\n"};
    struct pool pool = {0};
    struct experiment experiment;
    struct tune tune;
    struct tuned_rates rates;
    const char *text;
    plant_failures(&experiment, &tune);
    cr_assert(tuned_file_text(&tune, &pool, &text) == OK, "%s", status_message());
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(text, parts[i]), "no\n%s\nin\n%s", parts[i], text);
    cr_assert(tuned_rates_read(text, &pool, &rates) && rates.n_seeds == 2, "%d seeds",
              rates.n_seeds);
    static const int n_failed[] = {6, 4, 0, 0, 0};
    for (int i = 0; i < rates.n; i++)
        cr_expect(rates.all[i].n_failed == n_failed[i] && rates.all[i].learned_nothing == !i,
                  "cell %d: %d failed, %s", i, rates.all[i].n_failed,
                  rates.all[i].learned_nothing ? "learned nothing" : "learned");
    tuning_free(&experiment, &tune);
    pool_free(&pool);
}

/* Somebody has edited it. */
Test(tune, a_text_without_rates_has_none) {
    static const char begin[] = "# optimizer.lr of each cell, as `normlab tune x.yaml` chose it:\n"
                                "# validation_error by rate; *: chosen\n";
    static const char *const rest[] = {
        "", "#\n#  norm.kind  0.1\n", "#\n#  norm.kind  0.1\n#  none\n",
        "#\n#  norm.kind  0.1\n#  none  0.3\n", "#\n#  \n#  none  0.3*\n"};
    struct pool pool = {0};
    struct tuned_rates rates;
    cr_expect(!tuned_rates_read(tuning_small, &pool, &rates), "an experiment to be tuned");
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        cr_expect(!tuned_rates_read(pool_format(&pool, "%s%s", begin, rest[i]), &pool, &rates),
                  "%s", rest[i]);
    pool_free(&pool);
}

Test(tune, what_is_not_zipped_can_be_overridden_and_quick_is_quick) {
    static const char *const quick[] = {"protocol=quick"};
    static const char *const overrides[] = {"seed=7", "train.epochs=2"};
    static const char *const zipped[] = {"optimizer.lr=0.3"};
    struct pool pool = {0};
    struct experiment experiment;
    struct plan plan;
    const char *text = planted_file(tuning_small, &pool);
    plan_file(text, 2, overrides, &experiment, &plan);
    cr_expect(plan.n_runs == 5 && config_seed(&plan.runs[4]) == 7, "%d runs", plan.n_runs);
    cr_expect(plan.runs[0].total_steps == 80, "%ld steps", plan.runs[0].total_steps);
    plan_free(&plan);
    experiment_free(&experiment);
    plan_file(text, 1, quick, &experiment, &plan);
    cr_expect(plan.n_runs == 6 && plan.runs[0].total_steps == 5, "quick: %d runs of %ld steps",
              plan.n_runs, plan.runs[0].total_steps);
    plan_free(&plan);
    experiment_free(&experiment);
    cr_expect(experiment_parse("tuned", text, 1, zipped, &experiment) == ERROR_USAGE,
              "a tuned rate was overridden");
    pool_free(&pool);
}

/* Keys of one value stay keys that can be overridden; seeds that were zipped stay zipped; a long
 * list goes on in the next line; what is excluded by seed is still excluded. */
Test(tune, sweeps_of_other_shapes_come_through) {
    static const char text[] =
        HEAD "zip:\n  - {seeds.init: [1, 2], seeds.order: [3, 4]}\n"
             "sweep:\n"
             "  norm.kind: [batch]\n"
             "  train.batch_size: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,\n"
             "                     19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]\n"
             "  model.hidden: [[4]]\n"
             "exclude:\n  - {seeds.init: [2, 3], train.batch_size: 7, model.hidden: [4]}\n"
             "  - {train.batch_size: 29}\n"
             "tune: {" GRID ", seeds: [9], same_grid_within: []}";
    static const char *const layer[] = {"norm.kind=layer"};
    struct pool pool = {0};
    struct experiment experiment;
    struct plan plan;
    const char *tuned = planted_file(text, &pool);
    plan_file(tuned, 0, NULL, &experiment, &plan);
    cr_expect(plan.n_runs == 27 * 2 - 1 && plan.n_warnings == 0, "%d runs of\n%s", plan.n_runs,
              tuned);
    cr_expect(strstr(tuned, "seeds.order: [3, 4]"), "%s", tuned);
    for (const char *line = tuned; *line; line += strcspn(line, "\n") + 1)
        cr_expect(*line == '#' || strcspn(line, "\n") <= 120, "a long line: %.60s", line);
    plan_free(&plan);
    experiment_free(&experiment);
    plan_file(tuned, 1, layer, &experiment, &plan);
    plan_free(&plan);
    experiment_free(&experiment);
    pool_free(&pool);
}

Test(tune, a_file_that_is_not_made_of_lines_is_refused) {
    struct experiment experiment;
    struct tune tune;
    tuning_create("{schema: 1, name: x, base: {data.name: clusters, data.rows: 300, "
                  "data.train: 100, data.validation: 50}, tune: {" GRID ", seeds: [9]}}\n",
                  &experiment, &tune);
    cr_expect(tuned_file_check(&tune) == ERROR_USAGE, "it was taken");
    cr_expect_str_eq(status_message(), "small.yaml:1:2: 'schema' must stand at the beginning of a "
                                       "line, without quotes: a tuned file is made line by line");
    tuning_free(&experiment, &tune);
}

/* ---- with training ---- */

struct said {
    char *table, *messages;
    size_t table_size, messages_size;
};

/* `normlab tune small.yaml --out folder`, without more words than are given. */
static enum status tune_small(struct said *said, bool dry_run) {
    static const char *const words[] = {"normlab", "tune"};
    struct tune_options options = {.runner = {.out = tuning_folder,
                                              .jobs = 1,
                                              .threads = 1,
                                              .dry_run = dry_run,
                                              .argc = 2,
                                              .argv = words}};
    free(said->table);
    free(said->messages);
    *said = (struct said){0};
    options.table = open_memstream(&said->table, &said->table_size);
    options.runner.messages = open_memstream(&said->messages, &said->messages_size);
    if (dry_run)
        options.runner.listing = options.table;
    enum status status = tune_file(tuning_path("small.yaml"), &options);
    fclose(options.table);
    fclose(options.runner.messages);
    return status;
}

static void said_free(struct said *said) {
    free(said->table);
    free(said->messages);
}

Test(tune, a_second_time_trains_nothing_and_writes_the_same_bytes) {
    struct said said = {0};
    tuning_write("small.yaml", tuning_small);
    cr_assert(tune_small(&said, false) == OK, "%s\n%s", status_message(), said.messages);
    char *first = tuning_slurp("small.tuned.yaml"), *table = strdup(said.table);
    cr_assert(tune_small(&said, false) == OK, "%s", status_message());
    cr_assert(strstr(said.messages, "nothing to train"), "%s", said.messages);
    cr_expect(strstr(said.messages, "an optimum lies at an edge"), "one round: %s", said.messages);
    cr_expect(!strstr(said.messages, "of other versions"), "an earlier round was run again: %s",
              said.messages);
    char *second = tuning_slurp("small.tuned.yaml");
    cr_assert_str_eq(first, second, "the second file differs");
    cr_assert_str_eq(table, said.table, "the second table differs");
    free(first);
    free(second);
    free(table);
    said_free(&said);
}

/* Not after each round, whose trials may not be the last ones. */
Test(tune, what_comes_next_is_said_once_at_the_end) {
    struct said said = {0};
    struct pool pool = {0};
    tuning_write("small.yaml", tuning_small);
    for (int time = 0; time < 2; time++) {
        cr_assert(tune_small(&said, false) == OK, "%s\n%s", status_message(), said.messages);
        const char *end = pool_format(&pool,
                                      "next: normlab run %s/small.tuned.yaml\n"
                                      "next: normlab plot %s/small-tune.h5\n",
                                      tuning_folder, tuning_folder);
        cr_expect(test_count(said.messages, "an optimum lies at an edge") > 0 &&
                      test_count(said.messages, "next: ") == 2 &&
                      !strcmp(strstr(said.messages, "next: "), end),
                  "%s", said.messages);
    }
    pool_free(&pool);
    said_free(&said);
}

Test(tune, the_trials_have_no_test_figures) {
    struct said said = {0};
    struct table summary;
    tuning_write("small.yaml", tuning_small);
    cr_assert(tune_small(&said, false) == OK, "%s", status_message());
    cr_assert(store_read_summary(tuning_path("small-tune.h5"), &summary) == OK, "%s",
              status_message());
    const struct column *test = table_find(&summary, "test_error");
    const struct column *validation = table_find(&summary, "validation_error");
    cr_assert(test && validation && summary.n_rows >= 30, "%d rows", summary.n_rows);
    for (int row = 0; row < summary.n_rows; row++)
        cr_expect(isnan(test->reals[row]) && isfinite(validation->reals[row]), "run %d: %g, %g",
                  row, test->reals[row], validation->reals[row]);
    table_free(&summary);
    said_free(&said);
}

/* Rates at which everything diverges from the second on: it counts as a constant answer, the grid
 * goes on below, twice, and the file says what happened. */
Test(tune, what_diverges_counts_as_a_constant_answer) {
    struct said said = {0};
    tuning_write("small.yaml",
                 "schema: 1\nname: small\nbase:\n"
                 "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                 "         classes: 3, train: 200, validation: 50, spread: 2}\n"
                 "  model: {hidden: [5]}\n  train: {epochs: 2}\n"
                 "tune: {grid: [1e3, 1e4, 1e5], seeds: [100, 101, 102], set: {train.loss: "
                 "squared}}\n");
    cr_assert(tune_small(&said, false) == OK, "%s\n%s", status_message(), said.messages);
    cr_expect(strstr(said.messages, "an optimum lies at an edge, all try 100, 1000, 10000, 1e5") ||
                  strstr(said.messages, "all try 100, 1000, 10000, 100000"),
              "%s", said.messages);
    cr_expect(strstr(said.messages, "all try 10, 100,"), "%s", said.messages);
    cr_expect(strstr(said.messages, "small: warning: no rate from 10 to 100000 learned anything; "
                                    "give lower ones in tune.grid\n"),
              "%s", said.messages);
    cr_expect(!strstr(said.messages, "the best rate"), "%s", said.messages);
    char *text = tuning_slurp("small.tuned.yaml");
    cr_expect(strstr(text, "extended twice") && strstr(text, "*!(3)"), "%s", text);
    cr_expect(strstr(text, "# Tuned with train.loss: squared, which is not set here.\n"), "%s",
              text);
    cr_expect(strstr(text, "# No rate learned anything:\n# all 15 runs from 10 to 100000 diverged "
                           "or collapsed. Below stands the lowest rate.\n"),
              "%s", text);
    cr_expect(strstr(said.table, "\tlow\t3\t5\t3\t15\n"), "%s", said.table);
    free(text);
    said_free(&said);
}

Test(tune, a_dry_run_lists_the_next_trials_and_writes_nothing) {
    struct said said = {0};
    tuning_write("small.yaml", tuning_small);
    cr_assert(tune_small(&said, true) == OK, "%s", status_message());
    cr_expect(strstr(said.table, "small-tune: 30 runs, 0 done, 30 to do"), "%s", said.table);
    cr_expect(access(tuning_path("small-tune"), F_OK) != 0, "it made a folder");
    cr_assert(tune_small(&said, false) == OK, "%s", status_message());
    unlink(tuning_path("small.tuned.yaml"));
    cr_assert(tune_small(&said, true) == OK && !*said.table, "%s", said.table);
    cr_expect(strstr(said.messages, "all trials are done"), "%s", said.messages);
    cr_expect(access(tuning_path("small.tuned.yaml"), F_OK) != 0, "it wrote the file");
    said_free(&said);
}

/* The tuned file is never the file that is tuned, and quick is for the tuned file. */
Test(tune, what_would_destroy_or_mislead_is_refused) {
    static const char *const quick[] = {"protocol=quick"}, *const rate[] = {"optimizer.lr=0.1"};
    struct tune_options options = {.runner = {.out = tuning_folder}};
    tuning_write("small.yaml", tuning_small);
    options.to = tuning_path("small.yaml");
    cr_expect(tune_file(tuning_path("small.yaml"), &options) == ERROR_USAGE, "it was overwritten");
    cr_expect(strstr(status_message(), "is the file that is tuned"), "%s", status_message());
    options = (struct tune_options){
        .runner = {.out = tuning_folder, .n_overrides = 1, .overrides = quick}};
    cr_expect(tune_file(tuning_path("small.yaml"), &options) == ERROR_USAGE, "quick was tuned");
    options.runner.overrides = rate;
    cr_expect(tune_file(tuning_path("small.yaml"), &options) == ERROR_USAGE, "a rate was given");
    cr_expect_str_eq(status_message(),
                     "command line: 'optimizer.lr=0.1': the section tune chooses it");
    cr_expect(access(tuning_path("small-tune"), F_OK) != 0, "something was trained");
}

static enum status tune_to(const char *to) {
    struct tune_options options = {.to = to,
                                   .runner = {.out = tuning_folder, .jobs = 1, .threads = 1}};
    return tune_file(tuning_path("small.yaml"), &options);
}

/* Said before anything is trained; what tune itself has written may be written anew. */
Test(tune, only_its_own_files_are_replaced) {
    tuning_write("small.yaml", tuning_small);
    tuning_write("mine.yaml", "schema: 1\nname: mine\n");
    cr_expect(tune_to(tuning_path("mine.yaml")) == ERROR_USAGE, "a file of the user's is gone");
    cr_expect(strstr(status_message(), "mine.yaml' was not made by normlab tune"), "%s",
              status_message());
    cr_expect(tune_to(tuning_folder) == ERROR_USAGE, "a folder");
    cr_expect(strstr(status_message(), "exists and is no file"), "%s", status_message());
    cr_expect(access(tuning_path("small-tune"), F_OK) != 0, "something was trained");
    tuning_write("empty.yaml", "");
    cr_expect(tune_to(tuning_path("empty.yaml")) == OK, "an empty file: %s", status_message());
    cr_expect(tune_to(tuning_path("empty.yaml")) == OK, "its own file: %s", status_message());
}

/* What the command line sets is in the tuned file, where it can be overridden again. */
Test(tune, overrides_stay_in_the_tuned_file) {
    static const char *const words[] = {"train.steps=4", "norm.kind=batch", "seed=5,6"};
    struct tune_options options = {
        .runner = {
            .out = tuning_folder, .jobs = 1, .threads = 1, .n_overrides = 3, .overrides = words}};
    struct experiment experiment;
    struct plan plan;
    tuning_write("small.yaml", tuning_small);
    cr_assert(tune_file(tuning_path("small.yaml"), &options) == OK, "%s", status_message());
    char *text = tuning_slurp("small.tuned.yaml");
    cr_expect(strstr(text, "as `normlab tune small.yaml train.steps=4 norm.kind=batch seed=5,6` "
                           "chose it:\n"),
              "%s", text);
    plan_file(text, 0, NULL, &experiment, &plan);
    /* its base still has the epochs that train.steps replaced */
    cr_expect(plan.n_runs == 6 && plan.runs[0].total_steps == 4 && plan.n_warnings == 1 &&
                  strstr(plan.warnings[0], "train.epochs has no effect"),
              "%d runs of %ld steps, %d warnings\n%s", plan.n_runs, plan.runs[0].total_steps,
              plan.n_warnings, text);
    cr_expect(config_seed(&plan.runs[1]) == 6, "seed %d", config_seed(&plan.runs[1]));
    plan_free(&plan);
    experiment_free(&experiment);
    free(text);
}

/* ---- the source ---- */

/* What is said of a file in the test's folder. */
static const char *said_of(const char *name, struct pool *pool) {
    struct experiment experiment;
    struct tuned_told told = {.pool = pool};
    char *said = NULL;
    size_t size = 0;
    cr_assert(experiment_read(tuning_path(name), 0, NULL, &experiment) == OK, "%s",
              status_message());
    FILE *out = open_memstream(&said, &size);
    tuned_source_warn(out, &experiment, &told);
    tuned_source_warn(out, &experiment, &told);
    fclose(out);
    experiment_free(&experiment);
    const char *text = pool_text(pool, said);
    free(said);
    return text;
}

/* small.tuned.yaml from the text of small.yaml, with its source at `path`. */
static void write_tuned(const char *name, const char *path, struct pool *pool) {
    struct experiment experiment;
    struct tune tune;
    const char *text;
    tuning_create(tuning_small, &experiment, &tune);
    tune.source = path;
    tune_choose(&tune);
    cr_assert(tuned_file_text(&tune, pool, &text) == OK, "%s", status_message());
    tuning_write(name, text);
    tuning_free(&experiment, &tune);
}

/* At its path or beside the file, in any state but that of the line. */
Test(tune, a_source_that_was_edited_is_noticed) {
    struct pool pool = {0};
    cr_assert(mkdir(tuning_path("sub"), 0700) == 0, "no folder");
    write_tuned("sub/moved.yaml", "../elsewhere.yaml", &pool);
    write_tuned("beside.yaml", "gone/small.yaml", &pool);
    cr_expect_str_empty(said_of("beside.yaml", &pool), "its source is not there");
    tuning_write("small.yaml", tuning_small);
    tuning_write("elsewhere.yaml", tuning_small);
    cr_expect_str_empty(said_of("beside.yaml", &pool), "its source is the same");
    cr_expect_str_empty(said_of("sub/moved.yaml", &pool), "its source is the same");
    tuning_write("small.yaml", "# edited\n");
    tuning_write("elsewhere.yaml", "");
    const char *beside = tuning_path("beside.yaml"), *moved = tuning_path("sub/moved.yaml");
    cr_expect_str_eq(said_of("beside.yaml", &pool),
                     pool_format(&pool,
                                 "normlab: warning: %s was made from another version of "
                                 "%s/small.yaml: `normlab tune %s/small.yaml --to %s` makes it "
                                 "anew\n",
                                 beside, tuning_folder, tuning_folder, beside));
    cr_expect(strstr(said_of("sub/moved.yaml", &pool),
                     pool_format(&pool, "%s was made from another version of %s/elsewhere.yaml: ",
                                 moved, tuning_folder)),
              "%s", said_of("sub/moved.yaml", &pool));
    pool_free(&pool);
}

/* As all that were made before there was such a line. */
Test(tune, a_tuned_file_without_a_hash_is_not_warned_of) {
    struct pool pool = {0};
    static const char *const edits[] = {"/^# Made from/d", "s/XXH3-128 is .*/XXH3-128 is 12./",
                                        "s/, whose XXH3/ whose XXH3/"};
    tuning_write("small.yaml", "# edited\n");
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        write_tuned("small.tuned.yaml", "small.yaml", &pool);
        cr_assert(*said_of("small.tuned.yaml", &pool), "nothing is said of the file as it was");
        const char *edit =
            pool_format(&pool, "sed -i '%s' %s", edits[i], tuning_path("small.tuned.yaml"));
        cr_assert(system(edit) == 0, "%s", edit);
        cr_expect_str_empty(said_of("small.tuned.yaml", &pool), "%s", edits[i]);
    }
    pool_free(&pool);
}

Test(tune, a_source_is_named_as_seen_from_the_tuned_file) {
    static const char *const rows[][3] = {{"x.tuned.yaml", "x.yaml", "x.yaml"},
                                          {"a/b/x.tuned.yaml", "x.yaml", "../../x.yaml"},
                                          {"x.tuned.yaml", "a/x.yaml", "a/x.yaml"},
                                          {"a/b/x.tuned.yaml", "a/bc/x.yaml", "../bc/x.yaml"},
                                          {"a/none/x.tuned.yaml", "x.yaml", "x.yaml"}};
    struct pool pool = {0};
    const char *make = pool_format(&pool, "mkdir -p %s/a/b %s/a/bc", tuning_folder, tuning_folder);
    cr_assert(system(make) == 0, "%s", make);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(tuned_source_path(tuning_path(rows[i][0]), tuning_path(rows[i][1]), &pool),
                         rows[i][2], "row %zu", i);
    cr_expect_str_eq(tuned_source_path(tuning_path("x.tuned.yaml"), "/usr/x.yaml", &pool), "x.yaml",
                     "a path through the root");
    pool_free(&pool);
}

/* ---- stopped ---- */

static const char slow[] = "schema: 1\nname: small\nbase:\n"
                           "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                           "         classes: 3, train: 200, validation: 50, spread: 2}\n"
                           "  model: {hidden: [20]}\n  train: {epochs: 100}\n"
                           "tune: {grid: [0.01, 0.02, 0.04], seeds: \"range(100, 104)\"}\n";

/* Trials that the journals say have ended. */
static int n_ended(void) {
    struct journal_lines lines = {0};
    int n = 0;
    cr_assert(journal_read(tuning_path("small-tune"), NULL, &lines) == OK, "%s", status_message());
    for (int i = 0; i < lines.n_events; i++)
        n += lines.events[i].word == JOURNAL_COMPLETE;
    journal_lines_free(&lines);
    return n;
}

/* Waits until one more trial has ended, then sends the signal. */
static int stopped_by(int number) {
    int before = n_ended();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct said said = {0};
        setpgid(0, 0);
        _exit((int)tune_small(&said, false));
    }
    setpgid(pid, pid);
    for (int tries = 0; tries < 6000; tries++) {
        if (n_ended() > before)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    kill(pid, number);
    int status;
    cr_assert(waitpid(pid, &status, 0) == pid, "the child is not there");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Test(tune, stopped_and_killed_it_goes_on_to_the_same_file) {
    struct said said = {0};
    tuning_write("small.yaml", slow);
    cr_assert(stopped_by(SIGTERM) == STOPPED_TERM, "not stopped by SIGTERM");
    cr_assert(access(tuning_path("small.tuned.yaml"), F_OK) != 0, "it was done too soon");
    cr_assert(stopped_by(SIGKILL) == 128 + SIGKILL, "not killed");
    cr_assert(tune_small(&said, false) == OK, "%s", status_message());
    char *disturbed = tuning_slurp("small.tuned.yaml");
    tuning_end();
    tuning_begin();
    tuning_write("small.yaml", slow);
    cr_assert(tune_small(&said, false) == OK, "%s", status_message());
    char *quiet = tuning_slurp("small.tuned.yaml");
    cr_assert_str_eq(disturbed, quiet, "the files differ");
    free(disturbed);
    free(quiet);
    said_free(&said);
}
