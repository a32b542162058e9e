/* Prints how far the runs are: one line that is rewritten, or a line for each run. */
#include "lab/runner/progress.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/visible.h"
#include "lab/journal/estimate.h"

static int terminal_width(FILE *out) {
    struct winsize size;
    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void progress_start(struct progress *progress, FILE *out, int n_total) {
    const char *terminal = getenv("TERM");
    *progress = (struct progress){.out = out, .n_total = n_total};
    if (!out || fileno(out) < 0)
        return;
    progress->rewrites = isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;
    progress->width = progress->rewrites ? terminal_width(out) : 0;
}

void progress_clear(struct progress *progress) {
    if (progress->shown) {
        fputs("\r\033[K", progress->out);
        fflush(progress->out); /* a message: there is nobody else to tell */
    }
    progress->shown = false;
}

void progress_say(struct progress *progress, const char *format, ...) {
    if (!progress->out)
        return;
    progress_clear(progress);
    va_list arguments;
    va_start(arguments, format);
    text_vprint(progress->out, format, arguments);
    va_end(arguments);
    putc('\n', progress->out);
    fflush(progress->out); /* a message: there is nobody else to tell */
}

void progress_ended(struct progress *progress, const char *what, const char *id, const char *label,
                    const char *detail) {
    bool failed = strcmp(what, "failed") == 0 || strcmp(what, "timed_out") == 0;
    progress->n_done++;
    progress->n_failed += failed;
    progress->n_diverged += strcmp(what, "diverged") == 0;
    if (failed || !progress->rewrites)
        progress_say(progress, "[%d/%d] %s %s  %s  %s", progress->n_done, progress->n_total, what,
                     id, label, detail);
}

void progress_show(struct progress *progress, int n_running, const char *now, double left_s) {
    char line[512], left[DURATION_SIZE];
    if (!progress->rewrites)
        return;
    snprintf(line, sizeof line, "[%d/%d] %d failed, %d diverged, %s left; %d running: %s",
             progress->n_done, progress->n_total, progress->n_failed, progress->n_diverged,
             duration_text(left_s, left), n_running, now);
    if (progress->width > 1 && strlen(line) >= (size_t)progress->width)
        line[progress->width - 1] = '\0';
    fputs("\r", progress->out);
    text_print(progress->out, "%s", line);
    fputs("\033[K", progress->out);
    fflush(progress->out); /* a message: there is nobody else to tell */
    progress->shown = true;
}
