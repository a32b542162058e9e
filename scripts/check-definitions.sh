#!/usr/bin/env bash
# Each study and paper says what it runs: it writes out every key of data, model, norm, optimizer and train that applies
# to one of its runs, in each of its protocols, and what the words `copied` and `chosen` say with a key and its value,
# "(optimizer.momentum=0)", is so. The first key left out is named. A study that nobody asks is checked, too.
#
#   scripts/check-definitions.sh [PROGRAM [FILE.yaml...]]
set -euo pipefail
cd "$(dirname "$0")/.."
normlab=${1:-build/normlab}
[ $# -eq 0 ] || shift
groups='data|model|norm|optimizer|train'

# The files that define runs: those with a base, sweep or zip of their own, and what claims name. A tuned file that is not
# made yet has the keys of the study that it will be made from.
definitions() {
    local file named
    for file in experiments/claims/*.yaml experiments/papers/*.yaml; do
        if grep -q '^experiment:' "$file"; then
            named=$(realpath -m --relative-to=. "$(dirname "$file")/$(sed -n 's/^experiment: *//p' "$file")")
            [ -f "$named" ] && echo "$named" || echo "${named%.tuned.yaml}.yaml"
        elif grep -qE '^(base|sweep|zip):' "$file"; then
            echo "$file"
        fi
    done | sort -u
}

# keys FILE PROTOCOL: what `run --dry-run --keys` knows, from a folder without results.
keys() {
    local protocol=()
    [ "$2" = full ] || protocol=("protocol=$2")
    "$normlab" run "$1" "${protocol[@]}" --dry-run --keys --out "$work/none" 2>"$work/messages" ||
        { cat "$work/messages" >&2; return 1; }
}

check_left_out() { # FILE PROTOCOL, with the keys in $work/keys
    awk -F '\t' -v file="$1" -v protocol="$2" -v groups="^($groups)[.]" '
        $3 == "default" && $1 ~ groups {
            print file ": leaves " $1 " to its default, " $2 " (protocol " protocol "): write it out"
            exit 1
        }' "$work/keys"
}

check_words() { # FILE, with the keys in $work/keys
    local words word
    # data.dir says where the data are on this machine: no part of a definition.
    words=$(grep -E '^  (copied|chosen):' "$1" | grep -oE "\b($groups)\.[a-z_0-9]+(=[^ ,;:)]+)?" |
        sed 's/\.$//; /^data\.dir$/d') || return 0
    for word in $words; do
        awk -F '\t' -v file="$1" -v word="$word" '
            BEGIN { split(word, named, "=") }
            $1 == named[1] && $3 == "file" {
                n = split($2, values, "|")
                found = named[2] == ""
                for (i = 1; i <= n; i++)
                    found = found || values[i] == named[2]
            }
            END {
                if (!found)
                    print file ": its words say " word ", and its runs do not"
                exit !found
            }' "$work/keys" || return 1
    done
}

check() { # FILE
    local protocol
    for protocol in full quick literal; do
        [ "$protocol" = full ] || grep -q "^$protocol:" "$1" || continue
        keys "$1" "$protocol" >"$work/keys" && check_left_out "$1" "$protocol" || return 1
        [ "$protocol" != full ] || check_words "$1" || return 1
    done
}

# A check that cannot fail is none: a key taken out, and words of another value.
check_itself() {
    local said copy=$work/copy.yaml paper=experiments/papers/masters_luschi_2018.yaml
    sed 's/, momentum: 0,/,/' "$paper" >"$copy"
    if said=$(check "$copy") || [[ $said != *"leaves optimizer.momentum to its default, 0.9"* ]]; then
        echo "check-definitions.sh: a key that is left out is not found: $said"
        return 1
    fi
    sed 's/(optimizer.momentum=0)/(optimizer.momentum=0.9)/' "$paper" >"$copy"
    if said=$(check "$copy") || [[ $said != *"its words say optimizer.momentum=0.9,"* ]]; then
        echo "check-definitions.sh: words that are not so are not found: $said"
        return 1
    fi
}

# A home in which all sets with a name are found: keys need data, if only to know how many rows there are. MNIST has
# the files and sizes of Fashion-MNIST, which stands in for it.
make_home() {
    local sets=$1/.local/share/normlab
    mkdir -p "$sets"
    ln -s /usr/share/datasets/fashion-mnist "$sets/mnist"
    HOME=$1 Rscript share/data/mlbench.R >"$work/R" 2>&1 || { cat "$work/R" >&2; return 1; }
    export HOME=$1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_home "$work/home"
[ $# -gt 0 ] || { check_itself; set -- $(definitions); }
n=$#
for file; do
    check "$file"
done
echo "check-definitions.sh: $n definitions write out every key that applies"
