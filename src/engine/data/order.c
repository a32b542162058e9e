/* Permutations of the training rows, one an epoch. */
#include "engine/data/order.h"

#include <assert.h>
#include <limits.h>
#include <stddef.h>

enum { MAX_CLASSES = UINT8_MAX + 1 }; /* labels are bytes */

/* Draws with the indices begin + 2 .. begin + n. */
static void shuffle(struct random_key key, uint64_t begin, uint32_t n, uint32_t *rows) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = random_below(key, begin + i, i);
        uint32_t row = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = row;
    }
}

void order_shuffle(struct random_key key, uint32_t n, uint32_t *rows) {
    for (uint32_t i = 0; i < n; i++)
        rows[i] = i;
    shuffle(key, 0, n, rows);
}

/* ---- sorted ---- */

/* Rows by class as they stand in the file; those of class c begin at first[c], and first[K] is n.
 */
static void sort_by_class(uint32_t n, const uint8_t *labels, int K, uint32_t *first,
                          uint32_t *rows) {
    uint32_t next[MAX_CLASSES] = {0};
    for (uint32_t i = 0; i < n; i++)
        next[labels[i]]++;
    first[0] = 0;
    for (int c = 0; c < K; c++) {
        first[c + 1] = first[c] + next[c];
        next[c] = first[c];
    }
    for (uint32_t i = 0; i < n; i++)
        rows[next[labels[i]]++] = i;
}

static void sort_and_shuffle(struct random_key key, uint32_t n, const uint8_t *labels, int K,
                             uint32_t *first, uint32_t *rows) {
    sort_by_class(n, labels, K, first, rows);
    for (int c = 0; c < K; c++)
        shuffle(key, first[c], first[c + 1] - first[c], rows + first[c]);
}

void order_sorted(struct random_key key, uint32_t n, const uint8_t *labels, int K, uint32_t *rows) {
    uint32_t first[MAX_CLASSES + 1];
    sort_and_shuffle(key, n, labels, K, first, rows);
}

/* ---- some classes a mini-batch ---- */

static long smaller(long a, long b) {
    return a < b ? a : b;
}

/* A class comes at most once in each of T mini-batches, and no oftener than its rows allow: the
 * largest T with sum min(counts / share, T) >= k T, from above. */
long order_classes_steps(const struct class_batches *batches, const long *counts) {
    long share = batches->B / (uint32_t)batches->k, steps = LONG_MAX, before;
    do {
        long places = 0;
        before = steps;
        for (int c = 0; c < batches->K; c++)
            places += smaller(counts[c] / share, before);
        steps = places / batches->k;
    } while (steps < before);
    return steps;
}

/* In how many of the epoch's mini-batches each class comes: sum k * steps. */
static void set_quotas(const struct class_batches *batches, const long *counts, long steps,
                       long *quotas) {
    long share = batches->B / (uint32_t)batches->k, surplus = -steps * batches->k;
    for (int c = 0; c < batches->K; c++) {
        quotas[c] = smaller(counts[c] / share, steps);
        surplus += quotas[c];
    }
    for (; surplus > 0; surplus--) { /* fewer than k times */
        int most = 0;
        for (int c = 1; c < batches->K; c++)
            most = quotas[c] > quotas[most] ? c : most;
        quotas[most]--;
    }
}

/* k of the classes, each with probability quota / left: the quotas, end to end in random order, are
 * a line of k * left places, and a comb whose k teeth are `left` apart falls on it (systematic
 * sampling, Madow 1949). A class with as many mini-batches to come in as there are left is always
 * hit; none is hit twice, since no quota is longer than from tooth to tooth. */
static void draw_classes(struct random_key key, uint64_t begin, const struct class_batches *batches,
                         long left, long *quotas, int *drawn) {
    uint32_t classes[MAX_CLASSES];
    for (int i = 0; i < batches->K; i++)
        classes[i] = (uint32_t)i;
    shuffle(key, begin, (uint32_t)batches->K, classes);
    long tooth = random_below(key, begin, (uint32_t)left); /* from here to the next one */
    int n = 0;
    for (int i = 0; i < batches->K; i++) {
        uint32_t c = classes[i];
        bool hit = tooth < quotas[c];
        tooth += (hit ? left : 0) - quotas[c];
        if (hit) {
            drawn[n++] = (int)c;
            quotas[c]--;
        }
    }
    assert(n == batches->k);
}

void order_classes(struct random_key key, const struct class_batches *batches, uint32_t n,
                   const uint8_t *labels, uint32_t *by_class, uint32_t *rows) {
    uint32_t next[MAX_CLASSES + 1], end[MAX_CLASSES];
    long counts[MAX_CLASSES], quotas[MAX_CLASSES];
    int drawn[MAX_CLASSES], K = batches->K, k = batches->k;
    sort_and_shuffle(key, n, labels, K, next, by_class);
    for (int c = 0; c < K; c++) {
        end[c] = next[c + 1];
        counts[c] = end[c] - next[c];
    }
    long steps = order_classes_steps(batches, counts);
    set_quotas(batches, counts, steps, quotas);
    for (long step = 0; step < steps; step++) {
        uint64_t begin = n + 1 + (uint64_t)step * (uint64_t)(K + 1);
        draw_classes(key, begin, batches, steps - step, quotas, drawn);
        for (uint32_t i = 0; i < batches->B; i++)
            *rows++ = by_class[next[drawn[i % (uint32_t)k]]++];
    }
    for (int c = 0; c < K; c++)
        while (next[c] < end[c])
            *rows++ = by_class[next[c]++];
}

/* ---- the table ---- */

static void fill_shuffled(struct random_key key, const struct order_rows *rows, uint32_t *room,
                          uint32_t *order) {
    (void)room;
    order_shuffle(key, rows->n, order);
}

static void fill_sorted(struct random_key key, const struct order_rows *rows, uint32_t *room,
                        uint32_t *order) {
    (void)room;
    order_sorted(key, rows->n, rows->labels, rows->batches.K, order);
}

static void fill_classes(struct random_key key, const struct order_rows *rows, uint32_t *room,
                         uint32_t *order) {
    order_classes(key, &rows->batches, rows->n, rows->labels, room, order);
}

static long classes_steps(const struct order_rows *rows) {
    long counts[MAX_CLASSES] = {0};
    for (uint32_t i = 0; i < rows->n; i++)
        counts[rows->labels[i]]++;
    return order_classes_steps(&rows->batches, counts);
}

static enum status check_classes(const struct order_rows *rows) {
    long B = rows->batches.B, k = rows->batches.k;
    if (k > rows->batches.K)
        return fail_key(ERROR_USAGE, "train.classes_per_batch", "%ld is more than the %d classes",
                        k, rows->batches.K);
    if (B % k)
        return fail_key(ERROR_USAGE, "train.batch_size|train.classes_per_batch",
                        "%ld rows cannot be shared equally by %ld classes", B, k);
    if (classes_steps(rows) == 0)
        return fail_key(ERROR_USAGE, "train.classes_per_batch",
                        "fewer than %ld classes have the %ld training rows "
                        "that a mini-batch takes of each",
                        k, B / k);
    return OK;
}

static const struct order_kind kinds[] = {
    [ORDER_SHUFFLE] = {.name = "shuffle",
                       .doc = "a new permutation each epoch",
                       .fill = fill_shuffled},
    [ORDER_SEQUENTIAL] = {.name = "sequential", .doc = "as they stand in the file", .fixed = true},
    [ORDER_SORTED] = {.name = "sorted",
                      .doc = "class after class from 0 on, shuffled within each anew each epoch",
                      .by_class = true,
                      .fill = fill_sorted},
    [ORDER_CLASSES] = {.name = "classes",
                       .doc = "every mini-batch holds rows of train.classes_per_batch classes "
                              "alone, drawn for it",
                       .by_class = true,
                       .needs_room = true,
                       .check = check_classes,
                       .steps = classes_steps,
                       .fill = fill_classes},
};

const struct order_kind *order_get(long index) {
    return &kinds[index];
}

const char *order_name(int index) {
    return (size_t)index < sizeof kinds / sizeof *kinds ? kinds[index].name : NULL;
}

long order_steps(const struct order_kind *kind, const struct order_rows *rows) {
    return kind->steps ? kind->steps(rows) : (long)(rows->n / rows->batches.B);
}
