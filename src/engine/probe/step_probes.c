/* What every step measures by itself. */
#include "engine/probe/probe.h"

const struct probe probe_step_rows[] = {
    {.name = "train_loss",
     .unit = UNIT_OF_LOSS,
     .doc = "mean loss of the step's mini-batch before its update",
     .cost = "none: a step computes it",
     .axis = PROBE_STEP,
     .level = LOG_STANDARD},
    {.name = "lr",
     .unit = "1",
     .doc = "learning rate of the step's update, after scaling and schedule",
     .cost = "none",
     .axis = PROBE_STEP,
     .level = LOG_STANDARD},
    {.name = "train_error",
     .unit = "1",
     .doc = "share of wrong answers in the step's mini-batch before its update",
     .cost = "none: a step computes it",
     .axis = PROBE_STEP,
     .level = LOG_FULL},
    {.name = "gradient_norm",
     .unit = UNIT_OF_LOSS,
     .doc = "Euclidean norm of the gradient of the step's mini-batch, of all parameters, before "
            "clipping",
     .cost = "every step keeps its gradient and passes over it",
     .axis = PROBE_STEP,
     .level = LOG_BY_NAME},
    {.name = "gradient_norm_largest",
     .unit = UNIT_OF_LOSS,
     .doc = "as gradient_norm: the largest of a point's steps, and not their mean, which hides a "
            "spike",
     .cost = "that of gradient_norm",
     .axis = PROBE_STEP,
     .level = LOG_BY_NAME},
    {0},
};
