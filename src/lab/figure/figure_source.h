/* The results file that figures are drawn from. */
#pragma once

#include "lab/plan/experiment.h"
#include "lab/store/record.h"
#include "lab/table/table.h"

struct figure_source {
    struct pool pool;
    const char *path; /* of the first file: what messages and pictures are named after */
    const char *file; /* the only one; NULL: of several, each run's is in its row (run_file) */
    const char *title;
    struct table summary;
    bool has_experiment;
    struct experiment experiment; /* what the file was made from, for its figures */
    const struct experiment
        *own;             /* of the user's own file: its scripts may be run; NULL: no file */
    struct record shapes; /* a finished run with the names of its series, without their data */
};

/* Opens results files for drawing, n >= 1; definition and title are the first one's. ERROR_RESULTS,
 * ERROR_USAGE. */
enum status figure_source_open(int n, const char *const *paths, struct figure_source *source);
void figure_source_close(struct figure_source *source);
