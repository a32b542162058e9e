/* Says which of the chosen rates are in doubt, cell by cell. */
#include "judge/tune/tune_doubts.h"

#include "base/number.h"

enum { MOST_NAMED = 8 };

/* Cells by name, the first of them. */
struct named {
    int n;
    const char *text;
};

static void add_cell(struct named *named, const char *cell, const char *more, struct pool *pool) {
    if (*cell && named->n < MOST_NAMED)
        named->text =
            pool_format(pool, "%s%s%s%s", named->text, named->n ? "; " : ": ", cell, more);
    named->n++;
}

static const char *named_text(const struct named *named, struct pool *pool) {
    int n_more = named->n - MOST_NAMED;
    return n_more > 0 ? pool_format(pool, "%s; and %d more", named->text, n_more) : named->text;
}

static const char *edge_doubt(const struct tune *tune, struct pool *pool) {
    struct named cells = {0, ""};
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        if (arm->choice.edge != EDGE_NONE && !arm->choice.learned_nothing)
            add_cell(&cells, tune_cell_label(tune, arm, pool), "", pool);
    }
    return cells.n
               ? pool_format(pool, "the best rate of %d of %d cells lies at an edge of its grid%s",
                             cells.n, tune->n_arms, named_text(&cells, pool))
               : NULL;
}

static const char *failure_doubt(const struct tune *tune, struct pool *pool) {
    struct named cells = {0, ""};
    for (int i = 0; i < tune->n_arms; i++) {
        const struct tune_arm *arm = &tune->arms[i];
        int n_failed = tune_failed(tune, arm, arm->choice.best);
        if (n_failed > 0 && !arm->choice.learned_nothing)
            add_cell(&cells, tune_cell_label(tune, arm, pool),
                     pool_format(pool, " (%d of %d)", n_failed, tune->tuning.n_seeds), pool);
    }
    return cells.n
               ? pool_format(pool,
                             "at the best rate of %d of %d cells trials diverged or collapsed%s",
                             cells.n, tune->n_arms, named_text(&cells, pool))
               : NULL;
}

const char *tune_tried_text(const struct tune *tune, const struct tune_arm *arm,
                            struct pool *pool) {
    const struct rate_grid *grid = &tune->grids[arm->group];
    return pool_format(pool, "from %s to %s", number_text(grid->rates[0], pool),
                       number_text(grid->rates[grid->n - 1], pool));
}

static const char *nothing_doubt(const struct tune *tune, const struct tune_arm *arm,
                                 struct pool *pool) {
    const char *cell = tune_cell_label(tune, arm, pool);
    return pool_format(pool, "%s%sno rate %s learned anything; give lower ones in tune.grid", cell,
                       *cell ? ": " : "", tune_tried_text(tune, arm, pool));
}

const char *const *tune_doubts(const struct tune *tune, struct pool *pool) {
    const char **doubts = pool_alloc(pool, ((size_t)tune->n_arms + 3) * sizeof *doubts);
    const char *edges = edge_doubt(tune, pool), *failures = failure_doubt(tune, pool);
    int n = 0;
    if (edges)
        doubts[n++] = edges;
    if (failures)
        doubts[n++] = failures;
    for (int i = 0; i < tune->n_arms; i++)
        if (tune->arms[i].choice.learned_nothing)
            doubts[n++] = nothing_doubt(tune, &tune->arms[i], pool);
    doubts[n] = NULL;
    return doubts;
}
