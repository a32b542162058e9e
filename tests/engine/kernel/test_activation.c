/* Activations and their derivatives, and the exponential below them, against libm in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/kernel/activation.h"
#include "engine/kernel/exponential.h"
#include "tests/support.h"

enum { B = 9, D = 37 };
static const double U = 0x1p-24;

static double value(enum activation f, double z) {
    switch (f) {
    case ACTIVATION_RELU:
        return fmax(z, 0);
    case ACTIVATION_SIGMOID:
        return 1 / (1 + exp(-z));
    case ACTIVATION_TANH:
        return tanh(z);
    case ACTIVATION_IDENTITY:
        return z;
    }
    return NAN;
}

static double derivative(enum activation f, double z) {
    switch (f) {
    case ACTIVATION_RELU:
        return z > 0;
    case ACTIVATION_SIGMOID:
        return 1 / (2 + exp(z) + exp(-z));
    case ACTIVATION_TANH:
        return 1 / pow(cosh(z), 2);
    case ACTIVATION_IDENTITY:
        return 1;
    }
    return NAN;
}

static const char *const names[] = {"relu", "sigmoid", "tanh", "identity"};

static void check_activation(enum activation f, double scale) {
    float z[B * D], a[B * D], g[B * D], before[B * D];
    test_normal(400, B * D, 0, scale, z);
    test_normal(401, B * D, 0, 1, before);
    memcpy(a, z, sizeof a);
    memcpy(g, before, sizeof g);
    for (int half = 0; half < 2; half++) {
        struct span columns = {half ? 20 : 0, half ? D : 20};
        activation_forward(f, columns, B, D, a);
        activation_backward(f, columns, B, D, a, g);
    }
    for (int i = 0; i < B * D; i++) {
        double expected = value(f, (double)z[i]);
        /* a sum, a quotient, and 2 ulp of the exponential */
        cr_assert(fabs((double)a[i] - expected) <= 6 * U * fabs(expected),
                  "%s(%g) is %.9g instead of %.9g", names[f], (double)z[i], (double)a[i], expected);
        /* The slope comes from a float near 1: it is known to the rounding of 1, no better. */
        double slope = derivative(f, (double)z[i]), product = (double)before[i] * slope;
        double allowed = fabs((double)before[i]) * (f < ACTIVATION_IDENTITY && f ? 10 * U : 0);
        cr_assert(fabs((double)g[i] - product) <= allowed, "%s'(%g): %.9g instead of %.9g",
                  names[f], (double)z[i], (double)g[i], product);
    }
}

Test(kernel_activation, values_and_derivatives) {
    static const double scales[] = {1e-3, 1, 10};
    for (int f = ACTIVATION_RELU; f <= ACTIVATION_IDENTITY; f++)
        for (int i = 0; i < 3; i++)
            check_activation((enum activation)f, scales[i]);
}

Test(kernel_activation, edges) {
    float x[] = {0.0f, -0.0f, 1e4f, -1e4f, INFINITY, -INFINITY, NAN};
    enum { N = sizeof x / sizeof *x };
    for (int f = ACTIVATION_RELU; f <= ACTIVATION_IDENTITY; f++) {
        float a[N], g[N];
        memcpy(a, x, sizeof a);
        activation_forward((enum activation)f, (struct span){0, N}, 1, N, a);
        for (int i = 0; i < N - 1; i++) {
            double expected = value((enum activation)f, (double)x[i]);
            cr_assert((double)a[i] == expected || fabs((double)a[i] - expected) < 1e-30,
                      "%s(%g) is %g", names[f], (double)x[i], (double)a[i]);
            g[i] = 1;
        }
        cr_assert(isnan(a[N - 1]), "%s(NaN) is %g: a broken net would look alive", names[f],
                  (double)a[N - 1]);
        activation_backward((enum activation)f, (struct span){0, 4}, 1, N, a, g);
        cr_assert(f != ACTIVATION_RELU || (g[0] == 0 && g[1] == 0), "relu'(0) is not 0");
        for (int i = 2; i < 4; i++)
            cr_assert((double)g[i] == derivative((enum activation)f, (double)x[i]), "%s'(%g) is %g",
                      names[f], (double)x[i], (double)g[i]);
    }
}

Test(kernel_activation, columns_outside_the_span_stay) {
    for (int f = ACTIVATION_RELU; f <= ACTIVATION_IDENTITY; f++) {
        float x[B * D], before[B * D], g[B * D];
        test_normal(410, B * D, 0, 1, before);
        memcpy(x, before, sizeof x);
        memcpy(g, before, sizeof g);
        activation_forward((enum activation)f, (struct span){3, 30}, B, D, x);
        activation_backward((enum activation)f, (struct span){3, 30}, B, D, x, g);
        for (int i = 0; i < B * D; i++)
            if (i % D < 3 || i % D >= 30)
                cr_assert(x[i] == before[i] && g[i] == before[i], "%s wrote column %d", names[f],
                          i % D);
    }
}

Test(kernel_activation, spans_cut_anywhere_give_the_same_bits) {
    for (int f = ACTIVATION_RELU; f <= ACTIVATION_IDENTITY; f++) {
        float whole[B * D], parts[B * D], dwhole[B * D], dparts[B * D];
        test_normal(420, B * D, 0, 2, whole);
        test_normal(421, B * D, 0, 1, dwhole);
        memcpy(parts, whole, sizeof parts);
        memcpy(dparts, dwhole, sizeof dparts);
        activation_forward((enum activation)f, (struct span){0, D}, B, D, whole);
        activation_backward((enum activation)f, (struct span){0, D}, B, D, whole, dwhole);
        for (int j = D - 1; j >= 0; j--) {
            activation_forward((enum activation)f, (struct span){j, j + 1}, B, D, parts);
            activation_backward((enum activation)f, (struct span){j, j + 1}, B, D, parts, dparts);
        }
        cr_assert(!memcmp(whole, parts, sizeof whole), "%s: values", names[f]);
        cr_assert(!memcmp(dwhole, dparts, sizeof dwhole), "%s: derivatives", names[f]);
    }
}

/* ---- every 4001st of all floats, whatever its bits say ---- */

enum { CHUNK = 4096 };
static const uint64_t STRIDE = 4001;

/* Fills x with floats from the pattern *next on; how many. */
static int next_floats(uint64_t *next, float *x) {
    int n = 0;
    for (; n < CHUNK && *next <= UINT32_MAX; *next += STRIDE) {
        uint32_t bits = (uint32_t)*next;
        memcpy(&x[n++], &bits, sizeof bits);
    }
    return n;
}

/* Of float, at v. */
static double last_place(double v) {
    int exponent;
    frexp(fabs(v) < 0x1p-126 ? 0x1p-126 : v, &exponent);
    return ldexp(1, exponent - 24);
}

static void check_value(const char *name, double x, double found, double expected, double allowed) {
    if (isnan(expected))
        cr_assert(isnan(found), "%s(NaN) is %g", name, found);
    else
        cr_assert(fabs(found - expected) <= allowed * last_place(expected),
                  "%s(%a) is %.9g instead of %.9g", name, x, found, expected);
}

/* Largest errors over all floats, units of the last place: 1.04, 0.95, 2.41, 2.50. */
Test(kernel_activation, errors_over_all_floats) {
    float x[CHUNK], sigmoid[CHUNK], tangent[CHUNK];
    for (uint64_t next = 0; next <= UINT32_MAX;) {
        int n = next_floats(&next, x);
        memcpy(sigmoid, x, sizeof x);
        memcpy(tangent, x, sizeof x);
        activation_forward(ACTIVATION_SIGMOID, (struct span){0, n}, 1, n, sigmoid);
        activation_forward(ACTIVATION_TANH, (struct span){0, n}, 1, n, tangent);
        for (int i = 0; i < n; i++) {
            double z = (double)x[i];
            check_value("sigmoid", z, (double)sigmoid[i], value(ACTIVATION_SIGMOID, z), 2.6);
            check_value("tanh", z, (double)tangent[i], value(ACTIVATION_TANH, z), 2.6);
            if (z > 0)
                continue;
            check_value("exp", z, (double)exponential(x[i]), exp(z), 1.1);
            check_value("exp - 1", z, (double)exponential_minus_one(x[i]), expm1(z), 1.1);
        }
    }
}

Test(kernel_activation, the_exponential_in_double) {
    for (double x = 0; x >= -700; x -= x > -2 ? 0x1.23p-10 : 0.0173) {
        long double expected = expl((long double)x);
        double unit = (double)expected - nextafter((double)expected, 0);
        cr_assert(fabsl((long double)exponential_double(x) - expected) <= 2.1L * (long double)unit,
                  "exp(%a) is %.17g instead of %.17Lg", x, exponential_double(x), expected);
    }
    cr_assert(exponential_double(0) == 1 && exponential_double(-1e300) < 1e-300 &&
                  exponential_double((double)-INFINITY) < 1e-300 && isnan(exponential_double(NAN)),
              "the ends");
}

/* A number's result does not depend on its neighbours: the loop over many is one of vectors. */
Test(kernel_activation, one_by_one_gives_the_same_bits) {
    float x[CHUNK], together[CHUNK];
    for (int f = ACTIVATION_RELU; f <= ACTIVATION_IDENTITY; f++)
        for (uint64_t next = 0; next <= UINT32_MAX;) {
            int n = next_floats(&next, x);
            memcpy(together, x, sizeof x);
            activation_forward((enum activation)f, (struct span){0, n}, 1, n, together);
            activation_forward((enum activation)f, (struct span){0, 1}, n, 1, x);
            for (int i = 0; i < n; i++)
                cr_assert(
                    !memcmp(&x[i], &together[i], sizeof *x) || (isnan(x[i]) && isnan(together[i])),
                    "%s: %a alone, %a among others", names[f], (double)x[i], (double)together[i]);
        }
}

Test(kernel_activation, sigmoid_and_tanh_keep_their_shape) {
    float last[2] = {0, -1};
    for (double z = -120; z <= 120; z += 0.0078125) {
        float sigmoid = (float)z, tangent = (float)z, opposite = -(float)z;
        activation_forward(ACTIVATION_SIGMOID, (struct span){0, 1}, 1, 1, &sigmoid);
        activation_forward(ACTIVATION_TANH, (struct span){0, 1}, 1, 1, &tangent);
        activation_forward(ACTIVATION_TANH, (struct span){0, 1}, 1, 1, &opposite);
        cr_assert(sigmoid >= last[0] && sigmoid <= 1, "sigmoid falls, or is beyond 1, at %g", z);
        cr_assert(tangent >= last[1] && tangent <= 1, "tanh falls, or is beyond 1, at %g", z);
        cr_assert(opposite == -tangent, "tanh is not odd at %g", z);
        last[0] = sigmoid;
        last[1] = tangent;
    }
}
