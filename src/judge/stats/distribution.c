/* The normal, Student's t and the beta distribution, as far as intervals need them. */
#include "judge/stats/distribution.h"

#include <float.h>
#include <math.h>

double normal_cdf(double x) {
    return 0.5 * erfc(-x / sqrt(2.0));
}

enum { TERMS = 8 };

/* (n0 + n1 r + ... + n7 r^7) / (d0 + d1 r + ... + d7 r^7) */
static double ratio(const double numerator[TERMS], const double denominator[TERMS], double r) {
    double n = 0, d = 0;
    for (int i = TERMS - 1; i >= 0; i--) {
        n = n * r + numerator[i];
        d = d * r + denominator[i];
    }
    return n / d;
}

/* |p - 1/2| <= 0.425 */
static double quantile_middle(double q) {
    static const double a[TERMS] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                    1.9715909503065514427e3, 1.3731693765509461125e4,
                                    4.5921953931549871457e4, 6.7265770927008700853e4,
                                    3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double b[TERMS] = {1,
                                    4.2313330701600911252e1,
                                    6.8718700749205790830e2,
                                    5.3941960214247511077e3,
                                    2.1213794301586595867e4,
                                    3.9307895800092710610e4,
                                    2.8729085735721942674e4,
                                    5.2264952788528545610e3};
    return q * ratio(a, b, 0.180625 - q * q);
}

/* r = sqrt(-log(smaller tail)) <= 5 */
static double quantile_near(double r) {
    static const double c[TERMS] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                    5.76949722146069140550e0,  3.64784832476320460504e0,
                                    1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[TERMS] = {1,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
    return ratio(c, d, r - 1.6);
}

static double quantile_far(double r) {
    static const double e[TERMS] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                    1.78482653991729133580e0,  2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[TERMS] = {1,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};
    return ratio(e, f, r - 5);
}

double normal_quantile(double p) {
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return quantile_middle(q);
    double tail = q < 0 ? p : 1 - p;
    if (tail <= 0)
        return q < 0 ? -INFINITY : INFINITY;
    double r = sqrt(-log(tail));
    double z = r <= 5 ? quantile_near(r) : quantile_far(r);
    return q < 0 ? -z : z;
}

/* ---- beta ---- */

/* Away from zero, where the next step divides by it. */
static double apart(double x) {
    return fabs(x) < DBL_MIN ? DBL_MIN : x;
}

/* The continued fraction of the incomplete beta function, Abramowitz & Stegun 26.5.8,
 *     1 / (1 + d1 / (1 + d2 / (1 + ...)))
 *     d(2m) = m (b-m) x / ((a+2m-1)(a+2m)),  d(2m+1) = -(a+m)(a+b+m) x / ((a+2m)(a+2m+1)),
 * by Lentz's method (Thompson & Barnett 1986); it converges fast for x < (a+1) / (a+b+2). */
static double beta_fraction(double x, double a, double b) {
    enum { MOST = 1000 };
    double c = 1, d = 1 / apart(1 - (a + b) * x / (a + 1)), value = d;
    for (int m = 1; m < MOST; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / apart(1 + even * d);
        c = apart(1 + even / c);
        value *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / apart(1 + odd * d);
        c = apart(1 + odd / c);
        value *= d * c;
        if (fabs(d * c - 1) <= 4 * DBL_EPSILON)
            break;
    }
    return value;
}

/* I_x(a, b) = x^a (1-x)^b / (a B(a, b)) * fraction(x), and I_x(a, b) = 1 - I_{1-x}(b, a) */
double beta_cdf(double x, double a, double b) {
    if (x <= 0 || x >= 1)
        return x >= 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

/* By halving: a few microseconds, and nothing that might not converge. */
double beta_quantile(double p, double a, double b) {
    enum { HALVINGS = 200 };
    double low = 0, high = 1;
    for (int i = 0; i < HALVINGS && high - low > DBL_EPSILON * high; i++) {
        double middle = (low + high) / 2;
        *(beta_cdf(middle, a, b) < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* ---- Student's t ---- */

/* P(T <= t) = 1 - I_x(nu/2, 1/2) / 2 for t >= 0, x = nu / (nu + t^2) */
double t_cdf(double t, double nu) {
    double tail = beta_cdf(nu / (nu + t * t), nu / 2, 0.5) / 2;
    return t < 0 ? tail : 1 - tail;
}

double t_quantile(double p, double nu) {
    double tail = p < 0.5 ? p : 1 - p;
    double x = beta_quantile(2 * tail, nu / 2, 0.5);
    double t = sqrt(nu * (1 - x) / x);
    return p < 0.5 ? -t : t;
}

/* ---- binomial ---- */

/* sum_{i <= k} C(n, i) / 2^n */
double binomial_half_cdf(int k, int n) {
    double term = pow(0.5, n), sum = 0;
    for (int i = 0; i <= k && i <= n; i++) {
        sum += term;
        term *= (double)(n - i) / (i + 1);
    }
    return fmin(sum, 1);
}
