/* How activations are spread: cases worked by hand, and a network's. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "engine/diagnostics/ranges.h"
#include "engine/diagnostics/snapshot.h"
#include "engine/kernel/percentile.h"
#include "tests/engine/probe/probed_run.h"

static struct range_layer range_of_values(int n, float *values) {
    percentile_sort((size_t)n, values);
    return range_of((size_t)n, values);
}

Test(ranges, entropy_and_range_of_what_can_be_worked_by_hand) {
    enum { N = 14000 };
    float *a = test_memory(N, sizeof *a);
    for (int i = 0; i < N; i++) /* even, in no order: 4099 and N have no common factor */
        a[i] = (float)((long)i * 4099 % N) / (N - 1);
    struct range_layer range = range_of_values(N, a);
    probed_expect(range.entropy, log(100), 1e-3, "entropy of an even spread over 100 bins");
    probed_expect(range.smallest, 0, 0, "smallest");
    probed_expect(range.largest, 1, 0, "largest");
    probed_expect(range.low, 0.001, 1e-6, "0.1th percentile");
    probed_expect(range.high, 0.999, 1e-6, "99.9th percentile");
    for (int i = 0; i < N; i++)
        a[i] = i % 4 ? -1 : 1;
    probed_expect(range_of_values(N, a).entropy, -0.75 * log(0.75) - 0.25 * log(0.25), 1e-12,
                  "entropy of a quarter and three quarters");
    for (int i = 0; i < N; i++)
        a[i] = 0.7f;
    probed_expect(range_of_values(N, a).entropy, 0, 0, "entropy of a constant");
    free(a);
}

Test(ranges, ranges_are_those_of_the_samples_activations) {
    struct run_config config = probed_config("batch", NORM_BEFORE);
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    probed_measure(run, diagnostic_set(&diagnostic_ranges));
    for (int k = 0; k < 2; k++) {
        int n = PROBED_ROWS * run->trainer->mlp.layers[k].out;
        const struct sample *sample = diagnostics_state(&run->diagnostics, &diagnostic_sample);
        const float *a = sample->workspace.a[k];
        double smallest = INFINITY, largest = -INFINITY;
        for (int i = 0; i < n; i++) {
            smallest = fmin(smallest, (double)a[i]);
            largest = fmax(largest, (double)a[i]);
        }
        probed_expect(probed_value(run, PROBE_LAYER, "activation_range", k), largest - smallest, 0,
                      "activation_range");
        double low = probed_value(run, PROBE_LAYER, "activation_low", k),
               high = probed_value(run, PROBE_LAYER, "activation_high", k),
               entropy = probed_value(run, PROBE_LAYER, "activation_entropy", k);
        cr_assert(smallest <= low && low < high && high <= largest, "%g %g", low, high);
        cr_assert(entropy > 0 && entropy <= log(100), "entropy %g", entropy);
    }
    probed_free(run);
}
