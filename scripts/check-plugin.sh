#!/usr/bin/env bash
# Normalizers from shared objects, from the user's side: installs the program to a folder of its own, builds
# examples/plugin with gcc and with clang against the installed headers, checks it, and trains with it; then
# everything that a bad one may do must end in a message. The folder is removed.
set -euo pipefail
tree=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
normlab=$work/prefix/bin/normlab
export CC=${CC:-gcc}

fail() {
    echo "check-plugin.sh: $*" >&2
    [ ! -s "$work/messages" ] || sed 's/^/    /' "$work/messages" >&2
    exit 1
}

# run STATUS ARGUMENTS...: normlab must end so; what it says is in $work/output and $work/messages.
run() {
    local expected=$1 status=0
    shift
    "$normlab" "$@" >"$work/output" 2>"$work/messages" || status=$?
    [ "$status" -eq "$expected" ] || fail "normlab $*: exit status $status instead of $expected"
}

# says TEXT: the last message must contain it.
says() {
    grep -q -- "$1" "$work/messages" || fail "no '$1' in the message"
}

# build OUTPUT COMPILER FLAGS... <SOURCE
build() {
    local output=$1 compiler=$2
    shift 2
    "$compiler" -std=c11 -Wall -Wextra -Werror -shared -fPIC -I "$work/prefix/include" "$@" -x c - -lm \
        -o "$output" 2>"$work/messages" || fail "$compiler does not build $output"
}

${MAKE:-make} --no-print-directory -C "$tree" program install PREFIX="$work/prefix" \
    >"$work/messages" 2>&1 || fail "make install"
(cd "$tree" && cmp -s "${BUILD:-build}/include/normlab/plugin.h" "$work/prefix/include/normlab/plugin.h") ||
    fail "the headers of build/ and of the installed program differ"
[ "$(find "$work/prefix/include" -type f | wc -l)" -eq 1 ] || fail "more than one header is installed"
cd "$work"
example=$tree/examples/plugin/scale_norm.c

# ---- a good one ----

cat >sweep.yaml <<'YAML'
schema: 1
name: sweep
title: A normalizer from a shared object
base:
  data: {name: clusters, features: 8, classes: 3, rows: 600, test_rows: 200, train: 500, validation: 100}
  model: {hidden: [10, 10]}
  train: {batch_size: 8, steps: 30}
sweep:
  norm.kind: [batch, scale_norm]
YAML

# The same without the normalizer that only some know.
sed 's/, scale_norm//' sweep.yaml >plain.yaml

# ids: the runs of the sweep, a line each: id and normalizer.
ids() {
    run 0 run sweep.yaml --dry-run "$@"
    grep -Eo '^r[0-9a-f]{12}|norm.kind=[a-z_]+' output | paste - - | sort -k2
}

for compiler in gcc clang; do
    build "$compiler.so" "$compiler" -O3 <"$example"
    run 0 check scale_norm --plugin "./$compiler.so"
    run 0 run sweep.yaml --out "$compiler" --plugin "./$compiler.so"
    ids --plugin "./$compiler.so" >"$compiler.ids"
done
run 0 check scale_norm norm.length=3 --plugin ./gcc.so
run 0 describe norm.length --plugin ./gcc.so
grep -q 'norm.kind=scale_norm' output || fail "describe norm.length does not say to whom it applies"
run 0 list normalizers --plugin gcc.so
grep -q '^scale_norm[[:space:]]' output || fail "list normalizers does not show it"
run 2 run sweep.yaml
says "'scale_norm' is not .* loaded with --plugin FILE.so"

# Identity: that of scale_norm holds the object, that of batch norm does not.
run 0 run plain.yaml --dry-run
batch=$(grep -Eo '^r[0-9a-f]{12}' output)
for compiler in gcc clang; do
    grep -q "^$batch.*batch" "$compiler.ids" || fail "a loaded object changes the identity of a run of batch norm"
done
[ "$(grep -c . gcc.ids)" -eq 2 ] || fail "not two runs in the plan"
[ "$(sort -u gcc.ids clang.ids | wc -l)" -eq 3 ] || fail "two builds of one normalizer have one identity"
run 0 run sweep.yaml --out gcc --plugin ./gcc.so
says 'nothing to train'
(cat sweep.yaml; echo 'tune: {grid: [0.05, 0.1, 0.2], seeds: [9]}') >tuned.yaml
run 0 tune tuned.yaml --out tuned --plugin ./gcc.so
scale=$(awk '/scale_norm/ { print $1 }' gcc.ids)
h5dump -a "/runs/$scale/provenance/plugin" gcc/sweep.h5 | grep -q './gcc.so' || fail "the provenance does not name the object"
! h5dump -a "/runs/$batch/provenance/plugin" gcc/sweep.h5 >/dev/null 2>&1 || fail "batch norm's provenance names an object"

# An object built with -Ofast sets flush-to-zero where it is loaded: batch norm must train to the same bits
# beside it, on one thread and on two.
build fast.so gcc -Ofast <"$example"
run 2 run plain.yaml optimizer.lr=1e-310 --dry-run --plugin ./fast.so
says '1e-310 is 0 in float32' # not 'not above 0', as were it flushed to 0
for threads in 1 2; do
    NORMLAB_FULL_TEAM=1 run 0 run plain.yaml log.weights=both --threads $threads --out plain$threads
    NORMLAB_FULL_TEAM=1 run 0 run plain.yaml log.weights=both --threads $threads --out fast$threads \
        --plugin ./fast.so
    /usr/bin/python3 "$tree/scripts/same-results.py" --common plain1/sweep.h5 fast$threads/sweep.h5 >messages ||
        fail "with -Ofast loaded, batch norm trains to other bits"
done

# A second one beside it, with noise and a message of its own: what the program exports to them.
build noisy.so gcc -O2 <<'C'
#include <normlab/plugin.h>
static enum status check(const struct norm_config *config, int B, int D) {
    (void)config, (void)D;
    return B < 2 ? fail(ERROR_USAGE, "noisy needs at least 2 rows, not %d", B) : OK;
}
static void train(const struct norm *norm, const struct norm_step *step, struct span columns, int B, float *x) {
    for (int b = 0; b < B; b++)
        for (int j = columns.begin; j < columns.end; j++)
            x[(long)b * norm->D + j] += (float)random_normal(step->key, (uint64_t)b * (uint64_t)norm->D + (uint64_t)j);
}
static void evaluate(const struct norm *norm, float *const state[], struct span columns, int B, float *x) {
    (void)norm, (void)state, (void)columns, (void)B, (void)x;
}
static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    (void)norm, (void)columns, (void)B, (void)g;
}
static const struct normalizer row = {"noisy", "adds noise", "a test", .draws_noise = true, .check = check,
    .forward_train = train, .forward_eval = evaluate, .backward = backward};
NORMLAB_PLUGIN(row);
C
run 0 check noisy --plugin ./gcc.so --plugin ./noisy.so
run 0 run sweep.yaml norm.kind=noisy,scale_norm --out both --plugin ./gcc.so --plugin ./noisy.so
run 2 run plain.yaml norm.kind=noisy train.batch_size=1 --plugin ./noisy.so
says 'noisy needs at least 2 rows'

# ---- bad ones ----

# A file of the right form whose kernels are those of the example, with a change by sed.
changed() {
    sed "$2" "$example" >changed.c
    ! cmp -s changed.c "$example" || fail "the change '$2' changes nothing"
    build "$1" gcc -O2 -w <changed.c
}

n_refused=0
# refused OBJECT TEXT: by every command that loads it, before anything is trained.
refused() {
    run 2 list normalizers --plugin "./$1"
    says "$2"
    grep -q "^normlab: ./$1: " messages || fail "the message does not begin with the file"
    rm -rf out
    run 2 run sweep.yaml --out out --plugin "./$1"
    says "$2"
    [ ! -e out ] || fail "it began to run"
    n_refused=$((n_refused + 1))
}

run 2 check scale_norm --plugin ./nosuch.so
says 'No such file'
echo 'no object' >text.so
refused text.so 'cannot be loaded'

changed version.so 's/^NORMLAB_PLUGIN(row);/const struct normlab_plugin normlab_plugin = {NORMLAB_ABI + 1, NORMLAB_PLUGIN_SIZES, \&row};/'
refused version.so 'version 3 of the interface'
changed old.so 's/^NORMLAB_PLUGIN(row);/const struct normlab_plugin normlab_plugin = {1, {8}, \&row};/'
refused old.so 'version 1 of the interface, and this program has version 2: build it again'
changed size.so 's/^NORMLAB_PLUGIN(row);/const struct normlab_plugin normlab_plugin = {NORMLAB_ABI, {8}, \&row};/'
refused size.so 'other headers'
changed symbol.so 's/^NORMLAB_PLUGIN(row);/const struct normalizer *exported = \&row;/'
refused symbol.so 'exports no normlab_plugin'
changed undefined.so 's/^static size_t saved_size/int reduce_columns(void);\n&/; s/    (void)config;/    reduce_columns(), (void)config;/'
refused undefined.so 'undefined symbol: reduce_columns'
changed kernel.so 's/, .backward = backward//; s/^static void backward/__attribute__((unused)) &/'
refused kernel.so 'forward_eval or backward is missing'
changed name.so 's/"scale_norm"/"batch"/'
refused name.so "there is a normalizer 'batch' already"
changed key.so 's/norm\.length/norm.eps/'
refused key.so 'own key norm.eps: that name is taken'
changed keys.so 's/^    {0}};/    {"norm.k1"}, {"norm.k2"}, {"norm.k3"}, {0}};/'
refused keys.so 'own key norm.k1: it needs a type'
changed vector.so 's/ .axis = NORM_ROWS,/ .state = {{"unit", "1", "a vector", 0}}, &/'
refused vector.so "the vector 'unit' needs another name"
changed crash.so 's/^static size_t saved_size/__attribute__((constructor)) static void crash(void) { *(volatile int *)8 = 0; }\n&/'
refused crash.so 'crashes when it is loaded and tried: killed by signal 11'
changed hang.so 's/^static size_t saved_size/__attribute__((constructor)) static void hang(void) { for (volatile int i = 0;; i = !i) {} }\n&/'
refused hang.so 'hangs when it is loaded and tried: did not end within 20 s'
changed exit.so 's/^static size_t saved_size/#include <stdlib.h>\n__attribute__((constructor)) static void end(void) { exit(0); }\n&/'
refused exit.so 'its process ended itself'

# Two that have the same key and do not agree on it.
changed other.so 's/"scale_norm"/"other"/; s/\.initial = "10"/.initial = "20"/'
run 2 list normalizers --plugin ./gcc.so --plugin ./other.so
says 'own key norm.length: scale_norm has a key of this name'
changed twin.so 's/"scale_norm"/"twin"/'
run 0 list normalizers --plugin ./gcc.so --plugin ./twin.so

# A wrong gradient is found, and costs exit status 1.
changed wrong.so 's/slope \* (/slope * 1.01 * (/'
run 1 check scale_norm --plugin ./wrong.so
says 'scale_norm breaks 1 law'
grep -q '^gradient_input *FAIL' output || fail "the law of gradients does not find the wrong one"
run 0 run sweep.yaml --dry-run --plugin ./wrong.so
says 'warning: scale_norm breaks 1 law (gradient_input)'
run 0 run sweep.yaml --dry-run --plugin ./gcc.so
! grep -q 'breaks' messages || fail "run warns of a normalizer that keeps the laws"
# One that hangs at a value that is not finite breaks that law; nothing else waits for it.
changed crashes.so 's/^    \*r = /    if (squares != squares) __builtin_trap();\n&/'
run 1 check scale_norm --plugin ./crashes.so
grep -q '^nan *FAIL' output || fail "the law of NaN does not find the crash"
says 'breaks 1 law'

# A loop without end holds its own run until the limit.
changed loop.so 's/^    (void)step;/    while (step->step == 20);/'
run 1 run sweep.yaml --out loop --plugin ./loop.so --run-limit 2s --checkpoint 0
says '1 complete, 0 diverged, 1 failed (1 timed out)'
says 'longer than --run-limit 2.0 s allows: step [0-9]* of 30, [0-9]* s ago'
[ -e "loop/sweep/$batch.h5" ] || fail "the run of batch norm is lost"

# A crash in training costs the runs that it happened in.
changed late.so 's/^    (void)step;/    if (step->step == 20) __builtin_trap();/'
run 1 run sweep.yaml --out late --plugin ./late.so
says '1 complete, 0 diverged, 1 failed'
says 'killed by signal'
[ -e "late/sweep/$batch.h5" ] || fail "the run of batch norm is lost"

echo "plugins: built with gcc and clang, checked, trained; $n_refused bad ones refused with a message"
