/* Puts right what the program was started with: its environment, descriptors and signals. */
#define _GNU_SOURCE /* fopencookie */
#include "cli/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/processor.h"

/* ---- the environment ---- */

/* For a program that has its processors to itself. Here every worker would bind its threads to the
 * same ones, and the parent, bound to one, would see no other. OMP_DYNAMIC: --threads decides. */
static const char dropped[][20] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY",
                                   "KMP_AFFINITY", "OMP_DYNAMIC"};
enum { DROPPED = sizeof dropped / sizeof *dropped };

/* Sanitizers are not ready when this runs, nor is the C library. */
#define EARLY __attribute__((no_sanitize("address", "undefined", "thread")))

EARLY static inline bool is_dropped(const char *entry) {
    for (int i = 0; i < DROPPED; i++) {
        int n = 0;
        while (dropped[i][n] && entry[n] == dropped[i][n])
            n++;
        if (!dropped[i][n] && entry[n] == '=')
            return true;
    }
    return false;
}

EARLY void startup_unbind(char **environment) {
    char **to = environment;
    for (char **from = environment; *from; from++)
        if (!is_dropped(*from))
            *to++ = *from;
    *to = NULL;
}

/* libgomp reads the environment, and binds the main thread, before main: so this runs before the
 * libraries' constructors. Where a system does not know preinit_array, the variables do what they
 * say. */
EARLY static void unbind(int argc, char **argv, char **environment) {
    (void)argc, (void)argv;
    startup_unbind(environment);
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_libraries)(int, char **, char **) = unbind;

/* ---- descriptors ---- */

/* Opened the wrong way round, a descriptor is taken, and reading from input or writing to output
 * fails all the same. */
static bool occupy(int descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF)
        return true;
    return open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) == descriptor;
}

/* ---- standard output ---- */

static int output_error;

/* All of it, or as much as can be written. */
static ssize_t write_output(void *nothing, const char *bytes, size_t size) {
    (void)nothing;
    size_t done = 0;
    while (done < size) {
        ssize_t n = write(STDOUT_FILENO, bytes + done, size - done);
        if (n < 0 && output_error == 0)
            output_error = errno;
        if (n < 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

void startup_output(void) {
    FILE *out = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_output});
    if (out)
        stdout = out;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* lines stay whole and in order beside messages */
}

int startup_output_error(void) {
    return output_error;
}

/* ---- signals ---- */

/* Nothing is to be cleaned up that the next call would not. */
static void end_at_once(int number) {
    static const char term[] = "normlab: stopped by SIGTERM\n",
                      hup[] = "normlab: stopped by SIGHUP\n";
    ssize_t written = number == SIGTERM ? write(STDERR_FILENO, term, sizeof term - 1)
                                        : write(STDERR_FILENO, hup, sizeof hup - 1);
    (void)written; /* the exit status says it, too */
    _exit(STOPPED_TERM);
}

/* Not SIGINT: a shell ends its loop only where a command died of it. */
static void expect(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        sigaction(number, &(struct sigaction){.sa_handler = end_at_once}, NULL);
}

bool startup(void) {
    signal(SIGPIPE, SIG_IGN); /* a sweep outlives the reader of its progress */
    signal(SIGXFSZ, SIG_IGN); /* a file over `ulimit -f` is a failing write, with its message */
    signal(SIGCHLD, SIG_DFL); /* where it is ignored, nobody can ask how a child has ended */
    expect(SIGTERM);
    expect(SIGHUP);
    return occupy(STDIN_FILENO) && occupy(STDOUT_FILENO) && occupy(STDERR_FILENO) &&
           processor_suits();
}
