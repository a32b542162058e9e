/* Laws of equal bits, and of who may write what. */
#include <math.h>
#include <string.h>

#include "engine/nn/team.h"
#include "judge/check/laws_rows.h"

static long not_finite(const float *x, size_t n) {
    long count = 0;
    for (size_t i = 0; i < n; i++)
        count += !isfinite(x[i]);
    return count;
}

/* Outputs, gradients and state of two fixtures. */
void law_compare(const struct fixture *a, const struct fixture *b, const char *what,
                 struct law_result *result) {
    size_t n = law_elements(a), width = (size_t)a->D;
    law_measure(result, (double)law_differences(a->x, b->x, n), "%s, %s: the output", a->name,
                what);
    law_measure(result, (double)law_differences(a->g, b->g, n), "%s, %s: the gradient", a->name,
                what);
    for (int i = 0; i < NORM_FIELDS; i++) {
        if (a->norm.grad[i])
            law_measure(
                result,
                (double)law_differences(a->norm.grad[i], b->norm.grad[i],
                                        (size_t)norm_field_size(&a->norm.kind->param[i], a->D)),
                "%s, %s: the gradient of %s", a->name, what, a->norm.kind->param[i].name);
        if (a->norm.state[i])
            law_measure(result, (double)law_differences(a->norm.state[i], b->norm.state[i], width),
                        "%s, %s: %s", a->name, what, a->norm.kind->state[i].name);
    }
}

/* A constant column, a constant row. */
static void flatten(struct fixture *fixture, float value) {
    int B = fixture->B, D = fixture->D;
    for (int j = 0; j < D; j++)
        fixture->x[j] = fixture->x[(size_t)(B - 1) * (size_t)D + (size_t)j] = value;
    for (int b = 0; b < B; b++)
        fixture->x[(size_t)b * (size_t)D] = value;
}

void law_finite(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture fixture;
    fixture_create(&fixture, config, B, D, 10);
    flatten(&fixture, 2.5f);
    fixture_whole_pass(&fixture, 0.1, CUT_NONE);
    size_t n = law_elements(&fixture), width = (size_t)D;
    law_measure(result, (double)not_finite(fixture.x, n), "%s: the output", fixture.name);
    law_measure(result, (double)not_finite(fixture.g, n), "%s: the gradient", fixture.name);
    for (int i = 0; i < NORM_FIELDS; i++) {
        if (fixture.norm.grad[i])
            law_measure(
                result,
                (double)not_finite(fixture.norm.grad[i],
                                   (size_t)norm_field_size(&fixture.norm.kind->param[i], D)),
                "%s: the gradient of %s", fixture.name, fixture.norm.kind->param[i].name);
        if (fixture.norm.state[i])
            law_measure(result, (double)not_finite(fixture.norm.state[i], width), "%s: %s",
                        fixture.name, fixture.norm.kind->state[i].name);
    }
    fixture_free(&fixture);
}

/* ---- who may write what ---- */

static void measure_changes(const struct fixture *fixture, const float *const *allowed,
                            const char *kernel, struct law_result *result) {
    const char *where;
    long n = fixture_changes(fixture, allowed, &where);
    law_measure(result, (double)n, "%s: %s wrote to %s", fixture->name, kernel,
                where ? where : "nothing else");
}

/* What a kernel may write: the given arrays, then vectors, then NULL. */
struct writable {
    int n;
    const float *arrays[2 * NORM_FIELDS + 3];
};

static struct writable writable(const float *first, const float *second, float *const vectors[]) {
    struct writable list = {2, {first, second}};
    for (int i = 0; i < NORM_FIELDS; i++)
        if (vectors[i])
            list.arrays[list.n++] = vectors[i];
    return list;
}

static struct writable writable_gradients(const float *first, const float *second,
                                          const struct norm *norm) {
    struct writable list = writable(first, second, norm->grad);
    for (int i = 0; i < NORM_FIELDS; i++)
        if (norm->shares[i])
            list.arrays[list.n++] = (const void *)norm->shares[i];
    return list;
}

void law_writes(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture fixture;
    fixture_create(&fixture, config, B, D, 15);
    const struct norm *norm = &fixture.norm;
    struct writable list = writable(fixture.x, norm->saved, norm->state);
    fixture_watch(&fixture);
    fixture_forward_train(&fixture, 0.1, CUT_RANDOM);
    measure_changes(&fixture, list.arrays, "forward_train", result);
    if (norm->param[0] && norm->kind->backward_param) {
        list = writable_gradients(norm->grad[0], norm->grad[0], norm);
        fixture_watch(&fixture);
        fixture_backward_param(&fixture, CUT_RANDOM);
        measure_changes(&fixture, list.arrays, "backward_param", result);
    }
    /* It has seen the last of what was saved, and may use it as scratch. */
    list = writable_gradients(fixture.g, norm->saved, norm);
    fixture_watch(&fixture);
    fixture_backward(&fixture, CUT_RANDOM);
    measure_changes(&fixture, list.arrays, "backward", result);
    fixture_free(&fixture);
}

/* The state comes as an argument; the one of the normalizer, and what it saved, may be anything. */
void law_evaluation_writes(const struct norm_config *config, int B, int D,
                           struct law_result *result) {
    struct fixture fixture, decoy;
    fixture_create(&fixture, config, B, D, 40);
    fixture_create(&decoy, config, B, D, 41);
    float *state[NORM_FIELDS];
    const float *allowed[] = {fixture.x, NULL}, *none[] = {NULL};
    memcpy(state, fixture.norm.state, sizeof state);
    memcpy(fixture.norm.state, decoy.norm.state, sizeof state);
    memcpy(fixture.norm.grad, decoy.norm.grad, sizeof fixture.norm.grad);
    fixture.norm.saved = decoy.norm.saved;
    for (int i = 0; i < norm_fields(fixture.norm.kind->state); i++)
        for (int j = 0; j < D; j++)
            decoy.norm.state[i][j] = NAN;
    fixture_watch(&fixture);
    fixture_watch(&decoy);
    fixture_forward_eval(&fixture, state, CUT_NONE);
    measure_changes(&fixture, allowed, "forward_eval", result);
    measure_changes(&decoy, none, "forward_eval", result);
    law_measure(result, (double)not_finite(fixture.x, law_elements(&fixture)),
                "%s: forward_eval used a state that it was not given", fixture.name);
    fixture_free(&fixture);
    fixture_free(&decoy);
}

/* ---- cuts ---- */

static void compare_cut(const struct norm_config *config, int B, int D, enum cut cut,
                        struct law_result *result) {
    static const char *const names[] = {[CUT_SINGLE] = "one a span", [CUT_RANDOM] = "cut anywhere"};
    struct fixture whole, parts;
    fixture_create(&whole, config, B, D, 20);
    fixture_create(&parts, config, B, D, 20);
    fixture_whole_pass(&whole, 0.1, CUT_NONE);
    fixture_whole_pass(&parts, 0.1, cut);
    law_compare(&whole, &parts, names[cut], result);
    fixture_free(&whole);
    fixture_free(&parts);
    fixture_create(&whole, config, B, D, 21);
    fixture_create(&parts, config, B, D, 21);
    fixture_forward_eval(&whole, whole.norm.state, CUT_NONE);
    fixture_forward_eval(&parts, parts.norm.state, cut);
    law_compare(&whole, &parts, "evaluation", result);
    fixture_free(&whole);
    fixture_free(&parts);
}

void law_cuts(const struct norm_config *config, int B, int D, struct law_result *result) {
    compare_cut(config, B, D, CUT_SINGLE, result);
    compare_cut(config, B, D, CUT_RANDOM, result);
}

struct shared_work {
    struct fixture *fixture;
    struct norm_step step;
};

/* The part of member `i` of `n`. */
static struct span part_of(int total, struct team team) {
    int size = (total + team.size - 1) / team.size;
    int begin = team.rank * size < total ? team.rank * size : total;
    return (struct span){begin, begin + size < total ? begin + size : total};
}

static void work_together(struct team team, void *argument) {
    const struct shared_work *work = argument;
    struct fixture *fixture = work->fixture;
    const struct normalizer *kind = fixture->norm.kind;
    int B = fixture->B, D = fixture->D, total = kind->axis == NORM_ROWS ? B : D;
    struct span along = part_of(total, team), columns = part_of(D, team);
    if (kind->axis == NORM_WHOLE)
        along = team.rank == 0 ? (struct span){0, D} : (struct span){0, 0};
    if (span_size(along) > 0)
        kind->forward_train(&fixture->norm, &work->step, along, B, fixture->x);
    team_barrier(team);
    if (fixture->norm.param[0] && kind->backward_param && span_size(columns) > 0)
        kind->backward_param(&fixture->norm, columns, B, fixture->g);
    team_barrier(team);
    if (span_size(along) > 0)
        kind->backward(&fixture->norm, along, B, fixture->g);
    team_barrier(team);
    if (team.rank == 0)
        norm_add_shares(&fixture->norm);
}

/* As the trainer does it, in its floating-point mode. */
void law_threads(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture alone, together;
    fixture_create(&alone, config, B, D, 25);
    fixture_create(&together, config, B, D, 25);
    struct shared_work one = {&alone, fixture_step(0.1, 1)}, two = {&together, one.step};
    team_run(1, work_together, &one);
    team_run(2, work_together, &two);
    law_compare(&alone, &together, "two threads", result);
    fixture_free(&alone);
    fixture_free(&together);
}

/* ---- nothing outside the span ---- */

static const uint32_t MARK = 0x7fc01234; /* a NaN */

static bool inside(const struct fixture *fixture, struct span span, int b, int j) {
    int at = fixture->norm.kind->axis == NORM_ROWS ? b : j;
    return at >= span.begin && at < span.end;
}

static void mark_outside(const struct fixture *fixture, struct span span, float *x) {
    for (int b = 0; b < fixture->B; b++)
        for (int j = 0; j < fixture->D; j++)
            if (!inside(fixture, span, b, j))
                memcpy(&x[b * fixture->D + j], &MARK, sizeof MARK);
}

static void measure_marks(const struct fixture *fixture, struct span span, const float *x,
                          const char *kernel, struct law_result *result) {
    long n_read = 0, n_written = 0;
    for (int b = 0; b < fixture->B; b++)
        for (int j = 0; j < fixture->D; j++) {
            const float *place = &x[b * fixture->D + j];
            if (inside(fixture, span, b, j))
                n_read += !isfinite(*place);
            else
                n_written += memcmp(place, &MARK, sizeof MARK) != 0;
        }
    law_measure(result, (double)n_read, "%s: %s used what lies outside its span", fixture->name,
                kernel);
    law_measure(result, (double)n_written, "%s: %s wrote outside its span", fixture->name, kernel);
}

/* State is cut by columns: that of the others' stays what it was. */
static void measure_state(const struct fixture *fixture, struct span span,
                          struct law_result *result) {
    struct fixture fresh;
    fixture_create(&fresh, &fixture->config, fixture->B, fixture->D, 30);
    for (int i = 0; i < norm_fields(fixture->norm.kind->state); i++)
        for (int j = 0; j < fixture->D; j++) {
            bool same = !memcmp(&fresh.norm.state[i][j], &fixture->norm.state[i][j], 4);
            law_measure(result, !same && !inside(fixture, span, 0, j),
                        "%s: forward_train wrote %s outside its span", fixture->name,
                        fixture->norm.kind->state[i].name);
        }
    fixture_free(&fresh);
}

void law_outside(const struct norm_config *config, int B, int D, struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    int total = kind->axis == NORM_ROWS ? B : D;
    if (kind->axis == NORM_WHOLE || total < 3)
        return;
    struct fixture fixture;
    struct norm_step step = fixture_step(0.5, 1);
    struct span span = {total / 3, total - 1};
    fixture_create(&fixture, config, B, D, 30);
    mark_outside(&fixture, span, fixture.x);
    mark_outside(&fixture, span, fixture.g);
    kind->forward_train(&fixture.norm, &step, span, B, fixture.x);
    measure_marks(&fixture, span, fixture.x, "forward_train", result);
    measure_state(&fixture, span, result);
    kind->backward(&fixture.norm, span, B, fixture.g);
    measure_marks(&fixture, span, fixture.g, "backward", result);
    fixture_normal(33, law_elements(&fixture), 0, 1, fixture.x);
    mark_outside(&fixture, span, fixture.x);
    kind->forward_eval(&fixture.norm, fixture.norm.state, span, B, fixture.x);
    measure_marks(&fixture, span, fixture.x, "forward_eval", result);
    fixture_free(&fixture);
}

/* ---- nothing remembered ---- */

/* The second time, what was saved begins as something else, and other numbers of the same shape are
 * worked on between the kernels: a memory that is not declared would mix the two. */
void law_pure(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture first, second, other;
    fixture_create(&first, config, B, D, 35);
    fixture_create(&second, config, B, D, 35);
    fixture_create(&other, config, B, D, 38);
    fixture_whole_pass(&first, 0.1, CUT_NONE);
    size_t n = norm_saved_size(first.norm.kind, config, B, D);
    for (size_t i = 0; i < n; i++)
        second.norm.saved[i] = 1e9f;
    fixture_forward_train(&second, 0.1, CUT_NONE);
    fixture_forward_train(&other, 0.3, CUT_NONE);
    fixture_backward_param(&second, CUT_NONE);
    fixture_backward_param(&other, CUT_NONE);
    fixture_backward(&second, CUT_NONE);
    law_compare(&first, &second, "the second time", result);
    fixture_free(&first);
    fixture_free(&second);
    fixture_free(&other);
}

/* ---- what is no number ---- */

/* The parent's timeout checks that they end. */
void law_nan(const struct norm_config *config, int B, int D, struct law_result *result) {
    static const float values[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e-42f};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct fixture fixture;
        fixture_create(&fixture, config, B, D, 95);
        flatten(&fixture, values[i]);
        fixture_whole_pass(&fixture, 0.1, CUT_NONE);
        fixture_forward_eval(&fixture, fixture.norm.state, CUT_NONE);
        law_measure(result, !fixture_guards_intact(&fixture), "%s: wrote beyond an array at %g",
                    fixture.name, (double)values[i]);
        fixture_free(&fixture);
    }
}
