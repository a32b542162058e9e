/* Formulas about a word: what changes under covariate shift, and what under concept shift.
 *
 * Shimodaira 2000, Improving predictive inference under covariate shift by weighting the
 * log-likelihood function: the density of x differs between training and test, that of y given x
 * does not. Here x is normal with deviation 1 and mean 0 in training, `shift` at test, and
 * P(y = 1 | x) = 1 / (1 + exp(-x - turn)), turn 0 in training. What changes is found from examples
 * that are drawn, as one would find it in data. */
#include <math.h>

#include "base/random.h"
#include "judge/compute/formulas_family.h"

enum { SHIFT, TURN };
enum { EXAMPLES = 1000000, BINS = 40, ENOUGH = 4000 };
static const double lowest = -5, width = 0.25;

/* Of examples in bins of x. */
struct sample {
    long n[BINS], ones[BINS];
};

static void draw(uint32_t stream, double shift, double turn, struct sample *sample) {
    struct random_key of_x = {0, RANDOM_TEST, stream}, of_y = {0, RANDOM_TEST, stream + 1};
    *sample = (struct sample){{0}, {0}};
    for (uint64_t i = 0; i < EXAMPLES; i++) {
        double x = shift + random_normal(of_x, i), p = 1 / (1 + exp(-x - turn));
        int bin = (int)floor((x - lowest) / width);
        if (bin < 0 || bin >= BINS)
            continue;
        sample->n[bin]++;
        sample->ones[bin] += random_uniform(of_y, i) < p;
    }
}

static void draw_both(const double *a, struct sample *training, struct sample *test) {
    draw(0, 0, 0, training);
    draw(2, a[SHIFT], a[TURN], test);
}

/* max over bins of |P(y | x) at test - in training|, where both have examples enough: 4,000 leave
 * a deviation of .011 at most */
static double change_of_mapping(const struct config *config, const double *a) {
    struct sample training, test;
    double largest = NAN;
    (void)config;
    draw_both(a, &training, &test);
    for (int i = 0; i < BINS; i++) {
        if (training.n[i] < ENOUGH || test.n[i] < ENOUGH)
            continue;
        double before = (double)training.ones[i] / (double)training.n[i],
               after = (double)test.ones[i] / (double)test.n[i];
        largest = fmax(isnan(largest) ? 0 : largest, fabs(after - before));
    }
    return largest;
}

/* 1/2 sum over bins of |P(x) at test - in training|: the total variation distance */
static double change_of_inputs(const struct config *config, const double *a) {
    struct sample training, test;
    double sum = 0;
    (void)config;
    draw_both(a, &training, &test);
    for (int i = 0; i < BINS; i++)
        sum += fabs((double)test.n[i] - (double)training.n[i]) / EXAMPLES;
    return sum / 2;
}

static const struct formula rows[] = {
    {"change_of_mapping",
     "largest change of P(y given x) from training to test, found from a million examples of each "
     "in bins of x; x moves by `shift`, the mapping by `turn`",
     "1", "shift=2 turn=0", .compute = change_of_mapping},
    {"change_of_inputs", "change of P(x) from training to test, total variation, of the same", "1",
     "shift=2 turn=0", .compute = change_of_inputs},
};

const struct formulas formulas_shift = FORMULAS(rows);
