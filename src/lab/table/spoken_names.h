/* What keys, metrics and series are called in words, for the axes of figures and tables that people
 * read. */
#pragma once

#include "base/pool.h"

/* "optimizer.lr" -> "learning rate"; of a key without a row in the table its last word: "norm.rows"
 * -> "rows". */
const char *key_spoken(const char *key, struct pool *pool);
/* A summary column or series: "test_error_scored" -> "test error". */
const char *metric_spoken(const char *metric, struct pool *pool);
/* "mini-batch size (rows)"; words alone where there is no unit or they end with it. An error, a
 * share of the answers, has the unit "fraction". */
const char *spoken_with_unit(const char *words, const char *unit, struct pool *pool);
