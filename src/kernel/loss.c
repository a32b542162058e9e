#include "kernel/loss.h"

#include <math.h>

#include "kernel/exponential.h"

enum { CHUNK = 128 }; /* classes at a time, whose exponentials are kept on the stack */

static int chunk_size(int K, int first) {
    return K - first < CHUNK ? K - first : CHUNK;
}

static void exponentials(int n, const float *z, double largest, double *exponential) {
    for (int k = 0; k < n; k++) /* hot */
        exponential[k] = exponential_double((double)z[k] - largest);
}

/* g_k = scale softmax_k */
static void scaled_softmax(int n, const double *exponential, double total, double scale, float *g) {
    for (int k = 0; k < n; k++) /* hot */
        g[k] = (float)(scale * (exponential[k] / total));
}

/* L = log sum_k exp(z_k) - z_label; dL/dz_k = softmax_k - [k = label]. In double: the exact log
 * matters for the loss curve, and K is small. */
static double cross_entropy_row(const float *z, int K, int label, float scale, float *g) {
    double largest = (double)z[0], total = 0, exponential[CHUNK];
    for (int k = 1; k < K; k++)
        largest = (double)z[k] > largest ? (double)z[k] : largest;
    for (int first = 0; first < K; first += CHUNK) {
        int n = chunk_size(K, first);
        exponentials(n, z + first, largest, exponential);
        for (int k = 0; k < n; k++)
            total += exponential[k];
    }
    for (int first = 0; g && first < K; first += CHUNK) {
        int n = chunk_size(K, first), at = label - first;
        if (K > CHUNK) /* else they are still there */
            exponentials(n, z + first, largest, exponential);
        scaled_softmax(n, exponential, total, (double)scale, g + first);
        if (at >= 0 && at < n)
            g[label] = (float)((double)scale * (exponential[at] / total - 1));
    }
    return log(total) + largest - (double)z[label];
}

/* The entropy of the class frequencies. */
static double cross_entropy_constant(const double *p, int K) {
    double entropy = 0;
    for (int k = 0; k < K; k++)
        if (p[k] > 0)
            entropy -= p[k] * log(p[k]);
    return entropy;
}

/* L = 1/2 sum_k (z_k - [k = label])^2. */
static double squared_row(const float *z, int K, int label, float scale, float *g) {
    double total = 0;
    for (int k = 0; k < K; k++) {
        double d = (double)z[k] - (k == label);
        total += d * d;
        if (g)
            g[k] = (float)((double)scale * d);
    }
    return total / 2;
}

/* The best constant output is p itself: 1/2 sum_k p_k (1 - p_k). */
static double squared_constant(const double *p, int K) {
    double total = 0;
    for (int k = 0; k < K; k++)
        total += p[k] * (1 - p[k]);
    return total / 2;
}

static const struct loss_kind losses[] = {
    [LOSS_CROSS_ENTROPY] = {"cross_entropy", "nat",
                            "minus the logarithm of the softmax's share of the label",
                            cross_entropy_row, cross_entropy_constant},
    [LOSS_SQUARED] = {"squared", "1",
                      "half the squared distance of the outputs from the one-hot label",
                      squared_row, squared_constant},
};

const struct loss_kind *loss_get(long loss) {
    return &losses[loss];
}

int loss_error(const float *z, int K, int label) {
    int best = 0;
    for (int k = 0; k < K; k++) {
        if (isnan(z[k]))
            return 1;
        if (z[k] > z[best])
            best = k;
    }
    return best != label;
}
