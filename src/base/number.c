/* Numbers as text, the shortest that reads back as the same, and back. */
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DOUBLE_DIGITS = 17, FIXED_MIN = -4, FIXED_MAX = 15 };

const char *number_text(double number, struct pool *pool) {
    if (isnan(number))
        return "nan";
    if (isinf(number))
        return number > 0 ? "inf" : "-inf";
    char text[40];
    int decimals = 0; /* digits behind the first */
    do
        snprintf(text, sizeof text, "%.*e", decimals, number);
    while (strtod(text, NULL) != number && ++decimals < DOUBLE_DIGITS);

    char *mark = text;
    while (*mark != 'e')
        mark++;
    int exponent = atoi(mark + 1);
    if (exponent >= FIXED_MIN && exponent <= FIXED_MAX)
        return pool_format(pool, "%.*f", decimals > exponent ? decimals - exponent : 0, number);
    *mark = 0;
    return pool_format(pool, "%se%d", text, exponent);
}

bool number_read(const char *text, double *number) {
    char *end;
    *number = strtod(text, &end);
    return *text && !*end;
}
