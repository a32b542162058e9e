/* Spirals in the plane, one arm a class. */
#include <math.h>
#include <stddef.h>

#include "engine/data/generated_rows.h"

static const double spiral_turns = 1.0;

/* Arm k of K: radius r uniform in 0..1, angle 2 pi (turns r + k/K), and noise on both coordinates.
 */
static void fill_spirals(const struct data_config *config, const void *context,
                         struct random_key key, long n, const uint8_t *labels, float *values) {
    (void)context;
    const double two_pi = 6.283185307179586;
    for (long i = 0; i < n; i++) {
        uint64_t index = 3 * (uint64_t)i;
        double r = random_uniform(key, index);
        double angle = two_pi * (spiral_turns * r + labels[i] / (double)config->classes);
        values[2 * i] = (float)(r * cos(angle) + config->spread * random_normal(key, index + 1));
        values[2 * i + 1] =
            (float)(r * sin(angle) + config->spread * random_normal(key, index + 2));
    }
}

static enum status open_spirals(const struct source_kind *kind, const struct data_config *config,
                                struct data_source *source) {
    (void)kind;
    return generated_fill(config, 2, fill_spirals, NULL, source);
}

const struct source_kind source_spirals = {
    .name = "spirals",
    .title = "spirals",
    .reads = READS_SIZES | READS_SPREAD,
    .open = open_spirals,
};
