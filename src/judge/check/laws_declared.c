/* Laws about what a row says of itself. */
#include <math.h>
#include <string.h>

#include "judge/check/laws_rows.h"

static int missing_texts(const struct norm_field fields[NORM_FIELDS]) {
    int n = 0;
    for (int i = 0; i < norm_fields(fields); i++)
        n += !fields[i].unit + !fields[i].doc + !isfinite(fields[i].initial);
    return n;
}

/* Statistics of a layer as a whole would be written by every span. */
static int states_of_layer(const struct norm_field fields[NORM_FIELDS]) {
    int n = 0;
    for (int i = 0; i < norm_fields(fields); i++)
        n += fields[i].length != NORM_OF_UNIT;
    return n;
}

static int missing_keys(const struct normalizer *kind) {
    int n = 0;
    for (int i = 0; i < norm_fields(kind->param); i++) {
        const char *wanted = kind->param[i].initial_key;
        const struct key *key = kind->own_keys;
        while (wanted && key && key->name && strcmp(key->name, wanted) != 0)
            key++;
        n += wanted && !(key && key->name);
    }
    return n;
}

void law_declared(const struct norm_config *config, struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    bool has_gradient =
        !norm_fields(kind->param) || kind->backward_param || kind->axis == NORM_COLUMNS;
    law_measure(result, !kind->name + !kind->summary + !kind->source,
                "name, summary or source is missing");
    law_measure(result, !kind->forward_train + !kind->forward_eval + !kind->backward,
                "forward_train, forward_eval or backward is missing");
    law_measure(result, !has_gradient, "there are parameters and no gradient for them");
    law_measure(result, missing_texts(kind->param) + missing_texts(kind->state),
                "a parameter or state has no unit, no text, or no finite initial value");
    law_measure(result, states_of_layer(kind->state),
                "a state has one number for the layer: only what is learned may");
    law_measure(result, missing_keys(kind),
                "a parameter starts at a key that is none of the row's own");
    law_measure(result, normalizer_find(kind->name) != config->kind, "not found by its name");
}

/* A row may be refused for B = 1, and must take something. */
void law_refusals(const struct norm_config *config, struct law_result *result) {
    const struct normalizer *kind = normalizer_get(config->kind);
    int taken = 0;
    for (int B = 1; B <= 40; B++)
        for (int D = 1; D <= 16; D++) {
            enum status status = kind->check ? kind->check(config, B, D) : OK;
            bool named =
                !status || (strstr(status_message(), kind->name) && strlen(status_message()) > 20);
            taken += !status;
            law_measure(result, status && status != ERROR_USAGE,
                        "%d x %d: check returns %d, not OK or ERROR_USAGE", B, D, (int)status);
            law_measure(result, !named, "%d x %d: refused with '%.100s'", B, D, status_message());
        }
    law_measure(result, taken == 0, "refuses every shape up to 40 x 16");
}

/* Changes every row but the last: does the last one's output or gradient change? */
void law_mixing(const struct norm_config *config, int B, int D, struct law_result *result) {
    if (B < 3)
        return;
    struct fixture one, other;
    fixture_create(&one, config, B, D, 60);
    fixture_create(&other, config, B, D, 60);
    size_t rest = law_elements(&one) - (size_t)D;
    fixture_normal(65, rest, 1, 2, other.x);
    fixture_whole_pass(&one, 0, CUT_NONE);
    fixture_whole_pass(&other, 0, CUT_NONE);
    bool effect = law_differences(one.x + rest, other.x + rest, (size_t)D) ||
                  law_differences(one.g + rest, other.g + rest, (size_t)D);
    bool declared = one.norm.kind->mixes_rows;
    law_measure(result, effect != declared, "%s: mixes_rows is %s, but other rows have %s effect",
                one.name, declared ? "true" : "false", effect ? "an" : "no");
    fixture_free(&one);
    fixture_free(&other);
}

/* seeds.noise is part of a run's identity where noise is declared, and only there. One key, one
 * noise; few numbers may happen to be the same under two keys. */
void law_noise(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct fixture one, again, other;
    fixture_create(&one, config, B, D, 75);
    fixture_create(&again, config, B, D, 75);
    fixture_create(&other, config, B, D, 75);
    struct norm_step first = fixture_step(0, 1), second = fixture_step(0, 2);
    fixture_forward(&one, &first, CUT_NONE);
    fixture_forward(&again, &first, CUT_NONE);
    fixture_forward(&other, &second, CUT_NONE);
    size_t n = law_elements(&one);
    bool declared = one.norm.kind->draws_noise, effect = law_differences(one.x, other.x, n) > 0;
    law_measure(result, law_differences(one.x, again.x, n) > 0,
                "%s: one key gives two different outputs", one.name);
    law_measure(result, effect && !declared, "%s: draws noise and does not say so", one.name);
    law_measure(result, !effect && declared && n >= 100, "%s: says draws_noise, and draws none",
                one.name);
    fixture_free(&one);
    fixture_free(&again);
    fixture_free(&other);
}

/* norm.eps is part of a run's identity where declared, and only there. */
void law_eps(const struct norm_config *config, int B, int D, struct law_result *result) {
    struct norm_config large = *config;
    large.eps = 0.5;
    struct fixture one, other;
    fixture_create(&one, config, B, D, 78);
    fixture_create(&other, &large, B, D, 78);
    fixture_forward_train(&one, 0, CUT_NONE);
    fixture_forward_train(&other, 0, CUT_NONE);
    bool declared = one.norm.kind->uses_eps;
    bool effect = law_differences(one.x, other.x, law_elements(&one)) > 0;
    law_measure(result, effect && !declared, "%s: takes norm.eps and does not say so", one.name);
    law_measure(result, !effect && declared && B >= 8 && D >= 8,
                "%s: says uses_eps, and norm.eps has no effect", one.name);
    fixture_free(&one);
    fixture_free(&other);
}

/* What rounds is the sum x + shift: 2^-24 of about 4, over deviations that may be small. */
void law_bias(const struct norm_config *config, struct law_result *result) {
    enum { B = 16, D = 48 };
    if (!fixture_allowed(config, B, D)) {
        law_say(result, LAW_IDLE, "%d x %d is refused", B, D);
        return;
    }
    struct fixture plain, shifted;
    float shift[D];
    double largest = 0;
    fixture_create(&plain, config, B, D, 80);
    fixture_create(&shifted, config, B, D, 80);
    fixture_normal(85, D, 0, 2, shift);
    for (size_t i = 0; i < law_elements(&plain); i++)
        shifted.x[i] += shift[i % D];
    fixture_forward_train(&plain, 0, CUT_NONE);
    fixture_forward_train(&shifted, 0, CUT_NONE);
    for (size_t i = 0; i < law_elements(&plain); i++)
        largest = fmax(largest, fabs((double)plain.x[i] - (double)shifted.x[i]));
    bool declared = normalizer_get(config->kind)->cancels_bias;
    law_measure(result, declared && !(largest <= 1e-4),
                "says cancels_bias, and a constant a unit changes the output by %.3g", largest);
    law_measure(result, !declared && !(largest > 1e-2),
                "a constant a unit changes the output by only %.3g: say cancels_bias", largest);
    fixture_free(&plain);
    fixture_free(&shifted);
}
