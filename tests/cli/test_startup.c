/* What the program was started with, put right: environment, descriptors, signals. */
#include "cli/startup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/command.h"

TestSuite(startup, .timeout = 60);

Test(startup, what_binds_threads_is_dropped_and_nothing_else) {
    char proc_bind[] = "OMP_PROC_BIND=true", home[] = "HOME=/",
         places[] = "OMP_PLACES=", threads[] = "OMP_NUM_THREADS=2", near[] = "OMP_PLACES_OF_OURS=x",
         dynamic[] = "OMP_DYNAMIC=1", shorter[] = "OMP_PLACE=x", gomp[] = "GOMP_CPU_AFFINITY=0-3",
         odd[] = "OMP_PLACES";
    char *environment[] = {proc_bind, home,    places, threads, near,
                           dynamic,   shorter, gomp,   odd,     NULL};
    char *expected[] = {home, threads, near, shorter, odd, NULL};
    startup_unbind(environment);
    for (int i = 0; i < 6; i++)
        cr_expect(environment[i] == expected[i], "entry %d is %s", i, environment[i]);
}

/* The exit status of a process that calls startup() and then meets the signal; 128 + number where
 * it killed it. */
static int status_at(int number, bool ignored) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        close(STDERR_FILENO); /* its message */
        signal(number, ignored ? SIG_IGN : SIG_DFL);
        startup();
        raise(number);
        _exit(0);
    }
    cr_assert(waitpid(pid, &status, 0) == pid, "no child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Test(startup, a_request_to_stop_is_75_from_the_first_moment) {
    cr_expect(status_at(SIGTERM, false) == STOPPED_TERM, "SIGTERM");
    cr_expect(status_at(SIGHUP, false) == STOPPED_TERM, "SIGHUP");
    cr_expect(status_at(SIGINT, false) == STOPPED_INT, "SIGINT"); /* as a shell counts */
    cr_expect(status_at(SIGHUP, true) == 0, "nohup");
    cr_expect(status_at(SIGTERM, true) == 0, "SIGTERM is ignored");
}

/* As some callers leave them: a child's end could not be asked for, and a file over the limit of
 * its size would kill. */
static int handlers_are_right(void) {
    struct sigaction child, pipe_closed, too_large;
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    startup();
    sigaction(SIGCHLD, NULL, &child);
    sigaction(SIGPIPE, NULL, &pipe_closed);
    sigaction(SIGXFSZ, NULL, &too_large);
    return child.sa_handler == SIG_DFL && pipe_closed.sa_handler == SIG_IGN &&
           too_large.sa_handler == SIG_IGN;
}

Test(startup, signals_that_callers_have_changed_are_put_right) {
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(handlers_are_right());
    cr_assert(waitpid(pid, &status, 0) == pid, "no child");
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1, "status %d", status);
}

/* In a process of its own: 0 where the descriptor is taken, and using it fails. */
static int use_closed(int descriptor) {
    char byte = 'x';
    close(descriptor);
    if (!startup() || open("/dev/null", O_RDWR) == descriptor)
        return 1;
    ssize_t done =
        descriptor == STDIN_FILENO ? read(descriptor, &byte, 1) : write(descriptor, &byte, 1);
    return done == -1 && errno == EBADF ? 0 : 2;
}

Test(startup, a_closed_descriptor_is_taken_and_still_useless) {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            _exit(use_closed(descriptor));
        cr_assert(waitpid(pid, &status, 0) == pid, "no child");
        cr_expect(status == 0, "descriptor %d: %d", descriptor, WEXITSTATUS(status));
    }
}

/* A line is lost and those after it are not; the exit status of a process says how it was told. */
Test(startup, a_line_that_was_lost_is_told_with_the_reason) {
    int status, full = open("/dev/full", O_WRONLY), null = open("/dev/null", O_WRONLY);
    cr_assert(full >= 0 && null >= 0, "no /dev/full");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        static const char *const words[] = {"normlab", "--version"};
        startup_output();
        dup2(full, STDOUT_FILENO);
        printf("lost\n");
        dup2(null, STDOUT_FILENO);
        bool failed = command_main(2, words) == ERROR_RUN;
        _exit(!failed ? 1 : strstr(status_message(), "output: No space left") ? 0 : 2);
    }
    cr_assert(waitpid(pid, &status, 0) == pid, "no child");
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d", WEXITSTATUS(status));
    close(full);
    close(null);
}
