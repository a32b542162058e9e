#include "kernel/reduce.h"

enum { LANES = 16 };

static double lanes_total(const double lanes[LANES]) {
    double total = 0;
    for (int l = 0; l < LANES; l++)
        total += lanes[l];
    return total;
}

double reduce_sum(size_t n, const float *x) {
    double lanes[LANES] = {0};
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lanes[l] += (double)x[i + l];
    for (size_t i = whole; i < n; i++)
        lanes[i - whole] += (double)x[i];
    return lanes_total(lanes);
}

double reduce_dot(size_t n, const float *x, const float *y) {
    double lanes[LANES] = {0};
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lanes[l] += (double)x[i + l] * (double)y[i + l];
    for (size_t i = whole; i < n; i++)
        lanes[i - whole] += (double)x[i] * (double)y[i];
    return lanes_total(lanes);
}

void reduce_columns(int begin, int end, int B, int D, const float *x, double *sums) {
    int n = end - begin;
    for (int j = 0; j < n; j++)
        sums[j] = 0;
    for (int b = 0; b < B; b++) {
        const float *row = x + (long)b * D + begin;
        for (int j = 0; j < n; j++)
            sums[j] += (double)row[j];
    }
}
