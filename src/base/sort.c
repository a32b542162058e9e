/* Sorting numbers and texts, and finding a text among sorted ones. */
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void sort_items(void *items, size_t n, size_t size, compare_items *compare) {
    if (n > 0)
        qsort(items, n, size, compare);
}

const void *find_item(const void *key, const void *sorted, size_t n, size_t size,
                      compare_items *compare) {
    return n > 0 ? bsearch(key, sorted, n, size, compare) : NULL;
}

void sort_numbers(double *numbers, size_t n) {
    sort_items(numbers, n, sizeof *numbers, compare_numbers);
}

long find_number(double x, const double *sorted, size_t n) {
    const double *found = find_item(&x, sorted, n, sizeof *sorted, compare_numbers);
    return found ? found - sorted : -1;
}

size_t sort_unique(double *numbers, size_t n) {
    size_t n_unique = 0;
    sort_numbers(numbers, n);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            numbers[n_unique++] = numbers[i];
    return n_unique;
}

double sorted_quantile(const double *sorted, size_t n, double p) {
    double at = p * (double)(n - 1);
    size_t below = (size_t)at;
    double share = at - (double)below; /* of the next number */
    return share > 0 ? (1 - share) * sorted[below] + share * sorted[below + 1] : sorted[below];
}

void sort_texts(const char **texts, size_t n) {
    sort_items(texts, n, sizeof *texts, compare_texts);
}

long find_text(const char *text, const char *const *sorted, size_t n) {
    const char *const *found = find_item(&text, sorted, n, sizeof *sorted, compare_texts);
    return found ? found - sorted : -1;
}
