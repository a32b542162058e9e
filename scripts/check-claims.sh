#!/usr/bin/env bash
# scripts/claims.sh on the small claims of tests/judge/report/page: in full, stored, quickly, compared with what was stored; a
# contradiction is named and so is a file that cannot be read, which stops nothing else.
#
#   scripts/check-claims.sh [PROGRAM]
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NORMLAB=${1:-build/normlab} OUT=$work/results REFERENCE=$work/reference CLAIMS=$work/page PAPERS=$work/page/papers
export VERDICTS=$work/verdicts.md
cp -r tests/judge/report/page "$CLAIMS"
printf 'before\n<!-- verdicts -->\nold\n<!-- end of verdicts -->\nafter\n' >"$VERDICTS"

wrong() {
    tail -n 20 "$work/log" "$work/messages"
    echo "check-claims.sh: $1"
    exit 1
}
# claims WANTED-STATUS WORD TEXT...: its output must hold every text.
claims() {
    local wanted=$1 word=$2 status=0 text
    shift 2
    scripts/claims.sh "$word" >"$work/log" 2>"$work/messages" || status=$?
    [ "$status" -eq "$wanted" ] || wrong "$word ends with $status in place of $wanted"
    for text in "$@"; do
        grep -qF "$text" "$work/log" || wrong "$word does not say '$text'"
    done
}

claims 0 full '100 runs, 0 done'
claims 0 reference
claims 0 full '100 runs, 100 done'
diff <(printf 'before\n<!-- verdicts -->\n'; cat "$REFERENCE/verdicts.md"; printf '<!-- end of verdicts -->\nafter\n') "$VERDICTS" ||
    wrong "the document does not hold the verdicts"
zcat -f "$REFERENCE/study.tsv" | grep -qP '\tcomplete\t' || wrong "the reference has no table"
claims 0 quick '0 of 2 verdicts contradict'
sed -i 's/^1_learns\t1\tsupported/1_learns\t1\trefuted/' "$REFERENCE/verdicts.tsv"
claims 0 quick 'claim 1 (1_learns): supported here, refuted in the reference' '1 of 2 verdicts contradict'
sed -i 's/^1_learns\t1\trefuted/1_learns\t1\tdepends/' "$REFERENCE/verdicts.tsv"
claims 0 quick '0 of 2 verdicts contradict'
claims 0 papers 'all: 20 runs, 0 done'
grep -q 'literal protocol' "$OUT/literal/report.html" || wrong "the papers' page is not of the literal protocol"
sed -i 's/unit: nat/unit_: nat/' "$CLAIMS/1_learns.yaml"
rm "$OUT/report.html"
claims 1 quick 'failed, see above' '1_learns.yaml'
grep -q '2_beta' "$OUT/report.html" || wrong "one file that cannot be read stops the others"
echo "check-claims.sh: run, judged, stored and compared"
