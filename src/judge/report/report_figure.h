/* Figures of the page, as SVG to stand in it. */
#pragma once

#include "judge/claim/verdict.h"

/* The paired differences of an answer. ERROR_RUN. `number`: unlike any other figure's of the page,
 * part of the ids in it. */
enum status report_draw_answer(const struct answer *answer, int number, struct pool *pool,
                               const char **svg);
struct report_figure {
    const char *svg, *caption;
    const char *table; /* what is drawn, as tab-separated text with a line of names */
    int n;             /* how many the file has */
};

/* The figure at `index` of those that the results file names; svg NULL where there is none to draw.
 * A script by path is run where `own`, the user's own file, names it, too. ERROR_RUN. */
enum status report_draw_results(const char *results, const struct experiment *own, int index,
                                int number, struct pool *pool, struct report_figure *figure);
