#!/usr/bin/env bash
# Proves CONTRIBUTING.md's recipe for a normalizer: one file and one line. Adds three in a copy of the tree, wherever
# in the list: one with running statistics at its start, copied from batch.c as the recipe says; one without state
# and with a key of its own after `none`; one with a running state of its own kind at the end. All tests pass with
# them; they are listed, described, checked and trained, and change nothing for the others. Then mistakes are made,
# which the tests must find, and all are removed.
. "$(dirname "$0")/check-new.sh"
copy_tree
registry=src/engine/norm/registry.c

# Of every normalizer that was there before: id and numbers of its run, before and after.
cat >scratch/others.yaml <<'YAML'
schema: 1
name: others
title: All normalizers
base:
  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200, train: 500, validation: 100}
  model: {hidden: [16]}
  train: {batch_size: 16, steps: 20}
YAML
others() {
    rm -rf "scratch/$1"
    $normlab run scratch/others.yaml norm.kind="$others" --name others --out "scratch/$1" >scratch/run.log 2>&1 || {
        tail -n 20 scratch/run.log
        fail "the runs of all normalizers fail"
    }
    $normlab table "scratch/$1/others.h5" --columns run,norm.kind,train_loss,test_error >"scratch/$1.tsv"
}
others=$($normlab list normalizers | awk 'NR > 1 { print $1 }' | paste -sd ,)
others before

# ---- first in the list: running statistics, copied ----

sed -e 's/normalizer_batch\b/normalizer_first_batch/; s/\.name = "batch"/.name = "first_batch"/' \
    -e 's/B, "batch norm")/B, "first_batch")/; s/\.summary = "batch norm:/.summary = "a copy of batch norm:/' src/engine/norm/batch.c >src/engine/norm/first_batch.c
sed -i '0,/row(none)/s//row(first_batch) &/' $registry

# ---- in the middle: no state, a key of its own ----

cat >src/engine/norm/scale.c <<'C'
/* Multiplication by a constant: y = factor x. */
#include "engine/norm/normalizer.h"

static const struct key own_keys[] = {
    {.name = "norm.factor",
     .type = KEY_REAL,
     .min = 0,
     .max = 100,
     .initial = "2",
     .unit = "1",
     .doc = "What every value is multiplied by."},
    {0},
};

static void multiply(const struct norm *norm, struct span columns, int B, float *x) {
    float factor = (float)norm->config->own[0];
    for (int b = 0; b < B; b++)
        for (int j = columns.begin; j < columns.end; j++)
            x[(long)b * norm->D + j] *= factor;
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span columns,
                          int B, float *x) {
    (void)step;
    multiply(norm, columns, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    (void)state;
    multiply(norm, columns, B, x);
}

/* dx = factor g */
static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    multiply(norm, columns, B, g);
}

const struct normalizer normalizer_scale = {
    .name = "scale",
    .summary = "multiplication by a constant",
    .source = "an example",
    .axis = NORM_COLUMNS,
    .own_keys = own_keys,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
C
sed -i 's/row(none)/& row(scale)/' $registry

# ---- last: a running state of its own kind, and one vector to learn ----

cat >src/engine/norm/unit_rms.c <<'C'
/* Each unit by its root mean square over the mini-batch:
 *
 *     square_j = 1/B sum_b x_bj^2     r_j = 1 / sqrt(square_j + eps)     u = x r     y = gamma u
 */
#include <math.h>

#include "engine/norm/normalizer.h"

enum { GAMMA };
enum { RUNNING_SQUARE };

/* saved: u [B, D], r [D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)(B + 1) * (size_t)D;
}

static double mean_square(const float *x, int B, int D) {
    double sum = 0;
    for (int b = 0; b < B; b++)
        sum += (double)x[(long)b * D] * (double)x[(long)b * D];
    return sum / B;
}

static float gain(const struct norm *norm, int j) {
    return norm->param[GAMMA] ? norm->param[GAMMA][j] : 1.0f;
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span columns,
                          int B, float *x) {
    int D = norm->D;
    float *r = norm->saved + (long)B * D, *running = norm->state[RUNNING_SQUARE];
    for (int j = columns.begin; j < columns.end; j++) {
        double square = mean_square(x + j, B, D);
        r[j] = (float)(1 / sqrt(square + norm->config->eps));
        if (step->update != 0)
            running[j] = (float)((1 - step->update) * (double)running[j] + step->update * square);
        for (int b = 0; b < B; b++) {
            float *u = norm->saved + (long)b * D + j;
            *u = x[(long)b * D + j] * r[j];
            x[(long)b * D + j] = gain(norm, j) * *u;
        }
    }
}

/* The same map with the running mean square in place of the mini-batch's. */
static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    for (int j = columns.begin; j < columns.end; j++) {
        float r = (float)(1 / sqrt((double)state[RUNNING_SQUARE][j] + norm->config->eps));
        for (int b = 0; b < B; b++)
            x[(long)b * norm->D + j] *= r * gain(norm, j);
    }
}

/* dgamma = sum_b g u, dx = gamma r (g - u 1/B sum_b g u) */
static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    int D = norm->D;
    const float *r = norm->saved + (long)B * D;
    for (int j = columns.begin; j < columns.end; j++) {
        double along = 0;
        for (int b = 0; b < B; b++)
            along += (double)g[(long)b * D + j] * (double)norm->saved[(long)b * D + j];
        if (norm->param[GAMMA])
            norm->grad[GAMMA][j] = (float)along;
        float slope = gain(norm, j) * r[j], mean = (float)(along / B);
        for (int b = 0; b < B; b++) {
            float *d = g + (long)b * D + j;
            *d = slope * (*d - norm->saved[(long)b * D + j] * mean);
        }
    }
}

const struct normalizer normalizer_unit_rms = {
    .name = "unit_rms",
    .summary = "each unit by its root mean square over the mini-batch",
    .source = "an example",
    .axis = NORM_COLUMNS,
    .mixes_rows = true,
    .uses_eps = true,
    .param = {{.name = "gamma", .unit = "1", .doc = "learned scale of a unit", .initial = 1}},
    .state = {{.name = "running_square", .unit = "1", .doc = "running mean square of a unit", .initial = 1}},
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
C
sed -i '/row(.*)$/s/)$/) row(unit_rms)/' $registry

# ---- seen everywhere, and by the tests ----

# ---- seen by the program ----

readme=src/engine/norm/README.md
[ ! -e $readme ] || echo '`first_batch`, `scale`, `unit_rms`: examples.' >>$readme
build src/engine/norm/{first_batch,scale,unit_rms}.c
listed=$($normlab list normalizers | awk 'NR > 1 { print $1 }' | paste -sd ,)
[ "$listed" = "first_batch,none,scale,${others#none,},unit_rms" ] || fail "'list normalizers' shows $listed"
for name in first_batch scale unit_rms; do
    shows "$name" $normlab describe norm.kind
    shows pass $normlab check "$name"
done
shows 'What every value is multiplied by' $normlab describe norm.factor

# A sweep over the new key; `none` has no such key and is one run, and factor 1 must train exactly as `none` does.
# The copy of batch norm trains as batch norm does.
sed 's/^name: .*/name: scale/' scratch/others.yaml >scratch/scale.yaml
cat >>scratch/scale.yaml <<'YAML'
sweep:
  norm.kind: [none, scale, batch, first_batch, unit_rms]
  norm.factor: [0.5, 1, 3]
YAML
shows '7 complete' $normlab run scratch/scale.yaml --out scratch/scale
$normlab table scratch/scale/scale.h5 --columns norm.kind,norm.factor,train_loss >scratch/scale.tsv
awk -F'\t' '
    NR == 1 { if ($0 != "norm.kind\tnorm.factor\ttrain_loss") exit 1; next }
    $1 == "scale" { loss[$2] = $3; n_scale++; next }
    { if ($2 != "nan") exit 1; loss[$1] = $3; n_others++ }
    END {
        exit !(n_others == 4 && n_scale == 3 && loss["1"] == loss["none"] && loss["0.5"] != loss["none"] &&
               loss["3"] != loss["none"] && loss["batch"] == loss["first_batch"] && loss["unit_rms"] > 0)
    }' scratch/scale.tsv || {
    cat scratch/scale.tsv
    fail "the table is not one run of each and three of scale, with equal losses where the formulas are equal"
}
refuses norm.factor $normlab run scratch/scale.yaml norm.factor=-1 --out scratch/refused

# The others are the same runs with the same numbers, wherever in the list they stand.
others after
cmp scratch/before.tsv scratch/after.tsv || fail "runs of other normalizers have changed"

# ---- seen by the tests ----

passes
sed -i 's/^    multiply(norm, columns, B, g);/    (void)norm, (void)columns, (void)B, (void)g;/' src/engine/norm/scale.c
build
finds 'norm_laws/*' scale
sed -i 's/(1 - step->update) \*/1 */' src/engine/norm/unit_rms.c
build
finds 'norm_laws/*' unit_rms

restore
echo "new normalizers: one file and one line each, first, in the middle and last; seen by list, describe, check, sweeps" \
    "and the tests, which find their mistakes; removed without a trace"
