/* Which runs a figure draws. */
#pragma once

#include "lab/figure/drawing.h"

/* The summary's rows that meet `where`; where metrics of banks are drawn, their members' rows.
 * ERROR_USAGE: none. */
enum status figure_rows(struct preparing *work, struct table *rows);
/* Of them into drawing->runs those to which the keys `names` [n] apply (NULL: any) and that were
 * trained; counts the others. */
void figure_rows_keep(const struct table *rows, int n_names, const char *const *names,
                      struct drawing *drawing);
