/* A summary written by hand, and what is drawn from it. */
#pragma once

#include "lab/figure/drawing.h"
#include "lab/figure/figure_source.h"

extern struct hand {
    struct figure_source source;
    struct pool pool;
    struct drawing drawing;
    struct table points, data;
} hand;
void hand_free(void);

enum { NONE, BATCH, LAYER };
/* One run; what is 0 or NULL stays as in every other run. */
struct hand_run {
    int kind;
    const char *placement, *activation, *init, *status;
    double momentum, lr;
    int batch, train, seed;
    double error, population;
    bool collapsed;
};

/* As merge writes it: norm.placement and norm.momentum do not apply to `none`. */
void hand_summary(int n, const struct hand_run *runs);
#define SUMMARY(...)                                                                               \
    do {                                                                                           \
        static const struct hand_run runs[] = {__VA_ARGS__};                                       \
        hand_summary((int)(sizeof runs / sizeof *runs), runs);                                     \
    } while (0)

/* Series of which only the names count. */
void hand_shape(const char *group, const char *name, const char *scale);
/* "a b c": the names of the figures that the file gets. */
const char *hand_default_figures(void);
/* Decides the figure of that script (NULL: the first) with options "key=value" [n]. */
enum status hand_prepare(const char *script, int n, const char *const *options);
/* The same, and its tables. */
void hand_draw(const char *script, int n, const char *const *options);
/* A cell of `data` in the row with these texts. */
double hand_cell(const char *arm, const char *measure, const char *x, const char *column);
