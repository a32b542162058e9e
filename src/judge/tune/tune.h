/* Learning rates chosen on validation data: trials, more trials where an optimum lies at an edge,
 * and the file that says what was chosen. */
#pragma once

#include <stdio.h>

#include "lab/runner/runner.h"
#include "lab/table/table.h"

struct tune_options {
    struct runner_options runner; /* out, jobs, threads, dry_run, ...; messages and listing */
    const char *to;               /* the tuned file; NULL: <out>/NAME.tuned.yaml */
    FILE *table;                  /* what was chosen goes there, tab-separated */
};

/* Everything `normlab tune` does after its command line is read. The status is the command's exit
 * status. */
enum status tune_file(const char *file, const struct tune_options *options);
