#!/usr/bin/env bash
# A cluster or a container may give a sweep fewer processes and threads than it asks for: it makes do with fewer
# workers, or says what it could not have.
#
#   scripts/check-environment.sh [PROGRAM]     default: build/normlab
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
chmod 755 "$out"
install -m 755 "${1:-build/normlab}" "$out/normlab"
cat >"$out/tiny.yaml" <<'END'
schema: 1
name: tiny
base:
  data: {name: clusters, rows: 60, test_rows: 20, features: 3, classes: 2, train: 40, validation: 10}
  model: {hidden: [4, 3]}
  train: {batch_size: 10, epochs: 1}
sweep: {seed: range(6)}
END
cd "$out"

fail() {
    echo "check-environment.sh: $1" >&2
    cat said >&2
    exit 1
}

expect() { # what, grep's pattern
    grep -q -- "$2" said || fail "$1: nothing like '$2' in"
}

# `limited N ARGUMENTS...`: normlab for somebody who may have N processes and threads, and has no others.
user=$((50000 + $$ % 10000))
limited() {
    # shellcheck disable=SC2016 # the inner shell expands them
    setpriv --reuid=$user --regid=$user --clear-groups bash -c 'ulimit -u "$0"; exec ./normlab "$@"' "$@" >said 2>&1
}

[ "$(id -u)" -eq 0 ] || {
    echo "check-environment.sh: skipped: only root can become somebody else, who has no other processes"
    exit 0
}
install -d -m 777 limited

limited 3 run tiny.yaml --jobs 6 --threads 1 --out limited || fail "a sweep that may have two workers at a time"
expect "two workers at a time" "6 complete"
limited 3 run tiny.yaml --jobs 1 --threads 4 --out limited --force && fail "threads that cannot be had"
expect "threads that cannot be had" "cannot start 4 threads"
# All of its threads, however small the net: it would ask for none by itself.
NORMLAB_FULL_TEAM=1 OMP_STACKSIZE=1000000G limited 50 run tiny.yaml --jobs 1 --threads 2 --out limited --force && fail "stacks that cannot be had"
expect "OpenMP's own end" "its process ended itself"
echo "processes and threads: each shortage is a sentence"
