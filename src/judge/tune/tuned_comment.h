/* Where chosen rates came from, as comments of the file that has them: no date, no machine, the
 * same trials give the same bytes. */
#pragma once

#include <stdio.h>

#include "judge/tune/tune_arms.h"

void tuned_comment_write(const struct tune *tune, FILE *out, struct pool *pool);
/* Has a text such comments? */
bool tuned_comment_is_in(const char *text);
/* Does the command in them have key=value words? */
bool tuned_comment_has_words(const char *text);
/* "range(3)", "range(100, 103)", "[1, 5]". */
const char *seeds_text(int n, const struct value *seeds, struct pool *pool);
