/* The table of losses, and what each computes of a row. */
#include "engine/kernel/loss.h"

#include <math.h>

#include "engine/kernel/exponential.h"
#include "engine/kernel/reduce.h"

enum { CHUNK = 128 }; /* classes at a time, whose exponentials are kept on the stack */

static int chunk_size(int K, int first) {
    return K - first < CHUNK ? K - first : CHUNK;
}

static void exponentials(int n, const float *z, double largest, double *exponential) {
    for (int k = 0; k < n; k++) /* hot */
        exponential[k] = exponential_double((double)z[k] - largest);
}

enum { SIDE = 8 }; /* running results side by side, so that none waits for the one before */

static double largest_of(int n, const float *z) {
    float part[SIDE];
    for (int l = 0; l < SIDE; l++)
        part[l] = z[0];
    int k = 0;
    for (; k + SIDE <= n; k += SIDE)
        for (int l = 0; l < SIDE; l++)
            part[l] = z[k + l] > part[l] ? z[k + l] : part[l];
    for (int l = 0; k + l < n; l++)
        part[l] = z[k + l] > part[l] ? z[k + l] : part[l];
    for (int l = 1; l < SIDE; l++)
        part[0] = part[l] > part[0] ? part[l] : part[0];
    return (double)part[0];
}

static double sum_of(int n, const double *x) {
    double part[SIDE] = {0};
    int k = 0;
    for (; k + SIDE <= n; k += SIDE)
        for (int l = 0; l < SIDE; l++)
            part[l] += x[k + l];
    for (int l = 0; k + l < n; l++)
        part[l] += x[k + l];
    return ((part[0] + part[4]) + (part[2] + part[6])) +
           ((part[1] + part[5]) + (part[3] + part[7]));
}

/* g_k = factor exponential_k */
static void scaled_softmax(int n, const double *exponential, double factor, float *g) {
    for (int k = 0; k < n; k++) /* hot */
        g[k] = (float)(factor * exponential[k]);
}

/* L = log sum_k exp(z_k) - z_label; dL/dz_k = softmax_k - [k = label]. In double: the exact log
 * matters for the loss curve, and K is small. */
static double cross_entropy_row(const float *z, int K, struct target target, float scale,
                                float *g) {
    int label = target.label;
    double largest = largest_of(K, z), total = 0, exponential[CHUNK];
    for (int first = 0; first < K; first += CHUNK) {
        int n = chunk_size(K, first);
        exponentials(n, z + first, largest, exponential);
        total += sum_of(n, exponential);
    }
    for (int first = 0; g && first < K; first += CHUNK) {
        int n = chunk_size(K, first), at = label - first;
        if (K > CHUNK) /* else they are still there */
            exponentials(n, z + first, largest, exponential);
        scaled_softmax(n, exponential, (double)scale / total, g + first);
        if (at >= 0 && at < n)
            g[label] = (float)((double)scale * (exponential[at] / total - 1));
    }
    return log(total) + largest - (double)z[label];
}

/* The entropy of the class frequencies. */
static double cross_entropy_baseline(const double *p, int K) {
    double entropy = 0;
    for (int k = 0; k < K; k++)
        if (p[k] > 0)
            entropy -= p[k] * log(p[k]);
    return entropy;
}

/* L = 1/2 sum_k (z_k - t_k)^2; of a class t_k = [k = label]. */
static double squared_row(const float *z, int K, struct target target, float scale, float *g) {
    const float *t = target.values;
    double total = 0;
    for (int k = 0; k < K; k++) {
        double d = (double)z[k] - (t ? (double)t[k] : (double)(k == target.label));
        total = plus_square(total, d);
        if (g)
            g[k] = (float)((double)scale * d);
    }
    return total / 2;
}

/* The best constant output is p itself: 1/2 sum_k p_k (1 - p_k). */
static double squared_baseline(const double *p, int K) {
    double total = 0;
    for (int k = 0; k < K; k++)
        total = plus_product(total, p[k], 1 - p[k]);
    return total / 2;
}

static const struct loss_kind losses[] = {
    [LOSS_CROSS_ENTROPY] = {"cross_entropy", "nat",
                            "minus the logarithm of the softmax's share of the label", false,
                            cross_entropy_row, cross_entropy_baseline},
    [LOSS_SQUARED] =
        {"squared", "1",
         "half the squared distance of the outputs from the one-hot label, or from the "
         "row's target",
         true, squared_row, squared_baseline},
};

const struct loss_kind *loss_get(long loss) {
    return &losses[loss];
}

const char *loss_name(int index) {
    return (size_t)index < sizeof losses / sizeof *losses ? losses[index].name : NULL;
}

/* The first of the largest is the answer: right where all before the label are less, and none after
 * it is more. No comparison holds with NaN. */
double loss_error(const float *z, int K, struct target target) {
    if (target.values)
        return NAN;
    int label = target.label;
    float right = z[label];
    int wrong = isnan(right);
    for (int k = 0; k < label; k++)
        wrong |= !(z[k] < right);
    for (int k = label + 1; k < K; k++)
        wrong |= !(z[k] <= right);
    return wrong;
}
