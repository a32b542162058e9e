/* From planted results to a verdict: rules over questions, premises, looks. */
#include "judge/claim/verdict.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "judge/claim/verdict_words.h"
#include "lab/plan/experiment.h"
#include "lab/store/store.h"
#include "tests/judge/claim/claim_text.h"

TestSuite(verdict, .timeout = 120);

/* ---- planted results ---- */

enum { ARMS = 2, METRICS = 3 };
static const char *const metrics[METRICS] = {"test_error_scored", "test_loss", "train_error"};

/* By how much batch is worse than none in each metric, in seed `seed`, beside noise. */
typedef double (*effect_function)(int metric, int seed);

/* Which runs there are: those of the first so many seeds; the others are missing. */
static void plant(int n_seeds, int n_finished, effect_function effect, struct table *summary) {
    struct random_key key = {11, RANDOM_TEST, 0};
    table_create(summary, ARMS * n_seeds);
    const char **runs = table_add(summary, "run", TYPE_TEXT, "", "")->texts;
    const char **kinds = table_add(summary, "norm.kind", TYPE_TEXT, "", "")->texts;
    long *seeds = table_add(summary, "seed", TYPE_INT, "", "")->integers;
    const char **states = table_add(summary, "status", TYPE_TEXT, "", "")->texts;
    double *clock = table_add(summary, "train_s", TYPE_REAL, "s", "")->reals;
    double *eval = table_add(summary, "eval_s", TYPE_REAL, "s", "")->reals;
    double *log = table_add(summary, "log_s", TYPE_REAL, "s", "")->reals;
    for (int row = 0; row < summary->n_rows; row++) {
        int seed = row % n_seeds;
        bool finished = seed < n_finished;
        runs[row] = pool_format(&summary->pool, "r%012d", row);
        kinds[row] = row / n_seeds ? "batch" : "none";
        seeds[row] = 200 + seed;
        states[row] = finished ? "complete" : "missing";
        clock[row] = finished ? 2 : NAN;
        eval[row] = log[row] = finished ? 0.5 : NAN;
    }
    for (int m = 0; m < METRICS; m++) {
        double *values = table_add(summary, metrics[m], TYPE_REAL, "1", "")->reals;
        for (int row = 0; row < summary->n_rows; row++) {
            int seed = row % n_seeds, arm = row / n_seeds;
            double noise = 0.004 * random_normal(key, (uint64_t)((row + 1) * METRICS + m));
            values[row] = seed < n_finished ? 0.2 + noise + arm * effect(m, seed) : NAN;
        }
    }
}

struct planted {
    char folder[64];
    const char *path;
    struct claim claim;
    struct judgement judgement;
};

/* Writes the results and judges them. */
static void write_merged(struct planted *planted, const struct table *summary, int n,
                         const char *const *paths) {
    const struct experiment *experiment = &planted->claim.experiment;
    struct store_header header = {.name = "x",
                                  .title = "X",
                                  .source = "a test",
                                  .yaml = experiment->text,
                                  .resolved = experiment_json(experiment, &planted->claim.pool),
                                  .plan = "0",
                                  .file = "x.yaml",
                                  .overrides = ""};
    cr_assert(store_write_merged(planted->path, &header, summary, n, paths) == OK, "%s",
              status_message());
    cr_assert(verdict_judge(&planted->claim, planted->folder, &planted->judgement) == OK, "%s",
              status_message());
}

static struct planted judge(const char *text, int n_seeds, int n_finished, effect_function effect) {
    struct planted planted = {.folder = "/tmp/normlab-verdict-XXXXXX",
                              .claim = claim_text_good(text)};
    struct pool *pool = &planted.claim.pool;
    struct table summary;
    cr_assert(mkdtemp(planted.folder) != NULL);
    planted.path = pool_format(pool, "%s/x.h5", planted.folder);
    plant(n_seeds, n_finished, effect, &summary);
    write_merged(&planted, &summary, 0, NULL);
    table_free(&summary);
    return planted;
}

static void planted_free(struct planted *planted) {
    cr_expect(unlink(planted->path) == 0 && rmdir(planted->folder) == 0);
    judgement_free(&planted->judgement);
    claim_free(&planted->claim);
}

#define CLAIM(more)                                                                                \
    "schema: 1\nname: x\ntitle: X\n"                                                               \
    "claim: {number: 1, notes: A, says: x, supported: all yes, refuted: all no, depends: "         \
    "both" more "}\njudge:\n"
#define ASK(name, metric, role)                                                                    \
    "  - {name: " name ", asks: x, metric: " metric ", role: " role                                \
    ", more: {norm.kind: batch}, less: {norm.kind: none}, delta: 0.01, supported: " name           \
    " yes, refuted: " name " no}\n"
#define SEEDS(n) "sweep: {norm.kind: [none, batch], seed: 'range(200, " n ")'}\n"

/* ---- rules ---- */

static double planted_effect[METRICS];
static double constant_effect(int metric, int seed) {
    (void)seed;
    return planted_effect[metric];
}

static const char two_and_a_premise[] = ASK("first", "test_error_scored", "decides")
    ASK("second", "test_loss", "decides") ASK("third", "train_error", "premise") SEEDS("210");

/* Effects of 0.03 are above 0.01, of 0 within, of -0.03 below; at 0.01 only the sign is settled. */
static const struct {
    const char *rule;
    double effect[METRICS];
    enum verdict verdict;
    int hangs_on;
    const char *sentence;
} cases[] = {
    {", rule: all", {.03, .03, .03}, VERDICT_SUPPORTED, 0, "all yes"},
    {", rule: all",
     {.03, 0, .03},
     VERDICT_REFUTED,
     1,
     "all no Supported: 'first'; refuted: 'second'."},
    {", rule: all",
     {-.03, .03, .03},
     VERDICT_REFUTED,
     0,
     "all no Supported: 'second'; refuted: 'first'."},
    {", rule: all",
     {.03, .01, .03},
     VERDICT_SIGN_ONLY,
     1,
     "True in sign: the difference is above 0; whether it is above 0.01, the least that counts, is "
     "open. Asked: x."},
    {", rule: depends", {.03, .03, .03}, VERDICT_SUPPORTED, 0, "all yes"},
    {", rule: depends",
     {.03, -.03, .03},
     VERDICT_DEPENDS,
     1,
     "both Supported: 'first'; refuted: 'second'."},
    {", rule: depends", {0, -.03, .03}, VERDICT_REFUTED, 0, "all no"},
    {", rule: depends",
     {.03, .01, .03},
     VERDICT_INCONCLUSIVE,
     1,
     "Not settled. Supported: 'first', the premise 'third'; sign only: 'second'."},
    {", rule: depends",
     {.03, .03, 0},
     VERDICT_PREMISE_NOT_MET,
     2,
     "A premise of it does not hold: third no"},
    {", rule: all",
     {.03, .03, .01},
     VERDICT_INCONCLUSIVE,
     2,
     "A premise of it is not settled: True in sign: the difference is above 0; whether it is above "
     "0.01, the least that counts, is open. Asked: x."},
};

Test(verdict, follows_from_the_rule_and_its_questions) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool pool = {0};
        memcpy(planted_effect, cases[i].effect, sizeof planted_effect);
        const char *text = pool_format(&pool, CLAIM("%s") "%s", cases[i].rule, two_and_a_premise);
        struct planted planted = judge(text, 10, 10, constant_effect);
        const struct judgement *judgement = &planted.judgement;
        cr_expect(judgement->decided && judgement->verdict == cases[i].verdict, "case %zu: %s, %s",
                  i, judgement_word(judgement), judgement->sentence);
        cr_expect(judgement->hangs_on == cases[i].hangs_on, "case %zu hangs on %d", i,
                  judgement->hangs_on);
        cr_expect_str_eq(judgement->sentence, cases[i].sentence, "case %zu: %s", i,
                         judgement->sentence);
        cr_expect(judgement->looks.n == 0, "nobody asked for looks");
        planted_free(&planted);
        pool_free(&pool);
    }
}

/* What stands beside has no part in it, whatever it says or lacks. */
Test(verdict, questions_beside_have_no_part_in_it) {
    static const double effect[METRICS] = {.03, -.03, 0};
    memcpy(planted_effect, effect, sizeof planted_effect);
    struct planted planted = judge(CLAIM("") ASK("first", "test_error_scored", "decides")
                                       ASK("second", "test_loss", "beside")
                                           ASK("third", "train_loss", "beside") SEEDS("210"),
                                   10, 10, constant_effect);
    const struct judgement *judgement = &planted.judgement;
    cr_expect(judgement->decided && judgement->verdict == VERDICT_SUPPORTED, "%s",
              judgement_word(judgement));
    cr_expect_str_eq(judgement->sentence, "first yes", "%s", judgement->sentence);
    cr_expect(judgement->answers[1].decision.verdict == VERDICT_REFUTED, "it is shown");
    cr_expect(judgement->answers[2].open != NULL, "a column that these results lack");
    planted_free(&planted);
}

Test(verdict, a_premise_without_runs_leaves_it_open) {
    static const double effect[METRICS] = {.03, .03, .03};
    memcpy(planted_effect, effect, sizeof planted_effect);
    struct planted planted = judge(CLAIM("") ASK("first", "test_error_scored", "decides")
                                       ASK("second", "train_loss", "premise") SEEDS("210"),
                                   10, 10, constant_effect);
    cr_expect(!planted.judgement.decided, "%s", judgement_word(&planted.judgement));
    cr_expect(strstr(planted.judgement.sentence, "no column 'train_loss'"), "%s",
              planted.judgement.sentence);
    planted_free(&planted);
}

/* Results that are there do not make it an answerable one. */
Test(verdict, a_question_that_no_runs_could_answer_is_an_error) {
    static const double effect[METRICS] = {.03, .03, .03};
    memcpy(planted_effect, effect, sizeof planted_effect);
    struct planted planted =
        judge(CLAIM("") ASK("first", "test_error_scored", "decides") SEEDS("210"), 10, 10,
              constant_effect);
    struct judgement judgement;
    ((struct claim_question *)planted.claim.questions)->more.metric.column = "test_eror";
    enum status status = verdict_judge(&planted.claim, planted.folder, &judgement);
    cr_expect(status == ERROR_USAGE, "status %d", (int)status);
    cr_expect(strstr(status_message(), "no column 'test_eror' (did you mean 'test_error'?)"), "%s",
              status_message());
    planted_free(&planted);
}

/* ---- looks ---- */

static const char looked_at[] =
    CLAIM(", looks: [10, 20, 40]") ASK("first", "test_error_scored", "decides") SEEDS("240");

static double at_the_border(int metric, int seed) {
    (void)metric, (void)seed;
    return 0.01;
}
static double large_and_then_opposite(int metric, int seed) {
    (void)metric;
    return seed < 10 ? 0.03 : -0.1;
}
static double open_and_then_large(int metric, int seed) {
    (void)metric;
    return seed < 10 ? (seed % 2 ? 0.06 : -0.06) : 0.06;
}

Test(verdict, the_first_look_waits_for_its_runs) {
    struct planted planted = judge(looked_at, 40, 9, at_the_border);
    const struct judgement *judgement = &planted.judgement;
    cr_expect(!judgement->decided && judgement->looks.n == 0, "%s", judgement_word(judgement));
    cr_expect_str_eq(judgement->sentence, "The first look, at 10 seeds, lacks 2 runs.", "%s",
                     judgement->sentence);
    planted_free(&planted);
}

Test(verdict, a_look_that_decides_is_the_last) {
    struct planted planted = judge(looked_at, 40, 40, large_and_then_opposite);
    const struct judgement *judgement = &planted.judgement;
    cr_expect(judgement->decided && judgement->verdict == VERDICT_SUPPORTED, "%s",
              judgement_word(judgement));
    cr_expect(judgement->looks.n == 1 && judgement->looks.is_over, "%d looks", judgement->looks.n);
    cr_expect(judgement->answers[0].decision.n_seeds == 10, "%d seeds",
              judgement->answers[0].decision.n_seeds);
    cr_expect(judgement->answers[0].level == look_level(0), "level %g",
              judgement->answers[0].level);
    planted_free(&planted);
}

Test(verdict, a_look_that_does_not_decide_says_what_the_next_costs) {
    struct planted planted = judge(looked_at, 40, 15, at_the_border);
    const struct looks *looks = &planted.judgement.looks;
    cr_expect(planted.judgement.decided, "a look was taken");
    cr_expect(looks->n == 1 && !looks->is_over, "%d looks", looks->n);
    cr_expect(looks->next_seeds == 20 && looks->n_next == 10, "%d seeds, %d runs",
              looks->next_seeds, looks->n_next);
    cr_expect(looks->next_s == 30, "3 s each: %g", looks->next_s);
    planted_free(&planted);
}

Test(verdict, looks_go_on_until_one_decides_or_none_is_left) {
    struct planted planted = judge(looked_at, 40, 40, open_and_then_large);
    const struct looks *looks = &planted.judgement.looks;
    cr_assert(looks->n >= 2, "%d looks", looks->n);
    cr_expect(looks->taken[0].verdict == VERDICT_INCONCLUSIVE, "the first: %s",
              verdict_name(looks->taken[0].verdict));
    cr_expect(looks->taken[looks->n - 1].verdict == VERDICT_SUPPORTED, "the last: %s",
              verdict_name(looks->taken[looks->n - 1].verdict));
    cr_expect(planted.judgement.verdict == VERDICT_SUPPORTED, "%s",
              judgement_word(&planted.judgement));
    planted_free(&planted);
    planted = judge(looked_at, 40, 40, at_the_border);
    looks = &planted.judgement.looks;
    cr_expect(looks->n == 3 && looks->is_over, "%d looks", looks->n);
    cr_expect(planted.judgement.answers[0].decision.n_seeds == 40, "all seeds");
    planted_free(&planted);
}

/* ---- test rows ---- */

enum { ROWS = 640, WORDS = ROWS / 64 };

/* Is the row wrong in this seed, of none (arm 0) or batch (arm 1)? */
typedef bool (*wrong_function)(int arm, int seed, int row);

/* What made the run of a row of the summary; NULL: nobody asks. */
static const char *(*processor_of)(int row);

/* A run with a summary's id, and its wrong rows; its error goes into the summary. */
static void write_run(const char *folder, struct table *summary, int row, int n_seeds,
                      wrong_function is_wrong) {
    struct record record = {0};
    uint64_t words[WORDS] = {0};
    int n = 0, seed = row % n_seeds;
    for (int r = 0; r < ROWS; r++)
        if (is_wrong(row / n_seeds, seed, r)) {
            words[r / 64] |= (uint64_t)1 << r % 64;
            n++;
        }
    double error = (double)n / ROWS;
    snprintf(record.id, sizeof record.id, "%s", table_find(summary, "run")->texts[row]);
    attributes_add_text(&record, &record.config, "data.split", "file", NULL);
    attributes_add_int(&record, &record.config, "seed", 200 + seed, NULL, NULL);
    attributes_add_text(&record, &record.final, "status", "complete", "");
    attributes_add_real(&record, &record.final, "test_error_scored", error, "1", "");
    attributes_add_int(&record, &record.final, "test_rows", ROWS, "1", "");
    record_add_count(&record, "rows", "word", "", WORDS, 0);
    record_add_series(&record, &(struct series){.group = "rows",
                                                .name = "wrong",
                                                .unit = "1",
                                                .doc = "",
                                                .type = SERIES_I64,
                                                .n_dims = 1,
                                                .dims = {WORDS},
                                                .dim_names = {"word"},
                                                .data = words});
    if (processor_of)
        attributes_add_text(&record, &record.provenance, "processor", processor_of(row), NULL);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    record_free(&record);
    table_find(summary, "test_error_scored")->reals[row] = error;
    table_find(summary, "test_rows")->integers[row] = ROWS;
}

static struct planted judge_rows(const char *text, int n_seeds, wrong_function is_wrong) {
    struct planted planted = {.folder = "/tmp/normlab-verdict-XXXXXX",
                              .claim = claim_text_good(text)};
    struct pool *pool = &planted.claim.pool;
    struct table summary;
    const char *paths[ARMS * 40];
    cr_assert(mkdtemp(planted.folder) != NULL);
    planted.path = pool_format(pool, "%s/x.h5", planted.folder);
    plant(n_seeds, n_seeds, at_the_border, &summary);
    table_add(&summary, "test_rows", TYPE_INT, "1", "");
    for (int row = 0; row < summary.n_rows; row++) {
        write_run(planted.folder, &summary, row, n_seeds, is_wrong);
        paths[row] =
            pool_format(pool, "%s/%s.h5", planted.folder, table_find(&summary, "run")->texts[row]);
    }
    write_merged(&planted, &summary, summary.n_rows, paths);
    for (int row = 0; row < summary.n_rows; row++)
        cr_assert(unlink(paths[row]) == 0, "%s", paths[row]);
    table_free(&summary);
    return planted;
}

/* In every seed batch is wrong about the same ten rows and none about four others: the difference
 * is 6/640, with a deviation over rows of root 14 / 640. */
static bool same_rows(int arm, int seed, int row) {
    (void)seed;
    return arm ? row < 10 : row >= 10 && row < 14;
}

/* The same numbers, on other rows in every seed. */
static bool own_rows(int arm, int seed, int row) {
    return same_rows(arm, seed, (row + ROWS - 16 * seed) % ROWS);
}

#define ASK_ERROR                                                                                  \
    "  - {name: first, asks: x, more: {norm.kind: batch}, less: {norm.kind: none}, delta: 0.005, " \
    "supported: first yes, refuted: first no}\n"

Test(verdict, what_only_seeds_settle_is_said_to_be_of_these_test_rows) {
    struct planted planted = judge_rows(CLAIM("") ASK_ERROR SEEDS("210"), 10, same_rows);
    const struct judgement *judgement = &planted.judgement;
    const struct answer *answer = &judgement->answers[0];
    cr_assert(judgement->decided && answer->rows.parts, "%s", judgement->sentence);
    cr_expect(judgement->verdict == VERDICT_INCONCLUSIVE, "%s", judgement_word(judgement));
    cr_expect(judgement->rows_only && judgement->rows_forbid, "seeds alone settle it");
    cr_expect_str_eq(answer->basis, "these rows only");
    cr_expect(strstr(judgement->sentence,
                     " Decided on these test rows only: over seeds alone it is supported; more "
                     "test rows may settle it, more seeds cannot."),
              "%s", judgement->sentence);
    /* mean of squares over rows: (14 - 6^2/640) / 639, divided by 640 */
    double variance = (14 - 36.0 / ROWS) / (ROWS - 1) / ROWS;
    cr_expect(fabs(answer->rows.parts[0].variance - variance) < 1e-12, "V is %g, not %g",
              answer->rows.parts[0].variance, variance);
    const struct interval *interval = &answer->decision.overall.interval_rows;
    double half = 1.96 * sqrt(variance);
    cr_expect(fabs(interval->high - interval->low - 2 * half) < 1e-3 * half, "%g to %g",
              interval->low, interval->high);
    planted_free(&planted);
}

Test(verdict, rows_that_differ_by_seed_leave_it_to_the_seeds) {
    struct planted planted = judge_rows(CLAIM("") ASK_ERROR SEEDS("210"), 10, own_rows);
    const struct answer *answer = &planted.judgement.answers[0];
    cr_expect(planted.judgement.verdict == VERDICT_SUPPORTED, "%s", planted.judgement.sentence);
    cr_expect(answer->rows.parts && answer->rows.parts[0].variance == 0, "rows are compared");
    cr_expect_str_eq(answer->basis, "seeds x rows");
    planted_free(&planted);
}

/* Ten seeds are enough to see that forty would not do. */
Test(verdict, looks_stop_where_the_rows_forbid_a_verdict) {
    struct planted planted =
        judge_rows(CLAIM(", looks: [10, 20, 40]") ASK_ERROR SEEDS("240"), 40, same_rows);
    const struct looks *looks = &planted.judgement.looks;
    cr_expect(looks->n == 1 && looks->is_over, "%d looks", looks->n);
    cr_expect(planted.judgement.rows_forbid, "by the rows");
    cr_expect(planted.judgement.verdict == VERDICT_INCONCLUSIVE, "%s",
              judgement_word(&planted.judgement));
    planted_free(&planted);
}

/* ---- what made the runs ---- */

static const char *one_processor(int row) {
    (void)row;
    return "A";
}

/* Rows 0 to 9 are none, 10 to 19 batch, of the same seeds. */
static const char *two_processors(int row) {
    return row == 3 || row == 13 || row == 15 ? "B" : "A";
}

Test(verdict, pairs_of_two_kinds_of_machine_are_named) {
    static const char claim[] = CLAIM("") ASK_ERROR SEEDS("210");
    processor_of = one_processor;
    struct planted planted = judge_rows(claim, 10, own_rows);
    cr_expect(!planted.judgement.machines, "%s", planted.judgement.machines);
    planted_free(&planted);
    processor_of = two_processors;
    planted = judge_rows(claim, 10, own_rows);
    cr_assert(planted.judgement.machines, "nothing is said of two processors");
    cr_expect_str_eq(planted.judgement.machines,
                     "2 processors: A (17 runs), B (3). Of 10 pairs 1 compares runs of two kinds, "
                     "such as r000000000015 and r000000000005.");
    planted_free(&planted);
    processor_of = NULL;
}
