/* What `normlab describe` says about a key, from the table alone. */
#include "lab/config/key_describe.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "lab/config/keys.h"

static const char *const type_names[] = {
    [KEY_BOOL] = "true or false",
    [KEY_INT] = "whole number",
    [KEY_REAL] = "number",
    [KEY_CHOICE] = "word",
    [KEY_TEXT] = "text",
    [KEY_INTS] = "list of whole numbers",
    [KEY_REALS] = "list of numbers",
};

const char *key_type_name(const struct key *key) {
    return type_names[key->type];
}

static const char *spaced_words(const char *words, struct pool *pool) {
    const char *text = "";
    for (const char *at = words; *at;) {
        size_t size = strcspn(at, "|");
        text = pool_format(pool, "%s%s%.*s", text, *text ? " | " : "", (int)size, at);
        at += size + (at[size] == '|');
    }
    return text;
}

const char *key_range_text(const struct key *key, struct pool *pool) {
    if (key->type == KEY_CHOICE)
        return spaced_words(key->words, pool);
    if (key->type == KEY_BOOL || key->type == KEY_TEXT)
        return NULL;
    if (key->min == 0 && key->max == 0)
        return "any finite number";
    const char *least = number_text(key->min, pool), *most = number_text(key->max, pool);
    const char *range = key->above_min ? pool_format(pool, "above %s", least) : least;
    if (isinf(key->max))
        range = key->above_min ? range : pool_format(pool, "%s or more", least);
    else if (key->min < key->max)
        range = pool_format(pool, "%s to %s", range, most);
    return key->words ? pool_format(pool, "%s, or %s", range, key->words) : range;
}

const char *key_when_text(int index, struct pool *pool) {
    const struct condition *when;
    int n = key_conditions(index, &when);
    const char *text = "";
    for (int i = 0; i < n; i++) {
        if (!*when[i].values[0])
            return "nowhere: no normalizer has use for it";
        text = pool_format(pool, "%s%s%s", text, *text ? " and " : "", when[i].text);
    }
    return text;
}

static const char *line(const char *text, const char *label, const char *content,
                        struct pool *pool) {
    return content && *content ? pool_format(pool, "%s    %-11s%s\n", text, label, content) : text;
}

const char *key_describe(int index, struct pool *pool) {
    const struct key *key = key_get(index);
    const char *text = pool_format(pool, "%s\n    %s\n\n", key->name, key->doc);
    text = line(text, "type", key_type_name(key), pool);
    text = line(text, key->type == KEY_CHOICE ? "words" : "range", key_range_text(key, pool), pool);
    text = line(text, "default", value_yaml(key, key_default(index), pool), pool);
    text = line(text, "unit", *key->unit ? key->unit : "none", pool);
    text = line(text, "applies", key->when ? key_when_text(index, pool) : "always", pool);
    text = line(text, "elsewhere", key->elsewhere, pool);
    if (key->volatile_)
        text = line(text, "identity", "no part of it: runs that differ in this alone are one run",
                    pool);
    return text;
}
