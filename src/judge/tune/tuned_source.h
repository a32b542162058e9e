/* Whether a tuned file is still that of its source: a line in its comments has a hash of the text
 * that it was made from. */
#pragma once

#include <stdio.h>

#include "lab/plan/experiment.h"

/* `source` as seen from the folder of `file`, "../x.yaml"; its name alone where a folder is not
 * there, or only the root of all files holds both. */
const char *tuned_source_path(const char *file, const char *source, struct pool *pool);
/* The line: a path, and what stands there. */
void tuned_source_write(FILE *out, const char *path, const char *text);

/* Files that were warned of. */
struct tuned_told {
    struct pool *pool;
    int n, capacity;
    const char **files;
};

/* Warns, once for each file, where the experiment was read from a tuned file whose source lies at
 * the path in the line, or beside it, and has another text by now, be it in comments alone. Says
 * nothing of a file without such a line. */
void tuned_source_warn(FILE *out, const struct experiment *experiment, struct tuned_told *told);
