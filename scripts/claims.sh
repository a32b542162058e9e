#!/usr/bin/env bash
# All claims of experiments/claims/ and all papers of experiments/papers/: runs, verdicts, the page.
#
#   scripts/claims.sh quick      cut runs, at most a quarter of an hour on two cores; then OUT/report.html, verdicts.md and
#                                verdicts.tsv, and where the verdicts contradict the stored ones of results/reference/
#   scripts/claims.sh full       tunes, runs and judges everything in about three hours on two cores; into OUT/full/
#   scripts/claims.sh papers     the papers' experiments in their literal size, for days; into OUT/literal/
#   scripts/claims.sh judge      judges what has been run by hand, with the stored rates for instance; into OUT/full/
#   scripts/claims.sh reference  stores what `full` or `judge` has found in results/reference/, and its verdicts in
#                                docs/verdicts.md
#   scripts/claims.sh full|judge|reference STUDY...   these studies and papers and the claims that ask them; by OUT/part/,
#                                and neither page nor document is stored
#
# Of a study whose claims have looks no more seeds are trained than these need.
# What the verdicts rest on is stored beside them, for scripts/audit.py: differences.tsv, answers.tsv, rows/; and the
# tables of effects of claims that have one, effects.tsv.
# Stopped at any moment and started again, all of them go on where they were. What fails is named at the end and does not
# stop the rest; exit status 1 then. NORMLAB is the program (build/normlab), OUT the folder of results (results/claims),
# REFERENCE that of the stored ones, CLAIMS and PAPERS the folders of the files, VERDICTS the document that holds them.
set -euo pipefail
cd "$(dirname "$0")/.."
normlab=${NORMLAB:-build/normlab}
out=${OUT:-results/claims}
reference=${REFERENCE:-results/reference}
claims=${CLAIMS:-experiments/claims}
papers=${PAPERS:-experiments/papers}
document=${VERDICTS:-docs/verdicts.md}

shopt -s nullglob
claim_files=("$claims"/[0-9]*.yaml "$papers"/*.yaml)
failures=()

# One that was stopped stops us; any other failure is kept for the end.
attempt() {
    local what=$1 status=0
    shift
    "$@" || status=$?
    case $status in
    0) return 0 ;;
    75 | 130) exit "$status" ;;
    esac
    failures+=("$what")
    return 1
}

duration() {
    local minutes=$(($1 / 60))
    if [ "$minutes" -lt 60 ]; then
        echo "$minutes min $(($1 % 60)) s"
    else
        echo "$((minutes / 60)) h $((minutes % 60)) min"
    fi
}

# The file whose runs a claim asks: the one that it names, or itself; nothing where it asks none.
study_of() { # CLAIM
    local named
    named=$(sed -n 's/^experiment: *//p' "$1")
    if [ -n "$named" ]; then
        realpath -m --relative-to=. "$(dirname "$1")/$named"
    elif grep -q '^judge:' "$1"; then
        realpath -m --relative-to=. "$1"
    fi
}

# The files whose runs are judged, each once.
studies() {
    local file
    for file in "${claim_files[@]}"; do
        study_of "$file"
    done | LC_ALL=C sort -u
}

# The claims that ask one of these studies. They and the studies are named relative to here.
ask() { # STUDY...
    local file wanted
    wanted=" $(realpath -m --relative-to=. "$@" | tr '\n' ' ')"
    for file in "${claim_files[@]}"; do
        [[ $wanted != *" $(study_of "$file") "* ]] || echo "$file"
    done
}

# The file that a tuned file is made from; otherwise nothing.
source_of() {
    case $1 in
    *.tuned.yaml) echo "${1%.tuned.yaml}.yaml" ;;
    esac
}

# The claims that ask a study, if all of them have looks: no more of its seeds are trained than they need.
looking() { # STUDY
    local file
    for file in $(ask "$1"); do
        grep -q '^  looks:' "$file" || return 0
    done
    ask "$1"
}

run_all() { # [protocol=WORD] STUDY...
    local study claim looking protocol=()
    case $1 in
    protocol=*)
        protocol=("$1")
        shift
        ;;
    esac
    for study in "$@"; do
        echo "-- $study ${protocol[*]}" >&2
        [ -f "$study" ] || echo "$study is made by normlab tune $(source_of "$study") --to $study, part of scripts/claims.sh full" >&2
        mapfile -t looking < <(looking "$study")
        if [ ${#protocol[@]} -eq 0 ] && [ ${#looking[@]} -gt 0 ]; then
            for claim in "${looking[@]}"; do
                attempt "$claim" "$normlab" run "$claim" --until-decided --out "$out" || true
            done
        else
            attempt "$study" "$normlab" run "$study" "${protocol[@]}" --out "$out" || true
        fi
    done
}

# judge_all FOLDER [OPTION]: of all claims that can be read verdicts.tsv, verdicts.md and report.html, and what the
# verdicts rest on.
judge_all() {
    local folder=$1 file table good=() words=()
    shift
    mkdir -p "$folder"
    rm -rf "$folder/rows" "$folder/differences.tsv" "$folder/answers.tsv" "$folder/effects.tsv"
    for file in "${claim_files[@]}"; do
        if attempt "$file" "$normlab" judge "$file" "$@" --tsv --out "$out" --differences "$folder/differences.part" \
            --verdicts "$folder/answers.part" --rows "$folder/rows" --effects "$folder/effects.part" >"$folder/verdicts.part"; then
            [ ${#good[@]} -gt 0 ] || rm -f "$folder/verdicts.tsv"
            for table in verdicts differences answers effects; do
                add_table "$folder/$table.part" "$folder/$table.tsv"
            done
            good+=("$file")
        fi
    done
    rm -f "$folder"/*.part
    [ ${#good[@]} -gt 0 ] || return 0
    if [ "$claims" = experiments/claims ]; then
        words=(--title "What the notes say about batch norm, tried" --introduction "The claims stand in five course notes,
A to E, and are told here in our words; those without a letter are questions of our own. Their rules were written down before these runs were made, but where \"seen before\" or a remark says
otherwise.")
    fi
    for file in "${good[@]}"; do
        case $file in
        */33_small_batches.yaml) words+=(--headline 33_small_batches) ;;
        esac
    done
    attempt "the page" "$normlab" report "${good[@]}" "$@" "${words[@]}" --out "$out" --to "$folder/report.html" \
        --markdown "$folder/verdicts.md" || true
}

# The lines of one table at the end of another.
add_table() { # PART TABLE
    if [ -f "$2" ]; then tail -n +2 "$1" >>"$2"; else cp "$1" "$2"; fi
}

# Where a verdict contradicts the stored one: one says yes, the other no, or one yes and the other small. Nothing else
# contradicts; nor does one stratum contradict a stored `depends`, which is a word about several.
compare() {
    if [ ! -f "$reference/verdicts.tsv" ]; then
        echo "no stored verdicts to compare with in $reference"
        return
    fi
    awk -F '\t' -v reference="$reference" '
        BEGIN { split("supported/seen/refuted/not seen/small/depends", word, "/"); split("1/1/2/2/3/7", sense, "/")
                for (i in word) { says[word[i]] = sense[i]; says[word[i] " (shortened)"] = sense[i] } }
        FNR == 1 { next }
        NR == FNR { stored[$1] = $3; next }
        { here = says[$3]; there = says[stored[$1]] }
        !here || !there { next }
        { compared++ }
        here == there || (there == 7 && $4 != "") || here + there == 5 { next }
        { printf "%s (%s): %s here, %s in the reference\n", $2 == "" ? "paper or question of our own" : "claim " $2, $1, $3, stored[$1]; differ++ }
        END { printf "%d of %d verdicts contradict those in %s\n", differ, compared, reference }
    ' "$reference/verdicts.tsv" "$1"
}

finish() {
    [ ${#failures[@]} -eq 0 ] && return
    echo "failed, see above:"
    printf '  %s\n' "${failures[@]}"
    exit 1
}

quick() {
    local all
    mapfile -t all < <(studies)
    run_all protocol=quick "${all[@]}"
    judge_all "$out" --quick
    compare "$out/verdicts.tsv"
    echo "quick protocol: $(duration $SECONDS)"
}

# Of a dry run: runs, done, seconds. The last row, total, has the seconds until all is done.
planned() { # COMMAND...
    "$normlab" "$@" --out "$out" --dry-run --tsv 2>/dev/null | awk -F '\t' '
        NR == 1 { next }
        $1 == "total" { seconds = $5; next }
        { runs++; done += $2 == "done" }
        END { printf "%d %d %d\n", runs, done, seconds }'
}

announce_one() { # WORDS COMMAND...
    local words=$1 n finished seconds
    shift
    read -r n finished seconds < <(planned "$@")
    if [ "$n" -eq 0 ]; then
        printf '  %-60s cannot be planned\n' "$words"
        return
    fi
    printf '  %-60s %5d runs, %5d done, about %s\n' "$words" "$n" "$finished" "$(duration "$seconds")"
    total=$((total + n)) total_done=$((total_done + finished)) total_s=$((total_s + seconds))
}

# announce [protocol=WORD] STUDY...: what there is to do, and what is done already.
announce() {
    local study from protocol=() total=0 total_done=0 total_s=0
    case $1 in
    protocol=*)
        protocol=("$1")
        shift
        ;;
    esac
    for study in "$@"; do
        from=$(source_of "$study")
        if [ -n "$from" ]; then
            announce_one "$from, tuning" tune "$from"
            [ -f "$study" ] || study=$from
        fi
        announce_one "$study ${protocol[*]}" run "$study" "${protocol[@]}"
    done
    echo "all: $total runs, $total_done done, about $(duration "$total_s")"
}

tune_all() {
    local study from
    for study in "$@"; do
        from=$(source_of "$study")
        [ -n "$from" ] || continue
        echo "-- $from, tuning" >&2
        attempt "$from, tuning" "$normlab" tune "$from" --out "$out" --to "$study" >"$out/$(basename "$study" .yaml).tsv" || true
    done
}

judge() { # [STUDY...]
    local folder=$out/full
    if [ $# -gt 0 ]; then
        folder=$out/part
        mapfile -t claim_files < <(ask "$@")
    fi
    judge_all "$folder"
}

full() { # [STUDY...]
    local all=("$@")
    mkdir -p "$out"
    [ $# -gt 0 ] || mapfile -t all < <(studies)
    announce "${all[@]}"
    tune_all "${all[@]}"
    run_all "${all[@]}"
    judge "$@"
    echo "full protocol: $(duration $SECONDS)"
}

papers() {
    local all
    mapfile -t all < <(grep -l '^literal:' "$papers"/*.yaml)
    claim_files=("${all[@]}")
    announce protocol=literal "${all[@]}"
    run_all protocol=literal "${all[@]}"
    judge_all "$out/literal" --literal
    echo "literal sizes: $(duration $SECONDS)"
}

# The table of all runs of a study; a study with runs to do is none to refer to.
store_table() { # STUDY
    local name table trained=()
    name=$(sed -n 's/^name: *//p' "$1")
    table=$reference/$name.tsv
    [ -z "$(looking "$1")" ] || trained=(--where 'status!=missing')
    if ! "$normlab" table "$out/$name.h5" "${trained[@]}" >"$table" 2>/dev/null || grep -Eq $'\t(missing|failed)\t' "$table"; then
        rm -f "$table"
        echo "not stored, since it is not finished: $1"
        return
    fi
    if [ "$(wc -c <"$table")" -gt 50000 ]; then
        gzip -9 -n -f "$table"
    fi
}

# The table of verdicts between its two marks in the document.
update_document() {
    awk -v table="$reference/verdicts.md" '
        { if (!inside) print }
        /<!-- verdicts -->/ { inside = 1; while ((getline line < table) > 0) print line }
        /<!-- end of verdicts -->/ { inside = 0; print }
    ' "$document" >"$out/document"
    cat "$out/document" >"$document"
    rm "$out/document"
}

# The names of all claims that there are.
names() {
    sed -n 's/^name: *//p' "${claim_files[@]}"
}

# Puts the lines of the claims that were judged in place of those stored, in the order of their names; lines of claims
# that are no longer there go, and a table of other columns, which is an older build's.
store_lines() { # TABLE STORED
    {
        head -n 1 "$1"
        {
            tail -n +2 "$1"
            { zcat -f "$2" 2>/dev/null || true; } | NAMES=$(names) awk -F '\t' -v now="$1" '
                BEGIN {
                    split(ENVIRON["NAMES"], list, "\n")
                    for (i in list) keep[list[i]] = 1
                    getline header < now
                    while ((getline line < now) > 0) { split(line, cell, "\t"); delete keep[cell[1]] }
                }
                NR == 1 { same = $0 == header }
                same && $1 in keep'
        } | LC_ALL=C sort -s -t "$(printf '\t')" -k 1,1
    } >"$out/stored"
    case $2 in
    *.gz) gzip -9 -n -c "$out/stored" >"$2" ;;
    *) cp "$out/stored" "$2" ;;
    esac
    rm "$out/stored"
}

# The wrong rows of the claims that were judged in place of those stored.
store_rows() { # TABLE FOLDER
    local file name
    mkdir -p "$reference/rows"
    for file in "$reference"/rows/*.npy; do
        name=$(basename "${file%%.*}")
        if ! names | grep -qxF "$name" || cut -f 1 "$1" | grep -qxF "$name"; then rm "$file"; fi
    done
    for file in "$2"/*.npy; do
        cp "$file" "$reference/rows/"
    done
}

reference() { # [STUDY...]
    local study all=("$@") file folder=$out/full
    [ $# -eq 0 ] || folder=$out/part
    for file in verdicts.tsv verdicts.md report.html differences.tsv answers.tsv effects.tsv; do
        [ -f "$folder/$file" ] || {
            echo "claims.sh: no $folder/$file; scripts/claims.sh full makes it" >&2
            exit 1
        }
    done
    mkdir -p "$reference"
    if [ $# -eq 0 ]; then
        mapfile -t all < <(studies)
        cp "$folder/verdicts.md" "$folder/report.html" "$reference/"
        update_document
    fi
    store_lines "$folder/verdicts.tsv" "$reference/verdicts.tsv"
    store_lines "$folder/differences.tsv" "$reference/differences.tsv.gz"
    store_lines "$folder/answers.tsv" "$reference/answers.tsv.gz"
    store_lines "$folder/effects.tsv" "$reference/effects.tsv"
    store_rows "$folder/verdicts.tsv" "$folder/rows"
    for study in "${all[@]}"; do
        if [ -f "$study" ]; then store_table "$study"; else echo "not stored, since it is not there: $study"; fi
    done
    du -sh "$reference"
}

case ${1:-} in
quick | papers) "$1" ;;
full | judge | reference) "$@" ;;
*)
    sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
finish
