/* A configuration key and its values.
 *
 * A key is data: its type, range, default, unit and sentence drive checking, defaults, `describe`,
 * the attributes in the results and the identity of a run. The one table of them is
 * lab/config/keys.h; a normalizer declares keys of its own in its own file, and they are merged
 * into that table. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

/* 2^53: up to here either way whole numbers are told apart as doubles, as which tables and results
 * compare them. */
#define WHOLE_MAX 9007199254740992

enum key_type {
    KEY_BOOL,   /* true | false */
    KEY_INT,    /* 64-bit integer */
    KEY_REAL,   /* double */
    KEY_CHOICE, /* one word of `words`, "a|b|c"; the value is its index */
    KEY_TEXT,
    KEY_INTS,  /* [100, 100] */
    KEY_REALS, /* [0.5, 0.75] */
};

struct key {
    const char *name; /* dotted: "norm.eps" */
    enum key_type type;
    /* KEY_CHOICE: its words, "a|b|c". KEY_INT: one word that may stand for a number, e.g. "auto" or
     * "all"; its value is -1. */
    const char *words;
    double min, max; /* inclusive, for numbers and the items of lists; both 0: any finite number */
    bool above_min;  /* min itself is not allowed */
    const char *initial;   /* the default, as a user would write it */
    const char *unit;      /* "" where there is none */
    const char *doc;       /* one sentence, which results carry as comment */
    const char *elsewhere; /* the convention in other frameworks, or NULL */
    /* The cells it applies to: "optimizer.kind=sgd", words with |, several conditions with spaces,
     * negation "norm.kind!=none"; NULL: all. No word, "norm.kind=": none. */
    const char *when;
    bool volatile_; /* not part of a run's identity: how much is logged */
    bool local;     /* and about this machine only: of a run, in its provenance and nowhere else */
    int since; /* schema in which it was added; later than 1 and at its default: stays out of the
                  identity */
};

/* A parsed value. Lists and texts live in the pool that was given to `value_parse`. */
struct value {
    long integer;        /* BOOL, INT, CHOICE */
    double real;         /* REAL; also INT, as a double */
    const char *text;    /* TEXT */
    const double *items; /* INTS, REALS */
    int n_items;
};

/* Reads one value of `key` from `text` ("0.1", "batch", "[100, 100]"). Strict: trailing junk, a
 * fraction where an integer belongs, values outside the range are ERROR_USAGE with a message that
 * names the key, says what is wrong and what is allowed (with "did you mean ...?" for a choice). */
enum status value_parse(const struct key *key, const char *text, struct pool *pool,
                        struct value *value);

/* Canonical text: 0.1 = 1e-1 = .1; lists as 100-100-100 ("" when empty); booleans 0/1. The shortest
 * decimal text that reads back as the same number. */
const char *value_text(const struct key *key, const struct value *value, struct pool *pool);
/* Have they the same canonical text? */
bool value_equal(const struct key *key, const struct value *a, const struct value *b);
/* For people, a list's canonical text with five or more equal numbers as "24x10"; any other as it
 * is. */
const char *list_words(const char *text, struct pool *pool);
/* As a user would write it in an experiment file: [100, 100, 100], true. */
const char *value_yaml(const struct key *key, const struct value *value, struct pool *pool);
