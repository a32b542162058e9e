/* Starts worker processes, waits for their ends and for signals. */
#include "io/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pool.h"

/* A signal to the whole group (Ctrl-C, a cluster's scancel) may kill a worker a moment before the
 * parent sees its own: how long to wait for it before the worker's end is called a failure. */
static const double GROUP_SIGNAL_S = 0.1;

/* What asks to stop, unless whoever started the program has it ignored: nohup does so with SIGHUP,
 * a shell without job control with SIGINT for what runs in its background. */
static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

static bool is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

enum status workers_open(struct workers *workers, int n_slots) {
    *workers = (struct workers){.n_slots = n_slots};
    workers->slots = calloc((size_t)n_slots, sizeof *workers->slots);
    if (!workers->slots)
        return fail(ERROR_RUN, "out of memory for %d workers", n_slots);
    sigemptyset(&workers->caught);
    sigaddset(&workers->caught, SIGCHLD);
    for (int i = 0; i < STOP_SIGNALS; i++)
        if (!is_ignored(stop_signals[i]))
            sigaddset(&workers->caught, stop_signals[i]);
    sigprocmask(SIG_BLOCK, &workers->caught, &workers->before);
    workers->catching = true;
    return OK;
}

static void release_signals(struct workers *workers) {
    if (workers->catching)
        sigprocmask(SIG_SETMASK, &workers->before, NULL);
    workers->catching = false;
}

/* What a worker does not hear. */
static sigset_t worker_mask(const struct workers *workers) {
    sigset_t mask = workers->before;
    for (int i = 0; workers->shields && i < STOP_SIGNALS; i++)
        sigaddset(&mask, stop_signals[i]);
    return mask;
}

/* Where a worker's message goes. */
static int message_end;

static _Noreturn void leave(enum status status, const char *message) {
    ssize_t written = write(message_end, message, strlen(message));
    (void)written; /* the exit status says it, too */
    _exit((int)status);
}

/* We never call exit() in a worker, but for want of memory (pool_fail); OpenMP's runtime does where
 * it has no threads, and a plugin may. */
static void ended_from_within(void) {
    leave(ERROR_RUN, pool_last_words());
}

/* The worker's side: never returns. */
static _Noreturn void work(pid_t parent, const sigset_t *mask, int out, worker_function *function,
                           void *argument) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before it was said */
        _exit(ERROR_RUN);
    for (int i = 0; i < STOP_SIGNALS; i++) /* who is stopped is no failure: see reap */
        if (!is_ignored(stop_signals[i]))
            signal(stop_signals[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    message_end = out;
    atexit(ended_from_within);
    enum status status = function(argument);
    leave(status, status ? status_message() : "");
}

static struct worker *free_slot(struct workers *workers) {
    for (int i = 0; i < workers->n_slots; i++)
        if (workers->slots[i].pid == 0)
            return &workers->slots[i];
    return NULL;
}

enum status workers_start(struct workers *workers, int tag, worker_function *function,
                          void *argument, pid_t *pid) {
    struct worker *worker = free_slot(workers);
    int ends[2];
    if (!worker)
        return fail(ERROR_RUN, "all %d workers are busy", workers->n_slots);
    if (pipe(ends) != 0)
        return fail(ERROR_RUN, "cannot open a pipe to a worker: %s", strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* a grandchild may keep the other end open */
    pid_t parent = getpid();
    sigset_t mask = worker_mask(workers);
    fflush(NULL); /* its owners ask ferror */
    pid_t child = fork();
    if (child == 0)
        work(parent, &mask, ends[1], function, argument);
    int error = errno;
    close(ends[1]); /* the worker's; nothing was written here */
    if (child < 0) {
        close(ends[0]); /* only read from */
        return fail(ERROR_RUN, "cannot start a worker process: %s", strerror(error));
    }
    *worker = (struct worker){child, tag, ends[0], clock_seconds()};
    workers->n_running++;
    *pid = child;
    return OK;
}

/* Why a worker that left `message` failed; its process ended with `wait_status`. */
static void write_reason(int wait_status, char *reason, size_t size) {
    if (WIFSIGNALED(wait_status)) {
        int number = WTERMSIG(wait_status);
        snprintf(reason, size, "killed by signal %d (%s)%s", number, strsignal(number),
                 number == SIGKILL
                     ? "; where memory is short the system does that: try fewer --jobs"
                     : "");
    } else if (reason[0] == '\0') {
        snprintf(reason, size, "its process ended with status %d and no message",
                 WEXITSTATUS(wait_status));
    }
}

static void finish(struct workers *workers, struct worker *worker, int wait_status,
                   struct worker_end *end) {
    *end = (struct worker_end){.tag = worker->tag, .pid = worker->pid};
    end->seconds = clock_seconds() - worker->started_s;
    ssize_t length = read(worker->pipe, end->reason, sizeof end->reason - 1);
    end->reason[length > 0 ? length : 0] = '\0';
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
        /* A status without a message is not one of ours, whatever its number. */
        bool ours = WIFEXITED(wait_status) && end->reason[0];
        end->status = ours ? (enum status)WEXITSTATUS(wait_status) : ERROR_RUN;
        write_reason(wait_status, end->reason, sizeof end->reason);
    }
    close(worker->pipe); /* only read from */
    *worker = (struct worker){0};
    workers->n_running--;
}

/* Waits for one of the caught signals; 0: the time is over. */
static int next_signal(const sigset_t *set, double timeout_s) {
    struct timespec timeout = {.tv_sec = (time_t)timeout_s};
    timeout.tv_nsec = (long)(1e9 * (timeout_s - (double)timeout.tv_sec));
    int number = sigtimedwait(set, NULL, &timeout);
    return number > 0 ? number : 0;
}

static bool asked_to_stop(struct workers *workers, double timeout_s) {
    sigset_t stops = workers->caught;
    sigdelset(&stops, SIGCHLD);
    int number = next_signal(&stops, timeout_s);
    if (number == 0)
        return false;
    workers->stop_signal = number;
    release_signals(workers);
    return true;
}

static bool is_stop_signal(int wait_status) {
    bool is_stop = false;
    for (int i = 0; i < STOP_SIGNALS; i++)
        is_stop |= WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == stop_signals[i];
    return is_stop;
}

/* Has one ended? */
static bool reap(struct workers *workers, struct worker_end *end, bool *stop) {
    for (int i = 0; i < workers->n_slots; i++) {
        struct worker *worker = &workers->slots[i];
        int wait_status;
        if (worker->pid == 0 || waitpid(worker->pid, &wait_status, WNOHANG) != worker->pid)
            continue;
        *stop = is_stop_signal(wait_status) && asked_to_stop(workers, GROUP_SIGNAL_S);
        finish(workers, worker, wait_status, end);
        return true;
    }
    return false;
}

enum worker_event workers_wait(struct workers *workers, double timeout_s, struct worker_end *end) {
    double until = clock_seconds() + timeout_s;
    for (;;) {
        bool stop = false;
        if (asked_to_stop(workers, 0))
            return WORKERS_STOP;
        if (reap(workers, end, &stop))
            return stop ? WORKERS_STOP : WORKER_ENDED;
        double left = until - clock_seconds();
        if (left <= 0)
            return WORKERS_TIMEOUT;
        int number = next_signal(&workers->caught, left);
        if (number != 0 && number != SIGCHLD) {
            workers->stop_signal = number;
            release_signals(workers);
            return WORKERS_STOP;
        }
    }
}

void workers_kill(const struct workers *workers, int tag) {
    for (int i = 0; i < workers->n_slots; i++)
        if (workers->slots[i].pid != 0 && workers->slots[i].tag == tag)
            kill(workers->slots[i].pid, SIGKILL);
}

void workers_close(struct workers *workers) {
    for (int i = 0; i < workers->n_slots; i++)
        if (workers->slots[i].pid != 0)
            kill(workers->slots[i].pid, SIGKILL);
    for (int i = 0; i < workers->n_slots; i++) {
        if (workers->slots[i].pid == 0)
            continue;
        while (waitpid(workers->slots[i].pid, NULL, 0) < 0 && errno == EINTR)
            ;
        close(workers->slots[i].pipe); /* only read from */
    }
    free(workers->slots);
    workers->slots = NULL;
    workers->n_slots = workers->n_running = 0;
    release_signals(workers);
}
