/* Sorting, and what sorted lists tell. */
#pragma once

#include <stddef.h>

/* qsort and bsearch, to which a list of none may not be NULL. */
typedef int compare_items(const void *a, const void *b);
void sort_items(void *items, size_t n, size_t size, compare_items *compare);
const void *find_item(const void *key, const void *sorted, size_t n, size_t size,
                      compare_items *compare);

/* Upwards; there must be no NaN. */
void sort_numbers(double *numbers, size_t n);
/* Index of `x` in the sorted numbers, or -1. */
long find_number(double x, const double *sorted, size_t n);
/* Upwards and each once; returns how many are left. */
size_t sort_unique(double *numbers, size_t n);
/* The p-quantile (0 to 1) of `n` sorted numbers, n > 0, with linear interpolation between them: 0.5
 * is the median, the mean of the middle two where n is even. */
double sorted_quantile(const double *sorted, size_t n, double p);
/* By bytes, as strcmp. */
void sort_texts(const char **texts, size_t n);
/* Index of `text` in the sorted texts, or -1. */
long find_text(const char *text, const char *const *sorted, size_t n);
