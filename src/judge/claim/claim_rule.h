/* How the answers to a claim's questions become its verdict, and what was known when that was
 * written down: the rule, looks, a pilot, answers seen before. */
#pragma once

#include "judge/claim/claim_question.h"

/* An answer of an earlier version of the claim, kept because somebody had seen it. */
struct seen_before {
    const char *date;    /* "2026-11-27" */
    const char *answer;  /* "refuted: ..." */
    const char *changed; /* what was changed since, and why */
};

/* The first so many seeds of the axis, judged at a level of their own. */
struct claim_look {
    int n_seeds;
    double level; /* of each one-sided test */
};

struct claim_rule {
    bool by_computation; /* what is computed decides: every question stands beside */
    enum rule rule;
    int n_looks;                    /* 0: all seeds are looked at once */
    const struct claim_look *looks; /* [n_looks], with more and more seeds */
    int n_choosing;                 /* seeds on which `over` chooses: the axis begins with them */
    const struct value *choosing;
    const char *pilot;
    int n_seen_before;
    const struct seen_before *seen_before;
    struct origin origin; /* of the section claim */
};

/* "one", "all", "depends" */
const char *rule_name(enum rule rule);
/* Can questions with these roles be judged by this rule on so many seeds, the choosing ones not
 * counted? `whole`: every stratum counts; else one. ERROR_USAGE with a place: too many or too few
 * questions decide, looks beyond the seeds, a number of seeds that could not decide so many tests.
 */
enum status claim_rule_check(const struct claim_rule *rule, int n_questions,
                             const struct claim_question *questions, int n_seeds, bool whole);

/* Readers of the fields of a section that fill a struct claim_rule at field->offset. */
enum status claim_rule_read_rule(const struct yaml_node *node, const struct field *field,
                                 struct pool *pool, void *target);
enum status claim_rule_read_choosing(const struct yaml_node *node, const struct field *field,
                                     struct pool *pool, void *target);
enum status claim_rule_read_looks(const struct yaml_node *node, const struct field *field,
                                  struct pool *pool, void *target);
enum status claim_rule_read_seen_before(const struct yaml_node *node, const struct field *field,
                                        struct pool *pool, void *target);

/* For the reference of the file format. */
extern const struct section seen_before_section;
