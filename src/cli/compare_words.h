/* A comparison in words, for people. */
#pragma once

#include "cli/output.h"
#include "judge/stats/contrast.h"
#include "judge/stats/decision.h"

struct comparison {
    const struct contrast_request *request;
    const struct contrast *contrast;
    const struct decision *decision;
    int n_open;
    const char *const *open; /* [n_open] keys that became strata because they vary */
};

/* "batch is better than none by 0.0123 [0.0094, 0.0151] (median test_error_scored 0.12 against
 * 0.13, 8 seeds)" */
const char *compare_sentence(const struct comparison *comparison, struct pool *pool);
/* "is batch better than none by more than 0.005?" */
const char *compare_question(const struct comparison *comparison, const struct question *question,
                             struct pool *pool);
/* What else one has to know: failures, strata that nobody named, what was left out, what else
 * differs. */
void compare_notes(const struct comparison *comparison, struct pool *pool, struct notes *notes);
