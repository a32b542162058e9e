/* Running gnuplot on a figure's script. */
#pragma once

#include "lab/figure/picture.h"

struct gnuplot_call {
    const char *script;   /* path */
    const char *out;      /* path, for the command; what is drawn comes back in memory */
    const char *terminal; /* svg, png, pdf, dumb */
    const char *data, *points;
    int n_options; /* "key=value" */
    const char *const *options;
};

/* Draws, and looks whether the picture is whole. ERROR_RUN: gnuplot is not installed (says what to
 * install), or failed. */
enum status gnuplot_run(const struct gnuplot_call *call, struct pool *pool,
                        struct picture *picture);
/* The call as a line for a shell, which writes `out`. */
const char *gnuplot_command(const struct gnuplot_call *call, struct pool *pool);
