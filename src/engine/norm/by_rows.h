/* What the normalizers along a row share: layer norm, group norm, rms norm.
 *
 *     xhat = (x - mean) inv_std      inv_std = 1 / sqrt(mean of (x - mean)^2 + eps)
 *     y    = gamma xhat + beta
 *
 * over segments of a row: the whole row, or `groups` of equal width. Where it is not centred, the
 * mean counts as 0. Training and evaluation are the same map: no running state. */
#pragma once

#include "engine/norm/affine.h"

struct by_rows {
    int groups;
    bool centred;
};

/* saved: xhat [B, D], inv_std [B, groups]. */
size_t by_rows_saved_size(struct by_rows how, int B, int D);
void by_rows_forward_train(struct by_rows how, const struct norm *norm, struct span rows, int B,
                           float *x);
void by_rows_forward_eval(struct by_rows how, const struct norm *norm, struct span rows, float *x);
void by_rows_backward(struct by_rows how, const struct norm *norm, struct span rows, int B,
                      float *g);
/* dbeta_j = sum_b g_bj, dgamma_j = sum_b g_bj xhat_bj, with xhat [B, D] at the start of `saved`. A
 * row's backward_param; beta may be absent. */
void by_rows_backward_param(const struct norm *norm, struct span columns, int B, const float *g);

/* ---- one segment ---- */

/* How a segment is normalized. The mean is taken off in two floats, so that nothing is lost where
 * it is large against the deviation. */
struct row_map {
    float mean_high, mean_low, inv_std;
};

struct row_map row_map_of(double mean, double var, double eps);
/* x <- gamma xhat + beta, without those that are NULL; keeps xhat unless NULL. */
void row_normalize(int width, struct row_map map, const float *gamma, const float *beta, float *x,
                   float *xhat);
/* g <- inv_std (h - mean_h - xhat mean_hx), h = gamma g */
void row_project(int width, float inv_std, float mean_h, float mean_hx, const float *gamma,
                 const float *xhat, float *g);
