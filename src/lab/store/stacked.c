/* Gathers the series of run after run, and lays them out as arrays. */
#include "lab/store/stacked.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

/* ---- which series, and along what ---- */

/* A dimension along which runs are stacked. */
struct stacked_dim {
    const char *name;
    const char *point; /* the dimension where points count and not places; NULL: places do */
};

static const struct stacked_dim stacked_dims[] = {
    {"epoch", NULL}, {"layer", NULL}, {"momentum", NULL}, {"average", NULL}, {"step", "point"},
};

static const struct stacked_dim *find_dim(const char *name) {
    for (size_t i = 0; i < sizeof stacked_dims / sizeof *stacked_dims; i++)
        if (strcmp(stacked_dims[i].name, name) == 0)
            return &stacked_dims[i];
    return NULL;
}

/* What the dimension is called where points count; NULL: places do. */
static const char *point_of(const char *name) {
    const struct stacked_dim *dim = find_dim(name);
    return dim ? dim->point : NULL;
}

static bool is_stacked(const struct series *series) {
    bool stacked = series->n_dims >= 1 && series->n_dims <= STACKED_DIMS;
    for (int d = 0; d < series->n_dims && stacked; d++)
        stacked = find_dim(series->dim_names[d]);
    return stacked && (!series_is_scale(series) || point_of(series->name));
}

/* ---- gathering ---- */

void stacks_begin(struct stacks *stacks, int n_runs, size_t limit) {
    *stacks = (struct stacks){.n_runs = n_runs, .limit = limit};
}

void stacks_free(struct stacks *stacks) {
    for (int g = 0; g < stacks->n_groups; g++)
        for (int i = 0; i < stacks->groups[g]->n_series; i++)
            pool_free(&stacks->groups[g]->series[i]->pool);
    pool_free(&stacks->pool);
    *stacks = (struct stacks){0};
}

static struct stacked_group *find_group(struct stacks *stacks, const char *name) {
    struct pool *pool = &stacks->pool;
    for (int g = 0; g < stacks->n_groups; g++)
        if (strcmp(stacks->groups[g]->name, name) == 0)
            return stacks->groups[g];
    stacks->groups = pool_grow(pool, stacks->groups, stacks->n_groups, &stacks->capacity,
                               sizeof *stacks->groups);
    struct stacked_group *group = pool_alloc(pool, sizeof *group);
    group->name = pool_text(pool, name);
    return stacks->groups[stacks->n_groups++] = group;
}

static int find_scale(struct stacks *stacks, struct stacked_group *group,
                      const struct series *scale) {
    struct pool *pool = &stacks->pool;
    for (int i = 0; i < group->n_scales; i++)
        if (strcmp(group->scales[i].name, scale->name) == 0)
            return i;
    group->scales = pool_grow(pool, group->scales, group->n_scales, &group->scale_capacity,
                              sizeof *group->scales);
    group->scales[group->n_scales] =
        (struct stacked_scale){.name = pool_text(pool, scale->name),
                               .doc = pool_text(pool, scale->doc ? scale->doc : ""),
                               .point = point_of(scale->name),
                               .type = scale->type};
    return group->n_scales++;
}

static struct stacked_series *find_series(struct stacks *stacks, struct stacked_group *group,
                                          const struct series *series) {
    struct pool *pool = &stacks->pool;
    for (int i = 0; i < group->n_series; i++)
        if (strcmp(group->series[i]->name, series->name) == 0)
            return group->series[i];
    group->series = pool_grow(pool, group->series, group->n_series, &group->series_capacity,
                              sizeof(struct stacked_series *));
    struct stacked_series *made = pool_alloc(pool, sizeof *made);
    *made = (struct stacked_series){
        .name = pool_text(pool, series->name),
        .unit = pool_text(pool, series->unit ? series->unit : ""),
        .doc = pool_text(pool, series->doc ? series->doc : ""),
        .type = series->type,
        .n_dims = series->n_dims,
        .rows = pool_alloc(pool, (size_t)stacks->n_runs * sizeof *made->rows + 1)};
    return group->series[group->n_series++] = made;
}

/* The index of a value among the places, a new one where it has none; -1 of NaN, which is no place.
 * Runs mostly have the same places: `guess` is right then. */
static int place_of(struct stacked_scale *scale, double value, int guess, struct pool *pool) {
    if (isnan(value))
        return -1;
    if (guess < scale->n && scale->values[guess] == value)
        return guess;
    for (int i = 0; i < scale->n; i++)
        if (scale->values[i] == value)
            return i;
    scale->values =
        pool_grow(pool, scale->values, scale->n, &scale->capacity, sizeof *scale->values);
    scale->values[scale->n] = value;
    return scale->n++;
}

/* Where the points of a run's scale go: one list for all series of a group, once it is known. */
struct places {
    bool known;
    const int *at; /* NULL: in order */
};

/* Most runs have the same places: then no list of them is kept. */
static const int *places_of(struct stacked_scale *scale, const struct series *own,
                            struct pool *pool) {
    struct pool scrap = {0};
    int n = (int)series_count(own);
    size_t size = (size_t)n * sizeof(int);
    if (scale->point) {
        scale->n = n > scale->n ? n : scale->n;
        return NULL;
    }
    int *at = pool_alloc(&scrap, size + 1), *kept = NULL;
    bool in_order = true;
    for (int i = 0; i < n; i++) {
        at[i] = place_of(scale, series_number(own, (size_t)i), i, pool);
        in_order = in_order && at[i] == i;
    }
    if (!in_order)
        kept = memcpy(pool_alloc(pool, size), at, size);
    pool_free(&scrap);
    return kept;
}

/* ---- what there is no room for ---- */

static const struct stacked_series *array_along(const struct stacked_group *group,
                                                const struct stacked_series *series, int d) {
    return group->scales[series->scales[d]].array;
}

static size_t size_of_stack(const struct stacks *stacks, const struct stacked_group *group,
                            const struct stacked_series *series) {
    size_t size = (size_t)stacks->n_runs * series_element_size(series->type);
    for (int d = 0; d < series->n_dims; d++)
        size *= (size_t)group->scales[series->scales[d]].n;
    return series->left_out ? 0 : size;
}

static void leave_out(struct stacked_series *series) {
    series->left_out = true;
    pool_free(&series->pool);
}

/* Nothing along points can be read without their places. */
static bool lacks_places(const struct stacked_group *group, const struct stacked_series *series) {
    bool lacks = false;
    for (int d = 0; d < series->n_dims && !lacks; d++) {
        const struct stacked_series *array = array_along(group, series, d);
        lacks = array && array->left_out;
    }
    return lacks;
}

/* Is it the places of a series that is in? */
static bool is_needed(const struct stacked_group *group, const struct stacked_series *array) {
    bool needed = false;
    for (int i = 0; i < group->n_series && !needed; i++) {
        const struct stacked_series *series = group->series[i];
        for (int d = 0; d < series->n_dims && series != array && !series->left_out; d++)
            needed = needed || array_along(group, series, d) == array;
    }
    return needed;
}

/* The largest that may be left out, and what all take together. */
static struct stacked_series *find_largest(const struct stacks *stacks, size_t *all) {
    struct stacked_series *largest = NULL;
    size_t most = 0;
    *all = 0;
    for (int g = 0; g < stacks->n_groups; g++) {
        const struct stacked_group *group = stacks->groups[g];
        for (int i = 0; i < group->n_series; i++) {
            size_t size = size_of_stack(stacks, group, group->series[i]);
            *all += size;
            if (size > most && !is_needed(group, group->series[i])) {
                most = size;
                largest = group->series[i];
            }
        }
    }
    return largest;
}

static void keep_limit(const struct stacks *stacks) {
    size_t all;
    for (int g = 0; g < stacks->n_groups; g++)
        for (int i = 0; i < stacks->groups[g]->n_series; i++)
            if (lacks_places(stacks->groups[g], stacks->groups[g]->series[i]))
                leave_out(stacks->groups[g]->series[i]);
    for (;;) {
        struct stacked_series *largest = find_largest(stacks, &all);
        if (!largest || all <= stacks->limit)
            return;
        leave_out(largest);
    }
}

/* ---- a run ---- */

/* Runs of other versions may have it in another form: then it is no one array. */
static bool fits(const struct stacked_series *stack, const struct series *series,
                 const int scales[STACKED_DIMS]) {
    bool same = stack->type == series->type && stack->n_dims == series->n_dims;
    for (int d = 0; d < series->n_dims && same; d++)
        same = stack->scales[d] == scales[d];
    return same;
}

static void add_row(struct stacked_series *stack, int row, const struct series *series,
                    const int *const at[STACKED_DIMS]) {
    size_t size = series_count(series) * series_element_size(series->type);
    void *data = pool_alloc(&stack->pool, size + 1);
    memcpy(data, series->data, size);
    stack->rows[row].data = data;
    for (int d = 0; d < series->n_dims; d++) {
        stack->rows[row].dims[d] = series->dims[d];
        stack->rows[row].at[d] = at[d];
    }
}

/* `places` [n_series]: of those series of the record that are scales. */
static void add_series(struct stacks *stacks, int row, const struct record *record,
                       const struct series *series, struct places *places) {
    struct stacked_group *group = find_group(stacks, series->group);
    const struct series *own[STACKED_DIMS];
    const int *at[STACKED_DIMS];
    int scales[STACKED_DIMS];
    for (int d = 0; d < series->n_dims; d++) {
        own[d] = record_find_series(record, series->group, series->dim_names[d]);
        scales[d] = find_scale(stacks, group, own[d]);
    }
    int before = group->n_series;
    struct stacked_series *stack = find_series(stacks, group, series);
    if (group->n_series > before)
        memcpy(stack->scales, scales, (size_t)series->n_dims * sizeof *scales);
    if (series_is_scale(series))
        group->scales[scales[0]].array = stack;
    if (!stack->left_out && !fits(stack, series, scales))
        leave_out(stack);
    if (stack->left_out)
        return;
    for (int d = 0; d < series->n_dims; d++) {
        struct places *known = &places[own[d] - record->series];
        if (!known->known)
            *known =
                (struct places){true, places_of(&group->scales[scales[d]], own[d], &stacks->pool)};
        at[d] = known->at;
    }
    add_row(stack, row, series, at);
}

void stacks_add(struct stacks *stacks, int row, const struct record *record) {
    struct pool pool = {0};
    struct places *places = pool_alloc(&pool, (size_t)record->n_series * sizeof *places + 1);
    for (int i = 0; i < record->n_series; i++)
        if (is_stacked(&record->series[i]))
            add_series(stacks, row, record, &record->series[i], places);
    keep_limit(stacks);
    pool_free(&pool);
}

/* ---- what was gathered, in order ---- */

static int compare_series(const void *a, const void *b) {
    const struct stacked_series *const *one = a, *const *other = b;
    return strcmp((*one)->name, (*other)->name);
}

static int compare_groups(const void *a, const void *b) {
    const struct stacked_group *const *one = a, *const *other = b;
    return strcmp((*one)->name, (*other)->name);
}

void stacks_sort(struct stacks *stacks) {
    if (stacks->n_groups > 0)
        sort_items(stacks->groups, (size_t)stacks->n_groups, sizeof(struct stacked_group *),
                   compare_groups);
    for (int g = 0; g < stacks->n_groups; g++)
        sort_items(stacks->groups[g]->series, (size_t)stacks->groups[g]->n_series,
                   sizeof(struct stacked_series *), compare_series);
}

const char *stacks_left_out(const struct stacks *stacks, struct pool *pool) {
    const char *names = "";
    for (int g = 0; g < stacks->n_groups; g++)
        for (int i = 0; i < stacks->groups[g]->n_series; i++)
            if (stacks->groups[g]->series[i]->left_out)
                names = pool_format(pool, "%s%s%s/%s", names, names[0] ? "," : "",
                                    stacks->groups[g]->name, stacks->groups[g]->series[i]->name);
    return names;
}

/* ---- arrays ---- */

/* The places upwards, and where each of those that came has gone; NULL: points are in order. */
static int *sort_places(const struct stacked_scale *scale, double *sorted, struct pool *pool) {
    size_t n = (size_t)scale->n;
    if (scale->point)
        return NULL;
    int *where = pool_alloc(pool, n * sizeof *where + 1);
    memcpy(sorted, scale->values, n * sizeof *sorted);
    sort_numbers(sorted, n);
    for (size_t i = 0; i < n; i++)
        where[i] = (int)find_number(scale->values[i], sorted, n);
    return where;
}

static void add_scale(const struct stacked_scale *scale, const char *group, const double *sorted,
                      struct record *arrays) {
    struct pool pool = {0};
    size_t n = (size_t)scale->n;
    if (scale->point) {
        record_add_count(arrays, group, scale->point,
                         "number of the point, counted from 0: each run has its own places", n, 0);
    } else if (scale->type != SERIES_I64) {
        record_add_scale(arrays, group, scale->name, scale->doc, SERIES_F64, n, sorted);
    } else {
        long *whole = pool_alloc(&pool, n * sizeof *whole);
        for (size_t i = 0; i < n; i++)
            whole[i] = (long)sorted[i];
        record_add_scale(arrays, group, scale->name, scale->doc, SERIES_I64, n, whole);
    }
    pool_free(&pool);
}

/* Where element i of a run goes along a dimension; -1: nowhere. */
static int place_in_array(const int *at, const int *where, size_t i) {
    int place = at ? at[i] : (int)i;
    return place < 0 || !where ? place : where[place]; /* a scale of points alone has none */
}

/* Copies the elements of a run to their places in the array. `shape`: of one run in it. */
static void lay_out(const struct stacked_row *row, int n_dims, size_t size, const size_t *shape,
                    int *const where[STACKED_DIMS], char *array) {
    size_t columns = n_dims == 2 ? row->dims[1] : 1;
    for (size_t i = 0; row->data && i < row->dims[0]; i++) {
        for (size_t j = 0; j < columns; j++) {
            int down = place_in_array(row->at[0], where[0], i);
            int across = n_dims == 2 ? place_in_array(row->at[1], where[1], j) : 0;
            if (down < 0 || across < 0)
                continue;
            size_t to = (size_t)down * (n_dims == 2 ? shape[1] : 1) + (size_t)across;
            memcpy(array + to * size, (const char *)row->data + (i * columns + j) * size, size);
        }
    }
}

static void fill(enum series_type type, size_t n, void *data) {
    for (size_t i = 0; i < n; i++)
        if (type == SERIES_F32)
            ((float *)data)[i] = NAN;
        else if (type == SERIES_F64)
            ((double *)data)[i] = NAN;
        else
            ((long *)data)[i] = -1;
}

static void add_array(const struct stacks *stacks, const struct stacked_group *group,
                      const struct stacked_series *stack, int *const *where,
                      struct record *arrays) {
    struct series array = {.group = group->name,
                           .name = stack->name,
                           .unit = stack->unit,
                           .doc = stack->doc,
                           .type = stack->type,
                           .n_dims = 1 + stack->n_dims,
                           .dims = {(size_t)stacks->n_runs},
                           .dim_names = {"run"}};
    int *own_where[STACKED_DIMS] = {0};
    size_t size = series_element_size(stack->type), count = 1;
    for (int d = 0; d < stack->n_dims; d++) {
        const struct stacked_scale *scale = &group->scales[stack->scales[d]];
        array.dims[1 + d] = (size_t)scale->n;
        array.dim_names[1 + d] = scale->point ? scale->point : scale->name;
        own_where[d] = where[stack->scales[d]];
        count *= (size_t)scale->n;
    }
    if (count == 0)
        return;
    record_add_series(arrays, &array);
    char *data = pool_alloc(&arrays->pool, (size_t)stacks->n_runs * count * size + 1);
    fill(stack->type, (size_t)stacks->n_runs * count, data);
    for (int run = 0; run < stacks->n_runs; run++)
        lay_out(&stack->rows[run], stack->n_dims, size, array.dims + 1, own_where,
                data + (size_t)run * count * size);
    arrays->series[arrays->n_series - 1].data = data;
}

void stacks_take(const struct stacks *stacks, int number, const char *const *ids,
                 struct record *arrays) {
    const struct stacked_group *group = stacks->groups[number];
    struct pool pool = {0};
    int **where = pool_alloc(&pool, (size_t)group->n_scales * sizeof *where + 1);
    *arrays = (struct record){0};
    record_add_scale(arrays, group->name, "run", "id of the run: its group in /runs", SERIES_TEXT,
                     (size_t)stacks->n_runs, ids);
    for (int i = 0; i < group->n_scales; i++) {
        const struct stacked_scale *scale = &group->scales[i];
        double *sorted = pool_alloc(&pool, (size_t)scale->n * sizeof *sorted + 1);
        where[i] = sort_places(scale, sorted, &pool);
        if (scale->n > 0)
            add_scale(scale, group->name, sorted, arrays);
    }
    for (int i = 0; i < group->n_series; i++)
        if (!group->series[i]->left_out)
            add_array(stacks, group, group->series[i], where, arrays);
    pool_free(&pool);
}
