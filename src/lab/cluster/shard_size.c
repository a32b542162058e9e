/* Cuts a plan into shards of about so many minutes. */
#include "lab/cluster/shard_size.h"

#include <math.h>
#include <string.h>

#include "lab/plan/plan_shards.h"

/* What is left of each shard, in seconds of one process. */
struct loads {
    const struct worklist *worklist;
    struct pool pool;
    int *shards;     /* [n_runs] */
    double *costs;   /* [n_runs] */
    double *seconds; /* [n_runs] of the shard's runs that are to do; NAN: it has none */
    double *longest; /* [n_runs] of those, the longest */
};

static void loads_begin(struct loads *loads, const struct worklist *worklist) {
    size_t n = (size_t)worklist->plan->n_runs + 1;
    *loads = (struct loads){.worklist = worklist};
    loads->shards = pool_alloc(&loads->pool, n * sizeof *loads->shards);
    loads->costs = pool_alloc(&loads->pool, n * sizeof *loads->costs);
    loads->seconds = pool_alloc(&loads->pool, n * sizeof *loads->seconds);
    loads->longest = pool_alloc(&loads->pool, n * sizeof *loads->longest);
    for (int run = 0; run < worklist->plan->n_runs; run++)
        loads->costs[run] = worklist->plan->runs[run].cost;
}

static double shard_seconds(const struct loads *loads, int shard) {
    return fmax(loads->seconds[shard] / loads->worklist->jobs, loads->longest[shard]);
}

/* Cuts into n; returns how long the longest shard takes. */
static double cut(struct loads *loads, int n) {
    const struct worklist *worklist = loads->worklist;
    double longest_s = 0;
    shards_assign(worklist->plan->n_runs, loads->costs, n, loads->shards);
    for (int shard = 0; shard < n; shard++) {
        loads->seconds[shard] = NAN;
        loads->longest[shard] = 0;
    }
    for (int i = 0; i < worklist->n_todo; i++) {
        int run = worklist->todo[i], shard = loads->shards[run];
        double seconds = worklist_seconds(worklist, run), sum = loads->seconds[shard];
        loads->seconds[shard] = isnan(sum) ? seconds : sum + seconds;
        loads->longest[shard] = fmax(loads->longest[shard], seconds);
        longest_s = fmax(longest_s, shard_seconds(loads, shard));
    }
    return longest_s;
}

/* No shard is shorter than its longest run. */
static double reachable(const struct worklist *worklist, double seconds) {
    for (int i = 0; i < worklist->n_todo; i++)
        seconds = fmax(seconds, worklist_seconds(worklist, worklist->todo[i]));
    return seconds;
}

/* The least that keeps shards within the time, or nearly: a step is a fiftieth. */
static int choose_by_time(struct loads *loads, double seconds, int most) {
    const struct worklist *worklist = loads->worklist;
    double sum = 0;
    for (int i = 0; i < worklist->n_todo; i++)
        sum += worklist_seconds(worklist, worklist->todo[i]);
    double least = ceil(sum / worklist->jobs / seconds);
    int n = least < 1 ? 1 : least < most ? (int)least : most;
    while (n < most && cut(loads, n) > seconds)
        n += 1 + n / 50;
    return n < most ? n : most;
}

static int at_most(int n, int most) {
    return n < most ? n : most;
}

void shard_size_choose(const struct worklist *worklist, const struct shard_request *request,
                       struct pool *pool, struct shard_size *size) {
    struct loads loads;
    int *todo = pool_alloc(pool, ((size_t)worklist->plan->n_runs + 1) * sizeof *todo);
    int most = at_most(worklist->plan->n_runs, request->most);
    double seconds = reachable(worklist, request->seconds);
    bool by_time = request->n_tasks == 0;
    loads_begin(&loads, worklist);
    *size = (struct shard_size){.todo = todo};
    size->n = by_time ? choose_by_time(&loads, seconds, most) : at_most(request->n_tasks, most);
    size->longest_s = cut(&loads, size->n);
    size->is_cut = by_time && size->n == request->most && size->longest_s > seconds;
    for (int shard = 0; shard < size->n; shard++)
        if (!isnan(loads.seconds[shard]))
            todo[size->n_todo++] = shard;
    pool_free(&loads.pool);
}

const char *shard_size_indices(const struct shard_size *size, struct pool *pool) {
    enum { MOST_LETTERS = 4000 };
    const char *text = "";
    for (int i = 0; i < size->n_todo;) {
        int first = size->todo[i], last = first;
        while (++i < size->n_todo && size->todo[i] == last + 1)
            last++;
        text = pool_format(pool, last > first ? "%s%s%d-%d" : "%s%s%d", text, *text ? "," : "",
                           first, last);
    }
    return strlen(text) <= MOST_LETTERS ? text : pool_format(pool, "0-%d", size->n - 1);
}
