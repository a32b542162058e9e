#!/bin/bash
# Runs the tests: scripts/run-tests.sh build/release/normlab-tests [Criterion's options, e.g. --filter 'norm_*/*']
#
# Fails where a test fails or crashes, where no test ran (Criterion itself is content with none), where the filter
# @(a|b)/... names a suite that is not there, and where a sanitizer has something to say of our code.
set -u
shopt -s extglob

if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 TEST-BINARY [options of Criterion]" >&2
    exit 2
fi
tests=$1
shift

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Eight threads on two processors: threads that wait must not spin.
export OMP_WAIT_POLICY=passive OMP_DYNAMIC=false OMP_MAX_ACTIVE_LEVELS=1
unset OMP_NUM_THREADS OMP_PROC_BIND OMP_PLACES GOMP_SPINCOUNT CRITERION_OUTPUTS
# A test's process may end well and still have leaked: sanitizers write files.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$logs/sanitizer"
export TSAN_OPTIONS="${TSAN_OPTIONS:+$TSAN_OPTIONS:}log_path=$logs/sanitizer"

# Criterion's own time limit does not end a test that waits for a process of its own: this one ends everything.
limit_s=${TESTS_LIMIT_S:-1800}

passed=0
failed=0
broken=0

# no_finding REPORT...: Criterion's runner, which runs none of our code, at times loses the 48 bytes of a time limit.
# A leak of what it allocated itself, as the innermost frame tells, is no finding; neither is it that a test which asks
# for more memory than there is got none (allocator_may_return_null). Anything else in a report is.
no_finding() {
    [ -e "$1" ] || return
    awk '/WARNING: AddressSanitizer failed to allocate / { refused = 1; next }
         /^ *#1 / && !/libcriterion\.so/ { ours = 1 }
         /(ERROR|WARNING): / && !/ERROR: LeakSanitizer/ || /runtime error/ { ours = 1 }
         /ERROR: LeakSanitizer/ { leaks = 1 }
         /^ *#1 .*libcriterion\.so/ { inside = 1 }
         END { exit !((leaks ? inside : refused) && !ours) }' "$@"
}

# run NAME MAY_BE_EMPTY COMMAND...: adds the counts of one run of the binary.
run() {
    local name=$1 may_be_empty=$2 line tested status
    shift 2
    timeout -k 10 "$limit_s" "$@" >"$logs/$name" 2>&1
    status=$?
    grep -v -E 'Test is disabled|^\[(RUN |PASS|====)|Criterion v|^\[----\] *$' "$logs/$name"
    line=$(grep 'Synthesis: Tested:' "$logs/$name" | sed 's/\x1b\[[0-9;]*m//g' | tail -n 1)
    if [ -z "$line" ]; then
        echo "$name: the test program ended without a summary (status $status)" >&2
        broken=1
        return
    fi
    set -- $(echo "$line" | grep -o -E '[0-9]+')
    tested=$1
    passed=$((passed + $2))
    failed=$((failed + $1 - $2)) # a crash is counted among the failures, too
    if [ "$tested" -eq 0 ] && [ "$may_be_empty" = no ]; then
        echo "$name: no test ran" >&2
        broken=1
    fi
    # All passed and yet an error: 1 is also what a leak makes of it, which is judged by its report.
    if [ "$status" -ne 0 ] && [ "$1" -eq "$2" ] && ! { [ "$status" -eq 1 ] && no_finding "$logs"/sanitizer*; }; then
        echo "$name: the test program ended with status $status" >&2
        broken=1
    fi
}

# suites_exist FILTER: each alternative of @(a|b|...)/... is some suite.
suites_exist() {
    local word suite found
    [[ $1 =~ ^@\(([^\)/]*)\)/[^/]*$ ]] || return 0
    for word in ${BASH_REMATCH[1]//|/ }; do
        found=
        for suite in $("$tests" --list --color=never | sed -n 's/^\([a-z_0-9]*\): .*/\1/p'); do
            # shellcheck disable=SC2053  # the right side is a pattern
            [[ $suite == $word ]] && found=yes && break
        done
        [ -n "$found" ] || { echo "no suite is called '$word'" >&2 && return 1; }
    done
}
[ "${1:-}" != --filter ] || suites_exist "${2:-}" || exit 1

options=(-j2 --timeout 300 --color=never)
if [ $# -gt 0 ]; then
    run selected no "$tests" "${options[@]}" "$@"
else
    run tests no "$tests" "${options[@]}"
fi

for log in "$logs"/sanitizer*; do
    [ -e "$log" ] || continue
    head -n 40 "$log"
    no_finding "$log" || broken=1
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$broken" -eq 0 ]
