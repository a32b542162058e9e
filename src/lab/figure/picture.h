/* A picture in memory, as gnuplot wrote it: is it whole? */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

struct picture {
    const char *bytes; /* followed by a 0, which is not counted */
    size_t size;
};

/* Does the format, "svg", "png" or "pdf", say itself what belongs to a picture, by check sums or
 * places of its parts? Of one that does not a part may be missing unseen, but for its end. */
bool picture_checks_itself(const char *format);
/* ERROR_RUN: it lacks something, as far as can be seen. */
enum status picture_check(const struct picture *picture, const char *format);
