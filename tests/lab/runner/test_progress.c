/* Progress, the estimate of time, and worker processes as such. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/workers.h"
#include "lab/journal/estimate.h"
#include "lab/runner/progress.h"

TestSuite(progress, .timeout = 60);

Test(progress, one_line_a_run_where_there_is_no_terminal) {
    struct progress progress;
    char text[512] = "";
    FILE *out = tmpfile();
    progress_start(&progress, out, 3);
    progress_show(&progress, 1, "seed=0", 10);
    progress_ended(&progress, "complete", "r000000000001", "seed=0", "test error 0.1000");
    progress_ended(&progress, "failed", "r000000000002", "seed=1", "killed by signal 11");
    progress_ended(&progress, "timed_out", "r000000000003", "seed=2", "too long");
    progress_clear(&progress);
    rewind(out);
    cr_assert(fread(text, 1, sizeof text - 1, out) > 0, "nothing was written");
    cr_assert_str_eq(text,
                     "[1/3] complete r000000000001  seed=0  test error 0.1000\n"
                     "[2/3] failed r000000000002  seed=1  killed by signal 11\n"
                     "[3/3] timed_out r000000000003  seed=2  too long\n",
                     "it wrote:\n%s", text);
    cr_assert(progress.n_failed == 2, "%d failed", progress.n_failed);
    fclose(out);
}

/* What was written to the terminal arrives when the system likes: reads as much as is expected. */
static void expect_shown(int terminal, const char *expected) {
    char text[1024] = "";
    size_t n = 0;
    struct pollfd ready = {terminal, POLLIN, 0};
    while (n < strlen(expected) && poll(&ready, 1, 10000) == 1) {
        ssize_t got = read(terminal, text + n, sizeof text - 1 - n);
        cr_assert(got > 0, "the terminal is closed");
        n += (size_t)got;
    }
    cr_assert_str_eq(text, expected, "it shows '%s'", text);
}

Test(progress, a_terminal_has_one_line_that_is_rewritten) {
    struct progress progress;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0, "no terminal");
    setenv("TERM", "xterm", 1);
    FILE *out = fopen(ptsname(terminal), "w");
    ioctl(fileno(out), TIOCSWINSZ, &(struct winsize){.ws_row = 24, .ws_col = 50});
    progress_start(&progress, out, 3);
    progress_show(&progress, 2, "norm.kind=batch train.batch_size=2 seed=4 and more", 75);
    expect_shown(terminal, "\r[0/3] 0 failed, 0 diverged, 75 s left; 2 running:\033[K");
    progress_ended(&progress, "diverged", "r000000000001", "seed=0", "nan");
    progress_show(&progress, 2, "", 60);
    expect_shown(terminal, "\r[1/3] 0 failed, 1 diverged, 60 s left; 2 running:\033[K");
    progress_ended(&progress, "failed", "r000000000002", "seed=1", "why");
    expect_shown(terminal, "\r\033[K[2/3] failed r000000000002  seed=1  why\r\n");
    fclose(out);
    close(terminal);
}

Test(progress, estimate_learns_by_class) {
    struct estimate estimate = {0};
    cr_assert(!estimate_is_learned(&estimate), "learned from nothing");
    cr_assert(estimate_seconds(&estimate, 64, 1e9) > 0, "no guess at all");
    estimate_learn(&estimate, 64, 100, 10, false);
    cr_assert(estimate_is_learned(&estimate), "nothing learned");
    cr_assert(estimate_seconds(&estimate, 100, 50) == 5, "the same class, half the cost: %g",
              estimate_seconds(&estimate, 100, 50));
    cr_assert(estimate_seconds(&estimate, 2, 50) == 5, "an unknown class takes the rate of all");
    estimate_learn(&estimate, 2, 100, 40, false);
    cr_assert(estimate_seconds(&estimate, 2, 50) == 20, "its own class goes first");
    estimate_learn(&estimate, 2, 100, NAN, false);
    estimate_learn(&estimate, 2, 0, 5, false);
    cr_assert(estimate_seconds(&estimate, 2, 50) == 20, "what is unknown teaches nothing");
    estimate_learn(&estimate, 2, 100, 10, true);
    cr_assert(fabs(estimate_seconds(&estimate, 2, 150) - 30) < 1e-9,
              "of this call and half of before: %g", estimate_seconds(&estimate, 2, 150));
}

Test(progress, estimate_of_all) {
    static const double seconds[] = {8, 1, 1};
    cr_assert(estimate_finish(seconds, 3, 1) == 10, "one after the other");
    cr_assert(estimate_finish(seconds, 3, 2) == 8, "never less than the longest");
    cr_assert(estimate_finish(seconds, 0, 2) == 0, "nothing takes no time");
}

Test(progress, durations_for_people) {
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0.0 s"},       {3.14, "3.1 s"},     {42.4, "42 s"},
                 {125, "2 min 5 s"}, {7300, "2 h 1 min"}, {-1, "0.0 s"}};
    char text[DURATION_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(duration_text(cases[i].seconds, text), cases[i].text, "%g s is '%s'",
                         cases[i].seconds, text);
}

/* ---- worker processes ---- */

static enum status succeed(void *argument) {
    return *(int *)argument == 7 ? OK : ERROR_DATA;
}

static enum status give_a_reason(void *argument) {
    (void)argument;
    return fail(ERROR_DATA, "the reason");
}

static enum status crash(void *argument) {
    (void)argument;
    raise(SIGSEGV);
    return OK;
}

static enum status leave_silently(void *argument) {
    _exit(*(int *)argument);
}

static enum status call_exit(void *argument) {
    exit(*(int *)argument);
}

static enum status sleep_long(void *argument) {
    (void)argument;
    sleep(1000);
    return OK;
}

static void end_with(int argument, worker_function *function, struct worker_end *end) {
    struct workers workers;
    pid_t pid;
    cr_assert(workers_open(&workers, 1) == OK, "%s", status_message());
    cr_assert(workers_start(&workers, 42, function, &argument, &pid) == OK, "%s", status_message());
    enum worker_event event = workers_wait(&workers, 30, end);
    cr_assert(event == WORKER_ENDED, "event %d", (int)event);
    cr_assert(end->tag == 42 && end->pid == pid, "the end of another worker");
    workers_close(&workers);
}

static void end_of(worker_function *function, struct worker_end *end) {
    end_with(7, function, end);
}

Test(progress, workers_say_how_they_ended) {
    struct worker_end end;
    end_of(succeed, &end);
    cr_assert(end.status == OK, "%s", end.reason);
    end_of(give_a_reason, &end);
    cr_assert(end.status == ERROR_DATA, "status %d", (int)end.status);
    cr_assert_str_eq(end.reason, "the reason", "'%s'", end.reason);
}

/* OpenMP's runtime says status 1, a plugin whatever it likes: 255 is no status of ours, nor is 75
 * from somebody whom nobody asked to stop. */
Test(progress, who_leaves_by_a_side_door_has_failed) {
    static const int numbers[] = {1, 5, 75, 130, 255};
    struct worker_end end;
    char part[32];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        end_with(numbers[i], leave_silently, &end);
        snprintf(part, sizeof part, "with status %d and no message", numbers[i]);
        cr_expect(end.status == ERROR_RUN && strstr(end.reason, part), "%d, '%s'", (int)end.status,
                  end.reason);
        end_with(numbers[i], call_exit, &end);
        cr_expect(end.status == ERROR_RUN && strstr(end.reason, "its process ended itself"),
                  "%d, '%s'", (int)end.status, end.reason);
    }
    end_with(0, call_exit, &end);
    cr_expect(end.status == ERROR_RUN, "exit(0) taken for the work done");
}

Test(progress, a_crash_is_named) {
    struct worker_end end;
    signal(SIGSEGV, SIG_DFL); /* the test program's own handler is not what is tested */
    end_of(crash, &end);
    cr_assert(end.status == ERROR_RUN, "status %d", (int)end.status);
    cr_assert_str_eq(end.reason, "killed by signal 11 (Segmentation fault)", "'%s'", end.reason);
}

Test(progress, workers_are_killed_and_waited_for) {
    struct workers workers;
    struct worker_end end;
    pid_t pids[2], none;
    cr_assert(workers_open(&workers, 2) == OK, "%s", status_message());
    for (int i = 0; i < 2; i++)
        cr_assert(workers_start(&workers, i, sleep_long, NULL, &pids[i]) == OK, "%s",
                  status_message());
    cr_assert(workers_start(&workers, 2, sleep_long, NULL, &none) == ERROR_RUN, "a third of two");
    cr_assert(workers_wait(&workers, 0.01, &end) == WORKERS_TIMEOUT,
              "nothing should have happened");
    kill(getpid(), SIGTERM);
    cr_assert(workers_wait(&workers, 30, &end) == WORKERS_STOP, "the signal was not seen");
    cr_assert(workers.stop_signal == SIGTERM, "signal %d", workers.stop_signal);
    workers_close(&workers);
    for (int i = 0; i < 2; i++)
        cr_assert(kill(pids[i], 0) != 0, "worker %d lives on", i);
}

/* Says its process, and so that it is at work, then waits to be killed. */
static enum status say_and_sleep(void *argument) {
    pid_t self = getpid();
    if (write(*(int *)argument, &self, sizeof self) == sizeof self)
        sleep(1000);
    return OK;
}

static void start_and_wait(int out) {
    struct workers workers;
    struct worker_end end;
    pid_t pid;
    if (workers_open(&workers, 1) == OK &&
        workers_start(&workers, 0, say_and_sleep, &out, &pid) == OK)
        workers_wait(&workers, 1000, &end);
    _exit(0);
}

Test(progress, workers_die_with_the_parent) {
    int ends[2], status = 0;
    pid_t worker = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* the orphan becomes ours: its end can be asked for */
    cr_assert(pipe(ends) == 0, "no pipe");
    pid_t parent = fork();
    if (parent == 0)
        start_and_wait(ends[1]);
    cr_assert(read(ends[0], &worker, sizeof worker) == sizeof worker && worker > 0, "no worker");
    kill(parent, SIGKILL);
    cr_assert(waitpid(parent, &status, 0) == parent, "no parent");
    cr_assert(waitpid(worker, &status, 0) == worker, "the worker is not there");
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it ended with %d", status);
}
