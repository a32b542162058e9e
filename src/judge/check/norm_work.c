/* A normalizer at work on a layer of its own. */
#include "judge/check/norm_work.h"

#include <string.h>

/* Every field that is there gets its initial value. */
static void fill_fields(struct norm_work *work, const struct norm_field *fields,
                        float *const *vectors) {
    for (int i = 0; i < norm_fields(fields); i++)
        for (int j = 0; vectors[i] && j < norm_field_size(&fields[i], work->D); j++)
            vectors[i][j] = (float)norm_field_initial(work->fixture.norm.kind,
                                                      &work->fixture.config, &fields[i]);
}

void norm_work_create(struct norm_work *work, const struct norm_config *config, int B, int D) {
    struct fixture *fixture = &work->fixture;
    fixture_create(fixture, config, B, D, 0);
    work->B = B;
    work->D = D;
    work->x = pool_alloc(&fixture->pool, (size_t)B * (size_t)D * sizeof *work->x);
    work->y = fixture->x;
    work->g = fixture->g;
    fill_fields(work, fixture->norm.kind->param, fixture->norm.param);
    fill_fields(work, fixture->norm.kind->state, fixture->norm.state);
}

void norm_work_free(struct norm_work *work) {
    fixture_free(&work->fixture);
}

void norm_work_fill(struct norm_work *work, uint32_t stream, double mean, double deviation) {
    fixture_normal(stream, (size_t)work->B * (size_t)work->D, mean, deviation, work->x);
}

static void copy_input(struct norm_work *work) {
    memcpy(work->y, work->x, (size_t)work->B * (size_t)work->D * sizeof *work->y);
}

void norm_work_train(struct norm_work *work, double update) {
    copy_input(work);
    fixture_forward_train(&work->fixture, update, CUT_NONE);
}

void norm_work_evaluate(struct norm_work *work) {
    copy_input(work);
    fixture_forward_eval(&work->fixture, work->fixture.norm.state, CUT_NONE);
}

void norm_work_backward(struct norm_work *work) {
    fixture_backward_param(&work->fixture, CUT_NONE);
    fixture_backward(&work->fixture, CUT_NONE);
}

static float *find(const char *name, const struct norm_field *fields, float *const *vectors) {
    int i = norm_field_find(fields, name);
    return i < 0 ? NULL : vectors[i];
}

float *norm_work_param(const struct norm_work *work, const char *name) {
    return find(name, work->fixture.norm.kind->param, work->fixture.norm.param);
}

float *norm_work_state(const struct norm_work *work, const char *name) {
    return find(name, work->fixture.norm.kind->state, work->fixture.norm.state);
}
