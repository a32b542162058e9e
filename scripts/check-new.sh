# What the proofs of CONTRIBUTING's recipes share; scripts/check-new-*.sh source it. Each works in a copy of the
# tree, adds a thing as its recipe says, uses it, removes it, and ends with a sentence.
#
#   . "$(dirname "$0")/check-new.sh"
#   copy_tree            a copy with its build/, from now on the current folder; it goes when the script ends
#   build FILE...        the program and the tests; a warning in one of the files fails
#   shows TEXT COMMAND   the command succeeds and its output holds the text (fixed, not a pattern)
#   refuses TEXT COMMAND the command fails, and what it says holds the text
#   passes [FILTER]      the rules of src/, then the tests (all of them without a filter); no test at all fails
#   finds FILTER [TEXT]  some test fails, and what they say holds the text
#   restore              the tree as it was before, built; what the program lists and describes must be as before
#   fail MESSAGE         the end
# The program is $normlab.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
script=$(basename "$0")
normlab=build/normlab
normlab_tests=build/release/normlab-tests
make=${MAKE:-make -j2}

fail() {
    echo "$script: $*" >&2
    exit 1
}

# Without what is large and not needed: results, history, the builds of other compilers.
copy_tree() {
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    tar -C "$tree" -c --exclude=./.git --exclude='./results/*' --exclude='./build/*/normlab' --exclude=./build/debug \
        --exclude=./build/san --exclude=./build/tsan --exclude=./build/clang --exclude=./build/v3 --exclude=./build/ci \
        --exclude=./build/coverage --exclude='./build/aarch64*' . | tar -C "$copy" -x
    cd "$copy"
    mkdir -p scratch/original
    cp -r src tests scratch/original
    build
    words >scratch/words.before
}

build() {
    local file
    $make --no-print-directory program tests >scratch/make.log 2>&1 || {
        tail -n 30 scratch/make.log
        fail "the tree does not build"
    }
    for file in "$@"; do
        ! grep "^$file:.*warning:" scratch/make.log || fail "warnings in $file"
    done
}

# All that the program tells of itself.
words() {
    local what
    for what in normalizers probes; do $normlab list $what; done
    $normlab describe
}

shows() {
    local text=$1
    shift
    "$@" >scratch/output 2>&1 || {
        tail -n 30 scratch/output
        fail "'$*' fails"
    }
    grep -qF -- "$text" scratch/output || {
        tail -n 30 scratch/output
        fail "'$*' does not show '$text'"
    }
}

refuses() {
    local text=$1
    shift
    ! "$@" >scratch/output 2>&1 || fail "'$*' does not fail"
    grep -qF -- "$text" scratch/output || {
        tail -n 30 scratch/output
        fail "the message of '$*' does not hold '$text'"
    }
}

# What follows from the tables; each recipe has it written anew.
pages() {
    COLUMNS=80 $normlab describe file >docs/experiment-file.md
    $normlab describe --schema >experiments/schema.json
}

run_tests() { scripts/run-tests.sh "$normlab_tests" ${1:+--filter "$1"} >scratch/tests.log 2>&1; }

passes() {
    $make --no-print-directory layers >scratch/layers.log || {
        cat scratch/layers.log
        fail "the rules of src/"
    }
    pages
    run_tests "${1:-}" || {
        tail -n 60 scratch/tests.log
        fail "tests do not pass"
    }
}

finds() {
    ! run_tests "$1" || fail "no test of '$1' notices the mistake"
    grep -qF -- "${2:-}" scratch/tests.log || {
        tail -n 60 scratch/tests.log
        fail "tests fail, but none says '$2'"
    }
}

# Files of src/ and tests/ that are new go, those that were changed are as they were.
restore() {
    local file
    while read -r file; do
        if [ ! -e "scratch/original/$file" ]; then
            rm "$file"
        elif ! cmp -s "scratch/original/$file" "$file"; then
            cp "scratch/original/$file" "$file"
        fi
    done < <(find src tests -type f)
    build
    pages
    words | cmp -s - scratch/words.before || fail "once it is removed, the program does not list or describe what it did before"
}
