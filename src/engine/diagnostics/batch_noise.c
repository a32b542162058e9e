/* Passes an example in many random mini-batches and takes the variance of what becomes of it. */
#include "engine/diagnostics/batch_noise.h"

#include <string.h>

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct batch_noise *noise = state;
    const struct mlp *mlp = &trainer->mlp;
    size_t n_layers = (size_t)mlp->n_layers;
    noise->row = arena_alloc(arena, n_layers, sizeof *noise->row);
    noise->variance = arena_doubles(arena, n_layers);
    noise->rows = arena_alloc(arena, (size_t)trainer->dataset->n[PART_TRAIN], sizeof *noise->rows);
    noise->exchanged = arena_alloc(arena, (size_t)trainer->B, sizeof *noise->exchanged);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct column_moments counted;
        column_moments_layout(noise->row ? &noise->row[k] : &counted, arena, mlp->layers[k].out);
    }
}

static void exchange(uint32_t *rows, uint32_t i, uint32_t j) {
    uint32_t row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
}

/* rows[0] = example, rows[1 .. B-1] a random choice of the others: the beginning of a Fisher-Yates
 * shuffle, of which `exchanged` keeps what it takes to undo it. */
static void draw_batch(struct batch_noise *noise, const struct trainer *trainer, uint32_t example,
                       uint32_t draw) {
    uint32_t n = (uint32_t)trainer->dataset->n[PART_TRAIN], B = (uint32_t)trainer->B;
    struct random_key key = side_pass_key(trainer, STREAM_BATCHES);
    for (uint32_t i = 0; i < B; i++) {
        uint64_t index = ((uint64_t)example * NOISE_BATCHES + draw) * B + i;
        noise->exchanged[i] = i ? i + random_below(key, index, n - i) : example;
        exchange(noise->rows, i, noise->exchanged[i]);
    }
}

static void undo_draw(struct batch_noise *noise, int B) {
    for (int i = B - 1; i >= 0; i--)
        exchange(noise->rows, (uint32_t)i, noise->exchanged[i]);
}

/* The example is the first row of its mini-batches. */
static void visit_layer(void *argument, enum side_pass_shown what, int k, const float *x) {
    struct batch_noise *noise = argument;
    if (what == SHOWN_NORMALIZED)
        column_moments_add(&noise->row[k], 1, x);
}

static void add_variance(struct batch_noise *noise, int k, int n_examples) {
    const struct column_moments *row = &noise->row[k];
    double squares = 0;
    for (int j = 0; j < row->D; j++)
        squares += row->squares[j];
    noise->variance[k] += squares / (NOISE_BATCHES - 1) / row->D / n_examples;
}

static void measure_example(struct batch_noise *noise, struct side_pass *side, int example,
                            int n_examples) {
    int n_layers = side->mlp.n_layers;
    for (int k = 0; k < n_layers; k++)
        column_moments_clear(&noise->row[k]);
    for (int draw = 0; draw < NOISE_BATCHES; draw++) {
        draw_batch(noise, side->trainer, (uint32_t)example, (uint32_t)draw);
        side_pass_gather(side, noise->rows, 0);
        side_pass_visit_train(side, (uint32_t)draw, visit_layer, noise);
        undo_draw(noise, side->batch.B);
    }
    for (int k = 0; k < n_layers; k++)
        add_variance(noise, k, n_examples);
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct batch_noise *noise = state;
    struct side_pass *side = diagnostics_state(all, &diagnostic_side_pass);
    long n = side->trainer->dataset->n[PART_TRAIN];
    int n_examples = n < NOISE_EXAMPLES ? (int)n : NOISE_EXAMPLES;
    for (long i = 0; i < n; i++)
        noise->rows[i] = (uint32_t)i;
    memset(noise->variance, 0, (size_t)side->mlp.n_layers * sizeof *noise->variance);
    for (int example = 0; example < n_examples; example++)
        measure_example(noise, side, example, n_examples);
    return OK;
}

const struct diagnostic diagnostic_batch_noise = {.name = "batch_noise",
                                                  .reads = {&diagnostic_side_pass},
                                                  .size = sizeof(struct batch_noise),
                                                  .layout = layout,
                                                  .measure = measure};
