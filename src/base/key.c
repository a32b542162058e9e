/* Values of configuration keys: from text, strictly, and back. */
#include "base/key.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/words.h"

/* Number formatting and parsing go by the C locale: the program never calls setlocale. */

static bool is_digits(const char *text) {
    size_t n = strspn(text, "0123456789");
    return n > 0 && text[n] == 0;
}

static bool is_integer(const char *text) {
    return is_digits(text + (*text == '-' || *text == '+'));
}

/* 5, .5, 5., 5e-1: what strtod reads, less hexadecimal, inf, nan and white space. */
static bool is_decimal(const char *text) {
    text += *text == '-' || *text == '+';
    size_t before = strspn(text, "0123456789");
    text += before;
    size_t after = 0;
    if (*text == '.') {
        after = strspn(text + 1, "0123456789");
        text += 1 + after;
    }
    if (before + after == 0)
        return false;
    return *text == 0 || ((*text == 'e' || *text == 'E') && is_integer(text + 1));
}

static bool has_range(const struct key *key) {
    return key->min != 0 || key->max != 0;
}

static enum status check_range(const struct key *key, const char *text, double number) {
    bool low = key->above_min ? number <= key->min : number < key->min;
    if (!has_range(key) || !(low || number > key->max))
        return OK;
    struct pool pool = {0};
    const char *least = number_text(key->min, &pool);
    enum status status =
        isinf(key->max)
            ? fail(ERROR_USAGE, "%s: %s is not %s%s", key->name, text,
                   key->above_min ? "above " : "at least ", least)
            : fail(ERROR_USAGE, "%s: %s is outside its range, %s%s to %s", key->name, text,
                   key->above_min ? "above " : "", least, number_text(key->max, &pool));
    pool_free(&pool);
    return status;
}

/* Whole numbers that are not told apart as doubles lie outside every range, and where a key has no
 * range, beyond this one. */
static enum status check_integer(const struct key *key, const char *text, long number) {
    bool exact = number >= -WHOLE_MAX && number <= WHOLE_MAX;
    double real = (double)number;
    enum status status =
        check_range(key, text, exact ? real : nextafter(real, number > 0 ? INFINITY : -INFINITY));
    if (status || exact)
        return status;
    return fail(ERROR_USAGE, "%s: %s is beyond %ld, up to which whole numbers are told apart",
                key->name, text, number > 0 ? WHOLE_MAX : -WHOLE_MAX);
}

/* 64, and what YAML and spreadsheets make of it: 64.0, 6.4e1. errno: ERANGE where it is no long. */
static bool read_whole(const char *text, long *number) {
    errno = 0;
    if (is_integer(text)) {
        *number = strtol(text, NULL, 10);
        return true;
    }
    double real = is_decimal(text) ? strtod(text, NULL) : NAN;
    bool is_long = fabs(real) <= WHOLE_MAX;
    errno = is_long ? 0 : ERANGE;
    *number = is_long ? (long)real : 0;
    return real == floor(real);
}

static enum status parse_int(const struct key *key, const char *text, struct value *value) {
    if (key->words && !strcmp(key->words, text)) {
        value->integer = -1;
        value->real = -1;
        return OK;
    }
    long number;
    if (!read_whole(text, &number)) {
        if (key->words)
            return fail(ERROR_USAGE, "%s: '%s' is not a whole number or '%s'", key->name, text,
                        key->words);
        return fail(ERROR_USAGE, "%s: '%s' is not a whole number", key->name, text);
    }
    if (errno == ERANGE)
        return fail(ERROR_USAGE, "%s: %s is too large for a whole number", key->name, text);
    enum status status = check_integer(key, text, number);
    if (status)
        return status;
    value->integer = number;
    value->real = (double)number;
    return OK;
}

static enum status parse_real(const struct key *key, const char *text, double *real) {
    if (!is_decimal(text)) {
        if (strchr(text, ','))
            return fail(ERROR_USAGE, "%s: '%s' is not a number; the decimal sign is a point",
                        key->name, text);
        return fail(ERROR_USAGE, "%s: '%s' is not a finite number", key->name, text);
    }
    errno = 0;
    double number = strtod(text, NULL);
    if (errno == ERANGE && isinf(number))
        return fail(ERROR_USAGE, "%s: %s is too large for a number", key->name, text);
    if (errno == ERANGE && number == 0)
        return fail(ERROR_USAGE, "%s: %s is too small: it would be read as 0", key->name, text);
    enum status status = check_range(key, text, number);
    if (status)
        return status;
    *real = number + 0.0; /* -0 becomes 0, so that it has one text */
    return OK;
}

enum { MAX_WORDS = 256 };

static int split_words(const char *words, struct pool *pool, const char *list[MAX_WORDS]) {
    int n = 0;
    for (const char *at = words; *at && n < MAX_WORDS; n++) {
        size_t size = strcspn(at, "|");
        list[n] = pool_format(pool, "%.*s", (int)size, at);
        at += size + (at[size] == '|');
    }
    return n;
}

static enum status fail_word(const struct key *key, const char *words, const char *text) {
    struct pool pool = {0};
    const char *list[MAX_WORDS];
    int n = split_words(words, &pool, list);
    const char *all = "";
    for (int i = 0; i < n; i++)
        all = pool_format(&pool, "%s%s%s", all, i == 0 ? "" : i == n - 1 ? " or " : ", ", list[i]);
    const char *near = nearest_word(text, list, n);
    if (near)
        fail(ERROR_USAGE, "%s: '%s' is not %s (did you mean '%s'?)", key->name, text, all, near);
    else
        fail(ERROR_USAGE, "%s: '%s' is not %s", key->name, text, all);
    pool_free(&pool);
    return ERROR_USAGE;
}

static enum status parse_word(const struct key *key, const char *words, const char *text,
                              struct value *value) {
    int index = words_find(words, text);
    if (index < 0)
        return fail_word(key, words, text);
    value->integer = index;
    return OK;
}

static enum status parse_item(const struct key *key, const char *text, double *item) {
    if (key->type == KEY_REALS)
        return parse_real(key, text, item);
    struct value value;
    enum status status = parse_int(key, text, &value);
    if (!status)
        *item = value.real;
    return status;
}

static enum status parse_list(const struct key *key, const char *text, struct pool *pool,
                              struct value *value) {
    size_t size = strlen(text);
    if (size < 2 || text[0] != '[' || text[size - 1] != ']') {
        bool begins = text[0] == '[', ends = size > 0 && text[size - 1] == ']';
        return fail(ERROR_USAGE, "%s: '%s' is not a list; write [%.*s]", key->name, text,
                    (int)size - begins - ends, text + begins);
    }
    const char *inside = text_trimmed(text + 1, size - 2, pool);
    int n = *inside != 0;
    for (const char *at = inside; *at; at++)
        n += *at == ',';
    double *items = pool_alloc(pool, (size_t)n * sizeof *items);
    for (int i = 0; i < n; i++) {
        size_t length = strcspn(inside, ",");
        enum status status = parse_item(key, text_trimmed(inside, length, pool), &items[i]);
        if (status)
            return status;
        inside += length + 1;
    }
    value->items = items;
    value->n_items = n;
    return OK;
}

static enum status parse_text(const char *text, struct pool *pool, struct value *value) {
    value->text = pool_text(pool, text);
    return OK;
}

static enum status parse(const struct key *key, const char *text, struct pool *pool,
                         struct value *value) {
    switch (key->type) {
    case KEY_BOOL:
        return parse_word(key, "false|true", text, value);
    case KEY_INT:
        return parse_int(key, text, value);
    case KEY_REAL:
        return parse_real(key, text, &value->real);
    case KEY_CHOICE:
        return parse_word(key, key->words, text, value);
    case KEY_INTS:
    case KEY_REALS:
        return parse_list(key, text, pool, value);
    case KEY_TEXT:
        break;
    }
    return parse_text(text, pool, value);
}

enum status value_parse(const struct key *key, const char *text, struct pool *pool,
                        struct value *value) {
    if (*text == 0 && key->type != KEY_TEXT)
        return fail(ERROR_USAGE, "%s: has no value", key->name);
    struct value parsed = {0};
    enum status status = parse(key, text, pool, &parsed);
    if (!status)
        *value = parsed;
    return status;
}

static const char *list_text(const struct value *value, const char *separator, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < value->n_items; i++)
        text = pool_format(pool, "%s%s%s", text, i ? separator : "",
                           number_text(value->items[i], pool));
    return text;
}

const char *value_text(const struct key *key, const struct value *value, struct pool *pool) {
    switch (key->type) {
    case KEY_BOOL:
        return value->integer ? "1" : "0";
    case KEY_INT:
        if (key->words && value->integer == -1)
            return key->words;
        return pool_format(pool, "%ld", value->integer);
    case KEY_REAL:
        return number_text(value->real, pool);
    case KEY_CHOICE:
        return words_get(key->words, value->integer, pool);
    case KEY_INTS:
    case KEY_REALS:
        return list_text(value, "-", pool);
    case KEY_TEXT:
        break;
    }
    return value->text;
}

const char *list_words(const char *text, struct pool *pool) {
    enum { FEWEST = 5 };
    size_t size = strspn(text, "0123456789.");
    int n = size > 0;
    for (const char *at = text + size; n > 0 && *at; at += size + 1, n++)
        if (*at != '-' || strncmp(at + 1, text, size) != 0 || !strchr("-", at[size + 1]))
            return text;
    return n < FEWEST ? text : pool_format(pool, "%dx%.*s", n, (int)size, text);
}

/* Plain where YAML reads it back as the same text. */
static const char *quoted(const char *text, struct pool *pool) {
    size_t plain = 0;
    while (isalnum((unsigned char)text[plain]) || (text[plain] && strchr("_./-", text[plain])))
        plain++;
    bool null = !strcmp(text, "null") || !strcmp(text, "-");
    if (plain > 0 && text[plain] == 0 && !null)
        return text;
    char *result = pool_alloc(pool, 2 * strlen(text) + 3), *out = result;
    *out++ = '"';
    for (; *text; text++) {
        if (strchr("\"\\\n\t", *text))
            *out++ = '\\';
        *out++ = *text == '\n' ? 'n' : *text == '\t' ? 't' : *text;
    }
    *out = '"';
    return result;
}

bool value_equal(const struct key *key, const struct value *a, const struct value *b) {
    struct pool pool = {0};
    bool equal = !strcmp(value_text(key, a, &pool), value_text(key, b, &pool));
    pool_free(&pool);
    return equal;
}

const char *value_yaml(const struct key *key, const struct value *value, struct pool *pool) {
    if (key->type == KEY_BOOL)
        return value->integer ? "true" : "false";
    if (key->type == KEY_INTS || key->type == KEY_REALS)
        return pool_format(pool, "[%s]", list_text(value, ", ", pool));
    const char *text = value_text(key, value, pool);
    return key->type == KEY_TEXT ? quoted(text, pool) : text;
}
