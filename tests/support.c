#include "tests/support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/engine/norm/step_inputs.h"

void test_normal(uint32_t stream, size_t n, double mean, double deviation, float *x) {
    struct random_key key = {20151, RANDOM_TEST, stream};
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(mean + deviation * random_normal(key, i));
}

void test_limit_memory(long more) {
    struct rlimit limit;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert(file && fscanf(file, "%ld", &pages) == 1, "no /proc/self/statm");
    fclose(file);
    getrlimit(RLIMIT_AS, &limit);
    rlim_t wanted = more < 0 ? limit.rlim_max : (rlim_t)(pages * sysconf(_SC_PAGESIZE) + more);
    limit.rlim_cur = wanted;
    cr_assert(setrlimit(RLIMIT_AS, &limit) == 0 && getrlimit(RLIMIT_AS, &limit) == 0, "no limit");
    if (limit.rlim_cur != wanted)
        cr_skip_test("memory cannot be limited here (qemu does as if)");
}

void test_widen(size_t n, const float *x, double *wide) {
    for (size_t i = 0; i < n; i++)
        wide[i] = (double)x[i];
}

void *test_memory(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    cr_assert(memory, "out of memory: %zu x %zu bytes", count, size);
    return memory;
}

/* ---- data ---- */

/* Row = centre of its class + noise; labels drawn at random. */
static void fill_rows(uint32_t stream, long n, int n_features, int n_classes, float *x,
                      uint8_t *labels) {
    struct random_key key = {20152, RANDOM_TEST, stream};
    float *centres = test_memory((size_t)n_classes * (size_t)n_features, sizeof *centres);
    test_normal(77, (size_t)n_classes * (size_t)n_features, 0, 1, centres);
    test_normal(stream, (size_t)n * (size_t)n_features, 0.3, 1, x);
    for (long i = 0; i < n; i++) {
        labels[i] = (uint8_t)random_below(key, (uint64_t)i, (uint32_t)n_classes);
        for (int j = 0; j < n_features; j++)
            x[i * n_features + j] += centres[labels[i] * n_features + j];
    }
    free(centres);
}

struct test_data *test_data_create(uint32_t stream, int n_features, int n_classes, long n_train,
                                   long n_validation, long n_test) {
    struct test_data *data = test_memory(1, sizeof *data);
    size_t rows = (size_t)(n_train + n_validation), width = (size_t)n_features;
    float *train = test_memory(rows * width, sizeof *train);
    float *test = test_memory((size_t)n_test * width, sizeof *test);
    uint8_t *train_labels = test_memory(rows, 1), *test_labels = test_memory((size_t)n_test, 1);
    float *shift = test_memory(width, sizeof *shift), *factor = test_memory(width, sizeof *factor);
    fill_rows(2 * stream, (long)rows, n_features, n_classes, train, train_labels);
    fill_rows(2 * stream + 1, n_test, n_features, n_classes, test, test_labels);
    for (int j = 0; j < n_features; j++)
        factor[j] = 1;
    data->source = (struct data_source){
        .n_features = n_features,
        .n_classes = n_classes,
        .n_train_rows = (long)rows,
        .n_test_rows = n_test,
        .train_values = train,
        .test_values = test,
        .train_labels = train_labels,
        .test_labels = test_labels,
    };
    data->dataset = (struct dataset){
        .source = &data->source,
        .n_features = n_features,
        .n_classes = n_classes,
        .n = {n_train, n_validation, n_test},
        .split = {.first = {0, (size_t)n_train, 0}},
        .shift = shift,
        .factor = factor,
    };
    return data;
}

static float *random_targets(uint32_t stream, long rows, int K) {
    float *targets = test_memory((size_t)(rows * K), sizeof *targets);
    test_normal(stream, (size_t)(rows * K), 0.5, 2, targets);
    return targets;
}

void test_data_take_values(struct test_data *data, uint32_t stream) {
    struct data_source *source = &data->source;
    free((void *)(uintptr_t)source->train_labels);
    free((void *)(uintptr_t)source->test_labels);
    source->train_labels = source->test_labels = NULL;
    source->train_targets = random_targets(stream, source->n_train_rows, source->n_classes);
    source->test_targets = random_targets(stream + 1, source->n_test_rows, source->n_classes);
}

void test_data_free(struct test_data *data) {
    const struct data_source *source = &data->source;
    free((void *)(uintptr_t)source->train_values);
    free((void *)(uintptr_t)source->test_values);
    free((void *)(uintptr_t)source->train_labels);
    free((void *)(uintptr_t)source->test_labels);
    free((void *)(uintptr_t)source->train_targets);
    free((void *)(uintptr_t)source->test_targets);
    free((void *)(uintptr_t)data->dataset.shift);
    free((void *)(uintptr_t)data->dataset.factor);
    free(data);
}

/* ---- configurations ---- */

struct run_config test_config(void) {
    static const double hidden[] = {7, 5};
    return (struct run_config){
        .model = {.hidden = hidden, .n_hidden = 2, .init_scale = 1},
        .norm =
            {
                .kind = normalizer_find("none"),
                .affine = true,
                .eps = 1e-5,
                .momentum = 0.9,
                .gamma_initial = 1,
                .refresh = 100,
                .population_rows = -1,
            },
        .optimizer =
            {
                .lr = 0.1,
                .lr_reference_batch = 64,
                .step_factor = 0.1,
                .beta1 = 0.9,
                .beta2 = 0.999,
                .eps = 1e-8,
            },
        .train = {.batch_size = 8, .epochs = 1, .steps = -1, .order = ORDER_SEQUENTIAL},
        .seeds = {.init = -1, .order = -1, .noise = -1},
    };
}

void test_own_defaults(struct norm_config *config) {
    const struct key *key = normalizer_get(config->kind)->own_keys;
    for (int i = 0; key && key[i].name; i++) {
        struct pool pool = {0};
        struct value value;
        enum status status = value_parse(&key[i], key[i].initial, &pool, &value);
        cr_assert(!status, "default of %s: %s", key[i].name, status_message());
        config->own[i] = key[i].type == KEY_REAL ? value.real : (double)value.integer;
        pool_free(&pool);
    }
}

void test_norm(struct norm_config *config, long kind) {
    config->kind = kind;
    test_own_defaults(config);
    if (kind == normalizer_find("group"))
        config->own[0] = 1;
}

struct trainer *test_trainer(const struct run_config *config, const struct test_data *data,
                             int n_threads) {
    struct trainer *trainer = NULL;
    enum status status = trainer_create(&trainer, config, &data->dataset, n_threads);
    cr_assert(!status, "trainer_create: %s", status_message());
    trainer->keep_gradients = true; /* to be looked at */
    trainer->team_size = n_threads; /* however small the net */
    return trainer;
}

/* norm.rows; 0: all of a mini-batch */
static int sub_batch_rows(const struct norm_config *config) {
    struct norm_config copy = *config;
    const double *rows = own_value(&copy, "norm.rows");
    return rows && *rows > 0 ? (int)*rows : 0;
}

static double initial_alpha(const struct norm_config *config) {
    struct norm_config copy = *config;
    const double *alpha = own_value(&copy, "norm.alpha_initial");
    return alpha ? *alpha : 0;
}

static struct oracle_config oracle_config(const struct trainer *trainer) {
    const struct run_config *from = &trainer->config;
    struct oracle_config config = {
        .n_inputs = trainer->dataset->n_features,
        .n_outputs = trainer->dataset->n_classes,
        .n_hidden = from->model.n_hidden,
        .activation = oracle_activation_find(activation_name((int)from->model.activation)),
        .loss = from->train.loss == LOSS_SQUARED ? ORACLE_SQUARED : ORACLE_CROSS_ENTROPY,
        .kind = oracle_kind_find(normalizer_get(from->norm.kind)->name),
        .after = from->norm.placement == NORM_AFTER,
        .affine = from->norm.affine,
        .on_output = from->norm.on_output,
        .on_input = from->norm.on_input,
        .biased = from->norm.running_var == RUNNING_VAR_BIASED,
        .rows = sub_batch_rows(&from->norm),
        .groups = 1, /* see test_norm */
        .alpha = initial_alpha(&from->norm),
        .norm_eps = from->norm.eps,
        .norm_momentum = from->norm.momentum,
        .bias = from->model.bias == BIAS_AUTO ? ORACLE_BIAS_AUTO
                : from->model.bias == BIAS_ON ? ORACLE_BIAS_ON
                                              : ORACLE_BIAS_OFF,
        .adam = from->optimizer.kind == optimizer_find("adam"),
        .momentum = from->optimizer.momentum,
        .nesterov = from->optimizer.nesterov,
        .beta1 = from->optimizer.beta1,
        .beta2 = from->optimizer.beta2,
        .adam_eps = from->optimizer.eps,
        .weight_decay = from->optimizer.weight_decay,
        .decay_all = from->optimizer.decay_on == DECAY_ALL,
        .clip = from->optimizer.clip,
    };
    for (int k = 0; k < config.n_hidden; k++)
        config.hidden[k] = (int)from->model.hidden[k];
    return config;
}

/* ---- the bridge ---- */

static void add_pair(struct test_pair *pairs, int *n, struct oracle_tensor *expected,
                     const float *value, const float *gradient, int layer, const char *name) {
    cr_assert((expected->n > 0) == (value != NULL), "layer %d: %s is %s, the oracle %s it", layer,
              name, value ? "there" : "absent", expected->n ? "has" : "does not have");
    if (!expected->n)
        return;
    struct test_pair *pair = &pairs[(*n)++];
    *pair = (struct test_pair){.expected = expected, .value = value, .gradient = gradient};
    snprintf(pair->name, sizeof pair->name, "layer%d/%s", layer, name);
}

static void add_norm_pairs(struct test_pair *pairs, int *n, struct oracle_norm *expected,
                           const struct norm *norm, int layer) {
    const char *const names[] = {"gamma", "beta", "alpha", "s"};
    struct oracle_tensor *tensors[] = {&expected->gamma, &expected->beta, &expected->alpha,
                                       &expected->s};
    for (int i = 0; i < 4; i++) {
        int field = norm ? norm_field_find(norm->kind->param, names[i]) : -1;
        add_pair(pairs, n, tensors[i], field < 0 ? NULL : norm->param[field],
                 field < 0 ? NULL : norm->grad[field], layer, names[i]);
    }
}

int test_pairs(const struct trainer *trainer, struct oracle *oracle,
               struct test_pair pairs[ORACLE_TENSORS]) {
    const struct mlp *mlp = &trainer->mlp;
    int n = 0;
    add_norm_pairs(pairs, &n, &oracle->input_norm, mlp->input_norm, -1);
    for (int k = 0; k < mlp->n_layers; k++) {
        const struct layer *layer = &mlp->layers[k];
        struct oracle_layer *expected = &oracle->layers[k];
        add_pair(pairs, &n, &expected->W, layer->W, layer->dW, k, "W");
        add_pair(pairs, &n, &expected->b, layer->has_bias ? layer->b : NULL, layer->db, k, "b");
        add_norm_pairs(pairs, &n, &expected->norm, layer->norm, k);
    }
    return n;
}

/* A mean, and beside it a variance, deviation or mean square. */
static void load_state(struct oracle_norm *expected, const struct norm *norm) {
    if (norm_fields(norm->kind->state) != 2)
        return;
    test_widen((size_t)norm->D, norm->state[0], expected->mean);
    test_widen((size_t)norm->D, norm->state[1], expected->var);
}

bool test_oracle_knows(long index) {
    const struct normalizer *kind = normalizer_get(index);
    return oracle_kind_find(kind->name) != ORACLE_UNKNOWN && !kind->draws_noise &&
           !kind->stops_gradient;
}

struct oracle *test_oracle(const struct trainer *trainer, int max_rows) {
    struct oracle_config config = oracle_config(trainer);
    struct oracle *oracle = oracle_create(&config, max_rows);
    struct test_pair pairs[ORACLE_TENSORS];
    int n = test_pairs(trainer, oracle, pairs);
    for (int i = 0; i < n; i++)
        test_widen(pairs[i].expected->n, pairs[i].value, pairs[i].expected->w);
    const struct mlp *mlp = &trainer->mlp;
    if (mlp->input_norm)
        load_state(&oracle->input_norm, mlp->input_norm);
    for (int k = 0; k < mlp->n_layers; k++)
        if (mlp->layers[k].norm)
            load_state(&oracle->layers[k].norm, mlp->layers[k].norm);
    return oracle;
}

/* ---- comparing ---- */

double test_distance(size_t n, const double *a, const double *b) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double distance = fabs(a[i] - b[i]);
        if (!(distance <= largest))
            largest = isnan(distance) ? INFINITY : distance;
    }
    return largest;
}

double test_distance_float(size_t n, const double *a, const float *b) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double distance = fabs(a[i] - (double)b[i]);
        if (!(distance <= largest))
            largest = isnan(distance) ? INFINITY : distance;
    }
    return largest;
}

double test_largest(size_t n, const double *a) {
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(a[i]));
    return largest;
}

static void rotate(int n, double *A, int p, int q) {
    if (A[p * n + q] == 0)
        return;
    double theta = (A[q * n + q] - A[p * n + p]) / (2 * A[p * n + q]);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (int k = 0; k < n; k++) {
        double x = A[k * n + p], y = A[k * n + q];
        A[k * n + p] = c * x - s * y;
        A[k * n + q] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        double x = A[p * n + k], y = A[q * n + k];
        A[p * n + k] = c * x - s * y;
        A[q * n + k] = s * x + c * y;
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void test_eigenvalues(int n, double *A, double *values) {
    enum { SWEEPS = 12 };
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++)
                rotate(n, A, p, q);
    for (int i = 0; i < n; i++)
        values[i] = A[i * n + i];
    qsort(values, (size_t)n, sizeof *values, ascending);
}

uint64_t test_hash(uint64_t hash, const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

int test_count(const char *text, const char *part) {
    int n = 0;
    while ((text = strstr(text, part)) != NULL) {
        n++;
        text++;
    }
    return n;
}
