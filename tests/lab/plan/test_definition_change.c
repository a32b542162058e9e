/* Results of another definition than a claim's are told from its own. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"
#include "judge/claim/verdict.h"
#include "judge/claim/verdict_words.h"
#include "lab/plan/definition_change.h"
#include "tests/lab/runner/sweep.h"

static const char head[] = "schema: 1\nname: x\nbase:\n  data: {name: clusters}\n";

static void parse(const char *rest, struct pool *pool, struct experiment *experiment) {
    const char *text = pool_format(pool, "%s%s", head, rest);
    cr_assert(experiment_parse("x.yaml", text, 0, NULL, experiment) == OK, "%s\n%s",
              status_message(), text);
}

static const char first[] = "  optimizer: {lr: 0.1}\n"
                            "  log: {level: standard}\n"
                            "sweep:\n  norm.kind: [none, batch]\n  seed: range(3)\n"
                            "exclude:\n  - {norm.kind: none, seed: 1}\n";

static const struct {
    const char *rest, *change; /* NULL: none that matters */
} cases[] = {
    {"  optimizer: {lr: 0.1}\nsweep:\n  norm.kind: [none, batch]\n  seed: range(3)\n"
     "exclude:\n  - {norm.kind: none, seed: 1}\n# a comment\n",
     NULL},
    {"  optimizer: {lr: 0.1}\n  log: {level: full}\nsweep:\n  seed: range(3)\n"
     "  norm.kind: [none, batch]\nexclude:\n  - {norm.kind: none, seed: 1}\n",
     NULL}, /* in another order, and more is logged */
    {"  optimizer: {lr: 0.2}\nsweep:\n  norm.kind: [none, batch]\n  seed: range(3)\n"
     "exclude:\n  - {norm.kind: none, seed: 1}\n",
     "optimizer.lr"},
    {"  optimizer: {lr: 0.1}\nsweep:\n  norm.kind: [none, batch]\n  seed: range(4)\n"
     "exclude:\n  - {norm.kind: none, seed: 1}\n",
     "seed"},
    {"  optimizer: {lr: 0.1}\nsweep:\n  norm.kind: [none, batch]\n  seed: range(3)\n"
     "  train.batch_size: [4, 8]\nexclude:\n  - {norm.kind: none, seed: 1}\n",
     "train.batch_size"},
    {"  optimizer: {lr: 0.1}\nsweep:\n  norm.kind: [none, batch]\n  seed: range(3)\n", "exclude"},
};

Test(definition, what_differs_is_named) {
    struct pool pool = {0};
    struct experiment then;
    parse(first, &pool, &then);
    const char *resolved = experiment_json(&then, &pool);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct experiment now;
        parse(cases[i].rest, &pool, &now);
        const char *change = definition_change(&now, resolved, &pool), *expected = cases[i].change;
        cr_expect(change && expected ? !strcmp(change, expected) : change == expected,
                  "case %zu: %s", i, change ? change : "none");
        experiment_free(&now);
    }
    cr_expect(!definition_change(&then, "{}", &pool), "of an empty one nothing is known");
    experiment_free(&then);
    pool_free(&pool);
}

/* A rate that is not there could be the best one. */
Test(definition, a_claim_is_open_on_results_of_another_definition, .timeout = 60) {
    static const char *const overrides[] = {"protocol=quick", "seed=range(9)", NULL};
    struct pool pool = {0};
    struct sweep sweep;
    struct claim claim;
    struct judgement judgement;
    char *study;
    cr_assert(file_read("tests/judge/report/page/study.yaml", &pool, &study) == OK, "%s",
              status_message());
    sweep_create(&sweep, study, overrides);
    sweep.experiment.results = sweep.experiment.name; /* as an earlier version of the file would */
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    cr_assert(claim_read("tests/judge/report/page/1_learns.yaml", "quick", &claim) == OK, "%s",
              status_message());
    cr_assert(verdict_judge(&claim, sweep.out, &judgement) == OK, "%s", status_message());
    cr_expect_str_eq(judgement_word(&judgement), "open");
    cr_expect(strstr(judgement.sentence, " are those of test.yaml, not of study.yaml: name that "),
              "another file: %s", judgement.sentence);
    judgement_free(&judgement);
    sweep.experiment.file = "elsewhere/study.yaml";
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    cr_assert(verdict_judge(&claim, sweep.out, &judgement) == OK, "%s", status_message());
    cr_expect(strstr(judgement.sentence, "another version of") &&
                  strstr(judgement.sentence, "(seed): run it again."),
              "%s", judgement.sentence);
    judgement_free(&judgement);
    claim_free(&claim);
    sweep_free(&sweep);
    pool_free(&pool);
}
