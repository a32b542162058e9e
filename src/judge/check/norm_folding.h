/* A normalizer in evaluation, folded into the weights of the linear layer before it.
 *
 * Where evaluation is y_j = s_j z_j + t_j, as batch norm's with running statistics, the layer
 * z = h W + b can have it in its weights: W' = W diag(s), b' = s b + t. What looks at the values of
 * an example, as layer norm, or is no straight line, as dyt and derf, cannot be folded: it is far
 * off. */
#pragma once

#include "engine/norm/normalizer.h"

/* The relative distance (root mean square) of the folded layer's output from that of layer and
 * normalizer apart: B examples of K normal numbers, D units, a running state that is not the
 * initial one. */
double norm_folding_error(const struct norm_config *config, int B, int D, int K);
/* Time in evaluation of layer and normalizer over the layer alone, which is all that a folded one
 * costs, into ratios [n]: each of a turn in which both make some passes. */
void norm_folding_time_ratios(const struct norm_config *config, int B, int D, int K, int n,
                              double *ratios);
