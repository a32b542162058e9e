/* The noise of mini-batches against theory, and where there is none. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/diagnostics/batch_noise.h"
#include "tests/engine/probe/probed_run.h"

enum { FEATURES = 6 };

static double first_noise(const char *kind, long placement, long B, long n_train) {
    struct run_config config = probed_config(kind, placement);
    config.train.batch_size = B;
    struct test_data *data = test_data_create(9, FEATURES, 3, n_train, 0, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    struct diagnostics diagnostics;
    cr_assert(!diagnostics_create(&diagnostics, trainer, diagnostic_set(&diagnostic_batch_noise)),
              "%s", status_message());
    cr_assert(!diagnostics_measure(&diagnostics, diagnostic_set(&diagnostic_batch_noise)), "%s",
              status_message());
    const struct batch_noise *noise = diagnostics_state(&diagnostics, &diagnostic_batch_noise);
    double variance = noise->variance[0];
    diagnostics_free(&diagnostics);
    trainer_free(trainer);
    test_data_free(data);
    return variance;
}

/* Least squares of ln(variance) on ln(m). Ioffe & Szegedy 2015, section 3.4, give no law; 1/m is
 * that of means and variances of m independent rows. */
Test(batch_noise, noise_of_batch_norm_falls_as_one_over_the_mini_batch) {
    static const long sizes[] = {8, 16, 32, 64, 128};
    enum { N = sizeof sizes / sizeof *sizes };
    double x[N], y[N], mean_x = 0, mean_y = 0, xy = 0, xx = 0;
    for (int i = 0; i < N; i++) {
        x[i] = log((double)sizes[i]);
        y[i] = log(first_noise("batch", NORM_BEFORE, sizes[i], 4000));
        mean_x += x[i] / N;
        mean_y += y[i] / N;
    }
    for (int i = 0; i < N; i++) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += pow(x[i] - mean_x, 2);
    }
    cr_assert(fabs(xy / xx + 1) <= 0.15, "slope %g, not -1", xy / xx);
}

/* With mean and variance of the rows around it, (x - mean) / deviation of a normal unit has the
 * variance (1 + z^2 / 2) / m to first order; 1.5 / m on average over normal z. */
Test(batch_noise, noise_of_batch_norm_has_the_size_that_theory_gives_it) {
    double m = 64, expected = 1.5 / m, noise = first_noise("batch", NORM_BEFORE, 64, 4000);
    cr_assert(noise > 0.6 * expected && noise < 1.6 * expected, "%g, not about %g", noise,
              expected);
}

/* No row may be drawn twice: all rows in whatever order are the same mini-batch. */
Test(batch_noise, a_mini_batch_of_all_rows_is_no_noise) {
    double noise = first_noise("batch", NORM_AFTER, 40, 40);
    cr_assert(noise <= 1e-12, "variance %g", noise);
    double less = first_noise("batch", NORM_AFTER, 39, 40);
    cr_assert(less > 1e-8, "one row left out at random: variance %g", less);
}

Test(batch_noise, no_noise_where_examples_do_not_meet) {
    cr_assert(first_noise("none", NORM_BEFORE, 10, 50) == 0, "none");
    cr_assert(first_noise("layer", NORM_BEFORE, 10, 50) == 0, "layer norm");
    cr_assert(first_noise("layer", NORM_AFTER, 10, 50) == 0, "layer norm after");
}
