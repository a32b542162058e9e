/* Laws that hold for every row of the registry, the ones of tomorrow included. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/norm/fixture.h"
#include "tests/support.h"

/* The second ten can be cut into sub-batches of rows and into groups of units. */
static const int shapes[][2] = {{1, 1},   {1, 13},   {2, 1},    {2, 2},     {2, 33},
                                {3, 129}, {7, 100},  {64, 257}, {130, 130}, {5, 1000},
                                {8, 12},  {4, 36},   {6, 300},  {16, 20},   {12, 48},
                                {2, 64},  {32, 132}, {4, 400},  {10, 24},   {8, 1000}};
enum { SHAPES = sizeof shapes / sizeof *shapes, FEWEST = 8 };

/* Runs `law` for every row and variant, with gamma and beta and without, over every shape that it
 * does not refuse. */
static void for_every_row(void (*law)(const struct norm_config *config, int B, int D)) {
    for (int c = 0; c < fixture_config_count(); c++) {
        struct norm_config config = fixture_config_get(c);
        int tried = 0;
        for (int i = 0; i < 2 * SHAPES; i++) {
            config.affine = i < SHAPES;
            const int *shape = shapes[i % SHAPES];
            if (!fixture_allowed(&config, shape[0], shape[1]))
                continue;
            law(&config, shape[0], shape[1]);
            tried++;
        }
        cr_assert(tried >= FEWEST, "%s refuses nearly every shape (%d of %d taken)",
                  normalizer_get(config.kind)->name, tried, 2 * SHAPES);
    }
}

static size_t elements(const struct fixture *fixture) {
    return (size_t)fixture->B * (size_t)fixture->D;
}

static bool same_bits(const float *a, const float *b, size_t n) {
    return !memcmp(a, b, n * sizeof *a);
}

Test(norm_laws, rows_are_described_and_found) {
    cr_assert(normalizer_count() >= 3, "none, batch and layer must be there");
    for (int i = 0; i < normalizer_count(); i++) {
        const struct normalizer *kind = normalizer_get(i);
        cr_assert(kind->name && kind->summary && kind->source, "row %d is not described", i);
        cr_assert(normalizer_find(kind->name) == i, "%s is not found by its name", kind->name);
        cr_assert(words_find(normalizer_words(), kind->name) == i, "%s is not word %d of '%s'",
                  kind->name, i, normalizer_words());
        cr_assert(kind->forward_train && kind->forward_eval && kind->backward, "%s lacks a kernel",
                  kind->name);
        cr_assert(!norm_fields(kind->param) || kind->backward_param || kind->axis == NORM_COLUMNS,
                  "%s has parameters and no gradient for them", kind->name);
        for (int f = 0; f < norm_fields(kind->param); f++)
            cr_assert(kind->param[f].unit && kind->param[f].doc, "%s: parameter %d has no text",
                      kind->name, f);
        for (int f = 0; f < norm_fields(kind->state); f++)
            cr_assert(kind->state[f].unit && kind->state[f].doc, "%s: state %d has no text",
                      kind->name, f);
    }
    cr_assert(normalizer_find("no such") == -1, "an unknown name was found");
    cr_assert(normalizer_find("") == -1, "the empty name was found");
}

Test(norm_laws, check_accepts_or_refuses_with_a_message) {
    for (int kind = 0; kind < normalizer_count(); kind++)
        for (int B = 1; B <= 40; B++)
            for (int D = 1; D <= 5; D++) {
                struct norm_config config = fixture_config(kind);
                const char *name = normalizer_get(kind)->name;
                if (!normalizer_get(kind)->check)
                    continue;
                enum status status = normalizer_get(kind)->check(&config, B, D);
                cr_assert(status == OK || status == ERROR_USAGE, "%s, %d x %d: status %d", name, B,
                          D, status);
                if (status)
                    cr_assert(strstr(status_message(), name) && strlen(status_message()) > 20,
                              "%s, %d x %d refused with '%s'", name, B, D, status_message());
            }
    struct norm_config config = fixture_config(normalizer_find("batch"));
    cr_assert(!fixture_allowed(&config, 1, 100), "batch norm took one row");
    cr_assert(fixture_allowed(&config, 2, 100), "batch norm refused two rows");
}

static bool all_finite(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* A whole pass; all that it may write is compared by the caller. */
static void whole_pass(struct fixture *fixture, enum cut cut) {
    fixture_forward_train(fixture, 0.1, cut);
    fixture_backward_param(fixture, cut);
    fixture_backward(fixture, cut);
}

static void law_finite(const struct norm_config *config, int B, int D) {
    struct fixture fixture;
    fixture_create(&fixture, config, B, D, 10);
    for (int j = 0; j < D; j++) /* a constant column and a constant row */
        fixture.x[j] = fixture.x[(B - 1) * D + j] = 2.5f;
    for (int b = 0; b < B; b++)
        fixture.x[b * D] = 2.5f;
    whole_pass(&fixture, CUT_NONE);
    cr_assert(all_finite(fixture.x, elements(&fixture)), "%s: output not finite", fixture.name);
    cr_assert(all_finite(fixture.g, elements(&fixture)), "%s: gradient not finite", fixture.name);
    for (int i = 0; i < NORM_FIELDS; i++) {
        if (fixture.norm.grad[i])
            cr_assert(all_finite(fixture.norm.grad[i], (size_t)D), "%s: gradient of %s not written",
                      fixture.name, fixture.norm.kind->param[i].name);
        if (fixture.norm.state[i])
            cr_assert(all_finite(fixture.norm.state[i], (size_t)D), "%s: %s not finite",
                      fixture.name, fixture.norm.kind->state[i].name);
    }
    cr_assert(fixture_guards_intact(&fixture), "%s: wrote beyond an array", fixture.name);
    fixture_free(&fixture);
}

Test(norm_laws, constant_inputs_stay_finite_and_arrays_keep_their_ends) {
    for_every_row(law_finite);
}

static void compare_cut(const struct norm_config *config, int B, int D, enum cut cut) {
    struct fixture whole, parts;
    fixture_create(&whole, config, B, D, 20);
    fixture_create(&parts, config, B, D, 20);
    whole_pass(&whole, CUT_NONE);
    whole_pass(&parts, cut);
    const char *name = whole.name;
    cr_assert(same_bits(whole.x, parts.x, elements(&whole)), "%s, cut %d: output", name, cut);
    cr_assert(same_bits(whole.g, parts.g, elements(&whole)), "%s, cut %d: gradient", name, cut);
    for (int i = 0; i < NORM_FIELDS; i++) {
        if (whole.norm.grad[i])
            cr_assert(same_bits(whole.norm.grad[i], parts.norm.grad[i], (size_t)D),
                      "%s, cut %d: gradient of parameter %d", name, cut, i);
        if (whole.norm.state[i])
            cr_assert(same_bits(whole.norm.state[i], parts.norm.state[i], (size_t)D),
                      "%s, cut %d: state %d", name, cut, i);
    }
    fixture_free(&whole);
    fixture_free(&parts);
    fixture_create(&whole, config, B, D, 21);
    fixture_create(&parts, config, B, D, 21);
    fixture_forward_eval(&whole, whole.norm.state, CUT_NONE);
    fixture_forward_eval(&parts, parts.norm.state, cut);
    cr_assert(same_bits(whole.x, parts.x, elements(&whole)), "%s, cut %d: evaluation", name, cut);
    fixture_free(&whole);
    fixture_free(&parts);
}

static void law_cuts(const struct norm_config *config, int B, int D) {
    compare_cut(config, B, D, CUT_SINGLE);
    compare_cut(config, B, D, CUT_RANDOM);
}

Test(norm_laws, spans_cut_anywhere_give_the_same_bits) {
    for_every_row(law_cuts);
}

static bool inside(const struct fixture *fixture, struct span span, int b, int j) {
    int at = fixture->norm.kind->axis == NORM_ROWS ? b : j;
    return at >= span.begin && at < span.end;
}

/* Everything outside the span is NaN with a mark: it must be neither read nor written. */
static void mark_outside(const struct fixture *fixture, struct span span, float *x) {
    const uint32_t mark = 0x7fc01234;
    for (int b = 0; b < fixture->B; b++)
        for (int j = 0; j < fixture->D; j++)
            if (!inside(fixture, span, b, j))
                memcpy(&x[b * fixture->D + j], &mark, sizeof mark);
}

static void check_marks(const struct fixture *fixture, struct span span, const float *x,
                        const char *what) {
    const uint32_t mark = 0x7fc01234;
    for (int b = 0; b < fixture->B; b++)
        for (int j = 0; j < fixture->D; j++) {
            const float *place = &x[b * fixture->D + j];
            if (inside(fixture, span, b, j))
                cr_assert(isfinite(*place), "%s, %s: [%d, %d] used what lies outside the span",
                          fixture->name, what, b, j);
            else
                cr_assert(!memcmp(place, &mark, sizeof mark),
                          "%s, %s: wrote [%d, %d] outside the span", fixture->name, what, b, j);
        }
}

static void law_outside(const struct norm_config *config, int B, int D) {
    struct fixture fixture;
    fixture_create(&fixture, config, B, D, 30);
    const struct normalizer *kind = fixture.norm.kind;
    int total = kind->axis == NORM_ROWS ? B : D;
    struct norm_step step = {.total_steps = 1, .update = 0.5};
    if (kind->axis != NORM_WHOLE && total >= 3) {
        struct span span = {total / 3, total - 1};
        mark_outside(&fixture, span, fixture.x);
        mark_outside(&fixture, span, fixture.g);
        kind->forward_train(&fixture.norm, &step, span, B, fixture.x);
        check_marks(&fixture, span, fixture.x, "forward_train");
        for (int i = 0; i < norm_fields(kind->state); i++) {
            struct fixture fresh;
            fixture_create(&fresh, config, B, D, 30);
            for (int j = 0; j < D; j++)
                cr_assert(inside(&fixture, span, 0, j) ||
                              !memcmp(&fresh.norm.state[i][j], &fixture.norm.state[i][j], 4),
                          "%s: state of column %d outside the span", fixture.name, j);
            fixture_free(&fresh);
        }
        kind->backward(&fixture.norm, span, B, fixture.g);
        check_marks(&fixture, span, fixture.g, "backward");
        test_normal(33, elements(&fixture), 0, 1, fixture.x);
        mark_outside(&fixture, span, fixture.x);
        kind->forward_eval(&fixture.norm, fixture.norm.state, span, B, fixture.x);
        check_marks(&fixture, span, fixture.x, "forward_eval");
    }
    fixture_free(&fixture);
}

Test(norm_laws, nothing_outside_the_span_is_read_or_written) {
    for_every_row(law_outside);
}

static uint64_t hash_all_but_x(const struct fixture *fixture) {
    uint64_t hash = TEST_HASH_START;
    for (int i = 1; i < fixture->n_blocks; i++)
        hash = test_hash(hash, fixture->blocks[i], fixture->sizes[i] * sizeof(float) + 128);
    return hash;
}

/* The state comes as an argument; the one of the normalizer, and what it saved, may be anything. */
static void law_eval(const struct norm_config *config, int B, int D) {
    struct fixture fixture;
    fixture_create(&fixture, config, B, D, 40);
    float *state[NORM_FIELDS];
    memcpy(state, fixture.norm.state, sizeof state);
    uint64_t before = hash_all_but_x(&fixture);
    memset(fixture.norm.state, 0, sizeof fixture.norm.state);
    memset(fixture.norm.grad, 0, sizeof fixture.norm.grad);
    fixture.norm.saved = NULL;
    fixture_forward_eval(&fixture, state, CUT_NONE);
    cr_assert(all_finite(fixture.x, elements(&fixture)), "%s: output not finite", fixture.name);
    cr_assert(hash_all_but_x(&fixture) == before, "%s: evaluation wrote more than x", fixture.name);
    cr_assert(fixture_guards_intact(&fixture), "%s: wrote beyond an array", fixture.name);
    fixture_free(&fixture);
}

Test(norm_laws, evaluation_writes_only_x) {
    for_every_row(law_eval);
}

/* Evaluation never mixes rows: one by one they give the same bits as all together. */
static void law_eval_rows(const struct norm_config *config, int B, int D) {
    struct fixture all, one;
    fixture_create(&all, config, B, D, 50);
    fixture_create(&one, config, B, D, 50);
    fixture_forward_eval(&all, all.norm.state, CUT_NONE);
    const struct normalizer *kind = one.norm.kind;
    struct span span = {0, kind->axis == NORM_ROWS ? 1 : D};
    for (int b = 0; b < B; b++)
        kind->forward_eval(&one.norm, one.norm.state, span, 1, one.x + (size_t)b * (size_t)D);
    cr_assert(same_bits(all.x, one.x, elements(&all)), "%s: rows evaluated one by one differ",
              all.name);
    fixture_free(&all);
    fixture_free(&one);
}

Test(norm_laws, evaluation_takes_each_row_by_itself) {
    for_every_row(law_eval_rows);
}

/* Changes every row but the last; the last one's output and gradient change where rows are mixed.
 */
static void law_mixing(const struct norm_config *config, int B, int D) {
    if (B < 3)
        return;
    struct fixture one, other;
    fixture_create(&one, config, B, D, 60);
    fixture_create(&other, config, B, D, 60);
    size_t rest = elements(&one) - (size_t)D;
    test_normal(65, rest, 1, 2, other.x);
    fixture_forward_train(&one, 0, CUT_NONE);
    fixture_forward_train(&other, 0, CUT_NONE);
    fixture_backward(&one, CUT_NONE);
    fixture_backward(&other, CUT_NONE);
    bool same = same_bits(one.x + rest, other.x + rest, (size_t)D) &&
                same_bits(one.g + rest, other.g + rest, (size_t)D);
    cr_assert(same == !one.norm.kind->mixes_rows, "%s: mixes_rows is %d, but other rows %s",
              one.name, one.norm.kind->mixes_rows, same ? "have no effect" : "have an effect");
    fixture_free(&one);
    fixture_free(&other);
}

Test(norm_laws, rows_are_mixed_only_where_declared) {
    for_every_row(law_mixing);
}

static void law_train_is_eval(const struct norm_config *config, int B, int D) {
    struct fixture train, eval;
    fixture_create(&train, config, B, D, 70);
    fixture_create(&eval, config, B, D, 70);
    const struct normalizer *kind = train.norm.kind;
    if (!kind->mixes_rows && !kind->draws_noise && !norm_fields(kind->state)) {
        fixture_forward_train(&train, 0, CUT_NONE);
        fixture_forward_eval(&eval, eval.norm.state, CUT_NONE);
        cr_assert(same_bits(train.x, eval.x, elements(&train)),
                  "%s: training and evaluation differ without state, mixing or noise", train.name);
    }
    fixture_free(&train);
    fixture_free(&eval);
}

Test(norm_laws, training_equals_evaluation_without_state_mixing_and_noise) {
    for_every_row(law_train_is_eval);
}

/* seeds.noise is part of a run's identity where noise is declared, and only there. */
static void law_noise(const struct norm_config *config, int B, int D) {
    struct fixture one, other;
    fixture_create(&one, config, B, D, 75);
    fixture_create(&other, config, B, D, 75);
    const struct normalizer *kind = one.norm.kind;
    struct norm_step step = {.total_steps = 1, .key = {1, RANDOM_NOISE, 0}};
    struct norm_step again = {.total_steps = 1, .key = {2, RANDOM_NOISE, 0}};
    struct span whole = {0, kind->axis == NORM_ROWS ? B : D};
    kind->forward_train(&one.norm, &step, whole, B, one.x);
    kind->forward_train(&other.norm, &again, whole, B, other.x);
    bool same = same_bits(one.x, other.x, elements(&one));
    cr_assert(same || kind->draws_noise, "%s: draws noise and does not say so", one.name);
    cr_assert(!same || !kind->draws_noise || elements(&one) < 100,
              "%s: says draws_noise, and draws none", one.name);
    fixture_free(&one);
    fixture_free(&other);
}

Test(norm_laws, noise_is_drawn_only_where_declared) {
    for_every_row(law_noise);
}

static double largest_change(const struct norm_config *config, int B, int D, const float *shift) {
    struct fixture plain, shifted;
    fixture_create(&plain, config, B, D, 80);
    fixture_create(&shifted, config, B, D, 80);
    for (size_t i = 0; i < elements(&plain); i++)
        shifted.x[i] += shift[i % (size_t)D];
    fixture_forward_train(&plain, 0, CUT_NONE);
    fixture_forward_train(&shifted, 0, CUT_NONE);
    double largest = 0;
    for (size_t i = 0; i < elements(&plain); i++)
        largest = fmax(largest, fabs((double)plain.x[i] - (double)shifted.x[i]));
    fixture_free(&plain);
    fixture_free(&shifted);
    return largest;
}

/* What rounds is the sum x + shift: 2^-24 of about 4, over deviations of 1, amplified where a
 * column's deviation is small (two or three rows). */
Test(norm_laws, bias_is_cancelled_exactly_where_declared) {
    enum { B = 16, D = 36 };
    float shift[D];
    test_normal(85, D, 0, 2, shift);
    for (int c = 0; c < fixture_config_count(); c++) {
        struct norm_config config = fixture_config_get(c);
        const struct normalizer *kind = normalizer_get(config.kind);
        cr_assert(fixture_allowed(&config, B, D), "%s refuses %d x %d", kind->name, B, D);
        double change = largest_change(&config, B, D, shift);
        if (kind->cancels_bias)
            cr_assert(change <= 1e-4, "%s: a constant per column changes the output by %g",
                      kind->name, change);
        else
            cr_assert(change > 1e-2,
                      "%s: a constant per column has no effect (%g): say cancels_bias", kind->name,
                      change);
    }
}

static void law_update_zero(const struct norm_config *config, int B, int D) {
    struct fixture fixture, fresh;
    fixture_create(&fixture, config, B, D, 90);
    fixture_create(&fresh, config, B, D, 90);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward_param(&fixture, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    for (int i = 0; i < norm_fields(fixture.norm.kind->state); i++)
        cr_assert(same_bits(fixture.norm.state[i], fresh.norm.state[i], (size_t)D),
                  "%s: update 0 changed %s", fixture.name, fixture.norm.kind->state[i].name);
    struct fixture updated;
    fixture_create(&updated, config, B, D, 90);
    fixture_forward_train(&updated, 0.25, CUT_NONE);
    cr_assert(same_bits(updated.x, fixture.x, elements(&fixture)),
              "%s: the update of the running state changed the output", fixture.name);
    for (int i = 0; i < norm_fields(fixture.norm.kind->param); i++)
        if (fixture.norm.param[i])
            cr_assert(same_bits(fixture.norm.param[i], fresh.norm.param[i], (size_t)D),
                      "%s: a kernel wrote a parameter", fixture.name);
    fixture_free(&fixture);
    fixture_free(&fresh);
    fixture_free(&updated);
}

Test(norm_laws, update_0_leaves_the_state_and_updating_leaves_the_output) {
    for_every_row(law_update_zero);
}

/* `saved` as a forward pass leaves it; x as it was. */
static void keep_saved(struct fixture *fixture) {
    float *x = test_memory(elements(fixture), sizeof *x);
    memcpy(x, fixture->x, elements(fixture) * sizeof *x);
    fixture_forward_train(fixture, 0, CUT_NONE);
    memcpy(fixture->x, x, elements(fixture) * sizeof *x);
    free(x);
}

/* sum_bj weight_bj y_bj after changing one number by `change`; what is changed is x or a parameter.
 * What stops the gradient is held where it was. */
static double objective(const struct norm_config *config, int B, int D, int param, size_t at,
                        double change, const float *weights, double *step) {
    struct fixture fixture;
    fixture_create(&fixture, config, B, D, 100);
    if (fixture.norm.kind->stops_gradient)
        keep_saved(&fixture);
    float *place = param < 0 ? &fixture.x[at] : &fixture.norm.param[param][at];
    double before = (double)*place;
    *place = (float)(before + change);
    *step = (double)*place - before;
    if (fixture.norm.kind->stops_gradient)
        fixture_forward_held(&fixture);
    else
        fixture_forward_train(&fixture, 0, CUT_NONE);
    double sum = 0;
    for (size_t i = 0; i < elements(&fixture); i++)
        sum += (double)weights[i] * (double)fixture.x[i];
    fixture_free(&fixture);
    return sum;
}

/* Central differences at h and h/2, extrapolated: O(h^4). */
static double slope(const struct norm_config *config, int B, int D, int param, size_t at,
                    const float *weights) {
    double estimate[2];
    for (int i = 0; i < 2; i++) {
        double h = 0x1p-4 / (i + 1), up, down;
        double high = objective(config, B, D, param, at, h, weights, &up);
        double low = objective(config, B, D, param, at, -h, weights, &down);
        estimate[i] = (high - low) / (up - down);
    }
    return (4 * estimate[1] - estimate[0]) / 3;
}

/* The float32 kernels round each output by 2^-24 or so: over a step of 2^-4 that is some 1e-5 of
 * the slope, and the extrapolation leaves h^4 = 1.5e-5. A formula that is wrong anywhere is off by
 * percents. */
static void check_slopes(const struct norm_config *config, int B, int D, int param, size_t n,
                         const float *computed, const float *weights) {
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)computed[i]));
    for (size_t i = 0; i < n; i++) {
        double expected = slope(config, B, D, param, i, weights);
        double error = fabs(expected - (double)computed[i]);
        cr_assert(error <= 5e-4 * largest, "%s [%g], %s %d, element %zu: %g instead of %g",
                  normalizer_get(config->kind)->name, config->own[0],
                  param < 0 ? "input" : "parameter", param, i, (double)computed[i], expected);
    }
}

static void law_held(const struct norm_config *config, int B, int D) {
    struct fixture fixture, moved;
    fixture_create(&fixture, config, B, D, 110);
    if (fixture.norm.kind->stops_gradient && B > 2) {
        fixture_create(&moved, config, B, D, 110);
        keep_saved(&fixture);
        keep_saved(&moved);
        fixture_forward_held(&fixture);
        fixture_forward_train(&moved, 0, CUT_NONE);
        cr_assert(same_bits(fixture.x, moved.x, elements(&fixture)),
                  "%s: held where it is, it gives something else", fixture.name);
        fixture_free(&moved);
    }
    fixture_free(&fixture);
}

Test(norm_laws, what_stops_the_gradient_can_be_held) {
    for_every_row(law_held);
}

Test(norm_laws, gradients_are_those_of_finite_differences) {
    enum { B = 8, D = 12 };
    for (int c = 0; c < fixture_config_count(); c++)
        for (int affine = 0; affine < 2; affine++) {
            struct norm_config config = fixture_config_get(c);
            config.affine = affine;
            config.eps = 0.01; /* large enough for its place in the formulas to matter */
            cr_assert(fixture_allowed(&config, B, D), "%s refuses %d x %d",
                      normalizer_get(config.kind)->name, B, D);
            struct fixture fixture;
            fixture_create(&fixture, &config, B, D, 100);
            float weights[B * D];
            memcpy(weights, fixture.g, sizeof weights);
            fixture_forward_train(&fixture, 0, CUT_NONE);
            fixture_backward_param(&fixture, CUT_NONE);
            fixture_backward(&fixture, CUT_NONE);
            check_slopes(&config, B, D, -1, B * D, fixture.g, weights);
            for (int i = 0; i < norm_fields(fixture.norm.kind->param); i++)
                if (fixture.norm.param[i])
                    check_slopes(&config, B, D, i, D, fixture.norm.grad[i], weights);
            fixture_free(&fixture);
        }
}
