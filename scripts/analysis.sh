#!/usr/bin/env bash
# What four analyzers say of the code: gcc -fanalyzer, clang's static analyzer with a short list of checks of clang-tidy,
# and cppcheck. Fails on any finding, but where its line says in a comment why there is none: /* analysis: ... */
#
#   scripts/analysis.sh              all of them, over what each is good at
#   scripts/analysis.sh --self-test  a mistake for each is put into a copy: it must be found
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work

# clang --analyze is part of clang-tidy: the checks clang-analyzer-*. Not: functions that take no size (insecureAPI),
# and the layout of structs (padding), which are matters of taste here.
checks='-*,clang-analyzer-*,-clang-analyzer-security.insecureAPI.*,-clang-analyzer-optin.performance.*'
checks+=,bugprone-infinite-loop,bugprone-misplaced-operator-in-strlen-in-alloc,bugprone-not-null-terminated-result
checks+=,bugprone-posix-return,bugprone-signal-handler,bugprone-signed-char-misuse,bugprone-string-integer-assignment
checks+=,bugprone-suspicious-memset-usage,bugprone-suspicious-semicolon,bugprone-terminating-continue
checks+=,bugprone-too-small-loop-variable,misc-redundant-expression,cert-env33-c
export checks

flags="-std=c17 -I. -Isrc -I$build -D_XOPEN_SOURCE=700 -fopenmp $(pkg-config --cflags hdf5 yaml-0.1 jansson zlib libxxhash)"
export flags

# None of them sees through vectors, or through arrays whose sizes follow from a network's layout; clang's takes minutes
# over those. So clang's and cppcheck look at what reads what others wrote.
gcc_files() { find src -name '*.c' -not -path 'src/engine/kernel/*'; }
clang_files() {
    find src/base src/io src/lab src/judge src/cli -name '*.c' -not -path '*/bench/*' -not -path '*/check/*' \
        -not -path '*/stats/*'
    find src/engine/data -name 'idx*.c' -o -name 'distances.c'
}

# prologue FILE: the words that tell an analyzer about fail; status.c defines it.
prologue() { [ "$1" = src/base/status.c ] || echo "-include scripts/analysis.h"; }
export -f prologue

# The names of the files, one each line, to a process for each.
each() { xargs -P "$(nproc)" -n 1 bash -c "$1" _; }

# shellcheck disable=SC2016  # for the inner shells
look() {
    gcc_files | each 'gcc $flags $(prologue $1) -O0 -Wno-psabi -fanalyzer -c -o /dev/null $1 2>&1 || true' >"$work/gcc"
    clang_files | each 'clang-tidy --quiet --checks=$checks $1 -- $flags $(prologue $1) 2>/dev/null || true' >"$work/clang"
    cppcheck --quiet -j "$(nproc)" --std=c11 -Isrc -I"$build" -D_XOPEN_SOURCE=700 --enable=warning \
        --suppress='*:src/engine/kernel/*' --max-configs=1 --template='{file}:{line}:{column}: warning: {message} [{id}]' \
        --file-list=<(clang_files) >"$work/cppcheck" 2>&1
    cat "$work"/{gcc,clang,cppcheck} | grep -E '^[^ ]+:[0-9]+:[0-9]+: (warning|error):' |
        sed "s|^$PWD/||" | LC_ALL=C sort -u >"$work/all" || true
    # What the line itself explains.
    while IFS=: read -r file line rest; do
        sed -n "${line}p" "$file" | grep -q 'analysis:' || echo "$file:$line:$rest"
    done <"$work/all"
}

if [ "${1:-}" = --self-test ]; then
    cp -a src scripts "$work"
    find "$work/src" -name '*.c' -not -path '*/base/*' -delete
    mkdir -p "$work/build"
    cp "$build/version.h" "$work/build"
    cd "$work"
    build=build
    flags=${flags/-I$build/-Ibuild}
    printf '%s\n' '#include <stdlib.h>' 'int leak(void);' 'int leak(void) {' '    char *p = malloc(9);' \
        '    return p ? *p = 0 : 1;' '}' >src/base/planted.c
    found=$(look | grep -c '^src/base/planted.c') || true
    [ "$found" -ge 2 ] || { echo "analysis.sh: of a planted leak $found findings" >&2; exit 1; }
    exit 0
fi

findings=$(look)
[ -z "$findings" ] || {
    echo "$findings"
    echo "analysis.sh: mend them, or say in the line why they are none: /* analysis: ... */" >&2
    exit 1
}
