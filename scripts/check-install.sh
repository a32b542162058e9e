#!/usr/bin/env bash
# make says a line a file, and V=1 the commands; `make install` compiles nothing, whatever its flags; what it installs
# works from any folder, and its pages of the manual are without a fault; `make uninstall` leaves no file.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
unset V
trap 'rm -rf "$work"' EXIT
make="${MAKE:-make} --no-print-directory"

fail() {
    echo "check-install.sh: $*" >&2
    exit 1
}

# ---- what make says, of one file compiled in a folder of its own ----

object=$work/build/release/obj/base/words.o
$make BUILD="$work/build" "$object" >"$work/line"
[ "$(cat "$work/line")" = "compile src/base/words.c" ] || fail "make says '$(cat "$work/line")' of a file"
rm "$object"
[ -z "$($make -s BUILD="$work/build" "$object")" ] || fail "make -s says something"
rm "$object"
$make V=1 BUILD="$work/build" "$object" | grep -q -- ' -c src/base/words.c -o ' || fail "make V=1 shows no command"

# ---- an installation ----

$make -s program
before=$(stat -c '%Y %i' "${BUILD:-build}/normlab" "${BUILD:-build}/version.h")
$make -s install PREFIX="$work/first" CFLAGS=-DOTHER MARCH= CC=no-compiler
[ "$before" = "$(stat -c '%Y %i' "${BUILD:-build}/normlab" "${BUILD:-build}/version.h")" ] ||
    fail "make install builds what is built"
$make -n V=1 -W src/base/words.c install PREFIX="$work/first" >"$work/commands"
grep -q -- ' -c src/base/words.c ' "$work/commands" || fail "make install does not compile a source that has changed"

mv "$work/first" "$work/moved"
(cd / && "$work/moved/bin/normlab" list experiments) >"$work/list"
grep -q "^$work/moved/.*/smoke.yaml[[:space:]]" "$work/list" || fail "an installed folder that was moved has no experiments"

# Where a set is missing, the script that makes it is named where it was installed.
HOME=$work "$work/moved/bin/normlab" data >"$work/sets" 2>&1
script=$(sed -n 's/^satellite: .*Rscript \([^)]*\)).*/\1/p' "$work/sets")
[ "$script" = "$(realpath "$work/moved/share/normlab/data/mlbench.R")" ] && [ -f "$script" ] ||
    fail "normlab data names '$script' as what makes a set"

if [ "$(type -t groff)" ]; then
    for page in "$work"/moved/share/man/man1/normlab*.1; do
        groff -man -ww -Tutf8 -z "$page" 2>"$work/warnings"
        [ ! -s "$work/warnings" ] || fail "$page: $(cat "$work/warnings")"
    done
fi

$make -s uninstall PREFIX="$work/moved"
[ -z "$(find "$work/moved" ! -type d)" ] || fail "make uninstall leaves $(find "$work/moved" ! -type d)"
echo "installed, moved and removed; nothing was compiled for it"
