/* What the oracle cannot work out of a step itself: how far batch renorm may correct, and the
 * noise.
 */
#pragma once

#include "engine/norm/normalizer.h"

/* The value of one of the row's own keys; NULL where it has no such key. */
double *own_value(struct norm_config *config, const char *key);
/* Batch renorm's bounds after a share of the run (Ioffe 2017, section 3.2: in straight lines). */
void renorm_bounds(const struct norm_config *config, double share, double *r_max, double *d_max);
/* The step's noise, which is the same for every x: y = factor (without noise) + addend, [B, D]. */
void drawn_noise(const struct norm_config *config, const struct norm_step *step, int B, int D,
                 double *factor, double *addend);
