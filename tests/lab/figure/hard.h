/* Results files that are hard to draw: real files with numbers by hand, so that they are the same
 * on every machine. */
#pragma once

#include "tests/lab/runner/sweep.h"

/* What a run came to. Series have a point at the end of each epoch that it reached. */
struct hard_outcome {
    const char *status; /* NULL: complete; "missing": no file */
    bool collapsed;
    int epochs;         /* that it reached */
    double error;       /* at its end, of a complete run */
    double first, last; /* training loss after the first epoch and after the last that it reached */
    double width;       /* of the percentiles at its end */
    int steps;          /* of its trace; 0: a few */
};

struct hard_case {
    const char *name, *title, *sweep; /* title: NULL: its name; sweep: of the experiment: "
                                         norm.kind: [none, batch]\n" */
    int epochs;
    struct hard_outcome (*run)(const struct planned_run *run);
};

int hard_case_count(void);
const struct hard_case *hard_case_get(int index);
const struct hard_case *hard_case_find(const char *name);
/* Writes <name>.h5, whose path is sweep_merged(sweep); sweep_free removes it. */
void hard_write(const struct hard_case *hard, struct sweep *sweep);
