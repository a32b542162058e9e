/* A contrast in the making: which rows belong to which arm, stratum and seed. */
#pragma once

#include "judge/stats/contrast.h"

enum { NO_ARM = -1, FIRST, SECOND, ARMS };

struct builder {
    const struct table *table;
    const struct contrast_request *request;
    struct contrast *contrast;
    struct pool *pool; /* the contrast's */
    const struct column *metric;
    const struct column **by, **seed_keys;
    int n_seed_keys;
    int *arm_of;          /* [n_rows] */
    const char **seed_of; /* [n_rows] label of the row's seed */
    int *row[ARMS];       /* [n_strata][n_seeds]; -1: none that is finished */
};

/* Finds arms, seeds and strata, and the row of each of their combinations. ERROR_USAGE as for
 * contrast_build. */
enum status contrast_pair(struct builder *b);

/* For the other parts of it: n + 1 of them, 0. */
void *contrast_many(struct pool *pool, int n, size_t size);
/* "norm.kind=batch, norm.momentum=0.9" */
const char *contrast_arm_text(const struct builder *b, int arm);
/* Is a difference in it to be expected: a condition of both arms? */
bool contrast_tells_arms_apart(const struct contrast_request *request, const char *name);
/* Does it say how a run was made, and not what it is? */
bool contrast_ignores(const struct column *column);
