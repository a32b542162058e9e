#!/usr/bin/env bash
# The same experiment with other jobs and threads gives the same values in every dataset; with another
# log level the same training, the final weights included.
#
#   scripts/check-same-bits.sh [PROGRAM] [key=value ...]     default: build/normlab on experiments/smoke.yaml
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-build/normlab}
shift || true
python=${PYTHON:-$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3)}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# run_as NAME OPTION... -- KEY=VALUE...
run_as() {
    local name=$1 options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    if ! "$program" run experiments/smoke.yaml log.weights=both "$@" "${options[@]}" --name smoke --out "$out/$name" \
        2>"$out/$name.log"; then
        cat "$out/$name.log" >&2
        exit 1
    fi
}

failed=0
# compare NAME [--common]: against the first way
compare() {
    local name=$1
    shift
    echo -n "$name: "
    "$python" scripts/same-results.py "$@" "$out/one/smoke.h5" "$out/$name/smoke.h5" || failed=1
}

export NORMLAB_FULL_TEAM=1 # however small the net
run_as one --jobs 1 --threads 1 -- "$@"
run_as two-jobs --jobs 2 --threads 1 -- "$@"
run_as three-threads --jobs 1 --threads 3 -- "$@"
run_as two-by-two --jobs 2 --threads 2 -- "$@"
run_as economy --jobs 2 --threads 1 -- log.level=economy "$@"
run_as full --jobs 2 --threads 1 -- log.level=full "$@"
compare two-jobs
compare three-threads
compare two-by-two
compare economy --common
compare full --common
exit $failed
