/* From a cell to the configuration that it trains, and to its name. */
#include "lab/bench/bench_cell.h"

#include "base/words.h"
#include "lab/bench/bench_data.h"
#include "lab/config/keys.h"

static void set_choice(struct cell *cell, const char *key, long index) {
    cell->values[key_find(key)].integer = index;
}

static void set_word(struct cell *cell, const char *key, const char *word) {
    int index = key_find(key);
    set_choice(cell, key, words_find(key_get(index)->words, word));
}

void bench_configure(const struct bench_cell *cell, struct pool *pool, struct config *config) {
    struct cell keys;
    int n_hidden = cell->n_widths - 2;
    double *hidden = pool_alloc(pool, (size_t)n_hidden * sizeof *hidden);
    for (int i = 0; i < n_hidden; i++)
        hidden[i] = cell->widths[i + 1];
    cell_create(&keys, pool);
    keys.values[key_find("model.hidden")] = (struct value){.items = hidden, .n_items = n_hidden};
    set_choice(&keys, "norm.kind", cell->norm);
    set_choice(&keys, "norm.placement", cell->placement);
    set_choice(&keys, "train.batch_size", cell->B);
    set_choice(&keys, "train.steps", 1L << 40);
    set_word(&keys, "optimizer.lr_scaling", "linear");
    set_word(&keys, "optimizer.schedule", "cosine");
    cell_finish(&keys, config);
}

enum status bench_check(const struct bench_cell *cell) {
    struct pool pool = {0};
    struct config config;
    long rows = bench_data_rows(cell->widths[0]);
    bench_configure(cell, &pool, &config);
    enum status status = mlp_check(&config.run.model, &config.run.norm, cell->widths[0],
                                   cell->widths[cell->n_widths - 1], cell->B);
    if (!status && cell->B > rows)
        status = fail(ERROR_USAGE, "a mini-batch has more rows than the %ld of the data", rows);
    if (status)
        status = fail_in(status, "%s", bench_label(cell, &pool));
    pool_free(&pool);
    return status;
}

const char *bench_label(const struct bench_cell *cell, struct pool *pool) {
    static const char *const placements[] = {[NORM_BEFORE] = "before", [NORM_AFTER] = "after"};
    const struct normalizer *norm = normalizer_get(cell->norm);
    const char *sizes = "";
    for (int i = 0; i < cell->n_widths; i++)
        sizes = pool_format(pool, "%s%s%d", sizes, i ? "-" : "", cell->widths[i]);
    bool placed = cell->norm != normalizer_find("none");
    return pool_format(pool, "%s %s%s%s, B=%d, %d thread%s", sizes, norm->name, placed ? " " : "",
                       placed ? placements[cell->placement] : "", cell->B, cell->n_threads,
                       cell->n_threads == 1 ? "" : "s");
}
