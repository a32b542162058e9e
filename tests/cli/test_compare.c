/* From runs to a verdict, on the command line. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/merge/merge_file.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"

/* A rate that learns, and one that leaves the weights where they were. */
static const char yaml[] = "schema: 1\n"
                           "name: rates\n"
                           "title: A rate that learns and one that hardly does\n"
                           "base:\n"
                           "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                           "         classes: 3, train: 200, validation: 50}\n"
                           "  model: {hidden: [5]}\n"
                           "  train: {epochs: 2, batch_size: 10}\n"
                           "  log: {probes: rows}\n"
                           "sweep:\n"
                           "  norm.kind: [none, batch]\n"
                           "  optimizer.lr: [0.1, 0.000001]\n"
                           "  seed: range(10)\n";

static struct sweep sweep;
static char said[1 << 16];

static void make_results(void) {
    sweep_create(&sweep, yaml, NULL);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void remove_results(void) {
    sweep_free(&sweep);
}

TestSuite(compare, .init = make_results, .fini = remove_results, .timeout = 60);

#define COMPARE(...)                                                                               \
    capture_command(                                                                               \
        (const char *[]){"normlab", "compare", sweep_merged(&sweep), __VA_ARGS__, NULL},           \
        sizeof said, said)

/* The cell of a column in line `line` (0: the first after the header). */
static const char *cell(const char *name, int line) {
    static char text[64];
    int column = 0;
    const char *at = said;
    for (size_t size; (size = strcspn(at, "\t\n")) != strlen(name) || strncmp(at, name, size);
         column++) {
        cr_assert(at[size] == '\t', "no column %s", name);
        at += size + 1;
    }
    at = said;
    for (int i = 0; i <= line; i++)
        at = strchr(at, '\n') + 1;
    for (int i = 0; i < column; i++)
        at += strcspn(at, "\t") + 1;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(at, "\t\n"), at);
    return text;
}

Test(compare, learning_is_better_in_every_stratum) {
    cr_assert(COMPARE("--arms", "optimizer.lr=0.1,1e-6", "--by", "norm.kind") == OK, "%s",
              status_message());
    for (int row = 0; row < 3; row++) {
        cr_expect(!strcmp(cell("n", row), "10"), "n is %s", cell("n", row));
        cr_expect(!strcmp(cell("outcome", row), "above"), "row %d: %s", row, cell("outcome", row));
        cr_expect(atof(cell("difference", row)) > 0.005, "%s", cell("difference", row));
        cr_expect(atof(cell("low", row)) <= atof(cell("difference", row)), "row %d: low", row);
    }
    cr_expect(!strcmp(cell("norm.kind", 1), "batch"), "%s", cell("norm.kind", 1));
    cr_expect(!strcmp(cell("norm.kind", 2), "all"), "%s", cell("norm.kind", 2));
    cr_expect(!strcmp(cell("verdict", 2), "supported"), "%s", cell("verdict", 2));
}

Test(compare, swapped_arms_swap_the_verdict) {
    cr_assert(
        COMPARE("--arms", "optimizer.lr=1e-6:norm.kind=none,optimizer.lr=0.1:norm.kind=none") == OK,
        "%s", status_message());
    cr_expect(!strcmp(cell("outcome", 0), "below"), "%s", cell("outcome", 0));
    cr_expect(!strcmp(cell("verdict", 0), "refuted"), "%s", cell("verdict", 0));
    cr_expect(atof(cell("improvement", 0)) < 0.5, "%s", cell("improvement", 0));
}

/* The runs of this sweep have kept which rows they got wrong; the interval over both is the wider.
 */
Test(compare, rows_widen_the_interval) {
    cr_assert(
        COMPARE("--arms", "norm.kind=batch:optimizer.lr=0.1,norm.kind=none:optimizer.lr=0.1") == OK,
        "%s", status_message());
    double low = atof(cell("low", 0)), low_rows = atof(cell("low_rows", 0)),
           high = atof(cell("high", 0)), high_rows = atof(cell("high_rows", 0));
    cr_expect(low_rows <= low && high_rows >= high && high_rows - low_rows > high - low,
              "[%g, %g] in [%g, %g]", low, high, low_rows, high_rows);
    cr_assert(COMPARE("--arms", "norm.kind=batch:optimizer.lr=0.1,norm.kind=none:optimizer.lr=0.1",
                      "--metric", "train_loss") == OK,
              "%s", status_message());
    cr_expect(atof(cell("low", 0)) == atof(cell("low_rows", 0)), "a loss counts no rows");
}

/* Whatever is a number of one direction is the other's, to the last digit. */
Test(compare, swapped_arms_mirror_every_number) {
    static const char *const mirrored[][2] = {{"first", "second"},
                                              {"low", "high"},
                                              {"p_above", "p_below"},
                                              {"p_within", "p_within"},
                                              {"p", "p"},
                                              {"p_positive", "p_negative"},
                                              {"p_not_above", "p_not_below"},
                                              {"failed_first", "failed_second"}};
    enum { COLUMNS = sizeof mirrored / sizeof *mirrored };
    double value[COLUMNS];
    cr_assert(COMPARE("--arms", "norm.kind=batch:optimizer.lr=0.1,norm.kind=none:optimizer.lr=0.1",
                      "--delta", "0.01") == OK,
              "%s", status_message());
    double estimate = atof(cell("difference", 0));
    for (int i = 0; i < COLUMNS; i++)
        value[i] = atof(cell(mirrored[i][0], 0));
    cr_assert(COMPARE("--arms", "norm.kind=none:optimizer.lr=0.1,norm.kind=batch:optimizer.lr=0.1",
                      "--delta", "0.01") == OK,
              "%s", status_message());
    cr_expect(atof(cell("difference", 0)) == -estimate, "%s", cell("difference", 0));
    for (int i = 0; i < COLUMNS; i++) {
        double sign = strncmp(mirrored[i][0], "low", 3) ? 1 : -1;
        double swapped = sign * atof(cell(mirrored[i][1], 0));
        cr_expect(value[i] == swapped, "%s: %.17g, swapped %.17g", mirrored[i][0], value[i],
                  swapped);
    }
}

/* What went to standard error, all in one. */
static const char *words(void) {
    static char text[1 << 12];
    fflush(stderr);
    text[fread(text, 1, sizeof text - 1, cr_get_redirected_stderr())] = '\0';
    return text;
}

#define EXPECT_WORDS(text, part) cr_expect(strstr(text, part), "'%s' is not in: %s", part, text)

Test(compare, says_in_words_which_arm_is_better) {
    const char *text;
    cr_assert(COMPARE("--arms", "optimizer.lr=0.1,1e-6", "--by", "norm.kind") == OK, "%s",
              status_message());
    text = words();
    EXPECT_WORDS(text, "optimizer.lr=0.1 is better than optimizer.lr=1e-6 by 0.");
    EXPECT_WORDS(text, "(median test_error_scored 0.");
    EXPECT_WORDS(text, "10 seeds, averaged over 2 strata)");
    cr_expect(atof(cell("first_median", 2)) < atof(cell("second_median", 2)), "medians");
    cr_assert(COMPARE("--arms", "optimizer.lr=1e-6,0.1", "--by", "norm.kind") == OK, "%s",
              status_message());
    text = words();
    EXPECT_WORDS(text, "optimizer.lr=1e-6 is worse than optimizer.lr=0.1 by 0.");
    EXPECT_WORDS(text,
                 "is optimizer.lr=1e-6 better than optimizer.lr=0.1 by more than 0.005? refuted: ");
    cr_assert(COMPARE("--arms", "norm.kind=batch,none", "--where", "optimizer.lr=1e-6", "--kind",
                      "equality", "--delta", "0.02") == OK,
              "%s", status_message());
    EXPECT_WORDS(words(), "are batch and none equal up to 0.02? ");
    cr_assert(COMPARE("--arms", "norm.kind=batch,none", "--where", "optimizer.lr=0.1") == OK, "%s",
              status_message());
    EXPECT_WORDS(words(), "batch comes out worse than none by 0.");
}

/* Numbers come in any case; what they do not decide stays open, with what would decide. */
Test(compare, too_few_seeds_give_numbers_and_no_verdict) {
    cr_assert(COMPARE("--arms", "norm.kind=batch,none", "--where", "optimizer.lr=0.1,seed<5") == OK,
              "%s", status_message());
    const char *text = words();
    EXPECT_WORDS(text, "5 seeds cannot decide anything: take 7");
    EXPECT_WORDS(text, "batch and none come out equal (");
    cr_expect(!strcmp(cell("verdict", 0), "inconclusive"), "%s", cell("verdict", 0));
    cr_expect(atof(cell("low", 0)) < atof(cell("high", 0)), "an interval");
    cr_assert(COMPARE("--arms", "norm.kind=batch,none", "--where", "optimizer.lr=0.1,seed<1") == OK,
              "%s", status_message());
    text = words();
    EXPECT_WORDS(text, "1 seed cannot decide anything: take 7");
    cr_expect(!strstr(text, "nan"), "%s", text);
}

Test(compare, what_varies_within_the_arms_becomes_strata) {
    cr_assert(COMPARE("--arms", "norm.kind=batch,none") == OK, "%s", status_message());
    EXPECT_WORDS(words(), "optimizer.lr varies within the arms: each of its values is a stratum");
    cr_expect(!strcmp(cell("optimizer.lr", 0), "0.1"), "%s", cell("optimizer.lr", 0));
    cr_expect(!strcmp(cell("optimizer.lr", 2), "all"), "%s", cell("optimizer.lr", 2));
}

/* A run that is not there costs its seed, and the verdict, unless one says that it shall not. */
Test(compare, missing_runs_leave_numbers) {
    struct merge merge;
    const char *const arms = "optimizer.lr=0.1,0.000001";
    unlink(sweep_merged(&sweep));
    unlink(sweep_path(&sweep, 0));
    enum status status = merge_plan(&merge, &sweep.plan, sweep_dir(&sweep));
    cr_assert(!status && merge_write(&merge, sweep_merged(&sweep)) == OK, "%s", status_message());
    merge_free(&merge);
    cr_assert(COMPARE("--arms", arms, "--where", "norm.kind=none") == OK, "%s", status_message());
    cr_expect(!strcmp(cell("n", 0), "9"), "%s", cell("n", 0));
    cr_expect(!strcmp(cell("outcome", 0), "above"), "%s", cell("outcome", 0));
    cr_expect(!strcmp(cell("verdict", 0), "inconclusive"), "%s", cell("verdict", 0));
    const char *text = words();
    EXPECT_WORDS(text, "but runs are missing: with --drop-missing the others decide");
    EXPECT_WORDS(text, "left out for want of a run: optimizer.lr=0.1, seed 0");
    cr_assert(COMPARE("--arms", arms, "--where", "norm.kind=none", "--drop-missing") == OK, "%s",
              status_message());
    cr_expect(!strcmp(cell("verdict", 0), "supported"), "%s", cell("verdict", 0));
}

Test(compare, wrong_words) {
    cr_expect(COMPARE("--arms", "norm.kind=batch,none", "--where", "optimizer.lr=0.2") ==
                  ERROR_USAGE,
              "no run");
    cr_expect_str_eq(status_message(), "--where: no run meets all conditions");
    cr_expect(COMPARE("--arms", "optimizer.lr<0.01,optimizer.lr>=0.01", "--by", "norm.kind") == OK,
              "one value each: %s", status_message());
    cr_expect(COMPARE("--arms", "seed<5,seed>=5") == ERROR_RESULTS, "seeds are no arms");
    cr_expect(COMPARE("--by", "norm.kind") == ERROR_USAGE, "no arms");
    cr_expect(strstr(status_message(), "two arms"), "%s", status_message());
    cr_expect(COMPARE("--arms", "batch,none") == ERROR_USAGE, "no key");
    cr_expect(strstr(status_message(), "not of the form"), "%s", status_message());
    const char *const arms = "norm.kind=batch,none";
    cr_expect(COMPARE("--arms", arms, "--kind", "better") == ERROR_USAGE, "kind");
    cr_expect(COMPARE("--arms", arms, "--delta", "0") == ERROR_USAGE, "delta 0");
    cr_expect_str_eq(status_message(), "--delta: 0 is not above 0", "%s", status_message());
    cr_expect(COMPARE("--arms", arms, "--delta", "nan") == ERROR_USAGE, "delta nan");
    cr_expect(COMPARE("--arms", arms, "--transform", "log3") == ERROR_USAGE, "transform");
}
