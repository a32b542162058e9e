#!/bin/sh
# Writes a header with the program's version and the commit it is built from, only when it changed.
set -eu
header=$1
version=0.1.0
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
dirty=$(test -n "$(git status --porcelain --untracked-files=no 2>/dev/null)" && echo 1 || echo 0)
mkdir -p "$(dirname "$header")"
{
    echo "#define NORMLAB_VERSION \"$version\""
    echo "#define NORMLAB_COMMIT \"$commit\""
    echo "#define NORMLAB_DIRTY $dirty"
} >"$header.new"
if cmp -s "$header.new" "$header"; then rm "$header.new"; else mv "$header.new" "$header"; fi
