/* Starts a pager in front of the terminal, and waits for it. */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pool.h"
#include "cli/terminal.h"

static bool is_allowed;
static pid_t pager; /* 0: none */
static const char *started = "";

void pager_allow(void) {
    is_allowed = true;
}

static bool is_installed(const char *program) {
    struct pool pool = {0};
    const char *path = getenv("PATH");
    bool found = false;
    while (path && *path && !found) {
        size_t size = strcspn(path, ":");
        found = access(pool_format(&pool, "%.*s/%s", (int)size, path, program), X_OK) == 0;
        path += size + (path[size] == ':');
    }
    pool_free(&pool);
    return found;
}

/* The command for a shell, or NULL. */
static const char *find_pager(void) {
    const char *chosen = getenv("NORMLAB_PAGER");
    if (!chosen)
        chosen = getenv("PAGER");
    if (!chosen)
        chosen = is_installed("less") ? "less" : "";
    return *chosen && strcmp(chosen, "cat") != 0 ? chosen : NULL;
}

_Noreturn static void become_pager(const char *command, int input) {
    signal(SIGPIPE, SIG_DFL);
    if (dup2(input, STDIN_FILENO) == STDIN_FILENO) {
        setenv("LESS", "FRX", 0); /* leave at once where one screen shows all; colours */
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(127);
}

/* False: the shell found no such command, or may not start it. */
static bool wait_for_pager(void) {
    enum { NOT_ALLOWED = 126, NOT_FOUND = 127 };
    int ended = 0;
    while (waitpid(pager, &ended, 0) < 0 && errno == EINTR)
        continue;
    return !WIFEXITED(ended) ||
           (WEXITSTATUS(ended) != NOT_ALLOWED && WEXITSTATUS(ended) != NOT_FOUND);
}

/* Whoever interrupts the program still has the pager on the terminal, and leaves it first. */
static void leave(int number) {
    close(STDOUT_FILENO); /* a pipe: the pager reads what has come */
    waitpid(pager, NULL, 0);
    signal(number, SIG_DFL);
    raise(number);
}

void pager_begin(void) {
    const char *command = find_pager();
    int ends[2];
    if (!is_allowed || !command || !terminal_is_output() || pipe(ends) != 0)
        return;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fflush(stdout); /* nothing is in it yet */
    pid_t pid = fork();
    if (pid == 0)
        become_pager(command, ends[0]);
    terminal_is_paged();
    close(ends[0]); /* the pager's */
    bool is_ready = pid > 0 && dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO;
    close(ends[1]); /* standard output is it now */
    if (!is_ready)
        return;
    pager = pid;
    started = command;
    signal(SIGINT, leave);
}

enum paging pager_end(void) {
    if (pager == 0)
        return NOT_PAGED;
    fflush(stdout);       /* command_main has looked whether it took everything */
    close(STDOUT_FILENO); /* a pipe */
    bool was_started = wait_for_pager();
    pager = 0;
    return was_started ? PAGED : PAGER_MISSING;
}

const char *pager_command(void) {
    return started;
}
