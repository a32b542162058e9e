/* Formulas about a whole network in training: what its biases are good for, and whose statistics
 * its layers take. */
#include <math.h>

#include "judge/check/fixture.h"
#include "judge/check/net_work.h"
#include "judge/compute/formulas_family.h"

/* Arguments that all of them begin with. */
enum { ROWS, INPUTS, OUTPUTS, MORE };
#define NETWORK "B=64 inputs=784 outputs=10"

static enum status begin(struct net_work *net, const struct config *config, const double *a) {
    return net_work_create(net, &config->run, (int)a[INPUTS], (int)a[OUTPUTS], (int)a[ROWS]);
}

/* ---- biases ---- */

/* b_j <- shift * normal number f(layer, j), in hidden layers. */
static void move_biases(const struct net_work *net, double shift) {
    for (int k = 0; k < net->mlp.n_layers - 1; k++) {
        const struct layer *layer = &net->mlp.layers[k];
        if (layer->b)
            fixture_normal((uint32_t)k, (size_t)layer->out, 0, shift, layer->b);
    }
}

static double bias_effect(const struct config *config, const double *a) {
    struct net_work plain, moved;
    if (begin(&plain, config, a))
        return NAN;
    double result = NAN;
    if (!begin(&moved, config, a)) {
        int last = plain.mlp.n_layers - 1;
        net_work_fill(&plain, 0, 0, 1);
        net_work_fill(&moved, 0, 0, 1);
        move_biases(&moved, a[MORE]);
        net_work_forward(&plain);
        net_work_forward(&moved);
        result = formula_change((size_t)plain.B * (size_t)plain.mlp.n_outputs,
                                moved.workspace.y[last], plain.workspace.y[last]);
        net_work_free(&moved);
    }
    net_work_free(&plain);
    return result;
}

static double square_sum(size_t n, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

/* sqrt(sum_k |dL/db_k|^2 / sum_k |dL/dW_k|^2), k over the hidden layers */
static double bias_gradient(const struct config *config, const double *a) {
    struct net_work net;
    double of_biases = 0, of_weights = 0;
    if (begin(&net, config, a))
        return NAN;
    net_work_fill(&net, 0, 0, 1);
    net_work_forward(&net);
    net_work_backward(&net, 1);
    for (int k = 0; k < net.mlp.n_layers - 1; k++) {
        const struct layer *layer = &net.mlp.layers[k];
        of_weights += square_sum((size_t)layer->in * (size_t)layer->out, layer->dW);
        of_biases += layer->b ? square_sum((size_t)layer->out, layer->db) : 0;
    }
    net_work_free(&net);
    return sqrt(of_biases / of_weights);
}

/* ---- whose statistics? ---- */

enum whose { OWN, OTHER_BATCH, OTHER_LAYER };

/* Of the units of layer k before normalizer and activation, over the network's mini-batch: z
 * [B, width] itself, its means and variances [width]. */
struct layer_moments {
    int width;
    float *z;
    double *mean, *variance;
};

static void take_moments(const struct net_work *net, int k, struct pool *pool,
                         struct layer_moments *moments) {
    int n_rows = net->B, width = net->mlp.layers[k].out;
    size_t n = (size_t)width;
    *moments = (struct layer_moments){width, pool_alloc(pool, (size_t)n_rows * n * sizeof(float)),
                                      pool_alloc(pool, n * sizeof(double)),
                                      pool_alloc(pool, n * sizeof(double))};
    mlp_linear(&net->mlp, &net->workspace, k, n_rows, moments->z);
    for (int j = 0; j < width; j++) {
        double mean = 0, square = 0;
        for (int b = 0; b < n_rows; b++)
            mean += (double)moments->z[(long)b * width + j] / n_rows;
        for (int b = 0; b < n_rows; b++)
            square += pow((double)moments->z[(long)b * width + j] - mean, 2) / n_rows;
        moments->mean[j] = mean;
        moments->variance[j] = square;
    }
}

/* How far is layer k's output from f((z - mean) / sqrt(variance + eps)), with these means and
 * variances? */
static double distance_from(const struct net_work *net, int k, struct layer_moments *of,
                            const struct layer_moments *with) {
    int n_rows = net->B, width = of->width;
    for (int b = 0; b < n_rows; b++)
        for (int j = 0; j < width; j++) {
            float *z = &of->z[(long)b * width + j];
            double root = sqrt(with->variance[j] + net->mlp.norm_config.eps);
            *z = (float)(((double)*z - with->mean[j]) / root);
        }
    activation_forward(net->mlp.layers[k].activation, (struct span){0, width}, n_rows, width,
                       of->z);
    return formula_change((size_t)n_rows * (size_t)width, of->z, net->workspace.y[k]);
}

/* Of hidden layer k; NaN where the layer whose statistics are asked for has other units. */
static double layer_distance(const struct net_work *here, const struct net_work *there, int k,
                             enum whose whose) {
    struct pool pool = {0};
    struct layer_moments of, with;
    int other = (k + 1) % (here->mlp.n_layers - 1);
    take_moments(here, k, &pool, &of);
    take_moments(whose == OTHER_BATCH ? there : here, whose == OTHER_LAYER ? other : k, &pool,
                 &with);
    double distance = of.width == with.width ? distance_from(here, k, &of, &with) : NAN;
    pool_free(&pool);
    return distance;
}

/* Over the hidden layers and some mini-batches, no two of the same mean and deviation: the largest
 * distance for their own statistics, the smallest for others. */
static double statistics_distance(const struct config *config, const double *a, enum whose whose) {
    struct net_work here, there;
    if (begin(&here, config, a))
        return NAN;
    if (begin(&there, config, a)) {
        net_work_free(&here);
        return NAN;
    }
    double result = whose == OWN ? 0 : INFINITY;
    for (int t = 0; t < (int)a[MORE]; t++) {
        net_work_fill(&here, (uint32_t)t, 0.1 * t, 1 + 0.1 * t);
        net_work_fill(&there, (uint32_t)t + 1, 0.1 * (t + 1), 1 + 0.1 * (t + 1));
        net_work_forward(&here);
        net_work_forward(&there);
        for (int k = 0; k < here.mlp.n_layers - 1; k++) {
            double distance = layer_distance(&here, &there, k, whose);
            result = whose == OWN ? fmax(result, distance) : fmin(result, distance);
        }
    }
    net_work_free(&here);
    net_work_free(&there);
    return result;
}

static double own_statistics(const struct config *config, const double *a) {
    return statistics_distance(config, a, OWN);
}

static double other_batch_statistics(const struct config *config, const double *a) {
    return statistics_distance(config, a, OTHER_BATCH);
}

static double other_layer_statistics(const struct config *config, const double *a) {
    return statistics_distance(config, a, OTHER_LAYER);
}

#define DISTANCE "distance of a hidden layer's output in training from what means and variances "

static const struct formula rows[] = {
    {"bias_effect",
     "change of a network's outputs in training when the biases of its hidden layers move by "
     "`shift` normal numbers, relative",
     "1", NETWORK " shift=3", .compute = bias_effect},
    {"bias_gradient",
     "length of the gradient by the biases of the hidden layers, over that by their weights", "1",
     NETWORK, .compute = bias_gradient},
    {"own_statistics",
     DISTANCE "of its own units over this mini-batch give, relative: the largest over the hidden "
              "layers and `batches` mini-batches",
     "1", NETWORK " batches=5", .compute = own_statistics},
    {"other_batch_statistics",
     DISTANCE "of the same units over the next mini-batch give, relative: the smallest", "1",
     NETWORK " batches=5", .compute = other_batch_statistics},
    {"other_layer_statistics",
     DISTANCE "of the units of another hidden layer give, relative: the smallest", "1",
     NETWORK " batches=5", .compute = other_layer_statistics},
};

const struct formulas formulas_network = FORMULAS(rows);
