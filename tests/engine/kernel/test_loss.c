/* Losses against hand values and the definition in double; extreme outputs; the count of wrong
 * answers. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/kernel/loss.h"
#include "tests/support.h"

enum { K = 7 };
static const double U = 0x1p-24;

static struct target class(int label) {
    return (struct target){.label = label};
}

static double definition(long loss, const double *z, int label) {
    double sum = 0;
    for (int k = 0; k < K; k++)
        sum +=
            loss == LOSS_CROSS_ENTROPY ? exp(z[k] - z[label]) : 0.5 * pow(z[k] - (k == label), 2);
    return loss == LOSS_CROSS_ENTROPY ? log(sum) : sum;
}

static void check_row(long loss, uint32_t stream, double scale) {
    float z[K], g[K];
    double wide[K];
    test_normal(stream, K, 0.5, scale, z);
    test_widen(K, z, wide);
    int label = (int)(stream % K);
    double value = loss_get(loss)->row(z, K, class(label), 0.25f, g),
           expected = definition(loss, wide, label);
    cr_assert(fabs(value - expected) <= 1e-13 * (1 + fabs(expected) + scale),
              "%s: %.15g instead of %.15g", loss_get(loss)->name, value, expected);
    double alone = loss_get(loss)->row(z, K, class(label), 0, NULL);
    cr_assert(alone == value, "%s: %g without the gradient", loss_get(loss)->name, alone);
    for (int k = 0; k < K; k++) { /* central differences in double, extrapolated */
        double estimate[2];
        for (int i = 0; i < 2; i++) {
            double h = 1e-3 / (i + 1), up[K], down[K];
            memcpy(up, wide, sizeof up);
            memcpy(down, wide, sizeof down);
            up[k] += h;
            down[k] -= h;
            estimate[i] = (definition(loss, up, label) - definition(loss, down, label)) / (2 * h);
        }
        double slope = 0.25 * (4 * estimate[1] - estimate[0]) / 3;
        cr_assert(fabs((double)g[k] - slope) <= 2 * U * fabs(slope) + 1e-11 * (1 + scale),
                  "%s, output %d: gradient %.9g instead of %.9g", loss_get(loss)->name, k,
                  (double)g[k], slope);
    }
}

Test(kernel_loss, values_and_gradients) {
    for (uint32_t stream = 500; stream < 540; stream++)
        for (long loss = LOSS_CROSS_ENTROPY; loss <= LOSS_SQUARED; loss++) {
            check_row(loss, stream, 1);
            check_row(loss, stream, 8);
        }
}

/* L = 1/2 sum_k (z_k - t_k)^2 and its slope, z_k - t_k; a one-hot target is a class. */
Test(kernel_loss, numbers_as_targets) {
    const struct loss_kind *squared = loss_get(LOSS_SQUARED);
    cr_assert(squared->takes_values && !loss_get(LOSS_CROSS_ENTROPY)->takes_values,
              "who takes them");
    for (uint32_t stream = 560; stream < 580; stream++) {
        float z[K], t[K], g[K], hot[K] = {0}, of_class[K];
        double expected = 0;
        test_normal(stream, K, 0.5, 3, z);
        test_normal(stream + 100, K, -1, 5, t);
        double value = squared->row(z, K, (struct target){.values = t}, 0.25f, g);
        for (int k = 0; k < K; k++) {
            double d = (double)z[k] - (double)t[k];
            expected += d * d / 2;
            cr_assert(fabs((double)g[k] - d / 4) <= U * fabs(d / 4), "output %d: gradient %.9g", k,
                      (double)g[k]);
        }
        cr_assert(fabs(value - expected) <= 1e-14 * expected, "%.17g, not %.17g", value, expected);
        int label = (int)(stream % K);
        hot[label] = 1;
        value = squared->row(z, K, (struct target){.values = hot}, 0.25f, g);
        expected = squared->row(z, K, class(label), 0.25f, of_class);
        cr_assert(value == expected && !memcmp(g, of_class, sizeof g), "one-hot: %.17g, not %.17g",
                  value, expected);
        cr_assert(isnan(loss_error(z, K, (struct target){.values = t})), "a number was answered");
    }
}

Test(kernel_loss, rows_are_described) {
    cr_assert(!strcmp(loss_get(LOSS_CROSS_ENTROPY)->name, "cross_entropy"), "order of the table");
    cr_assert(!strcmp(loss_get(LOSS_SQUARED)->name, "squared"), "order of the table");
    for (long loss = LOSS_CROSS_ENTROPY; loss <= LOSS_SQUARED; loss++)
        cr_assert(loss_get(loss)->unit && loss_get(loss)->doc, "loss %ld is not described", loss);
}

Test(kernel_loss, extreme_outputs_neither_overflow_nor_lose_the_loss) {
    float right[3] = {1e4f, -1e4f, 0}, wrong[3] = {-1e4f, 1e4f, 0}, g[3];
    double loss = loss_get(LOSS_CROSS_ENTROPY)->row(right, 3, class(0), 1, g);
    cr_assert(loss == 0 && g[0] == 0 && g[1] == 0 && g[2] == 0, "sure and right: loss %g", loss);
    loss = loss_get(LOSS_CROSS_ENTROPY)->row(wrong, 3, class(0), 1, g);
    cr_assert(loss == 2e4, "sure and wrong: loss %g instead of 20000", loss);
    cr_assert(g[0] == -1 && g[1] == 1 && g[2] == 0, "sure and wrong: gradient %g %g %g",
              (double)g[0], (double)g[1], (double)g[2]);
    float close[2] = {1e4f, 1e4f};
    loss = loss_get(LOSS_CROSS_ENTROPY)->row(close, 2, class(1), 1, g);
    cr_assert(fabs(loss - log(2)) < 1e-11, "two equal large outputs: loss %g", loss);
}

Test(kernel_loss, broken_outputs_give_a_loss_that_is_not_finite) {
    static const float values[] = {NAN, INFINITY, -INFINITY};
    for (long loss = LOSS_CROSS_ENTROPY; loss <= LOSS_SQUARED; loss++)
        for (int i = 0; i < 3; i++)
            for (int label = 0; label < 2; label++) {
                float z[2] = {values[i], 0.5f};
                double value = loss_get(loss)->row(z, 2, class(label), 1, NULL);
                bool harmless =
                    i == 2 && label == 1 && loss == LOSS_CROSS_ENTROPY; /* exp(-inf) = 0 */
                cr_assert(isfinite(value) == harmless, "%s of %g, label %d: %g",
                          loss_get(loss)->name, (double)values[i], label, value);
            }
}

/* More classes than the exponentials that are kept: the same loss and gradients. */
Test(kernel_loss, many_classes) {
    enum { MANY = 300 };
    float z[MANY], g[MANY];
    test_normal(550, MANY, 0, 3, z);
    double total = 0, largest = (double)z[0];
    for (int k = 0; k < MANY; k++)
        largest = fmax(largest, (double)z[k]);
    for (int k = 0; k < MANY; k++)
        total += exp((double)z[k] - largest);
    for (int label = 0; label < MANY; label++) {
        double loss = loss_get(LOSS_CROSS_ENTROPY)->row(z, MANY, class(label), 0.5f, g);
        double expected = log(total) + largest - (double)z[label];
        cr_assert(fabs(loss - expected) <= 1e-14 * (1 + fabs(expected)),
                  "label %d: %.17g, not %.17g", label, loss, expected);
        for (int k = 0; k < MANY; k++) {
            double slope = 0.5 * (exp((double)z[k] - largest) / total - (k == label));
            cr_assert(fabs((double)g[k] - slope) <= U * fabs(slope) + 1e-16, "label %d, output %d",
                      label, k);
        }
    }
}

/* The constant prediction that loses least: no other constant does better. */
Test(kernel_loss, constant_prediction_is_the_best_one) {
    static const double p[3] = {0.5, 0.3, 0.2};
    double entropy = -(0.5 * log(0.5) + 0.3 * log(0.3) + 0.2 * log(0.2));
    double best = loss_get(LOSS_CROSS_ENTROPY)->baseline(p, 3);
    cr_assert(fabs(best - entropy) < 1e-15, "cross entropy: %.17g, not %.17g", best, entropy);
    best = loss_get(LOSS_SQUARED)->baseline(p, 3);
    cr_assert(fabs(best - 0.5 * (0.25 + 0.21 + 0.16)) < 1e-15, "squared: %.17g", best);
    static const double uniform[4] = {0.25, 0.25, 0.25, 0.25}, one[2] = {1, 0};
    best = loss_get(LOSS_CROSS_ENTROPY)->baseline(uniform, 4);
    cr_assert(fabs(best - log(4)) < 1e-15, "four equal classes: %.17g", best);
    for (long loss = LOSS_CROSS_ENTROPY; loss <= LOSS_SQUARED; loss++)
        cr_assert(loss_get(loss)->baseline(one, 2) == 0, "one class only: not 0");
    for (int i = 0; i < 200; i++) {
        float z[3];
        test_normal(600 + (uint32_t)i, 3, 0.3, 0.5, z);
        for (long loss = LOSS_CROSS_ENTROPY; loss <= LOSS_SQUARED; loss++) {
            double mean = 0;
            for (int label = 0; label < 3; label++)
                mean += p[label] * loss_get(loss)->row(z, 3, class(label), 0, NULL);
            cr_assert(mean >= loss_get(loss)->baseline(p, 3), "%s: the constant %g %g %g is better",
                      loss_get(loss)->name, (double)z[0], (double)z[1], (double)z[2]);
        }
    }
}

Test(kernel_loss, wrong_answers) {
    float z[4] = {0.1f, 2, 2, -1};
    cr_assert(loss_error(z, 4, class(1)) == 0, "the first of two largest is the answer");
    cr_assert(loss_error(z, 4, class(2)) == 1, "the second of two largest is not the answer");
    cr_assert(loss_error(z, 4, class(0)) == 1 && loss_error(z, 4, class(3)) == 1,
              "smaller outputs are wrong");
    float equal[3] = {0, 0, 0};
    cr_assert(loss_error(equal, 3, class(0)) == 0 && loss_error(equal, 3, class(1)) == 1,
              "all equal: the first");
    for (int at = 0; at < 4; at++) {
        float broken[4] = {1, 2, 3, 4};
        broken[at] = NAN;
        for (int label = 0; label < 4; label++)
            cr_assert(loss_error(broken, 4, class(label)) == 1, "NaN at %d counted as right for %d",
                      at, label);
    }
    float infinite[3] = {0, INFINITY, 1};
    cr_assert(loss_error(infinite, 3, class(1)) == 0, "an infinite output is the largest");
}
