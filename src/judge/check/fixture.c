/* A normalizer with arrays around it whose every byte is watched. */
#include "judge/check/fixture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { SHARE_FLOATS = sizeof(double) / sizeof(float) }; /* a double between the same guards */
enum { GUARD = 16, GUARD_BITS = 0x7fc0beef /* a NaN: reading it shows as well */ };

/* ---- arrays ---- */

static float *guarded(struct fixture *fixture, const char *name, size_t n) {
    assert(fixture->n_blocks < FIXTURE_BLOCKS);
    uint32_t bits = GUARD_BITS;
    float *memory = pool_alloc(&fixture->pool, (n + 2 * GUARD) * sizeof *memory);
    for (size_t i = 0; i < n + 2 * GUARD; i++)
        memcpy(&memory[i], &bits, sizeof bits);
    fixture->blocks[fixture->n_blocks++] = (struct fixture_block){name, memory, NULL, n};
    return memory + GUARD;
}

static bool is_guard(const float *place) {
    uint32_t bits;
    memcpy(&bits, place, sizeof bits);
    return bits == GUARD_BITS;
}

bool fixture_guards_intact(const struct fixture *fixture) {
    for (int k = 0; k < fixture->n_blocks; k++) {
        const struct fixture_block *block = &fixture->blocks[k];
        for (size_t i = 0; i < GUARD; i++)
            if (!is_guard(block->memory + i) || !is_guard(block->memory + GUARD + block->n + i))
                return false;
    }
    return true;
}

void fixture_watch(struct fixture *fixture) {
    for (int k = 0; k < fixture->n_blocks; k++) {
        struct fixture_block *block = &fixture->blocks[k];
        size_t size = (block->n + 2 * GUARD) * sizeof *block->memory;
        block->before = memcpy(pool_alloc(&fixture->pool, size), block->memory, size);
    }
}

static bool is_among(const float *const *allowed, const float *array) {
    for (; *allowed; allowed++)
        if (*allowed == array)
            return true;
    return false;
}

long fixture_changes(const struct fixture *fixture, const float *const *allowed,
                     const char **where) {
    long n = 0;
    *where = NULL;
    for (int k = 0; k < fixture->n_blocks; k++) {
        const struct fixture_block *block = &fixture->blocks[k];
        bool free_inside = is_among(allowed, block->memory + GUARD);
        for (size_t i = 0; i < block->n + 2 * GUARD; i++) {
            bool inside = i >= GUARD && i < GUARD + block->n;
            if ((inside && free_inside) || !memcmp(&block->memory[i], &block->before[i], 4))
                continue;
            *where = *where ? *where : block->name;
            n++;
        }
    }
    return n;
}

/* ---- a normalizer ---- */

struct norm_config fixture_config(long kind) {
    struct norm_config config = {
        .kind = kind, .affine = true, .eps = 1e-5, .momentum = 0.9, .gamma_initial = 1};
    const struct key *key = normalizer_get(kind)->own_keys;
    for (int i = 0; key && key[i].name; i++) {
        struct pool pool = {0};
        struct value value;
        enum status status = value_parse(&key[i], key[i].initial, &pool, &value);
        assert(!status);
        (void)status;
        config.own[i] = key[i].type == KEY_REAL ? value.real : (double)value.integer;
        pool_free(&pool);
    }
    return config;
}

bool fixture_allowed(const struct norm_config *config, int B, int D) {
    const struct normalizer *kind = normalizer_get(config->kind);
    return !kind->check || kind->check(config, B, D) == OK;
}

void fixture_normal(uint32_t stream, size_t n, double mean, double deviation, float *x) {
    struct random_key key = {20151, RANDOM_TEST, stream};
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(mean + deviation * random_normal(key, i));
}

static void write_name(struct fixture *fixture) {
    const struct normalizer *kind = normalizer_get(fixture->config.kind);
    int size = sizeof fixture->name, n = snprintf(fixture->name, (size_t)size, "%s", kind->name);
    for (int i = 0; n < size && kind->own_keys && kind->own_keys[i].name; i++)
        n += snprintf(fixture->name + n, (size_t)(size - n), " %s=%g", kind->own_keys[i].name,
                      fixture->config.own[i]);
    if (n < size)
        snprintf(fixture->name + n, (size_t)(size - n), ", %d x %d", fixture->B, fixture->D);
}

/* Random numbers about where they start. */
static void create_params(struct fixture *fixture, uint32_t stream) {
    struct norm *norm = &fixture->norm;
    const struct norm_field *fields = norm->kind->param;
    for (int i = 0; i < norm_fields(fields); i++) {
        size_t n = (size_t)norm_field_size(&fields[i], norm->D);
        norm->param[i] = guarded(fixture, fields[i].name, n);
        norm->grad[i] = guarded(fixture, "gradient of a parameter", n);
        if (fields[i].length == NORM_OF_LAYER)
            norm->shares[i] =
                (void *)guarded(fixture, "shares of a gradient", (size_t)norm->D * SHARE_FLOATS);
        fixture_normal(stream + (uint32_t)i, n,
                       norm_field_initial(norm->kind, norm->config, &fields[i]), 0.5,
                       norm->param[i]);
    }
}

void fixture_create(struct fixture *fixture, const struct norm_config *config, int B, int D,
                    uint32_t stream) {
    *fixture = (struct fixture){.config = *config, .B = B, .D = D};
    const struct normalizer *kind = normalizer_get(config->kind);
    write_name(fixture);
    struct norm *norm = &fixture->norm;
    *norm = (struct norm){.kind = kind, .config = &fixture->config, .D = D};
    size_t n = (size_t)B * (size_t)D, width = (size_t)D;
    fixture->x = guarded(fixture, "x", n);
    fixture->g = guarded(fixture, "g", n);
    fixture_normal(stream, n, 0.3, 1, fixture->x);
    fixture_normal(stream + 1, n, 0, 1, fixture->g);
    if (config->affine)
        create_params(fixture, stream + 2);
    struct random_key key = {stream, RANDOM_TEST, 7};
    for (int i = 0; i < norm_fields(kind->state); i++) {
        norm->state[i] = guarded(fixture, kind->state[i].name, width);
        for (size_t j = 0; j < width; j++)
            norm->state[i][j] = kind->state[i].initial + (float)random_uniform(key, j);
    }
    norm->saved = guarded(fixture, "saved", norm_saved_size(kind, config, B, D));
}

void fixture_free(struct fixture *fixture) {
    pool_free(&fixture->pool);
}

/* ---- the kernels, cut ---- */

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
                                struct pool *pool, int *n) {
    enum norm_axis axis = by_column ? NORM_COLUMNS : fixture->norm.kind->axis;
    int total = axis == NORM_ROWS ? fixture->B : fixture->D;
    struct span *spans = pool_alloc(pool, (size_t)total * sizeof *spans);
    *n = cut_spans(axis == NORM_WHOLE ? CUT_NONE : cut, total, spans);
    return spans;
}

struct norm_step fixture_step(double update, uint64_t seed) {
    return (struct norm_step){
        .step = 3, .total_steps = 10, .update = update, .key = {seed, RANDOM_NOISE, 0}};
}

void fixture_forward(struct fixture *fixture, const struct norm_step *step, enum cut cut) {
    struct pool pool = {0};
    int n;
    struct span *spans = spans_along(fixture, false, cut, &pool, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->forward_train(&fixture->norm, step, spans[i], fixture->B, fixture->x);
    pool_free(&pool);
}

void fixture_forward_train(struct fixture *fixture, double update, enum cut cut) {
    struct norm_step step = fixture_step(update, 1);
    fixture_forward(fixture, &step, cut);
}

void fixture_forward_held(struct fixture *fixture) {
    struct norm_step step = fixture_step(0, 1);
    step.hold = true;
    fixture_forward(fixture, &step, CUT_NONE);
}

void fixture_forward_eval(struct fixture *fixture, float *const state[], enum cut cut) {
    struct pool pool = {0};
    int n;
    struct span *spans = spans_along(fixture, false, cut, &pool, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->forward_eval(&fixture->norm, state, spans[i], fixture->B, fixture->x);
    pool_free(&pool);
}

void fixture_backward_param(struct fixture *fixture, enum cut cut) {
    if (!fixture->norm.param[0] || !fixture->norm.kind->backward_param)
        return;
    struct pool pool = {0};
    int n;
    struct span *spans = spans_along(fixture, true, cut, &pool, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->backward_param(&fixture->norm, spans[i], fixture->B, fixture->g);
    norm_add_shares(&fixture->norm);
    pool_free(&pool);
}

void fixture_backward(struct fixture *fixture, enum cut cut) {
    struct pool pool = {0};
    int n;
    struct span *spans = spans_along(fixture, false, cut, &pool, &n);
    for (int i = 0; i < n; i++)
        fixture->norm.kind->backward(&fixture->norm, spans[i], fixture->B, fixture->g);
    norm_add_shares(&fixture->norm);
    pool_free(&pool);
}

void fixture_whole_pass(struct fixture *fixture, double update, enum cut cut) {
    fixture_forward_train(fixture, update, cut);
    fixture_backward_param(fixture, cut);
    fixture_backward(fixture, cut);
}
