/* Changes the first layer of a second network, and compares what both answer. */
#include "engine/diagnostics/response.h"

#include <math.h>

#include "engine/kernel/reduce.h"

static size_t weights(const struct layer *layer) {
    return (size_t)layer->in * (size_t)layer->out;
}

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct response *response = state;
    const struct mlp *mlp = &trainer->mlp;
    side_pass_layout(&response->changed, arena, trainer);
    response->W = arena_floats(arena, weights(&mlp->layers[0]));
    response->b = arena_floats(arena, (size_t)mlp->layers[0].out);
    response->layers = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *response->layers);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct column_moments counted;
        column_moments_layout(response->layers ? &response->layers[k].output : &counted, arena,
                              mlp->layers[k].out);
    }
    for (int mode = 0; mode < RESPONSE_MODES; mode++)
        for (int change = 0; change < RESPONSE_CHANGES; change++)
            response->change[mode][change] = arena_doubles(arena, (size_t)mlp->n_layers);
}

static void begin(void *state, const struct trainer *trainer) {
    struct response *response = state;
    side_pass_begin(&response->changed, trainer);
}

static void release(void *state) {
    struct response *response = state;
    side_pass_free(&response->changed);
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
static double product_size(struct response *response, const struct side_pass *side) {
    const struct layer *layer = &side->mlp.layers[0];
    float *product = response->changed.batch.a[0];
    int B = side->batch.B;
    side_pass_gather(&response->changed, NULL, 0);
    side_pass_forward_eval(&response->changed);
    mlp_linear(&side->mlp, &response->changed.batch, 0, B, product);
    return rms((size_t)B * (size_t)layer->out, product);
}

/* The changed network's first layer. */
static void set_change(struct response *response, const struct side_pass *side,
                       enum response_change change, double product) {
    const struct layer *from = &side->mlp.layers[0];
    struct layer *to = &response->changed.mlp.layers[0];
    size_t n = weights(from);
    to->W = change == RESPONSE_SHIFT ? from->W : response->W;
    to->b = change == RESPONSE_SHIFT ? response->b : from->b;
    switch (change) {
    case RESPONSE_NOISE:
        add_noise(side_pass_key(side->trainer, STREAM_WEIGHTS), RESPONSE_SIZE * rms(n, from->W), n,
                  from->W, response->W);
        break;
    case RESPONSE_SCALE:
        for (size_t i = 0; i < n; i++)
            response->W[i] = (float)((1 + RESPONSE_SIZE) * (double)from->W[i]);
        break;
    case RESPONSE_SHIFT:
        add_noise(side_pass_key(side->trainer, STREAM_SHIFTS), RESPONSE_SIZE * product,
                  (size_t)from->out, from->b, response->b);
        break;
    case RESPONSE_CHANGES:
        break;
    }
}

static void forward(struct side_pass *side, enum response_mode mode, int i) {
    side_pass_gather(side, NULL, i);
    if (mode == RESPONSE_TRAIN)
        side_pass_forward_train(side, (uint32_t)i);
    else
        side_pass_forward_eval(side);
}

/* Sum over the rows of a mini-batch. */
static double loss_of(const struct side_pass *side) {
    const struct trainer *trainer = side->trainer;
    const struct loss_kind *loss = loss_get(trainer->config.train.loss);
    int K = side->mlp.n_outputs;
    double total = 0;
    for (int b = 0; b < side->batch.B; b++)
        total += loss->row(side->batch.y[side->mlp.n_layers - 1] + (long)b * K, K, side->targets[b],
                           0, NULL);
    return total;
}

/* Mini-batch `i` through both networks. */
static void compare_batch(struct response *response, struct side_pass *side,
                          enum response_mode mode, int i) {
    int B = side->batch.B;
    forward(side, mode, i);
    forward(&response->changed, mode, i);
    for (int k = 0; k < side->mlp.n_layers; k++) {
        struct response_layer *layer = &response->layers[k];
        const float *y = side->batch.y[k];
        column_moments_add(&layer->output, B, y);
        layer->distance +=
            reduce_distance((size_t)B * (size_t)layer->output.D, response->changed.batch.y[k], y);
    }
}

static double relative_change(const struct response_layer *layer) {
    double size = 0;
    for (int j = 0; j < layer->output.D; j++)
        size += layer->output.squares[j];
    return sqrt(layer->distance / size);
}

static void compare(struct response *response, struct side_pass *side, enum response_mode mode,
                    enum response_change change) {
    int n_layers = side->mlp.n_layers, n_batches = side_pass_batches(side->trainer);
    double loss = 0;
    for (int k = 0; k < n_layers; k++) {
        column_moments_clear(&response->layers[k].output);
        response->layers[k].distance = 0;
    }
    for (int i = 0; i < n_batches; i++) {
        compare_batch(response, side, mode, i);
        loss += loss_of(&response->changed) - loss_of(side);
    }
    for (int k = 0; k < n_layers; k++)
        response->change[mode][change][k] = relative_change(&response->layers[k]);
    response->loss[mode][change] = loss / n_batches / side->batch.B;
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct response *response = state;
    struct side_pass *side = diagnostics_state(all, &diagnostic_side_pass);
    side_pass_refresh(&response->changed);
    double product = product_size(response, side);
    for (enum response_change change = 0; change < RESPONSE_CHANGES; change++) {
        set_change(response, side, change, product);
        for (enum response_mode mode = 0; mode < RESPONSE_MODES; mode++)
            compare(response, side, mode, change);
    }
    return OK;
}

const struct diagnostic diagnostic_response = {.name = "response",
                                               .reads = {&diagnostic_side_pass},
                                               .size = sizeof(struct response),
                                               .layout = layout,
                                               .measure = measure,
                                               .begin = begin,
                                               .free = release};
