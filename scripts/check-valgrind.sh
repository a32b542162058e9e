#!/usr/bin/env bash
# One short run of each command under valgrind's memcheck, workers and all: no invalid access, no jump on what nobody
# set, nothing lost for good. The build is for any processor with AVX2, since valgrind 3.19 knows no AVX-512.
#
#   scripts/check-valgrind.sh [--self-test]   --self-test: a program with a mistake must be found
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
build=${BUILD:-build}/v3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# watch PROGRAM [ARGUMENT...]: its status; what valgrind says of it and of the processes it forks is in $work/said.*
watch() {
    valgrind -q --leak-check=full --show-leak-kinds=definite --log-file="$work/said.%p" "$@" >"$work/out" 2>&1
}

# judge NAME STATUS: fails where valgrind said anything, or the program did not end well.
judge() {
    find "$work" -name 'said.*' -size +0 -exec head -n 30 {} + >"$work/words"
    if [ -s "$work/words" ] || [ "$2" -ne 0 ]; then
        cat "$work/words"
        tail -n 5 "$work/out"
        echo "check-valgrind.sh: $1: status $2" >&2
        return 1
    fi
    rm -f "$work"/said.*
}

if [ "${1:-}" = --self-test ]; then
    printf '%s\n' '#include <stdlib.h>' 'int main(void) { int *p = malloc(4); int x = *p; free(p); return x ? 0 : *p; }' \
        >"$work/bad.c"
    gcc -O0 -w -o "$work/bad" "$work/bad.c"
    watch "$work/bad" || true
    ! judge planted 0 >/dev/null 2>&1 || { echo "check-valgrind.sh: the planted mistake was not found" >&2; exit 1; }
    exit 0
fi

${MAKE:-make} -s --no-print-directory MARCH=x86-64-v3 BUILD="$build" program
normlab=$root/$build/normlab
cat >"$work/tuned.yaml" <<'Y'
schema: 1
name: tuned
title: Two rates
base: {data: {name: clusters, rows: 60, validation: 20, test_rows: 20}, model: {hidden: [3]}, train: {steps: 4, batch_size: 10}}
sweep: {norm.kind: [none, batch]}
tune: {grid: [0.01, 0.1, 1], seeds: "range(5, 7)"}
Y
cp tests/fuzz/base.yaml tests/judge/report/page/2_beta.yaml "$work"
cp -r share scripts "$work" # figures and pages
cd "$work"

step() {
    local status=0
    watch "$normlab" "$@" || status=$?
    judge "normlab $*" "$status"
}
step run base.yaml --jobs 2 --out r --name base train.epochs=1 model.hidden=[3] "seed=range(7)"
step status r/base
step status r/base --verify --runs
step submit base.yaml --out r --tasks 3 --dry-run train.epochs=2 -- --partition=all
step merge r/base --out again.h5
step table r/base.h5 --by norm.kind --metrics test_error,steps
step table r/base.h5 --series epoch/test_error
step compare r/base.h5 --arms norm.kind=batch,none
step show r/base.h5
step plot r/base.h5 --format svg --out f
step judge 2_beta.yaml --out r
step report 2_beta.yaml --out r --to page.html
step tune tuned.yaml --out r
step list normalizers
step describe norm.momentum
step check none
step bench --sizes 9-5-3 --norm none --batch 4 --threads 1 --seconds 0.01
