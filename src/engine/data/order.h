/* In which order an epoch takes the training rows, and so what its mini-batches are made of:
 * permutations of 0..n-1, each a function of its arguments alone. */
#pragma once

#include <stdint.h>

#include "base/random.h"

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
