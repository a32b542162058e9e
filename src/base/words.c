/* Words of a choice, the nearest word for "did you mean ...?", plurals, and patterns. */
#include "base/words.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char *plural(long n) {
    return n == 1 ? "" : "s";
}

bool text_ends_in(const char *text, const char *end) {
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && !strcmp(text + size - end_size, end);
}

char *text_trimmed(const char *text, size_t size, struct pool *pool) {
    while (size > 0 && isspace((unsigned char)*text))
        text++, size--;
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    return pool_format(pool, "%.*s", (int)size, text);
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

/* Is each of several parts the beginning of one? "val_error" means validation_error. */
static bool abbreviates(const char *word, const char *full) {
    static const char separators[] = "_/.";
    for (bool several = false;; several = true) {
        size_t size = strcspn(word, separators), whole = strcspn(full, separators);
        bool begins = size > 0 && size <= whole;
        for (size_t i = 0; i < size && begins; i++)
            begins = same_letter(word[i], full[i]);
        word += size;
        full += whole;
        if (!begins || *word != *full || !*word)
            return begins && several && *word == *full;
        word++, full++;
    }
}

/* What it is called elsewhere, and here. A word may mean several: the first that is asked for.
 * `remark`: what is not the same. */
static const struct {
    const char *elsewhere, *here, *remark;
} synonyms[] = {
    /* values */
    {"yes", "true", NULL},
    {"yes", "on", NULL},
    {"no", "false", NULL},
    {"no", "off", NULL},
    {"on", "true", NULL},
    {"off", "false", NULL},
    {"true", "on", NULL},
    {"false", "off", NULL},
    {"bn", "batch", NULL},
    {"ln", "layer", NULL},
    {"gn", "group", NULL},
    {"xavier", "glorot", NULL},
    {"kaiming", "he", NULL},
    {"mse", "squared", NULL},
    {"ce", "cross_entropy", NULL},
    {"linear", "identity", NULL},
    /* keys */
    {"data", "data.name", NULL},
    {"norm", "norm.kind", NULL},
    {"optimizer", "optimizer.kind", NULL},
    {"seeds", "seed", NULL},
    {"random_seed", "seed", NULL},
    {"random_state", "seed", NULL},
    {"dataset", "data.name", NULL},
    {"num_classes", "data.classes", NULL},
    {"num_features", "model.hidden", "the widths of the hidden layers"},
    {"normalized_shape", "model.hidden", "the widths of the hidden layers"},
    {"hidden_size", "model.hidden", "the widths of the hidden layers"},
    {"momentum", "norm.momentum", "1 - PyTorch's momentum"},
    {"elementwise_affine", "norm.affine", NULL},
    {"epsilon", "norm.eps", NULL},
    {"num_groups", "norm.groups", NULL},
    {"p", "norm.rate", "the rate of dropout"},
    {"dropout", "norm.rate", "the rate of dropout"},
    {"learning_rate", "optimizer.lr", NULL},
    {"wd", "optimizer.weight_decay", NULL},
    {"l2", "optimizer.weight_decay", NULL},
    {"clip_grad_norm", "optimizer.clip", NULL},
    {"betas", "optimizer.beta1", "with optimizer.beta2"},
    {"bs", "train.batch_size", NULL},
    {"minibatch_size", "train.batch_size", NULL},
    {"num_epochs", "train.epochs", NULL},
    {"n_epochs", "train.epochs", NULL},
    {"max_epochs", "train.epochs", NULL},
    {"max_steps", "train.steps", NULL},
    {"criterion", "train.loss", NULL},
    /* metrics */
    {"val_acc", "validation_error", "1 - accuracy"},
    {"val_accuracy", "validation_error", "1 - accuracy"},
    {"validation_accuracy", "validation_error", "1 - accuracy"},
    {"train_acc", "train_error", "1 - accuracy"},
    {"train_accuracy", "train_error", "1 - accuracy"},
    {"acc", "test_error", "1 - accuracy"},
    {"accuracy", "test_error", "1 - accuracy"},
    {"test_acc", "test_error", "1 - accuracy"},
    {"test_accuracy", "test_error", "1 - accuracy"},
    {"error", "test_error", NULL},
};

enum { SYNONYMS = sizeof synonyms / sizeof *synonyms };

static bool same_word(const char *a, const char *b) {
    while (*a && same_letter(*a, *b))
        a++, b++;
    return *a == *b;
}

/* What stands behind the last of these signs, or all of it. */
static const char *last_part(const char *name, const char *signs) {
    for (const char *at = name; *at; at++)
        if (strchr(signs, *at))
            name = at + 1;
    return name;
}

/* In keys the last part counts ("train.learning_rate"), in series too ("epoch/val_error"). */
static bool is_synonym(int i, const char *word, const char *candidate) {
    return same_word(last_part(word, "./"), synonyms[i].elsewhere) &&
           !strcmp(last_part(candidate, "/"), synonyms[i].here);
}

const char *word_synonym(const char *word, const char *const *candidates, int n_candidates) {
    for (int i = 0; i < SYNONYMS; i++)
        for (int k = 0; k < n_candidates; k++)
            if (is_synonym(i, word, candidates[k]))
                return candidates[k];
    return NULL;
}

/* "'norm.momentum', 1 - PyTorch's momentum": behind what was found before, if anything was. */
static const char *add_meaning(const char *found, const char *word, const char *candidate,
                               struct pool *pool) {
    const char *remark = NULL;
    if (found && strstr(found, pool_format(pool, "'%s'", candidate)))
        return found; /* there twice, as train_loss of steps and of epochs */
    for (int i = 0; i < SYNONYMS && !remark; i++)
        if (is_synonym(i, word, candidate))
            remark = synonyms[i].remark;
    const char * or = !found ? "" : found[strlen(found) - 1] == '\'' ? " or " : ", or ";
    return pool_format(pool, "%s%s'%s'%s%s", found ? found : "", or, candidate, remark ? ", " : "",
                       remark ? remark : "");
}

const char *words_meant(const char *word, const char *const *candidates, int n_candidates,
                        struct pool *pool) {
    const char *found = NULL;
    for (int i = 0; i < n_candidates; i++)
        if (*word && !strcmp(last_part(word, "."), last_part(candidates[i], ".")))
            found = add_meaning(found, word, candidates[i], pool);
    const char *near = found ? NULL : nearest_word(word, candidates, n_candidates);
    return near ? add_meaning(NULL, word, near, pool) : found;
}

const char *nearest_word(const char *word, const char *const *candidates, int n_candidates) {
    size_t length = strlen(word);
    if (length == 0 || length > LONGEST_WORD)
        return NULL;
    const char *meant = word_synonym(word, candidates, n_candidates);
    if (meant)
        return meant;
    int limit = 1 + (int)length / 4;
    if (limit > (int)length - 1)
        limit = (int)length - 1;
    const char *nearest = NULL;
    for (int i = 0; i < n_candidates; i++) {
        if (strlen(candidates[i]) > LONGEST_WORD) /* analysis: a text, as all of them */
            continue;
        int distance = edit_distance(word, candidates[i]);
        if (distance > 1 && (begins_with(word, candidates[i]) || begins_with(candidates[i], word) ||
                             abbreviates(word, candidates[i])))
            distance = 1;
        if (distance <= limit) {
            nearest = candidates[i];
            limit = distance - 1;
        }
    }
    return nearest;
}

/* ---- patterns ----
 *
 * Without memory: where that is short, the C library's regular expressions say that a text does not
 * fit, or free the same memory twice. */

struct pattern_item {
    const char *first, *end; /* of the characters: [first, end) of a class, or one */
    bool is_class;
    long least, most;
};

/* Returns what follows it. */
static const char *read_pattern_item(const char *pattern, struct pattern_item *item) {
    *item = (struct pattern_item){.is_class = *pattern == '[', .least = 1, .most = 1};
    item->first = item->end = pattern + item->is_class;
    while (item->is_class && *item->end != ']')
        item->end++;
    pattern = item->end + 1;
    if (!item->is_class)
        item->end++;
    if (*pattern == '+') {
        item->most = LONG_MAX;
        return pattern + 1;
    }
    if (*pattern != '{')
        return pattern;
    char *end;
    item->least = item->most = strtol(pattern + 1, &end, 10);
    if (*end == ',')
        item->most = strtol(end + 1, &end, 10);
    assert(*end == '}');
    return end + 1;
}

static bool item_takes(const struct pattern_item *item, char c) {
    for (const char *at = item->first; at < item->end; at++) {
        bool is_range = item->is_class && at + 2 < item->end && at[1] == '-';
        if (c >= *at && c <= at[is_range ? 2 : 0])
            return true;
        at += is_range ? 2 : 0;
    }
    return false;
}

bool pattern_fits(const char *pattern, const char *text) {
    assert(*pattern == '^');
    for (pattern++; *pattern != '$';) {
        struct pattern_item item;
        long n = 0;
        pattern = read_pattern_item(pattern, &item);
        while (n < item.most && *text && item_takes(&item, *text)) {
            text++;
            n++;
        }
        if (n < item.least)
            return false;
    }
    return !*text;
}
