/* Reads a metric: a column's name, or a map of series, take, where, over, ... */
#include "judge/claim/metric_read.h"

#include <math.h>
#include <string.h>

#include "judge/claim/over.h"
#include "judge/claim/take.h"
#include "lab/config/fields.h"

static enum status read_bool(const struct yaml_node *node, bool *flag) {
    long index = 0;
    enum status status = node_word(node, "false|true", &index);
    *flag = index == 1;
    return status;
}

/* where: "layer=1", or several. */
static enum status read_where(const struct yaml_node *node, struct pool *pool,
                              struct metric *metric) {
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
    metric->where = where;
    metric->n_where = n;
    return status;
}

static enum status read_take(const struct yaml_node *node, struct pool *pool,
                             struct metric *metric) {
    long index = 0;
    enum status status = node_word(node, words_join(take_name, pool), &index);
    if (!status)
        metric->take = take_get((int)index);
    return status;
}

static enum status read_over_take(const struct yaml_node *node, struct pool *pool,
                                  struct metric *metric) {
    long index = 0;
    enum status status = node_word(node, words_join(over_name, pool), &index);
    if (!status)
        metric->over = over_get((int)index);
    return status;
}

/* over: {key: optimizer.lr, take: min}. */
static enum status read_over(const struct yaml_node *node, struct pool *pool,
                             struct metric *metric) {
    enum status status = OK;
    if (node->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "over: must be like {key: optimizer.lr, take: min}"),
                       node->origin);
    for (const struct yaml_node *entry = node->first; entry && !status; entry = entry->next) {
        int index;
        if (!strcmp(entry->key, "key")) {
            status = node_text(entry, pool, &metric->over_key);
            if (!status)
                status = key_require(metric->over_key, &index);
            if (status)
                fail_at(status, entry->origin);
        } else if (!strcmp(entry->key, "take")) {
            status = read_over_take(entry, pool, metric);
        } else if (!strcmp(entry->key, "at")) {
            status = node_number(entry, &metric->over_at);
        } else {
            status =
                fail_at(fail(ERROR_USAGE, "over: '%s' is neither key, take nor at", entry->key),
                        entry->key_origin);
        }
    }
    if (!status && (!metric->over_key || !metric->over))
        status = fail_at(fail(ERROR_USAGE, "over: needs a key and what to take"), node->origin);
    return status;
}

static enum status read_field(const struct yaml_node *node, struct pool *pool,
                              struct metric *metric) {
    const char *key = node->key;
    if (!strcmp(key, "column"))
        return node_text(node, pool, &metric->column);
    if (!strcmp(key, "series"))
        return node_text(node, pool, &metric->series);
    if (!strcmp(key, "minus"))
        return node_text(node, pool, &metric->minus);
    if (!strcmp(key, "take"))
        return read_take(node, pool, metric);
    if (!strcmp(key, "at"))
        return node_number(node, &metric->at);
    if (!strcmp(key, "where"))
        return read_where(node, pool, metric);
    if (!strcmp(key, "spread"))
        return read_bool(node, &metric->spread);
    if (!strcmp(key, "over"))
        return read_over(node, pool, metric);
    if (!strcmp(key, "diverged")) {
        metric->has_diverged = true;
        return node_number(node, &metric->diverged);
    }
    return fail_at(fail(ERROR_USAGE,
                        "figure: unknown field '%s'; here stand column, minus, series, take, at, "
                        "where, diverged, spread, over",
                        key),
                   node->key_origin);
}

/* What is wrong with it as a whole, or NULL. */
static const char *metric_mistake(const struct metric *metric, struct pool *pool) {
    if (!metric->column == !metric->series)
        return "must have a column of the summary or a series, one of them";
    if (metric->column && (metric->n_where || metric->take != take_get(0)))
        return "take and where are of a series, not of a column";
    if (metric->take->needs_at && isnan(metric->at))
        return pool_format(pool, "%s needs at: the target", metric->take->name);
    if (metric->over && metric->over->needs_at && isnan(metric->over_at))
        return pool_format(pool, "%s needs at: the metric to be below", metric->over->name);
    return NULL;
}

enum status metric_read(const struct yaml_node *node, struct pool *pool, struct metric *metric) {
    struct metric read = {.take = take_get(0), .at = NAN, .over_at = NAN};
    enum status status = OK;
    if (node->kind != YAML_MAP)
        status = node_text(node, pool, &read.column);
    for (const struct yaml_node *entry = node->first; node->kind == YAML_MAP && entry && !status;
         entry = entry->next)
        status = read_field(entry, pool, &read);
    const char *mistake = status ? NULL : metric_mistake(&read, pool);
    if (mistake)
        status = fail_at(fail(ERROR_USAGE, "figure: %s", mistake), node->origin);
    if (!status)
        *metric = read;
    return status;
}
