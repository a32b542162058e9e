#!/usr/bin/env bash
# Parity with two other programs, made afresh: `make parity`.
#
#   scripts/parity.sh [PROGRAM]
#
# PyTorch (float64): scripts/parity/make_parity.py writes the files of tests/parity anew; they must agree with the
# stored ones, and tests/engine/nn/test_parity.c must pass on both. numpy: scripts/replay.py trains the runs of
# experiments/replay.yaml again from their results file. Needs scripts/install-deps.sh --ci.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-build/normlab}
python=${PYTHON:-/usr/bin/python3}
make=${MAKE:-make}
tests=$(dirname "$program")/release/normlab-tests

for module in torch numpy h5py; do
    "$python" -c "import $module" 2>/dev/null || {
        echo "parity.sh: $python has no $module; scripts/install-deps.sh --ci installs it" >&2
        exit 1
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" scripts/parity/make_parity.py "$work/parity"
"$python" scripts/parity/make_parity.py --compare "$work/parity" tests/parity

$make --no-print-directory BUILD="$(dirname "$program")" tests
run_tests() {
    NORMLAB_PARITY=$1 "$tests" --filter 'parity/*' >"$work/out" 2>&1 && grep -Eq 'Tested: [1-9]' "$work/out" || {
        cat "$work/out"
        echo "parity.sh: the test fails on $1, or did not run" >&2
        exit 1
    }
    tail -n 1 "$work/out"
}
run_tests tests/parity
run_tests "$work/parity"

"$program" run experiments/replay.yaml --out "$work/results"
"$python" scripts/replay.py "$work/results/replay.h5"
