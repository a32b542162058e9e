#!/usr/bin/env bash
# Fuzzes what reads files and command lines (tests/fuzz): clang's libFuzzer with the address and undefined-behaviour
# sanitizers. First every kept input, then new ones. What is found lies in build/fuzz/found, and the script fails.
#
#   scripts/fuzz.sh [--seconds N] [TARGET...]    N seconds (default 20) for each target; unless some are
#                                                named all but hdf5_data
#   scripts/fuzz.sh --list                       their names
#   scripts/fuzz.sh --keep [TARGET...]           adds what build/fuzz/corpus reaches beyond tests/fuzz/corpus to that
#
# Two targets at a time (JOBS=N: N). build/fuzz/corpus grows from one call to the next; the definitions of experiments/
# and the words of src/ are where inputs begin.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
seconds=20
keep=
list=
while [ $# -gt 0 ]; do
    case $1 in
    --seconds) seconds=$2 && shift 2 ;;
    --keep) keep=yes && shift ;;
    --list) list=yes && shift ;;
    *) break ;;
    esac
done
CFLAGS="" ${MAKE:-make} -s --no-print-directory VARIANT=fuzz BUILD="$build" "$build/fuzz/normlab-fuzz"
fuzz=$build/fuzz/normlab-fuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
known=$("$fuzz" --target=list)
[ -z "$list" ] || { echo "$known"; exit; }
# By hand alone: HDF5 itself crashes on some forgeries of its own structures (SECURITY.md).
targets=${*:-$(grep -vx hdf5_data <<<"$known")}
for target in $targets; do
    grep -qx "$target" <<<"$known" || {
        echo "fuzz.sh: no target '$target'; --list shows them" >&2
        exit 2
    }
done

# seeds TARGET: folders of inputs of the project's own.
seeds() {
    case $1 in
    experiment | tune) echo experiments experiments/claims ;;
    claim) echo experiments/claims experiments/papers ;;
    esac
}

# The words of keys, sections and fields, for the fuzzer to put in.
grep -ohE '"[a-z_.|]{3,40}"' src/lab/config/*.c src/lab/plan/*.c src/judge/claim/*.c src/judge/tune/*.c \
    src/lab/journal/journal*.c src/cli/cmd_*.c | LC_ALL=C sort -u >"$work/words"

# What the target `results` changes.
case " ${targets//$'\n'/ } " in
*' results '*)
    ${MAKE:-make} -s --no-print-directory program
    build/normlab run tests/fuzz/base.yaml --out "$work/base" >/dev/null 2>&1
    export FUZZ_BASE=$work/base/base.h5
    ;;
esac

# Files of at most 20 kB: a mutation of a long text changes nothing.
limits=(-rss_limit_mb=2000 -timeout=60 -report_slow_units=60 -max_len=20000)
export ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

keep_target() {
    mkdir -p "tests/fuzz/corpus/$1"
    # shellcheck disable=SC2046  # several folders
    "$fuzz" --target="$1" -merge=1 "${limits[@]}" "tests/fuzz/corpus/$1" "$build/fuzz/corpus/$1" $(seeds "$1") 2>&1 | tail -n 1
}

# One target: its log, and a word of the outcome.
run_target() {
    local target=$1 log=$build/fuzz/$1.log status=0
    mkdir -p "$build/fuzz/corpus/$target" "$build/fuzz/found" "tests/fuzz/corpus/$target"
    rm -f "$build/fuzz/found/$target"-*
    # shellcheck disable=SC2046  # several folders
    TMPDIR=$work "$fuzz" --target="$target" -dict="$work/words" -max_total_time="$seconds" "${limits[@]}" \
        -artifact_prefix="$build/fuzz/found/$target-" -print_final_stats=1 \
        "$build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" $(seeds "$target") >"$log" 2>&1 || status=$?
    if [ $status -eq 0 ] && ! compgen -G "$build/fuzz/found/$target-*" >"$work/none"; then
        awk -v target="$target" '/number_of_executed_units/ { printf "%-12s %9d inputs, none bad\n", target, $2 }' "$log"
    else
        grep -E -A 12 'ERROR|runtime error|SUMMARY|Test unit written' "$log" | head -n 40
        echo "$target: FOUND, see $log"
        touch "$work/bad"
    fi
}

if [ -n "$keep" ]; then
    for target in $targets; do keep_target "$target"; done
    exit
fi
export -f run_target seeds
export build work seconds fuzz
jobs=${JOBS:-2}
for target in $targets; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    run_target "$target" &
done
wait
[ ! -e "$work/bad" ]
