/* Numbers as text. */
#pragma once

#include "base/pool.h"

/* The shortest decimal text that reads back as exactly `number`. */
const char *number_text(double number, struct pool *pool);
