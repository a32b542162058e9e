#!/usr/bin/env bash
# The page of `normlab report` in a browser: a small one is made from tests/judge/report/page and opened in Chromium.
#
#   scripts/check-report.sh [PROGRAM [FOLDER]]     FOLDER keeps the page, its pictures and its print; default: a temporary one
#   scripts/check-report.sh --self-test [PROGRAM]  plants one fault of every kind; each must be found
#
# Checked: the filter shows and hides what it should, by itself and from the address; the page asks for nothing outside
# itself; no id stands twice; all that is chosen by keyboard can be reached in its natural order; nothing is wider than a screen of 360 pixels; light
# and dark have their colours; it prints. Needs scripts/install-deps.sh --ci.
set -euo pipefail
cd "$(dirname "$0")/.."
self_test=
if [ "${1:-}" = --self-test ]; then
    self_test=yes
    shift
fi
program=${1:-build/normlab}
command -v chromium >/dev/null || {
    echo "check-report.sh: no chromium; scripts/install-deps.sh --ci installs it" >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${2:-$work/page}

# Without a sandbox, which root and containers do not have: the page is ours.
browse() {
    timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --no-first-run --disable-extensions --user-data-dir="$work/profile" "$@" 2>>"$work/browser.log"
}

make_page() {
    CLAIMS=tests/judge/report/page PAPERS=tests/judge/report/page/papers OUT=$1 REFERENCE=$1 NORMLAB=$program \
        scripts/claims.sh quick >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
}

# What is asked of the open page; the answers are one line of its text: "answers: ...".
questions() {
    cat <<'JS'
<script>addEventListener('load',()=>{
const form=document.querySelector('form'),shown=()=>[...document.querySelectorAll('section[data-verdict]')]
  .filter(e=>e.getClientRects().length>0).map(e=>e.id).join('+');
const choose=(verdict,note)=>{form.verdict.value=verdict;form.note.value=note;
  form.verdict.dispatchEvent(new Event('change',{bubbles:true}));return shown()};
const answers={opened:shown()};
answers.refuted=choose('refuted','');answers.noteA=choose('','A');answers.papers=choose('','paper');
answers.nothing=choose('refuted','A');answers.everything=choose('','');
const ids=[...document.querySelectorAll('[id]')].map(e=>e.id);
answers.ids=ids.length===new Set(ids).size?'unique':'repeated';
answers.links=[...document.querySelectorAll('a[href^="#"]')].every(a=>document.getElementById(a.hash.slice(1)))?'lead':'dangle';
answers.requests=performance.getEntriesByType('resource').length;
const controls=[...document.querySelectorAll('select,summary,a[href]')];
answers.keyboard=controls.every(e=>{e.focus();return document.activeElement===e&&e.tabIndex===0})?'reached':'unreached';
document.querySelectorAll('details').forEach(d=>d.open=true);
answers.sideways=document.documentElement.scrollWidth>innerWidth?'scrolls':'fits';
document.body.insertAdjacentText('beforeend',
  '\nanswers: '+Object.entries(answers).map(([k,v])=>k+'='+v).join(' ')+'\n');
});</script>
JS
}

# ask PAGE WIDTH [?QUERY]
ask() {
    { cat "$1"; questions; } >"$work/asked.html"
    browse --window-size="$2,900" --dump-dom "file://$work/asked.html${3:-}" | sed -n 's/^answers: //p'
}

expect() { # WHAT FOUND WANTED
    if [ "$2" != "$3" ]; then
        echo "check-report.sh: $1"
        echo "  found:  $2"
        echo "  wanted: $3"
        return 1
    fi
}

# Mean and deviation of the red of every seventh pixel.
colours() {
    gnuplot -e "set table '$work/pixels'; plot '$1' binary filetype=png every 7:7 using 1:2:3 with image" 2>/dev/null
    awk '$NF == "i" { n++; sum += $3; square += $3 * $3 } END { m = sum / n; printf "%d %d\n", m, sqrt(square / n - m * m) }' "$work/pixels"
}

# A picture that is neither blank nor of the other colours.
picture() { # PAGE FILE WIDTH light|dark
    local mean deviation scheme=1
    [ "$4" = dark ] && scheme=0
    browse --blink-settings=preferredColorScheme=$scheme --window-size="$3,1400" --screenshot="$2" "file://$1"
    read -r mean deviation < <(colours "$2")
    if [ "$deviation" -lt 5 ] || { [ "$4" = light ] && [ "$mean" -lt 200 ]; } || { [ "$4" = dark ] && [ "$mean" -gt 100 ]; }; then
        echo "check-report.sh: $4, $3 pixels wide: colours of mean $mean and deviation $deviation"
        return 1
    fi
}

print_out() { # PAGE FILE
    browse --no-pdf-header-footer --print-to-pdf="$2" "file://$1"
    if [ "$(head -c 4 "$2")" != %PDF ] || [ "$(stat -c %s "$2")" -lt 20000 ]; then
        echo "check-report.sh: the print has $(stat -c %s "$2") bytes"
        return 1
    fi
}

everything="1_learns+2_beta+3_not_here+somebody_2000"
answers() { # what the page was opened with
    echo "opened=$1 refuted=2_beta noteA=1_learns papers=somebody_2000 nothing= everything=$everything ids=unique" \
        "links=lead requests=0 keyboard=reached sideways=fits"
}

check_behaviour() {
    expect "a wide screen" "$(ask "$1" 1000)" "$(answers "$everything")" &&
        expect "360 pixels, filtered by its address" "$(ask "$1" 360 '?verdict=not-tried&note=E')" "$(answers 3_not_here)"
}

check() {
    local folder=$1
    check_behaviour "$folder/report.html"
    picture "$folder/report.html" "$folder/light.png" 1000 light
    picture "$folder/report.html" "$folder/dark.png" 1000 dark
    picture "$folder/report.html" "$folder/narrow.png" 360 light
    print_out "$folder/report.html" "$folder/print.pdf"
}

plant() { # WHAT SED-COMMAND
    sed "$2" "$folder/report.html" >"$work/planted.html"
    if cmp -s "$folder/report.html" "$work/planted.html"; then
        echo "check-report.sh: '$1' was not planted"
        exit 1
    fi
    if check_behaviour "$work/planted.html" >"$work/log"; then
        echo "check-report.sh: '$1' was not found"
        exit 1
    fi
}

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
make_page "$folder"
if [ -n "$self_test" ]; then
    plant 'a picture from elsewhere' 's|<main>|<main><img src="http://127.0.0.1:9/x.png">|; /Content-Security-Policy/d'
    plant 'an id twice' 's|<main>|<main><p id="1_learns"></p>|'
    plant 'a filter without effect' 's|e.hidden=|e.ignored=|'
    plant 'a line too wide' 's|<main>|<main><p style="width:500px">wide</p>|'
    plant 'a select out of reach' 's|<select |<select tabindex="-1" |'
    plant 'a link to nowhere' 's|href="#page:top"|href="#nowhere"|'
    echo "check-report.sh: every planted fault was found"
else
    check "$folder"
    echo "check-report.sh: the page is as it should be"
fi
