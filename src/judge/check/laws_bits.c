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
static void compare(const struct fixture *a, const struct fixture *b, const char *what,
                    struct law_result *result) {
    size_t n = law_elements(a), width = (size_t)a->D;
    law_measure(result, (double)law_differences(a->x, b->x, n), "%s, %s: the output", a->name,
                what);
    law_measure(result, (double)law_differences(a->g, b->g, n), "%s, %s: the gradient", a->name,
                what);
    for (int i = 0; i < NORM_FIELDS; i++) {
        if (a->norm.grad[i])
            law_measure(result, (double)law_differences(a->norm.grad[i], b->norm.grad[i], width),
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
            law_measure(result, (double)not_finite(fixture.norm.grad[i], width),
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

/* What a kernel may write: the given array, then up to NORM_FIELDS vectors, then NULL. */
struct writable {
    const float *arrays[NORM_FIELDS + 3];
};

static struct writable writable(const float *first, const float *second, float *const vectors[]) {
    struct writable list = {{first, second}};
    for (int i = 0, n = 2; i < NORM_FIELDS; i++)
        if (vectors[i])
            list.arrays[n++] = vectors[i];
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
        list = writable(norm->grad[0], norm->grad[0], norm->grad);
        fixture_watch(&fixture);
        fixture_backward_param(&fixture, CUT_RANDOM);
        measure_changes(&fixture, list.arrays, "backward_param", result);
    }
    /* It has seen the last of what was saved, and may use it as scratch. */
    list = writable(fixture.g, norm->saved, norm->grad);
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
    compare(&whole, &parts, names[cut], result);
    fixture_free(&whole);
    fixture_free(&parts);
    fixture_create(&whole, config, B, D, 21);
    fixture_create(&parts, config, B, D, 21);
    fixture_forward_eval(&whole, whole.norm.state, CUT_NONE);
    fixture_forward_eval(&parts, parts.norm.state, cut);
    compare(&whole, &parts, "evaluation", result);
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
}

/* As the trainer does it, in its floating-point mode. */
void law_threads(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture alone, together;
    fixture_create(&alone, config, B, D, 25);
    fixture_create(&together, config, B, D, 25);
    struct shared_work one = {&alone, fixture_step(0.1, 1)}, two = {&together, one.step};
    team_run(1, work_together, &one);
    team_run(2, work_together, &two);
    compare(&alone, &together, "two threads", result);
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
    compare(&first, &second, "the second time", result);
    fixture_free(&first);
    fixture_free(&second);
    fixture_free(&other);
}

/* ---- training and evaluation ---- */

void law_evaluation_rows(const struct norm_config *config, int B, int D,
                         struct law_result *result) {
    struct fixture all, one;
    fixture_create(&all, config, B, D, 50);
    fixture_create(&one, config, B, D, 50);
    fixture_forward_eval(&all, all.norm.state, CUT_NONE);
    const struct normalizer *kind = one.norm.kind;
    struct span span = {0, kind->axis == NORM_ROWS ? 1 : D};
    for (int b = 0; b < B; b++)
        kind->forward_eval(&one.norm, one.norm.state, span, 1, one.x + (size_t)b * (size_t)D);
    compare(&all, &one, "row by row", result);
    fixture_free(&all);
    fixture_free(&one);
}

void law_train_is_evaluation(const struct norm_config *config, int B, int D,
                             struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    if (kind->mixes_rows || kind->draws_noise || norm_fields(kind->state)) {
        law_say(result, LAW_HOLDS, "it has state, mixes rows or draws noise");
        return;
    }
    struct fixture train, evaluation;
    fixture_create(&train, config, B, D, 70);
    fixture_create(&evaluation, config, B, D, 70);
    fixture_forward_train(&train, 0, CUT_NONE);
    fixture_forward_eval(&evaluation, evaluation.norm.state, CUT_NONE);
    compare(&train, &evaluation, "evaluation", result);
    fixture_free(&train);
    fixture_free(&evaluation);
}

static double largest_difference(const struct fixture *a, const struct fixture *b) {
    double largest = 0;
    for (size_t i = 0; i < law_elements(a); i++) {
        double size = 1 + fabs((double)a->x[i]);
        double difference = fabs((double)a->x[i] - (double)b->x[i]) / size;
        if (!(difference <= largest))
            largest = difference;
    }
    return largest;
}

/* A step that measures makes the state the mini-batch's, by update = 1. What is left is the
 * rounding of a running mean, over deviations that are small where rows are few. */
void law_frozen(const struct norm_config *config, int B, int D, struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    if (!norm_fields(kind->state)) {
        law_say(result, LAW_HOLDS, "it has no state");
        return;
    }
    struct norm_config biased = *config;
    biased.running_var = RUNNING_VAR_BIASED;
    struct fixture first, train, evaluation;
    fixture_create(&first, &biased, B, D, 71);
    fixture_create(&train, &biased, B, D, 71);
    fixture_create(&evaluation, &biased, B, D, 71);
    struct norm_step measure = fixture_step(1, 1), still = fixture_step(0, 1);
    measure.measure = still.measure = true;
    fixture_forward(&first, &measure, CUT_NONE);
    for (int i = 0; i < norm_fields(kind->state); i++)
        memcpy(train.norm.state[i], first.norm.state[i], (size_t)D * sizeof(float));
    fixture_forward(&train, &still, CUT_NONE);
    fixture_forward_eval(&evaluation, first.norm.state, CUT_NONE);
    law_measure(result, largest_difference(&train, &evaluation), "%s", train.name);
    fixture_free(&first);
    fixture_free(&train);
    fixture_free(&evaluation);
}

/* Such a row takes its statistics from the state, and a census puts them there. */
void law_population(const struct norm_config *config, int B, int D, struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    if (!kind->needs_population) {
        law_say(result, LAW_HOLDS, "it does not declare needs_population");
        return;
    }
    struct fixture train, evaluation;
    fixture_create(&train, config, B, D, 72);
    fixture_create(&evaluation, config, B, D, 72);
    fixture_forward_train(&train, 0.25, CUT_NONE);
    fixture_forward_eval(&evaluation, evaluation.norm.state, CUT_NONE);
    compare(&train, &evaluation, "evaluation", result);
    for (int i = 0; i < norm_fields(kind->state); i++)
        law_measure(
            result,
            (double)law_differences(train.norm.state[i], evaluation.norm.state[i], (size_t)D),
            "%s: a step that does not measure changed %s", train.name, kind->state[i].name);
    fixture_free(&train);
    fixture_free(&evaluation);
}

/* At the place where it was left, what is held is what it would be anyway. */
void law_held(const struct norm_config *config, int B, int D, struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    if (!kind->stops_gradient) {
        law_say(result, LAW_HOLDS, "it does not declare stops_gradient");
        return;
    }
    struct fixture fixture, fresh;
    fixture_create(&fixture, config, B, D, 100);
    fixture_create(&fresh, config, B, D, 100);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_normal(100, law_elements(&fixture), 0.3, 1, fixture.x);
    fixture_forward_held(&fixture);
    fixture_forward_train(&fresh, 0, CUT_NONE);
    law_measure(result, (double)law_differences(fixture.x, fresh.x, law_elements(&fresh)),
                "%s: the output changes where step->hold holds what it was", fixture.name);
    fixture_free(&fixture);
    fixture_free(&fresh);
}

void law_update(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture still, updated, fresh;
    fixture_create(&still, config, B, D, 90);
    fixture_create(&updated, config, B, D, 90);
    fixture_create(&fresh, config, B, D, 90);
    fixture_whole_pass(&still, 0, CUT_NONE);
    fixture_forward_train(&updated, 0.25, CUT_NONE);
    for (int i = 0; i < norm_fields(still.norm.kind->state); i++)
        law_measure(result,
                    (double)law_differences(still.norm.state[i], fresh.norm.state[i], (size_t)D),
                    "%s: update 0 changed %s", still.name, still.norm.kind->state[i].name);
    law_measure(result, (double)law_differences(still.x, updated.x, law_elements(&still)),
                "%s: the update of the state changed the output", still.name);
    fixture_free(&still);
    fixture_free(&updated);
    fixture_free(&fresh);
}

/* That they end is seen by whoever waits for them. */
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
