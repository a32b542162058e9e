/* What a reader of the tuned file would have to look for: cells whose rates are in doubt. */
#pragma once

#include "judge/tune/tune_arms.h"

/* A sentence for each kind of doubt, with the cells by name: rates at an edge, failures at the best
 * rate; and one for each cell that learned at no rate. The last is followed by NULL. */
const char *const *tune_doubts(const struct tune *tune, struct pool *pool);
/* "from 0.1 to 0.4", what a cell tried. */
const char *tune_tried_text(const struct tune *tune, const struct tune_arm *arm, struct pool *pool);
