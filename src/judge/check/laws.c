/* The table of laws, and how one is judged: in place, or in a process of its own. */
#include "judge/check/laws.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/sandbox.h"
#include "judge/check/laws_rows.h"

static const struct law laws[] = {
    {"declared", "name, texts, vectors and kernels are there", "missing", 0, law_declared, NULL},
    {"refusals", "a shape is taken, or refused with a message that names the row", "refusals", 0,
     law_refusals, NULL},
    {"finite", "columns and rows of equal values give finite numbers, and all is written",
     "numbers", 0, NULL, law_finite},
    {"writes", "training writes x, saved and state; backward g and gradients; nothing else",
     "numbers", 0, NULL, law_writes},
    {"evaluation_writes", "evaluation writes x and reads no state but what it is given", "numbers",
     0, NULL, law_evaluation_writes},
    {"cuts", "cut along the axis at any place, in any order: the same bits", "numbers", 0, NULL,
     law_cuts},
    {"threads", "two threads at a time, a part each: the same bits", "numbers", 0, NULL,
     law_threads},
    {"outside", "what lies outside the span is neither read nor written", "numbers", 0, NULL,
     law_outside},
    {"pure", "the same input gives the same bits: nothing is remembered elsewhere", "numbers", 0,
     NULL, law_pure},
    {"mixes_rows", "other rows have an effect where declared, and only there", "errors", 0, NULL,
     law_mixing},
    {"draws_noise", "step->key has an effect where declared, and only there", "errors", 0, NULL,
     law_noise},
    {"uses_eps", "norm.eps has an effect where declared, and only there", "errors", 0, NULL,
     law_eps},
    {"cancels_bias", "a constant added to a unit has no effect where declared, and only there",
     "errors", 0, law_bias, NULL},
    {"update", "update 0 leaves the state alone; updating leaves the output alone", "numbers", 0,
     NULL, law_update},
    {"evaluation_rows", "evaluation takes each row by itself: one by one, the same bits", "numbers",
     0, NULL, law_evaluation_rows},
    {"evaluation_plain", "without state, mixing and noise, evaluation is training: the same bits",
     "numbers", 0, NULL, law_train_is_evaluation},
    {"evaluation_frozen", "with the mini-batch's own statistics as state, evaluation is training",
     "relative", 1e-3, NULL, law_frozen},
    {"needs_population",
     "training is evaluation with the same state, and leaves it, if so declared", "numbers", 0,
     NULL, law_population},
    {"gradient_input", "backward is the derivative of forward_train by finite differences",
     "of largest", 5e-4, law_gradient_input, NULL},
    {"gradient_param", "gradients of the parameters are those of finite differences", "of largest",
     5e-4, law_gradient_param, NULL},
    {"held", "with step->hold, what stops the gradient is taken from saved: the same bits",
     "numbers", 0, NULL, law_held},
    {"nan", "NaN and infinity go through: the kernels end, and write in bounds", "errors", 0, NULL,
     law_nan},
    {"rows", "smallest mini-batch", "rows", NAN, fact_rows, NULL},
    {"scale", "all values times 3: the same output?", "moved by", NAN, fact_scale, NULL},
    {"shift", "2 added to all values: the same output?", "moved by", NAN, fact_shift, NULL},
    {"scale_unit", "each unit times a factor of its own: the same output?", "moved by", NAN,
     fact_unit_scale, NULL},
    {"shift_unit", "a constant added to each unit: the same output?", "moved by", NAN,
     fact_unit_shift, NULL},
    {"scale_example", "each example times a factor of its own: the same output?", "moved by", NAN,
     fact_row_scale, NULL},
    {"shift_example", "a constant added to each example: the same output?", "moved by", NAN,
     fact_row_shift, NULL},
    {"cost", "forward and backward of 64 x 128, a value", "ns", NAN, fact_cost, NULL},
};

int law_count(void) {
    return (int)(sizeof laws / sizeof *laws);
}

const struct law *law_get(int index) {
    return &laws[index];
}

const struct law *law_find(const char *name) {
    for (int i = 0; i < law_count(); i++)
        if (!strcmp(laws[i].name, name))
            return &laws[i];
    return NULL;
}

/* ---- measurements ---- */

void law_measure(struct law_result *result, double value, const char *format, ...) {
    if (value <= result->measured)
        return;
    result->measured = isnan(value) ? INFINITY : value;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof result->detail, format, arguments);
    va_end(arguments);
}

void law_say(struct law_result *result, enum law_verdict verdict, const char *format, ...) {
    result->verdict = verdict;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof result->detail, format, arguments);
    va_end(arguments);
}

long law_differences(const float *a, const float *b, size_t n) {
    long differences = 0;
    for (size_t i = 0; i < n; i++)
        differences += memcmp(&a[i], &b[i], sizeof *a) != 0;
    return differences;
}

/* ---- the common shapes ---- */

/* The second half can be cut into sub-batches of rows and into groups of units. */
static const int shapes[][2] = {{1, 1},   {1, 13},   {2, 1},   {2, 2},    {2, 33},
                                {3, 129}, {7, 100},  {9, 257}, {130, 29}, {5, 1000},
                                {8, 12},  {4, 36},   {6, 300}, {16, 20},  {12, 48},
                                {2, 64},  {32, 132}, {4, 400}, {10, 24},  {8, 1000}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void judge_shapes(const struct law *law, const struct norm_config *config,
                         struct law_result *result) {
    int variants = config->affine && norm_fields(normalizer_get(config->kind)->param) ? 2 : 1;
    for (int i = 0; i < variants * SHAPES; i++) {
        struct norm_config variant = *config;
        variant.affine = config->affine && i < SHAPES;
        const int *shape = shapes[i % SHAPES];
        if (fixture_allowed(&variant, shape[0], shape[1]))
            law->judge_shape(&variant, shape[0], shape[1], result);
    }
}

void law_judge(const struct law *law, const struct norm_config *config, struct law_result *result) {
    *result = (struct law_result){.verdict = LAW_HOLDS, .measured = -1};
    if (law->judge)
        law->judge(config, result);
    else
        judge_shapes(law, config, result);
    if (result->verdict != LAW_HOLDS)
        return;
    if (result->measured < 0 && !*result->detail)
        law_say(result, LAW_IDLE, "no shape to judge it at");
    else if (result->measured < 0)
        result->verdict = LAW_IDLE;
    else if (!(result->measured <= law->bound))
        result->verdict = LAW_BROKEN;
    else if (result->measured == 0)
        *result->detail = '\0'; /* nothing was found anywhere */
}

/* ---- in a process of its own ---- */

enum { LIMIT_S = 60 };

struct apart {
    const struct law *law;
    const struct norm_config *config;
    struct law_result *result; /* shared */
};

static enum status judge_apart(void *argument) {
    const struct apart *apart = argument;
    struct law_result result;
    law_judge(apart->law, apart->config, &result);
    *apart->result = result;
    return OK;
}

enum status law_judge_apart(const struct law *law, const struct norm_config *config,
                            struct law_result *result) {
    struct apart apart = {law, config, sandbox_memory(sizeof *result)};
    if (!apart.result)
        return fail(ERROR_RUN, "out of memory");
    apart.result->measured = INFINITY;
    law_say(apart.result, LAW_BROKEN, "its process ended itself");
    enum status status = sandbox_run(judge_apart, &apart, LIMIT_S, NULL);
    if (status == ERROR_RUN) {
        law_say(apart.result, LAW_BROKEN, "%s", status_message());
        status = OK;
    }
    *result = *apart.result;
    sandbox_memory_free(apart.result, sizeof *result);
    return status;
}
