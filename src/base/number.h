/* Numbers as text. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"

/* The shortest decimal text that reads back as exactly `number`. */
const char *number_text(double number, struct pool *pool);
/* Is the text a number, and nothing else? *number is it. */
bool number_read(const char *text, double *number);
