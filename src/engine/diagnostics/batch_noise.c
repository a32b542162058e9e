#include "engine/diagnostics/batch_noise.h"

#include <string.h>

void noise_study_layout(struct noise_study *study, struct arena *arena,
                        const struct trainer *trainer) {
    const struct mlp *mlp = &trainer->mlp;
    size_t n_layers = (size_t)mlp->n_layers;
    study->row = arena_alloc(arena, n_layers, sizeof *study->row);
    study->variance = arena_doubles(arena, n_layers);
    study->rows = arena_alloc(arena, (size_t)trainer->dataset->n[PART_TRAIN], sizeof *study->rows);
    study->exchanged = arena_alloc(arena, (size_t)trainer->B, sizeof *study->exchanged);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct unit_moments counted;
        unit_moments_layout(study->row ? &study->row[k] : &counted, arena, mlp->layers[k].out);
    }
}

static void exchange(uint32_t *rows, uint32_t i, uint32_t j) {
    uint32_t row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
}

/* rows[0] = example, rows[1 .. B-1] a random choice of the others: the beginning of a Fisher-Yates
 * shuffle, of which `exchanged` keeps what it takes to undo it. */
static void draw_batch(struct noise_study *study, const struct trainer *trainer, uint32_t example,
                       uint32_t draw) {
    uint32_t n = (uint32_t)trainer->dataset->n[PART_TRAIN], B = (uint32_t)trainer->B;
    struct random_key key = rehearsal_key(trainer, STREAM_BATCHES);
    for (uint32_t i = 0; i < B; i++) {
        uint64_t index = ((uint64_t)example * NOISE_BATCHES + draw) * B + i;
        study->exchanged[i] = i ? i + random_below(key, index, n - i) : example;
        exchange(study->rows, i, study->exchanged[i]);
    }
}

static void undo_draw(struct noise_study *study, int B) {
    for (int i = B - 1; i >= 0; i--)
        exchange(study->rows, (uint32_t)i, study->exchanged[i]);
}

/* The example is the first row of its mini-batches. */
static void visit_layer(void *argument, enum rehearsal_shown what, int k, const float *x) {
    struct noise_study *study = argument;
    if (what == SHOWN_NORMALIZED)
        unit_moments_add(&study->row[k], 1, x);
}

static void add_variance(struct noise_study *study, int k, int n_examples) {
    const struct unit_moments *row = &study->row[k];
    double squares = 0;
    for (int j = 0; j < row->D; j++)
        squares += row->squares[j];
    study->variance[k] += squares / (NOISE_BATCHES - 1) / row->D / n_examples;
}

static void look_at_example(struct noise_study *study, struct rehearsal *rehearsal, int example,
                            int n_examples) {
    int n_layers = rehearsal->mlp.n_layers;
    for (int k = 0; k < n_layers; k++)
        unit_moments_clear(&study->row[k]);
    for (int draw = 0; draw < NOISE_BATCHES; draw++) {
        draw_batch(study, rehearsal->trainer, (uint32_t)example, (uint32_t)draw);
        rehearsal_gather(rehearsal, study->rows, 0);
        rehearsal_visit_train(rehearsal, (uint32_t)draw, visit_layer, study);
        undo_draw(study, rehearsal->batch.B);
    }
    for (int k = 0; k < n_layers; k++)
        add_variance(study, k, n_examples);
}

void noise_study_look(struct noise_study *study, struct rehearsal *rehearsal) {
    long n = rehearsal->trainer->dataset->n[PART_TRAIN];
    int n_examples = n < NOISE_EXAMPLES ? (int)n : NOISE_EXAMPLES;
    for (long i = 0; i < n; i++)
        study->rows[i] = (uint32_t)i;
    memset(study->variance, 0, (size_t)rehearsal->mlp.n_layers * sizeof *study->variance);
    for (int example = 0; example < n_examples; example++)
        look_at_example(study, rehearsal, example, n_examples);
}
