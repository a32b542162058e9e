/* The types of options: how each reads its text, and what field takes the value. */
#include "cli/option.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/words.h"

static enum status read_flag(const struct option_row *row, const char *text, struct pool *pool,
                             void *field) {
    (void)row, (void)text, (void)pool;
    *(bool *)field = true;
    return OK;
}

static enum status read_either(const struct option_row *row, const char *text, struct pool *pool,
                               void *field) {
    (void)text, (void)pool;
    const char **name = field;
    if (*name)
        return fail(ERROR_USAGE, "--%s and --%s exclude each other", *name, row->name);
    *name = row->name;
    return OK;
}

static enum status read_text(const struct option_row *row, const char *text, struct pool *pool,
                             void *field) {
    (void)row, (void)pool;
    *(const char **)field = text;
    return OK;
}

static enum status read_integer(const struct option_row *row, const char *text, struct pool *pool,
                                void *field) {
    (void)pool;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool plain = *text && strspn(text, "+-0123456789") == strlen(text);
    if (!plain || *end || errno || (double)number < row->min || (double)number > row->max)
        return fail(ERROR_USAGE, "--%s: '%s' is not a whole number from %.0f to %.0f", row->name,
                    text, row->min, row->max);
    *(int *)field = (int)number;
    return OK;
}

/* The option as a key of an experiment file, which is read with the same care. */
static enum status read_as_key(const struct option_row *row, enum key_type type, const char *text,
                               struct pool *pool, struct value *value) {
    const struct key key = {.name = pool_format(pool, "--%s", row->name),
                            .type = type,
                            .words = row->words,
                            .min = row->min,
                            .max = row->max,
                            .above_min = true,
                            .unit = ""};
    return value_parse(&key, text, pool, value);
}

static enum status read_real(const struct option_row *row, const char *text, struct pool *pool,
                             void *field) {
    struct value value;
    enum status status = read_as_key(row, KEY_REAL, text, pool, &value);
    if (!status)
        *(double *)field = value.real;
    return status;
}

/* "90", "90s", "1.5h" */
static enum status read_duration(const struct option_row *row, const char *text, struct pool *pool,
                                 void *field) {
    static const struct {
        char letter;
        double seconds;
    } units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    (void)pool;
    size_t size = strspn(text, "0123456789.");
    char *end;
    double number = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        bool is_unit =
            size > 0 && end == text + size && end[0] == units[i].letter && (!end[0] || !end[1]);
        double seconds = number * units[i].seconds;
        if (!is_unit || seconds < row->min || seconds > row->max)
            continue;
        *(double *)field = seconds;
        return OK;
    }
    return fail(ERROR_USAGE,
                "--%s: '%s' is not a time from %.0f s to %.0f d: seconds, like 90, or a number "
                "with s, m, h or d behind it, like 1.5h",
                row->name, text, row->min, row->max / 86400);
}

static enum status read_word(const struct option_row *row, const char *text, struct pool *pool,
                             void *field) {
    struct value value;
    enum status status = read_as_key(row, KEY_CHOICE, text, pool, &value);
    if (!status)
        *(int *)field = (int)value.integer;
    return status;
}

enum status words_split(const char *name, const char *text, struct pool *pool,
                        struct words *words) {
    size_t most = SPARE_WORDS + 1;
    for (const char *at = text; *at; at++)
        most += *at == ',';
    *words = (struct words){0, pool_alloc(pool, most * sizeof *words->items)};
    for (bool more = true; more;) {
        size_t size = list_item_size(text);
        if (size == 0)
            return fail(ERROR_USAGE, "--%s: has an empty word between its commas", name);
        words->items[words->n++] = pool_format(pool, "%.*s", (int)size, text);
        more = text[size] == ',';
        text += size + more;
    }
    return OK;
}

static enum status read_list(const struct option_row *row, const char *text, struct pool *pool,
                             void *field) {
    return words_split(row->name, text, pool, field);
}

static enum status read_integers(const struct option_row *row, const char *text, struct pool *pool,
                                 void *field) {
    struct integers *integers = field;
    struct words words;
    enum status status = words_split(row->name, text, pool, &words);
    if (status)
        return status;
    *integers =
        (struct integers){words.n, pool_alloc(pool, (size_t)words.n * sizeof *integers->items)};
    for (int i = 0; i < words.n && !status; i++)
        status = read_integer(row, words.items[i], pool, &integers->items[i]);
    return status;
}

static const struct {
    enum field_type field;
    enum status (*read)(const struct option_row *row, const char *text, struct pool *pool,
                        void *field);
} types[] = {
    [OPTION_FLAG] = {FIELD_BOOL, read_flag},
    [OPTION_EITHER] = {FIELD_TEXT, read_either},
    [OPTION_TEXT] = {FIELD_TEXT, read_text},
    [OPTION_INTEGER] = {FIELD_INT, read_integer},
    [OPTION_REAL] = {FIELD_REAL, read_real},
    [OPTION_WORD] = {FIELD_INT, read_word},
    [OPTION_DURATION] = {FIELD_REAL, read_duration},
    [OPTION_LIST] = {FIELD_WORDS, read_list},
    [OPTION_INTEGERS] = {FIELD_INTEGERS, read_integers},
    [OPTION_READ] = {FIELD_NONE, NULL},
    [OPTION_PLUGIN] = {FIELD_NONE, NULL},
    [OPTION_UNSEALED] = {FIELD_NONE, NULL},
    [OPERAND] = {FIELD_TEXT, read_text},
    [OPERAND_MAYBE] = {FIELD_TEXT, read_text},
    [OPERANDS] = {FIELD_WORDS, NULL},
    [OPERANDS_SOME] = {FIELD_WORDS, NULL},
};

bool option_is_operand(const struct option_row *row) {
    return row->type >= OPERAND;
}

bool option_is_flag(const struct option_row *row) {
    return row->type == OPTION_FLAG || row->type == OPTION_EITHER || row->type == OPTION_UNSEALED;
}

bool option_is_list(const struct option_row *row) {
    return row->type == OPTION_LIST || row->type == OPTION_INTEGERS;
}

enum field_type option_fills(enum option_type type) {
    return types[type].field;
}

enum status option_read(const struct option_row *row, const char *text, struct pool *pool,
                        void *options) {
    if (row->type == OPTION_READ)
        return row->read(text, options);
    if (!types[row->type].read)
        return OK; /* it fills no field */
    return types[row->type].read(row, text, pool, (char *)options + row->offset);
}
