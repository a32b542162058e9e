/* Questions of claims that no results could answer are refused before anything is trained: each
 * with its place, what is wrong, what there is, and what may be meant. */
#include "judge/claim/claim_check.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(claim_check, .timeout = 120);

/* ---- claims of a small study ---- */

static char path[] = "/tmp/normlab-test-check-XXXXXX";

/* Ten seeds, two normalizers, three batch sizes. */
#define STUDY                                                                                      \
    "schema: 1\nname: x\ntitle: X\n"                                                               \
    "base:\n"                                                                                      \
    "  data: {name: clusters, rows: 300, validation: 50, train: 100}\n"                            \
    "  model: {hidden: [8, 7]}\n"                                                                  \
    "  log: {probes: trace/ics_norm activation_mean}\n"                                            \
    "sweep:\n"                                                                                     \
    "  norm.kind: [none, batch]\n"                                                                 \
    "  train.batch_size: [2, 4, 8]\n"                                                              \
    "  seed: range(10)\n"                                                                          \
    "quick:\n"                                                                                     \
    "  only: {train.batch_size: 4}\n"                                                              \
    "claim: {says: something}\n"                                                                   \
    "judge:\n" /* lines 1 to 15 */
#define ASK "  - {name: q, asks: is it, delta: 0.01, supported: s, refuted: r, depends: d,\n"
#define MORE "     more: {norm.kind: batch}, "
#define LESS "less: {norm.kind: none},\n"
#define STRATA "     strata: {train.batch_size: [2, 4, 8]}"
#define GOOD ASK MORE LESS STRATA

static enum status check_text(const char *text, const char *protocol,
                              const struct log_config *also) {
    struct claim claim;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s", path);
    close(fd);
    enum status status = claim_read(path, protocol, &claim);
    cr_assert(!status, "%s\n%s", status_message(), text);
    status = claim_check(&claim, also);
    claim_free(&claim);
    unlink(path);
    return status;
}

static void expect_good(const char *text, const char *protocol, const struct log_config *also) {
    enum status status = check_text(text, protocol, also);
    cr_expect(!status, "%s\n%s", status ? status_message() : "", text);
}

/* What was said, with FILE for the path. */
static const char *said(struct pool *pool) {
    const char *text = status_message(), *result = "";
    for (const char *at; (at = strstr(text, path)) != NULL; text = at + strlen(path))
        result = pool_format(pool, "%s%.*sFILE", result, (int)(at - text), text);
    return pool_format(pool, "%s%s", result, text);
}

/* Of a message that ends in "*" only what stands before it is compared: lists of what there is go
 * on with the next probe, or the next column. */
static void expect_bad(const char *text, const char *protocol, const char *message) {
    struct pool pool = {0};
    enum status status = check_text(text, protocol, NULL);
    size_t size = strlen(message);
    bool begins = size && message[size - 1] == '*';
    cr_expect(status == ERROR_USAGE, "status %d for:\n%s", (int)status, text);
    cr_expect(status && (begins ? !strncmp(said(&pool), message, size - 1)
                                : !strcmp(said(&pool), message)),
              "said %s\nnot  %s\nfor:\n%s", status ? said(&pool) : "nothing", message, text);
    pool_free(&pool);
}

struct bad {
    const char *question, *message;
};

static void expect_all_bad(const struct bad *bads, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct pool pool = {0};
        expect_bad(pool_format(&pool, STUDY "%s", bads[i].question), NULL, bads[i].message);
        pool_free(&pool);
    }
}

#define EXPECT_ALL_BAD(bads) expect_all_bad(bads, sizeof(bads) / sizeof *(bads))

Test(claim_check, what_can_be_answered_is_good) {
    expect_good(STUDY GOOD "}\n", NULL, NULL);
    expect_good(STUDY GOOD ", metric: validation_loss}\n", NULL, NULL);
    expect_good(STUDY GOOD ", metric: {column: test_loss, minus: train_loss}}\n", NULL, NULL);
    expect_good(STUDY GOOD ", metric: {series: step/train_loss, take: first_below, at: 1}}\n", NULL,
                NULL);
    expect_good(STUDY GOOD ", metric: {series: trace/ics_norm, take: mean, where: layer=1}}\n",
                NULL, NULL);
    expect_good(STUDY GOOD ", metric: {series: trace/ics_norm, take: first, where: [layer=0, "
                           "step>1000]}}\n",
                NULL, NULL);
    expect_good(STUDY GOOD ", metric: {series: trace/ics_norm, where: layer=1, when: {series: "
                           "step/train_loss, at: 1}}}\n",
                NULL, NULL);
    expect_good(STUDY ASK MORE LESS
                "     metric: {column: test_error, over: {key: train.batch_size, take: min}}}\n",
                NULL, NULL);
    expect_good(STUDY ASK "     more: {norm.kind: batch, train.batch_size: 2, metric: "
                          "test_error_population},\n" LESS
                          "     strata: {norm.placement: before}}\n",
                "quick", NULL); /* of which quick has no run */
}

/* ---- arms and strata ---- */

static const struct bad bad_arms[] = {
    {ASK "     more: {norm.kind: layer}, " LESS STRATA "}\n",
     "FILE:17:24: no run has norm.kind=layer; in FILE it is none, batch"},
    {ASK "     more: {norm: {kind: batch_noisy}}, " LESS STRATA "}\n",
     "FILE:17:26: no run has norm.kind=batch_noisy (did you mean 'batch'?); in FILE it is none, "
     "batch"},
    {ASK "     more: {norm.kind: batch, train.batch_size: [2, 3]},\n"
         "     less: {norm.kind: none, train.batch_size: 2}}\n",
     "FILE:17:53: no run has train.batch_size=3; in FILE it is 2, 4, 8"},
    {ASK "     more: {norm.kind: batch, train.batch_size: 2, optimizer.lr: 0.3},\n"
         "     less: {norm.kind: none, train.batch_size: 2}}\n",
     "FILE:17:66: no run has optimizer.lr=0.3; in FILE it is 0.025"},
    {ASK "     more: {norm.kind: batch, norm.affine: false}, " LESS STRATA "}\n",
     "FILE:17:44: no run has norm.affine=false; in FILE it is true"},
    {ASK "     more: {norm.kind: none, norm.momentum: 0.9}, " LESS STRATA "}\n",
     "FILE:17:12: more: no run of FILE has norm.kind=none and norm.momentum=0.9"},
    {ASK MORE "less: {norm.kind: none, norm.groups: 4},\n" STRATA "}\n",
     "FILE:17:56: no run of FILE has a norm.groups, which applies with norm.kind=group"},
    {ASK MORE "less: {norm.kind: none, data.dir: x},\n" STRATA "}\n",
     "FILE:17:56: data.dir is of a machine and not of a run"},
    {ASK MORE "less: {norm.kind: none, model.hidden: [8, 7, 7, 7, 7, 7]},\n" STRATA "}\n",
     "FILE:17:70: no run has model.hidden=8-7-7-7-7-7; in FILE it is 8-7"},
    {ASK MORE "less: {norm.kind: none, eval.batch_rows: auto},\n" STRATA "}\n",
     "FILE:17:73: 'eval.batch_rows' holds numbers, and 'auto' is none"},
    {ASK MORE LESS "     strata: {train.batch_size: [2, 16]}}\n",
     "FILE:18:37: no run has train.batch_size=16; in FILE it is 2, 4, 8"},
    {ASK MORE LESS "     strata: {norm.rows: 2}}\n",
     "FILE:18:26: no run has norm.rows=2; in FILE it is auto"},
    {ASK MORE LESS "     strata: {seed: [3, 30]}}\n",
     "FILE:18:25: no run has seed=30; in FILE it is 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"},
};

Test(claim_check, arms_and_strata_that_no_run_is_in) {
    EXPECT_ALL_BAD(bad_arms);
}

static const struct bad bad_pairs[] = {
    {ASK MORE LESS "     unit: x}\n",
     "FILE:16:5: judge: 'q': the runs of FILE cannot be compared: train.batch_size varies within "
     "'batch' (2 and 4): make it a key of the strata, or choose a value"},
    {ASK "     more: {norm.kind: batch, train.batch_size: 2}, " LESS "     unit: x}\n",
     "FILE:16:5: judge: 'q': the runs of FILE cannot be compared: train.batch_size varies within "
     "'none' (2 and 4): make it a key of the strata, or choose a value"},
    {ASK "     more: {norm.kind: batch, train.batch_size: 2},\n"
         "     less: {norm.kind: none, train.batch_size: 2, seed: [0, 1, 2]}}\n",
     "FILE:16:5: judge: 'q': the runs of FILE cannot be compared: 7 runs are missing: "
     "'none, 2, 0|1|2', seed 3; 'none, 2, 0|1|2', seed 4; 'none, 2, 0|1|2', seed 5; 'none, 2, "
     "0|1|2', seed 6; ..."},
    {ASK MORE LESS "     strata: {norm.kind: [batch, none]}}\n",
     "FILE:16:5: judge: 'q': the runs of FILE cannot be compared: train.batch_size varies within "
     "'batch' (2 and 4): make it a key of the strata, or choose a value"},
};

Test(claim_check, runs_that_cannot_be_paired) {
    EXPECT_ALL_BAD(bad_pairs);
}

/* ---- columns ---- */

static const struct bad bad_columns[] = {
    {GOOD ", metric: test_err}\n",
     "FILE:18:53: metric: no column 'test_err' (did you mean 'test_error'?)"},
    {GOOD ", figure: {column: test_eror, diverged: 1}}\n",
     "FILE:18:62: column: no column 'test_eror' (did you mean 'test_error'?)"},
    {GOOD ", metric: perplexity}\n",
     "FILE:18:53: metric: no column 'perplexity'; there are collapsed, diverged_at_step, steps, *"},
    {GOOD ", metric: status}\n", "FILE:18:53: metric: 'status' is text: it is no metric"},
    {GOOD ", metric: epoch/test_error}\n",
     "FILE:18:53: metric: 'epoch/test_error' is no column; a series is written {series: "
     "epoch/test_error, take: ...}"},
    {GOOD ", metric: {column: test_error, minus: train_eror}}\n",
     "FILE:18:81: minus: no column 'train_eror' (did you mean 'train_error'?)"},
    {GOOD ", metric: {column: test_error, minus: norm.kind}}\n",
     "FILE:18:81: minus: 'norm.kind' is text: it is no metric"},
    {GOOD ", metric: test_error_population}\n",
     "FILE:18:53: metric: runs of 'none' have no test_error_population: there are no such "
     "statistics with norm.kind=none"},
    {ASK "     more: {norm.kind: batch, metric: test_loss},\n"
         "     less: {norm.kind: batch, metric: test_los},\n" STRATA "}\n",
     "FILE:18:39: metric: no column 'test_los' (did you mean 'test_loss'?)"},
    {GOOD ", metric: {column: test_error, over: {key: optimizer.lr, take: min}}}\n",
     "FILE:18:86: over: the runs of FILE do not differ in optimizer.lr: there is nothing to choose "
     "among"},
    {GOOD ", metric: {column: test_error, over: {key: norm.groups, take: min}}}\n",
     "FILE:18:86: over: no run of FILE has a norm.groups, which applies with norm.kind=group"},
};

Test(claim_check, columns_that_runs_will_not_have) {
    EXPECT_ALL_BAD(bad_columns);
}

/* ---- series ---- */

static const struct bad bad_series[] = {
    {GOOD ", metric: {series: epoch/val_error}}\n",
     "FILE:18:62: series: no run records 'epoch/val_error' (did you mean "
     "'epoch/validation_error'?)"},
    {GOOD ", metric: {series: epoch/val_acc}}\n",
     "FILE:18:62: series: no run records 'epoch/val_acc' (did you mean 'epoch/validation_error', 1 "
     "- accuracy?)"},
    {GOOD ", metric: {series: step/loss_of_everything}}\n",
     "FILE:18:62: series: no run records 'step/loss_of_everything'; step/ has train_loss, *"},
    {GOOD ", metric: {series: steps/rate}}\n",
     "FILE:18:62: series: no run records 'steps/rate'; there are step/, *"},
    {GOOD ", metric: {series: test_error}}\n",
     "FILE:18:62: series: no run records 'test_error' (did you mean 'epoch/test_error'?)"},
    {GOOD ", metric: {series: trace/gradient_growth, take: mean}}\n",
     "FILE:18:62: series: the runs of FILE do not record 'trace/gradient_growth': log.probes must "
     "name trace/gradient_growth there"},
    {GOOD ", metric: {series: layer/gradient_norm, take: mean}}\n",
     "FILE:18:62: series: the runs of FILE do not record 'layer/gradient_norm': log.probes must "
     "name layer/gradient_norm there"},
    {GOOD ", metric: {series: layer1/gamma, take: mean}}\n",
     "FILE:18:62: series: the runs of FILE do not record 'layer1/gamma': log.probes must name "
     "gamma there"},
    {ASK
     "     more: {norm.kind: batch, metric: {series: layer7/weight_norm, take: mean}},\n     " LESS
         STRATA "}\n",
     "FILE:17:48: series: no run records 'layer7/weight_norm' (did you mean 'layer/weight_norm'?)"},
    {ASK "     more: {norm.kind: batch, metric: test_loss},\n     less: {norm.kind: none, metric: "
         "{series: layer1/gamma, take: mean}},\n" STRATA "}\n",
     "FILE:18:47: series: 'layer1/gamma' is not recorded of runs with norm.kind=none and 2 hidden "
     "layers"},
    {GOOD ", metric: {series: bank/test_error, take: mean}}\n",
     "FILE:18:62: series: the runs of FILE do not record 'bank/test_error': eval.momenta must have "
     "values there"},
    {GOOD ", metric: {series: bank_epoch/test_error, take: mean}}\n",
     "FILE:18:62: series: the runs of FILE do not record 'bank_epoch/test_error': eval.momenta "
     "must have values there"},
    {GOOD ", metric: {series: trace/ics_norm, take: last}}\n",
     "FILE:18:53: metric: 'trace/ics_norm' has several points at one step; choose among them with "
     "where"},
    {GOOD ", metric: {series: trace/ics_norm, where: layer=3}}\n",
     "FILE:18:85: where: no point has layer=3; its values are 0, 1, 2"},
    {GOOD ", metric: {series: trace/ics_norm, where: [step>10, layr=1]}}\n",
     "FILE:18:95: where: condition 'layr=1': no column 'layr' (did you mean 'layer'?)"},
    {GOOD ", metric: {series: trace/ics_norm, where: [layer=1, step>late]}}\n",
     "FILE:18:95: where: 'step' holds numbers, and 'late' is none"},
    {GOOD ", metric: {series: trace/ics_norm, where: [layer=1, layer=2]}}\n",
     "FILE:18:53: metric: no point of 'trace/ics_norm' meets all conditions"},
    {GOOD ", metric: {series: layer/activation_mean, where: layer=2}}\n",
     "FILE:18:53: metric: 'layer/activation_mean' has no number there: it is not of every layer"},
    {GOOD ", metric: {series: trace/ics_norm, where: layer}}\n",
     "FILE:18:85: where: condition 'layer': not of the form name=value (or !=, <=, >=, <, > in "
     "place of =)"},
    {GOOD ", metric: {series: epoch/train_loss, take: first_below, at: 1}}\n",
     "FILE:18:53: metric: 'epoch/train_loss' goes along epoch; first_below is of a series along "
     "steps"},
    {GOOD ", metric: {series: step/train_loss, when: {series: step/train_error, at: 1}}}\n",
     "FILE:18:94: series: the runs of FILE do not record 'step/train_error': log.probes must name "
     "step/train_error there"},
    {GOOD ", metric: {series: step/train_loss, when: {series: epoch/train_loss, at: 1}}}\n",
     "FILE:18:53: metric: 'epoch/train_loss' goes along epoch; first_below is of a series along "
     "steps"},
};

Test(claim_check, series_that_runs_will_not_record) {
    EXPECT_ALL_BAD(bad_series);
}

/* Nothing else about them is checked here than what the claim says of them. */
Test(claim_check, series_of_weights_are_nobodys_to_foretell) {
    expect_good(STUDY GOOD ", metric: {series: weights/final/layer0/W, take: mean}}\n", NULL, NULL);
}

#define UNLOGGED STUDY GOOD ", metric: {series: trace/gradient_growth, take: mean}}\n"

/* What is logged changes no run: the command line may have asked for more than the file. */
Test(claim_check, runs_may_have_logged_more_than_their_file_says) {
    struct log_config more = {.probes = "landscape"};
    expect_good(UNLOGGED, NULL, &more);
    more = (struct log_config){.level = LOG_FULL, .probes = ""};
    expect_good(STUDY GOOD ", metric: {series: layer/gradient_norm, take: mean}}\n", NULL, &more);
    cr_expect(check_text(UNLOGGED, NULL, &more) == ERROR_USAGE, "at no level");
}

Test(claim_check, runs_say_what_they_have_logged) {
    static const char *const states[] = {"complete", "missing", "diverged"},
                             *const levels[] = {"standard", "full", "economy"},
                             *const tests[] = {"never", "epoch", "final"},
                             *const probes[] = {"rows", "hessian", "ics rows"};
    struct table summary;
    struct pool pool = {0};
    table_create(&summary, 3);
    const char **columns[] = {table_add(&summary, "status", TYPE_TEXT, "", "")->texts,
                              table_add(&summary, "log.level", TYPE_TEXT, "", "")->texts,
                              table_add(&summary, "log.test", TYPE_TEXT, "", "")->texts,
                              table_add(&summary, "log.probes", TYPE_TEXT, "", "")->texts};
    for (int row = 0; row < 3; row++) {
        columns[0][row] = states[row];
        columns[1][row] = levels[row];
        columns[2][row] = tests[row];
        columns[3][row] = probes[row];
    }
    struct log_config log = claim_logged(&summary, &pool);
    cr_expect(log.level == LOG_STANDARD, "level %ld: a run that is missing has logged nothing",
              log.level);
    cr_expect(log.test == LOG_TEST_FINAL, "test rows %ld", log.test);
    cr_expect_str_eq(log.probes, "rows ics");
    table_free(&summary);
    pool_free(&pool);
}

/* ---- protocols ---- */

/* quick has batch size 4 alone, literal one of its own. */
#define LITERAL "literal: {set: {train.batch_size: 16}}\n"

Test(claim_check, protocols_may_lack_strata_and_whole_questions) {
    expect_good(STUDY GOOD "}\n", "quick", NULL);
    expect_good(STUDY ASK "     more: {norm.kind: batch, train.batch_size: [4, 16]},\n"
                          "     less: {norm.kind: none, train.batch_size: [4, 16]}}\n" LITERAL,
                NULL, NULL);
    expect_good(STUDY ASK "     more: {norm.kind: batch, train.batch_size: 2},\n"
                          "     less: {norm.kind: none, train.batch_size: 2}}\n",
                "quick", NULL);
    expect_bad(STUDY ASK "     more: {norm.kind: batch, train.batch_size: 16},\n"
                         "     less: {norm.kind: none, train.batch_size: 16}}\n" LITERAL,
               NULL,
               "FILE:17:12: more: no run of FILE has norm.kind=batch and train.batch_size=16");
    expect_bad(STUDY ASK "     more: {norm.kind: batch, train.batch_size: 3},\n"
                         "     less: {norm.kind: none, train.batch_size: 3}}\n",
               "quick", "FILE:17:49: no run has train.batch_size=3; in FILE it is 4");
    expect_bad(STUDY GOOD ", metric: test_eror}\n", "quick",
               "FILE:18:53: metric: no column 'test_eror' (did you mean 'test_error'?)");
}
