/* How far it is: one line that is rewritten on a terminal, else one line a finished run. No
 * colours, so NO_COLOR holds by itself. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct progress {
    FILE *out;     /* NULL: say nothing */
    bool rewrites; /* `out` is a terminal that can */
    int width;     /* its columns; 0: unknown */
    int n_total, n_done, n_failed, n_diverged;
    bool shown; /* the line stands on the terminal */
};

void progress_start(struct progress *progress, FILE *out, int n_total);
/* A line of its own, above the line that is rewritten. */
__attribute__((format(printf, 2, 3))) void progress_say(struct progress *progress,
                                                        const char *format, ...);
/* A run has ended: `what` is "complete", "diverged", "failed" or "timed_out"; `detail` what a
 * person wants to know of it. */
void progress_ended(struct progress *progress, const char *what, const char *id, const char *label,
                    const char *detail);
/* Rewrites the line: what is running (`now`), and how long all will take. Nothing elsewhere than on
 * a terminal. */
void progress_show(struct progress *progress, int n_running, const char *now, double left_s);
/* Takes the line away. */
void progress_clear(struct progress *progress);
