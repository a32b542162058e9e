#!/usr/bin/env bash
# Kills a sweep at random moments, the parent or one of its workers, and lets it go on: at the end all is
# there, nothing is left over, and every value is that of a sweep that nobody disturbed.
#
#   scripts/check-kill.sh [PROGRAM] [ROUNDS] [SEED]     default: build/normlab, 5 rounds
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-build/normlab}
rounds=${2:-5}
RANDOM=${3:-$$}
python=${PYTHON:-$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3)}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
kills=6 # a round

sweep() {
    exec "$program" run experiments/smoke.yaml train.epochs=100 --jobs 2 --threads 1 --out "$1"
}

fail() {
    echo "check-kill.sh: $1" >&2
    exit 1
}

# Kills the sweep that runs as process $1 or, each second time, a worker of its.
kill_something() {
    local victim=$1 workers
    if [ $((RANDOM % 2)) -eq 0 ]; then
        mapfile -t workers < <(pgrep -P "$1" || true)
        [ ${#workers[@]} -gt 0 ] && victim=${workers[RANDOM % ${#workers[@]}]}
    fi
    kill -KILL "$victim" 2>/dev/null || true
}

(sweep "$out/quiet") 2>/dev/null || fail "the undisturbed sweep failed"
for ((round = 1; round <= rounds; round++)); do
    folder=$out/killed$round
    for ((i = 0; i < kills; i++)); do
        (sweep "$folder") >>"$out/log" 2>&1 &
        parent=$!
        sleep "0.$(printf %03d $((RANDOM % 500)))"
        kill_something "$parent"
        wait "$parent" 2>/dev/null || true
    done
    finished=$(find "$folder/smoke" -name 'r*.h5' | wc -l)
    (sweep "$folder") >>"$out/log" 2>&1 || fail "round $round does not end well: $(tail -n 3 "$out/log")"
    # Where nobody buries the dead at once, their files stay until the next run after that.
    for ((i = 0; i < 20; i++)); do
        [ -n "$(find "$folder" -name '*.h5.tmp.*')" ] || break
        sleep 0.5
        (sweep "$folder") >>"$out/log" 2>&1 || fail "round $round: $(tail -n 3 "$out/log")"
    done
    [ $i -lt 20 ] || fail "round $round leaves $(find "$folder" -name '*.h5.tmp.*')"
    echo -n "round $round: $finished runs were finished after $kills kills; at the end: "
    "$python" scripts/same-results.py "$out/quiet/smoke.h5" "$folder/smoke.h5"
done
