/* The trials' own experiment file, written for `normlab run`. */
#include "judge/tune/tune_definition.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "judge/tune/columns.h"
#include "lab/table/varied_keys.h"

/* ---- base: what all trials share ---- */

static bool is_written_elsewhere(const struct tune *tune, int key) {
    return key_is_log(key_get(key)) || key_is_seed(key_get(key)->name) || key == tune->tuning.key ||
           tune_differs(tune, key);
}

static bool is_default(int key, const struct value *value, struct pool *pool) {
    return !strcmp(value_text(key_get(key), value, pool),
                   value_text(key_get(key), key_default(key), pool));
}

static void write_base(FILE *out, const struct tune *tune, struct pool *pool) {
    const struct cell *cell = &tune->arms[0].trained;
    fputs("base:\n", out);
    for (int key = 0; key < key_count(); key++)
        if (!is_written_elsewhere(tune, key) && !is_default(key, &cell->values[key], pool))
            fprintf(out, "  %s: %s\n", key_get(key)->name,
                    value_yaml(key_get(key), &cell->values[key], pool));
    fputs("  log.level: economy\n  log.test: never\n", out);
}

/* ---- zip: each arm with each of its rates ---- */

static int count_columns(const struct tune *tune) {
    int n = 0;
    for (int i = 0; i < tune->n_arms; i++)
        n += tune->grids[tune->arms[i].group].n;
    return n;
}

static void write_zip(FILE *out, const struct tune *tune, struct pool *pool) {
    struct columns columns;
    columns_create(&columns, tune->n_keys + 1, count_columns(tune), pool);
    int at = 0;
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        const struct rate_grid *grid = &tune->grids[arm->group];
        for (int r = 0; r < grid->n; r++, at++) {
            for (int k = 0; k < tune->n_keys; k++)
                *columns_at(&columns, k, at) =
                    value_yaml(key_get(tune->keys[k]), &arm->trained.values[tune->keys[k]], pool);
            *columns_at(&columns, tune->n_keys, at) = number_text(grid->rates[r], pool);
        }
    }
    for (int k = 0; k < tune->n_keys; k++)
        columns.names[k] = key_get(tune->keys[k])->name;
    columns.names[tune->n_keys] = key_get(tune->tuning.key)->name;
    fputs("zip:\n", out);
    columns_write_entry(&columns, out);
}

const char *tune_definition(const struct tune *tune, struct pool *pool) {
    const struct experiment *experiment = tune->experiment;
    const struct tuning *tuning = &tune->tuning;
    const struct key title = {.name = "title", .type = KEY_TEXT};
    struct text text;
    FILE *out = text_begin(&text, pool);
    struct value words = {.text = pool_format(pool, "%s: %s tried on validation data",
                                              experiment->title, key_get(tuning->key)->name)};
    fprintf(out, "# The trials of `normlab tune`, which chooses %s by %s.\n",
            key_get(tuning->key)->name, tuning->by);
    fprintf(out, "schema: 1\nname: %s-tune\ntitle: %s\n", experiment->name,
            value_yaml(&title, &words, pool));
    write_base(out, tune, pool);
    write_zip(out, tune, pool);
    fputs("sweep:\n  seed: [", out);
    for (int i = 0; i < tuning->n_seeds; i++)
        fprintf(out, "%s%ld", i ? ", " : "", tuning->seeds[i].integer);
    fputs("]\n", out);
    return text_end(&text);
}

/* ---- a trial's run ---- */

enum status tune_find_run(const struct tune *tune, const struct plan *plan,
                          const struct tune_arm *arm, int rate, int seed, int *run) {
    struct pool pool = {0};
    struct cell cell;
    struct config config;
    cell_copy(&cell, &arm->trained, &pool);
    cell.values[key_find("seed")] = tune->tuning.seeds[seed];
    cell.values[tune->tuning.key].real = tune->grids[arm->group].rates[rate];
    cell_finish(&cell, &config);
    const char *canonical = cell_canonical(&cell, &pool);
    int i = 0;
    while (i < plan->n_runs && strcmp(plan->runs[i].canonical, canonical) != 0)
        i++;
    pool_free(&pool);
    if (i == plan->n_runs)
        return fail(ERROR_RUN, "%s: a trial is not in its plan", plan->experiment->name);
    *run = i;
    return OK;
}
