/* Runs gnuplot as a child process, takes what it draws from a pipe, and hears how it ended.
 *
 * gnuplot says nothing of a write that failed, and ends with status 0. So it writes to no disk, and
 * a picture whose format has no check sums is drawn twice. */
#define _GNU_SOURCE /* pipe2, memfd_create */
#include "lab/figure/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/visible.h"

extern char **environ;

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

/* With `out` as its standard output and `words` as its standard error. gnuplot dies of a closed
 * pipe as any other program, though the caller may ignore the signal. */
static int spawn(const char *const *arguments, int out, int words, pid_t *pid) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    set_environment();
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    int error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    if (!error)
        error = posix_spawnp(pid, arguments[0], &actions, &attributes, (char *const *)arguments,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* To the end; the error, 0: none. */
static int read_picture(int in, struct pool *pool, struct picture *picture) {
    size_t room = 1 << 16, size = 0;
    char *bytes = pool_alloc(pool, room);
    for (;;) {
        ssize_t n = read(in, bytes + size, room - 1 - size);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n == 0)
            break;
        size += n > 0 ? (size_t)n : 0;
        if (size < room - 1)
            continue;
        char *more = pool_alloc(pool, 2 * room);
        memcpy(more, bytes, size);
        bytes = more;
        room *= 2;
    }
    bytes[size] = '\0';
    *picture = (struct picture){bytes, size};
    return 0;
}

static enum status wait_for(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(ERROR_RUN, "cannot wait for gnuplot: %s", strerror(errno));
    if (WIFSIGNALED(status))
        return fail(ERROR_RUN, "gnuplot was killed by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return fail(ERROR_RUN, "gnuplot ended with exit status %d", WEXITSTATUS(status));
    return OK;
}

/* What gnuplot said. */
static const char *read_words(int words, struct pool *pool) {
    enum { MOST = 1 << 16 };
    char *text = pool_alloc(pool, MOST);
    ssize_t n = pread(words, text, MOST - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static enum status start(const char *const *arguments, int words, int *in, pid_t *pid) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(ERROR_RUN, "cannot open a pipe to gnuplot: %s", strerror(errno));
    int error = spawn(arguments, ends[1], words, pid);
    close(ends[1]); /* the child's; nothing was written here */
    *in = ends[0];
    if (!error)
        return OK;
    close(ends[0]); /* nothing was read */
    return error == ENOENT
               ? fail(ERROR_RUN, "gnuplot is not installed; on Debian and Ubuntu: apt-get install "
                                 "gnuplot-nox (the tables of the figure are written all the same)")
               : fail(ERROR_RUN, "cannot start gnuplot: %s", strerror(error));
}

static enum status draw(const char *const *arguments, struct pool *pool, struct picture *picture,
                        const char **said) {
    int in = -1, words = memfd_create("gnuplot", MFD_CLOEXEC);
    pid_t pid;
    *said = "";
    if (words < 0)
        return fail(ERROR_RUN, "no memory for what gnuplot says: %s", strerror(errno));
    enum status status = start(arguments, words, &in, &pid);
    if (!status) {
        int error = read_picture(in, pool, picture);
        close(in); /* opened for reading */
        status = wait_for(pid);
        *said = read_words(words, pool);
        if (!status && error)
            status = fail(ERROR_RUN, "cannot read what gnuplot drew: %s", strerror(error));
        /* A warning to gnuplot, and lines are missing. */
        if (!status && strstr(*said, "Cannot find or open file"))
            status = fail(ERROR_RUN, "gnuplot could not read a table");
    }
    close(words); /* gnuplot's, and read */
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
