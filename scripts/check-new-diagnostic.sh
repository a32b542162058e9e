#!/usr/bin/env bash
# Proves CONTRIBUTING.md's recipes for a diagnostic and for a probe: one file and one word each. Adds a diagnostic (how
# far weights have come) and a family of probes that reads it in a copy of the tree, lists it, logs it in a run, and
# runs the tests that are made from the tables; then lets it touch training, which the tests must find, and removes it.
. "$(dirname "$0")/check-new.sh"
copy_tree

# The diagnostic: its file, with the header for who reads it.
cat >src/engine/diagnostics/travel.h <<'C'
/* How far the weights of each layer are from their initial values. */
#pragma once

#include "engine/diagnostics/diagnostics.h"

struct travel {
    float *initial;   /* [n_params] */
    double *distance; /* [n_layers]: |W - initial W| */
};

extern const struct diagnostic diagnostic_travel; /* struct travel */
C
cat >src/engine/diagnostics/travel.c <<'C'
/* Keeps the initial weights, and measures how far the present ones are from them. */
#include "engine/diagnostics/travel.h"

#include <math.h>
#include <string.h>

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct travel *travel = state;
    travel->initial = arena_floats(arena, trainer->mlp.n_params);
    travel->distance = arena_doubles(arena, (size_t)trainer->mlp.n_layers);
}

static void begin(void *state, const struct trainer *trainer) {
    const struct travel *travel = state;
    memcpy(travel->initial, trainer->mlp.params, trainer->mlp.n_params * sizeof(float));
}

static enum status measure(void *state, const struct diagnostics *all) {
    const struct travel *travel = state;
    const struct mlp *mlp = &all->trainer->mlp;
    for (int k = 0; k < mlp->n_layers; k++) {
        const float *W = mlp->layers[k].W, *from = travel->initial + (W - mlp->params);
        double square = 0;
        for (long i = 0; i < (long)mlp->layers[k].in * mlp->layers[k].out; i++)
            square += pow((double)W[i] - (double)from[i], 2);
        travel->distance[k] = sqrt(square);
    }
    return OK;
}

const struct diagnostic diagnostic_travel = {.name = "travel",
                                             .size = sizeof(struct travel),
                                             .layout = layout,
                                             .begin = begin,
                                             .measure = measure};
C
# Its word in the list, and in the folder's README.
list=src/engine/diagnostics/diagnostics.c
sed -i 's/row(update)/& row(travel)/' $list
grep -q 'row(travel)' $list || fail "no 'row(update)' in DIAGNOSTICS in $list"
sed -i 's/^| `ablation` |/| `travel` | how far weights have come |\n&/' src/engine/diagnostics/README.md

# The family of probes: a file and a word.
cat >src/engine/probe/travel_probes.c <<'C'
/* How far weights have come. */
#include "engine/diagnostics/travel.h"
#include "engine/probe/probe.h"

static void weight_travel(const struct probe_view *view, int layer, double *out) {
    const struct travel *travel = view->state;
    out[0] = travel->distance[layer];
}

const struct probe probe_travel_rows[] = {
    {"weight_travel", "1", "Euclidean distance of W from its initial value", "a copy of the weights",
     PROBE_LAYER, LOG_BY_NAME, &diagnostic_travel, NULL, weight_travel},
    {0},
};
C
families=src/engine/probe/probes.c
sed -i 's/family(step)/& family(travel)/' $families
grep -q 'family(travel)' $families || fail "no 'family(step)' in FAMILIES in $families"
sed -i 's/^| `change_probes` |/| `travel_probes` | how far weights have come |\n&/' src/engine/probe/README.md
build src/engine/diagnostics/travel.c src/engine/probe/travel_probes.c

shows weight_travel $normlab list probes
shows 'Euclidean distance of W' $normlab describe weight_travel
cat >scratch/travel.yaml <<'YAML'
schema: 1
name: travel
title: A new diagnostic
base:
  data: {name: clusters, classes: 3, features: 8, rows: 400, test_rows: 100, validation: 100}
  model: {hidden: [16]}
  train: {batch_size: 20, epochs: 3}
  log: {level: standard, probes: travel}
YAML
shows travel.h5 $normlab run scratch/travel.yaml --out scratch/out
$normlab table scratch/out/travel.h5 --series layer/weight_travel >scratch/series.tsv
awk -F'\t' 'NR > 1 && !($4 > 0) { exit 1 } END { exit NR != 7 }' scratch/series.tsv || {
    cat scratch/series.tsv
    fail "not a distance for each of three epochs and two layers"
}

passes '@(probe|probe_select|diagnostics|memory|describe|golden)/*'
sed -i 's/^    const struct mlp \*mlp = &all->trainer->mlp;/&\n    mlp->params[0] += 1;/' src/engine/diagnostics/travel.c
build
finds 'probe/*' 'training under none is another'
restore
echo "new diagnostic: a file and a word, and so its probe; listed, logged, and tested by what the tables say"
