/* Words: of a choice ("a|b|c"), of a list ("a,b"), the nearest one, plurals, and patterns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/pool.h"

/* Index of `word` in "a|b|c", or -1. */
int words_find(const char *words, const char *word);
/* Word `index` of "a|b|c". */
const char *words_get(const char *words, long index, struct pool *pool);
/* The names of a table as "a|b|c": name(0), name(1), ... until it is NULL. */
const char *words_join(const char *(*name)(int index), struct pool *pool);

bool text_ends_in(const char *text, const char *end);
/* A copy of its first `size` characters without white space at their ends. */
char *text_trimmed(const char *text, size_t size, struct pool *pool);

/* Characters of the first item of "a,[b,c],range(d,e)": up to a comma outside brackets. */
size_t list_item_size(const char *text);

/* The candidate that `word` means elsewhere ("bn": batch), or the nearest to it by edit distance,
 * or NULL where none is near. */
const char *nearest_word(const char *word, const char *const *candidates, int n_candidates);

/* The candidate that `word` means elsewhere, or NULL. */
const char *word_synonym(const char *word, const char *const *candidates, int n_candidates);
/* What stands behind "did you mean": the candidates with the same part behind the last dot ("eps":
 * "'norm.eps' or 'optimizer.eps'"), or the nearest one; with a remark where `word` elsewhere means
 * something that is not quite the same. NULL where none is near. */
const char *words_meant(const char *word, const char *const *candidates, int n_candidates,
                        struct pool *pool);

/* "s" behind a noun of which there are n: "1 run", "2 runs". */
const char *plural(long n);

/* Does the whole text fit? `pattern` is a regular expression of the simplest kind, so that the
 * schema for editors may have the same: "^", items, "$"; an item is a character or a class
 * ("[a-z0-9_-]", the - of itself last), with "{4}", "{1,64}" or "+" behind it, or once. An item
 * takes all that it can: what follows it begins with a character that it does not take. */
bool pattern_fits(const char *pattern, const char *text);
