/* Laws of training beside evaluation, and of the state that stands between them. */
#include <math.h>
#include <string.h>

#include "judge/check/laws_rows.h"

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
    law_compare(&all, &one, "row by row", result);
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
    law_compare(&train, &evaluation, "evaluation", result);
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

/* Such a row takes its statistics from the state, and a pass over the training rows puts them
 * there. */
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
    law_compare(&train, &evaluation, "evaluation", result);
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
