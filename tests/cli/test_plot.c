/* From an experiment to pictures, with the real gnuplot. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/plan/figure_kind.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"

/* Everything that some figure wants: batch sizes, placements, momenta, series, traces. */
static const char yaml[] = "schema: 1\n"
                           "name: pictures\n"
                           "title: It's a \"title\" with_underscores, <tags> & more\n"
                           "base:\n"
                           "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                           "         classes: 3, train: 200, validation: 50}\n"
                           "  model: {hidden: [5]}\n"
                           "  train: {epochs: 2}\n"
                           "  eval: {momenta: [0.5, 0.9]}\n"
                           "  log: {level: full}\n"
                           "sweep:\n"
                           "  norm.kind: [none, batch]\n"
                           "  norm.placement: [before, after]\n"
                           "  norm.momentum: [0.5, 0.9]\n"
                           "  train.batch_size: [4, 16]\n"
                           "  seed: [0, 1]\n";

static struct sweep sweep;
static char said[1 << 16];

static void make_results(void) {
    sweep_create(&sweep, yaml, NULL);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    cr_redirect_stdout();
}

static void remove_results(void) {
    sweep_free(&sweep);
}

TestSuite(plot, .init = make_results, .fini = remove_results, .timeout = 300);

static bool has_gnuplot(void) {
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

/* What it printed is in `said`. */
#define PLOT(...) CAPTURE_PLOT(sweep_merged(&sweep), said, __VA_ARGS__)

static char *figure_path(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/figures/pictures-%s", sweep.out, name);
    return path;
}

/* The file's bytes; empty where there is none. */
static const char *read_figure(const char *name) {
    static char text[1 << 20];
    FILE *in = fopen(figure_path(name), "rb");
    size_t n = in ? fread(text, 1, sizeof text - 1, in) : 0;
    text[n] = '\0';
    if (in)
        fclose(in);
    return text;
}

Test(plot, every_figure_becomes_a_picture_in_every_format) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    for (int i = 0; i < figure_kind_count(); i++) {
        const char *script = figure_kind_get(i)->script;
        char name[64];
        cr_assert(PLOT("--figure", script, "--format", "svg,png,pdf") == OK, "%s: %s", script,
                  status_message());
        snprintf(name, sizeof name, "%s.svg", script);
        const char *svg = read_figure(name);
        cr_expect(strstr(svg, "<svg") && strstr(svg, "</svg>"), "%s is no whole SVG", name);
        cr_expect(strstr(svg, "with_underscores, &lt;tags> &amp; more"), "%s: no title", name);
        cr_expect(!strstr(svg, "scale(0.00)"), "%s: a symbol of no size, which viewers refuse",
                  name);
        cr_expect(strstr(said, figure_path(name)), "%s is not named in\n%s", name, said);
        snprintf(name, sizeof name, "%s.png", script);
        cr_expect(!memcmp(read_figure(name), "\x89PNG", 4), "%s is no PNG", name);
        snprintf(name, sizeof name, "%s.pdf", script);
        cr_expect(!memcmp(read_figure(name), "%PDF", 4), "%s is no PDF", name);
    }
}

Test(plot, defaults_are_svg_and_png_of_all_that_suits) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    cr_assert(PLOT(NULL) == OK, "%s", status_message());
    static const char *const names[] = {
        "placement.svg",   "placement.png",   "momentum_heatmap.svg",  "learning_curves.svg",
        "percentiles.svg", "percentiles.tsv", "percentiles-points.tsv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(strlen(read_figure(names[i])) > 0, "%s is missing or empty", names[i]);
    cr_expect(access(figure_path("placement.pdf"), F_OK) != 0, "a PDF that nobody asked for");
}

Test(plot, drawn_twice_a_figure_is_the_same) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    cr_assert(PLOT("--figure", "error_vs_batch", "--format", "svg") == OK, "%s", status_message());
    char *first = strdup(read_figure("error_vs_batch.svg"));
    cr_assert(PLOT("--figure", "error_vs_batch", "--format", "svg") == OK, "%s", status_message());
    cr_expect(!strcmp(first, read_figure("error_vs_batch.svg")), "another picture");
    free(first);
}

Test(plot, the_tables_have_the_columns_that_the_scripts_read) {
    enum status status = PLOT("--figure", "error_vs_batch", "--format", "svg");
    cr_assert(!status || !has_gnuplot(), "%s", status_message());
    const char *data = read_figure("error_vs_batch.tsv");
    static const char head[] =
        "panel\trow\tarm\tmeasure\tx\tmedian\tlow\thigh\tn\truns\tfailed\tcoverage\n";
    cr_expect(!strncmp(data, head, strlen(head)), "the header is %.*s", (int)strcspn(data, "\n"),
              data);
    cr_expect(strstr(data, "\t\tbatch before momentum=0.5\ttest_error_scored\t4\t"), "%s", data);
    const char *points = read_figure("error_vs_batch-points.tsv");
    static const char points_head[] =
        "panel\trow\tarm\tmeasure\tx\tstatus\tseed\tcollapsed\tvalue\n";
    cr_expect(!strncmp(points, points_head, strlen(points_head)), "the header is %.*s",
              (int)strcspn(points, "\n"), points);
}

/* Runs at a huge learning rate end before their first epoch. */
static const char diverging[] = "schema: 1\n"
                                "name: pictures\n"
                                "base:\n"
                                "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                                "         classes: 3, train: 200, validation: 50}\n"
                                "  model: {hidden: [5]}\n"
                                "  train: {epochs: 3, batch_size: 8}\n"
                                "sweep:\n"
                                "  norm.kind: [none, layer]\n"
                                "  optimizer.lr: [0.01, 1e6]\n"
                                "  seed: [0, 1]\n";

static const char *lines_with(const char *text, const char *part, int *n) {
    const char *first = NULL;
    *n = 0;
    for (const char *at = text; (at = strstr(at, part)); at++, (*n)++)
        first = first ? first : at;
    return first ? first : "";
}

static enum status table(const char *where, const char *by) {
    const char *argv[] = {"normlab", "table", sweep_merged(&sweep), "--series", "epoch/test_error",
                          "--where", where,   by ? "--by" : NULL,   by,         NULL};
    return capture_command(argv, sizeof said, said);
}

Test(plot, runs_that_diverge_at_once_are_counted_not_forgotten) {
    sweep_change(&sweep, diverging, NULL);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    enum status status = PLOT("--figure", "learning_curves", "--format", "svg");
    cr_assert(!status || !has_gnuplot(), "%s", status_message());
    int n;
    const char *line =
        lines_with(read_figure("learning_curves.tsv"), "none lr=1000000\tvalidation_error\t", &n);
    cr_expect(n == 3, "the arm has %d epochs of 3", n);
    cr_expect(strstr(line, "\t1\tnan\tnan\tnan\t0\t2\t2\t0\n"), "%.80s", line);
    lines_with(read_figure("learning_curves-points.tsv"), "diverged", &n);
    cr_expect(n == 2 * 2 * 3, "%d points of diverged runs", n);

    cr_assert(table("seed<2", "optimizer.lr") == OK, "%s", status_message());
    line = lines_with(said, "\n1000000\t", &n);
    cr_expect(n == 3, "%d rows in\n%s", n, said);
    cr_expect(strstr(line, "\t1\tnan\tnan\tnan\t0\t4\t4\t0\t0\n"), "%.80s", line);
    cr_assert(table("seed<2", "norm.kind") == OK, "%s", status_message());
    line = lines_with(said, "\nnone\t", &n);
    cr_expect(n == 3 && strstr(line, "\t2\t4\t2\t"), "2 of 4 in\n%s", said);

    static const char none[] = "no points: all 4 runs diverged before the first";
    cr_assert(table("optimizer.lr=1e6", NULL) == ERROR_RESULTS, "no points at all");
    cr_expect(strstr(status_message(), none), "%s", status_message());
    cr_assert(PLOT("--figure", "learning_curves", "where=optimizer.lr=1e6") == ERROR_RESULTS,
              "no points at all");
    cr_expect(strstr(status_message(), none), "%s", status_message());
}

Test(plot, what_does_not_suit_is_refused_before_anything_is_written) {
    cr_assert(PLOT("--figure", "momentum_heatmap", "row=none") == ERROR_USAGE, "no rows");
    cr_expect(strstr(status_message(), "row: norm.momentum does not vary in"), "%s",
              status_message());
    cr_assert(PLOT("--figure", "nothing/here.gp", "x=train.batch_size") == ERROR_USAGE, "script");
    cr_expect(strstr(status_message(), "nothing/here.gp: cannot be read"), "%s", status_message());
    cr_assert(PLOT("--figure", "/dev/zero", "x=train.batch_size") == ERROR_USAGE, "a device");
    cr_expect(strstr(status_message(), "/dev/zero: cannot be read: not a file"), "%s",
              status_message());
    cr_assert(PLOT("where=norm.kind=btch") == ERROR_USAGE, "where");
    cr_expect(strstr(status_message(), "did you mean 'batch'?"), "%s", status_message());
    cr_expect(access(figure_path("error_vs_batch.tsv"), F_OK) != 0, "a table was written");
    cr_expect(access(figure_path("here.tsv"), F_OK) != 0, "a table was written");
}

Test(plot, the_key_calls_metrics_by_their_names) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    cr_assert(PLOT("--figure", "error_vs_batch", "--format", "svg", "y=test_loss,train_loss",
                   "where=norm.placement=before") == OK,
              "%s", status_message());
    const char *svg = read_figure("error_vs_batch.svg");
    cr_expect(strstr(svg, "<text>training loss</text>"), "no training loss in the key");
    cr_expect(!strstr(svg, "population"), "training loss is not of the population");
}

static int count_symbols(const char *svg) {
    int n = 0;
    for (; (svg = strstr(svg, "<use xlink:href='#gp")); svg++)
        n++;
    return n;
}

/* And in it are its own points only: as many as in the figures of one seed each, which have two
 * keys in place of one. */
Test(plot, each_value_of_the_panels_key_has_a_panel) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    for (int i = 0; i < figure_kind_count(); i++) {
        const char *script = figure_kind_get(i)->script;
        if (!strstr(figure_kind_get(i)->grid, "panel"))
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s.svg", script);
        int apart = 0;
        for (int seed = 0; seed < 2; seed++) {
            cr_assert(PLOT("--figure", script, "--format", "svg",
                           seed ? "where=seed=1" : "where=seed=0", "panel=none") == OK,
                      "%s: %s", script, status_message());
            apart += count_symbols(read_figure(name));
        }
        cr_assert(PLOT("--figure", script, "--format", "svg", "panel=seed") == OK, "%s: %s", script,
                  status_message());
        const char *svg = read_figure(name);
        cr_expect(strstr(svg, "seed 0") && strstr(svg, "seed 1"), "%s: no headings", script);
        int symbols = count_symbols(svg);
        cr_expect(symbols <= apart && 2 * symbols >= apart, "%s: %d symbols, %d where apart",
                  script, symbols, apart);
    }
}

/* The table of the figure with the measure that was asked for by one name. */
static char *table_of(const char *name, const char *measure) {
    const char *text = read_figure(name), *at = text;
    char *result = calloc(strlen(text) + 1, 1);
    for (const char *found; (found = strstr(at, measure)); at = found + strlen(measure))
        strncat(result, at, (size_t)(found - at));
    return strcat(result, at);
}

/* What differs in norm.momentum alone has the same weights and one bank, whose members have the
 * errors that runs of their own have. */
Test(plot, members_of_a_bank_are_drawn_as_runs) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    cr_assert(PLOT("--figure", "momentum_heatmap", "--format", "svg", "y=test_error") == OK, "%s",
              status_message());
    char *runs = table_of("momentum_heatmap.tsv", "test_error");
    char *run_points = table_of("momentum_heatmap-points.tsv", "test_error");
    cr_assert(PLOT("--figure", "momentum_heatmap", "--format", "svg", "y=bank/test_error",
                   "where=norm.average=variance") == OK,
              "%s", status_message());
    char *members = table_of("momentum_heatmap.tsv", "test_error");
    char *points = table_of("momentum_heatmap-points.tsv", "test_error");
    cr_expect(strstr(runs, "norm.momentum=0.9\t"), "%s", runs);
    cr_expect_str_eq(members, runs, "members:\n%sruns:\n%s", members, runs);
    cr_expect_str_eq(points, run_points, "members:\n%sruns:\n%s", points, run_points);
    cr_assert(PLOT("--format", "svg", "y=bank/test_error") == OK, "%s", status_message());
    cr_expect(strstr(read_figure("momentum_heatmap.svg"), "second_moment"),
              "a panel for each kind");
    cr_expect(strstr(read_figure("momentum_heatmap.svg"), "runs without bank"), "who is left out");
    free(runs);
    free(run_points);
    free(members);
    free(points);
}

/* The colour of the symbol before the arm's name in the key. */
static void arm_colour(const char *svg, const char *name, char colour[32]) {
    char text[64];
    snprintf(text, sizeof text, "<text>%s</text>", name);
    const char *at = strstr(svg, text), *from = NULL;
    cr_assert(at, "no %s in the key", name);
    for (const char *stroke = svg; (stroke = strstr(stroke, " color='rgb(")) && stroke < at;
         stroke++)
        from = stroke;
    cr_assert(from, "no colour before %s", name);
    snprintf(colour, 32, "%.*s", (int)strcspn(from, ")"), from);
}

Test(plot, a_normalizer_has_one_colour_in_all_figures) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    static const char *const wheres[] = {"where=norm.momentum=0.5,norm.placement=before",
                                         "where=norm.kind=none|batch"};
    char colours[2][32];
    for (int i = 0; i < 2; i++) {
        cr_assert(PLOT("--figure", "error_vs_batch", "--format", "svg", "arm=norm.kind", wheres[i],
                       "y=test_error") == OK,
                  "%s", status_message());
        /* the first has one arm, `batch`; the second `none` before it */
        arm_colour(read_figure("error_vs_batch.svg"), "batch", colours[i]);
    }
    cr_expect_str_eq(colours[0], colours[1], "%s and %s", colours[0], colours[1]);
}

Test(plot, the_terminal_gets_text_and_no_files) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    for (int i = 0; i < figure_kind_count(); i++) {
        const char *script = figure_kind_get(i)->script;
        cr_assert(PLOT("--figure", script, "--terminal") == OK, "%s: %s", script, status_message());
        cr_expect(strstr(said, "+--") || strstr(said, "0."), "%s: no picture in\n%s", script, said);
        cr_expect(strstr(said, "Median of n = 2"), "%s: no caption in\n%s", script, said);
        cr_expect(!strchr(said, '\x1b'), "%s: colours that are no terminal's", script);
        cr_expect(!strchr(said, '\f'), "%s: a form feed", script);
        cr_expect(!strncmp(said, "It's a \"title\"", 14), "%s: no title in\n%s", script, said);
        for (const char *at = said; *at; at += strcspn(at, "\n"), at += *at == '\n')
            cr_expect(strcspn(at, "\n") <= 80, "%s: a line of %zu in\n%s", script,
                      strcspn(at, "\n"), said);
    }
    cr_expect(access(figure_path("placement.tsv"), F_OK) != 0, "a file was written");
}

Test(plot, a_missing_gnuplot_is_an_error_that_says_what_to_install) {
    setenv("PATH", "/nonexistent", 1);
    cr_assert(PLOT("--figure", "placement") == ERROR_RUN, "it was drawn without gnuplot");
    cr_assert(strstr(status_message(), "apt-get install gnuplot-nox"), "%s", status_message());
    cr_assert(strlen(read_figure("placement.tsv")) > 0, "the table is written all the same");
}

Test(plot, an_own_script_is_drawn_and_its_failure_is_an_error) {
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    char script[256];
    snprintf(script, sizeof script, "%s/own.gp", sweep.out);
    FILE *out = fopen(script, "w");
    fputs("set terminal svg\nset output ARG1\nplot sin(x)\n", out);
    fclose(out);
    cr_assert(PLOT("--figure", script, "x=train.batch_size", "--format", "svg") == OK, "%s",
              status_message());
    cr_assert(strstr(read_figure("own.svg"), "</svg>"), "own.svg");
    char *before = strdup(read_figure("own.svg"));
    out = fopen(script, "w");
    fputs("set terminal svg\nset output ARG1\nplot sin(\n", out);
    fclose(out);
    cr_assert(freopen("/dev/null", "w", stderr), "stderr");
    cr_assert(PLOT("--figure", script, "x=train.batch_size", "--format", "svg") == ERROR_RUN,
              "a broken script");
    cr_assert(strstr(status_message(), "own.gp"), "%s", status_message());
    cr_assert(!strcmp(read_figure("own.svg"), before), "half a picture took a whole one's place");
    free(before);
}

Test(plot, wrong_words_are_usage_errors) {
    cr_expect(PLOT("--format", "gif") == ERROR_USAGE, "gif");
    cr_expect(strstr(status_message(), "svg, png and pdf"), "%s", status_message());
    cr_expect(PLOT("--figure", "placment") == ERROR_USAGE, "placment");
    cr_expect(strstr(status_message(), "did you mean 'placement'?"), "%s", status_message());
    cr_expect(PLOT("y=bank/test_error,test_error") == ERROR_USAGE, "members and runs");
    cr_expect(strstr(status_message(), "do not go into one figure"), "%s", status_message());
    cr_expect(PLOT("y=bank/test_error,bank/train_error") == ERROR_USAGE, "no training errors");
    cr_expect(strstr(status_message(), "y: no run has bank/train_error; with eval.momenta"), "%s",
              status_message());
    cr_expect(PLOT("--out", "/proc/nothing/here") == ERROR_RUN, "a folder that cannot be made");
    cr_expect(strstr(status_message(), "/proc/nothing"), "%s", status_message());
}
