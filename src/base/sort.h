/* Sorting and finding. */
#pragma once

#include <stddef.h>

/* Upwards; there must be no NaN. */
void sort_numbers(double *numbers, size_t n);
/* By bytes, as strcmp. */
void sort_texts(const char **texts, size_t n);
/* Index of `text` in the sorted texts, or -1. */
long find_text(const char *text, const char *const *sorted, size_t n);
