/* Claim files: what is read, one exact message for everything that is wrong, and verdicts on
 * planted results. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "judge/claim/over.h"
#include "judge/claim/take.h"
#include "judge/claim/verdict.h"
#include "lab/table/row_filter.h"

#define HEAD                                                                                       \
    "schema: 1\nname: x\ntitle: X\n"                                                               \
    "claim: {number: [1, 2], notes: A, says: something}\n" /* lines 1 to 4 */
#define OUTCOMES "supported: yes, refuted: no, depends: both"
#define QUESTION                                                                                   \
    "  - {name: worse, asks: is it, more: {norm.kind: batch}, less: {norm.kind: none}, "           \
    "delta: 0.01, " OUTCOMES

#define SEEDS_10 "sweep: {seed: range(10)}\n"

static char path[] = "/tmp/normlab-test-claim-XXXXXX";

static enum status read_text(const char *text, struct claim *claim) {
    snprintf(path, sizeof path, "/tmp/normlab-test-claim-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0, "no file");
    cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s", path);
    close(fd);
    enum status status = claim_read(path, NULL, claim);
    unlink(path);
    return status;
}

static struct claim read_good(const char *text) {
    struct claim claim;
    enum status status = read_text(text, &claim);
    cr_assert(!status, "%s\n%s", status_message(), text);
    return claim;
}

/* ---- reading ---- */

struct bad {
    const char *text, *message; /* behind "<path>:" */
};

static const struct bad bads[] = {
    {"schema: 1\nname: x\ntitle: X\n", "1:1: is no claim: it has no section claim"},
    {"schema: 1\nname: x\n", "1:1: has no title: the claim in a line"},
    {"schema: 1\nname: a b\ntitle: X\nclaim: {}\n",
     "2:7: name: must be a word of letters, digits, _ and -"},
    {HEAD, "4:8: claim: has no section judge or compute, nor cannot: a reason"},
    {HEAD "judge:\n  - {name: worse}\n", "6:5: judge: has no asks: the question in words"},
    {HEAD "judge:\n  - {name: worse, asks: is it, more: batch}\n",
     "6:38: more: must say which runs, like {norm.kind: batch}"},
    {HEAD "judge:\n  - {name: worse, asks: is it, more: {norm.placement: befor}}\n",
     "6:55: norm.placement: 'befor' is not before or after (did you mean 'before'?)"},
    {HEAD "judge:\n  - {name: worse, asks: x, more: {norm.kind: batch}, less: {norm.kind: none}}\n",
     "6:5: judge: has no delta above 0: the smallest difference that matters"},
    {HEAD "judge:\n  - {name: worse, asks: x, more: {seed: 1}, less: {seed: 2}, delta: 1}\n",
     "6:5: judge: has no sentence for the outcome 'supported'"},
    {HEAD "judge:\n  - {name: x, asks: x, more: {norm.kind: batch}, less: {norm.kind: none}, "
          "delta: 1, supported: yes, refuted: no, strata: {train.batch_size: [2, 4]}}\n",
     "6:5: judge: has no sentence for the outcome 'depends'"},
    {HEAD "judge:\n" QUESTION ", colour: red}\n",
     "6:140: judge: unknown field 'colour'; here stand name, asks, kind, metric, unit, more, less, "
     "strata, delta, transform, supported, refuted, depends"},
    {HEAD "judge:\n" QUESTION ", strat: {train.batch_size: [2]}}\n",
     "6:140: judge: unknown field 'strat' (did you mean 'strata'?)"},
    {HEAD "judge:\n" QUESTION ", metric: test_error, figure: test_loss}\n",
     "6:160: figure: is the old name of metric, which stands here as well"},
    {HEAD "judge:\n" QUESTION ", metric: {columns: test_error}}\n",
     "6:149: metric: unknown field 'columns' (did you mean 'column'?)"},
    {HEAD "judge:\n" QUESTION ", figure: {column: x, over: {key: optimizer.lr}}}\n",
     "6:166: over: has no take: which of them"},
    {HEAD "judge:\n" QUESTION ", metric: {column: x, over: {key: optimizer.lr, take: none}}}\n",
     "6:192: take: 'none' is not min, max or largest_below"},
    {HEAD "judge:\n" QUESTION ", metric: {column: x, over: {key: optimizer.lr, take: "
          "largest_below}}}\n",
     "6:148: metric: largest_below needs at: the metric to be below"},
    {HEAD "judge:\n" QUESTION "}\nsweep: {seed: range(5)}\n",
     "6:5: 5 seeds cannot decide anything: take 7"},
    {HEAD "judge:\n" QUESTION ", strata: {train.batch_size: [2, 3, 4, 5, 6, 7, 8]}}\n" SEEDS_10,
     "6:5: 10 seeds cannot decide in 7 strata: take 11 seeds, or at most 6 strata"},
    {"schema: 1\nname: x\ntitle: X\nclaim: [1]\n",
     "4:8: claim: must be a map, like {number: 1, says: ...}"},
    {"schema: 1\nname: x\ntitle: X\nclaim: {number: 1.5, notes: A, says: x, cannot: x}\n",
     "4:17: number: must be a whole number from 1 to 9999"},
    {HEAD "judge: {name: worse}\n", "5:8: judge: must be a list of questions"},
    {HEAD "judge:\n" QUESTION ", transform: log2, figure: {column: test_error, spread: true}}\n",
     "6:5: judge: a spread may be 0, which has no logarithm: no transform with spread"},
    {HEAD "judge:\n  - {name: x, figure: {series: step/train_loss, take: first_below}}\n",
     "6:23: figure: first_below needs at: the target"},
    {HEAD "judge:\n  - {name: x, figure: {column: test_error, take: mean}}\n",
     "6:23: figure: take and where are of a series, not of a column"},
    {HEAD "compute: {what: output_mean}\n", "5:10: compute: must be a list, of {what: ...}"},
    {HEAD "compute:\n  - [output_mean]\n",
     "6:5: compute: each entry must say what, like {what: output_mean, ...}"},
    {HEAD "compute:\n  - {what: output_mean, says: x, claimed: 0, tolerance: -1}\n",
     "6:57: tolerance: must not be below 0"},
    {HEAD "compute:\n  - {what: output_mean, says: x, claimed: 0, tolerance: 1, B: 0}\n",
     "6:63: B: must be a whole number from 1 to 100000"},
    {HEAD "compute:\n  - {what: output_mena}\n",
     "6:12: what: 'output_mena' is no formula (did you mean 'output_mean'?)"},
    {HEAD "compute:\n  - {what: output_mean, says: x, tolerance: 1}\n",
     "6:5: compute: has no claimed: what must come out"},
    {HEAD "compute:\n  - {what: output_mean, says: x, claimed: 0, tolerance: 1, width: 3}\n",
     "6:60: unknown key 'width'; `normlab describe` lists all"},
};

Test(claim, bad_input_of_every_kind) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct claim claim;
        enum status status = read_text(bads[i].text, &claim);
        cr_expect(status == ERROR_USAGE, "status %d for:\n%s", status, bads[i].text);
        const char *said = status_message() + strlen(path) + 1;
        cr_expect(!strncmp(status_message(), path, strlen(path)) && !strcmp(said, bads[i].message),
                  "said %s\nnot  %s\nfor:\n%s", said, bads[i].message, bads[i].text);
    }
}

Test(claim, questions_have_arms_strata_and_metrics) {
    struct claim claim = read_good(
        HEAD
        "judge:\n" QUESTION ", kind: equality, transform: log2, strata: {train.batch_size: [2, 4], "
        "norm.placement: [before, after]},\n"
        "     figure: {series: trace/validation_error, take: first_below, at: 0.16}}\n" SEEDS_10);
    const struct claim_question *question = claim.questions;
    cr_assert(claim.n_numbers == 2 && claim.numbers[1] == 2, "two numbers");
    cr_assert(claim.n_questions == 1 && question->equality && question->log2, "one question");
    cr_assert(!strcmp(question->more.name, "batch") && !strcmp(question->less.name, "none"),
              "%s against %s", question->more.name, question->less.name);
    cr_assert(!strcmp(question->more.conditions[0], "norm.kind=batch"), "%s",
              question->more.conditions[0]);
    cr_assert(question->n_strata == 4, "%d strata", question->n_strata);
    cr_assert(!strcmp(question->strata[1][0], "train.batch_size=2") &&
                  !strcmp(question->strata[1][1], "norm.placement=after"),
              "%s, %s", question->strata[1][0], question->strata[1][1]);
    cr_assert(question->more.metric.take == take_find("first_below") &&
                  !strcmp(question->less.metric.series, "trace/validation_error"),
              "the question's metric is both arms'");
    claim_free(&claim);
}

/* A question's metric and an arm's own, under the word of today and under that of older files. */
Test(claim, figure_is_an_older_word_for_metric) {
    static const char *const words[] = {"metric", "figure"};
    for (int i = 0; i < 2; i++) {
        struct pool pool = {0};
        struct claim claim = read_good(pool_format(
            &pool,
            HEAD "judge:\n  - {name: worse, asks: is it, more: {norm.kind: batch, %s: test_loss}, "
                 "less: {norm.kind: none}, delta: 0.01, " OUTCOMES
                 ", %s: {series: step/train_loss, take: median}}\n" SEEDS_10,
            words[i], words[i]));
        const struct claim_question *question = claim.questions;
        cr_expect(question->more.n == 1 && !strcmp(question->more.metric.column, "test_loss"),
                  "%s of an arm", words[i]);
        cr_expect(!strcmp(question->more.name, "batch (test_loss)"), "%s", question->more.name);
        cr_expect(!question->less.metric.column &&
                      question->less.metric.take == take_find("median") &&
                      !strcmp(question->less.metric.series, "step/train_loss"),
                  "%s of the question", words[i]);
        claim_free(&claim);
        pool_free(&pool);
    }
}

/* Every take and every over can be written in a file, by the name in its row. */
Test(claim, files_know_every_row_of_takes_and_overs) {
    for (int i = 0; i < take_count() + over_count(); i++) {
        struct pool pool = {0};
        bool is_take = i < take_count();
        const char *name = is_take ? take_name(i) : over_name(i - take_count());
        struct claim claim = read_good(
            pool_format(&pool,
                        HEAD "judge:\n" QUESTION ", metric: {series: step/train_loss, %s%s, "
                             "at: 1}}\n" SEEDS_10,
                        is_take ? "take: " : "over: {key: optimizer.lr, at: 1, take: ",
                        pool_format(&pool, "%s%s", name, is_take ? "" : "}")));
        const struct metric *metric = &claim.questions->more.metric;
        cr_expect(is_take ? metric->take == take_get(i)
                          : metric->over == over_get(i - take_count()),
                  "%s", name);
        claim_free(&claim);
        pool_free(&pool);
    }
}

Test(claim, arms_have_names_for_people) {
    struct claim claim = read_good(
        HEAD
        "judge:\n  - {name: x, asks: x, delta: 1, supported: yes, refuted: no,\n"
        "     more: {norm.affine: false, train.batch_size: [2, 4]},\n"
        "     less: {name: on the input, norm.on_input: true, figure: test_error}}\n" SEEDS_10);
    const struct claim_question *question = claim.questions;
    cr_expect_str_eq(question->more.name, "affine off, 2|4", "%s", question->more.name);
    cr_expect_str_eq(question->less.name, "on the input", "%s", question->less.name);
    cr_expect(question->less.n == 1, "a name is no condition: %d", question->less.n);
    claim_free(&claim);
}

/* ---- computations ---- */

static const struct {
    const char *line;
    double expected, tolerance;
} computations[] = {
    {"what: output_mean, norm.kind: batch, mean: 3", 0, 1e-6},
    {"what: output_deviation, norm.kind: batch, deviation: 10", 1, 1e-5},
    {"what: output_deviation, norm.kind: none, deviation: 10", 10, 0.2},
    {"what: output_deviation, norm.kind: batch, B: 2", 1, 1e-2},
    {"what: share_within, norm.kind: batch, B: 1000", 0.6827, 0.005},
    {"what: largest_output, norm.kind: batch, B: 2, deviation: 100", 1, 1e-4},
    {"what: row_mean, norm.kind: layer, mean: 3", 0, 1e-6},
    {"what: finite_share, norm.kind: batch", 1, 0},
    {"what: scale_effect, norm.kind: batch", 0, 1e-4},
    {"what: scale_effect, norm.kind: none", 9, 1e-5},
    {"what: shift_effect, norm.kind: batch", 0, 1e-5},
    {"what: company_effect_training, norm.kind: layer", 0, 0},
    {"what: company_effect_evaluation, norm.kind: batch", 0, 0},
    {"what: mode_effect, norm.kind: layer", 0, 0},
    {"what: inversion_error, norm.kind: batch, deviation: 3, mean: 2", 0, 1e-4},
    {"what: beta_effect, norm.kind: batch", 1, 1e-6},
    {"what: learned_per_unit, norm.kind: batch", 2, 0},
    {"what: learned_per_unit, norm.kind: batch, norm.affine: false", 0, 0},
    {"what: state_per_unit, norm.kind: batch", 2, 0},
    /* 784-100-10: 79,510 weights and biases; gamma and beta for 100 units, their biases gone */
    {"what: parameter_share, norm.kind: batch, model.hidden: [100]", 100.0 / 79510, 1e-12},
    {"what: recursion_error, norm.kind: batch", 0, 1e-6},
    {"what: noise_slope, norm.kind: batch", -1, 0.1},
    {"what: kept_gradient, norm.kind: batch, B: 4, D: 2000", 0.5, 0.02},
    {"what: fold_error, norm.kind: batch", 0, 1e-6},
    {"what: fold_error, norm.kind: batch_renorm, B: 8, D: 17, inputs: 5", 0, 1e-6},
    {"what: fold_error, norm.kind: none", 0, 1e-6},
    {"what: fold_error, norm.kind: layer", 1, 0.5}, /* where it is a constant, the output is 0 */
    {"what: kept_gradient, norm.kind: batch, B: 8, D: 2000", 0.75, 0.02},
};

Test(claim, what_can_be_computed) {
    for (size_t i = 0; i < sizeof computations / sizeof *computations; i++) {
        struct pool pool = {0};
        const char *text =
            pool_format(&pool,
                        "schema: 1\nname: x\ntitle: X\n"
                        "claim: {number: 1, notes: A, says: x, " OUTCOMES "}\n"
                        "compute:\n  - {%s, says: x, claimed: %.17g, tolerance: %.17g}\n",
                        computations[i].line, computations[i].expected, computations[i].tolerance);
        struct claim claim = read_good(text);
        double value = computation_run(&claim.computations[0]);
        cr_expect(fabs(value - computations[i].expected) <= computations[i].tolerance, "%s: %.9g",
                  computations[i].line, value);
        claim_free(&claim);
        pool_free(&pool);
    }
}

Test(claim, computations_decide_by_how_many_hold) {
    static const char *const lines[2] = {
        "  - {what: learned_per_unit, norm.kind: batch, says: x, claimed: 2, tolerance: 0}\n",
        "  - {what: learned_per_unit, norm.kind: batch, says: x, claimed: 3, tolerance: 0}\n"};
    static const int choices[3][2] = {{0, 0}, {1, 1}, {0, 1}};
    static const enum verdict expected[] = {VERDICT_SUPPORTED, VERDICT_REFUTED, VERDICT_DEPENDS};
    for (int i = 0; i < 3; i++) {
        struct pool pool = {0};
        struct judgement judgement;
        struct claim claim = read_good(pool_format(&pool,
                                                   "schema: 1\nname: x\ntitle: X\n"
                                                   "claim: {number: 1, notes: A, says: x, " OUTCOMES
                                                   "}\ncompute:\n%s%s",
                                                   lines[choices[i][0]], lines[choices[i][1]]));
        cr_assert(verdict_judge(&claim, "nowhere", &judgement) == OK, "%s", status_message());
        cr_expect(judgement.decided && judgement.verdict == expected[i], "case %d: %s", i,
                  judgement_word(&judgement));
        judgement_free(&judgement);
        claim_free(&claim);
        pool_free(&pool);
    }
}

/* ---- planted results ---- */

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

static enum verdict verdict_on(const double *effect, const char *more, const char *less,
                               const char *kind) {
    struct pool pool = {0};
    struct table summary;
    plant(effect, &summary);
    struct claim claim = read_good(pool_format(
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
        "yes", "no", "both", "10 seeds do not settle it: the difference lies between "};
    cr_expect(!strncmp(answer.meaning, meanings[verdict], strlen(meanings[verdict])), "%s",
              answer.meaning);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
    return verdict;
}

Test(claim, planted_effects_are_found) {
    static const double large[] = {0.03, 0.03}, none[] = {0, 0}, edge[] = {0.01, 0.01},
                        crossed[] = {0.03, -0.03};
    cr_expect(verdict_on(large, "batch", "none", "direction") == VERDICT_SUPPORTED, "planted");
    cr_expect(verdict_on(large, "none", "batch", "direction") == VERDICT_REFUTED, "arms swapped");
    cr_expect(verdict_on(none, "batch", "none", "direction") == VERDICT_REFUTED, "nothing there");
    cr_expect(verdict_on(none, "batch", "none", "equality") == VERDICT_SUPPORTED, "equal");
    cr_expect(verdict_on(large, "batch", "none", "equality") == VERDICT_REFUTED, "not equal");
    cr_expect(verdict_on(edge, "batch", "none", "direction") == VERDICT_INCONCLUSIVE, "at delta");
    cr_expect(verdict_on(crossed, "batch", "none", "direction") == VERDICT_DEPENDS, "crossed");
}

Test(claim, missing_runs_leave_it_open) {
    static const double effect[] = {0.03, 0.03};
    struct table summary, most;
    struct pool pool = {0};
    plant(effect, &summary);
    const char *condition = "run!=r3";
    cr_assert(table_where(&summary, 1, &condition, &most) == OK, "%s", status_message());
    struct claim claim =
        read_good(HEAD "judge:\n" QUESTION ", strata: {train.batch_size: [2, 4]}}\n" SEEDS_10);
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

Test(claim, cut_protocols_may_lack_strata_and_the_full_one_not) {
    static const double effect[] = {0.03, 0.03};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    struct claim claim =
        read_good(HEAD "judge:\n" QUESTION ", strata: {train.batch_size: [2, 4]}}\n" SEEDS_10);
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
Test(claim, runs_to_which_a_stratum_does_not_apply_are_in_all) {
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
    struct claim claim = read_good(HEAD "judge:\n" QUESTION
                                        ", strata: {norm.placement: [before, after]}}\n" SEEDS_10);
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

Test(claim, each_arm_at_its_best) {
    struct table summary = plant_rates();
    struct pool pool = {0};
    struct claim claim = read_good(BEST("min"));
    struct answer answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(!answer.open && answer.decision.n_seeds == SEEDS, "%s", answer.open);
    cr_expect(fabs(answer.decision.overall.estimate) < 0.01, "%g: batch has a good rate",
              answer.decision.overall.estimate);
    answer_free(&answer);
    claim_free(&claim);
    claim = read_good(BEST("max"));
    answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(answer.decision.overall.estimate > 0.02, "%g: and a bad one",
              answer.decision.overall.estimate);
    answer_free(&answer);
    claim_free(&claim);
    claim = read_good(BEST("largest_below, at: 0.12")); /* batch only at .4, none at both */
    answer = answer_on(&claim, &summary, "run!=x", &pool);
    cr_expect(answer.decision.overall.estimate == 0, "%g", answer.decision.overall.estimate);
    answer_free(&answer);
    claim_free(&claim);
    table_free(&summary);
    pool_free(&pool);
}

/* Seed i of `none` has the error i, at batch size 2; of batch 3 i. The medians over ten seeds
 * are 4.5 and 13.5: distances |i - 4.5| and 3 |i - 4.5|. */
Test(claim, spread_is_the_distance_from_the_median_of_the_arm) {
    static const double effect[] = {0, 0},
                        far[SEEDS] = {4.5, 3.5, 2.5, 1.5, 0.5, 0.5, 1.5, 2.5, 3.5, 4.5};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    const char *const *kinds = table_find(&summary, "norm.kind")->texts;
    double *errors = table_find(&summary, "test_error_scored")->reals;
    for (int row = 0; row < summary.n_rows; row++)
        errors[row] = (strcmp(kinds[row], "batch") ? 1 : 3) * (row % SEEDS);
    struct claim claim = read_good(
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
Test(claim, spread_of_a_run_without_a_number_is_none) {
    static const double effect[] = {0, 0};
    struct table summary;
    struct pool pool = {0};
    plant(effect, &summary);
    table_find(&summary, "test_error_scored")->reals[0] = NAN;
    struct claim claim = read_good(
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
Test(claim, of_equal_runs_one_that_did_not_fail_is_taken) {
    struct table summary = plant_rates();
    struct pool pool = {0};
    struct claim claim = read_good(BEST("min"));
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
Test(claim, nothing_is_best_while_a_run_is_missing) {
    struct table summary = plant_rates();
    struct pool pool = {0};
    struct claim claim = read_good(BEST("min"));
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
