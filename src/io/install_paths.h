/* Where the program's own files are: figure scripts, parts of the report, shipped experiments. */
#pragma once

#include "base/pool.h"

/* The path of "figures/style.gp" or "experiments", or NULL; without "..". Looked for in this order:
 * $NORMLAB_SHARE; share/normlab beside the program's bin, so that an installed folder may be moved
 * as a whole; the source tree that the program was built in (its folder's parent, or that one's);
 * the current folder. */
const char *share_find(const char *what, struct pool *pool);
/* The path of the running program; NULL where the system does not say. */
const char *program_path(struct pool *pool);
