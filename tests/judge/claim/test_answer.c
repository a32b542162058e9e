/* Answers to questions about planted results: verdicts, strata, each arm at its best, spread. */
#include "judge/claim/answer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/words.h"
#include "lab/table/row_filter.h"
#include "tests/judge/claim/claim_text.h"

TestSuite(answer);

enum { SEEDS = 10, SIZES = 2 };

/* A summary of batch and none at two batch sizes: batch's error is worse by `effect` [SIZES]. */
static void plant(const double *effect, struct table *summary) {
    struct random_key key = {7, RANDOM_TEST, 0};
    table_create(summary, 2 * SIZES * SEEDS);
    const char **runs = table_add(summary, "run", TYPE_TEXT, "", "")->texts;
    const char **kinds = table_add(summary, "norm.kind", TYPE_TEXT, "", "")->texts;
    long *sizes = table_add(summary, "train.batch_size", TYPE_INT, "", "")->integers;
    double *rates = table_add(summary, "optimizer.lr", TYPE_REAL, "", "")->reals;
    long *seeds = table_add(summary, "seed", TYPE_INT, "", "")->integers;
    const char **states = table_add(summary, "status", TYPE_TEXT, "", "")->texts;
    long *collapsed = table_add(summary, "collapsed", TYPE_BOOL, "", "")->integers;
    double *errors = table_add(summary, "test_error_scored", TYPE_REAL, "", "")->reals;
    for (int row = 0; row < summary->n_rows; row++) {
        int seed = row % SEEDS, size = row / SEEDS % SIZES, kind = row / SEEDS / SIZES;
        runs[row] = pool_format(&summary->pool, "r%d", row);
        kinds[row] = kind ? "batch" : "none";
        sizes[row] = size ? 4 : 2;
        rates[row] = 0.1;
        seeds[row] = seed;
        states[row] = "complete";
        collapsed[row] = 0;
        errors[row] = 0.1 + 0.004 * random_normal(key, (uint64_t)row) + kind * effect[size];
    }
}

static char meaning[512]; /* of the last verdict_on */

static enum verdict verdict_on(const double *effect, const char *more, const char *less,
                               const char *kind) {
    struct pool pool = {0};
    struct table summary;
    plant(effect, &summary);
    struct claim claim = claim_text_good(pool_format(
        &pool,
        HEAD "judge:\n  - {name: worse, asks: is it, kind: %s, more: {norm.kind: %s}, "
             "less: {norm.kind: %s}, strata: {train.batch_size: [2, 4]}, delta: 0.01, " OUTCOMES
             "}\n" SEEDS_10,
        kind, more, less));
    struct answer answer = {.question = claim.questions};
    cr_assert(answer_make(&claim, "", &summary, &answer, &pool) == OK, "%s", status_message());
    cr_assert(!answer.open, "%s", answer.open);
    cr_expect(answer.contrast.n_also == 0, "the arms also differ in %s", answer.contrast.also[0]);
    enum verdict verdict = answer.decision.verdict;
    static const char *const meanings[] = {
        [VERDICT_SUPPORTED] = "yes",
        [VERDICT_REFUTED] = "no",
        [VERDICT_DEPENDS] = "both",
        [VERDICT_INCONCLUSIVE] = "10 seeds do not settle it: the difference lies between ",
        [VERDICT_SMALL] = "True in sign, and smaller than what was declared to matter",
        [VERDICT_SIGN_ONLY] = "True in sign: the difference is above 0; whether it is above 0.01"};
    cr_expect(!strncmp(answer.meaning, meanings[verdict], strlen(meanings[verdict])), "%s",
              answer.meaning);
    snprintf(meaning, sizeof meaning, "%s", answer.meaning);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
    return verdict;
}

Test(answer, planted_effects_are_found) {
    static const double large[] = {0.03, 0.03}, none[] = {0, 0}, edge[] = {0.01, 0.01},
                        little[] = {0.006, 0.006}, crossed[] = {0.03, -0.03};
    cr_expect(verdict_on(large, "batch", "none", "direction") == VERDICT_SUPPORTED, "planted");
    cr_expect(verdict_on(large, "none", "batch", "direction") == VERDICT_REFUTED, "arms swapped");
    cr_expect(verdict_on(none, "batch", "none", "direction") == VERDICT_REFUTED, "nothing there");
    cr_expect(verdict_on(none, "batch", "none", "equality") == VERDICT_SUPPORTED, "equal");
    cr_expect(verdict_on(large, "batch", "none", "equality") == VERDICT_REFUTED, "not equal");
    cr_expect(verdict_on(edge, "batch", "none", "direction") == VERDICT_SIGN_ONLY, "at delta");
    cr_expect(verdict_on(little, "batch", "none", "direction") == VERDICT_SMALL,
              "there, and small");
    cr_expect(verdict_on(crossed, "batch", "none", "direction") == VERDICT_DEPENDS, "crossed");
}

/* A stratum bears the sentence out where its own answer implies it: within and below are both not
 * above. */
Test(answer, an_average_says_in_how_many_strata_it_is_settled) {
    static const struct {
        double effect[SIZES];
        const char *kind;
        enum verdict verdict;
        const char *said;
    } cases[] = {
        {{0.03, 0.03}, "direction", VERDICT_SUPPORTED, "yes"},
        {{0.04, 0.01},
         "direction",
         VERDICT_SUPPORTED,
         "(On average over 2 conditions; settled by itself in 1.)"},
        {{0, -0.03}, "direction", VERDICT_REFUTED, "no"},
        {{0.01, -0.05},
         "direction",
         VERDICT_REFUTED,
         "(On average over 2 conditions; settled by itself in 1.)"},
        {{0.04, 0.01},
         "equality",
         VERDICT_REFUTED,
         "(On average over 2 conditions; settled by itself in 1.)"},
        {{0.01, 0.01}, "direction", VERDICT_SIGN_ONLY, "(On average over 2 conditions.)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum verdict verdict = verdict_on(cases[i].effect, "batch", "none", cases[i].kind);
        cr_expect(verdict == cases[i].verdict, "case %zu: %s", i, verdict_name(verdict));
        cr_expect(text_ends_in(meaning, cases[i].said), "case %zu: %s", i, meaning);
    }
}

Test(answer, missing_runs_leave_it_open) {
    static const double effect[] = {0.03, 0.03};
    struct table summary, most;
    struct pool pool = {0};
    plant(effect, &summary);
    const char *condition = "run!=r3";
    cr_assert(table_where(&summary, 1, &condition, &most) == OK, "%s", status_message());
    struct claim claim = claim_text_good(HEAD "judge:\n" QUESTION
                                              ", strata: {train.batch_size: [2, 4]}}\n" SEEDS_10);
    struct answer answer = {.question = claim.questions};
    cr_assert(answer_make(&claim, "", &most, &answer, &pool) == OK, "%s", status_message());
    cr_assert(answer.open && strstr(answer.open, "seed"), "%s", answer.open);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    table_free(&most);
    pool_free(&pool);
}

/* ---- strata and choices ---- */

/* The answer of a question to a planted summary of which `condition` is kept. */
static struct answer answer_on(struct claim *claim, struct table *summary, const char *condition,
                               struct pool *pool) {
    struct table kept;
    struct answer answer = {.question = claim->questions};
    cr_assert(table_where(summary, 1, &condition, &kept) == OK, "%s", status_message());
    cr_assert(answer_make(claim, "", &kept, &answer, pool) == OK, "%s", status_message());
    table_free(&kept);
    return answer;
}

Test(answer, cut_protocols_may_lack_strata_and_the_full_one_not) {
    static const double effect[] = {0.03, 0.03};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    struct claim claim = claim_text_good(HEAD "judge:\n" QUESTION
                                              ", strata: {train.batch_size: [2, 4]}}\n" SEEDS_10);
    struct answer answer = answer_on(&claim, &summary, "train.batch_size=4", &pool);
    cr_expect(answer.open && !strcmp(answer.open, "1 of 2 strata have runs"), "%s", answer.open);
    answer_free(&answer);
    claim.protocol = "quick";
    answer = answer_on(&claim, &summary, "train.batch_size=4", &pool);
    cr_expect(!answer.open && answer.decision.n_strata == 1, "%s", answer.open);
    cr_expect(answer.decision.verdict == VERDICT_SUPPORTED, "%s", answer.text);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* `none` has no placement: it stands in both strata. */
Test(answer, runs_to_which_a_stratum_does_not_apply_are_in_all) {
    static const double effect[] = {0.03, 0.03};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    const char **kinds = table_find(&summary, "norm.kind")->texts;
    long *sizes = table_find(&summary, "train.batch_size")->integers;
    const char **placements = table_add(&summary, "norm.placement", TYPE_TEXT, "", "")->texts;
    for (int row = 0; row < summary.n_rows; row++) {
        bool none = !strcmp(kinds[row], "none");
        placements[row] = none ? "" : sizes[row] == 2 ? "before" : "after";
        sizes[row] = none && sizes[row] == 4 ? 8 : 2; /* none at 8 is no part of the question */
    }
    struct claim claim = claim_text_good(
        HEAD "judge:\n" QUESTION ", strata: {norm.placement: [before, after]}}\n" SEEDS_10);
    struct answer answer = answer_on(&claim, &summary, "train.batch_size=2", &pool);
    cr_expect(!answer.open && answer.decision.n_strata == 2, "%s", answer.open);
    cr_expect(answer.decision.verdict == VERDICT_SUPPORTED, "%s", answer.text);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* Two rates for each run of `plant` at batch size 2; batch is worse at one and as good at the
 * other. */
static struct table plant_rates(void) {
    static const double effect[] = {0.03, 0};
    struct table summary;
    plant(effect, &summary);
    long *sizes = table_find(&summary, "train.batch_size")->integers;
    double *rates = table_find(&summary, "optimizer.lr")->reals;
    for (int row = 0; row < summary.n_rows; row++) {
        rates[row] = sizes[row] == 2 ? 0.1 : 0.4;
        sizes[row] = 2;
    }
    return summary;
}

#define BEST(take)                                                                                 \
    HEAD "judge:\n" QUESTION                                                                       \
         ", figure: {column: test_error_scored, over: {key: optimizer.lr, take: " take             \
         "}}}\n" SEEDS_10

Test(answer, each_arm_at_its_best) {
    struct table summary = plant_rates();
    struct pool pool = {0};
    struct claim claim = claim_text_good(BEST("min"));
    struct answer answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(!answer.open && answer.decision.n_seeds == SEEDS, "%s", answer.open);
    cr_expect(fabs(answer.decision.overall.estimate) < 0.01, "%g: batch has a good rate",
              answer.decision.overall.estimate);
    answer_free(&answer);
    claim_free(&claim);
    claim = claim_text_good(BEST("max"));
    answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(answer.decision.overall.estimate > 0.02, "%g: and a bad one",
              answer.decision.overall.estimate);
    answer_free(&answer);
    claim_free(&claim);
    claim = claim_text_good(BEST("largest_below, at: 0.12")); /* batch only at .4, none at both */
    answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(answer.decision.overall.estimate == 0, "%g", answer.decision.overall.estimate);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* Seed i of `none` has the error i, at batch size 2; of batch 3 i. The medians over ten seeds
 * are 4.5 and 13.5: distances |i - 4.5| and 3 |i - 4.5|. */
Test(answer, spread_is_the_distance_from_the_median_of_the_arm) {
    static const double effect[] = {0, 0},
                        far[SEEDS] = {4.5, 3.5, 2.5, 1.5, 0.5, 0.5, 1.5, 2.5, 3.5, 4.5};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    const char *const *kinds = table_find(&summary, "norm.kind")->texts;
    double *errors = table_find(&summary, "test_error_scored")->reals;
    for (int row = 0; row < summary.n_rows; row++)
        errors[row] = (strcmp(kinds[row], "batch") ? 1 : 3) * (row % SEEDS);
    struct claim claim = claim_text_good(
        HEAD "judge:\n" QUESTION ", figure: {column: test_error_scored, spread: true}}\n" SEEDS_10);
    struct answer answer = answer_on(&claim, &summary, "train.batch_size=2", &pool);
    cr_assert(!answer.open && answer.contrast.n_seeds == SEEDS, "%s", answer.open);
    for (int i = 0; i < SEEDS; i++) {
        cr_expect(answer.contrast.first[i] == 3 * far[i] && answer.contrast.second[i] == far[i],
                  "seed %d: %g, %g", i, answer.contrast.first[i], answer.contrast.second[i]);
        cr_expect(answer.contrast.d[i] == 2 * far[i], "seed %d: %g", i, answer.contrast.d[i]);
    }
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* A run that diverged without a declared number has none: nor has its distance. */
Test(answer, spread_of_a_run_without_a_number_is_none) {
    static const double effect[] = {0, 0};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    table_find(&summary, "test_error_scored")->reals[0] = NAN;
    struct claim claim = claim_text_good(
        HEAD "judge:\n" QUESTION ", figure: {column: test_error_scored, spread: true}}\n" SEEDS_10);
    struct answer answer = answer_on(&claim, &summary, "train.batch_size=2", &pool);
    cr_expect(isnan(answer.contrast.d[0]), "%g", answer.contrast.d[0]);
    cr_expect(answer.open != NULL, "an answer without a number of seed 0");
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* Where nothing reached the target all metrics are equal. */
Test(answer, of_equal_runs_one_that_did_not_fail_is_taken) {
    struct table summary = plant_rates();
    struct pool pool = {0};
    struct claim claim = claim_text_good(BEST("min"));
    double *errors = table_find(&summary, "test_error_scored")->reals;
    for (int row = 0; row < 2 * SEEDS; row++) { /* none, both rates */
        errors[row] = 0.1;
        table_find(&summary, "collapsed")->integers[row] = row < SEEDS || row == 2 * SEEDS - 1;
    }
    struct answer answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(answer.failures.first == 0 && answer.failures.second == 1, "%d failed, and %d",
              answer.failures.first, answer.failures.second);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* What is best cannot be said before all of them are there. */
Test(answer, nothing_is_best_while_a_run_is_missing) {
    struct table summary = plant_rates();
    struct pool pool = {0};
    struct claim claim = claim_text_good(BEST("min"));
    for (int row = 0; row < 2; row++) { /* a first run of those alike, and another */
        int missing = row ? SEEDS : 0;
        table_find(&summary, "status")->texts[missing] = "missing";
        table_find(&summary, "test_error_scored")->reals[missing] = NAN;
        struct answer answer = answer_on(&claim, &summary, "run!=x", &pool);
        cr_expect(answer.open && strstr(answer.open, "1 run is missing"), "run %d: %s", missing,
                  answer.open);
        answer_free(&answer);
        table_find(&summary, "status")->texts[missing] = "complete";
        table_find(&summary, "test_error_scored")->reals[missing] = 0.1;
    }
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}
