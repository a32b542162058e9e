/* Values of keys: strict reading, exact messages, one canonical text a value. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/number.h"
#include "base/words.h"

static const struct key flag = {.name = "norm.affine", .type = KEY_BOOL};
static const struct key count = {.name = "train.epochs", .type = KEY_INT, .min = 1, .max = 1000000};
static const struct key rows = {
    .name = "data.train", .type = KEY_INT, .words = "all", .min = 1, .max = 60000};
static const struct key whole = {.name = "n", .type = KEY_INT};
static const struct key seed = {
    .name = "seed", .type = KEY_INT, .min = 0, .max = 9007199254740992.0};
static const struct key share = {.name = "norm.momentum", .type = KEY_REAL, .min = 0, .max = 1};
static const struct key rate = {
    .name = "optimizer.lr", .type = KEY_REAL, .min = 0, .max = 1000, .above_min = true};
static const struct key number = {.name = "x", .type = KEY_REAL};
static const struct key word = {
    .name = "norm.kind", .type = KEY_CHOICE, .words = "none|batch|layer"};
static const struct key text = {.name = "data.dir", .type = KEY_TEXT};
static const struct key widths = {.name = "model.hidden", .type = KEY_INTS, .min = 1, .max = 65536};
static const struct key shares = {
    .name = "optimizer.step_at", .type = KEY_REALS, .min = 0, .max = 1};

struct good {
    const struct key *key;
    const char *text, *canonical, *yaml;
};

static const struct good goods[] = {
    {&flag, "true", "1", "true"},
    {&flag, "false", "0", "false"},
    {&count, "1", "1", "1"},
    {&count, "+7", "7", "7"},
    {&count, "0010", "10", "10"},
    {&count, "1000000", "1000000", "1000000"},
    {&count, "1e4", "10000", "10000"},
    {&count, "64.0", "64", "64"},
    {&count, "6.4e1", "64", "64"},
    {&rows, "all", "all", "all"},
    {&rows, "55000", "55000", "55000"},
    {&whole, "-9007199254740992", "-9007199254740992", "-9007199254740992"},
    {&share, "0.1", "0.1", "0.1"},
    {&share, "1e-1", "0.1", "0.1"},
    {&share, ".1", "0.1", "0.1"},
    {&share, "+.1E0", "0.1", "0.1"},
    {&share, "0.10000000000000000", "0.1", "0.1"},
    {&share, "1.", "1", "1"},
    {&share, "-0", "0", "0"},
    {&rate, "1e-5", "1e-5", "1e-5"},
    {&rate, "0.00001", "1e-5", "1e-5"},
    {&rate, "0.0001", "0.0001", "0.0001"},
    {&rate, "1000", "1000", "1000"},
    {&number, "-2.5e+300", "-2.5e300", "-2.5e300"},
    {&number, "123456789", "123456789", "123456789"},
    {&word, "none", "none", "none"},
    {&word, "layer", "layer", "layer"},
    {&text, "", "", "\"\""},
    {&text, "/data/mnist", "/data/mnist", "/data/mnist"},
    {&text, "a \"b\"\\c\nd", "a \"b\"\\c\nd", "\"a \\\"b\\\"\\\\c\\nd\""},
    {&text, "null", "null", "\"null\""},
    {&widths, "[100, 100,50]", "100-100-50", "[100, 100, 50]"},
    {&widths, "[ 7 ]", "7", "[7]"},
    {&widths, "[]", "", "[]"},
    {&widths, "[ ]", "", "[]"},
    {&shares, "[.5, 75e-2]", "0.5-0.75", "[0.5, 0.75]"},
};

Test(key, lists_of_equal_numbers_are_short_for_people) {
    static const char *const texts[][2] = {
        {"10-10-10-10-10", "5x10"},         {"100-100-100", "100-100-100"},
        {"0.5-0.5-0.5-0.5-0.5", "5x0.5"},   {"", ""},
        {"a-a-a-a-a", "a-a-a-a-a"},         {"1-1-1-1-10", "1-1-1-1-10"},
        {"10-10-10-10-1", "10-10-10-10-1"}, {"5", "5"}};
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_str_eq(list_words(texts[i][0], &pool), texts[i][1], "%s became %s", texts[i][0],
                         list_words(texts[i][0], &pool));
    pool_free(&pool);
}

Test(key, good_values_have_one_text) {
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++) {
        const struct good *good = &goods[i];
        struct pool pool = {0};
        struct value value;
        enum status status = value_parse(good->key, good->text, &pool, &value);
        cr_assert(!status, "'%s': %s", good->text, status_message());
        const char *canonical = value_text(good->key, &value, &pool);
        cr_assert(!strcmp(canonical, good->canonical), "'%s' is '%s', not '%s'", good->text,
                  canonical, good->canonical);
        const char *yaml = value_yaml(good->key, &value, &pool);
        cr_assert(!strcmp(yaml, good->yaml), "'%s' is written %s, not %s", good->text, yaml,
                  good->yaml);
        pool_free(&pool);
    }
}

struct bad {
    const struct key *key;
    const char *text, *message;
};

static const struct bad bads[] = {
    {&flag, "yes", "norm.affine: 'yes' is not false or true (did you mean 'true'?)"},
    {&flag, "off", "norm.affine: 'off' is not false or true (did you mean 'false'?)"},
    {&flag, "True", "norm.affine: 'True' is not false or true (did you mean 'true'?)"},
    {&flag, "1", "norm.affine: '1' is not false or true"},
    {&flag, "", "norm.affine: has no value"},
    {&count, "2.5", "train.epochs: '2.5' is not a whole number"},
    {&count, "1e-3", "train.epochs: '1e-3' is not a whole number"},
    {&count, "1e7", "train.epochs: 1e7 is outside its range, 1 to 1000000"},
    {&count, "1e300", "train.epochs: 1e300 is too large for a whole number"},
    {&count, "1e999", "train.epochs: 1e999 is too large for a whole number"},
    {&count, "1e", "train.epochs: '1e' is not a whole number"},
    {&count, "0x10", "train.epochs: '0x10' is not a whole number"},
    {&count, "1_000", "train.epochs: '1_000' is not a whole number"},
    {&count, "3 ", "train.epochs: '3 ' is not a whole number"},
    {&count, " 3", "train.epochs: ' 3' is not a whole number"},
    {&count, "3epochs", "train.epochs: '3epochs' is not a whole number"},
    {&count, "--3", "train.epochs: '--3' is not a whole number"},
    {&count, "-", "train.epochs: '-' is not a whole number"},
    {&count, "", "train.epochs: has no value"},
    {&count, "0", "train.epochs: 0 is outside its range, 1 to 1000000"},
    {&count, "-1", "train.epochs: -1 is outside its range, 1 to 1000000"},
    {&count, "1000001", "train.epochs: 1000001 is outside its range, 1 to 1000000"},
    {&count, "9223372036854775808",
     "train.epochs: 9223372036854775808 is too large for a whole number"},
    {&rows, "al", "data.train: 'al' is not a whole number or 'all'"},
    {&rows, "-1", "data.train: -1 is outside its range, 1 to 60000"},
    {&share, "0,1", "norm.momentum: '0,1' is not a number; the decimal sign is a point"},
    {&share, "nan", "norm.momentum: 'nan' is not a finite number"},
    {&share, "inf", "norm.momentum: 'inf' is not a finite number"},
    {&share, "0x1p-1", "norm.momentum: '0x1p-1' is not a finite number"},
    {&share, "0.9x", "norm.momentum: '0.9x' is not a finite number"},
    {&share, "0.9 ", "norm.momentum: '0.9 ' is not a finite number"},
    {&share, "1e", "norm.momentum: '1e' is not a finite number"},
    {&share, ".", "norm.momentum: '.' is not a finite number"},
    {&share, "1e400", "norm.momentum: 1e400 is too large for a number"},
    {&share, "-1e400", "norm.momentum: -1e400 is too large for a number"},
    {&share, "1e-400", "norm.momentum: 1e-400 is too small: it would be read as 0"},
    {&share, "1.5", "norm.momentum: 1.5 is outside its range, 0 to 1"},
    {&share, "-0.001", "norm.momentum: -0.001 is outside its range, 0 to 1"},
    {&rate, "0", "optimizer.lr: 0 is outside its range, above 0 to 1000"},
    {&seed, "9007199254740993",
     "seed: 9007199254740993 is outside its range, 0 to 9007199254740992"},
    {&whole, "9007199254740993",
     "n: 9007199254740993 is beyond 9007199254740992, up to which whole numbers are told "
     "apart"},
    {&whole, "-9007199254740993",
     "n: -9007199254740993 is beyond -9007199254740992, up to which whole numbers are told "
     "apart"},
    {&word, "btach", "norm.kind: 'btach' is not none, batch or layer (did you mean 'batch'?)"},
    {&word, "batchnorm",
     "norm.kind: 'batchnorm' is not none, batch or layer (did you mean 'batch'?)"},
    {&word, "Layer", "norm.kind: 'Layer' is not none, batch or layer (did you mean 'layer'?)"},
    {&word, "group", "norm.kind: 'group' is not none, batch or layer"},
    {&word, "none|batch",
     "norm.kind: 'none|batch' is not none, batch or layer (did you mean "
     "'none'?)"},
    {&word, "", "norm.kind: has no value"},
    {&widths, "100", "model.hidden: '100' is not a list; write [100]"},
    {&widths, "[100", "model.hidden: '[100' is not a list; write [100]"},
    {&widths, "100]", "model.hidden: '100]' is not a list; write [100]"},
    {&widths, "[", "model.hidden: '[' is not a list; write []"},
    {&widths, "[100,]", "model.hidden: '' is not a whole number"},
    {&widths, "[100 50]", "model.hidden: '100 50' is not a whole number"},
    {&widths, "[0]", "model.hidden: 0 is outside its range, 1 to 65536"},
    {&shares, "[0.5, 2]", "optimizer.step_at: 2 is outside its range, 0 to 1"},
};

Test(key, values_are_equal_where_their_canonical_texts_are) {
    struct pool pool = {0};
    struct value a, b, other;
    const struct {
        const struct key *key;
        const char *a, *b, *other;
    } cases[] = {
        {&rate, "0.1", "1e-1", "0.2"},
        {&rows, "all", "all", "1"},
        {&word, "batch", "batch", "layer"},
        {&text, "a", "a", "b"},
        {&widths, "[8, 8]", "[8,8]", "[8, 8, 8]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert(value_parse(cases[i].key, cases[i].a, &pool, &a) == OK, "%s", status_message());
        cr_assert(value_parse(cases[i].key, cases[i].b, &pool, &b) == OK, "%s", status_message());
        cr_assert(value_parse(cases[i].key, cases[i].other, &pool, &other) == OK);
        cr_expect(value_equal(cases[i].key, &a, &b), "%s", cases[i].key->name);
        cr_expect(!value_equal(cases[i].key, &a, &other), "%s", cases[i].key->name);
    }
    pool_free(&pool);
}

Test(key, bad_values_are_refused_with_a_message) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct pool pool = {0};
        struct value value = {.integer = 42, .real = 42};
        enum status status = value_parse(bads[i].key, bads[i].text, &pool, &value);
        cr_assert(status == ERROR_USAGE, "'%s' was taken for a %s", bads[i].text,
                  bads[i].key->name);
        cr_assert(!strcmp(status_message(), bads[i].message), "'%s' said: %s\nnot: %s",
                  bads[i].text, status_message(), bads[i].message);
        cr_assert(value.integer == 42 && value.real == 42, "'%s' changed the value", bads[i].text);
        pool_free(&pool);
    }
}

Test(key, word_that_stands_for_a_number_is_minus_one) {
    struct pool pool = {0};
    struct value value;
    cr_assert(value_parse(&rows, "all", &pool, &value) == OK, "%s", status_message());
    cr_assert(value.integer == -1 && value.real == -1, "all is %ld", value.integer);
    pool_free(&pool);
}

Test(key, number_text_reads_back_and_is_the_shortest) {
    const double numbers[] = {
        0.1,        1.0 / 3,     1e22,   5e-324, DBL_MAX, DBL_MIN, 1e15,     1e16,
        123456.789, -0.00012345, 2.5e-5, 100,    0,       1e23,    0.1 + .2, 9007199254740993.0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct pool pool = {0};
        const char *shortest = number_text(numbers[i], &pool);
        cr_assert(strtod(shortest, NULL) == numbers[i], "%.17g became %s", numbers[i], shortest);
        int digits = 0;
        char trial[40];
        do
            snprintf(trial, sizeof trial, "%.*e", digits, numbers[i]);
        while (strtod(trial, NULL) != numbers[i] && ++digits);
        int used = 0;
        bool leading = true, fraction = strchr(shortest, '.');
        for (const char *c = shortest; *c && *c != 'e'; c++) {
            leading = leading && (*c == '0' || *c == '.' || *c == '-');
            used += !leading && *c >= '0' && *c <= '9';
        }
        cr_assert(!fraction || used <= digits + 1, "%s has %d digits where %d do", shortest, used,
                  digits + 1);
        pool_free(&pool);
    }
}

Test(key, number_text_of_what_is_no_number) {
    struct pool pool = {0};
    cr_assert(!strcmp(number_text(NAN, &pool), "nan"), "nan");
    cr_assert(!strcmp(number_text(INFINITY, &pool), "inf"), "inf");
    cr_assert(!strcmp(number_text(-INFINITY, &pool), "-inf"), "-inf");
    pool_free(&pool);
}

Test(key, words_are_found_whole) {
    struct pool pool = {0};
    cr_assert(words_find("none|batch|layer", "batch") == 1, "batch");
    cr_assert(words_find("none|batch|layer", "layer") == 2, "layer");
    cr_assert(words_find("none|batch|layer", "lay") == -1, "a part of a word");
    cr_assert(words_find("none|batch|layer", "none|batch") == -1, "two words");
    cr_assert(words_find("none|batch|layer", "") == -1, "no word");
    cr_assert(words_find("", "") == -1, "no words");
    cr_assert(!strcmp(words_get("none|batch|layer", 2, &pool), "layer"), "word 2");
    cr_assert(!strcmp(words_get("none", 0, &pool), "none"), "the only word");
    pool_free(&pool);
}

Test(key, nearest_word_is_near) {
    const char *const names[] = {"optimizer.lr", "optimizer.momentum", "norm.momentum", "seed"};
    const struct {
        const char *word, *nearest;
    } cases[] = {
        {"optimzer.lr", "optimizer.lr"},
        {"norm.momentm", "norm.momentum"},
        {"norm.moemntum", "norm.momentum"},
        {"sede", "seed"},
        {"Seed", "seed"},
        {"optimizer.momentum2", "optimizer.momentum"},
        {"batch_size", NULL},
        {"x", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = nearest_word(cases[i].word, names, 4);
        bool right = cases[i].nearest ? nearest && !strcmp(nearest, cases[i].nearest) : !nearest;
        cr_assert(right, "'%s': %s, not %s", cases[i].word, nearest ? nearest : "nothing",
                  cases[i].nearest ? cases[i].nearest : "nothing");
    }
}

Test(key, what_is_called_otherwise_elsewhere_is_found) {
    const char *const names[] = {"none", "batch", "layer", "group", "on", "off", "true"};
    const struct {
        const char *word, *nearest;
    } cases[] = {{"bn", "batch"},        {"BN", "batch"},  {"BatchNorm", "batch"}, {"ln", "layer"},
                 {"LayerNorm", "layer"}, {"GN", "group"},  {"yes", "true"},        {"no", "off"},
                 {"None", "none"},       {"kaiming", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = nearest_word(cases[i].word, names, 7);
        bool right = cases[i].nearest ? nearest && !strcmp(nearest, cases[i].nearest) : !nearest;
        cr_expect(right, "'%s': %s", cases[i].word, nearest ? nearest : "nothing");
    }
}

/* What stands behind "did you mean". */
Test(key, what_is_meant_may_be_several_and_not_quite_the_same) {
    const char *const names[] = {"norm.eps",         "norm.momentum",
                                 "norm.rate",        "optimizer.lr",
                                 "optimizer.eps",    "optimizer.momentum",
                                 "train.batch_size", "validation_error",
                                 "test_error",       "seed",
                                 "epoch/test_error", "train_loss",
                                 "train_loss",       "epoch/val2_accuracy"};
    const struct {
        const char *word, *meant;
    } cases[] = {
        {"lr", "'optimizer.lr'"},
        {"learning_rate", "'optimizer.lr'"},
        {"train.learning_rate", "'optimizer.lr'"},
        {"batch_size", "'train.batch_size'"},
        {"eps", "'norm.eps' or 'optimizer.eps'"},
        {"momentum", "'norm.momentum', 1 - PyTorch's momentum, or 'optimizer.momentum'"},
        {"p", "'norm.rate', the rate of dropout"},
        {"seeds", "'seed'"},
        {"val_error", "'validation_error'"},
        {"test_acc", "'test_error', 1 - accuracy"},
        {"Accuracy", "'test_error', 1 - accuracy"},
        {"x.train_loss", "'train_loss'"},
        {"norm.momentm", "'norm.momentum'"},
        {"zzz", NULL},
        {"", NULL},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *meant =
            words_meant(cases[i].word, names, (int)(sizeof names / sizeof *names), &pool);
        bool right = cases[i].meant ? meant && !strcmp(meant, cases[i].meant) : !meant;
        cr_expect(right, "'%s': %s", cases[i].word, meant ? meant : "nothing");
    }
    const char *const series[] = {"step/loss", "epoch/validation_error"};
    cr_expect_str_eq(words_meant("epoch/val_error", series, 2, &pool), "'epoch/validation_error'");
    pool_free(&pool);
}

/* Part by part, as many as there are. */
Test(key, what_is_abbreviated_is_found) {
    const char *const names[] = {"epoch/train_error", "epoch/validation_error", "epoch/test_error",
                                 "optimizer.weight_decay"};
    const struct {
        const char *word, *nearest;
    } cases[] = {{"epoch/val_error", "epoch/validation_error"},
                 {"epoch/val_err", "epoch/validation_error"},
                 {"ep/te_err", "epoch/test_error"},
                 {"opt.w_d", "optimizer.weight_decay"},
                 {"opt.w_d_", NULL},
                 {"opt.w", NULL},
                 {"epoch", "epoch/train_error"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = nearest_word(cases[i].word, names, 4);
        bool right = cases[i].nearest ? nearest && !strcmp(nearest, cases[i].nearest) : !nearest;
        cr_expect(right, "'%s': %s", cases[i].word, nearest ? nearest : "nothing");
    }
}

Test(key, nearest_word_of_a_very_long_one) {
    char longest[4096];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    const char *const names[] = {longest, "a"};
    cr_assert(!nearest_word(longest, names, 2), "no such word is corrected");
    cr_assert(!strcmp(nearest_word("aa", names, 2), "a"), "long candidates are passed over");
}
