#include "engine/diagnostics/response.h"

#include <math.h>

#include "engine/kernel/reduce.h"

static size_t weights(const struct layer *layer) {
    return (size_t)layer->in * (size_t)layer->out;
}

void response_study_layout(struct response_study *study, struct arena *arena,
                           const struct trainer *trainer) {
    const struct mlp *mlp = &trainer->mlp;
    rehearsal_layout(&study->changed, arena, trainer);
    study->W = arena_floats(arena, weights(&mlp->layers[0]));
    study->b = arena_floats(arena, (size_t)mlp->layers[0].out);
    study->layers = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *study->layers);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct unit_moments counted;
        unit_moments_layout(study->layers ? &study->layers[k].output : &counted, arena,
                            mlp->layers[k].out);
    }
    for (int mode = 0; mode < RESPONSE_MODES; mode++)
        for (int change = 0; change < RESPONSE_CHANGES; change++)
            study->change[mode][change] = arena_doubles(arena, (size_t)mlp->n_layers);
}

void response_study_begin(struct response_study *study, const struct trainer *trainer) {
    rehearsal_begin(&study->changed, trainer);
}

void response_study_free(struct response_study *study) {
    rehearsal_free(&study->changed);
}

static double rms(size_t n, const float *x) {
    return sqrt(reduce_dot(n, x, x) / (double)n);
}

/* x <- from + size n, n normal */
static void add_noise(struct random_key key, double size, size_t n, const float *from, float *x) {
    for (size_t i = 0; i < n; i++)
        x[i] = (float)((double)(from ? from[i] : 0) + size * random_normal(key, i));
}

/* rms of z = x W + b of the first layer on the first mini-batch; x as in evaluation mode, where
 * the input is normalized. */
static double product_size(struct response_study *study, const struct rehearsal *rehearsal) {
    const struct layer *layer = &rehearsal->mlp.layers[0];
    float *product = study->changed.batch.a[0];
    int B = rehearsal->batch.B;
    rehearsal_gather(&study->changed, NULL, 0);
    rehearsal_forward_eval(&study->changed);
    mlp_linear(&rehearsal->mlp, &study->changed.batch, 0, B, product);
    return rms((size_t)B * (size_t)layer->out, product);
}

/* The changed network's first layer. */
static void set_change(struct response_study *study, const struct rehearsal *rehearsal,
                       enum response_change change, double product) {
    const struct layer *from = &rehearsal->mlp.layers[0];
    struct layer *to = &study->changed.mlp.layers[0];
    size_t n = weights(from);
    to->W = change == RESPONSE_SHIFT ? from->W : study->W;
    to->b = change == RESPONSE_SHIFT ? study->b : from->b;
    switch (change) {
    case RESPONSE_NOISE:
        add_noise(rehearsal_key(rehearsal->trainer, STREAM_WEIGHTS),
                  RESPONSE_SIZE * rms(n, from->W), n, from->W, study->W);
        break;
    case RESPONSE_SCALE:
        for (size_t i = 0; i < n; i++)
            study->W[i] = (float)((1 + RESPONSE_SIZE) * (double)from->W[i]);
        break;
    case RESPONSE_SHIFT:
        add_noise(rehearsal_key(rehearsal->trainer, STREAM_SHIFTS), RESPONSE_SIZE * product,
                  (size_t)from->out, from->b, study->b);
        break;
    case RESPONSE_CHANGES:
        break;
    }
}

static void forward(struct rehearsal *rehearsal, enum response_mode mode, int i) {
    rehearsal_gather(rehearsal, NULL, i);
    if (mode == RESPONSE_TRAIN)
        rehearsal_forward_train(rehearsal, (uint32_t)i);
    else
        rehearsal_forward_eval(rehearsal);
}

/* Sum over the rows of a mini-batch. */
static double loss_of(const struct rehearsal *rehearsal) {
    const struct trainer *trainer = rehearsal->trainer;
    const struct loss_kind *loss = loss_get(trainer->config.train.loss);
    int K = rehearsal->mlp.n_outputs;
    double total = 0;
    for (int b = 0; b < rehearsal->batch.B; b++)
        total += loss->row(rehearsal->batch.y[rehearsal->mlp.n_layers - 1] + (long)b * K, K,
                           rehearsal->targets[b], 0, NULL);
    return total;
}

/* sum (x - y)^2 */
static double distance(size_t n, const float *x, const float *y) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    return square;
}

/* Mini-batch `i` through both networks. */
static void compare_batch(struct response_study *study, struct rehearsal *rehearsal,
                          enum response_mode mode, int i) {
    int B = rehearsal->batch.B;
    forward(rehearsal, mode, i);
    forward(&study->changed, mode, i);
    for (int k = 0; k < rehearsal->mlp.n_layers; k++) {
        struct response_layer *layer = &study->layers[k];
        const float *y = rehearsal->batch.y[k];
        unit_moments_add(&layer->output, B, y);
        layer->distance +=
            distance((size_t)B * (size_t)layer->output.D, study->changed.batch.y[k], y);
    }
}

static double relative_change(const struct response_layer *layer) {
    double size = 0;
    for (int j = 0; j < layer->output.D; j++)
        size += layer->output.squares[j];
    return sqrt(layer->distance / size);
}

static void compare(struct response_study *study, struct rehearsal *rehearsal,
                    enum response_mode mode, enum response_change change) {
    int n_layers = rehearsal->mlp.n_layers, n_batches = rehearsal_batches(rehearsal->trainer);
    double loss = 0;
    for (int k = 0; k < n_layers; k++) {
        unit_moments_clear(&study->layers[k].output);
        study->layers[k].distance = 0;
    }
    for (int i = 0; i < n_batches; i++) {
        compare_batch(study, rehearsal, mode, i);
        loss += loss_of(&study->changed) - loss_of(rehearsal);
    }
    for (int k = 0; k < n_layers; k++)
        study->change[mode][change][k] = relative_change(&study->layers[k]);
    study->loss[mode][change] = loss / n_batches / rehearsal->batch.B;
}

void response_study_look(struct response_study *study, struct rehearsal *rehearsal) {
    rehearsal_refresh(&study->changed);
    double product = product_size(study, rehearsal);
    for (enum response_change change = 0; change < RESPONSE_CHANGES; change++) {
        set_change(study, rehearsal, change, product);
        for (enum response_mode mode = 0; mode < RESPONSE_MODES; mode++)
            compare(study, rehearsal, mode, change);
    }
}
