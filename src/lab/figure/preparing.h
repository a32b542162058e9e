/* A figure in preparation: what the steps from request to drawing share. */
#pragma once

#include "lab/figure/drawing.h"
#include "lab/figure/figure_source.h"

struct preparing {
    const struct figure_source *source;
    const struct figure *figure;
    const struct figure_kind *kind;
    struct pool *pool;
    struct drawing *drawing;
};

/* An option of the figure; NULL: not given. */
const char *preparing_option(const struct preparing *work, const char *name);
/* Is the script one of ours? A script of the user's own draws what it wants. */
bool preparing_is_ours(const struct preparing *work);
