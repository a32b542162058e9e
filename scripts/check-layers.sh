#!/usr/bin/env bash
# The rules of src/ that a machine can check. Prints FILE:LINE: MESSAGE [KIND] of each offence; exit status 1 if
# there is one.
#
#   scripts/check-layers.sh [TREE]       check TREE/src (default: this project)
#   scripts/check-layers.sh --self-test  plant offences of every kind; each must be found where it is
#
# order    A file includes its own folder and folders to the left of it, in the line below, by whole paths.
# circle   No circle of includes has more than two units (a .c with its .h); a circle of two stands only where
#          one is a part of the other and named after it: laws_rows of laws.
# count    A folder has at most 15 units; engine/norm and cli, lists of like things, may have more.
# readme   A folder's README.md has at most 20 lines; it names the folder's units, all and no others, in backquotes.
# length   A file has at most 450 lines, a function 50, the median function of the tree 10.
# opening  A .c file opens with a comment.
# home     A third-party header is included in one file; hdf5_library.h in its folder only.
# openmp   OpenMP is in engine/nn/team.c only.
# ending   Below cli: no exit, no abort, nothing printed to stdout.
# unchecked  What write, fsync, rename, fflush, close and their like return is looked at, or a comment on the line says
#          why not.
# sorting  Only base/sort.c calls qsort and bsearch.
# name     A file's name is unique.
set -euo pipefail
order='base < io < engine(kernel < norm < format < data < nn < diagnostics < probe) < lab(config < table < store < plan < worker < journal < merge < runner < cluster < archive < figure < bench) < judge(stats < check < compute < claim < tune < report) < cli'
here=$(cd "$(dirname "$0")" && pwd)

check() {
    find "$1/src" -name '*.[ch]' | LC_ALL=C sort |
        awk -v root="$1/" -v order="$order" -f "$here/check-layers.awk"
}

# ---- the self-test: a small house without offence, and one offence at a time in a copy of it ----

# lines N TEXT: N times.
lines() {
    for ((i = 0; i < $1; i++)); do printf '%s\n' "$2"; done
}

# Every folder has one unit, of the folder's own name.
build_house() {
    local folder name
    for folder in $(sed 's/(/\/ ( /g; s/)/ )/g; s/</ /g' <<<"$order" |
        awk '{ for (i = 1; i <= NF; i++) if ($i ~ /\/$/) group = $i; else if ($i == ")") group = ""; else if ($i != "(") print group $i }'); do
        name=${folder##*/}
        mkdir -p "$1/src/$folder"
        printf '/* A file. */\n#include "%s/%s.h"\n' "$folder" "$name" >"$1/src/$folder/$name.c"
        printf '#pragma once\n' >"$1/src/$folder/$name.h"
        printf 'One idea: `%s`, not `base/base.c`, `fail()` or `lab/config`.\n' "$name" >"$1/src/$folder/README.md"
    done
}

house() {
    rm -rf "$work/planted"
    cp -r "$work/house" "$work/planted"
}
# put FILE TEXT, add FILE TEXT: in the house; a new file is named in its README.
put() {
    local file=$work/planted/src/$1
    [ -e "$file" ] || printf '`%s`\n' "$(basename "$file")" >>"$(dirname "$file")/README.md"
    printf '%s\n' "$2" >"$file"
}
add() { printf '%s\n' "$2" >>"$work/planted/src/$1"; }

# expect KIND PLACE...: all that is found is an offence of that kind at each place; the house is made anew.
expect() {
    local kind=$1 out
    shift
    out=$(check "$work/planted" || true)
    if [ "$(sed "s/: .*\[\([a-z]*\)\]\$/ \1/" <<<"$out" | sort)" != "$(printf "src/%s $kind\n" "$@" | sort)" ]; then
        printf 'self-test: an offence (%s) at %s, found is:\n%s\n\n' "$kind" "$*" "$out"
        failures=$((failures + 1))
    fi
    kinds+=$kind$'\n'
    house
}
innocent() {
    local out
    out=$(check "$work/planted") || {
        printf 'self-test: innocent, but reported:\n%s\n\n' "$out"
        failures=$((failures + 1))
    }
    house
}
# plant KIND FILE:LINE TEXT: in place of what the house has there, after a comment and empty lines.
plant() {
    local file=${2%:*} line=${2#*:}
    put "$file" "$(printf '/* A file. */' && lines $((line - 1)) '' && printf '%s' "$3")"
    expect "$1" "$2"
}

# function_of N: so many lines, in io/io.c.
function_of() { add io/io.c "$(printf 'static int f(int x,\n             int y) {\n' && lines $(($1 - 3)) '    call();' && echo '}')"; }

self_test() {
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    failures=0 kinds=
    build_house "$work/house"
    house
    innocent

    plant order base/base.c:2 '#include "engine/kernel/kernel.h"'
    plant order engine/norm/norm.c:4 '#include "engine/nn/nn.h"'
    plant order lab/plan/plan.h:3 '#  include "cli/cli.h"'
    plant order lab/store/store.c:2 '#include "judge/check/check.h"'
    plant order judge/tune/tune.c:2 '#include "cli/cli.h"'
    plant order engine/norm/norm.c:2 '#include "norm.h"'
    plant order engine/norm/norm.c:2 '#include "norm/norm.h"'
    plant order extra.c:1 ' int f(void);'
    mkdir -p "$work/planted/src/lab/cellar"
    plant order lab/cellar/cellar.c:1 ' int f(void);'
    plant order lab/loose.c:1 ' int f(void);'

    put lab/plan/second.h '#include "lab/plan/third.h"'
    put lab/plan/third.h '#include "lab/plan/plan.h"'
    add lab/plan/plan.c '#include "lab/plan/second.h"'
    expect circle lab/plan/second.h:1 lab/plan/third.h:1 lab/plan/plan.c:3
    put lab/plan/second.h '#include "lab/plan/plan.h"'
    add lab/plan/plan.h '#include "lab/plan/second.h"'
    expect circle lab/plan/second.h:1 lab/plan/plan.h:2
    put lab/plan/planned.h '#include "lab/plan/plan.h"'
    add lab/plan/plan.h '#include "lab/plan/planned.h"'
    expect circle lab/plan/planned.h:1 lab/plan/plan.h:2
    put lab/plan/plan_part.h '#include "lab/plan/plan.h"'
    add lab/plan/plan.c '#include "lab/plan/plan_part.h"'
    innocent

    for ((n = 1; n <= 14; n++)); do put "lab/plan/plan$n.h" ''; done
    innocent
    for ((n = 1; n <= 15; n++)); do put "lab/plan/plan$n.h" ''; done
    expect count lab/plan
    for ((n = 1; n <= 16; n++)); do put "engine/norm/norm$n.h" '' && put "cli/cmd$n.h" ''; done
    innocent

    put io/README.md ''
    expect readme io/README.md:1
    rm "$work/planted/src/io/README.md"
    expect readme io/README.md:1
    put io/io_only.h ''
    put io/README.md '`io.c`'
    expect readme io/README.md:1
    add io/README.md '`io`, `nosuch`'
    expect readme io/README.md:2
    add io/README.md 'beside `lab/config/nosuch.c`'
    expect readme io/README.md:2
    add io/README.md "$(lines 19 '' && echo 'The end.')"
    expect readme io/README.md:21
    add io/README.md "$(lines 18 '' && echo 'The end.')"
    innocent

    add io/io.c "$(lines 449 ';')"
    expect length io/io.c:451
    add io/io.c "$(lines 448 ';')"
    innocent
    function_of 50
    function_of 3 && function_of 3
    innocent
    function_of 51
    function_of 3 && function_of 3
    expect length io/io.c:3
    function_of 10 && function_of 11 && function_of 11
    expect length ''
    add io/io.c "$(echo 'static const struct x x[] = {' && lines 60 '    {0},' && echo '};')"
    add io/io.c "$(echo '#define f(x) \' && lines 60 '    x \' && echo && echo 'int f(void) {' && echo '}')"
    innocent

    put io/io.c '#include "io/io.h"'
    expect opening io/io.c:1
    put io/io.c ''
    expect opening io/io.c:1
    put io/io.c '// A file.'
    innocent

    plant home engine/data/data.c:2 '#include <hdf5.h>'
    plant home lab/runner/runner.c:2 '#include <Random123/philox.h>'
    plant home engine/nn/nn.c:2 '#include <png.h>'
    put io/hdf5_library.h ''
    add lab/figure/figure.c '#include "io/hdf5_library.h"'
    expect home lab/figure/figure.c:3
    put io/hdf5_library.h '#include <hdf5.h>'
    add io/io.c '#include "io/hdf5_library.h"'
    innocent

    plant openmp engine/norm/norm.c:4 '    #pragma omp simd'
    plant openmp engine/norm/norm.c:4 '    _Pragma("omp simd")'
    plant openmp engine/kernel/kernel.c:2 'int f(void) { return omp_get_max_threads(); }'

    plant ending engine/nn/nn.c:2 'void f(void) { exit(1); }'
    plant ending base/base.c:2 'void f(void) { /* why */ abort(); }'
    plant ending io/io.c:2 'void f(void) { _exit (1); }'
    plant ending engine/probe/probe.c:2 'void f(void) { printf("x"); }'
    plant ending lab/plan/plan.c:2 'void f(void) { fputs("x", stdout); }'
    put engine/nn/nn.c '/* exit(1) in a comment,
       printf("x") in its second line */ const char *f = "abort() and \"stdout"; void g(void) { team_exit(); }'
    add cli/cli.c 'int f(void) { return printf("x"); }'
    innocent

    plant unchecked io/io.c:3 '    close(descriptor);'
    plant unchecked cli/cli.c:2 '    (void)write(1, "x", 1);'
    plant unchecked base/base.c:2 '  fclose (file); // too late'
    add io/io.c '    close(descriptor); /* only read from */'
    add io/io.c '    if (fclose(file) != 0) closedir(folder);'
    innocent

    plant sorting cli/cli.c:2 '    qsort (x, n, sizeof *x, compare);'
    plant sorting base/base.c:2 'void *f(void) { return n ? bsearch(x, y, n, 1, compare) : NULL; }'

    plant name engine/data/base.h:1 ' two are one too many'

    local described found
    described=$(sed -n 's/^# \([a-z]*\)   *[A-Z].*/\1/p' "$here/check-layers.sh" | sort)
    found=$(printf '%s' "$kinds" | sort -u)
    [ "$described" = "$found" ] || { echo "self-test: kinds are" $described "but planted were" $found; return 1; }
    [ "$failures" -eq 0 ] || return 1
    echo "layers: self-test passed"
}

case ${1:-} in
--self-test) self_test ;;
-*)
    echo "check-layers.sh: unknown option '$1' (known: --self-test)" >&2
    exit 2
    ;;
*) check "${1:-$here/..}" ;;
esac
