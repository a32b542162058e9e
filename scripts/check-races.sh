#!/usr/bin/env bash
# The thread sanitizer over the tests that train on several threads. Equal bits do not prove that there is
# no race; this looks for one.
#
#   scripts/check-races.sh [FILTER]       suites, as Criterion's --filter understands them
#   scripts/check-races.sh --self-test    in a copy, one barrier is taken out: that must be found
#
# clang and its OpenMP runtime (libomp-dev): libomp tells the sanitizer about barriers through libarcher, so
# they count as synchronization; gcc's libgomp cannot. ignore_noninstrumented_modules keeps it quiet about
# libraries that were not compiled for it.
#
# Criterion keeps an arena for its tests at a random address that the sanitizer has reserved for itself
# (Snaipe/Criterion#274), and gives up. The address comes from rand_r(), so a small preloaded library lets it draw
# among the addresses that the sanitizer leaves to programs.
set -euo pipefail
cd "$(dirname "$0")/.."
self_test=
[ "${1:-}" != --self-test ] || { self_test=yes; shift; set -- 'nn_trainer/any_number_of_threads*_with_sgd'; }
filter=${1:-@(nn_bank|nn_population_statistics|nn_evaluate_batches|nn_team|nn_trainer|probe|ablation|batch_noise|diagnostics|response|landscape|run)/*} # those with several threads
make=${MAKE:-make}
build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The barrier after a layer's products: what the sanitizer sees of the library is what engine/kernel/gemm.c tells it.
if [ -n "$self_test" ]; then
    cp -a Makefile src tests scripts .clang-format .commit "$work"
    mkdir -p "$work/build"
    [ ! -d "$build/tsan" ] || cp -a "$build/tsan" "$build/version.h" "$work/build"
    cd "$work"
    build=build
    awk '/^void mlp_forward_layer/ { inside = 1 }
         inside && /^    team_barrier\(team\);/ { inside = 0; next }
         { print }' src/engine/nn/passes.c >passes.c
    ! cmp -s passes.c src/engine/nn/passes.c || { echo "check-races.sh: no barrier in mlp_forward_layer" >&2; exit 1; }
    cp passes.c src/engine/nn/passes.c
fi

$make --no-print-directory VARIANT=tsan BUILD="$build" "$build/tsan/normlab-tests"
tests=$build/tsan/normlab-tests

# 0x200000000000 + 2^24 * (0x350000 .. 0x367fff) = 0x55.. to 0x56..: where position-independent programs lie.
cat >"$work/arena.c" <<'C'
int rand_r(unsigned *seed);
int rand_r(unsigned *seed) {
    *seed = *seed * 1103515245u + 12345u;
    return 0x350000 + (int)((*seed >> 8) % 0x18000u);
}
C
clang -shared -fPIC -o "$work/arena.so" "$work/arena.c"

archer=$(clang -print-file-name=libarcher.so)
[ -e "$archer" ] || archer=$(find /usr/lib/llvm-*/lib -name libarcher.so 2>/dev/null | sort -V | tail -1)
[ -n "$archer" ] || {
    echo "check-races.sh: no libarcher.so (package libomp-dev): without it every barrier looks like a race" >&2
    exit 1
}

# run-tests.sh collects the sanitizer's reports, and fails if there is one or if no test ran.
look() {
    LD_PRELOAD=$work/arena.so OMP_TOOL_LIBRARIES=$archer TSAN_OPTIONS=ignore_noninstrumented_modules=1 \
        scripts/run-tests.sh "$tests" --filter "$filter"
}
if [ -z "$self_test" ]; then
    look
elif look >"$work/log" 2>&1 || ! grep -q 'data race' "$work/log"; then
    tail -20 "$work/log"
    echo "check-races.sh: a barrier was taken out of mlp_forward_layer, and no race was reported" >&2
    exit 1
else
    echo "check-races.sh: the race that was planted is found"
fi
