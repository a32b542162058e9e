/* Statistics of the training part, and the shift and factor that follow from them. */
#pragma once

#include "engine/data/dataset.h"

/* Sets shift and factor [n_features] from the training rows of `dataset`, whose split is set.
 * ERROR_USAGE: a feature to rescale is out of range, a factor is 0 or beyond float32. */
enum status scaling_set(const struct data_config *config, const struct dataset *dataset,
                        float *shift, float *factor);
