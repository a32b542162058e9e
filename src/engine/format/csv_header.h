/* The first line of a CSV file: names of columns, and which of them is the target. Messages lack
 * the place. */
#pragma once

#include "base/status.h"

/* ERROR_DATA: they are data. */
enum status csv_check_names(const char *const *names, int n);
/* The column of this name, or of this number, from 0; the last where `wanted` is "". `names`: NULL
 * where there are none. ERROR_DATA, also where the first column has no name and would be an input.
 */
enum status csv_find_target(const char *const *names, int n, const char *wanted, int *found);
