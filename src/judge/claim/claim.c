/* From a file to a claim: its sections one by one, every mistake named where it stands. */
#include "judge/claim/claim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/claim/metric_read.h"
#include "lab/config/fields.h"
#include "lab/config/key_nodes.h"

enum { MOST_STRATA = 64, MOST_NUMBER = 9999 };

struct reading {
    struct claim *claim;
    struct pool *pool;
};

/* ---- fields ---- */

static enum status read_verdict_text(const struct yaml_node *node, struct pool *pool,
                                     const char **outcome, bool *known) {
    *known = true;
    for (int v = 0; v < OUTCOMES; v++)
        if (!strcmp(node->key, verdict_name((enum verdict)v)))
            return node_text(node, pool, &outcome[v]);
    *known = false;
    return OK;
}

static enum status unknown_field(const struct yaml_node *node, const char *section,
                                 const char *fields) {
    return fail_at(
        fail(ERROR_USAGE, "%s: unknown field '%s'; here stand %s", section, node->key, fields),
        node->key_origin);
}

static enum status missing(const struct yaml_node *entry, const char *section, const char *field) {
    return fail_at(fail(ERROR_USAGE, "%s: has no %s", section, field), entry->origin);
}

/* ---- claim: the words ---- */

static enum status read_numbers(const struct yaml_node *node, struct reading *reading) {
    struct claim *claim = reading->claim;
    const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
    int n = node->kind == YAML_LIST ? node->n : 1;
    long *numbers = pool_alloc(reading->pool, ((size_t)n + 1) * sizeof *numbers);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++, item = item->next) {
        double number = 0;
        status = node_number(item, &number);
        if (!status && !(number >= 1 && number <= MOST_NUMBER && number == floor(number)))
            status = fail_at(
                fail(ERROR_USAGE, "number: must be a whole number from 1 to %d", MOST_NUMBER),
                item->origin);
        if (!status)
            numbers[i] = (long)number;
    }
    claim->numbers = numbers;
    claim->n_numbers = n;
    return status;
}

/* A reproduction says what it copied and what it did not. */
static enum status check_paper(const struct yaml_node *section, const struct claim *claim) {
    const struct {
        const char *name, *text;
    } fields[] = {{"copied", claim->copied},
                  {"open", claim->left_open},
                  {"chosen", claim->chosen},
                  {"literal", claim->literal},
                  {"cut", claim->cut}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!fields[i].text)
            return missing(section, "claim", fields[i].name);
    return OK;
}

static enum status read_flag(const struct yaml_node *section, const char *name, const char *word,
                             bool *flag) {
    *flag = word && !strcmp(word, "true");
    if (!word || *flag || !strcmp(word, "false"))
        return OK;
    return fail_at(fail(ERROR_USAGE, "%s: is true or false", name),
                   node_find(section, name)->origin);
}

static enum status read_words(struct reading *reading, const struct yaml_node *section) {
    struct claim *claim = reading->claim;
    const char *decides = NULL, *universal = NULL, *full_size = NULL;
    const struct {
        const char *name;
        const char **text;
    } fields[] = {
        {"notes", &claim->notes},   {"says", &claim->says},         {"asks", &claim->asks},
        {"known", &claim->known},   {"expected", &claim->expected}, {"remark", &claim->remark},
        {"cannot", &claim->cannot}, {"decides", &decides},          {"universal", &universal},
        {"paper", &claim->paper},   {"copied", &claim->copied},     {"open", &claim->left_open},
        {"chosen", &claim->chosen}, {"literal", &claim->literal},   {"cut", &claim->cut},
        {"full_size", &full_size}};
    enum status status = OK;
    for (const struct yaml_node *node = section->first; node && !status; node = node->next) {
        bool found = false;
        status = read_verdict_text(node, reading->pool, claim->outcome, &found);
        if (!strcmp(node->key, "number")) {
            status = read_numbers(node, reading);
            found = true;
        }
        for (size_t i = 0; i < sizeof fields / sizeof *fields && !found; i++)
            if (!strcmp(node->key, fields[i].name)) {
                status = node_text(node, reading->pool, fields[i].text);
                found = true;
            }
        if (!found)
            status = unknown_field(
                node, "claim",
                "number, notes, says, asks, known, expected, remark, cannot, "
                "decides, universal, paper, copied, open, chosen, literal, cut, full_size, and "
                "sentences for supported, refuted and depends");
    }
    claim->computed_decides = decides && !strcmp(decides, "compute");
    if (!status)
        status = read_flag(section, "universal", universal, &claim->universal);
    if (!status)
        status = read_flag(section, "full_size", full_size, &claim->full_size);
    if (!status && decides && !claim->computed_decides && strcmp(decides, "judge") != 0)
        status = fail_at(fail(ERROR_USAGE, "decides: is judge or compute"),
                         node_find(section, "decides")->origin);
    if (!status && !claim->n_numbers && !claim->paper)
        status = missing(section, "claim", "number");
    if (!status && !claim->says)
        status = missing(section, "claim", "says: what the notes say");
    if (!status && !claim->notes && !claim->paper)
        status = missing(section, "claim", "notes: where it stands");
    if (!status && claim->paper)
        status = check_paper(section, claim);
    return status;
}

/* ---- judge: the questions ---- */

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

/* "batch, 0.9": what the conditions ask for; "batch (test_error_population)" with a figure of its
 * own, which may be all that tells two arms apart. */
static const char *arm_name(const struct claim_arm *arm, struct pool *pool) {
    const struct metric *own = &arm->metric;
    const char *name = "", *figure = own->column ? own->column : own->series;
    for (int i = 0; i < arm->n; i++)
        name = pool_format(pool, "%s%s%s", name, i ? ", " : "",
                           condition_name(arm->conditions[i], pool));
    if (figure)
        name = pool_format(pool, *name ? "%s (%s)" : "%s%s", name, figure);
    return name;
}

static bool is_no_condition(const char *name, const void *argument) {
    (void)argument;
    return !strcmp(name, "figure") || !strcmp(name, "name");
}

static enum status read_arm(const struct yaml_node *node, struct pool *pool,
                            struct claim_arm *arm) {
    if (node->kind != YAML_MAP)
        return fail_at(
            fail(ERROR_USAGE, "%s: must say which runs, like {norm.kind: batch}", node->key),
            node->origin);
    const struct yaml_node *conditions = node_without(node, is_no_condition, NULL, pool);
    enum status status = read_conditions(conditions, pool, &arm->n, &arm->conditions);
    const struct yaml_node *figure = node_find(node, "figure"), *name = node_find(node, "name");
    if (!status && figure)
        status = metric_read(figure, pool, &arm->metric);
    if (!status)
        arm->name = arm_name(arm, pool);
    if (!status && name)
        status = node_text(name, pool, &arm->name);
    return status;
}

/* Every combination of the values of {key: [values], ...}. */
static enum status read_strata(const struct yaml_node *node, struct pool *pool,
                               struct claim_question *question) {
    const char *const *alternatives;
    int n = 0, total = 1;
    if (node->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "strata: must be keys and their values, like "
                                         "{train.batch_size: [2, 4]}"),
                       node->origin);
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
    question->n_strata_keys = n;
    question->strata_keys = keys;
    question->n_strata = total;
    question->strata = strata;
    return OK;
}

static enum status read_kind(const struct yaml_node *node, struct claim_question *question) {
    long kind = 0;
    enum status status = node_word(node, "direction|equality", &kind);
    question->equality = kind == 1;
    return status;
}

static enum status read_transform(const struct yaml_node *node, struct claim_question *question) {
    long transform = 0;
    enum status status = node_word(node, "none|log2", &transform);
    question->log2 = transform == 1;
    return status;
}

/* An arm's own figure wins over the question's. */
static void share_metric(const struct metric *metric, struct claim_arm *arm) {
    if (!arm->metric.column && !arm->metric.series)
        arm->metric = *metric;
}

static enum status read_question_field(const struct yaml_node *node, struct pool *pool,
                                       struct claim_question *question, struct metric *metric) {
    const char *key = node->key;
    if (!strcmp(key, "name"))
        return node_text(node, pool, &question->name);
    if (!strcmp(key, "asks"))
        return node_text(node, pool, &question->asks);
    if (!strcmp(key, "unit"))
        return node_text(node, pool, &question->unit);
    if (!strcmp(key, "kind"))
        return read_kind(node, question);
    if (!strcmp(key, "transform"))
        return read_transform(node, question);
    if (!strcmp(key, "figure"))
        return metric_read(node, pool, metric);
    if (!strcmp(key, "more"))
        return read_arm(node, pool, &question->more);
    if (!strcmp(key, "less"))
        return read_arm(node, pool, &question->less);
    if (!strcmp(key, "strata"))
        return read_strata(node, pool, question);
    if (!strcmp(key, "delta"))
        return node_number(node, &question->delta);
    bool known;
    enum status status = read_verdict_text(node, pool, question->outcome, &known);
    if (known)
        return status;
    return unknown_field(node, "judge",
                         "name, asks, kind, figure, unit, more, less, strata, delta, transform, "
                         "and sentences for supported, refuted and depends");
}

static enum status check_question(const struct yaml_node *entry,
                                  const struct claim_question *question) {
    if (!question->name)
        return missing(entry, "judge", "name");
    if (!question->asks)
        return missing(entry, "judge", "asks: the question in words");
    if (!question->more.name || !question->less.name)
        return missing(entry, "judge", "two arms, more and less");
    if (!(question->delta > 0))
        return missing(entry, "judge", "delta above 0: the smallest difference that matters");
    if (question->log2 && (question->more.metric.spread || question->less.metric.spread))
        return fail_at(fail(ERROR_USAGE, "judge: a spread may be 0, which has no logarithm: no "
                                         "transform with spread"),
                       entry->origin);
    for (int v = 0; v < OUTCOMES; v++)
        if (!question->outcome[v] && (v != VERDICT_DEPENDS || question->n_strata > 1))
            return fail_at(fail(ERROR_USAGE, "judge: has no sentence for the outcome '%s'",
                                verdict_name((enum verdict)v)),
                           entry->origin);
    return OK;
}

static enum status read_question(const struct yaml_node *entry, struct pool *pool,
                                 struct claim_question *question) {
    static const char *const none[] = {NULL};
    static const char *const *const whole[] = {none};
    struct metric metric = {.column = "test_error_scored"};
    *question = (struct claim_question){
        .unit = "", .n_strata = 1, .strata = whole, .origin = entry->origin};
    if (entry->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "judge: each entry must be a map"), entry->origin);
    enum status status = OK;
    for (const struct yaml_node *node = entry->first; node && !status; node = node->next)
        status = read_question_field(node, pool, question, &metric);
    share_metric(&metric, &question->more);
    share_metric(&metric, &question->less);
    return status ? status : check_question(entry, question);
}

static enum status read_questions(struct reading *reading, const struct yaml_node *section) {
    struct claim_question *questions =
        pool_alloc(reading->pool, ((size_t)section->n + 1) * sizeof *questions);
    enum status status = OK;
    int n = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next)
        status = read_question(entry, reading->pool, &questions[n++]);
    reading->claim->questions = questions;
    reading->claim->n_questions = n;
    return status;
}

/* ---- compute ---- */

static enum status read_computations(struct reading *reading, const struct yaml_node *section) {
    struct computation *computations =
        pool_alloc(reading->pool, ((size_t)section->n + 1) * sizeof *computations);
    enum status status = OK;
    int n = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next)
        status = computation_read(entry, reading->pool, &computations[n++]);
    reading->claim->computations = computations;
    reading->claim->n_computations = n;
    return status;
}

/* ---- the file ---- */

static enum status read_sections(struct reading *reading, const struct yaml_node *root) {
    struct claim *claim = reading->claim;
    const struct yaml_node *words = node_find(root, "claim"), *judge = node_find(root, "judge"),
                           *compute = node_find(root, "compute");
    enum status status = OK;
    if (!words)
        status = fail_at(fail(ERROR_USAGE, "is no claim: it has no section claim"), root->origin);
    if (!status && words->kind != YAML_MAP)
        status = fail_at(fail(ERROR_USAGE, "claim: must be a map, like {number: 1, says: ...}"),
                         words->origin);
    if (!status && judge && judge->kind != YAML_LIST)
        status = fail_at(fail(ERROR_USAGE, "judge: must be a list of questions"), judge->origin);
    if (!status && compute && compute->kind != YAML_LIST)
        status =
            fail_at(fail(ERROR_USAGE, "compute: must be a list, of {what: ...}"), compute->origin);
    if (!status)
        status = read_words(reading, words);
    if (!status && judge)
        status = read_questions(reading, judge);
    if (!status && compute)
        status = read_computations(reading, compute);
    if (!status && !judge && !compute && !claim->cannot)
        status = missing(words, "claim", "section judge or compute, nor cannot: a reason");
    if (!judge)
        claim->computed_decides = true;
    for (int v = 0; v < OUTCOMES && !status && compute && claim->computed_decides; v++)
        if (!claim->outcome[v])
            status = fail_at(fail(ERROR_USAGE, "claim: has no sentence for the outcome '%s'",
                                  verdict_name((enum verdict)v)),
                             words->origin);
    return status;
}

/* A name is the place of a claim on the page. */
static enum status check_name(const struct yaml_node *node, const char *name) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (*name && !name[strspn(name, letters)])
        return OK;
    return fail_at(fail(ERROR_USAGE, "name: must be a word of letters, digits, _ and -"),
                   node->origin);
}

static enum status read_names(struct reading *reading, const struct yaml_node *root) {
    struct claim *claim = reading->claim;
    const struct yaml_node *name = node_find(root, "name"), *title = node_find(root, "title");
    if (!name || !title)
        return missing(root, "a claim", name ? "title" : "name");
    enum status status = node_text(name, reading->pool, &claim->name);
    if (!status)
        status = check_name(name, claim->name);
    return status ? status : node_text(title, reading->pool, &claim->title);
}

static enum status read_experiment(struct claim *claim) {
    if (claim->n_questions == 0)
        return OK;
    const char *protocol =
        claim->protocol ? pool_format(&claim->pool, "protocol=%s", claim->protocol) : NULL;
    enum status status =
        experiment_read(claim->file, protocol != NULL, &protocol, &claim->experiment);
    claim->has_runs = !status;
    return status;
}

static int count_seeds(const struct experiment *experiment) {
    const struct axis *axis = experiment_axis(experiment, key_find("seed"), NULL);
    return axis ? axis->n_values : 1;
}

/* Before anything is trained: can the answers be significant at all? A protocol may have one
 * stratum of each question. */
static enum status check_power(const struct claim *claim) {
    int n_seeds = count_seeds(&claim->experiment);
    for (int i = 0; i < claim->n_questions; i++) {
        const struct claim_question *question = &claim->questions[i];
        enum status status = decision_possible(n_seeds, claim->protocol ? 1 : question->n_strata);
        if (status)
            return fail_at(status, question->origin);
    }
    return OK;
}

enum status claim_read(const char *file, const char *protocol, struct claim *result) {
    struct claim claim = {.protocol = protocol};
    struct reading reading = {&claim, &claim.pool};
    struct yaml_node *root = NULL;
    claim.file = pool_text(&claim.pool, file);
    enum status status = fields_read_file(file, &claim.pool, &root);
    if (!status)
        status = read_names(&reading, root);
    if (!status)
        status = read_sections(&reading, root);
    if (!status)
        status = read_experiment(&claim);
    if (!status && claim.has_runs)
        status = check_power(&claim);
    if (status) {
        claim_free(&claim);
        return status;
    }
    *result = claim;
    return OK;
}

bool claim_is_shortened(const struct claim *claim) {
    const char *protocol = claim->protocol ? claim->protocol : "full";
    bool own_size = claim->full_size && !strcmp(protocol, "full");
    return claim->paper && !own_size && strcmp(protocol, "literal") != 0;
}

void claim_free(struct claim *claim) {
    if (claim->has_runs)
        experiment_free(&claim->experiment);
    pool_free(&claim->pool);
    *claim = (struct claim){0};
}
