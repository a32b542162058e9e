/* Activations and their derivatives, and the exponential below them, against libm in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/kernel/activation.h"
#include "engine/kernel/exponential.h"
#include "tests/oracle/activations.h"
#include "tests/support.h"

enum { B = 9, D = 37 };
static const double U = 0x1p-24;

/* The formula of row *n, or of the next that has one (every_row_has_a_formula names those that have
 * none); NULL past the last. */
static const struct oracle_activation *formula_from(int *n) {
    while (activation_name(*n) && !oracle_activation_find(activation_name(*n)))
        ++*n;
    return activation_name(*n) ? oracle_activation_find(activation_name(*n)) : NULL;
}

Test(kernel_activation, every_row_has_a_formula) {
    for (int i = 0; activation_name(i); i++)
        cr_expect(oracle_activation_find(activation_name(i)),
                  "%s has no formula in tests/oracle/activations.c: nothing says whether its "
                  "values are right",
                  activation_name(i));
    for (int i = 0; oracle_activation_get(i); i++)
        cr_expect(activation_find(oracle_activation_get(i)->name) >= 0, "no activation %s",
                  oracle_activation_get(i)->name);
    cr_expect(activation_find("no such") == -1, "an unknown name was found");
}

/* The formulas of the derivatives against differences of those of the values. */
Test(kernel_activation, slopes_are_differences_of_values) {
    const double h = 1e-5;
    for (int i = 0; oracle_activation_get(i); i++) {
        const struct oracle_activation *f = oracle_activation_get(i);
        for (double z = -6.03; z < 6; z += 0.11) {
            double difference = (f->value(z + h) - f->value(z - h)) / (2 * h);
            cr_assert(fabs(difference - f->slope(z)) <= 1e-9, "%s'(%g): %.12g, differences %.12g",
                      f->name, z, f->slope(z), difference);
        }
    }
}

static void check_activation(const struct activation *f, const struct oracle_activation *exact,
                             double scale) {
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
        double expected = exact->value((double)z[i]);
        /* a sum, a quotient, and 2 ulp of the exponential */
        cr_assert(fabs((double)a[i] - expected) <= 6 * U * fabs(expected),
                  "%s(%g) is %.9g instead of %.9g", f->name, (double)z[i], (double)a[i], expected);
        /* The slope comes from a float near 1: it is known to the rounding of 1, no better. */
        double slope = exact->slope((double)z[i]), product = (double)before[i] * slope;
        double allowed = slope == 0 || slope == 1 ? 0 : 10 * U * fabs((double)before[i]);
        cr_assert(fabs((double)g[i] - product) <= allowed, "%s'(%g): %.9g instead of %.9g", f->name,
                  (double)z[i], (double)g[i], product);
    }
}

Test(kernel_activation, values_and_derivatives) {
    static const double scales[] = {1e-3, 1, 10};
    const struct oracle_activation *exact;
    for (int n = 0; (exact = formula_from(&n)); n++)
        for (int i = 0; i < 3; i++)
            check_activation(activation_get(n), exact, scales[i]);
}

Test(kernel_activation, edges) {
    float x[] = {0.0f, -0.0f, 1e4f, -1e4f, INFINITY, -INFINITY, NAN};
    enum { N = sizeof x / sizeof *x };
    const struct oracle_activation *exact;
    for (int n = 0; (exact = formula_from(&n)); n++) {
        const struct activation *f = activation_get(n);
        float a[N], g[N];
        memcpy(a, x, sizeof a);
        activation_forward(f, (struct span){0, N}, 1, N, a);
        for (int i = 0; i < N - 1; i++) {
            double expected = exact->value((double)x[i]);
            cr_assert((double)a[i] == expected || fabs((double)a[i] - expected) < 1e-30,
                      "%s(%g) is %g", f->name, (double)x[i], (double)a[i]);
            g[i] = 1;
        }
        cr_assert(isnan(a[N - 1]), "%s(NaN) is %g: a broken net would look alive", f->name,
                  (double)a[N - 1]);
        activation_backward(f, (struct span){0, 4}, 1, N, a, g);
        for (int i = exact->kinked ? 0 : 2; i < 4; i++) {
            double slope = exact->slope((double)x[i]);
            cr_assert(fabs((double)g[i] - slope) <= U * slope, "%s'(%g) is %g", f->name,
                      (double)x[i], (double)g[i]);
        }
    }
}

Test(kernel_activation, columns_outside_the_span_stay) {
    for (int row = 0; activation_name(row); row++) {
        const struct activation *f = activation_get(row);
        float x[B * D], before[B * D], g[B * D];
        test_normal(410, B * D, 0, 1, before);
        memcpy(x, before, sizeof x);
        memcpy(g, before, sizeof g);
        activation_forward(f, (struct span){3, 30}, B, D, x);
        activation_backward(f, (struct span){3, 30}, B, D, x, g);
        for (int i = 0; i < B * D; i++)
            if (i % D < 3 || i % D >= 30)
                cr_assert(x[i] == before[i] && g[i] == before[i], "%s wrote column %d", f->name,
                          i % D);
    }
}

Test(kernel_activation, spans_cut_anywhere_give_the_same_bits) {
    for (int row = 0; activation_name(row); row++) {
        const struct activation *f = activation_get(row);
        float whole[B * D], parts[B * D], dwhole[B * D], dparts[B * D];
        test_normal(420, B * D, 0, 2, whole);
        test_normal(421, B * D, 0, 1, dwhole);
        memcpy(parts, whole, sizeof parts);
        memcpy(dparts, dwhole, sizeof dparts);
        activation_forward(f, (struct span){0, D}, B, D, whole);
        activation_backward(f, (struct span){0, D}, B, D, whole, dwhole);
        for (int j = D - 1; j >= 0; j--) {
            activation_forward(f, (struct span){j, j + 1}, B, D, parts);
            activation_backward(f, (struct span){j, j + 1}, B, D, parts, dparts);
        }
        cr_assert(!memcmp(whole, parts, sizeof whole), "%s: values", f->name);
        cr_assert(!memcmp(dwhole, dparts, sizeof dwhole), "%s: derivatives", f->name);
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
    const struct activation *sigmoids = activation_get(activation_find("sigmoid")),
                            *tangents = activation_get(activation_find("tanh"));
    const struct oracle_activation *exact_sigmoid = oracle_activation_find("sigmoid");
    float x[CHUNK], sigmoid[CHUNK], tangent[CHUNK];
    for (uint64_t next = 0; next <= UINT32_MAX;) {
        int n = next_floats(&next, x);
        memcpy(sigmoid, x, sizeof x);
        memcpy(tangent, x, sizeof x);
        activation_forward(sigmoids, (struct span){0, n}, 1, n, sigmoid);
        activation_forward(tangents, (struct span){0, n}, 1, n, tangent);
        for (int i = 0; i < n; i++) {
            double z = (double)x[i];
            check_value("sigmoid", z, (double)sigmoid[i], exact_sigmoid->value(z), 2.6);
            check_value("tanh", z, (double)tangent[i], tanh(z), 2.6);
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
    for (int row = 0; activation_name(row); row++)
        for (uint64_t next = 0; next <= UINT32_MAX;) {
            const struct activation *f = activation_get(row);
            int n = next_floats(&next, x);
            memcpy(together, x, sizeof x);
            activation_forward(f, (struct span){0, n}, 1, n, together);
            activation_forward(f, (struct span){0, 1}, n, 1, x);
            for (int i = 0; i < n; i++)
                cr_assert(
                    !memcmp(&x[i], &together[i], sizeof *x) || (isnan(x[i]) && isnan(together[i])),
                    "%s: %a alone, %a among others", f->name, (double)x[i], (double)together[i]);
        }
}

Test(kernel_activation, sigmoid_and_tanh_keep_their_shape) {
    const struct activation *sigmoids = activation_get(activation_find("sigmoid")),
                            *tangents = activation_get(activation_find("tanh"));
    float last[2] = {0, -1};
    for (double z = -120; z <= 120; z += 0.0078125) {
        float sigmoid = (float)z, tangent = (float)z, opposite = -(float)z;
        activation_forward(sigmoids, (struct span){0, 1}, 1, 1, &sigmoid);
        activation_forward(tangents, (struct span){0, 1}, 1, 1, &tangent);
        activation_forward(tangents, (struct span){0, 1}, 1, 1, &opposite);
        cr_assert(sigmoid >= last[0] && sigmoid <= 1, "sigmoid falls, or is beyond 1, at %g", z);
        cr_assert(tangent >= last[1] && tangent <= 1, "tanh falls, or is beyond 1, at %g", z);
        cr_assert(opposite == -tangent, "tanh is not odd at %g", z);
        last[0] = sigmoid;
        last[1] = tangent;
    }
}
