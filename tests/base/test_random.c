#include <criterion/criterion.h>
#include <math.h>

#include "base/random.h"

TestSuite(random);

/* "philox4x32 10" in Random123's kat_vectors (Salmon et al. 2011). The counter is {index, index >>
 * 32, purpose, stream}, the key is the seed; v1 shows in random_normal only. */
static const struct {
    uint64_t index, seed;
    uint32_t purpose, stream, v0, v1;
} known[] = {
    {0, 0, 0, 0, 0x6627e8d5, 0xe169c58d},
    {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, 0x408f276d, 0x41c83b0e},
    {0x85a308d3243f6a88, 0x299f31d0a4093822, 0x13198a2e, 0x03707344, 0xd16cfe09, 0x94fdcceb},
};

Test(random, known_answers) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct random_key key = {known[i].seed, known[i].purpose, known[i].stream};
        double u0 = (known[i].v0 + 0.5) / 4294967296.0, u1 = (known[i].v1 + 0.5) / 4294967296.0;
        double normal = sqrt(-2 * log(u0)) * cos(2 * acos(-1.0) * u1);
        uint32_t bits = random_bits(key, known[i].index);
        cr_assert(bits == known[i].v0, "vector %zu: %08x instead of %08x", i, bits, known[i].v0);
        cr_assert(random_uniform(key, known[i].index) == u0, "vector %zu: uniform", i);
        double error = fabs(random_normal(key, known[i].index) - normal);
        cr_assert(error <= 1e-12, "vector %zu: normal is off by %g", i, error);
    }
}

/* Chi-square of n counts against equal ones, in deviations of its distribution. */
static double chi_square_z(const long *counts, int n_bins, long n) {
    double expected = (double)n / n_bins, chi = 0;
    for (int i = 0; i < n_bins; i++)
        chi += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    return (chi - (n_bins - 1)) / sqrt(2.0 * (n_bins - 1));
}

Test(random, uniform) {
    enum { N = 1 << 18, BINS = 256 };
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct random_key key = {seed, RANDOM_TEST, (uint32_t)seed};
        long counts[BINS] = {0}, low_bits[BINS] = {0};
        for (int i = 0; i < N; i++) {
            double u = random_uniform(key, (uint64_t)i);
            cr_assert(u > 0 && u < 1, "seed %d: %g is not in the open interval", (int)seed, u);
            counts[(int)(u * BINS)]++;
            low_bits[random_bits(key, (uint64_t)i) % BINS]++;
        }
        double z = chi_square_z(counts, BINS, N), z_low = chi_square_z(low_bits, BINS, N);
        cr_assert(fabs(z) <= 4.5, "seed %d: chi-square off by %g deviations", (int)seed, z);
        cr_assert(fabs(z_low) <= 4.5, "seed %d: low bits off by %g deviations", (int)seed, z_low);
    }
}

Test(random, below) {
    enum { N = 200000 };
    const uint32_t limits[] = {1, 2, 3, 10, 255, 1000};
    struct random_key key = {7, RANDOM_TEST, 0};
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        long counts[1000] = {0};
        for (int i = 0; i < N; i++) {
            uint32_t value = random_below(key, (uint64_t)i, limits[l]);
            cr_assert(value < limits[l], "%u is not below %u", value, limits[l]);
            counts[value]++;
        }
        double z = limits[l] < 2 ? 0 : chi_square_z(counts, (int)limits[l], N);
        cr_assert(fabs(z) <= 4.5, "below %u: chi-square off by %g deviations", limits[l], z);
    }
}

Test(random, normal_moments) {
    enum { N = 1 << 18 };
    struct random_key key = {0, RANDOM_TEST, 3};
    double sum[5] = {0};
    for (int i = 0; i < N; i++) {
        double z = random_normal(key, (uint64_t)i), power = 1;
        for (int p = 0; p < 5; p++, power *= z)
            sum[p] += power / N;
    }
    /* Errors of the moments of N normal numbers: sqrt of 1/N, 2/N, 15/N, 96/N. */
    const double expected[5] = {1, 0, 1, 0, 3}, variance[5] = {0, 1, 2, 15, 96};
    for (int p = 1; p < 5; p++) {
        double z = (sum[p] - expected[p]) / sqrt(variance[p] / N);
        cr_assert(fabs(z) <= 4.5, "moment %d is %g: off by %g deviations", p, sum[p], z);
    }
}

/* Correlation, times sqrt(n), of two sequences of uniforms: about a normal number. */
static double correlation_z(struct random_key a, struct random_key b, int shift) {
    enum { N = 1 << 16 };
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += (random_uniform(a, (uint64_t)i) - 0.5) *
               (random_uniform(b, (uint64_t)(i + shift)) - 0.5);
    return 12 * sum / sqrt(N);
}

Test(random, purposes_streams_and_seeds_are_independent) {
    const struct random_key key = {0, RANDOM_INIT, 0};
    const struct random_key others[] = {
        {0, RANDOM_ORDER, 0}, {0, RANDOM_NOISE, 0},         {0, RANDOM_DATA, 0},
        {0, RANDOM_TEST, 0},  {0, RANDOM_INIT, 1},          {1, RANDOM_INIT, 0},
        {2, RANDOM_INIT, 0},  {1ull << 32, RANDOM_INIT, 0},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (int shift = 0; shift < 2; shift++) {
            double z = correlation_z(key, others[i], shift);
            cr_assert(fabs(z) <= 4.5, "key %zu, shift %d: correlated by %g deviations", i, shift,
                      z);
        }
    double z = correlation_z(key, key, 1);
    cr_assert(fabs(z) <= 4.5, "neighbours are correlated by %g deviations", z);
    cr_assert(correlation_z(key, key, 0) > 100, "the check itself sees no correlation");
}

Test(random, order_of_drawing_changes_nothing) {
    struct random_key key = {42, RANDOM_NOISE, 5}, other = {42, RANDOM_INIT, 5};
    uint32_t first = random_bits(key, 1000);
    for (uint64_t i = 0; i < 100; i++)
        (void)random_bits(other, i), (void)random_normal(key, i);
    cr_assert(random_bits(key, 1000) == first, "a value depends on what was drawn before");
}
