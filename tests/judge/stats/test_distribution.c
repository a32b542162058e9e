/* Distributions against SciPy's. */
#include "judge/stats/distribution.h"

#include <criterion/criterion.h>

#include "tests/judge/stats/scipy_values.h"

TestSuite(judge_distribution);

#define COUNT(values) (sizeof(values) / sizeof *(values))

/* Relative, where the value is not 0; infinities must be equal. */
static void assert_near(double value, double expected, double tolerance, const char *what,
                        size_t i) {
    double error = value == expected ? 0 : fabs(value - expected) / fabs(expected);
    cr_assert(error <= tolerance, "%s, row %zu: %.17g instead of %.17g", what, i, value, expected);
}

Test(judge_distribution, normal) {
    for (size_t i = 0; i < COUNT(normal_cdf_values); i++)
        assert_near(normal_cdf(normal_cdf_values[i].x), normal_cdf_values[i].p, 1e-12, "normal_cdf",
                    i);
    for (size_t i = 0; i < COUNT(normal_quantile_values); i++)
        assert_near(normal_quantile(normal_quantile_values[i].p), normal_quantile_values[i].x,
                    1e-14, "normal_quantile", i);
    cr_assert(normal_quantile(0) == -INFINITY, "at 0");
}

/* SciPy 1.10 stops searching for a quantile at 1e-8; the next test is stricter. */
Test(judge_distribution, t) {
    for (size_t i = 0; i < COUNT(t_cdf_values); i++)
        assert_near(t_cdf(t_cdf_values[i].t, t_cdf_values[i].nu), t_cdf_values[i].p, 1e-11, "t_cdf",
                    i);
    for (size_t i = 0; i < COUNT(t_quantile_values); i++)
        assert_near(t_quantile(t_quantile_values[i].p, t_quantile_values[i].nu),
                    t_quantile_values[i].t, 1e-8, "t_quantile", i);
}

Test(judge_distribution, t_where_it_is_known) {
    for (size_t i = 0; i < COUNT(t_quantile_values); i++) {
        double p = t_quantile_values[i].p, nu = t_quantile_values[i].nu;
        assert_near(t_cdf(t_quantile(p, nu), nu), p, 1e-11, "there and back", i);
    }
    assert_near(t_quantile(0.975, 1), tan(acos(-1.0) * 0.475), 1e-13, "nu = 1", 0);
    assert_near(t_quantile(0.975, 2), 0.95 * sqrt(2 / (1 - 0.95 * 0.95)), 1e-13, "nu = 2", 0);
}

Test(judge_distribution, beta) {
    for (size_t i = 0; i < COUNT(beta_cdf_values); i++)
        assert_near(beta_cdf(beta_cdf_values[i].x, beta_cdf_values[i].a, beta_cdf_values[i].b),
                    beta_cdf_values[i].p, 1e-12, "beta_cdf", i);
    for (size_t i = 0; i < COUNT(beta_quantile_values); i++)
        assert_near(beta_quantile(beta_quantile_values[i].p, beta_quantile_values[i].a,
                                  beta_quantile_values[i].b),
                    beta_quantile_values[i].x, 1e-12, "beta_quantile", i);
    cr_assert(beta_cdf(0, 2, 3) == 0 && beta_cdf(1, 2, 3) == 1, "at the ends");
}

Test(judge_distribution, binomial) {
    for (size_t i = 0; i < COUNT(binomial_values); i++)
        assert_near(binomial_half_cdf((int)binomial_values[i].k, (int)binomial_values[i].n),
                    binomial_values[i].p, 1e-12, "binomial_half_cdf", i);
}
