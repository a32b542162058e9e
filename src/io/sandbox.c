/* Runs something that may crash or never end in a process of its own. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, pipe2, memfd_create */
#include "io/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- a function ---- */

void *sandbox_memory(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void sandbox_memory_free(void *memory, size_t size) {
    if (memory)
        munmap(memory, size);
}

static enum status wait_for(struct workers *workers, double limit_s, bool *hangs) {
    struct worker_end end;
    enum worker_event event = workers_wait(workers, limit_s, &end);
    if (hangs)
        *hangs = event == WORKERS_TIMEOUT;
    switch (event) {
    case WORKERS_STOP:
        return fail(workers->stop_signal == SIGINT ? STOPPED_INT : STOPPED_TERM, "stopped");
    case WORKERS_TIMEOUT:
        return fail(ERROR_RUN, "did not end within %g s", limit_s);
    case WORKER_ENDED:
        break;
    }
    return end.status == OK ? OK : fail(end.status, "%s", end.reason);
}

enum status sandbox_run(worker_function *function, void *argument, double limit_s, bool *hangs) {
    struct workers workers;
    pid_t pid;
    enum status status = workers_open(&workers, 1);
    if (status)
        return status;
    status = workers_start(&workers, 0, function, argument, &pid);
    if (!status)
        status = wait_for(&workers, limit_s, hangs);
    workers_close(&workers);
    return status;
}

/* ---- a program ---- */

/* With `out` as its standard output and `words` as its standard error; the error, 0: none. It dies
 * of a closed pipe as any other program, though the caller may ignore the signal. */
static int spawn(const char *const *arguments, int out, int words, pid_t *pid) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
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
static int read_output(int in, struct pool *pool, struct program_output *output) {
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
    output->bytes = bytes;
    output->size = size;
    return 0;
}

static const char *read_words(int words, struct pool *pool) {
    enum { MOST = 1 << 16 };
    char *text = pool_alloc(pool, MOST);
    ssize_t n = pread(words, text, MOST - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static enum status wait_for_program(const char *name, pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(ERROR_RUN, "cannot wait for %s: %s", name, strerror(errno));
    if (WIFSIGNALED(status))
        return fail(ERROR_RUN, "%s was killed by signal %d", name, WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return fail(ERROR_RUN, "%s ended with exit status %d", name, WEXITSTATUS(status));
    return OK;
}

static enum status start(const char *const *arguments, int words, int *in, pid_t *pid,
                         bool *is_installed) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(ERROR_RUN, "cannot open a pipe to %s: %s", arguments[0], strerror(errno));
    int error = spawn(arguments, ends[1], words, pid);
    close(ends[1]); /* the child's; nothing was written here */
    *in = ends[0];
    *is_installed = error != ENOENT;
    if (!error)
        return OK;
    close(ends[0]); /* nothing was read */
    return *is_installed ? fail(ERROR_RUN, "cannot start %s: %s", arguments[0], strerror(error))
                         : fail(ERROR_RUN, "%s is not installed, or not on the PATH", arguments[0]);
}

enum status program_run(const char *const *arguments, struct pool *pool,
                        struct program_output *output) {
    const char *name = arguments[0];
    int in = -1, words = memfd_create(name, MFD_CLOEXEC);
    pid_t pid;
    *output = (struct program_output){.bytes = "", .said = "", .is_installed = true};
    if (words < 0)
        return fail(ERROR_RUN, "no memory for what %s says: %s", name, strerror(errno));
    enum status status = start(arguments, words, &in, &pid, &output->is_installed);
    if (!status) {
        int error = read_output(in, pool, output);
        close(in); /* opened for reading */
        status = wait_for_program(name, pid);
        output->said = read_words(words, pool);
        if (!status && error)
            status = fail(ERROR_RUN, "cannot read what %s wrote: %s", name, strerror(error));
    }
    close(words); /* the program's, and read */
    return status;
}
