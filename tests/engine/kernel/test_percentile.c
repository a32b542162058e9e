/* Percentiles by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/kernel/percentile.h"

static void expect_near(double value, double expected, double tolerance, const char *what) {
    cr_assert(fabs(value - expected) <= tolerance, "%s is %.9g, not %.9g", what, value, expected);
}

Test(percentile, percentiles_interpolate_between_order_statistics) {
    float x[] = {4, 1, 3, 2};
    percentile_sort(4, x);
    expect_near(percentile_of(4, x, 0), 1, 0, "the smallest");
    expect_near(percentile_of(4, x, 15), 1.45, 1e-12, "numpy.percentile([1, 2, 3, 4], 15)");
    expect_near(percentile_of(4, x, 50), 2.5, 1e-12, "the median");
    expect_near(percentile_of(4, x, 100), 4, 0, "the largest");
}

Test(percentile, what_is_not_a_number_stands_last) {
    float x[] = {2, NAN, -1};
    percentile_sort(3, x);
    cr_assert(x[0] == -1 && x[1] == 2 && isnan(x[2]), "%g %g %g", (double)x[0], (double)x[1],
              (double)x[2]);
}
