/* The scripts by themselves: tables by hand, the real gnuplot. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"
#include "lab/figure/figure_draw.h"
#include "lab/figure/gnuplot.h"
#include "tests/lab/figure/svg_structure.h"

static char folder[] = "/tmp/normlab-test-XXXXXX";
static struct pool pool;

static void create_folder(void) {
    cr_assert(mkdtemp(folder), "no folder");
}

static void remove_folder(void) {
    static const char *const names[] = {"data.tsv", "points.tsv", "picture.svg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(pool_format(&pool, "%s/%s", folder, names[i]));
    cr_assert(rmdir(folder) == 0, "more in %s than was written", folder);
    pool_free(&pool);
}

TestSuite(figure_scripts, .init = create_folder, .fini = remove_folder, .timeout = 120);

static const char *write_text(const char *name, const char *text) {
    const char *path = pool_format(&pool, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0, "cannot write %s", path);
    return path;
}

/* Draws two points of one arm, whose medians are `low` and `high`; the SVG's text. */
static const char *draw(const char *script, const char *low, const char *high) {
    struct picture picture;
    const char *data = pool_format(&pool,
                                   "panel\trow\tarm\tmeasure\tx\tmedian\tlow\thigh\tn\truns\tfailed"
                                   "\tcoverage\n"
                                   "\t\tbatch\ttest_error\t1\t%s\t%s\t%s\t2\t2\t0\t0.5\n"
                                   "\t\tbatch\ttest_error\t2\t%s\t%s\t%s\t2\t2\t0\t0.5\n",
                                   high, high, high, low, low, low);
    const char *points = pool_format(&pool,
                                     "panel\trow\tarm\tmeasure\tx\tstatus\tseed\tcollapsed\tvalue\n"
                                     "\t\tbatch\ttest_error\t1\tcomplete\t0\tfalse\t%s\n"
                                     "\t\tbatch\ttest_error\t2\tcomplete\t0\tfalse\t%s\n",
                                     high, low);
    struct gnuplot_call call = {.out = pool_format(&pool, "%s/picture.svg", folder),
                                .terminal = "svg",
                                .data = write_text("data.tsv", data),
                                .points = write_text("points.tsv", points)};
    cr_assert(figure_script_find(script, &pool, &call.script) == OK, "%s", status_message());
    cr_assert(gnuplot_run(&call, &pool, &picture) == OK, "%s from %s to %s: %s", script, low, high,
              status_message());
    return picture.bytes;
}

/* An error of exactly 0 has no place on a logarithmic axis, and no quotient. */
Test(figure_scripts, an_error_of_zero_is_drawn) {
    static const char *const scripts[] = {"error_vs_batch", "error_vs_key", "learning_curves"};
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        const char *svg = draw(scripts[i], "0", "0.25");
        cr_expect(strstr(svg, ">0</text>") || strstr(svg, "> 0</text>"), "%s: no tic at 0",
                  scripts[i]);
        cr_expect(strstr(draw(scripts[i], "0", "0"), "</svg>"), "%s: no SVG of zeros", scripts[i]);
        cr_expect(strstr(draw(scripts[i], "0.01", "0.5"), "</svg>"), "%s: no SVG", scripts[i]);
    }
}

/* gnuplot reads a tic's label as a format. */
Test(figure_scripts, a_value_with_a_percent_sign_is_itself) {
    static const char row[] = "\t\tbatch\ttest_error\t%s\t0.5\t0.4\t0.6\t2\t2\t0\t0.5\n";
    static const char point[] = "\t\tbatch\ttest_error\t%s\tcomplete\t0\tfalse\t0.5\n";
    static const char *const values[] = {"50%", "%s%n", "a%%"};
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
    const char *data =
        "panel\trow\tarm\tmeasure\tx\tmedian\tlow\thigh\tn\truns\tfailed\tcoverage\n";
    const char *points = "panel\trow\tarm\tmeasure\tx\tstatus\tseed\tcollapsed\tvalue\n";
    for (int i = 0; i < 3; i++) {
        data = pool_format(&pool, "%s%s", data, pool_format(&pool, row, values[i]));
        points = pool_format(&pool, "%s%s", points, pool_format(&pool, point, values[i]));
    }
    struct gnuplot_call call = {.out = "out.svg",
                                .terminal = "svg",
                                .data = write_text("data.tsv", data),
                                .points = write_text("points.tsv", points)};
    struct picture picture;
    cr_assert(figure_script_find("error_vs_choice", &pool, &call.script) == OK);
    cr_assert(gnuplot_run(&call, &pool, &picture) == OK, "%s", status_message());
    for (int i = 0; i < 3; i++)
        cr_expect(strstr(picture.bytes, pool_format(&pool, "<text>%s</text>", values[i])), "no %s",
                  values[i]);
}

/* ---- paired differences, of which a page consists ---- */

/* Rows of DATA.tsv and RAW.tsv. */
static const char *draw_differences(const char *delta, const char *width, const char *rows,
                                    const char *values) {
    struct picture picture;
    const char *options[] = {pool_format(&pool, "delta=%s", delta), "xlabel=batch less none",
                             pool_format(&pool, "width=%s", width)};
    struct gnuplot_call call = {
        .out = "out.svg",
        .terminal = "svg",
        .data = write_text(
            "data.tsv", pool_format(&pool, "place\tname\testimate\tlow\thigh\teffect\n%s", rows)),
        .points = write_text("points.tsv", pool_format(&pool, "place\tvalue\n%s", values)),
        .n_options = 3,
        .options = options};
    cr_assert(figure_script_find("differences", &pool, &call.script) == OK);
    cr_assert(gnuplot_run(&call, &pool, &picture) == OK, "%s", status_message());
    const char *fault = svg_fault(picture.bytes, &pool);
    cr_expect(!fault, "%s", fault);
    return picture.bytes;
}

Test(figure_scripts, differences_that_are_hard_to_draw) {
    static const char name[] = "mini-batch size 64, learning rate 0.03, activation relu, placement "
                               "before, initial weights glorot";
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
    const char *svg = draw_differences("0", "760", "1\t\t0\t0\t0\twithin\n", "1\t0\n1\t0\n");
    cr_expect(strstr(svg, "<use xlink:href='#gpPt6'"), "arms that are alike have a point");
    svg = draw_differences("0.005", "760", "1\t\t0.01\t-inf\tinf\topen\n", "1\t0.01\n");
    cr_expect(strstr(svg, "<text> 0.01</text>") || strstr(svg, "<text>0.01</text>"),
              "the estimate of an interval without ends is on the axis");
    svg = draw_differences("0.005", "760",
                           pool_format(&pool,
                                       "1\t%s\t0.01\t0\t0.02\tabove\n2\t%s\t0.02\t0\t0.03\tabove\n"
                                       "3\tall\t1e9\t1\t3e9\tabove\n",
                                       name, name),
                           "1\t0.01\n2\t0.02\n");
    cr_expect(strstr(svg, ">0.2<") || strstr(svg, "> 0.2<"), "one stratum flattens the others");
    cr_expect(strstr(svg, "<use xlink:href='#gpPt8'"), "it has a triangle");
    cr_expect(strstr(svg, "<text>mini-batch size 64, learning rate 0.03,"), "names in two lines");
}

/* How many shapes of this kind reach into the line of a text whose baseline is `y`: `format` reads
 * the heights of their two ends behind `kind`. */
static int count_behind(const char *svg, double y, const char *kind, const char *format) {
    enum { ASCENT = 8 };
    int n = 0;
    for (const char *at = svg; (at = strstr(at, kind)); at += strlen(kind)) {
        double a = 0, b = 0;
        cr_assert(sscanf(at + strlen(kind), format, &a, &b) == 2, "%.100s", at);
        n += fmax(a, b) > y - ASCENT && fmin(a, b) < y;
    }
    return n;
}

/* On a narrow page long names stand above their lines, and nothing behind them. */
Test(figure_scripts, names_of_strata_lie_neither_on_the_zone_nor_on_the_line_at_0) {
    static const char zone[] = "<polygon fill = 'rgb(228, 228, 228)' points = '",
                      line[] = "<path stroke='rgb( 85,  85,  85)'  d='M";
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
    const char *svg = draw_differences("0.02", "360",
                                       "1\tscale of the initial weights 0.25\t0.1\t0.05\t0.2"
                                       "\tabove\n2\tscale of the initial weights 4\t0.3\t0.2\t0.4"
                                       "\tabove\n3\tall\t0.2\t0.1\t0.3\tabove\n",
                                       "1\t0.1\n2\t0.3\n");
    int n = 0;
    double y = 0;
    for (const char *at = svg; (at = strstr(at, "<g transform=\"translate(25.13,")); at++, n++) {
        cr_assert(sscanf(at, "<g transform=\"translate(25.13,%lf)", &y) == 1);
        cr_expect(!count_behind(svg, y, zone, "%*f,%lf %*f,%*f %*f,%lf"), "the zone at %g", y);
        cr_expect(!count_behind(svg, y, line, "%*f,%lf L%*f,%lf"), "the line at 0 at %g", y);
    }
    cr_expect(n == 3, "%d names", n);
    y += 20; /* where points are */
    cr_expect(count_behind(svg, y, zone, "%*f,%lf %*f,%*f %*f,%lf") == 1 &&
                  count_behind(svg, y, line, "%*f,%lf L%*f,%lf") >= 1,
              "neither zone nor line at %g", y);
}

/* Layers and lists of classes look like numbers, and are none. */
Test(figure_scripts, a_panel_may_be_called_by_a_list) {
    struct picture picture;
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
    struct gnuplot_call call = {
        .out = "out.svg",
        .terminal = "svg",
        .data = write_text(
            "data.tsv", "panel\trow\tarm\tmeasure\tx\tn\truns\tfailed\tmedian\tlow\thigh\t"
                        "coverage\n"
                        "data.colour_black=0-1-2-3-4-5-6-7-8-9\t\tnone\ttest_error\t1e-10\t2\t2\t0"
                        "\t0.2\t0.1\t0.3\t0.5\n"),
        .points = write_text("points.tsv", "panel\trow\tarm\tmeasure\tx\tvalue\n"
                                           "data.colour_black=0-1-2-3-4-5-6-7-8-9\t\tnone"
                                           "\ttest_error\t1e-10\t0.2\n")};
    cr_assert(figure_script_find("error_vs_choice", &pool, &call.script) == OK);
    cr_assert(gnuplot_run(&call, &pool, &picture) == OK, "%s", status_message());
    cr_expect(strstr(picture.bytes, "0-1-2-3-4-5-6-7-8-9"), "the panel has its name");
}

/* ---- gnuplot's command line ---- */

Test(figure_scripts, the_command_line_is_quoted_for_a_shell) {
    static const char *const options[] = {
        "title=It's 5 $x", "a=1", "b=2", "c=3", "d=4", "e=5", "f=6"};
    struct gnuplot_call call = {"a b.gp", "o.svg", "svg", "d.tsv", "/p.tsv", 7, options};
    const char *line = gnuplot_command(&call, &pool);
    cr_expect_str_eq(
        line,
        "gnuplot -d -c './a b.gp' ./o.svg svg ./d.tsv /p.tsv 'title=It'\\''s 5 $x' a=1 b=2 c=3 "
        "'d=4\ne=5\nf=6'",
        "%s", line);
}
