#!/bin/sh
# The program's version.
#
#   scripts/version.sh          print it
#   scripts/version.sh HEADER   write a header with it and the commit it is built from, only when it changed
#
# `make dist` writes the commit into .commit; a folder of git's that an unpacked archive stands in is not asked.
set -eu
version=0.1.0
[ $# -gt 0 ] || { echo $version && exit; }
header=$1
here=$(dirname "$0")/..
commit=$(cut -c 1-12 "$here/.commit")
dirty=0
case $commit in
[0-9a-f]*) ;;
*)
    commit=$(git -C "$here" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
    dirty=$(test -n "$(git -C "$here" status --porcelain --untracked-files=no 2>/dev/null)" && echo 1 || echo 0)
    ;;
esac
mkdir -p "$(dirname "$header")"
{
    echo "#define NORMLAB_VERSION \"$version\""
    echo "#define NORMLAB_COMMIT \"$commit\""
    echo "#define NORMLAB_DIRTY $dirty"
} >"$header.new"
if cmp -s "$header.new" "$header"; then rm "$header.new"; else mv "$header.new" "$header"; fi
