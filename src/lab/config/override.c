/* Reads key=value, with lists of values and ranges. */
#include "lab/config/override.h"

#include <ctype.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"

enum { RANGE_MAX = 100000 };

static const char range_word[] = "range(";

static const struct key range_argument = {
    .name = "range", .type = KEY_INT, .min = -WHOLE_MAX, .max = WHOLE_MAX};

bool range_is(const char *text) {
    return !strncmp(text, range_word, strlen(range_word));
}

static const char *trimmed(const char *text, size_t size, struct pool *pool) {
    while (size > 0 && isspace((unsigned char)*text))
        text++, size--;
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    return pool_format(pool, "%.*s", (int)size, text);
}

struct range {
    long first, end, step, count;
};

static enum status fail_range(const char *text) {
    return fail(ERROR_USAGE, "'%s' is not range(n), range(a, b) or range(a, b, step)", text);
}

static enum status range_read(const char *text, struct pool *pool, struct range *range) {
    const char *at = text + strlen(range_word);
    size_t length = strlen(at);
    if (length == 0 || at[length - 1] != ')')
        return fail_range(text);
    const char *inside = pool_format(pool, "%.*s", (int)length - 1, at);
    long arguments[3];
    int n = 0;
    for (bool more = true; more; n++) {
        size_t size = strcspn(inside, ",");
        struct value value;
        if (n == 3 || value_parse(&range_argument, trimmed(inside, size, pool), pool, &value))
            return fail_range(text);
        arguments[n] = value.integer;
        more = inside[size] == ',';
        inside += size + more;
    }
    *range =
        (struct range){n > 1 ? arguments[0] : 0, arguments[n > 1], n > 2 ? arguments[2] : 1, 0};
    if (range->step == 0)
        return fail(ERROR_USAGE, "%s: the step must not be 0", text);
    long way = range->step > 0 ? range->end - range->first : range->first - range->end;
    long step = range->step > 0 ? range->step : -range->step;
    range->count = way > 0 ? (way + step - 1) / step : 0;
    return OK;
}

static enum status append_one(const struct key *key, const char *text, struct pool *pool,
                              int *n_values, struct value *values) {
    enum status status = value_parse(key, text, pool, &values[*n_values]);
    *n_values += !status;
    return status;
}

enum status values_append(const struct key *key, const char *text, struct pool *pool, int *n_values,
                          struct value **values) {
    struct range range = {.count = 1};
    if (range_is(text)) {
        enum status status = range_read(text, pool, &range);
        if (status)
            return fail_in(status, "%s", key->name);
        if (range.count < 1 || range.count > RANGE_MAX)
            return fail(ERROR_USAGE, "%s: %s makes %ld values; it must be 1 to %d", key->name, text,
                        range.count, RANGE_MAX);
    }
    size_t n = (size_t)*n_values;
    struct value *all = pool_alloc(pool, (n + (size_t)range.count) * sizeof *all);
    if (n > 0)
        memcpy(all, *values, n * sizeof *all); /* analysis: n values are there */
    *values = all;
    if (!range_is(text))
        return append_one(key, text, pool, n_values, all);
    enum status status = OK;
    for (long i = 0; i < range.count && !status; i++)
        status = append_one(key, pool_format(pool, "%ld", range.first + i * range.step), pool,
                            n_values, all);
    return status;
}

static enum status read_values(const char *text, struct pool *pool, struct override *override) {
    struct value *values = NULL;
    enum status status = OK;
    for (bool more = true; more && !status;) {
        size_t size = list_item_size(text);
        status = values_append(key_get(override->key), trimmed(text, size, pool), pool,
                               &override->n_values, &values);
        more = text[size] == ',';
        text += size + more;
    }
    override->values = values;
    return status;
}

enum status override_read(const char *text, struct pool *pool, struct override *override) {
    struct override read = {.origin = {.file = pool_format(pool, "command line: '%s'", text)}};
    const char *equals = strchr(text, '=');
    if (!equals)
        return fail_at(fail(ERROR_USAGE, "is not key=value"), read.origin);
    if (text[text_plain(text)] || strpbrk(text, "\r\n"))
        return fail_at(fail(ERROR_USAGE, "holds a control character"), read.origin);
    enum status status = key_require(trimmed(text, (size_t)(equals - text), pool), &read.key);
    if (!status)
        status = read_values(equals + 1, pool, &read);
    if (status)
        return fail_at(status, read.origin);
    *override = read;
    return OK;
}
