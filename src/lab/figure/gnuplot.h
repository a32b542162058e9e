/* Running gnuplot on a figure's script. */
#pragma once

#include "base/pool.h"
#include "base/status.h"

struct gnuplot_call {
    const char *script;   /* path */
    const char *out;      /* "": standard output */
    const char *terminal; /* svg, png, pdf, dumb */
    const char *data, *points;
    int n_options; /* "key=value" */
    const char *const *options;
};

/* Waits for gnuplot to end. ERROR_RUN: gnuplot is not installed (says what to install), or failed.
 */
enum status gnuplot_run(const struct gnuplot_call *call);
/* The same as a line for a shell. */
const char *gnuplot_command(const struct gnuplot_call *call, struct pool *pool);
