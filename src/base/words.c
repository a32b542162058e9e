/* Words of a choice, the nearest word for "did you mean ...?", and plurals. */
#include "base/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *plural(long n) {
    return n == 1 ? "" : "s";
}

int words_find(const char *words, const char *word) {
    size_t length = strlen(word);
    int index = 0;
    for (const char *at = words; *at; index++) {
        size_t size = strcspn(at, "|");
        if (size == length && !memcmp(at, word, size))
            return index;
        at += size + (at[size] == '|');
    }
    return -1;
}

const char *words_join(const char *(*name)(int index), struct pool *pool) {
    const char *words = name(0);
    for (int i = 1; name(i); i++)
        words = pool_format(pool, "%s|%s", words, name(i));
    return words;
}

const char *words_get(const char *words, long index, struct pool *pool) {
    const char *at = words;
    while (index-- > 0)
        at += strcspn(at, "|") + 1;
    return pool_format(pool, "%.*s", (int)strcspn(at, "|"), at);
}

size_t list_item_size(const char *text) {
    int depth = 0;
    size_t i = 0;
    for (; text[i] && (text[i] != ',' || depth > 0); i++)
        depth += (text[i] == '[' || text[i] == '(') - (text[i] == ']' || text[i] == ')');
    return i;
}

enum { LONGEST_WORD = 63, SHORTEST_PREFIX = 3 };

static int min3(int a, int b, int c) {
    int least = a < b ? a : b;
    return least < c ? least : c;
}

static bool same_letter(char a, char b) {
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours. */
static int edit_distance(const char *a, const char *b) {
    int n = (int)strlen(a), m = (int)strlen(b);
    int d[3][LONGEST_WORD + 1]; /* rows i, i-1, i-2 of the table, in turn */
    for (int i = 0; i <= n; i++) {
        int *row = d[i % 3], *above = d[(i + 2) % 3], *twice = d[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            if (i == 0) {
                row[j] = j;
                continue;
            }
            int differs = !same_letter(a[i - 1], b[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + differs);
            bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                           same_letter(a[i - 2], b[j - 1]);
            if (swapped && twice[j - 2] + 1 < row[j])
                row[j] = twice[j - 2] + 1;
        }
    }
    return d[n % 3][m];
}

/* "BatchNorm" means batch, "standard" means standardize. */
static bool begins_with(const char *word, const char *prefix) {
    size_t length = strlen(prefix);
    size_t same = 0;
    while (same < length && same_letter(word[same], prefix[same]))
        same++;
    return length >= SHORTEST_PREFIX && same == length;
}

/* What it is called elsewhere, and here. A word may mean several: the first that is asked for. */
static const struct {
    const char *elsewhere, *here;
} synonyms[] = {
    {"yes", "true"},   {"yes", "on"},      {"no", "false"},         {"no", "off"},
    {"on", "true"},    {"off", "false"},   {"true", "on"},          {"false", "off"},
    {"bn", "batch"},   {"ln", "layer"},    {"gn", "group"},         {"xavier", "glorot"},
    {"kaiming", "he"}, {"mse", "squared"}, {"ce", "cross_entropy"}, {"linear", "identity"},
};

static bool same_word(const char *a, const char *b) {
    while (*a && same_letter(*a, *b))
        a++, b++;
    return *a == *b;
}

static const char *synonym(const char *word, const char *const *candidates, int n_candidates) {
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        for (int k = 0; k < n_candidates && same_word(word, synonyms[i].elsewhere); k++)
            if (!strcmp(candidates[k], synonyms[i].here))
                return candidates[k];
    return NULL;
}

const char *nearest_word(const char *word, const char *const *candidates, int n_candidates) {
    size_t length = strlen(word);
    if (length == 0 || length > LONGEST_WORD)
        return NULL;
    const char *meant = synonym(word, candidates, n_candidates);
    if (meant)
        return meant;
    int limit = 1 + (int)length / 4;
    if (limit > (int)length - 1)
        limit = (int)length - 1;
    const char *nearest = NULL;
    for (int i = 0; i < n_candidates; i++) {
        if (strlen(candidates[i]) > LONGEST_WORD)
            continue;
        int distance = edit_distance(word, candidates[i]);
        if (distance > 1 && (begins_with(word, candidates[i]) || begins_with(candidates[i], word)))
            distance = 1;
        if (distance <= limit) {
            nearest = candidates[i];
            limit = distance - 1;
        }
    }
    return nearest;
}
