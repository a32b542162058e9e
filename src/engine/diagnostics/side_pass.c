/* A second network that shares the trainer's weights, and its passes. */
#include "engine/diagnostics/side_pass.h"

#include <string.h>

#include "engine/diagnostics/snapshot.h"

struct random_key side_pass_key(const struct trainer *trainer, enum side_pass_stream stream) {
    return (struct random_key){(uint64_t)trainer->config.seeds.seed, RANDOM_SIDE_PASS, stream};
}

void side_pass_layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct side_pass *side = state;
    side->states = arena_floats(arena, trainer->mlp.n_states);
    workspace_layout(&side->batch, arena, &trainer->mlp, trainer->B, 0);
    side->targets = arena_alloc(arena, (size_t)trainer->B, sizeof(struct target));
}

void side_pass_begin(void *state, const struct trainer *trainer) {
    struct side_pass *side = state;
    side->trainer = trainer;
    mlp_with_states(&side->mlp, &trainer->mlp, side->states);
}

void side_pass_free(void *state) {
    struct side_pass *side = state;
    workspace_free(&side->batch);
    mlp_free(&side->mlp);
}

int side_pass_batches(const struct trainer *trainer) {
    int batches = sample_rows(trainer->dataset->n[PART_TRAIN]) / trainer->B;
    return batches > 0 ? batches : 1;
}

void side_pass_refresh(struct side_pass *side) {
    const struct mlp *mlp = &side->trainer->mlp;
    if (mlp->n_states)
        memcpy(side->states, mlp->states, mlp->n_states * sizeof(float));
}

void side_pass_gather(struct side_pass *side, const uint32_t *rows, long i) {
    int B = side->batch.B;
    dataset_gather(side->trainer->dataset, PART_TRAIN, rows, B, rows ? 0 : i * B,
                   (struct span){0, B}, side->batch.x, side->targets);
}

/* By one thread: a mini-batch has little work for more, and they would wait for each other between
 * any two layers. */
static void run(team_function *function, void *argument) {
    team_run(1, function, argument);
}

struct pass {
    struct side_pass *side;
    struct norm_step step;
    int k; /* of the layer, where only one is passed */
};

static struct pass pass_of(struct side_pass *side, uint32_t draw) {
    const struct trainer *trainer = side->trainer;
    uint64_t seed = (uint64_t)trainer->config.seeds.seed ^ (uint64_t)draw << 32;
    struct random_key key = {seed, RANDOM_ASIDE, 0}; /* each layer has its own stream */
    return (struct pass){
        .side = side,
        .step = {.step = trainer->step, .total_steps = trainer->total_steps, .key = key}};
}

static void train_pass(struct team team, void *argument) {
    struct pass *pass = argument;
    mlp_forward_train(team, &pass->side->mlp, &pass->side->batch, &pass->step);
}

void side_pass_forward_train(struct side_pass *side, uint32_t draw) {
    struct pass pass = pass_of(side, draw);
    run(train_pass, &pass);
}

static void eval_pass(struct team team, void *argument) {
    struct side_pass *side = argument;
    (void)team;
    mlp_forward_eval(&side->mlp, &side->batch, side->states, side->batch.B);
}

void side_pass_forward_eval(struct side_pass *side) {
    run(eval_pass, side);
}

static void input_pass(struct team team, void *argument) {
    struct pass *pass = argument;
    mlp_forward_input(team, &pass->side->mlp, &pass->side->batch, &pass->step);
}

static void layer_pass(struct team team, void *argument) {
    struct pass *pass = argument;
    mlp_forward_layer(team, &pass->side->mlp, &pass->side->batch, pass->k, &pass->step);
}

static void activation_pass(struct team team, void *argument) {
    (void)team;
    const struct pass *pass = argument;
    const struct layer *layer = &pass->side->mlp.layers[pass->k];
    const struct workspace *batch = &pass->side->batch;
    activation_forward(layer->activation, (struct span){0, layer->out}, batch->B, layer->out,
                       batch->a[pass->k]);
}

/* Layer k, first without its activation and what follows it, so that a[k] is what goes into it. */
static void visit_layer(struct pass *pass, side_pass_visitor *visit, void *argument) {
    const struct side_pass *side = pass->side;
    int k = pass->k;
    struct layer *layer = &side->mlp.layers[k], whole = *layer;
    bool after = whole.norm && whole.placement == NORM_AFTER;
    layer->activation = activation_get(activation_find("identity"));
    layer->norm = after ? NULL : whole.norm;
    run(layer_pass, pass);
    visit(argument, SHOWN_INPUT, k, side->batch.a[k]);
    *layer = whole;
    if (!after)
        visit(argument, SHOWN_NORMALIZED, k, side->batch.a[k]);
    run(after ? layer_pass : activation_pass, pass);
    if (after)
        visit(argument, SHOWN_NORMALIZED, k, side->batch.y[k]);
}

void side_pass_visit_train(struct side_pass *side, uint32_t draw, side_pass_visitor *visit,
                           void *argument) {
    struct pass pass = pass_of(side, draw);
    run(input_pass, &pass);
    for (pass.k = 0; pass.k < side->mlp.n_layers; pass.k++)
        visit_layer(&pass, visit, argument);
}

static enum status refresh(void *state, const struct diagnostics *all) {
    (void)all;
    side_pass_refresh(state);
    return OK;
}

const struct diagnostic diagnostic_side_pass = {.name = "side_pass",
                                                .size = sizeof(struct side_pass),
                                                .layout = side_pass_layout,
                                                .begin = side_pass_begin,
                                                .measure = refresh,
                                                .free = side_pass_free};
