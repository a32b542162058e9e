/* The keys model.*: widths, activation, initial weights and biases. */
#include "lab/config/key_group.h"
#include "lab/config/keys.h"

static const struct key_row model_rows[] = {
    {.key = {.name = "model.hidden",
             .type = KEY_INTS,
             .min = 1,
             .max = 65536,
             .initial = "[100, 100, 100]",
             .unit = "units",
             .doc = "Widths of the hidden layers; [] is softmax regression."},
     FIELD(run.model.hidden),
     COUNT(run.model.n_hidden)},
    {.key = {.name = "model.activation",
             .type = KEY_CHOICE,
             .initial = "relu",
             .unit = "",
             .doc = "Activation of the hidden layers.",
             .when = "model.hidden!=[]"},
     FIELD(run.model.activation),
     .name = activation_name},
    {.key = {.name = "model.init",
             .type = KEY_CHOICE,
             .initial = "he",
             .unit = "",
             .doc = "Initial weights, normal with deviation sqrt(2/in) (he), sqrt(2/(in+out)) "
                    "(glorot) or 1 (normal), times model.init_scale; biases start at 0.",
             .elsewhere = "PyTorch's nn.Linear draws weights and biases uniformly from "
                          "+-1/sqrt(in); Keras' Dense takes glorot_uniform"},
     FIELD(run.model.init),
     .name = init_name},
    {.key = {.name = "model.init_scale",
             .type = KEY_REAL,
             .min = 0,
             .max = 1e6,
             .initial = "1",
             .unit = "",
             .doc = "Factor on the deviation of the initial weights."},
     FIELD(run.model.init_scale)},
    {.key = {.name = "model.bias",
             .type = KEY_CHOICE,
             .words = "auto|on|off",
             .initial = "auto",
             .unit = "",
             .doc = "Bias of the linear layers; auto: dropped where a normalizer directly after "
                    "cancels it."},
     FIELD(run.model.bias)},
};

const struct key_group model_keys = KEY_GROUP(model_rows);
