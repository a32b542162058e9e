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

/* ---- shards ---- */

struct load {
    double cost;
    int shard;
};

static bool is_less(const struct load *a, const struct load *b) {
    return a->cost < b->cost || (a->cost == b->cost && a->shard < b->shard);
}

/* A heap whose first load has grown: the least comes to the front again. */
static void sift_first(struct load *heap, int n) {
    struct load grown = heap[0];
    int at = 0;
    for (int child = 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && is_less(&heap[child + 1], &heap[child]))
            child++;
        if (!is_less(&heap[child], &grown))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = grown;
}

/* The longest run first, each to the shard with the least so far (Graham 1969). Of more shards than
 * runs the first get one each. */
void shards_assign(int n, const double *cost, int count, int *shard) {
    struct pool pool = {0};
    int n_used = count < n ? count : n;
    struct job *jobs = pool_alloc(&pool, (size_t)n * sizeof *jobs + 1);
    struct load *heap = pool_alloc(&pool, (size_t)n_used * sizeof *heap + 1);
    for (int i = 0; i < n; i++)
        jobs[i] = (struct job){cost[i], i};
    sort_items(jobs, (size_t)n, sizeof *jobs, compare_jobs);
    for (int i = 0; i < n_used; i++)
        heap[i] = (struct load){0, i};
    for (int i = 0; i < n; i++) {
        shard[jobs[i].run] = heap[0].shard;
        heap[0].cost += jobs[i].cost;
        sift_first(heap, n_used);
    }
    pool_free(&pool);
}

void plan_shard(const struct plan *plan, int index, int count, bool *take) {
    struct pool pool = {0};
    size_t n = (size_t)plan->n_runs;
    double *cost = pool_alloc(&pool, n * sizeof *cost + 1);
    int *shard = pool_alloc(&pool, n * sizeof *shard + 1);
    for (size_t i = 0; i < n; i++)
        cost[i] = plan->runs[i].cost;
    shards_assign(plan->n_runs, cost, count, shard);
    for (size_t i = 0; i < n; i++)
        take[i] = shard[i] == index;
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

void plan_sort_longest(const struct plan *plan, int n, int *runs) {
    struct pool pool = {0};
    struct job *jobs = pool_alloc(&pool, (size_t)n * sizeof *jobs + 1);
    for (int i = 0; i < n; i++)
        jobs[i] = (struct job){plan->runs[runs[i]].cost, runs[i]};
    sort_items(jobs, (size_t)n, sizeof *jobs, compare_jobs);
    for (int i = 0; i < n; i++)
        runs[i] = jobs[i].run;
    pool_free(&pool);
}
