#!/usr/bin/env bash
# Proves what CONTRIBUTING.md promises: a new normalizer is one file and one line. Adds one with a key of its
# own to a copy of the tree, and looks for it in list, describe, a sweep and the tests; then gives its backward
# pass a mistake, which the tests must find. The copy is removed.
set -euo pipefail
tree=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
make=${MAKE:-make}

fail() {
    echo "check-new-normalizer.sh: $*" >&2
    exit 1
}

# With build/, so that only what changes is compiled; without results and history.
tar -C "$tree" -c --exclude=./.git --exclude='./results/*' --exclude='./build/debug' --exclude='./build/san' \
    --exclude='./build/tsan' . | tar -C "$copy" -x
cd "$copy"

# The one file.
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
# The one line.
sed -i 's/row(none)/& row(scale)/' src/engine/norm/registry.c
grep -q 'row(scale)' src/engine/norm/registry.c || fail "no 'row(none)' in the list in src/engine/norm/registry.c"

$make --no-print-directory program tests >make.log 2>&1 || {
    tail -30 make.log
    fail "the tree with the new normalizer does not build"
}
! grep 'src/engine/norm/scale.c.*warning:' make.log || fail "warnings"
normlab=build/normlab
scripts/check-layers.sh --only count,home,openmp,ending,name >/dev/null || fail "the layer rule"

$normlab list normalizers | grep scale >/dev/null || fail "'list normalizers' does not show it"
$normlab describe norm.factor | grep 'What every value is multiplied by' >/dev/null || fail "'describe norm.factor' is silent"
$normlab describe norm.kind | grep scale >/dev/null || fail "'describe norm.kind' does not name it"

$normlab check scale >check.log || {
    grep FAIL check.log
    fail "'check' finds it broken"
}

# A sweep over its key; `none` has no such key and is one run, and factor 1 must train exactly as `none` does.
cat >scale.yaml <<'YAML'
schema: 1
name: scale
title: A new normalizer and its key
base:
  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200, train: 500, validation: 100}
  model: {hidden: [10]}
  train: {batch_size: 16, steps: 20}
sweep:
  norm.kind: [none, scale]
  norm.factor: [0.5, 1, 3]
YAML
$normlab run scale.yaml --out out 2>run.log || {
    cat run.log
    fail "the sweep over norm.factor fails"
}
$normlab table out/scale.h5 --columns norm.kind,norm.factor,train_loss >table.tsv
awk -F'\t' '
    NR == 1 { if ($0 != "norm.kind\tnorm.factor\ttrain_loss") exit 1; next }
    $1 == "none" { none = $3; if ($2 != "nan") exit 1; n_none++ }
    $1 == "scale" { loss[$2] = $3; n_scale++ }
    END { exit !(n_none == 1 && n_scale == 3 && loss["1"] == none && loss["0.5"] != none && loss["3"] != none) }
' table.tsv || {
    cat table.tsv
    fail "the table is not one run of none and three of scale, with equal losses at factor 1"
}
! $normlab run scale.yaml norm.factor=-1 --out refused 2>refused.log || fail "norm.factor=-1 is accepted"
grep -q 'norm.factor' refused.log || fail "the message about norm.factor=-1 does not name it"

# The tests made from the registry take it up: they pass, and they fail once its backward pass is wrong.
tests='norm_laws/*'
build/release/normlab-tests --filter "$tests" >test.log 2>&1 || {
    tail -30 test.log
    fail "the tests of the registry do not pass"
}
grep -Eq 'Tested: [1-9]' test.log || fail "no test ran under '$tests'"
sed -i 's/^    multiply(norm, columns, B, g);/    (void)norm, (void)columns, (void)B, (void)g;/' src/engine/norm/scale.c
$make --no-print-directory tests >make.log 2>&1 || {
    tail -30 make.log
    fail "the tree with the mistake does not build"
}
if build/release/normlab-tests --filter "$tests" >test.log 2>&1; then
    fail "no test notices a wrong backward pass of the new normalizer"
fi
grep -q 'scale' test.log || fail "tests fail, but none names the new normalizer"

echo "new normalizer: one file, one line; seen by list, describe, a sweep, and the tests, which find its mistake"
