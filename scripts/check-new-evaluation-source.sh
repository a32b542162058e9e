#!/usr/bin/env bash
# Proves CONTRIBUTING.md's recipe for an evaluation source: one row and its functions. Adds one in a copy of the tree, a
# copy of the running statistics, whose errors must be those of the running ones in /summary, in curves and in banks. All
# tests pass with it. Results of the program without it are read by the program with it, and the other way round. Then
# its function is given a mistake, which the tests must find, and it is removed.
. "$(dirname "$0")/check-new.sh"
copy_tree
table=src/engine/nn/evaluation_sources.h
functions=src/engine/nn/evaluation_sources.c

cat >scratch/source.yaml <<'YAML'
schema: 1
name: source
title: Errors with each source's statistics
base:
  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200, train: 500, validation: 100}
  model: {hidden: [10]}
  train: {batch_size: 16, epochs: 2}
  eval: {momenta: [0.5, 0.9]}
  log: {level: full, test: epoch}
sweep:
  norm.kind: [none, batch]
YAML
train() {
    $normlab run scratch/source.yaml --out "scratch/$1" >scratch/run.log 2>&1 || {
        tail -n 20 scratch/run.log
        fail "the experiment fails"
    }
}
# column FOLDER NAME, points FOLDER SERIES: values of the run with batch norm.
column() { $normlab table "scratch/$1/source.h5" --where norm.kind=batch --columns "$2" | sed 1d; }
points() { $normlab table "scratch/$1/source.h5" --where norm.kind=batch --series "$2" | awk 'NR > 1 { print $NF }'; }
equal() {
    [ -n "$1" ] || fail "$3: no values"
    [ "$1" = "$2" ] || fail "$3: $1, not $2"
}

train old

# ---- the row, first in the table, and its functions ----

cat >scratch/row <<'C'
    row(copied, has_state, copied_states, NULL, "a copy of the running statistics",                \
        "with a copy of the running statistics", ", copied", "")                                   \
C
sed -i '/^#define ROWWISE_SOURCES/r scratch/row' $table
cat >scratch/functions <<'C'
/* ---- copied ---- */

static enum status copied_states(const struct trainer *trainer, int member, float *states,
                                 bool *any) {
    return running_states(trainer, member, states, any);
}

C
sed -i $'/^\\/\\* ---- the table ---- \\*\\/$/{\ne cat scratch/functions\n}' $functions
grep -q copied_states $functions || fail "no line '/* ---- the table ---- */' in $functions"
build $table $functions
passes

shows 'with a copy of the running statistics' $normlab describe test_error_copied
shows 'as test_error_copied, on the validation rows' $normlab describe validation_error_copied
shows 'test_error_copied' $normlab list probes

train new
for part in test validation; do
    equal "$(column new "${part}_error_copied")" "$(column new "${part}_error")" "/summary/${part}_error_copied"
    for group in epoch bank bank_epoch; do
        equal "$(points new "$group/${part}_error_copied")" "$(points new "$group/${part}_error")" "$group/${part}_error_copied"
    done
done
equal "$($normlab table scratch/new/source.h5 --where norm.kind=none --columns test_error_copied | sed 1d)" nan \
    "without running statistics"
equal "$(column new run,test_error,test_error_population)" "$(column old run,test_error,test_error_population)" "the other sources"

# ---- results of the program without it ----

equal "$(column old test_error_batch)" "$(column new test_error_batch)" "old results"
refuses "no column 'test_error_copied'" $normlab table scratch/old/source.h5 --columns test_error_copied
rm scratch/old/source.h5
train old
equal "$(column old test_error_copied)" nan "a run from before, merged anew"
equal "$(column old test_error)" "$(column new test_error)" "a run from before, merged anew"

# ---- a mistake: it writes into the statistics of training ----

sed -i 's/^    return running_states(trainer, member, states, any);/    trainer->mlp.states[0] = 1;\n&/' $functions
build $functions
finds 'nn_evaluation_sources/*' 'copied of'

restore
equal "$(column new test_error)" "$(column old test_error)" "results with the column, read without it"
refuses "no column 'test_error_kopied'" $normlab table scratch/new/source.h5 --columns test_error_kopied

echo "new evaluation source: one row and a function; in /summary, curves and banks, described and listed; old results read"
