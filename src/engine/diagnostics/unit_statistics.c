#include "engine/diagnostics/unit_statistics.h"

#include <math.h>
#include <stdlib.h>

void unit_study_layout(struct unit_study *study, struct arena *arena,
                       const struct trainer *trainer) {
    const struct mlp *mlp = &trainer->mlp;
    study->layers = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *study->layers);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct unit_layer counted, *layer = study->layers ? &study->layers[k] : &counted;
        for (int what = 0; what < REHEARSAL_SHOWN; what++) {
            unit_moments_layout(&layer->now[what], arena, mlp->layers[k].out);
            unit_moments_layout(&layer->before[what], arena, mlp->layers[k].out);
        }
        layer->deviations = arena_doubles(arena, (size_t)mlp->layers[k].out);
    }
}

static void begin_layer(struct unit_layer *layer) {
    for (int what = 0; what < REHEARSAL_SHOWN; what++) {
        struct unit_moments before = layer->now[what];
        layer->now[what] = layer->before[what];
        layer->before[what] = before;
        unit_moments_clear(&layer->now[what]);
    }
    layer->small = 0;
}

struct visit {
    struct unit_layer *layers;
    int B;
};

static void visit_layer(void *argument, enum rehearsal_shown what, int k, const float *x) {
    const struct visit *visit = argument;
    struct unit_layer *layer = &visit->layers[k];
    unit_moments_add(&layer->now[what], visit->B, x);
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
    const struct unit_moments *input = &layer->now[SHOWN_INPUT];
    for (int j = 0; j < input->D; j++)
        layer->deviations[j] = unit_moments_deviation(input, j);
    qsort(layer->deviations, (size_t)input->D, sizeof *layer->deviations, ascending);
}

void unit_study_look(struct unit_study *study, struct rehearsal *rehearsal) {
    struct visit visit = {study->layers, rehearsal->batch.B};
    for (int k = 0; k < rehearsal->mlp.n_layers; k++)
        begin_layer(&study->layers[k]);
    for (int i = 0; i < rehearsal_batches(rehearsal->trainer); i++) {
        rehearsal_gather(rehearsal, NULL, i);
        rehearsal_visit_train(rehearsal, (uint32_t)i, visit_layer, &visit);
    }
    for (int k = 0; k < rehearsal->mlp.n_layers; k++)
        sort_deviations(&study->layers[k]);
}
