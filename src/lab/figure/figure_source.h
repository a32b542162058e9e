/* The results file that figures are drawn from. */
#pragma once

#include "lab/plan/experiment.h"
#include "lab/store/record.h"
#include "lab/table/table.h"

struct figure_source {
    struct pool pool;
    const char *path;
    const char *title;
    struct table summary;
    bool has_experiment;
    struct experiment experiment; /* what the file was made from, for its figures */
    const struct experiment
        *own;             /* of the user's own file: its scripts may be run; NULL: no file */
    struct record shapes; /* a finished run with the names of its series, without their data */
};

/* Opens a results file for drawing. ERROR_RESULTS. */
enum status figure_source_open(const char *path, struct figure_source *source);
void figure_source_close(struct figure_source *source);
