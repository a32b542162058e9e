#!/usr/bin/env bash
# scripts/claims.sh on the small claims of tests/judge/report/page: in full, stored, audited, study by study, quickly,
# compared with what was stored; a contradiction is named and so is a file that cannot be read, which stops nothing else.
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
# claims WANTED-STATUS WORDS TEXT...: its output must hold every text.
claims() {
    local wanted=$1 words=$2 status=0 text
    shift 2
    # shellcheck disable=SC2086  # words and studies
    scripts/claims.sh $words >"$work/log" 2>"$work/messages" || status=$?
    [ "$status" -eq "$wanted" ] || wrong "$words ends with $status in place of $wanted"
    for text in "$@"; do
        grep -qF "$text" "$work/log" || wrong "$words does not say '$text'"
    done
}

# What is stored is what follows from what is stored.
audit() { # WANTED-TEXT
    /usr/bin/python3 scripts/audit.py "$REFERENCE/differences.tsv.gz" "$REFERENCE/answers.tsv.gz" "$REFERENCE/rows" \
        "$REFERENCE/effects.tsv" >"$work/log" 2>"$work/messages" || wrong "the stored verdicts do not hold"
    grep -qF "$1" "$work/log" || wrong "the audit does not say '$1'"
}

claims 0 full '100 runs, 0 done'
claims 0 reference
audit '2 claims'
claims 0 full '100 runs, 100 done'
diff <(printf 'before\n<!-- verdicts -->\n'; cat "$REFERENCE/verdicts.md"; printf '<!-- end of verdicts -->\nafter\n') "$VERDICTS" ||
    wrong "the document does not hold the verdicts"
[ "$(cut -f 1,2 "$REFERENCE/effects.tsv" | tail -n +2)" = "$(printf '1_learns\tlearns')" ] ||
    wrong "the reference has no effects"
zcat -f "$REFERENCE/study.tsv" | grep -qP '\tcomplete\t' || wrong "the reference has no table"
cp -r "$REFERENCE" "$work/whole"
for table in verdicts.tsv answers.tsv.gz differences.tsv.gz; do
    zcat -f "$work/whole/$table" | grep -v ^somebody >"$work/others"
    if [[ $table = *.gz ]]; then gzip <"$work/others" >"$REFERENCE/$table"; else cp "$work/others" "$REFERENCE/$table"; fi
done
claims 0 "full $PAPERS/somebody_2000.yaml" '20 runs, 20 done'
claims 0 "reference $PAPERS/somebody_2000.yaml"
claims 0 "judge $CLAIMS/study.yaml"
claims 0 "reference $CLAIMS/study.yaml"
diff -r "$work/whole" "$REFERENCE" || wrong "two studies, each stored by itself, are not what was stored at once"
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
mkdir "$work/looked"
cat >"$work/looked/1_looked.yaml" <<YAML
schema: 1
name: looked
title: Looked at
base:
  data: {name: clusters, rows: 60, test_rows: 20, features: 3, classes: 2, train: 40, validation: 10}
  model: {hidden: [3]}
  train: {batch_size: 10, epochs: 1}
sweep: {optimizer.lr: [1e-9, 0.1], seed: 'range(200, 240)'}
claim:
  number: 1
  notes: A
  says: It learns.
  looks: [10, 20, 40]
judge:
  - {name: learns, asks: does it, figure: {series: epoch/train_loss, take: last}, more: {optimizer.lr: 1e-9},
     less: {optimizer.lr: 0.1}, delta: 1e-4, supported: It does., refuted: It does not.}
YAML
export CLAIMS=$work/looked PAPERS=$work/none OUT=$work/looks REFERENCE=$work/looks-reference
claims 0 full '80 runs, 0 done'
claims 0 reference
[ "$(grep -c complete "$REFERENCE/looked.tsv")" -eq 20 ] || wrong "more seeds were trained, or stored, than one look needs"
audit '1 claims'
echo "check-claims.sh: run, judged, stored and compared"
