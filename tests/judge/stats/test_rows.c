/* Two-way analysis of variance by hand, against its definition, and with folds. */
#include "judge/stats/rows.h"

#include <criterion/criterion.h>
#include <math.h>

#include "base/random.h"

TestSuite(judge_rows);

enum { SEEDS = 6, ROWS = 200 };

static void assert_near(double value, double expected, const char *what) {
    cr_assert(fabs(value - expected) <= 1e-12 * (1 + fabs(expected)), "%s: %.17g instead of %.17g",
              what, value, expected);
}

Test(judge_rows, differences_of_packed_bits) {
    const uint64_t more[] = {0x8000000000000005, 0x3}, less[] = {0x4, 0x2};
    int x[66] = {0};
    rows_add(more, less, 66, x);
    rows_add(more, less, 66, x);
    for (int r = 0; r < 66; r++)
        cr_assert(x[r] == (r == 0 || r == 63 || r == 64 ? 2 : 0), "row %d: %d", r, x[r]);
    rows_add(less, more, 66, x);
    cr_assert(x[0] == 1 && x[2] == 0 && x[63] == 1, "%d %d %d", x[0], x[2], x[63]);
}

/* Seeds 1 0 -1, 1 1 -1: means of rows 1, .5, -1, of seeds 0, 1/3, of all 1/6.
 * MS rows 2 (25/36 + 4/36 + 49/36) / 2 = 78/36; rest 2 (1/36 + 4/36 + 1/36) / 2 = 6/36. */
Test(judge_rows, two_seeds_and_three_rows_by_hand) {
    const int one[] = {1, 0, -1}, two[] = {1, 1, -1};
    const struct seed_rows seeds[] = {{3, -1, one}, {3, -1, two}};
    struct row_parts parts = rows_parts(2, seeds, 1);
    assert_near(parts.ms_rows, 78 / 36.0, "rows");
    assert_near(parts.ms_rest, 6 / 36.0, "rest");
    assert_near(parts.variance, (78 / 36.0 - 6 / 36.0) / 6, "V");
    cr_assert(parts.m == 3, "%g rows", parts.m);
    parts = rows_parts(2, seeds, 2);
    assert_near(parts.variance, (78 / 36.0 - 6 / 36.0) / 6 / 4, "V of an average of two strata");
}

/* Rows of which some are hard for both arms alike, and some for one. */
static void draw(int x[SEEDS][ROWS]) {
    const struct random_key key = {21, RANDOM_TEST, 0};
    for (int i = 0; i < SEEDS; i++)
        for (int r = 0; r < ROWS; r++) {
            uint32_t drawn = random_below(key, (uint64_t)(i * ROWS + r), 20);
            x[i][r] = r % 10 == 0 ? 1 : drawn == 0 ? -1 : drawn < 3;
        }
}

Test(judge_rows, is_the_definition) {
    static int x[SEEDS][ROWS];
    struct seed_rows seeds[SEEDS];
    double of_row[ROWS] = {0}, of_seed[SEEDS] = {0}, all = 0, rows = 0, rest = 0;
    draw(x);
    for (int i = 0; i < SEEDS; i++) {
        seeds[i] = (struct seed_rows){ROWS, 0, x[i]};
        for (int r = 0; r < ROWS; r++) {
            of_row[r] += x[i][r] / (double)SEEDS;
            of_seed[i] += x[i][r] / (double)ROWS;
            all += x[i][r] / (double)(SEEDS * ROWS);
        }
    }
    for (int r = 0; r < ROWS; r++) {
        rows += SEEDS * pow(of_row[r] - all, 2) / (ROWS - 1);
        for (int i = 0; i < SEEDS; i++)
            rest += pow(x[i][r] - of_row[r] - of_seed[i] + all, 2) / ((ROWS - 1) * (SEEDS - 1));
    }
    struct row_parts parts = rows_parts(SEEDS, seeds, 1);
    assert_near(parts.ms_rows, rows, "rows");
    assert_near(parts.ms_rest, rest, "rest");
    assert_near(parts.variance, (rows - rest) / (SEEDS * ROWS), "V");
}

static double covariance(const int *x, const int *y) {
    double sum_x = 0, sum_y = 0, products = 0;
    for (int r = 0; r < ROWS; r++) {
        sum_x += x[r];
        sum_y += y[r];
        products += (double)x[r] * y[r];
    }
    return (products - sum_x * sum_y / ROWS) / (ROWS - 1);
}

/* Seeds 0 and 3, 1 and 4 share a fold, 2 and 5 are alone: two pairs of fifteen. */
Test(judge_rows, of_folds_only_seeds_on_the_same_rows_vary_together) {
    static int x[SEEDS][ROWS];
    static const int folds[SEEDS] = {0, 1, 2, 0, 1, 5};
    struct seed_rows seeds[SEEDS];
    draw(x);
    for (int i = 0; i < SEEDS; i++)
        seeds[i] = (struct seed_rows){ROWS, folds[i], x[i]};
    struct row_parts parts = rows_parts(SEEDS, seeds, 1);
    double k = (covariance(x[0], x[3]) + covariance(x[1], x[4])) / 15;
    cr_assert(k > 0, "%g", k);
    assert_near(parts.variance, k / ROWS, "V");
    for (int i = 0; i < SEEDS; i++)
        seeds[i].fold = i;
    parts = rows_parts(SEEDS, seeds, 1);
    cr_assert(parts.variance == 0, "no two seeds on the same rows: %g", parts.variance);
}

Test(judge_rows, what_has_no_variance) {
    const int x[] = {1, 0, 1}, y[] = {0, 1, 0};
    const struct seed_rows one[] = {{3, -1, x}, {3, -1, y}}, single[] = {{1, -1, x}, {1, -1, y}};
    struct row_parts parts = rows_parts(2, one, 1);
    cr_assert(parts.variance == 0 && parts.ms_rows < parts.ms_rest, "opposite rows: %g",
              parts.variance);
    cr_assert(rows_parts(1, one, 1).variance == 0 && rows_parts(2, single, 1).variance == 0,
              "one seed, one row");
}

/* h = .4 and .8 beside 1.96^2 x .25 = .9604 */
Test(judge_rows, interval_by_hand) {
    struct interval both = rows_interval(1, (struct interval){0.6, 1.8}, 0.25);
    assert_near(both.low, 1 - sqrt(0.16 + 0.9604), "low");
    assert_near(both.high, 1 + sqrt(0.64 + 0.9604), "high");
    both = rows_interval(1, (struct interval){0.6, 1.8}, 0);
    cr_assert(both.low == 0.6 && both.high == 1.8, "without rows: [%g, %g]", both.low, both.high);
    both = rows_interval(1, (struct interval){1.1, 1.8}, 0.25);
    assert_near(both.low, 1 - 0.98, "an end on the wrong side of the estimate");
}
