#!/usr/bin/env bash
# What must hold beside `make check`: other compilers, sanitizers, other processors, readers, proofs of the recipes,
# and that the checks themselves can fail. Stops at the first step that fails; prints the time of each.
#
#   scripts/check-heavy.sh             all steps, in their order
#   scripts/check-heavy.sh STEP...     these alone
#   scripts/check-heavy.sh --list      their names
set -euo pipefail
cd "$(dirname "$0")/.."
export MAKEFLAGS=-j$(nproc)
logs=build/ci

# Name | what it shows | command
steps='
format         | the layout of the code is that of clang-format | make -s format-check
clang          | clang builds without a warning | make -s CC=clang BUILD=build/clang program tests
layers         | the rules of src/: the check can fail | scripts/check-layers.sh --self-test
intervals      | intervals hold the truth as often as they say | intervals
coverage       | the tests run 96 % of the lines of src/ | scripts/coverage.sh
vectorized     | hot loops are vectors | scripts/check-vectorized.sh
vectorized-self | hot loops: the check can fail | scripts/check-vectorized.sh --self-test
bench          | the speed of every kind of step can be measured | bench
memory         | address and undefined-behaviour sanitizers | memory
analysis       | gcc -fanalyzer, clang-tidy (with the analyzer of clang), cppcheck | scripts/analysis.sh
analysis-self  | analyzers: the check can fail | scripts/analysis.sh --self-test
valgrind       | memcheck over each command | scripts/check-valgrind.sh
valgrind-self  | memcheck: the check can fail | scripts/check-valgrind.sh --self-test
fuzz           | inputs that a machine thinks up, 20 s a target | scripts/fuzz.sh
races          | thread sanitizer, the trainer | scripts/check-races.sh
races-self     | thread sanitizer: the check can fail | scripts/check-races.sh --self-test
readers        | h5py, xarray, ncdump, R and Octave read the results | readers
data           | the same rows from four formats train to the same bits; the sets with a name train; the check can fail | data
python         | normlab.py gives what the files hold; networks answer in PyTorch as they did here; the check can fail | python
notebook       | the notebook runs from sweep to figure; the check can fail | notebook
hostile        | results files from strangers: a sentence or a table, no crash, no hang | /usr/bin/python3 scripts/check-hostile.py --part 12
hostile-data   | data files from strangers: read, or a sentence that says where | /usr/bin/python3 scripts/check-hostile-data.py
hostile-data-self | data files from strangers: the check can fail | /usr/bin/python3 scripts/check-hostile-data.py --self-test
accidents      | changed bytes of results are refused or change nothing | /usr/bin/python3 scripts/check-hostile.py --mutations 150
break          | 20 kills, 60 failing calls, small disks, damaged files: nothing lost, nothing wrong | breaks
break-self     | kills and failing calls: the check can fail | breaks_self
status         | status is right at each moment of 300 runs in 8 shards with kills; nothing lost; the check can fail | scripts/check-status.py --self-test
slurm          | a real Slurm of two nodes: tasks killed, queued again, preempted, drained; the same results | scripts/check-slurm.sh
hosts          | two ssh hosts, GNU parallel, containers, GlusterFS: the same results | scripts/check-hosts.sh
environment    | few processes and threads: each shortage is a sentence | scripts/check-environment.sh
same-bits      | same bits for any threads and jobs | scripts/check-same-bits.sh
claims         | claims: run, judged, stored, compared | scripts/check-claims.sh
definitions    | studies and papers write out every key that applies; the check can fail | scripts/check-definitions.sh
schema         | experiment files: the JSON Schema and the program agree; the check can fail | schema
audit          | verdicts computed again, the stored ones too; the audit can fail | audit
tutorial       | the tutorial, command by command; the check can fail | tutorial
report         | the page of verdicts in a browser | scripts/check-report.py
report-self    | the page: the check can fail | scripts/check-report.py --self-test
new-normalizer | a new normalizer: one file, one line | scripts/check-new-normalizer.sh
new-data-source | a new data source: one file, one line | scripts/check-new-data-source.sh
new-evaluation-source | a new evaluation source: one row | scripts/check-new-evaluation-source.sh
new-take       | a new take: one function, one row | scripts/check-new-take.sh
new-activation | a new activation: one row | scripts/check-new-activation.sh
new-diagnostic | a new diagnostic and its probe: one file, one word each | scripts/check-new-diagnostic.sh
install        | make says a line a file; an installation compiles nothing, may be moved, leaves nothing | scripts/check-install.sh
examples       | every example of the help texts and README.md works; the check can fail | scripts/check-examples.py
json           | what --json prints fits its schema and jq; the check can fail | scripts/check-json.py --self-test
completion     | bash, zsh and fish complete what is typed | scripts/check-completion.py --all
dist           | make dist: the same bytes for everybody; one version everywhere | scripts/check-dist.sh
plugin         | normalizers from shared objects | scripts/check-plugin.sh
old-processor  | a processor without AVX gets a sentence, no illegal instruction | old_processor
portable       | for any processor with AVX2; two builds train one sweep | portable
aarch64        | for aarch64, under qemu | scripts/check-aarch64.sh --quick
parity         | parity with PyTorch and with numpy | scripts/parity.sh
'

# Intervals of four kinds of data and three numbers of seeds; `make check` looks at three of the twelve.
intervals() {
    NORMLAB_SIMULATIONS=1000 scripts/run-tests.sh build/release/normlab-tests --filter 'judge_simulation/intervals_of_everything*'
}

# That it runs, for each normalizer, on one thread and two; how fast is nobody's business here.
bench() {
    local all
    all=$(build/normlab list normalizers | awk 'NR > 1 { print $1 }' | paste -sd ,)
    build/normlab bench --sizes 784-100-10,17-12-3 --norm "$all" --batch 2,40 --threads 1,2 --seconds 0.1 --profile
    /usr/bin/python3 scripts/bench_jobs.py --quick
    /usr/bin/python3 scripts/bench_job.py --steps 100 --seconds 0.02 --repeats 1
    /usr/bin/python3 scripts/bench_batched.py --networks 3 --batch 2,16 --seconds 0.05 --repeats 1
}

memory() {
    CFLAGS="" make -s VARIANT=san program tests # the sanitizers make gcc warn of what cannot happen
    # Not nn_growth, 24 layers of 500 units: minutes for the same code as nn_oracle's.
    # A test asks for more memory than there is, and looks at what the program says of it.
    UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=allocator_may_return_null=1 \
        scripts/run-tests.sh build/san/normlab-tests --filter '!(nn_growth)/*'
}

schema() {
    scripts/check-schema.py
    scripts/check-schema.py --self-test
}

audit() {
    local stored=results/reference effects=()
    [ ! -f "$stored/effects.tsv" ] || effects=("$stored/effects.tsv")
    /usr/bin/python3 scripts/check-audit.py
    /usr/bin/python3 scripts/audit.py "$stored/differences.tsv.gz" "$stored/answers.tsv.gz" "$stored/rows" "${effects[@]}"
}

tutorial() {
    /usr/bin/python3 scripts/check-tutorial.py
    /usr/bin/python3 scripts/check-tutorial.py --self-test
}

readers() {
    build/normlab run experiments/smoke.yaml log.level=full --out "$logs/readers"
    /usr/bin/python3 scripts/check-interop.py "$logs/readers/smoke.h5"
}

data() {
    /usr/bin/python3 scripts/check-data.py
    /usr/bin/python3 scripts/check-data.py --self-test
}

python() {
    local experiment=$logs/python/networks.yaml results=$logs/python/networks.h5
    mkdir -p "$logs/python"
    cat >"$experiment" <<'YAML'
schema: 1
name: networks
title: A small network with every normalizer, for PyTorch
base:
  data: {name: fashion-mnist, train: 1200, validation: 200}
  model: {hidden: [24, 12]}
  optimizer.lr: 0.02
  train: {epochs: 2, batch_size: 30}
  log: {weights: both, probes: rows}
  norm.groups: 2
  seed: 897
zip:
  - norm.placement: [before, after]
    norm.on_input: [false, true]
    norm.on_output: [false, true]
sweep:
  norm.kind: [none, batch, layer, group, rms, batch_renorm, batch_noisy, whole, dropout, population, literal_variance, literal_square, literal_both, dyt, derf]
YAML
    build/normlab run "$experiment" --out "$logs/python"
    /usr/bin/python3 scripts/check-python.py build/normlab "$results"
    /usr/bin/python3 scripts/check-python.py build/normlab "$results" --self-test
}

notebook() {
    /usr/bin/python3 scripts/check-notebook.py build/normlab
    /usr/bin/python3 scripts/check-notebook.py build/normlab --self-test
}

breaks() {
    make -s fail_nth
    /usr/bin/python3 scripts/break.py
}

# A program that says 0 whatever happens.
breaks_self() {
    printf '#!/bin/sh\n%s "$@" || true\n' "$PWD/build/normlab" >"$logs/forgiving"
    chmod +x "$logs/forgiving"
    if /usr/bin/python3 scripts/break.py kill-worker --tries 6 --program "$logs/forgiving" >"$logs/break-self" 2>&1 ||
        ! grep -q 'exit 0, and' "$logs/break-self"; then
        tail -20 "$logs/break-self"
        echo "check-heavy.sh: workers were killed, the program said 0, and nobody minded" >&2
        return 1
    fi
    echo "a program that always says 0 is found out"
}

old_processor() {
    [ "$(uname -m)" = x86_64 ] || return 0
    local status=0
    qemu-x86_64 -cpu Nehalem build/normlab --version >"$logs/old-processor" 2>&1 || status=$?
    cat "$logs/old-processor"
    [ "$status" -eq 1 ] && grep -q 'processors with .*avx2.*, which this one lacks (host ' "$logs/old-processor"
}

# Any processor with AVX2 instead of this one: other widths, the same bits.
portable() {
    make -s MARCH=x86-64-v3 BUILD=build/v3 program tests
    scripts/run-tests.sh build/v3/release/normlab-tests --filter '@(kernel_*|nn_*|norm_*|golden|probe)/*'
    two_builds build/v3/normlab
}

# Half of a sweep by this build, half by another: merged they are what this build makes of it, with every normalizer and
# every probe; and every run that both have made is the same.
two_builds() {
    local other=$1 dir=$logs/two-builds
    local experiment=$dir/both.yaml
    rm -rf "$dir"
    mkdir -p "$dir"
    cat >"$experiment" <<YAML
schema: 1
name: both
base:
  data: {rows: 700, test_rows: 150, features: 13, classes: 5, train: 530, validation: 150}
  model: {hidden: [28, 20]}
  train: {epochs: 2, batch_size: 53}
  optimizer.lr: 0.05
  log: {level: full, weights: both, probes: "$(build/normlab list probes | awk 'NR > 1 { print $2 }' | sort -u | paste -sd ' ')"}
zip:
  - {data.name: [clusters, linear], train.loss: [cross_entropy, squared], optimizer.kind: [sgd, adam]}
sweep:
  norm.kind: [$(build/normlab list normalizers | awk 'NR > 1 { print $1 }' | paste -sd ,)]
YAML
    build/normlab run "$experiment" --out "$dir/whole"
    build/normlab run "$experiment" --out "$dir/half" --shard 0/2
    "$other" run "$experiment" --out "$dir/other-half" --shard 1/2
    build/normlab merge "$dir/half/both" "$dir/other-half/both" --out "$dir/halves.h5"
    /usr/bin/python3 scripts/same-results.py "$dir/whole/both.h5" "$dir/halves.h5"
    "$other" run "$experiment" --out "$dir/other"
    build/normlab merge "$dir/whole/both" "$dir/other/both" --out "$dir/both.h5" 2>&1 | tee "$dir/said"
    grep -q 'copies in other folders, with the same results' "$dir/said"
}

if [ "${1:-}" = --list ]; then
    awk -F ' [|] ' 'NF { printf "%s  %s\n", $1, $2 }' <<<"$steps"
    exit 0
fi
for name in "$@"; do
    grep -q "^$name *|" <<<"$steps" || {
        echo "check-heavy.sh: no step '$name'; --list shows them" >&2
        exit 2
    }
done

current=
finish() {
    local status=$?
    printf '\n%s' "$times"
    [ "$status" -eq 0 ] || [ -z "$current" ] || { tail -n 12 "$said" && echo "FAILED: $current"; }
}
times=
trap finish EXIT
mkdir -p "$logs"
make -s program tests
while IFS='|' read -r name sentence command; do
    name=${name// /}
    [ -n "$name" ] || continue
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    current="$name:$sentence"
    printf '\n==== %s\n' "$current"
    begin=$SECONDS
    said=$logs/step-$name.log # its end is shown again where a reader looks first
    $command </dev/null 2>&1 | tee "$said"
    times+=$(printf '%6d s  %s' $((SECONDS - begin)) "$current")$'\n'
done <<<"$steps"
