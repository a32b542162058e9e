/* Maps, statistics and gradients of the normalizers along a row. */
#include "engine/norm/by_rows.h"

#include <math.h>

#include "engine/kernel/reduce.h"

size_t by_rows_saved_size(struct by_rows how, int B, int D) {
    return (size_t)B * (size_t)D + (size_t)B * (size_t)how.groups;
}

/* ---- one segment ---- */

struct row_map row_map_of(double mean, double var, double eps) {
    float high = (float)mean, low = (float)(mean - (double)high);
    return (struct row_map){high, low, (float)(1 / sqrt(var + eps))};
}

static inline float normalized(struct row_map map, float x) {
    return ((x - map.mean_high) - map.mean_low) * map.inv_std;
}

static inline float scaled(const float *gamma, const float *beta, int j, float xhat) {
    if (!gamma)
        return xhat;
    return beta ? gamma[j] * xhat + beta[j] : gamma[j] * xhat;
}

static void normalize_and_keep(int width, struct row_map map, const float *restrict gamma,
                               const float *restrict beta, float *restrict x,
                               float *restrict xhat) {
    for (int j = 0; j < width; j++) { /* hot */
        float value = normalized(map, x[j]);
        xhat[j] = value;
        x[j] = scaled(gamma, beta, j, value);
    }
}

static void normalize(int width, struct row_map map, const float *restrict gamma,
                      const float *restrict beta, float *restrict x) {
    for (int j = 0; j < width; j++) /* hot */
        x[j] = scaled(gamma, beta, j, normalized(map, x[j]));
}

void row_normalize(int width, struct row_map map, const float *gamma, const float *beta, float *x,
                   float *xhat) {
    if (xhat)
        normalize_and_keep(width, map, gamma, beta, x, xhat);
    else
        normalize(width, map, gamma, beta, x);
}

void row_project(int width, float inv_std, float mean_h, float mean_hx, const float *restrict gamma,
                 const float *restrict xhat, float *restrict g) {
    for (int j = 0; j < width; j++) { /* hot */
        float h = gamma ? gamma[j] * g[j] : g[j];
        g[j] = inv_std * ((h - mean_h) - xhat[j] * mean_hx);
    }
}

/* ---- all segments of some rows ---- */

/* Segments at a time: while one's sums come to their end, the next one's are on their way. */
enum { TOGETHER = 4 };

/* Row b's segments are b groups .. (b + 1) groups; they lie in memory one after the other. */
static struct span segments_of(struct by_rows how, struct span rows) {
    return (struct span){rows.begin * how.groups, rows.end * how.groups};
}

static int together(struct span segments, int first) {
    return segments.end - first < TOGETHER ? segments.end - first : TOGETHER;
}

/* The part of a vector of D that belongs to the segment. */
static const float *part_of(struct by_rows how, const float *vector, int segment, int width) {
    return vector ? vector + segment % how.groups * width : NULL;
}

static void find_maps(struct by_rows how, int n, int width, double eps, const float *x,
                      struct row_map maps[TOGETHER]) {
    double mean[TOGETHER] = {0}, var[TOGETHER];
    for (int i = 0; how.centred && i < n; i++)
        mean[i] = reduce_sum((size_t)width, x + (long)i * width) / width;
    for (int i = 0; i < n; i++)
        var[i] = reduce_squares((size_t)width, x + (long)i * width, mean[i]) / width;
    for (int i = 0; i < n; i++)
        maps[i] = row_map_of(mean[i], var[i], eps);
}

/* x <- gamma xhat + beta on some rows; xhat and inv_std are kept, or NULL. */
static void forward(struct by_rows how, const struct norm *norm, struct span rows, float *x,
                    float *xhat, float *inv_std) {
    int width = norm->D / how.groups;
    struct span segments = segments_of(how, rows);
    for (int first = segments.begin; first < segments.end; first += TOGETHER) {
        int n = together(segments, first);
        struct row_map maps[TOGETHER];
        find_maps(how, n, width, norm->config->eps, x + (long)first * width, maps);
        for (int i = 0, s = first; i < n; i++, s++) {
            const float *gamma = part_of(how, norm->param[GAMMA], s, width);
            const float *beta = part_of(how, norm->param[BETA], s, width);
            row_normalize(width, maps[i], gamma, beta, x + (long)s * width,
                          xhat ? xhat + (long)s * width : NULL);
            if (inv_std)
                inv_std[s] = maps[i].inv_std;
        }
    }
}

void by_rows_forward_train(struct by_rows how, const struct norm *norm, struct span rows, int B,
                           float *x) {
    forward(how, norm, rows, x, norm->saved, norm->saved + (size_t)B * (size_t)norm->D);
}

void by_rows_forward_eval(struct by_rows how, const struct norm *norm, struct span rows, float *x) {
    forward(how, norm, rows, x, NULL, NULL);
}

void by_rows_backward_param(const struct norm *norm, struct span columns, int B, const float *g) {
    enum { TILE = 144 };
    for (int begin = columns.begin; begin < columns.end; begin += TILE) {
        int end = begin + TILE < columns.end ? begin + TILE : columns.end;
        double dgamma[TILE], dbeta[TILE];
        reduce_columns_and_dot(begin, end, B, norm->D, g, norm->saved, dbeta, dgamma);
        for (int j = begin; j < end; j++)
            norm->grad[GAMMA][j] = (float)dgamma[j - begin];
        for (int j = begin; norm->grad[BETA] && j < end; j++)
            norm->grad[BETA][j] = (float)dbeta[j - begin];
    }
}

/* dx = inv_std (h - mean of h - xhat mean of h xhat), h = gamma g; the mean of h is taken off only
 * where the mean of x was. */
void by_rows_backward(struct by_rows how, const struct norm *norm, struct span rows, int B,
                      float *g) {
    int width = norm->D / how.groups;
    const float *xhat = norm->saved, *inv_std = norm->saved + (size_t)B * (size_t)norm->D;
    struct span segments = segments_of(how, rows);
    for (int first = segments.begin; first < segments.end; first += TOGETHER) {
        int end = first + together(segments, first);
        double sum_h[TOGETHER], sum_hx[TOGETHER];
        for (int s = first; s < end; s++)
            reduce_weighted((size_t)width, part_of(how, norm->param[GAMMA], s, width),
                            g + (long)s * width, xhat + (long)s * width, &sum_h[s - first],
                            &sum_hx[s - first]);
        for (int s = first; s < end; s++) {
            float mean_h = how.centred ? (float)(sum_h[s - first] / width) : 0;
            row_project(width, inv_std[s], mean_h, (float)(sum_hx[s - first] / width),
                        part_of(how, norm->param[GAMMA], s, width), xhat + (long)s * width,
                        g + (long)s * width);
        }
    }
}
