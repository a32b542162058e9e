/* The table that `normlab tune` prints: a row a cell. */
#include "judge/tune/tune_table.h"

const char *tune_edge_word(enum rate_edge edge) {
    static const char *const words[] = {
        [EDGE_NONE] = "none", [EDGE_LOW] = "low", [EDGE_HIGH] = "high"};
    return words[edge];
}

static void add_keys(const struct tune *tune, struct table *table) {
    for (int k = 0; k < tune->n_keys; k++) {
        const char **texts =
            table_add(table, key_get(tune->keys[k])->name, TYPE_TEXT, "", "")->texts;
        for (int i = 0; i < tune->n_arms; i++)
            texts[i] = tune_text(&tune->arms[i], tune->keys[k], &table->pool);
    }
}

static void add_rates(const struct tune *tune, struct table *table) {
    const char *key = key_get(tune->tuning.key)->name, *by = tune->tuning.by;
    const char *second_key = pool_format(&table->pool, "second_%s", key),
               *second_by = pool_format(&table->pool, "second_%s", by);
    double *rates = table_add(table, key, TYPE_REAL, "", "")->reals,
           *scores = table_add(table, by, TYPE_REAL, "", "")->reals,
           *seconds = table_add(table, second_key, TYPE_REAL, "", "")->reals,
           *second_scores = table_add(table, second_by, TYPE_REAL, "", "")->reals;
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        const double *grid = tune->grids[arm->group].rates;
        rates[i] = grid[arm->choice.best];
        scores[i] = arm->choice.best_score;
        seconds[i] = grid[arm->choice.second];
        second_scores[i] = arm->choice.second_score;
    }
}

static void add_counts(const struct tune *tune, struct table *table) {
    const char **edges = table_add(table, "edge", TYPE_TEXT, "", "")->texts;
    long *seeds = table_add(table, "seeds", TYPE_INT, "", "")->integers,
         *rates = table_add(table, "rates", TYPE_INT, "", "")->integers,
         *failed = table_add(table, "failed", TYPE_INT, "", "")->integers,
         *all = table_add(table, "trials_failed", TYPE_INT, "", "")->integers;
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        edges[i] = tune_edge_word(arm->choice.edge);
        seeds[i] = tune->tuning.n_seeds;
        rates[i] = tune->grids[arm->group].n;
        failed[i] = tune_failed(tune, arm, arm->choice.best);
        for (int r = 0; r < rates[i]; r++)
            all[i] += tune_failed(tune, arm, r);
    }
}

void tune_table(const struct tune *tune, struct table *table) {
    table_create(table, tune->n_arms);
    add_keys(tune, table);
    add_rates(tune, table);
    add_counts(tune, table);
}
