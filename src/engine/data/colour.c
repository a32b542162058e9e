/* Colours: whose a row has, and how dark. */
#include "engine/data/colour.h"

#include <math.h>

enum stream { TRAIN_ROWS, TEST_ROWS, BATCHES };

enum status colour_set(const struct colour_config *config, int K, struct colour *colour) {
    *colour = (struct colour){
        .kind = (enum data_colour)config->kind,
        .test = (enum test_colour)config->test,
        .strength = (float)config->strength,
        .seed = (uint64_t)config->seed,
    };
    for (int i = 0; i < config->n_black; i++) {
        double class = config->black[i];
        if (!(class >= 0 && class < K) || class != floor(class))
            return fail_key(ERROR_USAGE, "data.colour_black", "no class %g; they are 0 to %d",
                            class, K - 1);
        if (colour->black[(int)class])
            return fail_key(ERROR_USAGE, "data.colour_black", "class %g is named twice", class);
        colour->black[(int)class] = true;
    }
    return OK;
}

/* Half of the numbers are black. */
static bool draws_black(uint64_t seed, enum stream stream, uint64_t index) {
    return random_bits((struct random_key){seed, RANDOM_COLOUR, stream}, index) >> 31;
}

static bool row_is_black(const struct colour *colour, bool test, long row) {
    return draws_black(colour->seed, test ? TEST_ROWS : TRAIN_ROWS, (uint64_t)row);
}

/* f(seed, step) or f(seed, step, label); labels are less than 256. */
static bool batch_is_black(const struct colour *colour, const struct colour_batch *batch,
                           int label) {
    uint64_t class = colour->kind == COLOUR_CLASS_IN_BATCH ? (uint64_t)label : 0;
    return draws_black(batch->seed, BATCHES, ((uint64_t)batch->step << 8) + class);
}

static bool is_black(const struct colour *colour, const struct colour_batch *batch, bool test,
                     long row, int label) {
    bool by_class = colour->kind == COLOUR_CLASS;
    if (by_class && !(test && colour->test == TEST_COLOUR_FREE))
        return colour->black[label] != (test && colour->test == TEST_COLOUR_SWAPPED);
    if (batch && (colour->kind == COLOUR_BATCH || colour->kind == COLOUR_CLASS_IN_BATCH))
        return batch_is_black(colour, batch, label);
    return row_is_black(colour, test, row);
}

float colour_tint(const struct colour *colour, const struct colour_batch *batch, bool test,
                  long row, int label) {
    if (colour->kind == COLOUR_NONE)
        return 0;
    bool black = is_black(colour, batch, test, row, label);
    return black ? -colour->strength : colour->strength;
}
