/* Compares the definition of results with the one an experiment file has now. */
#include "lab/plan/definition_change.h"

#include <string.h>

#include "io/json.h"

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

static bool same(const struct json *a, const struct json *b) {
    if (a->type != b->type || a->n != b->n || !same_text(a->name, b->name) ||
        !same_text(a->text, b->text) || !(a->number == b->number))
        return false;
    const struct json *one = a->first, *other = b->first;
    for (; one && other; one = one->next, other = other->next)
        if (!same(one, other))
            return false;
    return !one && !other;
}

static bool matters(const char *name) {
    int key = key_find(name);
    return key >= 0 && !key_get(key)->volatile_ && !key_get(key)->local;
}

static const char *base_change(const struct json *now, const struct json *then) {
    const struct json *base = json_get(now, "base"), *then_base = json_get(then, "base");
    for (const struct json *value = base->first; value; value = value->next) {
        const struct json *old = json_get(then_base, value->name);
        if (matters(value->name) && old && !same(value, old))
            return value->name;
    }
    return NULL;
}

static bool has_axis(const struct json *axes, const struct json *values) {
    for (const struct json *axis = axes ? axes->first : NULL; axis; axis = axis->next) {
        const struct json *old = json_get(axis, values->name);
        if (old && same(old, values))
            return true;
    }
    return false;
}

/* A key of an axis whose values another definition has not on any of its own. */
static const char *axis_change(const struct json *now, const struct json *then) {
    const struct json *axes = json_list(now, "axes"), *old = json_list(then, "axes");
    for (const struct json *axis = axes ? axes->first : NULL; axis; axis = axis->next)
        for (const struct json *values = axis->first; values; values = values->next)
            if (matters(values->name) && !has_axis(old, values))
                return values->name;
    return NULL;
}

const char *definition_change(const struct experiment *experiment, const char *resolved,
                              struct pool *pool) {
    struct json *now, *then;
    if (json_parse(experiment_json(experiment, pool), pool, &now) ||
        json_parse(resolved, pool, &then) || !json_get(then, "base"))
        return NULL; /* made by hand: nothing is known */
    const char *change = base_change(now, then);
    if (!change)
        change = axis_change(now, then);
    if (!change)
        change = axis_change(then, now);
    const struct json *excluded = json_list(now, "exclude"), *old = json_list(then, "exclude");
    if (!change && excluded && old && !same(excluded, old))
        change = "exclude";
    return change;
}
