/* The data set of deep linear networks: a matrix to be learned (Santurkar et al. 2018, the 25-layer
 * network of their appendix). */
#pragma once

#include "engine/data/dataset.h"

/* x [rows, data.features] normal, A [data.classes, data.features] normal, targets A x; all a
 * function of data.seed. As generated_fill. */
enum status linear_fill(const struct data_config *config, struct data_source *source);
