/* What made the runs that a claim is judged by: a page says so where there are several. */
#pragma once

#include "judge/claim/answer.h"

/* "2 processors: AMD EPYC (38 runs), Intel Xeon (2). Of 40 pairs 2 compare runs of two kinds, such
 * as r0123456789ab and r123456789abc." NULL: one processor and one build have made all. `summary`
 * is that of the results file at `path`. The text is in the pool. ERROR_RESULTS,
 * ERROR_UNREADABLE. */
enum status machines_describe(const char *path, const struct table *summary, int n_answers,
                              const struct answer *answers, struct pool *pool, const char **text);
