#include "tests/norm/fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

enum { GUARD = 16, GUARD_BITS = 0x7fc0beef /* a NaN: reading it shows as well */ };

static float *guarded(struct fixture *fixture, size_t n) {
    cr_assert(fixture->n_blocks < FIXTURE_BLOCKS, "too many arrays in a fixture");
    uint32_t bits = GUARD_BITS;
    float *block = test_memory(n + 2 * GUARD, sizeof *block);
    for (size_t i = 0; i < n + 2 * GUARD; i++)
        memcpy(&block[i], &bits, sizeof bits);
    fixture->sizes[fixture->n_blocks] = n;
    fixture->blocks[fixture->n_blocks++] = block;
    return block + GUARD;
}

static bool is_guard(const float *place) {
    uint32_t bits;
    memcpy(&bits, place, sizeof bits);
    return bits == GUARD_BITS;
}

bool fixture_guards_intact(const struct fixture *fixture) {
    for (int block = 0; block < fixture->n_blocks; block++)
        for (size_t i = 0; i < GUARD; i++)
            if (!is_guard(fixture->blocks[block] + i) ||
                !is_guard(fixture->blocks[block] + GUARD + fixture->sizes[block] + i))
                return false;
    return true;
}

struct norm_config fixture_config(long kind) {
    struct norm_config config = {
        .kind = kind, .affine = true, .eps = 1e-5, .momentum = 0.9, .gamma_initial = 1};
    test_own_defaults(&config);
    return config;
}

static const struct variant {
    const char *kind, *key;
    double value;
} variants[] = {
    {"batch", "norm.rows", 2},
    {"batch", "norm.rows", 4},
    {"group", "norm.groups", 1},
    {"group", "norm.groups", 2},
    {"batch_renorm", "norm.rows", 4},
    {"batch_renorm", "norm.r_max", 1.25},
    {"batch_renorm", "norm.d_max", 0.25},
    {"batch_noisy", "norm.rows", 2},
    {"batch_noisy", "norm.r_sigma", 0},
    {"dropout", "norm.rate", 0.1},
    {"dropout", "norm.rate", 0.9},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

void fixture_set(struct norm_config *config, const char *key, double value) {
    const struct key *own = normalizer_get(config->kind)->own_keys;
    for (int i = 0; own && own[i].name; i++)
        if (!strcmp(own[i].name, key)) {
            config->own[i] = value;
            return;
        }
    cr_assert(false, "%s has no key %s", normalizer_get(config->kind)->name, key);
}

int fixture_config_count(void) {
    return normalizer_count() + VARIANTS;
}

struct norm_config fixture_config_get(int index) {
    if (index < normalizer_count())
        return fixture_config(index);
    const struct variant *variant = &variants[index - normalizer_count()];
    struct norm_config config = fixture_config(normalizer_find(variant->kind));
    fixture_set(&config, variant->key, variant->value);
    return config;
}

bool fixture_allowed(const struct norm_config *config, int B, int D) {
    const struct normalizer *kind = normalizer_get(config->kind);
    return !kind->check || kind->check(config, B, D) == OK;
}

static void write_name(struct fixture *fixture) {
    const struct normalizer *kind = normalizer_get(fixture->config.kind);
    int size = sizeof fixture->name, n = snprintf(fixture->name, (size_t)size, "%s", kind->name);
    for (int i = 0; kind->own_keys && kind->own_keys[i].name; i++)
        n += snprintf(fixture->name + n, (size_t)(size - n), "%s%g", i ? " " : " [",
                      fixture->config.own[i]);
    snprintf(fixture->name + n, (size_t)(size - n), "%s, %d x %d", kind->own_keys ? "]" : "",
             fixture->B, fixture->D);
}

void fixture_create(struct fixture *fixture, const struct norm_config *config, int B, int D,
                    uint32_t stream) {
    *fixture = (struct fixture){.config = *config, .B = B, .D = D};
    const struct normalizer *kind = normalizer_get(config->kind);
    write_name(fixture);
    struct norm *norm = &fixture->norm;
    *norm = (struct norm){.kind = kind, .config = &fixture->config, .D = D};
    size_t n = (size_t)B * (size_t)D, width = (size_t)D;
    fixture->x = guarded(fixture, n);
    fixture->g = guarded(fixture, n);
    test_normal(stream, n, 0.3, 1, fixture->x);
    test_normal(stream + 1, n, 0, 1, fixture->g);
    for (int i = 0; config->affine && i < norm_fields(kind->param); i++) {
        norm->param[i] = guarded(fixture, width);
        norm->grad[i] = guarded(fixture, width);
        test_normal(stream + 2 + (uint32_t)i, width, (double)kind->param[i].initial, 0.5,
                    norm->param[i]);
    }
    struct random_key key = {stream, RANDOM_TEST, 7};
    for (int i = 0; i < norm_fields(kind->state); i++) {
        norm->state[i] = guarded(fixture, width);
        for (size_t j = 0; j < width; j++)
            norm->state[i][j] = kind->state[i].initial + (float)random_uniform(key, j);
    }
    norm->saved = guarded(fixture, norm_saved_size(kind, config, B, D));
}

void fixture_free(struct fixture *fixture) {
    for (int i = 0; i < fixture->n_blocks; i++)
        free(fixture->blocks[i]);
}

static int next_cut(enum cut cut, int total, int at) {
    struct random_key key = {(uint64_t)total, RANDOM_TEST, 8};
    if (cut == CUT_NONE)
        return total;
    if (cut == CUT_SINGLE)
        return at + 1;
    int end = at + 1 + (int)random_below(key, (uint64_t)at, (uint32_t)(total / 3 + 1));
    return end < total ? end : total;
}

int cut_spans(enum cut cut, int total, struct span *spans) {
    int n = 0;
    for (int at = 0; at < total; n++) {
        spans[n] = (struct span){at, next_cut(cut, total, at)};
        at = spans[n].end;
    }
    /* Every other one from the back: the order must not matter either. */
    for (int i = 0; i < n / 2; i += 2) {
        struct span first = spans[i];
        spans[i] = spans[n - 1 - i];
        spans[n - 1 - i] = first;
    }
    return n;
}

static struct span *spans_along(const struct fixture *fixture, bool by_column, enum cut cut,
                                int *n) {
    enum norm_axis axis = by_column ? NORM_COLUMNS : fixture->norm.kind->axis;
    int total = axis == NORM_ROWS ? fixture->B : fixture->D;
    struct span *spans = test_memory((size_t)total, sizeof *spans);
    *n = cut_spans(axis == NORM_WHOLE ? CUT_NONE : cut, total, spans);
    return spans;
}

static void forward_train(struct fixture *fixture, double update, bool hold, enum cut cut) {
    struct norm_step step = {
        .step = 3, .total_steps = 10, .update = update, .key = {1, RANDOM_NOISE, 0}, .hold = hold};
    int n;
    struct span *spans = spans_along(fixture, false, cut, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->forward_train(&fixture->norm, &step, spans[i], fixture->B, fixture->x);
    free(spans);
}

void fixture_forward_train(struct fixture *fixture, double update, enum cut cut) {
    forward_train(fixture, update, false, cut);
}

void fixture_forward_held(struct fixture *fixture) {
    forward_train(fixture, 0, true, CUT_NONE);
}

void fixture_forward_eval(struct fixture *fixture, float *const state[], enum cut cut) {
    int n;
    struct span *spans = spans_along(fixture, false, cut, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->forward_eval(&fixture->norm, state, spans[i], fixture->B, fixture->x);
    free(spans);
}

void fixture_backward_param(struct fixture *fixture, enum cut cut) {
    if (!fixture->norm.param[0] || !fixture->norm.kind->backward_param)
        return;
    int n;
    struct span *spans = spans_along(fixture, true, cut, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->backward_param(&fixture->norm, spans[i], fixture->B, fixture->g);
    free(spans);
}

void fixture_backward(struct fixture *fixture, enum cut cut) {
    int n;
    struct span *spans = spans_along(fixture, false, cut, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->backward(&fixture->norm, spans[i], fixture->B, fixture->g);
    free(spans);
}
