/* Statistics, maps and sub-batches of the normalizers by columns. */
#include "engine/norm/by_columns.h"

#include "engine/kernel/reduce.h"

enum {
    LINE = 16, /* floats in a line of the cache */
    AHEAD = 4, /* rows that are asked for before they are written */
};

int columns_rows(const struct norm *norm, const struct norm_step *step, int B) {
    double rows = norm->config->own[OWN_ROWS];
    return rows < 2 || step->measure ? B : (int)rows;
}

int columns_parts(const struct norm_config *config, int B) {
    double rows = config->own[OWN_ROWS];
    return rows < 2 || rows > B ? 1 : B / (int)rows;
}

enum status columns_check_least(int B, const char *title) {
    if (B < 2)
        return fail(ERROR_USAGE,
                    "%s needs at least 2 rows in a mini-batch, not %d: the variance of "
                    "one row is 0 and its output would be beta whatever the input",
                    title, B);
    return OK;
}

enum status columns_check(const struct norm_config *config, int B, const char *title) {
    long rows = (long)config->own[OWN_ROWS];
    enum status status = columns_check_least(B, title);
    if (!status && rows >= 2 && B % rows)
        return fail_key(ERROR_USAGE, "norm.rows",
                        "%s cannot cut a mini-batch of %d rows into sub-batches of %ld", title, B,
                        rows);
    return status;
}

double columns_correction(const struct norm_config *config, double rows) {
    return config->running_var == RUNNING_VAR_UNBIASED ? rows / (rows - 1) : 1;
}

void columns_centre(struct span tile, int B, int D, float *x, double *mean, double *var) {
    int n = span_size(tile);
    reduce_columns(tile.begin, tile.end, B, D, x, mean);
    for (int j = 0; j < n; j++)
        mean[j] /= B;
    reduce_centre(tile.begin, tile.end, B, D, mean, x, var);
    for (int j = 0; j < n; j++)
        var[j] /= B;
}

void columns_scale(struct span tile, int B, int D, const float *inv_std, const float *gain,
                   const float *shift, float *x, float *xhat) {
    int n = span_size(tile);
    for (int b = 0; b < B; b++) {
        float *restrict row = x + (long)b * D + tile.begin;
        float *restrict kept = xhat + (long)b * D + tile.begin;
        for (int j = 0; j < n; j += LINE)
            __builtin_prefetch(kept + AHEAD * (long)D + j, 1);
        if (gain)
            for (int j = 0; j < n; j++) { /* hot */
                kept[j] = row[j] * inv_std[j];
                row[j] = gain[j] * kept[j] + shift[j];
            }
        else
            for (int j = 0; j < n; j++) /* hot */
                row[j] = kept[j] = row[j] * inv_std[j];
    }
}

void columns_project(struct span tile, int B, int D, const float *slope, const float *mean_g,
                     const float *mean_gx, const float *xhat, float *g) {
    int n = span_size(tile);
    for (int b = 0; b < B; b++) {
        float *restrict g_row = g + (long)b * D + tile.begin;
        const float *kept = xhat + (long)b * D + tile.begin;
        for (int j = 0; j < n; j++) /* hot */
            g_row[j] = slope[j] * ((g_row[j] - mean_g[j]) - kept[j] * mean_gx[j]);
    }
}

void columns_add(int n, const double *value, double *restrict sum) {
    for (int j = 0; j < n; j++)
        sum[j] += value[j];
}

void columns_running(double update, int n, const double *value, double factor,
                     float *restrict state) {
    for (int j = 0; j < n; j++)
        state[j] = (float)((1 - update) * (double)state[j] + update * (value[j] * factor));
}

void columns_map(struct span tile, int B, int D, const float *mean, const float *slope,
                 const float *shift, float *x) {
    int n = span_size(tile);
    for (int b = 0; b < B; b++) {
        float *restrict row = x + (long)b * D + tile.begin;
        for (int j = 0; j < n; j++) /* hot */
            row[j] = (row[j] - mean[j]) * slope[j] + shift[j];
    }
}

void columns_evaluate(const struct norm *norm, struct span tile, int B, const float *mean,
                      const float *slope, float *x) {
    const float *beta = columns_at(norm->param[BETA], tile);
    float shift[TILE];
    for (int j = 0; j < span_size(tile); j++)
        shift[j] = beta ? beta[j] : 0.0f;
    columns_map(tile, B, norm->D, mean, slope, shift, x);
}

void columns_keep_gradients(const struct norm *norm, struct span tile, const double *dgamma,
                            const double *dbeta) {
    for (int j = 0; norm->param[GAMMA] && j < span_size(tile); j++) {
        norm->grad[GAMMA][tile.begin + j] = (float)dgamma[j];
        norm->grad[BETA][tile.begin + j] = (float)dbeta[j];
    }
}
