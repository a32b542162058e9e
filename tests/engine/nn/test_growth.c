/* Batch norm makes gradients grow on their way down a deep network at its start, whatever the
 * weights' deviation: Yang, Pennington, Rao, Sohl-Dickstein & Schoenholz 2019, "A Mean Field Theory
 * of Batch Normalization", theorem 8 and what follows from it for relu. Their rates are those of an
 * infinitely wide and deep network; here they are measured over the middle layers of wide ones. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "engine/kernel/reduce.h"
#include "engine/nn/mlp.h"
#include "tests/support.h"

enum { WIDTH = 500, DEPTH = 24, SKIPPED = 6, OUTPUTS = 2, DRAWS = 4 };

struct net {
    struct mlp mlp;
    struct workspace workspace;
    struct arena arena, passes;
};

/* The same weights for every activation and mini-batch; gamma 1, beta 0. */
static void net_create(struct net *net) {
    static double hidden[DEPTH];
    for (int k = 0; k < DEPTH; k++)
        hidden[k] = WIDTH;
    struct model_config model = {
        .hidden = hidden, .n_hidden = DEPTH, .init_scale = 1, .bias = BIAS_OFF};
    struct norm_config norm = {.kind = normalizer_find("batch"), .eps = 1e-12};
    *net = (struct net){0};
    mlp_create(&net->mlp, &model, &norm, WIDTH, OUTPUTS);
    mlp_layout(&net->mlp, &net->arena);
    cr_assert(!arena_create(&net->arena), "%s", status_message());
    mlp_layout(&net->mlp, &net->arena);
    mlp_init(&net->mlp, &model, 7);
}

static void net_free(struct net *net) {
    mlp_free(&net->mlp);
    arena_free(&net->arena);
}

static void pass(struct team team, void *argument) {
    struct net *net = argument;
    struct norm_step step = {.total_steps = 1};
    mlp_forward_train(team, &net->mlp, &net->workspace, &step);
    mlp_backward(team, &net->mlp, &net->workspace, &(struct gradient_use){0});
}

/* Factor by which |dL/dz|^2 grows from layer to layer, of Gaussian inputs and a Gaussian gradient
 * at the top: the geometric mean over the middle layers and some of both. */
static double growth(struct net *net, const char *activation, int B) {
    double total = 0;
    for (int k = 0; k < DEPTH; k++)
        net->mlp.layers[k].activation = activation_get(activation_find(activation));
    workspace_layout(&net->workspace, &net->passes, &net->mlp, B, 1);
    cr_assert(!arena_create(&net->passes), "%s", status_message());
    workspace_layout(&net->workspace, &net->passes, &net->mlp, B, 1);
    for (int draw = 0; draw < DRAWS; draw++) {
        uint32_t stream = (uint32_t)(1000 * B + 2 * draw);
        test_normal(stream, (size_t)B * WIDTH, 0, 1, net->workspace.x);
        test_normal(stream + 1, (size_t)B * OUTPUTS, 0, 1, net->workspace.g[DEPTH]);
        team_run(1, pass, net);
        double size[2];
        const int at[2] = {SKIPPED, DEPTH - 1 - SKIPPED};
        for (int i = 0; i < 2; i++)
            size[i] =
                reduce_dot((size_t)B * WIDTH, net->workspace.g[at[i]], net->workspace.g[at[i]]);
        total += log(size[0] / size[1]) / (at[1] - at[0]);
    }
    workspace_free(&net->workspace);
    arena_free(&net->passes);
    return exp(total / DRAWS);
}

static void expect_rate(struct net *net, const char *activation, int B, double expected) {
    double rate = growth(net, activation, B);
    cr_expect(fabs(rate - expected) <= 0.03 * expected, "%s, %d rows: %g a layer, not %g",
              activation, B, rate, expected);
}

Test(nn_growth, rates_of_deep_wide_networks) {
    struct net net;
    net_create(&net);
    for (int B = 8; B <= 32; B *= 2)
        expect_rate(&net, "identity", B, (B - 2.0) / (B - 3));
    expect_rate(&net, "relu", 8, 1.79);
    expect_rate(&net, "relu", 16, 1.59);
    expect_rate(&net, "relu", 32, 1.52);
    expect_rate(&net, "relu", 64, 1.49);
    net_free(&net);
}

/* "cannot be eliminated by tuning the initial weight variances" */
Test(nn_growth, the_weights_deviation_changes_nothing) {
    struct net net;
    net_create(&net);
    double rate = growth(&net, "relu", 8);
    for (size_t i = 0; i < net.mlp.n_weights; i++)
        net.mlp.params[i] *= 0.1f;
    double small = growth(&net, "relu", 8);
    cr_expect(fabs(small - rate) <= 1e-3 * rate, "%g, and %g of weights of a tenth", rate, small);
    net_free(&net);
}
