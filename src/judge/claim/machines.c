/* Counts the kinds of machine that have made a claim's runs, and the pairs of two kinds. */
#include "judge/claim/machines.h"

#include <string.h>

#include "base/sort.h"
#include "lab/merge/run_kind.h"
#include "lab/store/store.h"

struct made_run {
    const char *id;
    struct run_kind kind;
};

struct machines {
    struct pool pool;
    const char *const *ids; /* of the summary's rows */
    int n;
    struct made_run *runs; /* [n] by id */
    struct run_kinds kinds;
};

static void add_run(int index, const struct attributes *provenance, void *context) {
    struct machines *machines = context;
    struct made_run *run = &machines->runs[machines->n++];
    *run = (struct made_run){machines->ids[index], run_kind_of(provenance, &machines->pool)};
    run_kinds_add(&machines->kinds, &run->kind, &machines->pool);
}

static int compare_runs(const void *a, const void *b) {
    return strcmp(((const struct made_run *)a)->id, ((const struct made_run *)b)->id);
}

static enum status read_machines(const char *path, const struct table *summary,
                                 struct machines *machines) {
    const struct column *ids = table_find(summary, "run");
    if (!ids || ids->type != TYPE_TEXT)
        return OK;
    machines->ids = (const char *const *)ids->texts;
    machines->runs =
        pool_alloc(&machines->pool, (size_t)summary->n_rows * sizeof *machines->runs + 1);
    enum status status =
        store_each_provenance(path, summary->n_rows, machines->ids, add_run, machines);
    sort_items(machines->runs, (size_t)machines->n, sizeof *machines->runs, compare_runs);
    return status;
}

static bool is_mixed(const struct machines *machines, const struct run_pair *pair) {
    const struct made_run more = {.id = pair->more}, less = {.id = pair->less};
    size_t n = (size_t)machines->n, size = sizeof more;
    const struct made_run *one = find_item(&more, machines->runs, n, size, compare_runs),
                          *other = find_item(&less, machines->runs, n, size, compare_runs);
    return one && other && !run_kind_same(&one->kind, &other->kind);
}

/* How many of the pairs are of two kinds, and the first of these. */
static const char *pairs_text(const struct machines *machines, int n_answers,
                              const struct answer *answers, struct pool *pool) {
    const struct run_pair *first = NULL;
    int n = 0, n_mixed = 0;
    for (int i = 0; i < n_answers; i++)
        for (int p = 0; p < answers[i].n_pairs; p++) {
            const struct run_pair *pair = &answers[i].pairs[p];
            bool mixed = is_mixed(machines, pair);
            first = mixed && !first ? pair : first;
            n_mixed += mixed;
            n++;
        }
    return first ? pool_format(pool,
                               " Of %d pairs %d compare%s runs of two kinds, such as %s and %s.", n,
                               n_mixed, n_mixed == 1 ? "s" : "", first->more, first->less)
                 : "";
}

enum status machines_describe(const char *path, const struct table *summary, int n_answers,
                              const struct answer *answers, struct pool *pool, const char **text) {
    struct machines machines = {0};
    *text = NULL;
    enum status status = read_machines(path, summary, &machines);
    const char *kinds = status ? NULL : run_kinds_text(&machines.kinds, &machines.pool);
    if (kinds)
        *text = pool_format(pool, "%s.%s", kinds, pairs_text(&machines, n_answers, answers, pool));
    pool_free(&machines.pool);
    return status;
}
