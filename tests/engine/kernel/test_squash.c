/* tanh and erf in float, and their slopes, against libm in double. */
#include "engine/kernel/squash.h"

#include <criterion/criterion.h>

enum { CHUNK = 512, MANTISSAS = 1 << 13 };

static void tanh_all(int n, const float *restrict x, float *restrict y, float *restrict slope) {
    for (int i = 0; i < n; i++) {
        struct squashed at = squash_tanh(x[i]);
        y[i] = at.value;
        slope[i] = at.slope;
    }
}

static void erf_all(int n, const float *restrict x, float *restrict y, float *restrict slope) {
    for (int i = 0; i < n; i++) {
        struct squashed at = squash_erf(x[i]);
        y[i] = at.value;
        slope[i] = at.slope;
    }
}

static double tanh_slope(double x) {
    return 1 / (cosh(x) * cosh(x));
}

static double erf_slope(double x) {
    return 2 / sqrt(acos(-1)) * exp(-x * x);
}

static const struct function {
    const char *name;
    void (*all)(int n, const float *restrict x, float *restrict y, float *restrict slope);
    double (*value)(double x), (*slope)(double x);
} functions[] = {{"tanh", tanh_all, tanh, tanh_slope}, {"erf", erf_all, erf, erf_slope}};

/* Of the float nearest to v. */
static double last_place(double v) {
    int exponent;
    frexp(fabs((double)(float)v), &exponent);
    return ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
}

/* Of a pattern without its sign: every exponent, and of each so many mantissas, the ends among
 * them. */
static float float_at(uint32_t exponent, uint32_t i) {
    uint32_t mantissa = (uint32_t)((uint64_t)i * 0x7fffffu / (MANTISSAS - 1));
    return exponential_float(exponent << 23 | mantissa);
}

static void check(const struct function *f, int n, const float *x) {
    float y[CHUNK], slope[CHUNK];
    f->all(n, x, y, slope);
    for (int i = 0; i < n; i++) {
        double at = (double)x[i], exact = f->value(at);
        double unit = exact == 0 ? 0x1p-149 : last_place(exact);
        cr_assert(fabs((double)y[i] - exact) <= 2 * unit, "%s(%a) is %a instead of %a", f->name, at,
                  (double)y[i], exact);
        cr_assert(fabs((double)slope[i] - f->slope(at)) <= 2.7 * 0x1p-24,
                  "%s'(%a) is %a instead of %a", f->name, at, (double)slope[i], f->slope(at));
    }
}

/* Largest over all floats: 1.46 and 1.72 units of the last place, 2.3 and 2.6 2^-24. Beyond 2^10
 * both are 1. */
Test(kernel_squash, every_exponent_is_within_two_units_of_the_last_place) {
    float x[CHUNK];
    for (uint32_t exponent = 0; exponent < 127 + 11; exponent++)
        for (uint32_t first = 0; first < MANTISSAS; first += CHUNK) {
            for (uint32_t i = 0; i < CHUNK; i++)
                x[i] = (i % 2 ? -1.0f : 1.0f) * float_at(exponent, first + i);
            for (int k = 0; k < 2; k++)
                check(&functions[k], CHUNK, x);
        }
}

/* Where the formulas change, every float. */
Test(kernel_squash, the_places_where_formulas_meet) {
    static const float places[] = {0.625f, 0.93f, 4, 9, 9.2f};
    float x[CHUNK];
    for (int p = 0; p < 5; p++) {
        uint32_t first = exponential_bits(places[p]) - CHUNK / 2;
        for (uint32_t i = 0; i < CHUNK; i++)
            x[i] = exponential_float(first + i);
        for (int k = 0; k < 2; k++)
            check(&functions[k], CHUNK, x);
    }
}

Test(kernel_squash, the_ends) {
    static const float x[] = {0.0f, -0.0f, 20, -20, 3e38f, -3e38f, INFINITY, -INFINITY, NAN};
    enum { N = sizeof x / sizeof *x };
    for (int k = 0; k < 2; k++) {
        float y[N], slope[N];
        functions[k].all(N, x, y, slope);
        for (int i = 0; i < N - 1; i++) {
            float expected = x[i] == 0 ? x[i] : copysignf(1, x[i]);
            cr_expect(y[i] == expected && !signbit(y[i]) == !signbit(x[i]), "%s(%g) is %g",
                      functions[k].name, (double)x[i], (double)y[i]);
            cr_expect(x[i] == 0 ? slope[i] > 0.99f : slope[i] == 0, "%s'(%g) is %g",
                      functions[k].name, (double)x[i], (double)slope[i]);
        }
        cr_expect(isnan(y[N - 1]) && isnan(slope[N - 1]), "%s(NaN) is %g", functions[k].name,
                  (double)y[N - 1]);
    }
}

/* A number's result does not depend on its neighbours: the loop over many is one of vectors. */
Test(kernel_squash, one_by_one_gives_the_same_bits) {
    float x[CHUNK], y[CHUNK], slope[CHUNK];
    for (uint32_t exponent = 100; exponent < 127 + 5; exponent++) {
        for (uint32_t i = 0; i < CHUNK; i++)
            x[i] = float_at(exponent, 16 * i + exponent % 16);
        for (int k = 0; k < 2; k++) {
            functions[k].all(CHUNK, x, y, slope);
            for (int i = 0; i < CHUNK; i++) {
                float alone[2];
                functions[k].all(1, &x[i], &alone[0], &alone[1]);
                cr_assert(alone[0] == y[i] && alone[1] == slope[i], "%s: %a alone, %a among others",
                          functions[k].name, (double)alone[0], (double)y[i]);
            }
        }
    }
}
