/* Sums of floats in double: along rows and down columns. */
#include "engine/kernel/reduce.h"

#include <stdbool.h>
#include <string.h>

#include "engine/kernel/doubles.h"

/* ---- along a row ---- */

enum {
    SUMS = 16,              /* side by side, whatever the registers */
    PARTS = SUMS / DOUBLES, /* registers that they fill */
};

#define EACH_PART                                                                                  \
    UNROLLED                                                                                       \
    for (int p = 0; p < PARTS; p++)

/* Two sums at once, of w (x - origin) and of w (x - origin) (y - origin). Whoever wants one of
 * them, or has no weights (NULL) or no origin (0), pays for nothing else: this is inlined. */
struct terms {
    const float *w, *x, *y;
    double origin;
};

struct totals {
    double first, second;
};

struct lanes {
    doubles first[PARTS], second[PARTS];
};

/* Adds the SUMS terms at i, of which the first `missing` count as 0. */
ALWAYS_INLINE void add_terms(const struct terms *terms, size_t i, int missing,
                             struct lanes *lanes) {
    EACH_PART {
        size_t at = i + (size_t)p * DOUBLES;
        doubles first = doubles_of(terms->x + at) - terms->origin;
        if (terms->w)
            first *= doubles_of(terms->w + at);
        doubles second = first * (doubles_of(terms->y + at) - terms->origin);
        if (missing) {
            first = doubles_without(first, missing - p * DOUBLES);
            second = doubles_without(second, missing - p * DOUBLES);
        }
        lanes->first[p] += first;
        lanes->second[p] += second;
    }
}

/* Halves upon halves. */
ALWAYS_INLINE double lanes_total(const doubles part[PARTS]) {
    double sums[SUMS];
    memcpy(sums, part, sizeof sums);
    UNROLLED
    for (int half = SUMS / 2; half > 0; half /= 2) {
        UNROLLED
        for (int l = 0; l < half; l++)
            sums[l] += sums[l + half];
    }
    return sums[0];
}

/* The last SUMS numbers may overlap those before. */
ALWAYS_INLINE struct totals many(size_t n, const struct terms *terms) {
    struct lanes lanes;
    EACH_PART lanes.first[p] = lanes.second[p] = (doubles){0};
    size_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        add_terms(terms, i, 0, &lanes);
    if (i < n)
        add_terms(terms, n - SUMS, SUMS - (int)(n - i), &lanes);
    return (struct totals){lanes_total(lanes.first), lanes_total(lanes.second)};
}

ALWAYS_INLINE struct totals few(size_t n, const struct terms *terms) {
    struct totals totals = {0, 0};
#pragma GCC unroll 1
    for (size_t i = 0; i < n; i++) {
        double first = (double)terms->x[i] - terms->origin;
        if (terms->w)
            first *= (double)terms->w[i];
        totals.first += first;
        totals.second += first * ((double)terms->y[i] - terms->origin);
    }
    return totals;
}

ALWAYS_INLINE struct totals totals(size_t n, struct terms terms) {
    return n < SUMS ? few(n, &terms) : many(n, &terms);
}

double reduce_sum(size_t n, const float *x) {
    return totals(n, (struct terms){NULL, x, x, 0}).first;
}

double reduce_dot(size_t n, const float *x, const float *y) {
    return totals(n, (struct terms){NULL, x, y, 0}).second;
}

double reduce_squares(size_t n, const float *x, double origin) {
    return totals(n, (struct terms){NULL, x, x, origin}).second;
}

double reduce_distance(size_t n, const float *x, const float *y) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = plus_square(sum, (double)x[i] - (double)y[i]);
    return sum;
}

double reduce_doubles(size_t n, const double *x) {
    doubles part[PARTS];
    size_t i = 0;
    EACH_PART part[p] = (doubles){0};
    for (; i + SUMS <= n; i += SUMS)
        EACH_PART part[p] += *(const doubles_at *)(x + i + (size_t)p * DOUBLES);
    double total = lanes_total(part);
    for (; i < n; i++)
        total += x[i];
    return total;
}

void reduce_weighted(size_t n, const float *w, const float *x, const float *y, double *sum,
                     double *dot) {
    struct totals both =
        w ? totals(n, (struct terms){w, x, y, 0}) : totals(n, (struct terms){NULL, x, y, 0});
    *sum = both.first;
    *dot = both.second;
}

/* ---- down the rows ---- */

enum {
    BLOCK = 4,          /* vectors of columns whose sums stay in registers ... */
    ROWS = 16,          /* ... over so many rows; more would be far apart in memory */
    MOST_CENTRED = 144, /* columns at a time: their centres live on the stack */
};

#define EACH_VECTOR                                                                                \
    UNROLLED                                                                                       \
    for (int v = 0; v < vectors; v++)

/* Sums of x and of x y over rows; whoever wants one of them has NULL for the other, and pays for
 * nothing else: this is inlined. With `centre`, it is taken off x (and y is x). */
struct columns {
    int n, B, D;
    const float *x, *y;
    double *sums, *dots;
    float *centred; /* x, to be written; or NULL */
    const float *high, *low;
};

/* Adds `rows` rows of `vectors` vectors of columns. */
ALWAYS_INLINE void add_rows(const int vectors, int rows, long D, const float *x, const float *y,
                            double *sums, double *dots) {
    doubles sum[BLOCK], dot[BLOCK];
    EACH_VECTOR {
        if (sums)
            sum[v] = *(doubles_at *)(sums + v * DOUBLES);
        if (dots)
            dot[v] = *(doubles_at *)(dots + v * DOUBLES);
    }
    for (int b = 0; b < rows; b++, x += D, y += D)
        EACH_VECTOR {
            doubles at = doubles_of(x + v * DOUBLES);
            if (sums)
                sum[v] += at;
            if (dots)
                dot[v] += at * doubles_of(y + v * DOUBLES);
        }
    EACH_VECTOR {
        if (sums)
            *(doubles_at *)(sums + v * DOUBLES) = sum[v];
        if (dots)
            *(doubles_at *)(dots + v * DOUBLES) = dot[v];
    }
}

static void centre(int rows, int n, long D, const float *restrict high, const float *restrict low,
                   float *x) {
    for (int b = 0; b < rows; b++) {
        float *restrict row = x + b * D;
        for (int j = 0; j < n; j++) /* hot */
            row[j] = (row[j] - high[j]) - low[j];
    }
}

/* Fewer columns than a vector has lanes. */
ALWAYS_INLINE void sum_few_columns(const struct columns c) {
    if (c.centred)
        centre(c.B, c.n, c.D, c.high, c.low, c.centred);
    for (int b = 0; b < c.B; b++)
        for (int j = 0; j < c.n; j++) {
            double at = (double)c.x[(long)b * c.D + j];
            if (c.sums)
                c.sums[j] += at;
            if (c.dots)
                c.dots[j] += at * (double)c.y[(long)b * c.D + j];
        }
}

/* The last vector of columns may overlap its neighbour: its sums are kept apart until the end. */
ALWAYS_INLINE void sum_columns(const struct columns c) {
    double last[2][DOUBLES] = {0};
    double *last_sums = c.sums ? last[0] : NULL, *last_dots = c.dots ? last[1] : NULL;
    int n = c.n;
    if (n < DOUBLES) {
        sum_few_columns(c);
        return;
    }
    for (int b = 0; b < c.B; b += ROWS) {
        int rows = b + ROWS < c.B ? ROWS : c.B - b, j = 0;
        const float *x = c.x + (long)b * c.D, *y = c.y + (long)b * c.D;
        if (c.centred)
            centre(rows, n, c.D, c.high, c.low, c.centred + (long)b * c.D);
        for (; j + BLOCK * DOUBLES <= n; j += BLOCK * DOUBLES)
            add_rows(BLOCK, rows, c.D, x + j, y + j, c.sums ? c.sums + j : NULL,
                     c.dots ? c.dots + j : NULL);
        for (; j + DOUBLES <= n; j += DOUBLES)
            add_rows(1, rows, c.D, x + j, y + j, c.sums ? c.sums + j : NULL,
                     c.dots ? c.dots + j : NULL);
        if (j < n)
            add_rows(1, rows, c.D, x + n - DOUBLES, y + n - DOUBLES, last_sums, last_dots);
    }
    if (n % DOUBLES && c.sums)
        memcpy(c.sums + n - DOUBLES, last_sums, sizeof last[0]);
    if (n % DOUBLES && c.dots)
        memcpy(c.dots + n - DOUBLES, last_dots, sizeof last[1]);
}

static void set_to_zero(int n, double *sums) {
    for (int j = 0; j < n; j++)
        sums[j] = 0;
}

void reduce_columns(int begin, int end, int B, int D, const float *x, double *sums) {
    set_to_zero(end - begin, sums);
    sum_columns((struct columns){
        .n = end - begin, .B = B, .D = D, .x = x + begin, .y = x + begin, .sums = sums});
}

void reduce_columns_and_dot(int begin, int end, int B, int D, const float *x, const float *y,
                            double *sums, double *dots) {
    set_to_zero(end - begin, sums);
    set_to_zero(end - begin, dots);
    sum_columns((struct columns){.n = end - begin,
                                 .B = B,
                                 .D = D,
                                 .x = x + begin,
                                 .y = y + begin,
                                 .sums = sums,
                                 .dots = dots});
}

void reduce_columns_dot(int begin, int end, int B, int D, const float *x, const float *y,
                        double *dots) {
    set_to_zero(end - begin, dots);
    sum_columns((struct columns){
        .n = end - begin, .B = B, .D = D, .x = x + begin, .y = y + begin, .dots = dots});
}

void reduce_centre(int begin, int end, int B, int D, const double *at, float *x, double *squares) {
    for (int first = begin; first < end; first += MOST_CENTRED) {
        int n = end - first < MOST_CENTRED ? end - first : MOST_CENTRED;
        float high[MOST_CENTRED], low[MOST_CENTRED], *block = x + first;
        for (int j = 0; j < n; j++) {
            high[j] = (float)at[first - begin + j];
            low[j] = (float)(at[first - begin + j] - (double)high[j]);
        }
        set_to_zero(n, squares + (first - begin));
        sum_columns((struct columns){.n = n,
                                     .B = B,
                                     .D = D,
                                     .x = block,
                                     .y = block,
                                     .dots = squares + (first - begin),
                                     .centred = block,
                                     .high = high,
                                     .low = low});
    }
}
