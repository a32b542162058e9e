/* What a picture of gnuplot's consists of, as text that a test can compare, and whether it can be
 * read. */
#pragma once

#include "base/pool.h"

/* Its size; every text, in order; how many symbols of each kind and colour, lines and areas. */
const char *svg_structure(const char *svg, struct pool *pool);
/* The first thing that a reader would stumble over: a text on another, one beyond the page, a
 * number that is none. NULL: nothing. Widths of letters are estimated, on the small side. */
const char *svg_fault(const char *svg, struct pool *pool);
