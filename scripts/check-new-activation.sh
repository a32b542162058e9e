#!/usr/bin/env bash
# Proves CONTRIBUTING.md's recipe for an activation: two functions and a row in one file, and its formula for the
# tests. Adds one in a copy of the tree, in the middle of the table: it is described, refused under a wrong name and
# trained, and changes nothing for the others; a test names it while it has no formula. Then a mistake is made, which
# the tests must find, and the activation is removed.
. "$(dirname "$0")/check-new.sh"
copy_tree

cat >scratch/elu.yaml <<'YAML'
schema: 1
name: elu
title: Activations
base:
  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200, train: 500, validation: 100}
  model: {hidden: [16, 16]}
  train: {batch_size: 16, steps: 20}
YAML
# Of the activations $2: the id and the numbers of their runs, into scratch/$1.tsv.
runs() {
    $normlab run scratch/elu.yaml model.activation="$2" --name elu --out "scratch/$1" >/dev/null 2>scratch/run.log || {
        tail -n 20 scratch/run.log
        fail "the runs of $2 fail"
    }
    $normlab table "scratch/$1/elu.h5" --columns run,model.activation,train_loss,test_error >"scratch/$1.tsv"
}
runs before relu,sigmoid,tanh,identity

# ---- step 1: two functions and a row ----

file=src/engine/kernel/activation.c
cat >scratch/functions.c <<'C'
/* max(x, exp(x) - 1); exponential_minus_one takes no positive number. */
static void elu(long n, float *x) {
    for (long j = 0; j < n; j++) { /* hot */
        float below = exponential_minus_one(x[j] < 0.0f ? x[j] : 0.0f);
        x[j] = x[j] < 0.0f ? below : x[j];
    }
}

/* a + 1 below 0, else 1 */
static void elu_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] *= a[j] < 0.0f ? a[j] + 1.0f : 1.0f;
}

C
awk '/^\/\* The one list\. \*\/$/ { while ((getline line <"scratch/functions.c") > 0) print line }
     { print }
     /\.name = "relu"/ { print "    {.name = \"elu\", .forward = elu, .backward = elu_backward}," }' \
    $file >scratch/activation.c
cp scratch/activation.c $file
build $file
shows elu $normlab describe model.activation
refuses "did you mean 'elu'?" $normlab run scratch/elu.yaml model.activation=elv --out scratch/refused
finds 'kernel_activation/*' 'elu has no formula in tests/oracle/activations.c'

# ---- step 2: its formula, and the tests ----

formulas=tests/oracle/activations.c
cat >scratch/functions.c <<'C'
static double elu(double z) {
    return z < 0 ? expm1(z) : z;
}

static double elu_slope(double z) {
    return z < 0 ? exp(z) : 1;
}

C
awk '/^static const struct oracle_activation rows/ { while ((getline line <"scratch/functions.c") > 0) print line }
     { print }
     /\.name = "relu"/ { print "    {.name = \"elu\", .value = elu, .slope = elu_slope, .slope_magnitude = 1}," }' \
    $formulas >scratch/activations.c
cp scratch/activations.c $formulas
build $formulas
passes
if gcc -v 2>&1 | grep -q '^gcc version'; then
    shows 'all vectorized' scripts/check-vectorized.sh
fi

# ---- in an experiment ----

runs with relu,elu,sigmoid,tanh,identity
grep -v '\<elu\>' scratch/with.tsv | cmp -s - scratch/before.tsv || {
    diff scratch/before.tsv scratch/with.tsv || true
    fail "the runs of other activations are not what they were"
}
awk -F'\t' '$2 == "elu" { loss = $3 } $2 == "relu" { relu = $3 } END { exit !(loss > 0 && loss < 2 && loss != relu) }' \
    scratch/with.tsv || {
    cat scratch/with.tsv
    fail "elu does not train"
}

# ---- a mistake ----

sed -i 's/g\[j\] \*= a\[j\] < 0.0f ? a\[j\] + 1.0f : 1.0f;/g[j] *= a[j] < 0.0f ? a[j] : 1.0f;/' $file
build $file
finds 'kernel_activation/*' "elu'("

restore
passes '@(kernel_activation|keys)/*'
echo "new activation: one row and its two functions, and a formula for the tests, which ask for it and find a mistake"
