#include "tests/judge/tune/tuning.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/files.h"

const char tuning_small[] =
    "# What stands here stays.\n"
    "schema: 1\n"
    "name: small   # a name\n"
    "base:\n"
    "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
    "         classes: 3, train: 200, validation: 50, spread: 2}\n"
    "  model: {hidden: [5]}\n"
    "  train: {epochs: 1}\n"
    "sweep:\n"
    "  norm.kind: [none, batch]\n"
    "  norm.placement: [before, after]\n"
    "  train.batch_size: [5, 10]\n"
    "  seed: range(3)\n"
    "exclude:\n"
    "  - {norm.placement: after, train.batch_size: 5}\n"
    "\n"
    "# And so does this.\n"
    "tune:\n"
    "  grid: [0.05, 0.1, 0.2]\n"
    "  seeds: [100, 101]\n"
    "quick: {set: {train.steps: 5, seed: [0, 1]}, only: {train.batch_size: 10}}\n"
    "figures:\n"
    "  - {script: error_vs_batch}\n";

char tuning_folder[64];

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *ftw) {
    (void)about, (void)type, (void)ftw;
    return remove(path);
}

void tuning_begin(void) {
    strcpy(tuning_folder, "/tmp/normlab-tuning-XXXXXX");
    cr_assert(mkdtemp(tuning_folder), "no folder under /tmp");
}

void tuning_end(void) {
    nftw(tuning_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *tuning_path(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", tuning_folder, name);
    return path;
}

void tuning_write(const char *name, const char *text) {
    FILE *file = fopen(tuning_path(name), "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "cannot write %s", name);
}

char *tuning_slurp(const char *name) {
    struct pool pool = {0};
    char *text;
    cr_assert(file_read(tuning_path(name), &pool, &text) == OK, "%s", status_message());
    char *copy = strdup(text);
    pool_free(&pool);
    return copy;
}

void tuning_create(const char *text, struct experiment *experiment, struct tune *tune) {
    cr_assert(experiment_parse("small.yaml", text, 0, NULL, experiment) == OK, "%s",
              status_message());
    cr_assert(tune_create(experiment, tune) == OK, "%s", status_message());
}

void tuning_free(struct experiment *experiment, struct tune *tune) {
    tune_free(tune);
    experiment_free(experiment);
}

void tuning_plant(struct tune *tune, int arm, double best) {
    struct tune_arm *planted = &tune->arms[arm];
    const struct rate_grid *grid = &tune->grids[planted->group];
    int n = tune->tuning.n_seeds;
    for (int i = 0; i < grid->n * n; i++)
        planted->scores[i] = .1 + .01 * (i % n) + .1 * fabs(log2(grid->rates[i / n] / best));
}
