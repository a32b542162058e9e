/* The data sets that have a name: words of data.name that need no data.dir. */
#pragma once

#include "cli/output.h"

/* Has this source a usual place, or is it generated? */
bool data_sets_has(long source);
/* Its number among the sources, or -1. */
long data_sets_find(const char *name);
/* The name most like this one; NULL: none is like it. */
const char *data_sets_near(const char *name);
/* Lists them: where they are, and how to get those that are not there. */
enum status data_sets_print(const struct output_options *options);
