/* A network at work on mini-batches of its own. */
#include "judge/check/net_work.h"

#include "judge/check/fixture.h"

static void layout(struct net_work *net) {
    mlp_layout(&net->mlp, &net->arena);
    mlp_layout_grads(&net->mlp, &net->arena);
    workspace_layout(&net->workspace, &net->arena, &net->mlp, net->B, 1);
}

/* In its place at once: the normalizers point to the network's configuration. */
enum status net_work_create(struct net_work *net, const struct run_config *config, int inputs,
                            int outputs, int B) {
    enum status status = mlp_check(&config->model, &config->norm, inputs, outputs, B);
    if (status)
        return status;
    *net = (struct net_work){.B = B};
    mlp_create(&net->mlp, &config->model, &config->norm, inputs, outputs);
    layout(net);
    workspace_free(&net->workspace);
    status = arena_create(&net->arena);
    if (status) {
        mlp_free(&net->mlp);
        return status;
    }
    layout(net);
    mlp_init(&net->mlp, &config->model, 0);
    return OK;
}

void net_work_free(struct net_work *net) {
    workspace_free(&net->workspace);
    mlp_free(&net->mlp);
    arena_free(&net->arena);
}

void net_work_fill(struct net_work *net, uint32_t stream, double mean, double deviation) {
    size_t n = (size_t)net->B * (size_t)net->mlp.n_inputs;
    fixture_normal(stream, n, mean, deviation, net->workspace.x);
}

static void forward(struct team team, void *argument) {
    struct net_work *net = argument;
    struct norm_step step = {.total_steps = 1};
    mlp_forward_train(team, &net->mlp, &net->workspace, &step);
}

void net_work_forward(struct net_work *net) {
    team_run(1, forward, net);
}

static void backward(struct team team, void *argument) {
    struct net_work *net = argument;
    mlp_backward(team, &net->mlp, &net->workspace, &(struct gradient_use){.keep = true});
}

void net_work_backward(struct net_work *net, uint32_t stream) {
    size_t n = (size_t)net->B * (size_t)net->mlp.n_outputs;
    fixture_normal(stream, n, 0, 1, net->workspace.g[net->mlp.n_layers - 1]);
    team_run(1, backward, net);
}
