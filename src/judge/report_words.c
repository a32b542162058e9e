#include "judge/report_words.h"

#include <math.h>
#include <string.h>

/* "batch_size" as "mini-batch size", "init_scale" as "init scale". */
static const char *key_words(const char *key, int length, struct pool *pool) {
    static const char batch_size[] = "train.batch_size";
    const char *dot = memchr(key, '.', (size_t)length);
    if (length == (int)strlen(batch_size) && !strncmp(key, batch_size, (size_t)length))
        return "mini-batch size";
    if (dot) {
        length -= (int)(dot + 1 - key);
        key = dot + 1;
    }
    char *words = pool_format(pool, "%.*s", length, key);
    for (char *c = words; *c; c++)
        if (*c == '_')
            *c = ' ';
    return words;
}

/* What has no "=" before the next comma goes on with the value before it: "[100, 100]". */
const char *report_stratum(const char *stratum, struct pool *pool) {
    const char *words = "", *separator = "";
    while (*stratum) {
        int length = (int)strcspn(stratum, ","), key = (int)strcspn(stratum, "=,");
        words = key < length ? pool_format(pool, "%s%s%s %.*s", words, separator,
                                           key_words(stratum, key, pool), length - key - 1,
                                           stratum + key + 1)
                             : pool_format(pool, "%s%s%.*s", words, separator, length, stratum);
        stratum += length;
        separator = *stratum ? ", " : "";
        stratum += strspn(stratum, ", ");
    }
    return words;
}

/* -0.00 is 0. */
static double rounded_to(double value, int decimals) {
    double unit = pow(10, -decimals);
    return fabs(value) < unit / 2 ? 0 : value;
}

const char *report_number(double value, double width, struct pool *pool) {
    enum { MOST_DECIMALS = 9 };
    if (!(width > 0) || !isfinite(width) || !isfinite(value))
        return pool_format(pool, "%.4g", value);
    int decimals = 1 - (int)floor(log10(width));
    decimals = decimals < 0 ? 0 : decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
    return pool_format(pool, "%.*f", decimals, rounded_to(value, decimals));
}
