/* Tables for a paper. */
#pragma once

#include <stdio.h>

#include "lab/table/table.h"

/* Of a table by groups (table_by) each metric becomes one column, "0.123 [0.119, 0.127]", and the
 * counts become failed/n; other tables stay as they are. `digits` significant ones of each number,
 * of an interval as many decimals as of its median. */
void output_latex(const struct table *table, int digits, FILE *out); /* needs booktabs */
void output_markdown(const struct table *table, int digits, FILE *out);
