/* Where the program's own files are: figure scripts, parts of the report, shipped experiments. */
#pragma once

#include "base/pool.h"

/* The path of "figures/style.gp" or "experiments", or NULL; without "..". Looked for in this order:
 * $NORMLAB_SHARE; the source tree that the program was built in (its folder's parent, or that
 * one's); share/normlab beside the program's bin; the folder of `make install`. */
const char *share_find(const char *what, struct pool *pool);
