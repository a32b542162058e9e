/* The shift and factor of each column, from statistics of the training rows. */
#pragma once

#include "engine/data/split.h"

/* Sets shift and factor [n_features] from the `n` training rows of a split. ERROR_USAGE: a
 * feature to rescale is out of range, a factor is 0 or beyond float32, a column's differences are
 * less than float32 holds beside what is added to it. */
enum status scaling_set(const struct data_config *config, const struct data_source *source,
                        const struct split *split, long n, float *shift, float *factor);
