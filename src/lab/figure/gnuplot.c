/* Runs gnuplot, and takes what it draws.
 *
 * gnuplot says nothing of a write that failed, and ends with status 0. So it writes to no disk, and
 * a picture whose format has no check sums is drawn twice. */
#include "lab/figure/gnuplot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "io/sandbox.h"

/* gnuplot -c passes nine arguments on: four paths and words, and five options. `-d`: as it was
 * installed, whatever stands in somebody's ~/.gnuplot. */
enum { OUT = 4, HEAD = 8, OPTION_ARGUMENTS = 5, ARGUMENTS = HEAD + OPTION_ARGUMENTS + 1 };

/* gnuplot starts a shell for a file "<command" or "|command", and has others that begin with $, +
 * or
 * -: no path of ours begins like that. */
static const char *safe_path(const char *path, struct pool *pool) {
    return *path == '/' || *path == '.' ? path : pool_format(pool, "./%s", path);
}

/* Options beyond the fifth share the last argument, a line each (style.gp reads them so). */
static int build_arguments(const struct gnuplot_call *call, struct pool *pool,
                           const char *arguments[ARGUMENTS]) {
    const char *const head[HEAD] = {"gnuplot",
                                    "-d",
                                    "-c",
                                    safe_path(call->script, pool),
                                    safe_path(call->out, pool),
                                    call->terminal,
                                    safe_path(call->data, pool),
                                    safe_path(call->points, pool)};
    memcpy(arguments, head, sizeof head);
    int n = HEAD;
    for (int i = 0; i < call->n_options; i++)
        if (n < ARGUMENTS - 1)
            arguments[n++] = call->options[i];
        else
            arguments[n - 1] = pool_format(pool, "%s\n%s", arguments[n - 1], call->options[i]);
    arguments[n] = NULL;
    return n;
}

const char *gnuplot_command(const struct gnuplot_call *call, struct pool *pool) {
    const char *arguments[ARGUMENTS];
    int n = build_arguments(call, pool, arguments);
    const char *line = arguments[0];
    for (int i = 1; i < n; i++)
        line = pool_format(pool, "%s %s", line, text_quoted(arguments[i], pool));
    return line;
}

/* ---- the process ---- */

/* Texts are UTF-8 and the decimal sign is a point, whatever is set; a terminal that is not built in
 * would end gnuplot before it reads the script. */
static void set_environment(void) {
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("GNUTERM", "unknown", 1);
}

static enum status draw(const char *const *arguments, struct pool *pool, struct picture *picture,
                        const char **said) {
    struct program_output output;
    set_environment();
    enum status status = program_run(arguments, pool, &output);
    *said = output.said;
    *picture = (struct picture){output.bytes, output.size};
    if (!output.is_installed)
        return fail(ERROR_RUN, "gnuplot is not installed; on Debian and Ubuntu: apt-get install "
                               "gnuplot-nox (the tables of the figure are written all the same)");
    /* A warning to gnuplot, and lines are missing. */
    if (!status && strstr(output.said, "Cannot find or open file"))
        status = fail(ERROR_RUN, "gnuplot could not read a table");
    return status;
}

/* ---- two drawings ---- */

/* A second time, after lines to nowhere and from nowhere: what fails by number, such as the third
 * write, then fails at another place. */
static enum status draw_again(const char *const arguments[ARGUMENTS], struct pool *pool,
                              const struct picture *picture) {
    static const char *const head[] = {
        "gnuplot", "-d", "-e",
        ("set print '/dev/null'; print 1; print 2; print 3; unset print; "
         "load '/dev/null'")};
    enum { MORE = sizeof head / sizeof *head - 2 };
    const char *again[ARGUMENTS + MORE];
    const char *said;
    struct picture second = {0};
    memcpy(again, head, sizeof head);
    memcpy(again + 2 + MORE, arguments + 2, (ARGUMENTS - 2) * sizeof *again);
    enum status status = draw(again, pool, &second, &said);
    bool same = !status && second.size == picture->size && /* analysis: both are drawn */
                memcmp(second.bytes, picture->bytes, second.size) == 0; /* analysis: as above */
    if (!status && !same)
        status = fail(ERROR_RUN, "gnuplot drew two different pictures; a write failed in one");
    return status;
}

enum status gnuplot_run(const struct gnuplot_call *call, struct pool *pool,
                        struct picture *picture) {
    const char *arguments[ARGUMENTS] = {NULL};
    const char *said;
    struct picture drawn;
    build_arguments(call, pool, arguments);
    arguments[OUT] = "/dev/stdout";
    enum status status = draw(arguments, pool, &drawn, &said);
    text_print(stderr, "%s", said); /* of a script of the user's own, it may be more than errors */
    if (!status)
        status = picture_check(&drawn, call->terminal);
    if (!status && !picture_checks_itself(call->terminal))
        status = draw_again(arguments, pool, &drawn);
    if (status)
        return fail(status, "%s while drawing %s", status_message(), call->script);
    *picture = drawn;
    return OK;
}
