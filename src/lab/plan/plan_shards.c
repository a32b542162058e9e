/* Cuts a plan into shards that take about equally long, or down to its first seeds. */
#include "lab/plan/plan_shards.h"

#include <stdlib.h>

#include "base/sort.h"

struct job {
    double cost;
    int run;
};

static int compare_jobs(const void *a, const void *b) {
    const struct job *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->run - y->run;
}

/* The longest run first, each to the shard with the least so far (Graham 1969). */
void plan_shard(const struct plan *plan, int index, int count, bool *take) {
    struct pool pool = {0};
    struct job *jobs = pool_alloc(&pool, (size_t)plan->n_runs * sizeof *jobs);
    double *load = pool_alloc(&pool, (size_t)count * sizeof *load);
    for (int i = 0; i < plan->n_runs; i++)
        jobs[i] = (struct job){plan->runs[i].cost, i};
    sort_items(jobs, (size_t)plan->n_runs, sizeof *jobs, compare_jobs);
    for (int i = 0; i < plan->n_runs; i++) {
        int least = 0;
        for (int shard = 1; shard < count; shard++)
            if (load[shard] < load[least])
                least = shard;
        load[least] += jobs[i].cost;
        take[jobs[i].run] = least == index;
    }
    pool_free(&pool);
}

static bool has_one_of(const struct value *values, int n, const struct value *value) {
    const struct key *key = key_get(key_find("seed"));
    for (int i = 0; i < n; i++)
        if (value_equal(key, &values[i], value))
            return true;
    return false;
}

void plan_take_seeds(const struct plan *plan, int n, bool *take) {
    int seed = key_find("seed"), place;
    const struct axis *axis = experiment_axis(plan->experiment, seed, &place);
    for (int run = 0; axis && n < axis->n_values && run < plan->n_runs; run++)
        take[run] &= has_one_of(axis->values + (long)place * axis->n_values, n,
                                &plan->runs[run].cell.values[seed]);
}
