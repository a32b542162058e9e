/* Each arm at its best: the table of ways, and the choice among an arm's runs. */
#include "judge/claim/over.h"

#include <math.h>
#include <string.h>

#include "judge/stats/contrast.h"
#include "judge/stats/statistics.h"
#include "lab/table/run_rows.h"

/* ---- the table ---- */

static bool is_less(double value, double than) {
    return value < than;
}

static bool is_more(double value, double than) {
    return value > than;
}

/* Where the metric nowhere is below `at`: half of the smallest value that was tried. */
static double largest_below(int n, const double *keys, const double *values, double at) {
    double largest = NAN, smallest = NAN;
    for (int i = 0; i < n; i++) {
        smallest = fmin(smallest, keys[i]);
        if (values[i] < at)
            largest = fmax(largest, keys[i]);
    }
    return isnan(largest) ? smallest / 2 : largest;
}

static const struct over overs[] = {
    {.name = "min", .sentence = "the run with the smallest metric", .is_better = is_less},
    {.name = "max", .sentence = "the run with the largest metric", .is_better = is_more},
    {.name = "largest_below",
     .sentence = "the largest value of the key of a run whose metric is below `at`",
     .needs_at = true,
     .is_better = is_less,
     .number = largest_below},
};

int over_count(void) {
    return (int)(sizeof overs / sizeof *overs);
}

const struct over *over_get(int index) {
    return &overs[index];
}

const struct over *over_find(const char *name) {
    for (int i = 0; i < over_count(); i++)
        if (!strcmp(overs[i].name, name))
            return &overs[i];
    return NULL;
}

const char *over_name(int index) {
    return index < over_count() ? overs[index].name : NULL;
}

/* ---- the choice ---- */

/* Are two runs of an arm alike but for the key over which one chooses, and what went with it? With
 * `any_seed`: and but for the seed. */
static bool same_but_for(const struct table *table, const char *key, bool any_seed, int a, int b) {
    struct pool pool = {0};
    bool same = true;
    for (int i = 0; i < table->n_columns && same; i++) {
        const struct column *column = &table->columns[i];
        bool is_key = strchr(column->name, '.') || (!strcmp(column->name, "seed") && !any_seed);
        if (!is_key || !strcmp(column->name, key) ||
            !strcmp(column->name, "optimizer.lr_effective"))
            continue;
        same = !strcmp(table_text(column, a, &pool), table_text(column, b, &pool));
    }
    pool_free(&pool);
    return same;
}

/* Is `candidate` to be kept rather than `best`? Of equal metrics (no run reached the target) that
 * of a run that did not go wrong: it is counted among the failures otherwise. */
static bool wins(const struct over *over, const struct table *table, const double *values,
                 int candidate, int best) {
    if (!run_has_group(table, best))
        return false;
    if (values[candidate] == values[best] && run_went_wrong(table, best))
        return !run_went_wrong(table, candidate);
    if (!run_has_group(table, candidate))
        return true;
    return isnan(values[best]) ? !isnan(values[candidate])
                               : over->is_better(values[candidate], values[best]);
}

/* Runs of an arm that differ in the key alone. */
struct alike {
    int n, best; /* best: a row */
    double *keys, *values;
};

static void find_alike(const struct metric *metric, const struct table *table, int first,
                       const double *values, bool *taken, struct alike *alike) {
    const struct column *key = table_find(table, metric->over_key);
    alike->n = 0;
    alike->best = first;
    for (int row = first; row < table->n_rows; row++) {
        if (taken[row] || !same_but_for(table, metric->over_key, false, first, row))
            continue;
        taken[row] = true;
        alike->keys[alike->n] = key ? table_number(key, row) : NAN;
        alike->values[alike->n++] = values[row];
        if (wins(metric->over, table, values, row, alike->best))
            alike->best = row;
    }
}

/* The rows that are kept, and their metrics in the same order. */
struct choice {
    int n;
    int *rows;
    double *values;
};

/* Of each seed by itself. */
static void choose_by_seed(const struct metric *metric, const struct table *table,
                           const double *values, struct pool *pool, struct choice *choice) {
    size_t size = (size_t)table->n_rows + 1;
    bool *taken = pool_alloc(pool, size * sizeof *taken);
    struct alike alike = {.keys = pool_alloc(pool, size * sizeof *alike.keys),
                          .values = pool_alloc(pool, size * sizeof *alike.values)};
    for (int first = 0; first < table->n_rows; first++) {
        if (taken[first])
            continue;
        find_alike(metric, table, first, values, taken, &alike);
        choice->rows[choice->n] = alike.best;
        choice->values[choice->n++] =
            metric->over->number
                ? metric->over->number(alike.n, alike.keys, alike.values, metric->over_at)
                : values[alike.best];
    }
}

/* ---- the choice on other seeds ---- */

static bool is_choosing(const struct metric *metric, const struct table *table, int row) {
    const struct column *seeds = table_find(table, "seed");
    for (int i = 0; seeds && i < metric->n_choosing; i++)
        if ((double)metric->choosing[i].integer == table_number(seeds, row))
            return true;
    return false;
}

/* The interquartile mean of the metric over the choosing runs among rows [n] with this value of the
 * key; NaN: one of them has no metric, or there is none. */
static double score_of(const struct metric *metric, const struct table *table, int n,
                       const int *rows, const double *values, double key) {
    struct pool pool = {0};
    const struct column *keys = table_find(table, metric->over_key);
    double *scores = pool_alloc(&pool, ((size_t)n + 1) * sizeof *scores);
    int n_scores = 0;
    for (int i = 0; i < n; i++)
        if (table_number(keys, rows[i]) == key && is_choosing(metric, table, rows[i]))
            scores[n_scores++] = values[rows[i]];
    bool known = n_scores > 0;
    for (int i = 0; i < n_scores; i++)
        known = known && !isnan(scores[i]);
    double score = known ? interquartile_mean(scores, n_scores) : NAN;
    pool_free(&pool);
    return score;
}

static double best_key(const struct metric *metric, const struct table *table, int n,
                       const int *rows, const double *values) {
    const struct column *keys = table_find(table, metric->over_key);
    double best = NAN, best_score = NAN;
    for (int i = 0; i < n; i++) {
        double key = table_number(keys, rows[i]),
               score = score_of(metric, table, n, rows, values, key);
        bool better =
            isnan(best_score) ? !isnan(score) : metric->over->is_better(score, best_score);
        if (better || (score == best_score && key < best)) {
            best = key;
            best_score = score;
        }
    }
    return best;
}

/* Of runs that differ in key and seed alone: those with the chosen value, of the other seeds; and
 * choosing runs that are missing, so that nothing is decided without them. */
static void choose_among(const struct metric *metric, const struct table *table, int n,
                         const int *rows, const double *values, struct choice *choice) {
    const struct column *keys = table_find(table, metric->over_key);
    double best = best_key(metric, table, n, rows, values);
    for (int i = 0; i < n; i++) {
        bool chooses = is_choosing(metric, table, rows[i]);
        if (chooses ? run_has_group(table, rows[i]) : table_number(keys, rows[i]) != best)
            continue;
        choice->rows[choice->n] = rows[i];
        choice->values[choice->n++] = values[rows[i]];
    }
}

static void choose_on_others(const struct metric *metric, const struct table *table,
                             const double *values, struct pool *pool, struct choice *choice) {
    size_t size = (size_t)table->n_rows + 1;
    bool *taken = pool_alloc(pool, size * sizeof *taken);
    int *rows = pool_alloc(pool, size * sizeof *rows);
    for (int first = 0; first < table->n_rows; first++) {
        int n = 0;
        for (int row = first; row < table->n_rows && !taken[first]; row++)
            if (!taken[row] && same_but_for(table, metric->over_key, true, first, row))
                rows[n++] = row;
        for (int i = 0; i < n; i++)
            taken[rows[i]] = true;
        choose_among(metric, table, n, rows, values, choice);
    }
}

/* ---- either ---- */

static void keep(const struct choice *choice, struct table *table, double *values) {
    struct table result;
    table_take(table, choice->n, choice->rows, &result);
    table_free(table);
    *table = result;
    memcpy(values, choice->values, (size_t)choice->n * sizeof *values);
}

static void drop_choosing(const struct metric *metric, struct table *table, double *values,
                          struct choice *choice) {
    choice->n = 0;
    for (int row = 0; row < table->n_rows; row++)
        if (!is_choosing(metric, table, row)) {
            choice->rows[choice->n] = row;
            choice->values[choice->n++] = values[row];
        }
    keep(choice, table, values);
}

void over_choose(const struct metric *metric, struct table *table, double *values) {
    struct pool pool = {0};
    size_t size = (size_t)table->n_rows + 1;
    struct choice choice = {0, pool_alloc(&pool, size * sizeof(int)),
                            pool_alloc(&pool, size * sizeof(double))};
    bool on_others = metric->n_choosing && metric->over_key && !metric->over->number &&
                     table_find(table, metric->over_key);
    if (metric->n_choosing && !on_others)
        drop_choosing(metric, table, values, &choice);
    choice.n = 0;
    if (on_others)
        choose_on_others(metric, table, values, &pool, &choice);
    else if (metric->over_key)
        choose_by_seed(metric, table, values, &pool, &choice);
    if (metric->over_key)
        keep(&choice, table, values);
    pool_free(&pool);
}
