/* The rule of a claim: read from its file, and checked against its questions before anything is
 * trained. */
#include "judge/claim/claim_rule.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "lab/config/key_nodes.h"

const char *rule_name(enum rule rule) {
    static const char *const names[] = {"one", "all", "depends"};
    return names[rule];
}

/* ---- reading ---- */

static struct claim_rule *rule_at(const struct field *field, void *target) {
    return (struct claim_rule *)((char *)target + field->offset);
}

enum status claim_rule_read_rule(const struct yaml_node *node, const struct field *field,
                                 struct pool *pool, void *target) {
    struct value rule = {.integer = RULE_ONE};
    enum status status = field_value(node, field, pool, &rule);
    rule_at(field, target)->rule = (enum rule)rule.integer;
    return status;
}

/* A level is known for each number of seeds that may be looked at. */
static enum status read_look(const struct yaml_node *node, int least, struct claim_look *look) {
    double seeds = 0;
    enum status status = node_number(node, &seeds);
    for (int place = 0; place < LOOKS && !status; place++)
        if (seeds == look_seeds(place) && seeds > least) {
            *look = (struct claim_look){look_seeds(place), look_level(place)};
            return OK;
        }
    return status ? status
                  : fail_at(fail(ERROR_USAGE,
                                 "looks: must be some of %d, %d and %d seeds, in this "
                                 "order: only these have levels",
                                 look_seeds(0), look_seeds(1), look_seeds(2)),
                            node->origin);
}

enum status claim_rule_read_looks(const struct yaml_node *node, const struct field *field,
                                  struct pool *pool, void *target) {
    struct claim_rule *rule = rule_at(field, target);
    struct claim_look *looks = pool_alloc(pool, ((size_t)node->n + 1) * sizeof *looks);
    enum status status = OK;
    int n = 0;
    for (const struct yaml_node *item = node->first; item && !status; item = item->next, n++)
        status = read_look(item, n ? looks[n - 1].n_seeds : 0, &looks[n]);
    rule->n_looks = n;
    rule->looks = looks;
    return status;
}

/* ---- choosing seeds ---- */

enum status claim_rule_read_choosing(const struct yaml_node *node, const struct field *field,
                                     struct pool *pool, void *target) {
    struct node_values seeds;
    enum status status = node_axis_values(node, key_get(key_find("seed")), pool, &seeds);
    if (status)
        return status;
    rule_at(field, target)->n_choosing = seeds.n;
    rule_at(field, target)->choosing = seeds.values;
    return OK;
}

/* ---- seen before ---- */

#define TEXT(member)                                                                               \
    .read = field_text, .offset = offsetof(struct seen_before, member), .form = FORM_ONE,          \
    .value = {.type = KEY_TEXT}

static const struct field seen_before_fields[] = {
    {.name = "date",
     TEXT(date),
     .what = "day",
     .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
     .like = "2026-11-27",
     .required = "date: the day of that look",
     .doc = "The day of that look."},
    {.name = "answer",
     TEXT(answer),
     .required = "answer: what came out then",
     .doc = "What came out then, the word first."},
    {.name = "changed",
     TEXT(changed),
     .required = "changed: what is asked otherwise now, and why",
     .doc = "What is asked otherwise now, and why."},
};

const struct section seen_before_section = {
    .name = "seen_before",
    .doc = "Answers of earlier versions of the claim, a list of maps: what was changed after a "
           "look is decided on fresh seeds.",
    SECTION_FIELDS(seen_before_fields),
};

enum status claim_rule_read_seen_before(const struct yaml_node *node, const struct field *field,
                                        struct pool *pool, void *target) {
    struct claim_rule *rule = rule_at(field, target);
    struct seen_before *seen = pool_alloc(pool, ((size_t)node->n + 1) * sizeof *seen);
    enum status status = OK;
    int n = 0;
    for (const struct yaml_node *item = node->first; item && !status; item = item->next) {
        status = list_check_entry(node, item);
        if (!status)
            status = section_read(&seen_before_section, item, pool, &seen[n++]);
    }
    rule->n_seen_before = n;
    rule->seen_before = seen;
    return status;
}

/* ---- does it fit the questions? ---- */

static enum status check_roles(const struct claim_rule *rule, int n_questions,
                               const struct claim_question *questions) {
    int n = 0;
    for (int i = 0; i < n_questions; i++) {
        if (rule->by_computation && questions[i].role != ROLE_BESIDE)
            return fail_at(fail(ERROR_USAGE, "judge: of a claim that is decided by computation "
                                             "every question has role: beside"),
                           questions[i].origin);
        n += questions[i].role == ROLE_DECIDES;
    }
    if (rule->by_computation)
        return OK;
    if (rule->rule == RULE_ONE && n != 1)
        return fail_at(fail(ERROR_USAGE,
                            "claim: with the rule 'one' one question must decide, here %d do; "
                            "rule: all or depends is for several",
                            n),
                       rule->origin);
    if (rule->rule != RULE_ONE && n < 2)
        return fail_at(fail(ERROR_USAGE,
                            "claim: the rule '%s' needs two questions that decide, here %s; give "
                            "them role: decides",
                            rule_name(rule->rule), n ? "one does" : "none does"),
                       rule->origin);
    return OK;
}

static enum status check_looks(const struct claim_rule *rule, int n_seeds) {
    int most = rule->n_looks ? rule->looks[rule->n_looks - 1].n_seeds : 0;
    return most <= n_seeds
               ? OK
               : fail_at(fail(ERROR_USAGE, "claim: the last look is at %d seeds, the study has %d",
                              most, n_seeds),
                         rule->origin);
}

/* Each question that counts at every look: an average over strata that cannot be told apart yet
 * would be a verdict too early. What stands beside may have to wait for the last one. */
static enum status check_question(const struct claim_question *question, int n_looks,
                                  const struct claim_look *looks, bool whole) {
    enum status status = OK;
    for (int i = question->role == ROLE_BESIDE ? n_looks - 1 : 0; i < n_looks && !status; i++)
        status =
            decision_possible(looks[i].level, looks[i].n_seeds, whole ? question->n_strata : 1);
    return status ? fail_at(status, question->origin) : OK;
}

/* And all together at the last one. Of a cut protocol each question has one stratum, and a rule
 * over several may not be able to refute: the claim is inconclusive then. */
static enum status check_power(const struct claim_rule *rule, int n_questions,
                               const struct claim_question *questions, int n_seeds, bool whole) {
    struct pool pool = {0};
    struct planned_question *planned =
        pool_alloc(&pool, ((size_t)n_questions + 1) * sizeof *planned);
    const struct claim_look once = {n_seeds, LEVEL}, *looks = rule->n_looks ? rule->looks : &once;
    int n = rule->n_looks ? rule->n_looks : 1;
    const struct claim_look *last = &looks[n - 1];
    enum status status = OK;
    for (int i = 0; i < n_questions && !status; i++) {
        status = check_question(&questions[i], n, looks, whole);
        planned[i] =
            (struct planned_question){questions[i].role, last->n_seeds, questions[i].n_strata};
    }
    if (!status && whole && !rule->by_computation) {
        status = rule_possible(rule->rule, last->level, n_questions, planned);
        if (status)
            fail_at(fail_in(status, "claim"), rule->origin);
    }
    pool_free(&pool);
    return status;
}

enum status claim_rule_check(const struct claim_rule *rule, int n_questions,
                             const struct claim_question *questions, int n_seeds, bool whole) {
    enum status status = check_roles(rule, n_questions, questions);
    if (!status)
        status = check_looks(rule, n_seeds);
    return status ? status : check_power(rule, n_questions, questions, n_seeds, whole);
}
