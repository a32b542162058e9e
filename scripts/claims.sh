#!/usr/bin/env bash
# All claims of experiments/claims/ and all papers of experiments/papers/: runs, verdicts, the page.
#
#   scripts/claims.sh quick      cut runs, at most a quarter of an hour on two cores; then OUT/report.html, verdicts.md and
#                                verdicts.tsv, and where the verdicts contradict the stored ones of results/reference/
#   scripts/claims.sh full       tunes, runs and judges everything in about three hours on two cores; into OUT/full/
#   scripts/claims.sh papers     the papers' experiments in their literal size, for days; into OUT/literal/
#   scripts/claims.sh reference  stores what `full` has found in results/reference/, and its verdicts in docs/verdicts.md
#
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

# The files whose runs are judged, each once: those that claims name, and claims with runs of their own.
studies() {
    local file named
    for file in "${claim_files[@]}"; do
        named=$(sed -n 's/^experiment: *//p' "$file")
        if [ -n "$named" ]; then
            realpath -m --relative-to=. "$(dirname "$file")/$named"
        elif grep -q '^judge:' "$file"; then
            echo "$file"
        fi
    done | LC_ALL=C sort -u
}

# The file that a tuned file is made from; otherwise nothing.
source_of() {
    case $1 in
    *.tuned.yaml) echo "${1%.tuned.yaml}.yaml" ;;
    esac
}

run_all() { # [protocol=WORD] STUDY...
    local study protocol=()
    case $1 in
    protocol=*)
        protocol=("$1")
        shift
        ;;
    esac
    for study in "$@"; do
        echo "-- $study ${protocol[*]}" >&2
        [ -f "$study" ] || echo "$study is made by normlab tune $(source_of "$study") --to $study, part of scripts/claims.sh full" >&2
        attempt "$study" "$normlab" run "$study" "${protocol[@]}" --out "$out" || true
    done
}

# judge_all FOLDER [OPTION]: verdicts.tsv, verdicts.md and report.html of all claims that can be read.
judge_all() {
    local folder=$1 file good=()
    shift
    mkdir -p "$folder"
    for file in "${claim_files[@]}"; do
        if attempt "$file" "$normlab" judge "$file" "$@" --tsv --out "$out" >"$folder/verdict"; then
            [ ${#good[@]} -gt 0 ] || head -n 1 "$folder/verdict" >"$folder/verdicts.tsv"
            tail -n +2 "$folder/verdict" >>"$folder/verdicts.tsv"
            good+=("$file")
        fi
    done
    rm -f "$folder/verdict"
    [ ${#good[@]} -gt 0 ] || return 0
    attempt "the page" "$normlab" report "${good[@]}" "$@" --out "$out" --to "$folder/report.html" \
        --markdown "$folder/verdicts.md" || true
}

# Where a verdict contradicts the stored one. Inconclusive and open contradict nothing; nor does one stratum contradict
# a stored `depends`, which is a word about several.
compare() {
    if [ ! -f "$reference/verdicts.tsv" ]; then
        echo "no stored verdicts to compare with in $reference"
        return
    fi
    awk -F '\t' -v reference="$reference" '
        function firm(verdict) { return verdict == "supported" || verdict == "refuted" || verdict == "depends" }
        FNR == 1 { next }
        NR == FNR { stored[$1] = $3; next }
        !firm($3) || !firm(stored[$1]) { next }
        { compared++ }
        $3 == stored[$1] || (stored[$1] == "depends" && $4 != "") { next }
        { printf "%s (%s): %s here, %s in the reference\n", $2 == "" ? "paper" : "claim " $2, $1, $3, stored[$1]; differ++ }
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

full() {
    local all
    mkdir -p "$out"
    mapfile -t all < <(studies)
    announce "${all[@]}"
    tune_all "${all[@]}"
    run_all "${all[@]}"
    judge_all "$out/full"
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
    local name table
    name=$(sed -n 's/^name: *//p' "$1")
    table=$reference/$name.tsv
    if ! "$normlab" table "$out/$name.h5" >"$table" 2>/dev/null || grep -Eq $'\t(missing|failed)\t' "$table"; then
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

reference() {
    local study all file
    for file in verdicts.tsv verdicts.md report.html; do
        [ -f "$out/full/$file" ] || {
            echo "claims.sh: no $out/full/$file; scripts/claims.sh full makes it" >&2
            exit 1
        }
    done
    mkdir -p "$reference"
    cp "$out/full/verdicts.tsv" "$out/full/verdicts.md" "$out/full/report.html" "$reference/"
    mapfile -t all < <(studies)
    for study in "${all[@]}"; do
        if [ -f "$study" ]; then store_table "$study"; else echo "not stored, since it is not there: $study"; fi
    done
    update_document
    du -sh "$reference"
}

case ${1:-} in
quick | full | papers | reference) "$1" ;;
*)
    sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
finish
