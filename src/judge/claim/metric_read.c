/* Reads a metric: a column's name, or a map of series, take, where, over, ... */
#include "judge/claim/metric_read.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "judge/claim/over.h"
#include "judge/claim/take.h"
#include "lab/config/fields.h"

#define MEMBER(member) .offset = offsetof(struct metric, member)

/* where: "layer=1", or several. */
static enum status read_where(const struct yaml_node *node, const struct field *field,
                              struct pool *pool, void *target) {
    struct metric *metric = target;
    const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
    int n = node->kind == YAML_LIST ? node->n : 1;
    const char **where = pool_alloc(pool, ((size_t)n + 1) * sizeof *where);
    (void)field;
    for (int i = 0; i < n; i++, item = item->next) {
        if (item->kind != YAML_SCALAR)
            return fail_at(fail(ERROR_USAGE, "where: must be conditions like layer=1"),
                           item->origin);
        where[i] = item->text;
    }
    metric->where = where;
    metric->n_where = n;
    return OK;
}

static enum status read_take(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    struct value value = {0};
    enum status status = field_value(node, field, pool, &value);
    if (!status)
        ((struct metric *)target)->take = take_get((int)value.integer);
    return status;
}

static enum status read_diverged(const struct yaml_node *node, const struct field *field,
                                 struct pool *pool, void *target) {
    ((struct metric *)target)->has_diverged = true;
    return field_number(node, field, pool, target);
}

static const char *take_doc(int index, struct pool *pool) {
    (void)pool;
    return take_get(index)->sentence;
}

static const char *over_doc(int index, struct pool *pool) {
    (void)pool;
    return over_get(index)->sentence;
}

static const struct choice take_choice = {"take", take_name, take_doc},
                           over_choice = {"take", over_name, over_doc};

/* ---- over: {key: optimizer.lr, take: min} ---- */

static enum status read_over_key(const struct yaml_node *node, const struct field *field,
                                 struct pool *pool, void *target) {
    struct metric *metric = target;
    int index;
    (void)field;
    enum status status = node_text(node, pool, &metric->over_key);
    if (!status)
        status = key_require(metric->over_key, &index);
    return status ? fail_at(status, node->origin) : OK;
}

static enum status read_over_take(const struct yaml_node *node, const struct field *field,
                                  struct pool *pool, void *target) {
    struct value value = {0};
    enum status status = field_value(node, field, pool, &value);
    if (!status)
        ((struct metric *)target)->over = over_get((int)value.integer);
    return status;
}

static const struct field over_fields[] = {
    {.name = "key",
     .read = read_over_key,
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .choice = &key_choice,
     .required = "key in which the runs differ",
     .doc = "The key in which the runs differ that are chosen among."},
    {.name = "take",
     .read = read_over_take,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE},
     .choice = &over_choice,
     .required = "take: which of them",
     .doc = "Which of them is the arm's."},
    {.name = "at",
     .read = field_number,
     MEMBER(over_at),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL},
     .doc = "The target of such a take."},
};

const struct section metric_over_section = {
    .name = "over",
    .doc = "Each arm at its best: one of the runs that differ in a key.",
    SECTION_FIELDS(over_fields),
};

static enum status read_over(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    (void)field;
    return section_read(&metric_over_section, node, pool, target);
}

/* ---- when: {series: step/train_loss, at: 1} ---- */

static const struct field when_fields[] = {
    {.name = "series",
     .read = field_text,
     MEMBER(when),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "GROUP/NAME",
     .required = "series that falls",
     .doc = "The other series, along steps."},
    {.name = "at",
     .read = field_number,
     MEMBER(when_at),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL},
     .required = "at: its value",
     .doc = "The value to which it first falls, as of first_below."},
};

const struct section metric_when_section = {
    .name = "when",
    .doc = "The series' value at the step at which another one reaches a target, by interpolation "
           "between its points: so runs are compared where they have come equally far.",
    SECTION_FIELDS(when_fields),
};

static enum status read_when(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    (void)field;
    return section_read(&metric_when_section, node, pool, target);
}

/* ---- the metric ---- */

static const struct field metric_fields[] = {
    {.name = "column",
     .read = field_text,
     MEMBER(column),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "column",
     .doc = "A column of the results' table."},
    {.name = "minus",
     .read = field_text,
     MEMBER(minus),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "column",
     .doc = "Another column, subtracted."},
    {.name = "series",
     .read = field_text,
     MEMBER(series),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "GROUP/NAME",
     .doc = "Or a series, of which `take` makes a number."},
    {.name = "take",
     .read = read_take,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE},
     .choice = &take_choice,
     .doc = "How the series becomes a number; default: its last value."},
    {.name = "at",
     .read = field_number,
     MEMBER(at),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL},
     .doc = "The take's target."},
    {.name = "where",
     .read = read_where,
     .form = FORM_ONE | FORM_LIST,
     .value = {.type = KEY_TEXT},
     .what = "condition",
     .doc = "Which points of the series, `layer=1`, `step>100`."},
    {.name = "diverged",
     .read = read_diverged,
     MEMBER(diverged),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL},
     .doc = "What a run that diverged counts, where it has no number or only the beginning of a "
            "series."},
    {.name = "spread",
     .read = field_bool,
     MEMBER(spread),
     .form = FORM_ONE,
     .value = {.type = KEY_BOOL},
     .doc = "The distance from the median over the seeds, in place of the number itself."},
    {.name = "when",
     .read = read_when,
     .form = FORM_MAP,
     .section = &metric_when_section,
     .like = "{series: step/train_loss, at: 1}",
     .doc = "The series' value where another one has come to a target, in place of a take."},
    {.name = "over",
     .read = read_over,
     .form = FORM_MAP,
     .section = &metric_over_section,
     .like = "{key: optimizer.lr, take: min}",
     .doc = "Each arm at its best, over a key."},
};

const struct section metric_section = {
    .name = "metric",
    .title = "A metric",
    .shared = true,
    .doc = "What is compared: the name of a column of the results' table, or a map.",
    SECTION_FIELDS(metric_fields),
};

/* What is wrong with it as a whole, or NULL. */
static const char *metric_mistake(const struct metric *metric, struct pool *pool) {
    if (!metric->column == !metric->series)
        return "must have a column of the summary or a series, one of them";
    if (metric->column && (metric->n_where || metric->take != take_get(0)))
        return "take and where are of a series, not of a column";
    if (metric->take->is_place && metric->minus)
        return pool_format(pool, "minus is of a column, not of %s", metric->take->name);
    if (metric->take->is_place && metric->spread)
        return pool_format(pool, "no spread of %s: runs that never get there have only a bound",
                           metric->take->name);
    if (metric->take->is_place && metric->over && metric->over->number)
        return pool_format(pool, "%s of %s has no meaning: take min", metric->over->name,
                           metric->take->name);
    if (metric->when && (metric->column || metric->take != take_get(0)))
        return "when is of a series, and in place of a take";
    if (metric->take->needs_at && isnan(metric->at))
        return pool_format(pool, "%s needs at: the target", metric->take->name);
    if (metric->over && metric->over->needs_at && isnan(metric->over_at))
        return pool_format(pool, "%s needs at: the metric to be below", metric->over->name);
    return NULL;
}

enum status metric_read(const struct yaml_node *node, struct pool *pool, struct metric *metric) {
    struct metric read = {.node = node, .take = take_get(0), .at = NAN, .over_at = NAN};
    struct section section = metric_section;
    section.name = node->key;
    enum status status = node->kind == YAML_MAP ? section_read(&section, node, pool, &read)
                                                : node_text(node, pool, &read.column);
    const char *mistake = status ? NULL : metric_mistake(&read, pool);
    if (mistake)
        status = fail_at(fail(ERROR_USAGE, "%s: %s", node->key, mistake), node->origin);
    if (!status)
        *metric = read;
    return status;
}
