#!/usr/bin/env bash
# The hot loops must become vector instructions: gcc is asked, with the flags of `make`, and says so of each loop.
#
#   scripts/check-vectorized.sh              MARCH=... as for make; GCC=... another gcc
#   scripts/check-vectorized.sh --self-test  the check must fail on loops that cannot be vectorized
#
# A hot loop carries the mark /* hot */ at the end of the line of its `for`; the list below says how many each
# function has, so that none gets lost with its mark. What is written in vectors (kernel/gemm*.c, kernel/reduce.c)
# is not here: there is nothing that a compiler could fail to do.
set -euo pipefail
tree=$(cd "$(dirname "$0")/.." && pwd)

# File (src/*.c), function, marked loops; and one in each function of the table of activations.
hot='
engine/kernel/loss           exponentials           1
engine/kernel/loss           scaled_softmax         1
engine/kernel/random_blocks  random_blocks_uniform  1
engine/kernel/random_blocks  random_blocks_normal   1
engine/kernel/reduce         centre                 1
engine/norm/by_columns       columns_scale          2
engine/norm/by_columns       columns_project        1
engine/norm/by_columns       columns_map            1
engine/norm/batch            forward_tile           1
engine/norm/batch_noisy      disturb                1
engine/norm/batch_noisy      backward               1
engine/norm/batch_renorm     correct                1
engine/norm/batch_renorm     forward_tile           1
engine/norm/by_element       pass_through           1
engine/norm/by_rows          normalize_and_keep     1
engine/norm/by_rows          normalize              1
engine/norm/by_rows          row_project            1
engine/norm/derf             squash_row             1
engine/norm/dropout          multiply               1
engine/norm/dyt              squash_row             1
engine/norm/literal          project                1
engine/nn/optimizer          update_plain           1
engine/nn/optimizer          update_momentum        1
engine/nn/optimizer          update_nesterov        1
engine/nn/optimizer          update_adam            1
engine/data/dataset          scale_values           1
engine/data/dataset          tint_row               1
'

# Lines like those above for the functions that the rows of the table name.
hot_activations() {
    grep -oE '\.(forward|backward) = [a-z_0-9]+' src/engine/kernel/activation.c |
        awk '{ print "engine/kernel/activation", $3, 1 }'
}

# The marks of a file: function, line. A function begins at a line that begins with a letter and has a bracket.
marks() {
    awk '/^[a-z].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
         /\/\* hot \*\/$/ { print name, FNR }' "$1"
}

# The command by which make would compile src/$1.c, into $2.
compiler_of() {
    env -u MAKEFLAGS -u MFLAGS make --no-print-directory -n V=1 CC="$compiler" VARIANT=release BUILD="$2" \
        "$2/release/obj/$1.o" | grep -- " -c src/$1\.c "
}

# Whether gcc says that the loop at line $2 of src/$1.c became vectors of $3 bytes or more.
is_vectorized() {
    awk -v file="src/$1.c" -v line="$2" -v least="$3" '
        index($0, file ":" line ":") == 1 && match($0, /optimized: loop vectorized using [0-9]+ byte/) {
            split(substr($0, RSTART, RLENGTH), word, " ")
            if (word[5] + 0 >= least) found = 1
        }
        END { exit !found }' "$4"
}

# check_file FILE: compiles it and looks at each mark. With registers of 32 bytes, 16 are not enough.
check_file() {
    local file=$1 report=$work/report command macros least=16 name line
    command=$(compiler_of "$file" "$work/build") || {
        echo "check-vectorized.sh: make has no command for src/$file.c" >&2
        return 1
    }
    mkdir -p "$work/build/release/obj/${file%/*}"
    macros=$(eval "${command%% -c *} -MF $work/macros.d -dM -E -x c /dev/null") || return 1
    [[ $macros != *__AVX2__* ]] || least=32
    rm -f "$report"
    eval "$command $extra -fopt-info-vec-optimized=$report" || return 1
    touch "$report"
    while read -r name line; do
        n_loops=$((n_loops + 1))
        if ! is_vectorized "$file" "$line" "$least" "$report"; then
            echo "src/$file.c:$line: the loop in $name is no vector loop (gcc -fopt-info-vec-missed says why)"
            bad=1
        fi
    done < <(marks "src/$file.c")
}

check() {
    local bad=0 n_loops=0 file hot=$hot
    cd "$1"
    hot+=$(hot_activations)
    diff <(sort <<<"$hot" | awk 'NF { for (i = 0; i < $3; i++) print "src/" $1 ".c", $2 }') \
        <(for file in src/*/*.c src/*/*/*.c; do marks "$file" | awk -v file="$file" '{ print file, $1 }'; done | sort) \
        >"$work/marks" || {
        echo "marks /* hot */ and the list in scripts/check-vectorized.sh differ (<: only listed, >: only marked):"
        grep '^[<>]' "$work/marks"
        bad=1
    }
    for file in $(awk 'NF { print $1 }' <<<"$hot" | sort -u); do
        check_file "$file" || bad=1
    done
    [ "$bad" -ne 0 ] || echo "vectors: $n_loops hot loops, all vectorized"
    return "$bad"
}

self_test() {
    local failures=0 copy=$work/copy
    # expect_failure WHAT TEXT: the check of the copy must fail and say TEXT.
    expect_failure() {
        local out
        if out=$(check "$copy" 2>&1); then
            echo "self-test: not found: $1"
            failures=$((failures + 1))
        elif [[ $out != *"$2"* ]]; then
            printf 'self-test: %s: nothing about "%s" in:\n%s\n' "$1" "$2" "$out"
            failures=$((failures + 1))
        fi
    }
    fresh_copy() {
        rm -rf "$copy"
        mkdir "$copy"
        cp -r "$tree/src" "$tree/scripts" "$tree/Makefile" "$copy"
    }
    fresh_copy
    extra=-fno-tree-vectorize
    expect_failure 'vectors switched off' 'the loop in update_momentum is no vector loop'
    extra=
    sed -i '/^static void sigmoid(/,/^}/s/j < n;/j < n \&\& x[j] < 9.0f;/' "$copy/src/engine/kernel/activation.c"
    expect_failure 'a loop that may end early' 'the loop in sigmoid is no vector loop'
    fresh_copy
    sed -i '/^static void relu(/,/^}/s| /\* hot \*/||' "$copy/src/engine/kernel/activation.c"
    expect_failure 'a mark taken away' '< src/engine/kernel/activation.c relu'
    fresh_copy
    sed -i '/^static void exponentials(/,/^}/s/exponential_double(/exp(/' "$copy/src/engine/kernel/loss.c"
    expect_failure 'a marked loop that calls a function' 'the loop in exponentials is no vector loop'
    [ "$failures" -eq 0 ] || return 1
    echo "vectors: self-test passed"
}

compiler=${GCC:-gcc} # another compiler's report reads differently
if ! "$compiler" -v 2>&1 | grep -q '^gcc version'; then
    echo "check-vectorized.sh: '$compiler' is no gcc: install gcc, or set GCC" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
extra=
case ${1:-} in
--self-test) self_test ;;
'') check "$tree" ;;
*)
    echo "check-vectorized.sh: unknown argument '$1' (known: --self-test)" >&2
    exit 2
    ;;
esac
