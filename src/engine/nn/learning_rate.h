/* The learning rate of a step: scaling by the batch size, warm-up, schedule. Scalings and schedules
 * are rows of tables: words of optimizer.lr_scaling and optimizer.schedule. */
#pragma once

#include "engine/nn/optimizer.h"

/* The words of the keys; NULL past the last. -1: unknown. */
const char *lr_scaling_name(int index);
long lr_scaling_find(const char *name);
const char *schedule_name(int index);
long schedule_find(const char *name);

/* lr times what the scaling makes of it for this batch size. */
double learning_rate_effective(const struct optimizer_config *config, long batch_size);
/* The rate of update `step` (0-based) of `total_steps`. */
double learning_rate_at(const struct optimizer_config *config, long batch_size, long step,
                        long total_steps);
