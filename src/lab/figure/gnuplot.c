/* Runs gnuplot as a child process and hears how it ended. */
#include "lab/figure/gnuplot.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* gnuplot -c passes nine arguments on: four paths and words, and five options. */
enum { HEAD = 7, OPTION_ARGUMENTS = 5, ARGUMENTS = HEAD + OPTION_ARGUMENTS + 1 };

/* Options beyond the fifth share the last argument, a line each (style.gp reads them so). */
static int build_arguments(const struct gnuplot_call *call, struct pool *pool,
                           const char *arguments[ARGUMENTS]) {
    const char *const head[HEAD] = {"gnuplot",      "-c",       call->script, call->out,
                                    call->terminal, call->data, call->points};
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

static const char *quoted(const char *text, struct pool *pool) {
    if (*text &&
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-") ==
            strlen(text))
        return text;
    const char *result = "'";
    for (; *text; text++)
        result = *text == '\'' ? pool_format(pool, "%s'\\''", result)
                               : pool_format(pool, "%s%c", result, *text);
    return pool_format(pool, "%s'", result);
}

const char *gnuplot_command(const struct gnuplot_call *call, struct pool *pool) {
    const char *arguments[ARGUMENTS];
    int n = build_arguments(call, pool, arguments);
    const char *line = arguments[0];
    for (int i = 1; i < n; i++)
        line = pool_format(pool, "%s %s", line, quoted(arguments[i], pool));
    return line;
}

/* gnuplot dies of a closed pipe as any other program, though the caller may ignore the signal. */
static int spawn(const char *const *arguments, pid_t *pid) {
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    /* Texts are UTF-8 and the decimal sign is a point, whatever is set. */
    setenv("LC_ALL", "C.UTF-8", 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int error =
        posix_spawnp(pid, arguments[0], NULL, &attributes, (char *const *)arguments, environ);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static enum status wait_for(pid_t pid, const char *script) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(ERROR_RUN, "cannot wait for gnuplot: %s", strerror(errno));
    if (WIFSIGNALED(status))
        return fail(ERROR_RUN, "gnuplot was killed by signal %d while drawing %s", WTERMSIG(status),
                    script);
    if (WEXITSTATUS(status) != 0)
        return fail(ERROR_RUN, "gnuplot ended with exit status %d while drawing %s",
                    WEXITSTATUS(status), script);
    return OK;
}

enum status gnuplot_run(const struct gnuplot_call *call) {
    struct pool pool = {0};
    const char *arguments[ARGUMENTS];
    build_arguments(call, &pool, arguments);
    pid_t pid;
    int error = spawn(arguments, &pid);
    enum status status;
    if (error == ENOENT)
        status = fail(ERROR_RUN, "gnuplot is not installed; on Debian and Ubuntu: apt-get install "
                                 "gnuplot-nox (the tables of the figure are written all the same)");
    else if (error)
        status = fail(ERROR_RUN, "cannot start gnuplot: %s", strerror(error));
    else
        status = wait_for(pid, call->script);
    if (status && *call->out)
        unlink(call->out); /* half a picture is worse than none */
    pool_free(&pool);
    return status;
}
