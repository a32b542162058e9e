/* The section judge of a claim's file: its questions, every mistake named where it stands. */
#include "judge/claim/claim_question.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "judge/claim/metric_read.h"
#include "lab/config/fields.h"
#include "lab/config/key_nodes.h"

enum { MOST_STRATA = 64 };

/* ---- an arm ---- */

/* {norm.kind: batch, ...}: conditions "norm.kind=batch", several values with | between them. */
static enum status read_conditions(const struct yaml_node *map, struct pool *pool, int *n,
                                   const char *const **conditions) {
    struct key_node *nodes;
    enum status status = key_nodes_read(map, pool, n, &nodes);
    const char **texts = pool_alloc(pool, ((size_t)*n + 1) * sizeof *texts);
    for (int i = 0; i < *n && !status; i++) {
        const struct key *key = key_get(nodes[i].key);
        struct node_values values;
        status = node_excluded_values(nodes[i].node, key, pool, &values);
        for (int v = 0; v < values.n && !status; v++)
            texts[i] =
                v ? pool_format(pool, "%s|%s", texts[i], value_text(key, &values.values[v], pool))
                  : pool_format(pool, "%s=%s", key->name, value_text(key, &values.values[v], pool));
    }
    *conditions = texts;
    return status;
}

/* "batch" of "norm.kind=batch", "affine off" of "norm.affine=0". */
static const char *condition_name(const char *condition, struct pool *pool) {
    const char *value = strchr(condition, '=') + 1, *part = strchr(condition, '.');
    int key = key_find(pool_format(pool, "%.*s", (int)(value - 1 - condition), condition));
    if (key < 0 || key_get(key)->type != KEY_BOOL || strchr(value, '|'))
        return value;
    char *name = pool_format(pool, "%.*s", (int)(value - 2 - part), part + 1);
    for (char *c = name; *c; c++)
        if (*c == '_')
            *c = ' ';
    return pool_format(pool, "%s %s", name, *value == '1' || *value == 't' ? "on" : "off");
}

/* "batch, 0.9": what the conditions ask for; "batch (test_error_population)" with a metric of its
 * own, which may be all that tells two arms apart. */
static const char *arm_name(const struct claim_arm *arm, struct pool *pool) {
    const struct metric *own = &arm->metric;
    const char *name = "", *metric = own->column ? own->column : own->series;
    for (int i = 0; i < arm->n; i++)
        name = pool_format(pool, "%s%s%s", name, i ? ", " : "",
                           condition_name(arm->conditions[i], pool));
    if (metric)
        name = pool_format(pool, *name ? "%s (%s)" : "%s%s", name, metric);
    return name;
}

static enum status read_own_metric(const struct yaml_node *node, const struct field *field,
                                   struct pool *pool, void *target) {
    (void)field;
    return metric_read(node, pool, &((struct claim_arm *)target)->metric);
}

#define METRIC                                                                                     \
    .form = FORM_ONE | FORM_MAP, .value = {.type = KEY_TEXT}, .what = "column",                    \
    .section = &metric_section

static const struct field arm_fields[] = {
    {.name = "metric",
     .alias = "figure",
     .read = read_own_metric,
     METRIC,
     .doc = "A metric of this arm's own, in place of the question's."},
    {.name = "name",
     .read = field_text,
     .offset = offsetof(struct claim_arm, name),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .doc = "What the page calls it, where its conditions are no good name."},
};

const struct section claim_arm_section = {
    .name = "more",
    .title = "`more` and `less`",
    .doc =
        "An arm: the runs that meet all conditions, which are keys of the configuration and their "
        "values, `{norm.kind: batch}`; a list holds alternatives. `less` likewise.",
    SECTION_FIELDS(arm_fields),
    .keys = FORM_ONE | FORM_LIST | FORM_SEQUENCE,
};

const struct yaml_node *claim_arm_conditions(const struct claim_arm *arm, struct pool *pool) {
    return section_rest(&claim_arm_section, arm->node, pool);
}

static enum status read_arm(const struct yaml_node *node, struct pool *pool,
                            struct claim_arm *arm) {
    struct section section = claim_arm_section;
    section.name = node->key;
    arm->node = node;
    enum status status =
        read_conditions(claim_arm_conditions(arm, pool), pool, &arm->n, &arm->conditions);
    if (!status)
        status = section_read(&section, node, pool, arm);
    if (!status && !arm->name)
        arm->name = arm_name(arm, pool);
    return status;
}

static enum status read_more(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    (void)field;
    return read_arm(node, pool, &((struct claim_question *)target)->more);
}

static enum status read_less(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    (void)field;
    return read_arm(node, pool, &((struct claim_question *)target)->less);
}

/* ---- strata ---- */

/* Every combination of the values of {key: [values], ...}. */
static enum status read_strata(const struct yaml_node *node, const struct field *field,
                               struct pool *pool, void *target) {
    struct claim_question *question = target;
    const char *const *alternatives;
    int n = 0, total = 1;
    (void)field;
    enum status status = read_conditions(node, pool, &n, &alternatives);
    if (status)
        return status;
    const char **keys = pool_alloc(pool, ((size_t)n + 1) * sizeof *keys);
    int *counts = pool_alloc(pool, ((size_t)n + 1) * sizeof *counts);
    for (int k = 0; k < n; k++) {
        keys[k] = pool_format(pool, "%.*s", (int)strcspn(alternatives[k], "="), alternatives[k]);
        counts[k] = 1;
        for (const char *c = alternatives[k]; *c; c++)
            counts[k] += *c == '|';
        total *= counts[k];
        if (total > MOST_STRATA)
            return fail_at(fail(ERROR_USAGE, "strata: more than %d", MOST_STRATA), node->origin);
    }
    const char *const **strata = pool_alloc(pool, ((size_t)total + 1) * sizeof *strata);
    for (int s = 0; s < total; s++) {
        const char **conditions = pool_alloc(pool, ((size_t)n + 1) * sizeof *conditions);
        int rest = s;
        for (int k = n - 1; k >= 0; k--) {
            const char *value = strchr(alternatives[k], '=') + 1;
            for (int skip = rest % counts[k]; skip > 0; skip--)
                value = strchr(value, '|') + 1;
            rest /= counts[k];
            conditions[k] = pool_format(pool, "%s=%.*s", keys[k], (int)strcspn(value, "|"), value);
        }
        strata[s] = conditions;
    }
    question->strata_node = node;
    question->n_strata_keys = n;
    question->strata_keys = keys;
    question->n_strata = total;
    question->strata = strata;
    return OK;
}

/* ---- a question ---- */

static enum status read_kind(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    struct value kind = {0};
    enum status status = field_value(node, field, pool, &kind);
    ((struct claim_question *)target)->equality = kind.integer == 1;
    return status;
}

const char *role_name(enum role role) {
    static const char *const names[] = {"decides", "premise", "beside"};
    return names[role];
}

static enum status read_role(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    struct claim_question *question = target;
    struct value role = {.integer = ROLE_DECIDES};
    enum status status = field_value(node, field, pool, &role);
    question->role = (enum role)role.integer;
    question->has_role = true;
    return status;
}

static enum status read_transform(const struct yaml_node *node, const struct field *field,
                                  struct pool *pool, void *target) {
    struct value transform = {0};
    enum status status = field_value(node, field, pool, &transform);
    ((struct claim_question *)target)->log2 = transform.integer == 1;
    return status;
}

static enum status read_metric(const struct yaml_node *node, const struct field *field,
                               struct pool *pool, void *target) {
    (void)field;
    return metric_read(node, pool, &((struct claim_question *)target)->metric);
}

#define MEMBER(member) .offset = offsetof(struct claim_question, member)
#define TEXT(member)                                                                               \
    .read = field_text, MEMBER(member), .form = FORM_ONE, .value = {.type = KEY_TEXT}

static const struct field question_fields[] = {
    {.name = "name", TEXT(name), .required = "name", .doc = "A word for it in tables."},
    {.name = "asks",
     TEXT(asks),
     .required = "asks: the question in words",
     .doc = "The question in words."},
    {.name = "role",
     .read = read_role,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = role_words},
     .doc = "Has it a part in the verdict, by the claim's `rule`; is it a premise without which "
            "there is none; or is it only shown? Default: the first decides, the others stand "
            "beside."},
    {.name = "kind",
     .read = read_kind,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "direction|equality"},
     .doc = "Does the claim say that `more` is above `less`, or that they are equal?"},
    {.name = "metric",
     .alias = "figure",
     .read = read_metric,
     METRIC,
     .doc = "What is compared; default: `test_error_scored`."},
    {.name = "unit", TEXT(unit), .doc = "The unit of the difference, for people."},
    {.name = "more",
     .read = read_more,
     .form = FORM_MAP,
     .section = &claim_arm_section,
     .like = "{norm.kind: batch}",
     .required = "two arms, more and less",
     .doc = "The arm whose metric is larger if the claim holds."},
    {.name = "less",
     .read = read_less,
     .form = FORM_MAP,
     .section = &claim_arm_section,
     .like = "{norm.kind: none}",
     .required = "two arms, more and less",
     .doc = "The arm whose metric is subtracted."},
    {.name = "strata",
     .read = read_strata,
     .form = FORM_MAP,
     .keys = FORM_ONE | FORM_LIST | FORM_SEQUENCE,
     .like = "{train.batch_size: [2, 4]}",
     .doc = "Keys and their values: each combination is decided by itself, too."},
    {.name = "delta",
     .read = field_number,
     MEMBER(delta),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL, .max = INFINITY, .above_min = true},
     .required = "delta above 0: the smallest difference that matters",
     .doc = "The smallest difference that matters."},
    {.name = "transform",
     .read = read_transform,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "none|log2"},
     .doc = "Compare the metrics, or their binary logarithms?"},
    {.name = "supported",
     TEXT(outcome[VERDICT_SUPPORTED]),
     .doc = "The sentence for a question that is decided in the claim's favour; every question "
            "needs this and the next, one with strata `depends` as well."},
    {.name = "refuted", TEXT(outcome[VERDICT_REFUTED]), .doc = "The sentence for one that is not."},
    {.name = "depends",
     TEXT(outcome[VERDICT_DEPENDS]),
     .doc = "The sentence for one that strata decide differently."},
    {.name = "small",
     TEXT(outcome[VERDICT_SMALL]),
     .doc = "The sentence for a difference that is there and smaller than `delta`; default: one "
            "that says so."},
    {.name = "sign_only",
     TEXT(outcome[VERDICT_SIGN_ONLY]),
     .doc = "The sentence for a difference whose sign is settled, and not that it is larger than "
            "`delta`; default: one that says so."},
};

const struct section claim_question_section = {
    .name = "judge",
    .doc =
        "Questions to the results, a list of maps. A seed's difference is the "
        "metric of `more` less that of `less`: above 0, it speaks for the claim. Before anything "
        "is trained, `normlab judge` and `run --dry-run` hold the questions against the "
        "experiment: they refuse an arm that no run is in, a column or series that runs will "
        "not have, and runs that cannot be paired.",
    SECTION_FIELDS(question_fields),
    .like = "judge:\n"
            "  - name: small batches\n"
            "    asks: Is batch norm worse than none at batch size 2?\n"
            "    more: {norm.kind: batch, train.batch_size: 2}\n"
            "    less: {norm.kind: none, train.batch_size: 2}\n"
            "    delta: 0.005\n"
            "    supported: It is.\n"
            "    refuted: It is not.\n",
};

static bool has_condition(const struct claim_arm *arm, const char *condition) {
    for (int i = 0; i < arm->n; i++)
        if (!strcmp(arm->conditions[i], condition))
            return true;
    return false;
}

/* Arms with metrics of their own may be the same runs. */
static bool is_same_arm(const struct claim_arm *a, const struct claim_arm *b) {
    bool own = a->metric.column || a->metric.series || b->metric.column || b->metric.series;
    for (int i = 0; i < a->n; i++)
        if (!has_condition(b, a->conditions[i]))
            return false;
    return a->n == b->n && !own;
}

/* One for each outcome that it may have. */
static enum status check_sentences(const struct yaml_node *entry,
                                   const struct claim_question *question) {
    struct pool pool = {0};
    const char *missing = "";
    bool depends = false;
    for (int v = 0; v <= VERDICT_DEPENDS; v++) {
        bool needed = v != VERDICT_DEPENDS || question->n_strata > 1;
        if (question->outcome[v] || !needed)
            continue;
        missing = pool_format(&pool, "%s%s%s", missing, *missing ? ", " : "",
                              verdict_name((enum verdict)v));
        depends = v == VERDICT_DEPENDS;
    }
    enum status status = OK;
    if (*missing)
        status = fail_at(fail(ERROR_USAGE, "judge: '%s' has no sentence for: %s%s", question->name,
                              missing, depends ? " (with strata, it may depend)" : ""),
                         entry->origin);
    pool_free(&pool);
    return status;
}

static enum status check_question(const struct yaml_node *entry,
                                  const struct claim_question *question) {
    if (question->log2 && (question->more.metric.spread || question->less.metric.spread))
        return fail_at(fail(ERROR_USAGE, "judge: a spread may be 0, which has no logarithm: no "
                                         "transform with spread"),
                       entry->origin);
    return check_sentences(entry, question);
}

/* An arm's own metric wins over the question's. */
static void share_metric(const struct metric *metric, struct claim_arm *arm) {
    if (!arm->metric.column && !arm->metric.series)
        arm->metric = *metric;
}

enum status claim_question_read(const struct yaml_node *entry, struct pool *pool,
                                struct claim_question *question) {
    static const char *const none[] = {NULL};
    static const char *const *const whole[] = {none};
    *question = (struct claim_question){.unit = "",
                                        .metric = {.column = "test_error_scored"},
                                        .n_strata = 1,
                                        .strata = whole,
                                        .origin = entry->origin};
    if (entry->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "judge: each entry must be a map"), entry->origin);
    enum status status = section_read(&claim_question_section, entry, pool, question);
    if (!status && is_same_arm(&question->more, &question->less))
        status =
            fail_at(fail(ERROR_USAGE, "judge: more and less are the same runs"), entry->origin);
    share_metric(&question->metric, &question->more);
    share_metric(&question->metric, &question->less);
    return status ? status : check_question(entry, question);
}
