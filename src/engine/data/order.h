/* In which order an epoch takes the training rows, and so what its mini-batches are made of:
 * permutations of 0..n-1, each a function of its arguments alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"

/* Fisher-Yates on random numbers f(key, index). */
void order_shuffle(struct random_key key, uint32_t n, uint32_t *rows);

/* Class after class, from 0 on, and shuffled within each; labels [n], < K. */
void order_sorted(struct random_key key, uint32_t n, const uint8_t *labels, int K, uint32_t *rows);

/* Mini-batches of B rows, B/k of each of k different classes: what order_classes makes of them. */
struct class_batches {
    int K, k;
    uint32_t B; /* a multiple of k */
};

/* How many such mini-batches can be made of `counts` [K] rows of each class, none of them used
 * twice. Where classes are about equally frequent that leaves out less than a share, B/k rows, of
 * each class and less than one mini-batch more; else what a frequent class has too much, too. */
long order_classes_steps(const struct class_batches *batches, const long *counts);

/* As many such mini-batches as there can be, one after the other, then the rows that are left out.
 * A mini-batch's classes are drawn for it, each with a chance in proportion to the mini-batches
 * that its rows are still to fill, so that no class runs out early; its rows are those of the class
 * drawn first, second, .. and first again. `by_class` [n] is only used meanwhile. */
void order_classes(struct random_key key, const struct class_batches *batches, uint32_t n,
                   const uint8_t *labels, uint32_t *by_class, uint32_t *rows);

/* ---- the table: a row is a word of train.order ---- */

enum train_order { ORDER_SHUFFLE, ORDER_SEQUENTIAL, ORDER_SORTED, ORDER_CLASSES };

/* What an order may look at. */
struct order_rows {
    uint32_t n; /* training rows */
    const uint8_t *labels;
    struct class_batches batches;
};

/* To add one: an enumerator, its function and its row in order.c. */
struct order_kind {
    const char *name;
    const char *doc; /* what it does, in a list of the words */
    bool fixed;      /* the same each epoch, whatever the seed: seeds.order does not apply */
    bool by_class;   /* needs labels */
    bool needs_room; /* a second array of n rows while it is made */
    /* ERROR_USAGE: no mini-batch can be made so. NULL: it always can. */
    enum status (*check)(const struct order_rows *rows);
    /* Mini-batches of an epoch; NULL: n / B. */
    long (*steps)(const struct order_rows *rows);
    /* One epoch's permutation into order [n]; what the epoch leaves out stands at the end. NULL:
     * the rows as they stand. */
    void (*fill)(struct random_key key, const struct order_rows *rows, uint32_t *room,
                 uint32_t *order);
};

const struct order_kind *order_get(long index);
/* Its name; NULL: there are no more. */
const char *order_name(int index);
/* Whole mini-batches of an epoch. */
long order_steps(const struct order_kind *kind, const struct order_rows *rows);
