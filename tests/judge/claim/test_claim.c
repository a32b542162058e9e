/* Claim files: what is read, and one exact message for everything that is wrong. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "judge/claim/over.h"
#include "judge/claim/take.h"
#include "judge/claim/verdict.h"
#include "judge/claim/verdict_words.h"
#include "tests/calls.h"
#include "tests/judge/claim/claim_text.h"

/* ---- reading ---- */

struct bad {
    const char *text, *message; /* behind "<claim_text_path>:" */
};

static const struct bad bads[] = {
    {"schema: 1\nname: x\ntitle: X\n", "1:1: is no claim: it has no section claim"},
    {"schema: 1\ntitle: X\nclaim: {says: x}\n", "1:1: has no name: its place on the page"},
    {"schema: 1\nname: a b\ntitle: X\nclaim: {}\n",
     "2:7: name: must be a word of at most 64 letters, digits, _ and -"},
    {HEAD, "4:8: claim: has no section judge or compute, nor cannot: a reason"},
    {HEAD "judge:\n  - {name: worse}\n", "6:5: judge: has no asks: the question in words"},
    {HEAD "judge:\n  - {name: worse, asks: is it, more: batch}\n",
     "6:38: more: must be a map, like {norm.kind: batch}, not a single value"},
    {HEAD "judge:\n  - {name: worse, asks: is it, more: {norm.placement: befor}}\n",
     "6:55: norm.placement: 'befor' is not before or after (did you mean 'before'?)"},
    {HEAD "judge:\n  - {name: worse, asks: x, more: {norm.kind: batch}, less: {norm.kind: none}}\n",
     "6:5: judge: has no delta above 0: the smallest difference that matters"},
    {HEAD "judge:\n  - {name: worse, asks: x, more: {seed: 1}, less: {seed: 2}, delta: 1}\n",
     "6:5: judge: 'worse' has no sentence for: supported, refuted"},
    {HEAD "judge:\n  - {name: x, asks: x, more: {norm.kind: batch}, less: {norm.kind: none}, "
          "delta: 1, supported: yes, refuted: no, strata: {train.batch_size: [2, 4]}}\n",
     "6:5: judge: 'x' has no sentence for: depends (with strata, it may depend)"},
    {HEAD "judge:\n  - {name: x, asks: x, more: {norm.kind: batch, seed: 1}, less: {seed: 1, "
          "norm.kind: batch}, delta: 1, supported: yes, refuted: no}\n",
     "6:5: judge: more and less are the same runs"},
    {HEAD "judge:\n" QUESTION "}\n" QUESTION ", role: beside}\n" SEEDS_10,
     "7:5: judge: two questions are called 'worse'"},
    {HEAD "judge:\n" QUESTION ", colour: red}\n",
     "6:140: judge: unknown field 'colour'; here stand name, asks, role, kind, metric, unit, more, "
     "less, strata, delta, transform, supported, refuted, depends, small, sign_only"},
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
    {"schema: 1\nname: x\ntitle: X\nclaim: {number: 1, notes: A, says: x, decides: "
     "compute, " OUTCOMES
     "}\ncompute: [{what: learned_per_unit, norm.kind: batch, says: x, claimed: 2, tolerance: 0}]\n"
     "judge:\n" QUESTION ", role: decides}\n" SEEDS_10,
     "7:5: judge: of a claim that is decided by computation every question has role: beside"},
    {"schema: 1\nname: x\ntitle: X\nclaim: [1]\n",
     "4:8: claim: must be a map, like {number: 1, says: ...}"},
    {"schema: 1\nname: x\ntitle: X\nclaim: {number: 1.5, notes: A, says: x, cannot: x}\n",
     "4:17: number: '1.5' is not a whole number"},
    {HEAD "judge:\n  - {name: x, strata: [2, 4]}\n",
     "6:23: strata: must be a map of keys, like {train.batch_size: [2, 4]}, not a list"},
    {HEAD "judge:\n  - {name: x, figure: {series: step/train_loss, over: 3}}\n",
     "6:55: over: must be a map, like {key: optimizer.lr, take: min}, not a single value"},
    {HEAD "judge: {name: worse}\n", "5:8: judge: must be a list of questions"},
    {HEAD "judge:\n" QUESTION ", transform: log2, figure: {column: test_error, spread: true}}\n",
     "6:5: judge: a spread may be 0, which has no logarithm: no transform with spread"},
    {HEAD
     "judge:\n  - {name: x, figure: {series: step/train_loss, minus: steps, take: first_below, "
     "at: 1}}\n",
     "6:23: figure: minus is of a column, not of first_below"},
    {HEAD
     "judge:\n  - {name: x, figure: {series: step/train_loss, spread: true, take: first_below, "
     "at: 1}}\n",
     "6:23: figure: no spread of first_below: runs that never get there have only a bound"},
    {HEAD "judge:\n  - {name: x, figure: {series: step/train_loss, take: first_below, at: 1, over: "
          "{key: optimizer.lr, take: largest_below, at: 5}}}\n",
     "6:23: figure: largest_below of first_below has no meaning: take min"},
    {HEAD "judge:\n  - {name: x, figure: {series: step/train_loss, take: first_below}}\n",
     "6:23: figure: first_below needs at: the target"},
    {HEAD "judge:\n  - {name: x, figure: {column: test_error, take: mean}}\n",
     "6:23: figure: take and where are of a series, not of a column"},
    {HEAD "judge:\n" QUESTION ", metric: {column: test_loss, when: {series: step/lr, at: 1}}}\n",
     "6:148: metric: when is of a series, and in place of a take"},
    {HEAD "judge:\n" QUESTION ", metric: {series: step/lr, when: {series: step/lr}}}\n",
     "6:172: when: has no at: its value"},
    {HEAD "compute: {what: output_mean}\n", "5:10: compute: must be a list, of {what: ...}"},
    {HEAD "compute:\n  - [output_mean]\n",
     "6:5: compute: each entry must say what, like {what: output_mean, ...}"},
    {HEAD "compute:\n  - {what: output_mean, says: x, claimed: 0, tolerance: -1}\n",
     "6:57: tolerance: -1 is not at least 0"},
    {HEAD "compute:\n  - {what: output_mean, says: x, claimed: 0, tolerance: 1, B: 0}\n",
     "6:63: B: 0 is outside its range, 1 to 100000"},
    {HEAD "compute:\n  - {what: output_mena}\n",
     "6:12: what: 'output_mena' is no formula (did you mean 'output_mean'?)"},
    {HEAD "compute:\n  - {what: output_mean, says: x, tolerance: 1}\n",
     "6:5: compute: has no claimed: what must come out"},
    {HEAD "compute:\n  - {what: output_mean, says: x, claimed: 0, tolerance: 1, width: 3}\n",
     "6:60: unknown key 'width'; `normlab describe` lists all"},
};

#define RULED(words)                                                                               \
    "schema: 1\nname: x\ntitle: X\nclaim: {number: 1, notes: A, says: x, " words                   \
    "}\njudge:\n" QUESTION

static const struct bad bad_rules[] = {
    {RULED("rule: any") "}\n" SEEDS_10, "4:45: rule: 'any' is not one, all or depends"},
    {RULED("rule: all, " OUTCOMES) "}\n" SEEDS_10,
     "4:8: claim: the rule 'all' needs two questions that decide, here one does; give them role: "
     "decides"},
    {RULED("rule: all, " OUTCOMES) ", role: beside}\n" SEEDS_10,
     "4:8: claim: the rule 'all' needs two questions that decide, here none does; give them role: "
     "decides"},
    {RULED("rule: depends") "}\n" OTHER_QUESTION ", role: decides}\n" SEEDS_10,
     "4:8: claim: has no sentence for the outcome 'supported'"},
    {RULED("rule: depends, supported: yes, refuted: no") "}\n" OTHER_QUESTION
                                                         ", role: decides}\n" SEEDS_10,
     "4:8: claim: has no sentence for the outcome 'depends'"},
    {RULED("rule: one") "}\n" OTHER_QUESTION ", role: decides}\n" SEEDS_10,
     "4:8: claim: with the rule 'one' one question must decide, here 2 do; rule: all or depends is "
     "for several"},
    {RULED("rule: one") ", role: premise}\n" SEEDS_10,
     "4:8: claim: with the rule 'one' one question must decide, here 0 do; rule: all or depends is "
     "for several"},
    {RULED("rule: one") ", role: decide}\n" SEEDS_10,
     "6:146: role: 'decide' is not decides, premise or beside (did you mean 'decides'?)"},
    {RULED("table: effect") "}\n" SEEDS_10,
     "4:46: table: 'effect' is not effects (did you mean 'effects'?)"},
    {RULED("table: effects") ", transform: log2}\n" SEEDS_10,
     "4:8: claim: table: effects needs a question that decides, whose difference is of figures as "
     "they are: neither transform nor spread"},
    {RULED("table: effects") ", role: beside}\n" SEEDS_10,
     "4:8: claim: table: effects needs a question that decides, whose difference is of figures as "
     "they are: neither transform nor spread"},
    {RULED("looks: 10") "}\n" SEEDS_10,
     "4:46: looks: must be a list of numbers, 10 to 40, like [10, 20, 40], not a single value"},
    {RULED("looks: [10, 30]") "}\n" SEEDS_10,
     "4:51: looks: must be some of 10, 20 and 40 seeds, in this order: only these have levels"},
    {RULED("looks: [10, 20, 40, 80]") "}\n" SEEDS_10,
     "4:59: looks: must be some of 10, 20 and 40 seeds, in this order: only these have levels"},
    {RULED("choosing_seeds: [100, 101]") "}\n" SEEDS_10,
     "4:8: claim: choosing_seeds: the seeds of the runs must begin with them"},
    {RULED("choosing_seeds: 3") "}\n" SEEDS_10,
     "4:55: seed: must be a list of values or range(n), not a single value"},
    {RULED("choosing_seeds: range(2)") "}\nsweep: {seed: range(6)}\n",
     "6:5: 4 seeds cannot decide anything: take 7"},
    {RULED("looks: [20, 10]") "}\n" SEEDS_10,
     "4:51: looks: must be some of 10, 20 and 40 seeds, in this order: only these have levels"},
    {RULED(
         "looks: [10, 20]") ", strata: {train.batch_size: [2, 4, 8]}}\nsweep: {seed: range(20)}\n",
     "6:5: 10 seeds cannot decide in 3 strata: take 11 seeds, or at most 2 strata"},
    {RULED("looks: [10, 20]") "}\n" SEEDS_10,
     "4:8: claim: the last look is at 20 seeds, the study has 10"},
    {RULED("rule: all, supported: yes, refuted: no") ", strata: {train.batch_size: [2, 3, 4, "
                                                     "5]}}\n" OTHER_QUESTION
                                                     ", role: decides, strata: {train.batch_size: "
                                                     "[2, 3, 4, 5]}}\n" SEEDS_10,
     "4:8: claim: 10 seeds cannot decide 2 questions with 8 strata in all: take 11 seeds, or fewer "
     "of them"},
    {RULED("seen_before: [{date: 2026-11-27, answer: no}]") "}\n" SEEDS_10,
     "4:53: seen_before: has no changed: what is asked otherwise now, and why"},
    {RULED("seen_before: [{date: 27.11.2026, answer: no, changed: x}]") "}\n" SEEDS_10,
     "4:60: date: must be a day, like 2026-11-27"},
    {RULED("seen_before: [no]") "}\n" SEEDS_10,
     "4:53: seen_before: each entry must be a map such as {key: value}"},
};

static void expect_bad(const struct bad *bad) {
    struct claim claim;
    enum status status = claim_text_read(bad->text, &claim);
    cr_expect(status == ERROR_USAGE, "status %d for:\n%s", status, bad->text);
    const char *said = status_message() + strlen(claim_text_path) + 1;
    cr_expect(!strncmp(status_message(), claim_text_path, strlen(claim_text_path)) &&
                  !strcmp(said, bad->message),
              "said %s\nnot  %s\nfor:\n%s", said, bad->message, bad->text);
}

Test(claim, bad_rules_of_every_kind) {
    for (size_t i = 0; i < sizeof bad_rules / sizeof *bad_rules; i++)
        expect_bad(&bad_rules[i]);
}

Test(claim, bad_input_of_every_kind) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
        expect_bad(&bads[i]);
}

/* Ten seeds cannot part three strata at .008, twenty can at .007; what stands beside may wait. */
Test(claim, looks_fit_the_strata_of_questions_that_count) {
    struct claim claim =
        claim_text_good(RULED("looks: [20, 40]") ", strata: {train.batch_size: [2, 4, 8]}}\n"
                                                 "sweep: {seed: range(40)}\n");
    cr_expect(claim.rule.n_looks == 2 && claim.rule.looks[0].level == look_level(1), "its level");
    claim_free(&claim);
    claim = claim_text_good(RULED("looks: [10, 20]") "}\n" OTHER_QUESTION
                                                     ", strata: {train.batch_size: [2, 4, 8]}}\n"
                                                     "sweep: {seed: range(20)}\n");
    claim_free(&claim);
}

/* Files of before have neither rule nor roles: their first question decides. */
Test(claim, rules_and_roles) {
    struct claim claim =
        claim_text_good(HEAD "judge:\n" QUESTION "}\n" OTHER_QUESTION "}\n" SEEDS_10);
    cr_expect(claim.rule.rule == RULE_ONE && claim.rule.n_looks == 0, "the rule of before");
    cr_expect(claim.questions[0].role == ROLE_DECIDES && claim.questions[1].role == ROLE_BESIDE,
              "the first decides");
    claim_free(&claim);
    claim = claim_text_good(RULED(
        "rule: all, looks: [10, 20], pilot: p, seen_before: [{date: "
        "2026-11-27, answer: a, "
        "changed: c}, {date: 2026-11-28, answer: b, changed: "
        "d}], " OUTCOMES) ", role: premise, small: little}\n" QUESTION_CALLED("third") ", role: "
                                                                                       "decides}"
                                                                                       "\n" OTHER_QUESTION
                                                                                       ", role: "
                                                                                       "decides}"
                                                                                       "\nsweep: "
                                                                                       "{seed: "
                                                                                       "range(20)}"
                                                                                       "\n");
    const struct claim_rule *rule = &claim.rule;
    cr_expect(rule->rule == RULE_ALL && rule->n_looks == 2 && rule->looks[1].n_seeds == 20 &&
                  rule->looks[1].level == look_level(1),
              "looks");
    cr_expect_str_eq(rule->pilot, "p");
    cr_expect(rule->n_seen_before == 2, "%d", rule->n_seen_before);
    cr_expect_str_eq(rule->seen_before[1].answer, "b");
    cr_expect(claim.questions[0].role == ROLE_PREMISE && claim.questions[2].role == ROLE_DECIDES,
              "roles");
    cr_expect_str_eq(claim.questions[0].outcome[VERDICT_SMALL], "little");
    cr_expect(!claim.questions[0].outcome[VERDICT_SIGN_ONLY], "a sentence of ours");
    claim_free(&claim);
}

/* Beside the first that decides those stand in it that have its unit, and are of figures as they
 * are. */
Test(claim, a_table_of_effects_has_questions_of_one_unit) {
    struct claim claim = claim_text_good(
        RULED("table: effects") ", unit: of error}\n"  //
        QUESTION_CALLED("alike") ", unit: of error}\n" //
        QUESTION_CALLED("loss") ", unit: nat}\n"       //
        QUESTION_CALLED("scatter") ", unit: of error, metric: "
                                   "{column: test_error, spread: true}}\n" SEEDS_10);
    static const bool in[] = {true, true, false, false};
    cr_assert_eq(claim.n_questions, 4);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(claim_tables(&claim, &claim.questions[i]), in[i], "%s",
                     claim.questions[i].name);
    claim.has_effects = false;
    cr_expect_not(claim_tables(&claim, &claim.questions[0]), "it asks for none");
    claim_free(&claim);
}

Test(claim, questions_have_arms_strata_and_metrics) {
    struct claim claim = claim_text_good(
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
        struct claim claim = claim_text_good(pool_format(
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
        struct claim claim = claim_text_good(
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
    struct claim claim = claim_text_good(
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

/* As the reference of the file format has it. */
Test(claim, a_title_is_what_it_says_where_there_is_none) {
    struct claim claim =
        claim_text_good("schema: 1\nname: x\nclaim: {says: It learns., cannot: no data}\n");
    cr_expect_str_eq(claim.title, "It learns.");
    claim_free(&claim);
    claim = claim_text_good(
        "schema: 1\nname: x\ntitle: In a line\nclaim: {says: It learns., cannot: no data}\n");
    cr_expect_str_eq(claim.title, "In a line");
    claim_free(&claim);
}

/* ---- computations ---- */

Test(claim, computations_decide_by_how_many_hold) {
    static const char *const lines[2] = {
        "  - {what: learned_per_unit, norm.kind: batch, says: x, claimed: 2, tolerance: 0}\n",
        "  - {what: learned_per_unit, norm.kind: batch, says: x, claimed: 3, tolerance: 0}\n"};
    static const int choices[3][2] = {{0, 0}, {1, 1}, {0, 1}};
    static const enum verdict expected[] = {VERDICT_SUPPORTED, VERDICT_REFUTED, VERDICT_DEPENDS};
    for (int i = 0; i < 3; i++) {
        struct pool pool = {0};
        struct judgement judgement;
        struct claim claim = claim_text_good(
            pool_format(&pool,
                        "schema: 1\nname: x\ntitle: X\n"
                        "claim: {number: 1, notes: A, says: x, " OUTCOMES "}\ncompute:\n%s%s",
                        lines[choices[i][0]], lines[choices[i][1]]));
        cr_assert(verdict_judge(&claim, "nowhere", &judgement) == OK, "%s", status_message());
        cr_expect(judgement.decided && judgement.verdict == expected[i], "case %d: %s", i,
                  judgement_word(&judgement));
        judgement_free(&judgement);
        claim_free(&claim);
        pool_free(&pool);
    }
}

Test(claim, what_is_decided_by_computation_has_no_question_that_decides) {
    struct claim claim = claim_text_good(
        "schema: 1\nname: x\ntitle: X\n"
        "claim: {number: 1, notes: A, says: x, decides: compute, " OUTCOMES "}\n"
        "compute: [{what: learned_per_unit, norm.kind: batch, says: x, claimed: 2, tolerance: 0}]\n"
        "judge:\n" QUESTION "}\n" SEEDS_10);
    cr_expect(claim.questions[0].role == ROLE_BESIDE, "a question decides");
    claim_free(&claim);
}

/* Beside: the second would refute it. */
Test(claim, a_computation_beside_decides_nothing) {
    struct judgement judgement;
    struct claim claim = claim_text_good(
        "schema: 1\nname: x\ntitle: X\n"
        "claim: {number: 1, notes: A, says: x, universal: true, " OUTCOMES "}\ncompute:\n"
        "  - {what: learned_per_unit, norm.kind: batch, says: x, claimed: 2, tolerance: 0}\n"
        "  - {what: learned_per_unit, norm.kind: batch, says: x, claimed: 3, tolerance: 0, "
        "role: beside}\n");
    cr_assert(verdict_judge(&claim, "nowhere", &judgement) == OK, "%s", status_message());
    cr_expect(judgement.decided && judgement.verdict == VERDICT_SUPPORTED, "%s",
              judgement_word(&judgement));
    cr_expect(judgement.computed[0].holds && !judgement.computed[1].holds, "what holds");
    judgement_free(&judgement);
    claim_free(&claim);
}

/* Batch norm over itself takes some share of 1e-6 to 1000, and not 4,999 times as long. */
Test(claim, a_time_holds_with_all_of_its_interval) {
    static const struct {
        double claimed, tolerance;
        bool holds;
    } cases[] = {{500, 499.999999, true}, {5000, 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool pool = {0};
        struct judgement judgement;
        struct claim claim = claim_text_good(
            pool_format(&pool,
                        "schema: 1\nname: x\ntitle: X\n"
                        "claim: {number: 1, notes: A, says: x, " OUTCOMES "}\ncompute:\n"
                        "  - {what: time_ratio_evaluation, norm.kind: batch, says: x, claimed: %g, "
                        "tolerance: %.10g}\n",
                        cases[i].claimed, cases[i].tolerance));
        cr_assert(verdict_judge(&claim, "nowhere", &judgement) == OK, "%s", status_message());
        cr_expect(judgement.computed[0].holds == cases[i].holds && !judgement.computed[0].open,
                  "case %zu", i);
        struct measured measured = judgement.computed[0].measured;
        cr_expect(judgement.verdict == (cases[i].holds ? VERDICT_SUPPORTED : VERDICT_REFUTED) &&
                      measured.low <= measured.value && measured.value <= measured.high,
                  "case %zu: %s", i, judgement_word(&judgement));
        judgement_free(&judgement);
        claim_free(&claim);
        pool_free(&pool);
    }
}

static int refuse_all(const char *path) {
    (void)path;
    return EACCES;
}

/* Runs were begun there. */
static int pretend_plan(const char *path) {
    return strstr(path, "/plan.json") ? -1 : 0;
}

/* "Not run yet" is said where there are no results, not where they are out of reach. */
Test(claim, results_out_of_reach_are_no_missing_results) {
    struct judgement judgement;
    struct claim claim = claim_text_good(
        HEAD "judge:\n  - {name: worse, asks: is it, kind: direction, more: {norm.kind: batch}, "
             "less: {norm.kind: none}, delta: 0.01, " OUTCOMES
             "}\nsweep: {norm.kind: [batch, none], seed: range(10)}\n");
    cr_assert(verdict_judge(&claim, "nowhere", &judgement) == OK, "%s", status_message());
    cr_expect(strstr(judgement.sentence, "Not run yet"), "%s", judgement.sentence);
    cr_expect(strstr(judgement.sentence, "`normlab run ") &&
                  strstr(judgement.sentence, " --out nowhere` trains its runs."),
              "%s", judgement.sentence);
    judgement_free(&judgement);
    test_calls.open_error = pretend_plan;
    cr_assert(verdict_judge(&claim, "nowhere", &judgement) == OK, "%s", status_message());
    test_calls.open_error = NULL;
    cr_expect(strstr(judgement.sentence, "Not run yet") &&
                  strstr(judgement.sentence, "`normlab status nowhere/"),
              "%s", judgement.sentence);
    judgement_free(&judgement);
    test_calls.open_error = refuse_all;
    enum status status = verdict_judge(&claim, "nowhere", &judgement);
    test_calls.open_error = NULL;
    cr_expect(status == ERROR_UNREADABLE, "status %d", (int)status);
    cr_expect(strstr(status_message(), strerror(EACCES)), "%s", status_message());
    claim_free(&claim);
}
