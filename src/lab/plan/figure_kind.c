/* The table of the figures of scripts/figures: what each draws by default. */
#include "lab/plan/figure_kind.h"

#include <string.h>

/* Failed runs count in test_error_scored; without test data, the next best. */
#define FINAL_ERROR "test_error_scored|validation_error|train_error|train_loss"

static const struct figure_kind kinds[] = {
    {.script = "placement",
     .most_arms = 24,
     .doc = "normalizer before or after the activation; panels: activation x mini-batch size",
     .varied = "norm.placement",
     .x = "norm.placement",
     .x_may_be_absent = true,
     .grid = "panel row",
     .most_metrics = 1,
     .y = FINAL_ERROR,
     .panel = "train.batch_size",
     .row = "model.activation"},
    {.script = "momentum_heatmap",
     .most_arms = 24,
     .doc = "momentum of the running statistics x mini-batch size, numbers in cells",
     .varied = "norm.momentum train.batch_size",
     .x = "train.batch_size",
     .grid = "row",
     .most_metrics = 1,
     .y = FINAL_ERROR,
     .row = "norm.momentum",
     .cells = true},
    {.script = "error_vs_batch",
     .most_arms = 24,
     .doc = "error against mini-batch size, a line an arm",
     .varied = "train.batch_size",
     .crowded = true,
     .x = "train.batch_size",
     .log_x = true,
     .grid = "panel",
     .most_metrics = 2,
     .y = FINAL_ERROR ",test_error_population",
     .second = "population statistics"},
    {.script = "error_vs_key",
     .most_arms = 24,
     .doc = "error against any key of numbers, a line an arm",
     .fallback = true,
     .x_from = FIGURE_X_NUMBER,
     .x_everywhere = true,
     .grid = "panel",
     .most_metrics = 2,
     .y = FINAL_ERROR,
     .second = "population statistics"},
    {.script = "error_vs_choice",
     .most_arms = 24,
     .doc = "error for each word of a key that is a choice",
     .fallback = true,
     .x_from = FIGURE_X_CHOICE,
     .x_may_be_absent = true,
     .grid = "panel row",
     .most_metrics = 1,
     .y = FINAL_ERROR},
    {.script = "learning_curves",
     .most_arms = 24,
     .doc = "error against epoch; panels: mini-batch size",
     .series = "epoch/train_loss",
     .group = "epoch",
     .x = "epoch",
     .grid = "panel",
     .most_metrics = 2,
     .y = "validation_error|test_error|train_error|train_loss",
     .panel = "train.batch_size"},
    {.script = "percentiles",
     .most_arms = 32,
     .arms_are_panels = true,
     .doc = "15/50/85 percentiles of the input to one unit while training",
     .series = "trace/percentile_50",
     .group = "trace",
     .x = "step",
     .grid = "panel",
     .most_metrics = 3,
     .y = "percentile_15,percentile_50,percentile_85",
     .y_label = "input to the activation of one unit",
     .panel = "train.batch_size"},
};

int figure_kind_count(void) {
    return (int)(sizeof kinds / sizeof *kinds);
}

const struct figure_kind *figure_kind_get(int index) {
    return &kinds[index];
}

const struct figure_kind *figure_kind_find(const char *script) {
    for (int i = 0; i < figure_kind_count(); i++)
        if (!strcmp(kinds[i].script, script))
            return &kinds[i];
    return NULL;
}

bool figure_script_is_path(const char *script) {
    size_t length = strlen(script);
    return strchr(script, '/') || (length > 3 && !strcmp(script + length - 3, ".gp"));
}
