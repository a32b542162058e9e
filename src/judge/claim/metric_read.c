/* Reads a metric: a column's name, or a map of series, take, where, over, ... */
#include "judge/claim/metric_read.h"

#include <math.h>
#include <string.h>

#include "lab/config/fields.h"

static enum status read_bool(const struct yaml_node *node, bool *flag) {
    long index = 0;
    enum status status = node_word(node, "false|true", &index);
    *flag = index == 1;
    return status;
}

/* where: "layer=1", or several. */
static enum status read_where(const struct yaml_node *node, struct pool *pool,
                              struct measure *measure) {
    const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
    int n = node->kind == YAML_LIST ? node->n : 1;
    const char **where = pool_alloc(pool, ((size_t)n + 1) * sizeof *where);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++, item = item->next) {
        if (item->kind != YAML_SCALAR)
            return fail_at(fail(ERROR_USAGE, "where: must be conditions like layer=1"),
                           item->origin);
        where[i] = item->text;
    }
    measure->where = where;
    measure->n_where = n;
    return status;
}

/* over: {key: optimizer.lr, take: min}. */
static enum status read_over(const struct yaml_node *node, struct pool *pool,
                             struct measure *measure) {
    enum status status = OK;
    if (node->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "over: must be like {key: optimizer.lr, take: min}"),
                       node->origin);
    for (const struct yaml_node *entry = node->first; entry && !status; entry = entry->next) {
        int index;
        if (!strcmp(entry->key, "key")) {
            status = node_text(entry, pool, &measure->over_key);
            if (!status)
                status = key_require(measure->over_key, &index);
            if (status)
                fail_at(status, entry->origin);
        } else if (!strcmp(entry->key, "take")) {
            status = node_word(entry, OVER_WORDS, &measure->over);
        } else if (!strcmp(entry->key, "at")) {
            status = node_number(entry, &measure->over_at);
        } else {
            status =
                fail_at(fail(ERROR_USAGE, "over: '%s' is neither key, take nor at", entry->key),
                        entry->key_origin);
        }
    }
    if (!status && (!measure->over_key || measure->over == OVER_NONE))
        status = fail_at(fail(ERROR_USAGE, "over: needs a key and what to take"), node->origin);
    return status;
}

static enum status read_field(const struct yaml_node *node, struct pool *pool,
                              struct measure *measure) {
    const char *key = node->key;
    if (!strcmp(key, "column"))
        return node_text(node, pool, &measure->column);
    if (!strcmp(key, "series"))
        return node_text(node, pool, &measure->series);
    if (!strcmp(key, "minus"))
        return node_text(node, pool, &measure->minus);
    if (!strcmp(key, "take"))
        return node_word(node, TAKE_WORDS, &measure->take);
    if (!strcmp(key, "at"))
        return node_number(node, &measure->at);
    if (!strcmp(key, "where"))
        return read_where(node, pool, measure);
    if (!strcmp(key, "spread"))
        return read_bool(node, &measure->spread);
    if (!strcmp(key, "over"))
        return read_over(node, pool, measure);
    if (!strcmp(key, "diverged")) {
        measure->has_diverged = true;
        return node_number(node, &measure->diverged);
    }
    return fail_at(fail(ERROR_USAGE,
                        "figure: unknown field '%s'; here stand column, minus, series, take, at, "
                        "where, diverged, spread, over",
                        key),
                   node->key_origin);
}

/* What is wrong with it as a whole, or NULL. */
static const char *measure_mistake(const struct measure *measure) {
    if (!measure->column == !measure->series)
        return "must have a column of the summary or a series, one of them";
    if (measure->column && (measure->n_where || measure->take != TAKE_LAST))
        return "take and where are of a series, not of a column";
    if (measure->take == TAKE_FIRST_BELOW && isnan(measure->at))
        return "first_below needs at: the target";
    if (measure->over == OVER_LARGEST_BELOW && isnan(measure->over_at))
        return "largest_below needs at: the figure to be below";
    return NULL;
}

enum status measure_read(const struct yaml_node *node, struct pool *pool, struct measure *measure) {
    struct measure read = {.at = NAN, .over_at = NAN};
    enum status status = OK;
    if (node->kind != YAML_MAP)
        status = node_text(node, pool, &read.column);
    for (const struct yaml_node *entry = node->first; node->kind == YAML_MAP && entry && !status;
         entry = entry->next)
        status = read_field(entry, pool, &read);
    if (!status && measure_mistake(&read))
        status = fail_at(fail(ERROR_USAGE, "figure: %s", measure_mistake(&read)), node->origin);
    if (!status)
        *measure = read;
    return status;
}
