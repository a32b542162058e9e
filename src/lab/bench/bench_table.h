/* The results of a bench as a table. */
#pragma once

#include "lab/bench/bench_result.h"
#include "lab/table/table.h"

/* "OpenBLAS 0.3.21 SkylakeX, oneDNN 2.6.3": what the limits are measured with; "none". */
const char *bench_libraries(struct pool *pool);
/* A row a cell; every column says what it is, so that a row stands on its own. */
void bench_table(const struct bench_options *options, int n, const struct bench_result *results,
                 struct table *table);
