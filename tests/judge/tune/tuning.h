/* What the tests of tuning share: a folder, an experiment in it, and scores without training. */
#pragma once

#include "judge/tune/tune_arms.h"
#include "lab/runner/runner.h"

/* Three arms at two batch sizes of runs of milliseconds: `none` has no placement. */
extern const char tuning_small[];

extern char tuning_folder[64];
/* A new folder under /tmp, and its end. */
void tuning_begin(void);
void tuning_end(void);
/* "<folder>/<name>"; good until the next call but three. */
const char *tuning_path(const char *name);
void tuning_write(const char *name, const char *text);
/* The whole file; the caller frees it. */
char *tuning_slurp(const char *name);

/* From a text to arms; fails the test where that fails. */
void tuning_create(const char *text, struct experiment *experiment, struct tune *tune);
void tuning_free(struct experiment *experiment, struct tune *tune);
/* Scores with a V over the rates whose lowest point is `best` of arm `arm`, in log2 of the rate. */
void tuning_plant(struct tune *tune, int arm, double best);
