#!/usr/bin/env bash
# Writes the one header of a plugin's author, <normlab/plugin.h>, to stdout: src/engine/norm/plugin.h with the
# project's headers that it includes in their places, each once.
set -euo pipefail
cd "$(dirname "$0")/../src"
exec awk '
    function quoted(line) {
        sub(/^[^"]*"/, "", line)
        sub(/".*/, "", line)
        return line
    }
    # No two empty lines in a row, where an include was.
    function put(line) {
        if (line != "" || last != "") print line
        last = line
    }
    function write(path,    line, status) {
        if (path in written) return
        written[path] = 1
        if (path != first) put("/* ---- " path " ---- */")
        while ((status = (getline line < path)) > 0) {
            if (line ~ /^#pragma once/ && path != first) continue
            if (line ~ /^#[ ]*include "/) write(quoted(line))
            else if (line !~ /^#[ ]*include/ || !(line in written)) put(line)
            if (line ~ /^#[ ]*include/) written[line] = 1
        }
        if (status < 0) {
            print "make-plugin-header.sh: cannot read src/" path | "cat >&2"
            exit 1
        }
        if (path != first) put("")
    }
    BEGIN {
        first = "engine/norm/plugin.h"
        write(first)
    }'
