/* A question of a claim: two arms, what is compared, and what each outcome would mean. */
#pragma once

#include "judge/claim/metric.h"
#include "judge/stats/rule.h"
#include "lab/config/fields.h"

/* A sentence for each word of a verdict. A file has those that it must have, and may have those of
 * `small` and `sign only`; the others are computed. */
enum { OUTCOMES = VERDICT_PREMISE_NOT_MET + 1 };

/* Whose metric is taken: the runs that meet all conditions "key=value". */
struct claim_arm {
    const struct yaml_node *node; /* where it stands */
    const char *name;             /* as the file says, or "batch, 0.9", "batch (test_error)" */
    int n;
    const char *const *conditions;
    struct metric metric;
};

/* One question: d = metric of `more` - metric of `less`, a seed; positive favours the claim. */
struct claim_question {
    const char *name, *asks;
    enum role role;
    bool has_role;        /* the file says which */
    bool equality;        /* the claim is that d is within +-delta; else that it is above delta */
    struct metric metric; /* of both arms, unless one has its own */
    struct claim_arm more, less;
    const struct yaml_node *strata_node; /* where they stand; NULL: there are none */
    int n_strata_keys;
    const char *const *strata_keys;
    int n_strata;
    const char *const *const *strata; /* [n_strata][n_strata_keys]: conditions "key=value" */
    double delta;
    bool log2;                     /* d is the difference of the metrics' binary logarithms */
    const char *unit;              /* of d, for people: "of error", "steps, log2" */
    const char *outcome[OUTCOMES]; /* what each would mean, in a sentence; depends: of strata.
                                      NULL: computed */
    struct origin origin;
};

const char *role_name(enum role role); /* "decides", ... */
/* An arm's keys of the configuration as they stand in the file, beside its own fields. */
const struct yaml_node *claim_arm_conditions(const struct claim_arm *arm, struct pool *pool);
/* ERROR_USAGE with file:line:column. */
enum status claim_question_read(const struct yaml_node *entry, struct pool *pool,
                                struct claim_question *question);

/* For the reference of the file format. */
extern const struct section claim_question_section, claim_arm_section;
