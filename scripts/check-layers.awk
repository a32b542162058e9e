# The rules of src/; check-layers.sh runs this and says what they are. Input: the paths of all source files.
# Variables: root (the tree's path and a slash) and order (folders from left to right).
# Every offence is printed as FILE:LINE: MESSAGE [KIND]. For any POSIX awk.

BEGIN {
    read_order()
    MAX_UNITS = 15
    unlimited["src/engine/norm"] = unlimited["src/cli"] = 1 # lists of like things
    MAX_README = 20
    MAX_FILE = 450
    MAX_FUNCTION = 50
    MAX_MEDIAN = 10

    # The one file that includes a third-party header.
    home["hdf5.h"] = home["hdf5_hl.h"] = "src/io/hdf5_library.h"
    home["yaml.h"] = "src/io/yaml_tree.c"
    home["jansson.h"] = "src/io/json.c"
    home["csv.h"] = "src/engine/format/csv_table.c"
    home["zlib.h"] = "src/engine/format/gz_file.c"
    home["Random123"] = "src/base/random.c"
    home["xxhash.h"] = "src/base/hash.c"
    home["omp.h"] = "src/engine/nn/team.c"
    home["version.h"] = "src/io/version_info.c" # made by scripts/version.sh

    # A header of ours that only its own folder includes.
    private["io/hdf5_library.h"] = "HDF5 is for io only, others use io/hdf5_file.h and io/hdf5_values.h"

    # C17, POSIX, Linux and the processor: no home needed.
    split("assert ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign " \
          "stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath " \
          "threads time uchar wchar wctype dirent dlfcn fcntl fnmatch getopt glob libgen poll " \
          "pthread pwd regex sched semaphore spawn termios unistd utime immintrin xmmintrin " \
          "pmmintrin", std, " ")
    for (i in std) standard[std[i] ".h"] = 1

    n_enders = split("exit _exit _Exit quick_exit abort", ender, " ")
    # Exceptions, with their reasons.
    allowed["src/base/pool.c", "exit"] = 1   # out of memory for a name: no caller could go on
    allowed["src/io/workers.c", "_exit"] = 1 # how a forked worker ends
}

{ scan($0) }

END {
    if (!n_files) offence("src/", "no source files", "order")
    find_circles()
    check_folders()
    check_median()
    if (!bad) printf "layers: %d files, %d functions (median %d lines), no offence\n", n_files, n_functions, median
    exit bad
}

function offence(where, message, kind) {
    printf "%s: %s [%s]\n", where, message, kind
    bad = 1
}
function here(message, kind) { offence(short ":" line_no, message, kind) }

# "a < b(c < d) < e": rank["a"] < rank["b/c"] < rank["b/d"] < rank["e"].
function read_order(    words, n, i, word, group) {
    gsub(/</, " ", order)
    gsub(/\(/, "( ", order)
    gsub(/\)/, " )", order)
    n = split(order, words, /[ \t]+/)
    for (i = 1; i <= n; i++) {
        word = words[i]
        if (word == "") continue
        if (word == ")") group = ""
        else if (word ~ /\($/) group = substr(word, 1, length(word) - 1) "/"
        else {
            rank[group word] = ++n_folders
            folder_at[n_folders] = group word
        }
        split(group word, word_part, "/")
        top[word_part[1]] = 1
    }
}

# ---- one file ----

function scan(path,    text) {
    short = substr(path, length(root) + 1)
    folder = short; sub(/^src\//, "", folder); sub(/\/?[^\/]*$/, "", folder)
    file = short; sub(/.*\//, "", file)
    line_no = 1
    if (!(folder in rank)) { here("folder src/" folder " is not in the order of folders", "order"); return }
    if (file in seen) here("the name is taken by " seen[file], "name")
    seen[file] = short
    unit = substr(short, 5, length(short) - 6)
    if (!(unit in unit_folder)) {
        unit_folder[unit] = folder
        unit_name[++n_units] = unit
        units_in[folder]++
    }
    in_comment = in_directive = in_body = 0
    head = ""
    for (line_no = 1; (getline text < path) > 0; line_no++) scan_line(text)
    close(path)
    n_files++
    if (--line_no > MAX_FILE) here("a file of " line_no " lines, not at most " MAX_FILE, "length")
}

function scan_line(text,    code) {
    if (line_no == 1 && file ~ /\.c$/ && text !~ /^\/[*\/]/)
        here("open with a comment that says what the file is for", "opening")
    if (!in_comment && text ~ /^[ \t]*#[ \t]*include/) includes(text)
    code = code_of(text)
    if (code ~ /pragma|_Pragma|omp_/) check_openmp(text, code)
    if (folder != "cli" && code ~ /[eE]xit|abort|printf|puts|putchar|stdout/) check_calls(code)
    if (code ~ /^[ \t]*(\(void\)[ \t]*)?(close|fclose|pclose|gzclose|fflush|fsync|fdatasync|p?write|fwrite|ftruncate|rename)[ \t]*\(/ &&
        text !~ /\/\*/)
        here("nobody looks at what it returns: check it, or say beside it why not", "unchecked")
    if (code ~ /(^|[^a-z_])(qsort|bsearch)[ \t]*\(/ && file != "sort.c")
        here("a list of none may be NULL, which these do not take: sort_items, find_item", "sorting")
    measure_function(code)
}

# A line without comments and without what stands in quotes.
function code_of(text,    out, c, d, i, n, quote) {
    if (in_comment ? !index(text, "*/") : text !~ /["\047]|\/[*\/]/) return in_comment ? "" : text
    out = quote = ""
    n = length(text)
    for (i = 1; i <= n; i++) {
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
    if (text ~ /include[ \t]*"/ && name != "version.h") {
        target = name; sub(/\/?[^\/]*$/, "", target)
        if (!(target in rank)) here("includes \"" name "\": write the whole path, \"folder/file.h\"", "order")
        else if (rank[target] > rank[folder])
            here("includes " name ", but " target " is to the right of " folder, "order")
        else if (name in private && target != folder) here("includes " name ": " private[name], "home")
        sub(/\.h$/, "", name)
        if (name != unit) {
            edge_from[++n_edges] = unit; edge_to[n_edges] = name; edge_at[n_edges] = short ":" line_no
            edges_of[unit] = edges_of[unit] " " n_edges
        }
        return
    }
    target = name; sub(/\/.*/, "", target)
    if (!(target in home) && name in home) target = name
    if (target in home) {
        if (short != home[target]) here("<" name "> has its home in " home[target], "home")
    } else if (!(name in standard) && target != "sys" && target != "linux")
        here("<" name "> has no home: give it one in scripts/check-layers.awk", "home")
}

function check_openmp(text, code) {
    if (short == home["omp.h"]) return
    if (code ~ /#[ \t]*pragma[ \t]+omp/ || code ~ /(^|[^A-Za-z0-9_])omp_[a-z_]+[ \t]*\(/ ||
        (code ~ /_Pragma/ && text !~ /_Pragma\("(GCC unroll [0-9]+|clang loop unroll\(full\))"\)/))
        here("OpenMP outside " home["omp.h"], "openmp")
}

function called(code, name) { return code ~ ("(^|[^A-Za-z0-9_])" name "[ \t]*\\(") }
function check_calls(code,    i) {
    for (i = 1; i <= n_enders; i++)
        if (called(code, ender[i]) && !((short, ender[i]) in allowed))
            here(ender[i] "() below cli: return a status", "ending")
    if (called(code, "v?printf") || called(code, "puts") || called(code, "putchar") ||
        code ~ /(^|[^A-Za-z0-9_])stdout([^A-Za-z0-9_]|$)/)
        here("prints to stdout below cli: write to a FILE that was given", "ending")
}

# Functions as clang-format lays them out: the head begins in column 1, the last line is a brace there.
function measure_function(code,    length_of_it) {
    if (in_directive || (!in_body && code ~ /^[ \t]*#/)) {
        in_directive = code ~ /\\$/
        head = ""
        return
    }
    if (in_body) {
        if (code !~ /^}/) return
        in_body = 0
        if (head ~ /\)[ \t]*{[ \t]*$/) {
            length_of_it = line_no - head_line + 1
            n_functions++
            functions_of_length[length_of_it]++
            if (length_of_it > longest) longest = length_of_it
            if (length_of_it > MAX_FUNCTION)
                offence(short ":" head_line, "a function of " length_of_it " lines, not at most " MAX_FUNCTION, "length")
        }
        head = ""
        return
    }
    if (head == "") {
        if (code !~ /^[A-Za-z_]/) return
        head_line = line_no
    }
    head = head code
    if (code ~ /{[ \t]*$/) in_body = 1
    else if (code ~ /[;}][ \t]*$/ || code ~ /^[ \t]*$/) head = ""
}

# ---- the whole tree ----

# Tarjan: groups of units that reach each other by includes.
function find_circles(    i) {
    for (i = 1; i <= n_units; i++)
        if (!(unit_name[i] in found_at)) visit(unit_name[i])
}
function visit(u,    list, n, i, v) {
    found_at[u] = lowest[u] = ++n_found
    stack[++depth] = u; on_stack[u] = 1
    n = split(edges_of[u], list, " ")
    for (i = 1; i <= n; i++) {
        v = edge_to[list[i]]
        if (!(v in unit_folder)) continue
        if (!(v in found_at)) {
            visit(v)
            if (lowest[v] < lowest[u]) lowest[u] = lowest[v]
        } else if (on_stack[v] && found_at[v] < lowest[u]) lowest[u] = found_at[v]
    }
    if (lowest[u] == found_at[u]) close_circle(u)
}
function close_circle(u,    n, names, first) {
    n = 0
    n_circles++
    do {
        first = stack[depth--]
        on_stack[first] = 0
        circle_of[first] = n_circles
        names = (n++ ? first ", " : first) names
    } while (first != u)
    if (n > 2) report_circle(n_circles, "in a circle of " n " units: " names)
    else if (n == 2) {
        split(names, pair, ", ")
        if (!part_of(pair[1], pair[2]) && !part_of(pair[2], pair[1]))
            report_circle(n_circles, "in a circle of two, and neither is a part of the other and named after it: " names)
    }
}
function part_of(part, whole) { return index(part, whole "_") == 1 }
function report_circle(circle, message,    i) {
    for (i = 1; i <= n_edges; i++)
        if (circle_of[edge_from[i]] == circle && circle_of[edge_to[i]] == circle)
            offence(edge_at[i], "includes " edge_to[i] ".h " message, "circle")
}

function check_folders(    i, name) {
    for (i = 1; i <= n_folders; i++) {
        name = "src/" folder_at[i]
        if (!units_in[folder_at[i]]) continue
        if (units_in[folder_at[i]] > MAX_UNITS && !(name in unlimited))
            offence(name, units_in[folder_at[i]] " units, not at most " MAX_UNITS, "count")
        check_readme(folder_at[i], name "/README.md")
    }
}

# Every unit of the folder stands in its README in backquotes, and no word that could be one but is not.
function check_readme(folder, path,    text, n, i, unit, named, words, word, line) {
    line = 0
    while ((getline text < (root path)) > 0) {
        line++
        n = split(text, words, "`")
        for (i = 2; i <= n; i += 2) {
            word = words[i]; sub(/^src\//, "", word); sub(/\.[ch]$/, "", word)
            if (word ~ /^[a-z0-9_]+$/) {
                if ((folder "/" word) in unit_folder) named[word] = 1
                else if (!(word in top)) offence(path ":" line, "names `" words[i] "`, which is no file of this folder", "readme")
            } else if (word ~ /^[a-z0-9_\/]+$/ && (substr(word, 1, index(word, "/") - 1) in top) &&
                       !(word in rank) && !(word in unit_folder))
                offence(path ":" line, "names `" words[i] "`, which is not there", "readme")
        }
    }
    close(root path)
    if (!line) { offence(path ":1", "say what the folder is for and name its files", "readme"); return }
    if (line > MAX_README) offence(path ":" line, "a README of " line " lines, not at most " MAX_README, "readme")
    for (i = 1; i <= n_units; i++) {
        if (unit_folder[unit_name[i]] != folder) continue
        unit = substr(unit_name[i], length(folder) + 2)
        if (!(unit in named)) offence(path ":1", "does not name `" unit "`", "readme")
    }
}

function check_median(    i, n) {
    for (i = 1; i <= longest && 2 * n < n_functions; i++) n += functions_of_length[i]
    median = i - 1
    if (median > MAX_MEDIAN) offence("src/", "the median function has " median " lines, not at most " MAX_MEDIAN, "length")
}
