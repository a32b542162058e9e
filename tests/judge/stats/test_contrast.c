/* Tables made by hand: what is paired with what, and what is refused. */
#include "judge/stats/contrast_strata.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct table table;

enum { SEEDS = 3, BATCHES = 2, ROWS = 12 };

/* none and batch, batch sizes 4 and 64, seeds 0 to 2; the seeds of batch in reverse. Errors: none
 * .10 .11 .12, batch .30 .31 .32 at 4 and .05 .06 .07 at 64. */
static void fill(void) {
    table_create(&table, ROWS);
    const char **runs = table_add(&table, "run", TYPE_TEXT, "", "")->texts;
    const char **kinds = table_add(&table, "norm.kind", TYPE_TEXT, "", "")->texts;
    const char **placements = table_add(&table, "norm.placement", TYPE_TEXT, "", "")->texts;
    long *batch = table_add(&table, "train.batch_size", TYPE_INT, "", "")->integers;
    double *lr = table_add(&table, "optimizer.lr", TYPE_REAL, "", "")->reals;
    long *seed = table_add(&table, "seed", TYPE_INT, "", "")->integers;
    const char **status = table_add(&table, "status", TYPE_TEXT, "", "")->texts;
    table_add(&table, "collapsed", TYPE_BOOL, "", "");
    double *error = table_add(&table, "test_error", TYPE_REAL, "1", "")->reals;
    for (int row = 0; row < ROWS; row++) {
        int arm = row / 6, large = row / 3 % 2, s = row % 3;
        runs[row] = "r000000000000";
        kinds[row] = pool_text(&table.pool, arm ? "batch" : "none");
        placements[row] = arm ? "before" : "";
        batch[row] = large ? 64 : 4;
        lr[row] = 0.1;
        seed[row] = arm ? 2 - s : s;
        status[row] = "complete";
        error[row] = 0.01 * (double)seed[row] + (!arm ? 0.1 : large ? 0.05 : 0.3);
    }
}

static void empty(void) {
    table_free(&table);
}

TestSuite(judge_contrast, .init = fill, .fini = empty);

static const char *const batch[] = {"norm.kind=batch"}, *const none[] = {"norm.kind=none"};
static const char *const by_size[] = {"train.batch_size"};
static const struct contrast_request usual = {.first = {.n = 1, .conditions = batch},
                                              .second = {.n = 1, .conditions = none},
                                              .n_by = 1,
                                              .by = by_size,
                                              .metric = "test_error"};

static struct contrast build(const struct contrast_request *request) {
    struct contrast contrast = {0};
    cr_assert(contrast_build(&table, request, &contrast) == OK, "%s", status_message());
    return contrast;
}

static void assert_refused(const struct contrast_request *request, enum status expected,
                           const char *words) {
    struct contrast contrast = {0};
    enum status status = contrast_build(&table, request, &contrast);
    cr_assert(status == expected, "status %d, expected %d: %s", status, expected, words);
    cr_assert(strstr(status_message(), words), "'%s' lacks '%s'", status_message(), words);
    cr_assert(contrast.n_strata == 0, "a refused contrast was touched");
}

Test(judge_contrast, pairs_by_seed_within_strata) {
    struct contrast contrast = build(&usual);
    cr_assert(contrast.n_strata == 2 && contrast.n_seeds == 3, "%d x %d", contrast.n_strata,
              contrast.n_seeds);
    cr_assert(!strcmp(contrast.strata[0], "train.batch_size=4"), "%s", contrast.strata[0]);
    cr_assert(!strcmp(contrast.by_values[1], "64"), "%s", contrast.by_values[1]);
    for (int i = 0; i < SEEDS; i++) {
        cr_assert(contrast.seeds[i][0] == '0' + i, "seed %s", contrast.seeds[i]);
        cr_assert(fabs(contrast.first[i] - (0.3 + 0.01 * i)) <= 1e-15, "%g", contrast.first[i]);
        cr_assert(fabs(contrast.second[SEEDS + i] - (0.1 + 0.01 * i)) <= 1e-15, "%g",
                  contrast.second[SEEDS + i]);
        cr_assert(fabs(contrast.d[i] + 0.2) <= 1e-15, "worse by .2: %g", contrast.d[i]);
        cr_assert(fabs(contrast.d[SEEDS + i] - 0.05) <= 1e-15, "better by .05: %g",
                  contrast.d[SEEDS + i]);
    }
    cr_assert(contrast.n_also == 0 && contrast.n_dropped == 0, "nothing else to say");
    contrast_free(&contrast);
}

Test(judge_contrast, outlives_its_table) {
    struct contrast_request request = usual;
    request.by = (const char *const[]){"norm.kind"};
    request.first =
        (struct arm){.n = 1, .conditions = (const char *const[]){"train.batch_size=64"}};
    request.second =
        (struct arm){.n = 1, .conditions = (const char *const[]){"train.batch_size=4"}};
    struct contrast contrast = build(&request);
    table_free(&table);
    cr_assert(!strcmp(contrast.by_values[0], "none"), "%s", contrast.by_values[0]);
    cr_assert(!strcmp(contrast.strata[1], "norm.kind=batch"), "%s", contrast.strata[1]);
    cr_assert(!strcmp(contrast.seeds[2], "2"), "%s", contrast.seeds[2]);
    contrast_free(&contrast);
}

Test(judge_contrast, sign_and_transform) {
    struct contrast_request request = usual;
    request.higher_is_better = true;
    struct contrast contrast = build(&request);
    cr_assert(fabs(contrast.d[0] - 0.2) <= 1e-15, "higher is better: %g", contrast.d[0]);
    contrast_free(&contrast);
    request = usual;
    request.transform = CONTRAST_LOG2;
    contrast = build(&request);
    cr_assert(fabs(contrast.d[SEEDS] - 1) <= 1e-14, "half the error: %g", contrast.d[SEEDS]);
    contrast_free(&contrast);
    request.transform = CONTRAST_RATIO;
    contrast = build(&request);
    cr_assert(fabs(contrast.d[SEEDS] - log(2)) <= 1e-14, "half: %g", contrast.d[SEEDS]);
    contrast_free(&contrast);
    table_find(&table, "test_error")->reals[2] = 0;
    assert_refused(&request, ERROR_RESULTS, "test_error of norm.kind=none, seed 2 is 0");
}

/* One set of runs without normalization serves both placements. */
Test(judge_contrast, a_key_that_does_not_apply_is_in_every_stratum) {
    static const char *const by_placement[] = {"norm.placement"};
    static const char *const small[] = {"norm.kind=none", "train.batch_size=4"};
    table_find(&table, "norm.placement")->texts[6] = "after";
    table_find(&table, "norm.placement")->texts[7] = "after";
    table_find(&table, "norm.placement")->texts[8] = "after";
    struct contrast_request request = usual;
    request.by = by_placement;
    request.second = (struct arm){.n = 2, .conditions = small};
    struct contrast contrast = build(&request);
    cr_assert(contrast.n_strata == 2, "%d strata", contrast.n_strata);
    cr_assert(!strcmp(contrast.strata[0], "norm.placement=after"), "%s", contrast.strata[0]);
    cr_assert(contrast.second[0] == contrast.second[SEEDS], "the same runs serve both");
    cr_assert(contrast.n_also == 1 && !strcmp(contrast.also[0], "train.batch_size"),
              "the second stratum compares 64 with 4, and says so");
    contrast_free(&contrast);
}

Test(judge_contrast, what_varies_must_be_named) {
    struct contrast_request request = usual;
    request.n_by = 0;
    assert_refused(&request, ERROR_USAGE,
                   "train.batch_size varies within norm.kind=none (4 and 64)");
}

/* Tuned rates: one run an arm, stratum and seed, so it is a pair, but not of equals. */
Test(judge_contrast, what_else_differs_between_the_arms_is_told) {
    for (int row = 6; row < ROWS; row++)
        table_find(&table, "optimizer.lr")->reals[row] = 0.4;
    struct contrast contrast = build(&usual);
    cr_assert(contrast.n_also == 1 && !strcmp(contrast.also[0], "optimizer.lr"), "%d keys",
              contrast.n_also);
    contrast_free(&contrast);
}

Test(judge_contrast, missing_runs_are_named_or_their_seeds_dropped) {
    struct contrast_request request = usual;
    table_find(&table, "status")->texts[4] = "missing";
    assert_refused(&request, ERROR_RESULTS,
                   "1 run is missing: norm.kind=none, train.batch_size=64, seed 1");
    request.drop_missing = true;
    struct contrast contrast = build(&request);
    cr_assert(contrast.n_seeds == 2 && contrast.n_dropped == 1, "%d seeds", contrast.n_seeds);
    cr_assert(!strcmp(contrast.seeds[1], "2"), "%s", contrast.seeds[1]);
    const double first[] = {0.3, 0.32, 0.05, 0.07};
    for (int i = 0; i < 4; i++)
        cr_assert(fabs(contrast.first[i] - first[i]) <= 1e-15, "place %d: %g", i,
                  contrast.first[i]);
    contrast_free(&contrast);
    for (int row = 0; row < 6; row++)
        table_find(&table, "status")->texts[row] = "failed";
    assert_refused(&request, ERROR_RESULTS,
                   "6 runs are missing: norm.kind=none, train.batch_size=4, seed 0 (failed)");
}

Test(judge_contrast, strata_that_one_arm_lacks_are_left_out) {
    struct contrast_request request = usual;
    request.drop_missing = true;
    for (int row = 0; row < 3; row++) /* none, at 4 */
        table_find(&table, "status")->texts[row] = "missing";
    struct contrast contrast = build(&request);
    cr_assert(contrast.n_strata == 1 && contrast.n_seeds == 3, "%d strata, %d seeds",
              contrast.n_strata, contrast.n_seeds);
    cr_expect_str_eq(contrast.strata[0], "train.batch_size=64");
    cr_expect_str_eq(contrast.by_values[0], "64");
    cr_expect(contrast.n_dropped == 1, "%d", contrast.n_dropped);
    cr_expect_str_eq(contrast.dropped[0], "train.batch_size=4: no run of norm.kind=none");
    cr_expect(fabs(contrast.d[0] - 0.05) <= 1e-15, "%g", contrast.d[0]);
    contrast_free(&contrast);
}

Test(judge_contrast, what_is_no_number_is_left_out_like_a_missing_run) {
    struct contrast_request request = usual;
    table_find(&table, "test_error")->reals[4] = NAN;
    struct contrast contrast = build(&request);
    cr_expect(contrast.n_seeds == 3 && isnan(contrast.d[SEEDS + 1]), "the judge sees it");
    contrast_free(&contrast);
    request.drop_missing = true;
    contrast = build(&request);
    cr_expect(contrast.n_seeds == 2, "%d seeds", contrast.n_seeds);
    cr_expect_str_eq(contrast.dropped[0],
                     "norm.kind=none, train.batch_size=64, seed 1 (test_error is nan)");
    contrast_free(&contrast);
}

/* Rates that were tuned for each arm and batch size are no strata; the batch sizes are. */
Test(judge_contrast, open_keys_are_those_that_tell_runs_of_an_arm_apart) {
    struct contrast_request request = usual;
    struct pool pool = {0};
    const char **keys;
    int n;
    request.n_by = 0;
    for (int row = 0; row < ROWS; row++)
        table_find(&table, "optimizer.lr")->reals[row] = 0.1 * (row / 3 + 1);
    cr_assert(contrast_open_keys(&table, &request, &pool, &n, &keys) == OK, "%s", status_message());
    cr_expect(n == 1, "%d keys", n);
    cr_expect_str_eq(keys[0], "train.batch_size");
    cr_assert(contrast_open_keys(&table, &usual, &pool, &n, &keys) == OK, "%s", status_message());
    cr_expect(n == 0, "%d keys", n);
    pool_free(&pool);
}

Test(judge_contrast, a_seed_that_one_arm_lacks_is_missing) {
    table_find(&table, "seed")->integers[0] = 9;
    assert_refused(&usual, ERROR_RESULTS, "norm.kind=none, train.batch_size=4, seed 0");
    cr_assert(strstr(status_message(), "norm.kind=batch, train.batch_size=4, seed 9"), "%s",
              status_message());
}

Test(judge_contrast, strata_that_tell_the_arms_apart_are_refused) {
    static const char *const by_kind[] = {"norm.kind"};
    struct contrast_request request = usual;
    request.by = by_kind;
    for (int row = 0; row < ROWS; row++)
        table_find(&table, "seed")->integers[row] = row % 6;
    assert_refused(&request, ERROR_USAGE,
                   "norm.kind tells the arms apart: it cannot be a key of the strata");
}

Test(judge_contrast, failures_are_those_that_diverged_or_collapsed) {
    table_find(&table, "status")->texts[0] = "diverged";
    table_find(&table, "collapsed")->integers[6] = 1;
    struct contrast contrast = build(&usual);
    for (int i = 0; i < 6; i++) {
        cr_assert(contrast.failed_second[i] == (i == 0), "second, %d", i);
        cr_assert(contrast.failed_first[i] == (i == 2), "first, %d", i);
    }
    contrast_free(&contrast);
}

Test(judge_contrast, several_seed_keys_make_one_label) {
    long *order = table_add(&table, "seeds.order", TYPE_INT, "", "")->integers;
    for (int row = 0; row < ROWS; row++)
        order[row] = 5 + table_find(&table, "seed")->integers[row];
    struct contrast contrast = build(&usual);
    cr_assert(!strcmp(contrast.seeds[1], "1, seeds.order=6"), "%s", contrast.seeds[1]);
    contrast_free(&contrast);
}

Test(judge_contrast, wrong_words) {
    static const char *const all[] = {"norm.kind!=layer"}, *const group[] = {"norm.kind=group"},
                             *const wrong[] = {"train.batchsize"};
    struct contrast_request request = usual;
    request.first = (struct arm){.n = 1, .conditions = all};
    assert_refused(&request, ERROR_USAGE, "the arms overlap");
    request.first = (struct arm){.n = 1, .conditions = group};
    assert_refused(&request, ERROR_USAGE, "no run has norm.kind=group; norm.kind is ");
    request = usual;
    request.metric = "test_eror";
    assert_refused(&request, ERROR_USAGE, "did you mean 'test_error'");
    request.metric = "status";
    assert_refused(&request, ERROR_USAGE, "'status' is text");
    request = usual;
    request.by = wrong;
    assert_refused(&request, ERROR_USAGE, "did you mean 'train.batch_size'");
    table_find(&table, "seed")->integers[7] = 2;
    assert_refused(&usual, ERROR_USAGE, "norm.kind=batch with seed 2 is there twice");
    enum contrast_transform transform;
    cr_assert(contrast_transform_find("ratio", &transform) == OK && transform == CONTRAST_RATIO,
              "ratio");
    cr_assert(contrast_transform_find("log3", &transform) == ERROR_USAGE, "log3");
}
