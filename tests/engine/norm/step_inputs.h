/* What the oracle cannot know of a step and is told: how far batch renorm may correct, and the
 * noise.
 */
#pragma once

#include "engine/norm/normalizer.h"

/* The value of one of the row's own keys; NULL where it has no such key. */
double *told_own(struct norm_config *config, const char *key);
/* Batch renorm's bounds after a share of the run (Ioffe 2017, section 3.2: in straight lines). */
void told_bounds(const struct norm_config *config, double share, double *r_max, double *d_max);
/* The step's noise, which is the same for every x: y = factor (without noise) + addend, [B, D]. */
void told_noise(const struct norm_config *config, const struct norm_step *step, int B, int D,
                double *factor, double *addend);
