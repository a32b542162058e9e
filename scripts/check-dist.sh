#!/usr/bin/env bash
# `make dist` gives the same bytes to everybody, they know their commit, and all that names a version names the same.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=${BUILD:-build}
version=$(scripts/version.sh)
archive=normlab-$version.tar.gz

fail() {
    echo "check-dist.sh: $*" >&2
    exit 1
}

# says FILE PATTERN: the version as this file writes it.
says() {
    local said
    said=$(sed -nE "s/$2/\\1/p" "$1" | head -n 1)
    [ "$said" = "$version" ] || fail "$1 says version '$said', scripts/version.sh '$version'"
}
says CITATION.cff '^version: (.*)$'
says CHANGELOG.md '^## ([0-9][^, ]*).*$'
says packaging/debian/changelog '^normlab \((.*)-[^-]*\).*$'

git rev-parse --git-dir >"$work/git" 2>&1 || {
    echo "check-dist.sh: skipped: no repository here"
    exit 0
}
make=${MAKE:-make}
$make -s dist 2>"$work/messages" || fail "make dist: $(cat "$work/messages")"
# Somebody else's clone, whose files nobody else may read, in another time zone.
(
    umask 077
    git clone -q --shared . "$work/clone"
    cd "$work/clone"
    git config tar.umask user
    TZ=Pacific/Auckland LC_ALL=C $make -s BUILD=build dist
)
cmp "$build/$archive" "$work/clone/build/$archive" || fail "two archives of one commit differ"

tar -C "$work" -xzf "$build/$archive"
(cd "$work/clone" && "$work/${archive%.tar.gz}/scripts/version.sh" "$work/version.h")
grep -q "COMMIT \"$(git rev-parse HEAD | cut -c 1-12)\"" "$work/version.h" || fail "the archive does not know its commit"
grep -q 'DIRTY 0' "$work/version.h" || fail "the archive calls itself changed"
echo "$archive: the same bytes twice; version $version everywhere"
