#include "engine/diagnostics/side_pass.h"

#include <string.h>

#include "engine/diagnostics/sample.h"

struct random_key rehearsal_key(const struct trainer *trainer, enum rehearsal_stream stream) {
    return (struct random_key){(uint64_t)trainer->config.seeds.seed, RANDOM_REHEARSAL, stream};
}

void rehearsal_layout(struct rehearsal *rehearsal, struct arena *arena,
                      const struct trainer *trainer) {
    rehearsal->states = arena_floats(arena, trainer->mlp.n_states);
    workspace_layout(&rehearsal->batch, arena, &trainer->mlp, trainer->B, 0);
    rehearsal->targets = arena_alloc(arena, (size_t)trainer->B, sizeof(struct target));
}

void rehearsal_begin(struct rehearsal *rehearsal, const struct trainer *trainer) {
    rehearsal->trainer = trainer;
    mlp_with_states(&rehearsal->mlp, &trainer->mlp, rehearsal->states);
}

void rehearsal_free(struct rehearsal *rehearsal) {
    workspace_free(&rehearsal->batch);
    mlp_free(&rehearsal->mlp);
}

int rehearsal_batches(const struct trainer *trainer) {
    int batches = sample_rows(trainer->dataset->n[PART_TRAIN]) / trainer->B;
    return batches > 0 ? batches : 1;
}

void rehearsal_refresh(struct rehearsal *rehearsal) {
    const struct mlp *mlp = &rehearsal->trainer->mlp;
    if (mlp->n_states)
        memcpy(rehearsal->states, mlp->states, mlp->n_states * sizeof(float));
}

void rehearsal_gather(struct rehearsal *rehearsal, const uint32_t *rows, long i) {
    int B = rehearsal->batch.B;
    dataset_gather(rehearsal->trainer->dataset, PART_TRAIN, rows, B, rows ? 0 : i * B,
                   (struct span){0, B}, rehearsal->batch.x, rehearsal->targets);
}

/* By one thread: a mini-batch has little work for more, and they would wait for each other between
 * any two layers. */
static void run(team_function *function, void *argument) {
    team_run(1, function, argument);
}

struct pass {
    struct rehearsal *rehearsal;
    struct norm_step step;
    int k; /* of the layer, where only one is passed */
};

static struct pass pass_of(struct rehearsal *rehearsal, uint32_t draw) {
    const struct trainer *trainer = rehearsal->trainer;
    uint64_t seed = (uint64_t)trainer->config.seeds.seed ^ (uint64_t)draw << 32;
    struct random_key key = {seed, RANDOM_ASIDE, 0}; /* each layer has its own stream */
    return (struct pass){
        .rehearsal = rehearsal,
        .step = {.step = trainer->step, .total_steps = trainer->total_steps, .key = key}};
}

static void train_pass(struct team team, void *argument) {
    struct pass *pass = argument;
    mlp_forward_train(team, &pass->rehearsal->mlp, &pass->rehearsal->batch, &pass->step);
}

void rehearsal_forward_train(struct rehearsal *rehearsal, uint32_t draw) {
    struct pass pass = pass_of(rehearsal, draw);
    run(train_pass, &pass);
}

static void eval_pass(struct team team, void *argument) {
    struct rehearsal *rehearsal = argument;
    (void)team;
    mlp_forward_eval(&rehearsal->mlp, &rehearsal->batch, rehearsal->states, rehearsal->batch.B);
}

void rehearsal_forward_eval(struct rehearsal *rehearsal) {
    run(eval_pass, rehearsal);
}

static void input_pass(struct team team, void *argument) {
    struct pass *pass = argument;
    mlp_forward_input(team, &pass->rehearsal->mlp, &pass->rehearsal->batch, &pass->step);
}

static void layer_pass(struct team team, void *argument) {
    struct pass *pass = argument;
    mlp_forward_layer(team, &pass->rehearsal->mlp, &pass->rehearsal->batch, pass->k, &pass->step);
}

static void activation_pass(struct team team, void *argument) {
    (void)team;
    const struct pass *pass = argument;
    const struct layer *layer = &pass->rehearsal->mlp.layers[pass->k];
    const struct workspace *batch = &pass->rehearsal->batch;
    activation_forward(layer->activation, (struct span){0, layer->out}, batch->B, layer->out,
                       batch->a[pass->k]);
}

/* Layer k, first without its activation and what follows it, so that a[k] is what goes into it. */
static void visit_layer(struct pass *pass, rehearsal_visitor *visit, void *argument) {
    const struct rehearsal *rehearsal = pass->rehearsal;
    int k = pass->k;
    struct layer *layer = &rehearsal->mlp.layers[k], whole = *layer;
    bool after = whole.norm && whole.placement == NORM_AFTER;
    layer->activation = activation_get(activation_find("identity"));
    layer->norm = after ? NULL : whole.norm;
    run(layer_pass, pass);
    visit(argument, SHOWN_INPUT, k, rehearsal->batch.a[k]);
    *layer = whole;
    if (!after)
        visit(argument, SHOWN_NORMALIZED, k, rehearsal->batch.a[k]);
    run(after ? layer_pass : activation_pass, pass);
    if (after)
        visit(argument, SHOWN_NORMALIZED, k, rehearsal->batch.y[k]);
}

void rehearsal_visit_train(struct rehearsal *rehearsal, uint32_t draw, rehearsal_visitor *visit,
                           void *argument) {
    struct pass pass = pass_of(rehearsal, draw);
    run(input_pass, &pass);
    for (pass.k = 0; pass.k < rehearsal->mlp.n_layers; pass.k++)
        visit_layer(&pass, visit, argument);
}
