#!/usr/bin/env bash
# Which lines of src/ the tests run: builds with gcc's counters, runs the tests, prints the files that they do
# not run in full, from the least covered on, and the whole, and fails below a limit.
#
#   scripts/coverage.sh                 all tests; below 96 % of the lines is a failure
#   scripts/coverage.sh FILTER          suites, as Criterion's --filter understands them; no limit
#   scripts/coverage.sh --lines FILE... of the last run: the lines of these files that no test runs
#
# A process that is killed does not count. Left out are the suites that take minutes and run no line that others do
# not, and memory, whose processes have no room for counters.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=96
make=${MAKE:-make}
root=$PWD
build=${BUILD:-build}
objects=$build/coverage/obj
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# count OPTION...: gcov over all objects at once, so that a header's lines are counted once.
count() {
    find "$root/$objects" -name '*.gcno' -not -path '*/obj/tests/*' | LC_ALL=C sort >"$work/objects"
    (cd "$work" && xargs -n 100000 gcov -s "$root" -r "$@" <objects 2>messages)
}

if [ "${1:-}" = --lines ]; then
    shift
    count -p >/dev/null
    for file in "$@"; do
        awk -F: -v file="$file" '$1 ~ /#####/ { sub(/^ */, "", $2); n = $2; sub(/^[^:]*:[^:]*:/, ""); print file ":" n ":" $0 }' \
            "$work/${file//\//#}.gcov"
    done
    exit
fi

# What a process has counted is written when it ends. Forked workers end by _exit(), which would lose it; a test that
# may not write large files would write half of it.
mkdir -p "$build/coverage"
cat >"$build/coverage/exit.c" <<'C'
#include <sys/resource.h>
void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
__attribute__((destructor)) static void lift_limit(void) {
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
}
_Noreturn void __wrap__exit(int status) {
    lift_limit();
    __gcov_dump();
    __real__exit(status);
}
C
gcc -c "$build/coverage/exit.c" -o "$build/coverage/exit.o"
find "$build/coverage" -name '*.gcda' -delete 2>/dev/null || true
CFLAGS="" $make -s --no-print-directory VARIANT=coverage BUILD="$build" \
    LDFLAGS="-Wl,--wrap=_exit $build/coverage/exit.o" program tests
scripts/run-tests.sh "$build/coverage/normlab-tests" --filter "${1:-!(memory|nn_growth|judge_simulation)/*}"

count -n >"$work/counts"
awk -v limit="${1:+0}" -v least="$limit" -v q="'" '
    BEGIN { if (limit == "") limit = least }
    /^File / { file = $0; sub("^File " q, "", file); sub(q "$", "", file); next }
    /^Lines executed/ && file ~ /^src\// {
        sub(/^Lines executed:/, ""); split($0, part, /% of /)
        n = part[2]; hit = int(part[1] * n / 100 + 0.5)
        if (hit < n) printf "%6.1f %% %5d of %5d  %s\n", part[1], hit, n, file | "sort -n"
        lines += n; hits += hit
    }
    { file = "" }
    END {
        close("sort -n")
        if (!lines) { print "coverage.sh: no lines counted"; exit 1 }
        printf "%6.2f %% %5d of %5d  src\n", 100 * hits / lines, hits, lines
        if (100 * hits < limit * lines) { printf "coverage.sh: below %d %%\n", limit; exit 1 }
    }' "$work/counts"
