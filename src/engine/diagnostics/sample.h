/* How many rows a diagnostic looks at: the first of a part. */
#pragma once

enum { SAMPLE_ROWS = 1000 };

static inline int sample_rows(long n_rows) {
    return n_rows < SAMPLE_ROWS ? (int)n_rows : SAMPLE_ROWS;
}
