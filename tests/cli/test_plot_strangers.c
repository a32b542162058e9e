/* Texts of strangers reach gnuplot as texts: no name of a file, no title and no script that a
 * results file asks for starts a program. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/files.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"

/* What the figures section asks for goes to the end. */
static const char yaml[] = "schema: 1\n"
                           "name: strange\n"
                           "title: \"`touch pwned` $(touch pwned) ' \\\" <b>&amp; %s%n \\\\n\"\n"
                           "base:\n"
                           "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                           "         classes: 3, train: 200, validation: 50}\n"
                           "  model: {hidden: [5]}\n"
                           "  train: {epochs: 1}\n"
                           "sweep:\n"
                           "  norm.kind: [none, batch]\n"
                           "  train.batch_size: [4, 16]\n";

static struct sweep sweep;
static struct pool pool;
static char said[1 << 16];

/* In a folder of its own, where a program that is started leaves `pwned`. */
static void make_results(const char *figures) {
    sweep_create(&sweep, pool_format(&pool, "%s%s", yaml, figures), NULL);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    cr_assert(chdir(sweep.out) == 0);
    cr_redirect_stdout();
}

static void begin(void) {
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
}

static void end(void) {
    cr_expect(access("pwned", F_OK) != 0, "a program was started");
    sweep_free(&sweep);
    pool_free(&pool);
}

TestSuite(plot_strangers, .init = begin, .timeout = 300);

/* What it printed is in `said`. */
#define PLOT(...) CAPTURE_PLOT(sweep_merged(&sweep), said, __VA_ARGS__)

Test(plot_strangers, a_script_that_the_results_name_is_not_run) {
    char script[64] = "/tmp/normlab-script-XXXXXX";
    int descriptor = mkstemp(script);
    cr_assert(descriptor >= 0);
    cr_assert(dprintf(descriptor, "system('touch pwned')\nset terminal svg\nset output ARG1\n"
                                  "plot sin(x) title option\n") > 0);
    close(descriptor);
    make_results(pool_format(&pool, "figures:\n  - {script: %s, name: mine, x: train.batch_size}\n",
                             script));
    cr_expect(PLOT("--format", "svg") == ERROR_USAGE, "it was drawn");
    cr_expect(strstr(status_message(), "a script of its own, which is not run"), "%s",
              status_message());
    cr_expect(PLOT("--format", "svg", "--figure", "mine") == ERROR_USAGE, "by its name");
    cr_expect(access("pwned", F_OK) != 0, "it was run");
    /* who names it on the command line means it */
    FILE *out = fopen(script, "w");
    fputs("system('touch meant')\nset terminal svg\nset output ARG1\nplot sin(x)\n", out);
    fclose(out);
    cr_expect(PLOT("--format", "svg", "--figure", script) == OK, "%s", status_message());
    cr_expect(access("meant", F_OK) == 0, "it was not run");
    cr_expect(strstr(said, "strange-mine.svg"), "with the name and options of the file: %s", said);
    unlink("meant");
    unlink(script);
    end();
}

Test(plot_strangers, folders_and_titles_are_no_commands) {
    static const char *const folders[] = {
        "<touch pwned;", "|touch pwned;",           "$data", "-", "+",
        "`touch pwned`", "'; system('touch pwned')"};
    make_results("");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        cr_expect(PLOT("--figure", "error_vs_batch", "--out", folders[i]) == OK, "%s: %s",
                  folders[i], status_message());
        const char *svg =
            text_of(pool_format(&pool, "./%s/strange-error_vs_batch.svg", folders[i]), &pool);
        cr_expect(strstr(svg, "`touch pwned` $(touch pwned) ' \" &lt;b>&amp;amp; %s%n \\n</text>"),
                  "%s: another title", folders[i]);
        cr_expect(access("pwned", F_OK) != 0, "%s: a program was started", folders[i]);
    }
    end();
}

Test(plot_strangers, a_script_in_a_folder_with_a_strange_name_is_found) {
    make_results("");
    cr_assert(mkdir("<touch pwned;", 0777) == 0);
    FILE *out = fopen("<touch pwned;/own.gp", "w");
    fputs("set terminal svg\nset output ARG1\nplot sin(x)\n", out);
    fclose(out);
    cr_expect(PLOT("--figure", "<touch pwned;/own.gp", "--format", "svg", "x=train.batch_size") ==
                  OK,
              "%s", status_message());
    end();
}

Test(plot_strangers, control_characters_are_refused_in_options) {
    make_results("");
    cr_expect(PLOT("title=a\x1b[31mb") == ERROR_USAGE, "taken");
    cr_expect(strstr(status_message(), "'title=a\\x1b[31mb' holds a control character"), "%s",
              status_message());
    end();
}

Test(plot_strangers, the_environment_of_gnuplot_does_not_matter) {
    make_results("");
    cr_assert(PLOT("--figure", "error_vs_batch", "--format", "svg", "--out", "a") == OK, "%s",
              status_message());
    cr_assert(mkdir("home", 0777) == 0);
    FILE *out = fopen("home/.gnuplot", "w");
    fputs("system('touch pwned')\nset decimalsign ','\nset xrange [5:6]\n", out);
    fclose(out);
    setenv("HOME", "home", 1);
    setenv("GNUTERM", "qt", 1);
    cr_assert(PLOT("--figure", "error_vs_batch", "--format", "svg", "--out", "b") == OK, "%s",
              status_message());
    cr_expect_str_eq(text_of("a/strange-error_vs_batch.svg", &pool),
                     text_of("b/strange-error_vs_batch.svg", &pool));
    end();
}

/* As another program may have written it: ours refuses such names. */
Test(plot_strangers, a_definition_that_is_refused_is_said) {
    char line[512] = "";
    sweep_create(&sweep, yaml, NULL);
    sweep.experiment.text =
        pool_format(&pool, "%sfigures:\n  - {script: error_vs_batch, name: ../escape}\n", yaml);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
    cr_assert(chdir(sweep.out) == 0);
    cr_redirect_stdout();
    cr_redirect_stderr();
    cr_expect(PLOT("--format", "svg") == OK, "%s", status_message());
    cr_expect(strstr(said, "strange-error_vs_batch.svg"), "%s", said);
    cr_assert(fgets(line, sizeof line, cr_get_redirected_stderr()), "not a word");
    cr_expect(!strncmp(line, "normlab: a definition in results cannot be used", 47) &&
                  strstr(line, sweep_merged(&sweep)) && strstr(line, "name: must be a word"),
              "%s", line);
    end();
}
