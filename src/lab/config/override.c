/* Reads key=value, with lists of values, range(...), logrange(...) and sample(...). */
#include "lab/config/override.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/sort.h"
#include "base/visible.h"
#include "base/words.h"

/* ---- sequence ---- */

enum { SEQUENCE_MAX = 100000, MOST_ARGUMENTS = 4 };

/* Values while they are made. */
struct making {
    const struct key *key;
    const char *text; /* "range(2, 5)" */
    int n_arguments;
    const char *arguments[MOST_ARGUMENTS];
    struct pool *pool;
    int n;
    struct value *values; /* with room for SEQUENCE_MAX more than there were, once it is counted */
};

static enum status fail_form(const struct making *making, const struct sequence *sequence) {
    return fail(ERROR_USAGE, "%s: '%s' is not %s", making->key->name, making->text, sequence->form);
}

static enum status fail_count(const struct making *making, long count) {
    return fail(ERROR_USAGE, "%s: %s makes %ld value%s; it must be 1 to %d", making->key->name,
                making->text, count, plural(count), SEQUENCE_MAX);
}

static bool whole_argument(const struct making *making, int index, long *whole) {
    const struct key key = {.name = "", .type = KEY_INT, .min = -WHOLE_MAX, .max = WHOLE_MAX};
    struct value value;
    bool good = !value_parse(&key, making->arguments[index], making->pool, &value);
    *whole = good ? value.integer : 0;
    return good;
}

static bool real_argument(const struct making *making, int index, double *real) {
    const struct key key = {.name = "", .type = KEY_REAL};
    struct value value;
    bool good = !value_parse(&key, making->arguments[index], making->pool, &value);
    *real = good ? value.real : 0;
    return good;
}

static void make_room(struct making *making, long count) {
    size_t n = (size_t)making->n;
    struct value *all = pool_alloc(making->pool, (n + (size_t)count) * sizeof *all);
    if (n > 0)
        memcpy(all, making->values, n * sizeof *all); /* analysis: n values are there */
    making->values = all;
}

/* As if `text` stood in the file. */
static enum status add_text(struct making *making, const char *text) {
    enum status status = key_parse(making->key, text, making->pool, &making->values[making->n]);
    making->n += !status;
    return status;
}

static enum status make_range(struct making *making, const struct sequence *sequence) {
    long first = 0, end, step = 1;
    int n = making->n_arguments;
    bool good = n >= 1 && n <= 3 && whole_argument(making, n > 1, &end);
    if (good && n > 1)
        good = whole_argument(making, 0, &first);
    if (good && n > 2)
        good = whole_argument(making, 2, &step);
    if (!good)
        return fail_form(making, sequence);
    if (step == 0)
        return fail(ERROR_USAGE, "%s: %s: the step must not be 0", making->key->name, making->text);
    long way = step > 0 ? end - first : first - end, size = step > 0 ? step : -step;
    long count = way > 0 ? (way + size - 1) / size : 0;
    if (count < 1 || count > SEQUENCE_MAX)
        return fail_count(making, count);
    make_room(making, count);
    enum status status = OK;
    for (long i = 0; i < count && !status; i++)
        status = add_text(making, pool_format(making->pool, "%ld", first + i * step));
    return status;
}

/* A factor between two numbers means nothing of words, lists or what is not above 0. */
static enum status check_ends(const struct making *making, bool log, double a, double b) {
    if (making->key->type != KEY_INT && making->key->type != KEY_REAL)
        return fail(ERROR_USAGE, "%s: is no number, as %s makes them", making->key->name,
                    making->text);
    if (log && !(a > 0 && b > 0))
        return fail(ERROR_USAGE, "%s: %s: both ends must be above 0", making->key->name,
                    making->text);
    return OK;
}

/* Rounded so that a run's identity does not hang on the last bit of a logarithm. */
static const char *rounded(const struct making *making, double number) {
    return pool_format(making->pool, making->key->type == KEY_INT ? "%.0f" : "%.6g", number);
}

/* a (b/a)^(i / (n - 1)); the ends are what the file says. */
static enum status make_logrange(struct making *making, const struct sequence *sequence) {
    double a, b;
    long count;
    if (making->n_arguments != 3 || !real_argument(making, 0, &a) ||
        !real_argument(making, 1, &b) || !whole_argument(making, 2, &count))
        return fail_form(making, sequence);
    enum status status = check_ends(making, true, a, b);
    if (!status && (count < 2 || count > SEQUENCE_MAX))
        status = fail(ERROR_USAGE, "%s: %s makes %ld value%s; it must be 2 to %d",
                      making->key->name, making->text, count, plural(count), SEQUENCE_MAX);
    if (status)
        return status;
    make_room(making, count);
    for (long i = 0; i < count && !status; i++) {
        double share = (double)i / (double)(count - 1);
        const char *text = i == 0           ? making->arguments[0]
                           : i == count - 1 ? making->arguments[1]
                                            : rounded(making, a * pow(b / a, share));
        status = add_text(making, text);
        if (!status && i > 0 &&
            making->values[making->n - 1].real == making->values[making->n - 2].real)
            status = fail(ERROR_USAGE, "%s: %s has %s twice%s", making->key->name, making->text,
                          text, a < b ? "; ask for fewer values" : "");
    }
    return status;
}

/* The i-th number of a key is a function of its name and of i. */
static double draw(const struct key *key, long i) {
    char hash[HASH_TEXT_SIZE];
    hash_block(key->name, strlen(key->name), hash);
    hash[16] = '\0';
    const struct random_key random = {strtoull(hash, NULL, 16), RANDOM_SAMPLE, 0};
    return random_uniform(random, (uint64_t)i);
}

static enum status make_sample(struct making *making, const struct sequence *sequence) {
    double a, b;
    long count;
    const char *scale = making->n_arguments == 4 ? making->arguments[1] : "";
    bool log = !strcmp(scale, "log");
    if ((!log && strcmp(scale, "linear") != 0) || !whole_argument(making, 0, &count) ||
        !real_argument(making, 2, &a) || !real_argument(making, 3, &b))
        return fail_form(making, sequence);
    enum status status = check_ends(making, log, a, b);
    if (!status && !(a < b))
        status = fail(ERROR_USAGE, "%s: %s: the first end must be below the second",
                      making->key->name, making->text);
    if (!status && (count < 1 || count > SEQUENCE_MAX))
        status = fail_count(making, count);
    if (status)
        return status;
    make_room(making, count);
    for (long i = 0; i < count && !status; i++) {
        double u = draw(making->key, i);
        status = add_text(making, rounded(making, log ? a * pow(b / a, u) : a + (b - a) * u));
    }
    return status;
}

#define WHOLE " *[-+]?[0-9]+ *"
#define REAL " *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *"

static const struct sequence all_sequences[] = {
    {.name = "range",
     .form = "range(n), range(a, b) or range(a, b, step)",
     .like = "range(2, 10, 2)",
     .pattern = "range\\(" WHOLE "(," WHOLE "){0,2}\\)",
     .doc = "Whole numbers from a (0) up to, but without, b (n), `step` (1) apart, as in Python.",
     .make = make_range},
    {.name = "logrange",
     .form = "logrange(a, b, n)",
     .like = "logrange(0.001, 1, 7)",
     .pattern = "logrange\\(" REAL "," REAL "," WHOLE "\\)",
     .doc = "n numbers in equal factors, from a to b, both of them included. Those in between are "
            "rounded to six digits, or to whole numbers where the key wants these.",
     .make = make_logrange},
    {.name = "sample",
     .form = "sample(n, log, a, b) or sample(n, linear, a, b)",
     .like = "sample(20, log, 0.001, 1)",
     .pattern = "sample\\(" WHOLE ", *(log|linear) *," REAL "," REAL "\\)",
     .doc = "n numbers drawn between a and b, evenly on a logarithmic or linear scale, rounded as "
            "those of logrange. The i-th number of a key depends on the key's name and on i "
            "alone: the same file has the same runs, a larger n keeps those that are there, and "
            "the keys of a `zip` are drawn independently.",
     .make = make_sample},
};

enum { SEQUENCES = sizeof all_sequences / sizeof *all_sequences };

const struct sequence *sequence_get(int index) {
    return index < SEQUENCES ? &all_sequences[index] : NULL;
}

/* The one that `text` begins with, and a parenthesis; NULL: none. */
static const struct sequence *sequence_of(const char *text) {
    size_t size = strcspn(text, "(");
    for (int i = 0; i < SEQUENCES && text[size]; i++)
        if (strlen(all_sequences[i].name) == size && !strncmp(all_sequences[i].name, text, size))
            return &all_sequences[i];
    return NULL;
}

bool sequence_is(const char *text) {
    return sequence_of(text) != NULL;
}

/* What stands in the parentheses, by commas. */
static bool split_arguments(struct making *making) {
    const char *at = strchr(making->text, '(') + 1;
    size_t length = strlen(at);
    if (length == 0 || at[length - 1] != ')')
        return false;
    const char *inside = pool_format(making->pool, "%.*s", (int)length - 1, at);
    for (bool more = true; more;) {
        size_t size = strcspn(inside, ",");
        if (making->n_arguments == MOST_ARGUMENTS)
            return false;
        making->arguments[making->n_arguments++] = text_trimmed(inside, size, making->pool);
        more = inside[size] == ',';
        inside += size + more;
    }
    return true;
}

enum status values_append(const struct key *key, const char *text, struct pool *pool, int *n_values,
                          struct value **values) {
    struct making making = {
        .key = key, .text = text, .pool = pool, .n = *n_values, .values = *values};
    const struct sequence *sequence = sequence_of(text);
    enum status status;
    if (!sequence) {
        make_room(&making, 1);
        status = add_text(&making, text);
    } else
        status = split_arguments(&making) ? sequence->make(&making, sequence)
                                          : fail_form(&making, sequence);
    *n_values = making.n;
    *values = making.values;
    return status;
}

/* ---- overrides ---- */

static enum status read_values(const char *text, struct pool *pool, struct override *override) {
    struct value *values = NULL;
    enum status status = OK;
    for (bool more = true; more && !status;) {
        size_t size = list_item_size(text);
        status = values_append(key_get(override->key), text_trimmed(text, size, pool), pool,
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
    enum status status = key_require(text_trimmed(text, (size_t)(equals - text), pool), &read.key);
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
