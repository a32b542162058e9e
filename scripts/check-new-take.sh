#!/usr/bin/env bash
# Proves CONTRIBUTING.md's recipe for a take: a function and a row in one file. Adds one in a copy of the tree, the mean of
# a series' second half. The tests take it up and find a mistake in it; claims use it, plain and as a spread; a misspelt
# name is answered with it; then it is removed, and claims that name it are refused.
. "$(dirname "$0")/check-new.sh"
copy_tree
takes=src/judge/claim/take.c

# ---- the function and the row ----

cat >scratch/function <<'C'
static double late_mean(const struct curve *curve, double at) {
    int begin = curve->n / 2;
    struct curve late = {curve->n - begin, curve->at + begin, curve->value + begin};
    return mean(&late, at);
}

C
cat >scratch/row <<'C'
    {.name = "late_mean",
     .sentence = "the mean of the second half",
     .in_order = true,
     .example = 5, /* of 3, 3 and 9 */
     .number = late_mean},
C
awk '
    /^struct curve take_example/ { while ((getline line < "scratch/function") > 0) print line; functions++ }
    /^static const struct take takes/ { inside = 1 }
    inside && /^};/ { while ((getline line < "scratch/row") > 0) print line; inside = 0; rows++ }
    { print }
    END { exit !(functions == 1 && rows == 1) }
' $takes >scratch/take.c || fail "no place for the function and the row in $takes"
cp scratch/take.c $takes
build $takes
passes '@(take|metric|claim|answer|describe)/*'
shows 'take `late_mean`: the mean of the second half' $normlab describe file

# ---- in claims ----

claim() { # NAME METRIC
    cat >"scratch/$1.yaml" <<YAML
schema: 1
name: $1
title: A new take
claim: {number: 1, notes: A, says: a rate of 1e-5 learns less}
base:
  data: {name: clusters, rows: 300, test_rows: 100, features: 6, classes: 3, train: 200, validation: 50}
  model: {hidden: [5]}
  train: {batch_size: 10, epochs: 1}
  log: {level: full}
sweep:
  optimizer.lr: [0.1, 0.00001]
  seed: range(10)
judge:
  - {name: loss, asks: is it, more: {optimizer.lr: 0.00001}, less: {optimizer.lr: 0.1}, delta: 0.001, unit: nat,
     metric: $2, supported: it learns less., refuted: it does not.}
YAML
}
claim late '{series: step/train_loss, take: late_mean}'
claim spread '{series: step/train_loss, take: late_mean, spread: true}'
claim misspelt '{series: step/train_loss, take: late_maen}'
$normlab run scratch/late.yaml --out scratch/results >scratch/run.log 2>&1 || {
    cat scratch/run.log
    fail "the runs fail"
}
shows 'it learns less.' $normlab judge scratch/late.yaml --out scratch/results
$normlab run scratch/spread.yaml --out scratch/results >scratch/run.log 2>&1 || fail "the runs of a spread fail"
shows 'spread: ' $normlab judge scratch/spread.yaml --out scratch/results
refuses "(did you mean 'late_mean'?)" $normlab judge scratch/misspelt.yaml --out scratch/results


# ---- a mistake in it, and without it ----

sed -i 's|int begin = curve->n / 2;|int begin = (curve->n + 1) / 2;|' $takes
build
finds 'take/*' late_mean
restore
refuses "'late_mean' is not last" $normlab judge scratch/late.yaml --out scratch/results

echo "new take: one function, one row; known to claims, messages and the tests, which find its mistake"
