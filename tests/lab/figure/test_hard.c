/* Every script over results that are hard to draw: what the pictures consist of, and whether a
 * reader would stumble. The real gnuplot draws; what its pictures consisted of when somebody looked
 * at them stands in golden/.
 *
 * NORMLAB_GOLDEN=1 writes the golden files anew; NORMLAB_HARD=folder keeps results and pictures, to
 * look at them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/files.h"
#include "tests/cli/capture.h"
#include "tests/lab/figure/hard.h"
#include "tests/lab/figure/svg_structure.h"

static struct sweep sweep;
static struct pool pool;
static char said[1 << 16];

/* Another version of gnuplot places and names things in another way. */
static void begin(void) {
    if (system("gnuplot --version 2>/dev/null | grep -q 'gnuplot 5.4'") != 0)
        cr_skip_test("gnuplot 5.4 is not installed");
    cr_redirect_stdout();
    setenv("COLUMNS", "80", 1);
}

static void end(void) {
    sweep_free(&sweep);
    pool_free(&pool);
}

TestSuite(hard_figures, .init = begin, .fini = end, .timeout = 300);

#define PLOT(...) CAPTURE_PLOT(sweep_merged(&sweep), said, __VA_ARGS__)

/* ---- golden files ---- */

/* The first line that differs. */
static const char *difference(const char *is, const char *was) {
    while (*is || *was) {
        size_t size = strcspn(is, "\n");
        if (size != strcspn(was, "\n") || strncmp(is, was, size) != 0)
            return pool_format(&pool, "is '%.*s' and was '%.*s'", (int)size, is,
                               (int)strcspn(was, "\n"), was);
        is += size + (is[size] == '\n');
        was += size + (was[size] == '\n');
    }
    return NULL;
}

static void compare(const char *name, const char *text) {
    const char *path = pool_format(&pool, "tests/lab/figure/golden/%s.txt", name);
    if (getenv("NORMLAB_GOLDEN")) {
        cr_assert(file_publish(path, text) == OK, "%s", status_message());
        return;
    }
    const char *found = difference(text, text_of(path, &pool));
    cr_expect(!found, "%s: %s", path, found);
}

/* ---- a figure ---- */

static void check_terminal(const char *name) {
    for (const char *at = said; *at; at += strcspn(at, "\n"), at += *at == '\n')
        cr_expect(strcspn(at, "\n") <= 80, "%s: a line of %zu in\n%s", name, strcspn(at, "\n"),
                  said);
}

/* As an SVG and in the terminal; `name` is the case and the figure, and a digit where a case has
 * the figure twice. */
static void draw(const char *name, const char *script, const char *option) {
    const char *keep = getenv("NORMLAB_HARD");
    const char *folder = keep ? keep : pool_format(&pool, "%s/figures", sweep.out);
    const char *base = strrchr(sweep_merged(&sweep), '/') + 1;
    cr_assert(PLOT("--figure", script, "--out", folder, "--format", keep ? "svg,png" : "svg",
                   option) == OK,
              "%s: %s", name, status_message());
    const char *stem =
        pool_format(&pool, "%s/%.*s-%s", folder, (int)strcspn(base, "."), base, script);
    const char *svg = text_of(pool_format(&pool, "%s.svg", stem), &pool),
               *fault = svg_fault(svg, &pool);
    if (keep)
        rename(pool_format(&pool, "%s.png", stem), pool_format(&pool, "%s/%s.png", folder, name));
    cr_expect(!fault, "%s: %s", name, fault);
    cr_assert(PLOT("--figure", script, "--terminal", option) == OK, "%s: %s", name,
              status_message());
    check_terminal(name);
    compare(name, pool_format(&pool, "%s\n%s", svg_structure(svg, &pool), said));
}

static void refuses(const char *script, const char *option, const char *message) {
    cr_expect(PLOT("--figure", script, option) != OK, "%s was drawn", script);
    cr_expect(strstr(status_message(), message), "%s: %s", script, status_message());
}

/* ---- the cases ---- */

Test(hard_figures, an_arm_that_diverged_flattens_no_other) {
    hard_write(hard_case_find("diverged"), &sweep);
    draw("diverged-placement", "placement", NULL);
    draw("diverged-error_vs_batch", "error_vs_batch", NULL);
    draw("diverged-error_vs_batch-loss", "error_vs_batch", "y=train_loss");
    draw("diverged-error_vs_key", "error_vs_key", NULL);
    draw("diverged-error_vs_choice", "error_vs_choice", NULL);
    draw("diverged-learning_curves", "learning_curves", NULL);
    draw("diverged-learning_curves-loss", "learning_curves", "y=epoch/train_loss");
    draw("diverged-percentiles", "percentiles", NULL);
}

Test(hard_figures, zeros_have_a_place_on_a_logarithmic_axis) {
    hard_write(hard_case_find("zeros"), &sweep);
    draw("zeros-placement", "placement", "log=y");
    draw("zeros-error_vs_batch", "error_vs_batch", "log=y");
    draw("zeros-momentum_heatmap", "momentum_heatmap", NULL);
    draw("zeros-learning_curves", "learning_curves", "log=y");
    refuses("percentiles", "log=y",
            "values are below 0, which a logarithmic axis has no place for");
}

Test(hard_figures, one_point_is_drawn) {
    hard_write(hard_case_find("one_point"), &sweep);
    draw("one_point-placement", "placement", NULL);
    draw("one_point-error_vs_batch", "error_vs_batch", NULL);
    draw("one_point-error_vs_key", "error_vs_key", "x=optimizer.lr");
    draw("one_point-error_vs_choice", "error_vs_choice", NULL);
    draw("one_point-learning_curves", "learning_curves", NULL);
    draw("one_point-percentiles", "percentiles", NULL);
    draw("one_point-momentum_heatmap", "momentum_heatmap", "row=norm.momentum");
    refuses("error_vs_key", NULL, "norm.kind varies, which --figure error_vs_choice draws");
}

Test(hard_figures, one_seed_is_no_interval) {
    hard_write(hard_case_find("one_seed"), &sweep);
    draw("one_seed-placement", "placement", NULL);
    draw("one_seed-error_vs_batch", "error_vs_batch", NULL);
    draw("one_seed-momentum_heatmap", "momentum_heatmap", NULL);
    draw("one_seed-percentiles", "percentiles", NULL);
}

Test(hard_figures, runs_that_all_diverged_are_drawn_or_said) {
    hard_write(hard_case_find("all_diverged"), &sweep);
    draw("all_diverged-error_vs_batch", "error_vs_batch", NULL);
    draw("all_diverged-error_vs_choice", "error_vs_choice", NULL);
    draw("all_diverged-momentum_heatmap", "momentum_heatmap", NULL);
    refuses("learning_curves", NULL, "no run has numbers to draw (20 runs, 20 diverged)");
    refuses("percentiles", NULL, "no run has numbers to draw (20 runs, 20 diverged)");
}

Test(hard_figures, numbers_of_narrow_cells_do_not_run_into_each_other) {
    hard_write(hard_case_find("wide"), &sweep);
    draw("wide-momentum_heatmap", "momentum_heatmap", NULL);
    draw("wide-error_vs_batch", "error_vs_batch", NULL);
    draw("wide-learning_curves", "learning_curves", NULL);
    cr_expect(strstr(text_of("tests/lab/figure/golden/wide-momentum_heatmap.txt", &pool),
                     "0.068  0.052   0.044"),
              "whole numbers in the terminal");
}

Test(hard_figures, long_names_stay_on_the_page) {
    hard_write(hard_case_find("wordy"), &sweep);
    draw("wordy-error_vs_key", "error_vs_key", "x=optimizer.lr");
    draw("wordy-error_vs_key-panels", "error_vs_key", "panel=model.hidden");
    draw("wordy-error_vs_choice", "error_vs_choice", "where=optimizer.lr>0.01");
    draw("wordy-learning_curves", "learning_curves", "panel=optimizer.lr");
    draw("wordy-percentiles", "percentiles", "where=optimizer.lr>0.02");
    draw("wordy-momentum_heatmap", "momentum_heatmap", "row=optimizer.lr");
}

Test(hard_figures, a_long_series_is_drawn) {
    hard_write(hard_case_find("long"), &sweep);
    draw("long-percentiles", "percentiles", NULL);
}

/* 48 arms are for nobody's eyes: what may be chosen is listed. */
Test(hard_figures, a_crowd_of_arms_asks_for_a_choice) {
    static const char *const scripts[] = {"error_vs_batch", "error_vs_choice", "learning_curves",
                                          "percentiles"};
    hard_write(hard_case_find("crowd"), &sweep);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        refuses(scripts[i], NULL, "48 arms are more than the ");
    refuses("error_vs_batch", NULL, "a panel for each value with panel=KEY");
    refuses("error_vs_batch", NULL, "\n    optimizer.lr: 0.01, 0.03, 0.1, 0.3");
    draw("crowd-error_vs_batch", "error_vs_batch", "panel=optimizer.lr");
}

Test(hard_figures, no_run_that_finished_is_said) {
    hard_write(hard_case_find("none_finished"), &sweep);
    refuses("error_vs_batch", NULL, "no run has numbers to draw (4 runs, 4 missing)");
    refuses("learning_curves", NULL, "no run has numbers to draw (4 runs, 4 missing)");
    cr_expect(PLOT("--format", "svg") != OK, "it was drawn");
}
