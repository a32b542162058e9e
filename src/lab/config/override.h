/* Values in the words of the command line: "optimizer.lr=0.1", "seed=0,1,2",
 * "model.hidden=[64],[100,100]", "seed=range(8)". Commas outside brackets make an axis. */
#pragma once

#include "lab/config/keys.h"

struct override {
    int key;
    struct origin origin;
    int n_values;
    const struct value *values;
    bool used; /* an axis of the file has taken it */
};

/* ERROR_USAGE "command line: 'seed=x': ...". */
enum status override_read(const char *text, struct pool *pool, struct override *override);

/* What these say of which runs there are, as the command line says it: "norm.kind=batch seed=0,1",
 * by name; "": nothing, since how much is logged and where data lie makes no other runs. */
const char *overrides_text(int n, const struct override *all, struct pool *pool);
/* The same as the end of a file's name, "+norm.kind=batch+seed=0..9", for which no shell needs
 * quotes. What is long, or has other characters, is shortened and ends with a hash of all. */
const char *overrides_suffix(int n, const struct override *all, struct pool *pool);

struct making;

/* A function that stands in place of a list of values, range(a, b): a row of the table in
 * override.c. */
struct sequence {
    const char *name, *form, *like; /* "range", "range(n), ...", an example */
    const char *pattern;            /* a regular expression of it, for schemas */
    const char *doc;                /* what it makes, in a sentence or two */
    enum status (*make)(struct making *making, const struct sequence *sequence);
};

const struct sequence *sequence_get(int index); /* NULL behind the last */
/* Does the text begin with one's name and a parenthesis? */
bool sequence_is(const char *text);
/* Appends the values that `text`, one value or a sequence, stands for. ERROR_USAGE, without a
 * position. */
enum status values_append(const struct key *key, const char *text, struct pool *pool, int *n_values,
                          struct value **values);
