/* The sign-flip permutation test of the interquartile mean: were each difference as likely to have
 * come out with the other sign, how often would the mean be as large as it is? */
#pragma once

/* One-sided: the share of sign patterns with an interquartile mean at least (at most) that of the
 * data. */
struct flip_test {
    double upper, lower;
};

/* All 2^n patterns for n <= FLIPS_EXACT, else FLIPS_RANDOM of them in mirrored pairs, the data's
 * own among them (so p is never 0, and the test valid: Hemerik & Goeman 2018). They flip seeds, not
 * sizes: the same patterns for every shift of the data, so that p is monotone in the shift.
 *
 * Values of equal size count as if the later one in x were larger by an infinitesimal part:
 * otherwise data that are all the same could not be told from noise. A group of equal sizes u has
 * u, u (1 + e), u (1 + 2 e), ...; means that are equal are compared by their parts in e, and count
 * as equal only if those are, too. What differs by no more than `rounding` is equal.
 *
 * n >= 1. Microseconds at n = 10, milliseconds at 16. -x gives the mirrored p to the bit. Exact for
 * symmetric data; at .025 false alarms away from it reach .06 on the side of a long tail
 * (docs/statistics.md). */
enum { FLIPS_EXACT = 16, FLIPS_RANDOM = 1 << 16 };
struct flip_test sign_flip_test(const double *x, int n, double rounding);

/* The smallest one-sided p that n values can reach: 2^floor(n/4) / 2^n, because the sign of a value
 * that is trimmed in either case changes nothing. */
double sign_flip_floor(int n);

/* How small an effect n seeds that scatter like x could have shown: with 80 % power, at a
 * one-sided level. The scatter is x - its interquartile mean, times sqrt(n/(n-1)), n of them drawn
 * with replacement FLIP_POWER_DRAWS times. (For n > 10 the power counts 1,024 random patterns.)
 *
 * effect: the smallest true shift that the test finds above `delta`.
 * margin: the smallest m for which a true shift of 0 is found to lie within -m and m.
 *
 * variance: of the estimate by the choice of the rows (rows.h), V; the tests are those over seeds
 * and rows then, and the scatter has V's, too. 0: over seeds.
 *
 * NaN where n cannot reach the level at all. Some tenths of a second. */
enum { FLIP_POWER_DRAWS = 200 };
struct flip_power {
    double effect, margin;
};
struct flip_power sign_flip_power(const double *x, int n, double delta, double level,
                                  double variance);
