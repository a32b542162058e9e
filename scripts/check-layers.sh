#!/usr/bin/env bash
# The rules of src/ that a machine can check. Prints file:line of each offence; exit status 1 if any.
#
#   scripts/check-layers.sh [TREE]       check TREE/src (default: this project)
#   scripts/check-layers.sh --self-test  plant one offence of every kind in a copy; each must be found
#
# 1. A file includes its own layer and layers to the left: base < kernel < norm < data < nn < probe < lab < judge < cli
# 2. Each third-party header has one home file.
# 3. OpenMP is in nn/team.c only.
# 4. Below cli: no exit, no abort, nothing printed to stdout.
# 5. File names are unique.
set -euo pipefail
tree=$(cd "$(dirname "$0")/.." && pwd)

check() {
    local root=$1
    find "$root/src" -name '*.[ch]' | LC_ALL=C sort | awk -v root="$root/" '
        BEGIN {
            n = split("base kernel norm data nn probe lab judge cli", names, " ")
            for (i = 1; i <= n; i++) rank[names[i]] = i

            home["hdf5.h"] = home["hdf5_hl.h"] = "src/lab/store/store_hdf5.h"
            home["yaml.h"] = "src/io/yaml_tree.c"
            home["zlib.h"] = "src/engine/data/idx.c"
            home["Random123"] = "src/base/random.c"
            home["xxhash.h"] = "src/base/hash.c"
            home["omp.h"] = "src/engine/nn/team.c"
            home["version.h"] = "src/io/version_info.c" # made by scripts/version.sh

            # C17, POSIX, Linux and the processor: no home needed.
            split("assert ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign " \
                  "stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath " \
                  "threads time uchar wchar wctype dirent dlfcn fcntl fnmatch getopt glob libgen poll " \
                  "pthread pwd regex sched semaphore spawn termios unistd utime immintrin xmmintrin " \
                  "pmmintrin", std, " ")
            for (i in std) standard[std[i] ".h"] = 1

            # Exceptions, with their reasons.
            allowed["src/base/pool.c", "exit"] = 1   # out of memory for a name: no caller could go on
            allowed["src/io/workers.c", "_exit"] = 1 # how a forked worker ends
        }
        function offence(message) { printf "%s:%d: %s\n", short, line_no, message; bad = 1 }
        # A line without comments and without what stands in quotes.
        function code_of(text,    out, c, d, i, quote) {
            out = ""; quote = ""
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1); d = substr(text, i, 2)
                if (in_comment) { if (d == "*/") { in_comment = 0; i++ } }
                else if (quote != "") { if (c == "\\") i++; else if (c == quote) { quote = ""; out = out c } }
                else if (d == "/*") { in_comment = 1; i++; out = out " " }
                else if (d == "//") break
                else { if (c == "\"" || c == "\047") quote = c; out = out c }
            }
            return out
        }
        function includes(text,    name, target) {
            name = text; sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", name); sub(/[>"].*/, "", name)
            target = name; sub(/\/.*/, "", target)
            if (text ~ /include[ \t]*"/ && name != "version.h") {
                if (!(target in rank)) offence("includes \"" name "\": write \"layer/file.h\"")
                else if (rank[target] > rank[layer])
                    offence("layer " layer " includes " name ": " target " is to the right of " layer)
                else if (name == "lab/store_hdf5.h" && short !~ /^src\/lab\/store[a-z_]*\.c$/)
                    offence("includes " name ": HDF5 is for store*.c only, others use lab/store.h")
                return
            }
            if (!(target in home) && name in home) target = name
            if (target in home) {
                if (short != home[target]) offence("<" name "> has its home in " home[target])
            } else if (!(name in standard) && target != "sys" && target != "linux")
                offence("<" name "> has no home: give it one in scripts/check-layers.sh")
        }
        function called(code, name) { return code ~ ("(^|[^A-Za-z0-9_])" name "[ \t]*\\(") }
        function scan(path,    text, code, i) {
            short = substr(path, length(root) + 1)
            split(short, part, "/"); layer = part[2]; file = part[3]
            line_no = 1; in_comment = 0
            if (!(layer in rank)) { offence("folder " layer " is no layer"); return }
            if (file in seen) offence("file name is taken by " seen[file])
            seen[file] = short
            for (line_no = 1; (getline text < path) > 0; line_no++) {
                if (!in_comment && text ~ /^[ \t]*#[ \t]*include/) includes(text)
                code = code_of(text)
                if (short != "src/engine/nn/team.c" &&
                    (code ~ /#[ \t]*pragma[ \t]+omp/ || (code ~ /_Pragma/ && text !~ /_Pragma\("(GCC unroll [0-9]+|clang loop unroll\(full\))"\)/) || code ~ /(^|[^A-Za-z0-9_])omp_[a-z_]+[ \t]*\(/))
                    offence("OpenMP outside src/engine/nn/team.c")
                if (layer == "cli") continue
                for (i = 1; i <= n_enders; i++)
                    if (called(code, ender[i]) && !((short, ender[i]) in allowed))
                        offence(ender[i] "() below cli: return a status")
                if (called(code, "v?printf") || called(code, "puts") || called(code, "putchar") ||
                    code ~ /(^|[^A-Za-z0-9_])stdout([^A-Za-z0-9_]|$)/)
                    offence("prints to stdout below cli: write to a FILE that was given")
            }
            close(path)
            n_files++
        }
        BEGIN { n_enders = split("exit _exit _Exit quick_exit abort", ender, " ") }
        { scan($0) }
        END {
            if (!n_files) { print "check-layers.sh: no source files in " root "src"; bad = 1 }
            if (!bad) print "layers: " n_files " files, no offence"
            exit bad
        }'
}

self_test() {
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    local failures=0
    # plant FILE:LINE TEXT: a file of its own, with the offence on that line, must be reported there.
    plant() {
        local where=$1 text=$2 path=${1%:*} line=${1#*:} out
        rm -rf "$copy/src" && cp -r "$tree/src" "$copy/src"
        {
            for ((i = 1; i < line; i++)); do echo; done
            printf '%s\n' "$text"
        } >"$copy/$path"
        if out=$(check "$copy"); then
            echo "self-test: not found: $text in $where"
            failures=$((failures + 1))
        elif [[ $'\n'$out != *$'\n'"$where: "* ]]; then
            printf 'self-test: found elsewhere than at %s:\n%s\n' "$where" "$out"
            failures=$((failures + 1))
        fi
    }
    # innocent FILE TEXT: must not be reported.
    innocent() {
        rm -rf "$copy/src" && cp -r "$tree/src" "$copy/src"
        printf '%s\n' "$2" >"$copy/$1"
        check "$copy" | grep "^$1:" && failures=$((failures + 1)) || true
    }
    plant src/base/planted.c:2 '#include "engine/kernel/gemm.h"'
    plant src/norm/planted.c:1 '#include "engine/nn/mlp.h"'
    plant src/lab/planted.h:3 '#  include "cli/command.h"'
    plant src/lab/planted.c:2 '#include "judge/check/laws.h"'
    plant src/judge/planted.c:1 '#include "cli/command.h"'
    plant src/norm/planted.c:1 '#include "normalizer.h"'
    plant src/data/planted.c:1 '#include <hdf5.h>'
    plant src/lab/planted.c:1 '#include "lab/store/store_hdf5.h"'
    plant src/lab/planted.c:1 '#include <Random123/philox.h>'
    plant src/nn/planted.c:1 '#include <png.h>'
    plant src/norm/planted.c:4 '    #pragma omp simd'
    plant src/kernel/planted.c:1 'int f(void) { return omp_get_max_threads(); }'
    plant src/nn/planted.c:1 'void f(void) { exit(1); }'
    plant src/base/planted.c:1 'void f(void) { /* why */ abort(); }'
    plant src/probe/planted.c:1 'void f(void) { printf("x"); }'
    plant src/lab/planted.c:1 'void f(void) { fputs("x", stdout); }'
    plant src/data/span.h:1 '/* base has one */'
    plant src/extra.c:1 'int f(void);'
    innocent src/nn/planted.c '/* exit(1) in a comment,
       printf("x") in its second line */ const char *f = "abort() and stdout"; void g(void) { team_exit(); }'
    innocent src/cli/planted.c '#include <stdio.h>
int f(void) { return printf("x"); }'
    [ "$failures" -eq 0 ] || return 1
    echo "layers: self-test passed"
}

case ${1:-} in
--self-test) self_test ;;
-*)
    echo "check-layers.sh: unknown option '$1' (known: --self-test)" >&2
    exit 2
    ;;
*) check "${1:-$tree}" ;;
esac
