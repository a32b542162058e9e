/* Adds up the units' means and deviations over the mini-batches of a side pass. */
#include "engine/diagnostics/unit_statistics.h"

#include <math.h>
#include <stdlib.h>

#include "base/sort.h"

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct unit_statistics *units = state;
    const struct mlp *mlp = &trainer->mlp;
    units->n_layers = mlp->n_layers;
    units->layers = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *units->layers);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct unit_layer counted, *layer = units->layers ? &units->layers[k] : &counted;
        for (int what = 0; what < SHOWN_KINDS; what++) {
            column_moments_layout(&layer->now[what], arena, mlp->layers[k].out);
            column_moments_layout(&layer->before[what], arena, mlp->layers[k].out);
        }
        layer->deviations = arena_doubles(arena, (size_t)mlp->layers[k].out);
    }
}

static void begin_layer(struct unit_layer *layer) {
    for (int what = 0; what < SHOWN_KINDS; what++) {
        struct column_moments before = layer->now[what];
        layer->now[what] = layer->before[what];
        layer->before[what] = before;
        column_moments_clear(&layer->now[what]);
    }
    layer->small = 0;
}

/* What is now becomes what was before, and nothing else is read again. */
static void pieces_of_layer(struct unit_layer *layer, struct pieces *pieces) {
    for (int what = 0; what < SHOWN_KINDS; what++) {
        struct column_moments *now = &layer->now[what];
        PIECE(pieces, now->n);
        pieces_add(pieces, now->mean, (size_t)now->D * sizeof *now->mean);
        pieces_add(pieces, now->squares, (size_t)now->D * sizeof *now->squares);
    }
}

struct visit {
    struct unit_layer *layers;
    int B;
};

static void visit_layer(void *argument, enum side_pass_shown what, int k, const float *x) {
    const struct visit *visit = argument;
    struct unit_layer *layer = &visit->layers[k];
    column_moments_add(&layer->now[what], visit->B, x);
    for (long i = 0; what == SHOWN_INPUT && i < (long)visit->B * layer->now[what].D; i++)
        layer->small += fabsf(x[i]) < 1;
}

/* Not-a-number last. */
static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static void sort_deviations(struct unit_layer *layer) {
    const struct column_moments *input = &layer->now[SHOWN_INPUT];
    for (int j = 0; j < input->D; j++)
        layer->deviations[j] = column_moments_deviation(input, j);
    sort_items(layer->deviations, (size_t)input->D, sizeof *layer->deviations, ascending);
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct unit_statistics *units = state;
    struct side_pass *side = diagnostics_state(all, &diagnostic_side_pass);
    struct visit visit = {units->layers, side->batch.B};
    for (int k = 0; k < side->mlp.n_layers; k++)
        begin_layer(&units->layers[k]);
    for (int i = 0; i < side_pass_batches(side->trainer); i++) {
        side_pass_gather(side, NULL, i);
        side_pass_visit_train(side, (uint32_t)i, visit_layer, &visit);
    }
    for (int k = 0; k < side->mlp.n_layers; k++)
        sort_deviations(&units->layers[k]);
    return OK;
}

static void pieces_of(void *state, struct pieces *pieces) {
    struct unit_statistics *units = state;
    for (int k = 0; k < units->n_layers; k++)
        pieces_of_layer(&units->layers[k], pieces);
}

const struct diagnostic diagnostic_unit_statistics = {.name = "unit_statistics",
                                                      .reads = {&diagnostic_side_pass},
                                                      .size = sizeof(struct unit_statistics),
                                                      .layout = layout,
                                                      .measure = measure,
                                                      .pieces = pieces_of};

const struct diagnostic diagnostic_unit_drift = {.name = "unit_drift",
                                                 .reads = {&diagnostic_side_pass},
                                                 .size = sizeof(struct unit_statistics),
                                                 .layout = layout,
                                                 .measure = measure,
                                                 .pieces = pieces_of};
