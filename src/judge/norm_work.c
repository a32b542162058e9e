#include "judge/norm_work.h"

#include <string.h>

static float *floats(struct norm_work *work, size_t n) {
    return pool_alloc(&work->pool, (n + 1) * sizeof(float));
}

static void fill_field(const struct norm_work *work, double value, float *field) {
    for (int j = 0; j < work->D; j++)
        field[j] = (float)value;
}

static double initial_of(const struct norm_field *field, const struct norm_config *config) {
    if (!strcmp(field->name, "gamma"))
        return config->gamma_initial;
    return !strcmp(field->name, "beta") ? config->beta_initial : (double)field->initial;
}

void norm_work_create(struct norm_work *work, const struct norm_config *config, int B, int D) {
    *work = (struct norm_work){.B = B, .D = D};
    struct norm *norm = &work->norm;
    size_t n = (size_t)B * (size_t)D;
    norm->kind = normalizer_get(config->kind);
    norm->config = config;
    norm->D = D;
    for (int i = 0; config->affine && i < norm_fields(norm->kind->param); i++) {
        norm->param[i] = floats(work, (size_t)D);
        norm->grad[i] = floats(work, (size_t)D);
        fill_field(work, initial_of(&norm->kind->param[i], config), norm->param[i]);
    }
    for (int i = 0; i < norm_fields(norm->kind->state); i++) {
        norm->state[i] = floats(work, (size_t)D);
        fill_field(work, (double)norm->kind->state[i].initial, norm->state[i]);
    }
    norm->saved = floats(work, norm_saved_size(norm->kind, config, B, D));
    work->x = floats(work, n);
    work->y = floats(work, n);
    work->g = floats(work, n);
}

void norm_work_free(struct norm_work *work) {
    pool_free(&work->pool);
}

void norm_work_fill(struct norm_work *work, uint32_t stream, double mean, double deviation) {
    struct random_key key = {0, RANDOM_TEST, stream};
    for (long i = 0; i < (long)work->B * work->D; i++)
        work->x[i] = (float)(mean + deviation * random_normal(key, (uint64_t)i));
}

static struct span whole(const struct norm_work *work) {
    return (struct span){0, work->norm.kind->axis == NORM_ROWS ? work->B : work->D};
}

static void copy_input(struct norm_work *work) {
    memcpy(work->y, work->x, (size_t)work->B * (size_t)work->D * sizeof *work->y);
}

void norm_work_train(struct norm_work *work, double update) {
    struct norm_step step = {
        .total_steps = 1, .update = update, .key = {.seed = 0, .purpose = RANDOM_NOISE}};
    copy_input(work);
    work->norm.kind->forward_train(&work->norm, &step, whole(work), work->B, work->y);
}

void norm_work_evaluate(struct norm_work *work) {
    copy_input(work);
    work->norm.kind->forward_eval(&work->norm, work->norm.state, whole(work), work->B, work->y);
}

void norm_work_backward(struct norm_work *work) {
    const struct normalizer *kind = work->norm.kind;
    if (work->norm.param[0] && kind->backward_param)
        kind->backward_param(&work->norm, (struct span){0, work->D}, work->B, work->g);
    kind->backward(&work->norm, whole(work), work->B, work->g);
}

static float *find(const char *name, const struct norm_field *fields, float *const *vectors) {
    for (int i = 0; i < norm_fields(fields); i++)
        if (vectors[i] && !strcmp(fields[i].name, name))
            return vectors[i];
    return NULL;
}

float *norm_work_param(const struct norm_work *work, const char *name) {
    return find(name, work->norm.kind->param, work->norm.param);
}

float *norm_work_state(const struct norm_work *work, const char *name) {
    return find(name, work->norm.kind->state, work->norm.state);
}
