/* Reads key=value, with lists of values and ranges. */
#include "lab/config/override.h"

#include <ctype.h>
#include <string.h>

#include "base/hash.h"
#include "base/sort.h"
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

/* ---- as words ---- */

/* Without the spaces of a list, which only the file has. */
static const char *word_of(const struct key *key, const struct value *value, struct pool *pool) {
    char *word = pool_text(pool, value_yaml(key, value, pool));
    if (key->type != KEY_INTS && key->type != KEY_REALS)
        return word;
    char *to = word;
    for (const char *from = word; *from; from++)
        if (*from != ' ')
            *to++ = *from;
    *to = '\0';
    return word;
}

/* In a file's name: no brackets. */
static const char *plain_word_of(const struct key *key, const struct value *value,
                                 struct pool *pool) {
    return key->type == KEY_BOOL ? value_yaml(key, value, pool) : value_text(key, value, pool);
}

/* Three and more whole numbers in a row, as "0..9"? */
static bool is_stretch(const struct key *key, const struct override *override) {
    bool is = key->type == KEY_INT && override->n_values > 2;
    for (int i = 0; i < override->n_values && is; i++)
        is = override->values[i].integer == override->values[0].integer + i;
    return is;
}

typedef const char *write_value(const struct key *, const struct value *, struct pool *);

static const char *override_text(const struct override *override, bool in_name, struct pool *pool) {
    const struct key *key = key_get(override->key);
    write_value *word = in_name ? plain_word_of : word_of;
    const char *text = pool_format(pool, "%s=%s", key->name, word(key, override->values, pool));
    if (in_name && is_stretch(key, override))
        return pool_format(pool, "%s..%ld", text, override->values[override->n_values - 1].integer);
    for (int i = 1; i < override->n_values; i++)
        text = pool_format(pool, "%s,%s", text, word(key, &override->values[i], pool));
    return text;
}

static const char *texts_joined(int n, const struct override *all, bool in_name,
                                const char *before_first, const char *between, struct pool *pool) {
    const char **texts = pool_alloc(pool, (size_t)n * sizeof *texts + 1);
    size_t n_texts = 0;
    const char *joined = "";
    for (int i = 0; i < n; i++)
        if (!key_get(all[i].key)->volatile_ && !key_get(all[i].key)->local)
            texts[n_texts++] = override_text(&all[i], in_name, pool);
    sort_texts(texts, n_texts);
    for (size_t i = 0; i < n_texts; i++)
        joined = pool_format(pool, "%s%s%s", joined, i > 0 ? between : before_first, texts[i]);
    return joined;
}

const char *overrides_text(int n, const struct override *all, struct pool *pool) {
    return texts_joined(n, all, false, "", " ", pool);
}

enum { SUFFIX_SIZE = 80, KEPT_SIZE = 64, HASH_DIGITS = 8 };

const char *overrides_suffix(int n, const struct override *all, struct pool *pool) {
    const char *whole = texts_joined(n, all, true, "+", "+", pool);
    char *suffix = pool_text(pool, whole);
    bool changed = strlen(suffix) > SUFFIX_SIZE;
    for (char *at = suffix; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("+=,._-", *at)) {
            *at = '_';
            changed = true;
        }
    if (!changed)
        return suffix;
    char digits[HASH_TEXT_SIZE];
    struct hash hash;
    hash_begin(&hash);
    hash_add(&hash, whole, strlen(whole));
    hash_end(&hash, digits);
    return pool_format(pool, "%.*s-%.*s", KEPT_SIZE, suffix, HASH_DIGITS, digits);
}
