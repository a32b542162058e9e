/* Steps to a target in real results: what a run that never gets there counts as. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "judge/claim/answer.h"
#include "tests/judge/claim/claim_text.h"
#include "tests/lab/runner/sweep.h"

TestSuite(budget, .timeout = 300);

enum { SEEDS = 8, RUNS = 2 * SEEDS };

/* At batch size 16 every run diverges. %s: ", train: 500", which is every row that validation
 * leaves, or nothing: all of them. */
static const char study[] =
    "schema: 1\n"
    "name: budget\n"
    "title: A budget without a complete run\n"
    "base:\n"
    "  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200,\n"
    "         validation: 100%s}\n"
    "  model: {hidden: [10]}\n"
    "  norm: {kind: none}\n"
    "  train: {epochs: 3}\n"
    "  log: {level: standard}\n"
    "zip:\n"
    "  - {train.batch_size: [8, 16], optimizer.lr: [0.05, 1e6]}\n"
    "sweep: {seed: range(8)}\n"
    "claim: {number: 1, notes: A, says: something}\n"
    "judge:\n"
    "  - name: slower\n"
    "    asks: Does the diverged arm take more steps to reach the target?\n"
    "    metric: {series: step/train_loss, take: first_below, at: 0.3}\n"
    "    more: {train.batch_size: 16}\n"
    "    less: {train.batch_size: 8}\n"
    "    delta: 0.5\n"
    "    unit: steps\n"
    "    supported: The diverged arm is slower.\n"
    "    refuted: The diverged arm is not slower.\n";

struct asked {
    struct pool pool;
    struct sweep sweep;
    struct table summary;
    struct claim claim;
    struct answer answer;
};

/* Trains the study and answers its question; `edit` may change the summary before. */
static void ask_text(const char *text, void (*edit)(struct table *summary), struct asked *asked) {
    sweep_create(&asked->sweep, text, NULL);
    cr_assert(sweep_run(&asked->sweep) == OK, "%s", status_message());
    sweep_summary(sweep_merged(&asked->sweep), &asked->summary);
    if (edit)
        edit(&asked->summary);
    asked->claim = claim_text_good(text);
    asked->answer.question = asked->claim.questions;
    cr_assert(answer_make(&asked->claim, sweep_merged(&asked->sweep), &asked->summary,
                          &asked->answer, &asked->pool) == OK,
              "%s", status_message());
}

static void ask(const char *rows, void (*edit)(struct table *summary), struct asked *asked) {
    *asked = (struct asked){0};
    ask_text(pool_format(&asked->pool, study, rows), edit, asked);
    cr_assert(asked->summary.n_rows == RUNS, "%d runs", asked->summary.n_rows);
}

static void forget(struct asked *asked) {
    answer_free(&asked->answer);
    claim_free(&asked->claim);
    table_free(&asked->summary);
    sweep_free(&asked->sweep);
    pool_free(&asked->pool);
}

/* 500 training rows are 500 training rows, however the file says it. */
Test(budget, follows_from_the_run_and_not_from_what_the_file_says) {
    struct asked all, some;
    ask("", NULL, &all);
    ask(", train: 500", NULL, &some);
    cr_assert(!all.answer.open && !some.answer.open, "%s, %s", all.answer.open, some.answer.open);
    cr_expect(all.answer.decision.verdict == VERDICT_SUPPORTED, "all rows: %s", all.answer.text);
    cr_expect(!strcmp(all.answer.text, some.answer.text), "%s\n%s", all.answer.text,
              some.answer.text);
    cr_expect(all.answer.missed.n_more == SEEDS && all.answer.missed.n_less == 0, "%d and %d",
              all.answer.missed.n_more, all.answer.missed.n_less);
    cr_expect(!all.answer.missed.at_least && !strcmp(all.answer.basis, "seeds"), "%s",
              all.answer.missed.sentence);
    for (int i = 0; i < SEEDS; i++) {
        const struct contrast *once = &all.answer.contrast, *low = &all.answer.low,
                              *high = &all.answer.high;
        double planned = 3 * (500 / 16);
        cr_expect(once->first[i] == planned && high->first[i] == 2 * planned, "seed %d: %g, %g", i,
                  once->first[i], high->first[i]);
        cr_expect(low->d[i] == once->d[i] && fabs(high->d[i] - once->d[i] - planned) < 1e-9,
                  "seed %d: %g to %g", i, low->d[i], high->d[i]);
        cr_expect(once->second[i] == high->second[i] && once->second[i] < 186,
                  "seed %d got there after %g", i, once->second[i]);
        cr_expect(once->d[i] == planned - once->second[i], "seed %d: %g", i, once->d[i]);
        cr_expect(once->d[i] == some.answer.contrast.d[i], "seed %d: %g, %g", i, once->d[i],
                  some.answer.contrast.d[i]);
    }
    forget(&all);
    forget(&some);
}

/* As in files from before normlab kept the number. */
static void without_planned_steps(struct table *summary) {
    long *planned = table_find(summary, "planned_steps")->integers;
    for (int row = 0; row < summary->n_rows; row++)
        planned[row] = -1;
}

Test(budget, of_an_old_file_is_asked_for) {
    struct asked asked;
    ask("", without_planned_steps, &asked);
    cr_expect(asked.answer.open && strstr(asked.answer.open, "normlab run --force"), "%s",
              asked.answer.open);
    forget(&asked);
}

/* Some runs get to the target after one epoch, 62 steps, others in three epochs alone: these are
 * the arm's, though 62 steps are fewer. */
Test(budget, a_run_that_got_there_is_taken_before_a_shorter_one_that_did_not) {
    static const char text[] =
        "schema: 1\n"
        "name: lengths\n"
        "title: Runs of two lengths\n"
        "base:\n"
        "  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200,\n"
        "         validation: 100}\n"
        "  model: {hidden: [10]}\n"
        "  norm: {kind: none}\n"
        "  train: {batch_size: 8}\n"
        "  log: {level: standard}\n"
        "sweep: {train.epochs: [1, 3], optimizer.lr: [0.01, 1e6], seed: range(8)}\n"
        "claim: {number: 1, notes: A, says: something}\n"
        "judge:\n"
        "  - name: slower\n"
        "    asks: Is it?\n"
        "    metric: {series: step/train_loss, take: first_below, at: 0.1,\n"
        "             over: {key: train.epochs, take: min}}\n"
        "    more: {optimizer.lr: 1e6}\n"
        "    less: {optimizer.lr: 0.01}\n"
        "    delta: 0.5\n"
        "    unit: steps\n"
        "    supported: The diverged arm is slower.\n"
        "    refuted: The diverged arm is not slower.\n";
    struct asked asked = {0};
    ask_text(text, NULL, &asked);
    cr_assert(!asked.answer.open, "%s", asked.answer.open);
    const struct answer *answer = &asked.answer;
    int n_late = 0;
    for (int i = 0; i < SEEDS; i++)
        n_late += answer->contrast.second[i] > 500 / 8;
    cr_expect(n_late > 0, "all got there within an epoch");
    cr_expect(answer->missed.n_more == SEEDS && answer->missed.n_less == 0, "%d and %d missed",
              answer->missed.n_more, answer->missed.n_less);
    for (int i = 0; i < SEEDS; i++)
        cr_expect(answer->low.d[i] == answer->contrast.d[i] && /* the diverged run of one epoch */
                      answer->contrast.first[i] == 62 && answer->high.first[i] == 124,
                  "seed %d: %g from %g to %g", i, answer->contrast.d[i], answer->low.d[i],
                  answer->high.d[i]);
    forget(&asked);
}
