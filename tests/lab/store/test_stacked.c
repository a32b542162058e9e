/* The series of all runs as arrays: what stands where, and that it is what the runs have. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/store/stacked.h"
#include "lab/store/store_reader.h"
#include "tests/lab/store/sample.h"

static const size_t ample = (size_t)1 << 30;
static const char *ids[SAMPLE_RUNS + 1];

/* The arrays of group `name`; fails the test where there is no such group. */
static void take(const struct stacks *stacks, const char *name, struct record *arrays) {
    for (int g = 0; g < stacks->n_groups; g++) {
        if (strcmp(stacks->groups[g]->name, name) == 0) {
            stacks_take(stacks, g, ids, arrays);
            return;
        }
    }
    cr_assert_fail("no group %s", name);
}

/* The sample's runs, in the order `order` [SAMPLE_RUNS]; the row behind them stays empty. */
static void gather(struct stacks *stacks, const int *order, size_t limit) {
    stacks_begin(stacks, SAMPLE_RUNS + 1, limit);
    for (int i = 0; i < SAMPLE_RUNS + 1; i++)
        ids[i] = i == SAMPLE_RUNS ? "missing" : "some run";
    for (int i = 0; i < SAMPLE_RUNS; i++) {
        struct record record;
        sample_record(order[i], &record);
        stacks_add(stacks, order[i], &record);
        record_free(&record);
    }
    stacks_sort(stacks);
}

static const int upwards[SAMPLE_RUNS] = {0, 1, 2, 3, 4, 5};

static const struct series *array_of(const struct record *arrays, const char *group,
                                     const char *name) {
    const struct series *array = record_find_series(arrays, group, name);
    cr_assert(array, "no array %s/%s", group, name);
    return array;
}

Test(stacked, a_row_is_what_the_run_has_and_the_rest_is_not_there) {
    struct stacks stacks;
    struct record epoch, step;
    gather(&stacks, upwards, ample);
    take(&stacks, "epoch", &epoch);
    take(&stacks, "step", &step);
    const struct series *error = array_of(&epoch, "epoch", "test_error");
    const struct series *steps = array_of(&epoch, "epoch", "steps");
    const struct series *loss = array_of(&step, "step", "train_loss");
    const struct series *at = array_of(&step, "step", "step");
    cr_assert(error->n_dims == 2 && error->dims[0] == SAMPLE_RUNS + 1 && error->dims[1] == 3,
              "%zu x %zu", error->dims[0], error->dims[1]);
    cr_assert_str_eq(error->dim_names[1], "epoch");
    cr_assert_str_eq(loss->dim_names[1], "point");
    cr_assert(loss->dims[1] == 20 && at->dims[1] == 20, "%zu points", loss->dims[1]);
    for (int run = 0; run <= SAMPLE_RUNS; run++) {
        struct record own;
        sample_record(run, &own);
        const double *own_loss = record_find_series(&own, "step", "train_loss")->data;
        const double *own_error = record_find_series(&own, "epoch", "test_error")->data;
        size_t n = run == SAMPLE_RUNS ? 0 : run % 2 ? 20 : 10;
        for (size_t i = 0; i < 20; i++) {
            double value = series_number(loss, (size_t)run * 20 + i);
            double place = series_number(at, (size_t)run * 20 + i);
            cr_assert(i < n ? value == own_loss[i] : isnan(value), "loss %zu of run %d", i, run);
            cr_assert(place == (i < n ? (double)i : -1), "step %zu of run %d: %g", i, run, place);
        }
        for (size_t i = 0; i < 3; i++) {
            double value = series_number(error, (size_t)run * 3 + i);
            double count = series_number(steps, (size_t)run * 3 + i);
            bool is_there = run < 5;
            cr_assert(is_there ? memcmp(&value, &own_error[i], sizeof value) == 0 : isnan(value),
                      "error %zu of run %d is %g", i, run, value);
            cr_assert(count == (is_there ? (double)i + 5 : -1), "steps %zu of run %d", i, run);
        }
        record_free(&own);
    }
    record_free(&epoch);
    record_free(&step);
    stacks_free(&stacks);
}

/* All arrays as one hash. */
static void hash_arrays(const struct stacks *stacks, char text[HASH_TEXT_SIZE]) {
    struct fingerprint print = {0};
    for (int g = 0; g < stacks->n_groups; g++) {
        struct record arrays;
        stacks_take(stacks, g, ids, &arrays);
        for (int i = 0; i < arrays.n_series; i++)
            fingerprint_series(&print, &arrays.series[i]);
        record_free(&arrays);
    }
    fingerprint_end(&print, text);
}

Test(stacked, any_order_of_runs_gives_the_same) {
    static const int other[SAMPLE_RUNS] = {5, 3, 1, 4, 2, 0};
    struct stacks one, another;
    char first[HASH_TEXT_SIZE], second[HASH_TEXT_SIZE];
    gather(&one, upwards, ample);
    gather(&another, other, ample);
    hash_arrays(&one, first);
    hash_arrays(&another, second);
    cr_assert_str_eq(first, second, "another order, other arrays");
    cr_assert(one.n_groups == another.n_groups && one.n_groups == 3, "%d groups", one.n_groups);
    for (int g = 0; g < one.n_groups; g++) {
        cr_assert_str_eq(one.groups[g]->name, another.groups[g]->name);
        for (int i = 0; i < one.groups[g]->n_series; i++)
            cr_assert_str_eq(one.groups[g]->series[i]->name, another.groups[g]->series[i]->name);
    }
    stacks_free(&one);
    stacks_free(&another);
}

/* ---- places ---- */

static void add_bank(struct stacks *stacks, int row, size_t n, const double *momenta,
                     enum series_type type, const void *errors) {
    struct record record = {0};
    static const long averages[2] = {0, 2};
    record_add_scale(&record, "bank", "momentum", "share of the old value", SERIES_F64, n, momenta);
    record_add_scale(&record, "bank", "average", "which", SERIES_I64, 2, averages);
    struct series series = {
        "bank", "test_error", "1", "a sentence", type, 2, {n, 2}, {"momentum", "average"}, errors};
    record_add_series(&record, &series);
    stacks_add(stacks, row, &record);
    record_free(&record);
}

Test(stacked, values_stand_at_their_places_which_go_upwards) {
    static const double high[] = {0.9, 0.99}, low[] = {0.5, 0.9};
    static const double first[] = {1.5, 2.5, 3.5, 4.5}, second[] = {5.5, 6.5, 7.5, 8.5};
    static const double expected[2][6] = {{NAN, NAN, 1.5, 2.5, 3.5, 4.5},
                                          {5.5, 6.5, 7.5, 8.5, NAN, NAN}};
    struct stacks stacks;
    struct record arrays;
    stacks_begin(&stacks, 2, ample);
    add_bank(&stacks, 0, 2, high, SERIES_F64, first);
    add_bank(&stacks, 1, 2, low, SERIES_F64, second);
    ids[0] = ids[1] = "a run";
    take(&stacks, "bank", &arrays);
    const struct series *momenta = array_of(&arrays, "bank", "momentum");
    const struct series *errors = array_of(&arrays, "bank", "test_error");
    static const double places[] = {0.5, 0.9, 0.99};
    cr_assert(momenta->dims[0] == 3, "%zu momenta", momenta->dims[0]);
    for (size_t i = 0; i < 3; i++)
        cr_assert(series_number(momenta, i) == places[i], "momentum %zu", i);
    for (size_t i = 0; i < 12; i++) {
        double is = series_number(errors, i), should = expected[i / 6][i % 6];
        cr_assert(isnan(should) ? isnan(is) : is == should, "element %zu is %g", i, is);
    }
    record_free(&arrays);
    stacks_free(&stacks);
}

Test(stacked, what_is_no_place_is_left_out_and_unlike_forms_are_no_array) {
    static const double strange[] = {NAN, 0.9}, errors[] = {1.5, 2.5, 3.5, 4.5};
    static const long whole[] = {1, 2, 3, 4};
    struct stacks stacks;
    struct record arrays;
    struct pool pool = {0};
    stacks_begin(&stacks, 2, ample);
    ids[0] = ids[1] = "a run";
    add_bank(&stacks, 0, 2, strange, SERIES_F64, errors);
    take(&stacks, "bank", &arrays);
    const struct series *array = array_of(&arrays, "bank", "test_error");
    cr_assert(array->dims[1] == 1 && series_number(array, 0) == 3.5, "%zu momenta, %g",
              array->dims[1], series_number(array, 0));
    record_free(&arrays);
    add_bank(&stacks, 1, 2, strange, SERIES_I64, whole);
    take(&stacks, "bank", &arrays);
    cr_assert(!record_find_series(&arrays, "bank", "test_error"), "reals and whole numbers");
    cr_assert_str_eq(stacks_left_out(&stacks, &pool), "bank/test_error");
    record_free(&arrays);
    pool_free(&pool);
    stacks_free(&stacks);
}

/* ---- where it would be too much ---- */

/* How many arrays along points a group has; fails the test where their places are not among them.
 */
static int count_along_points(const struct stacks *stacks, const char *group) {
    struct record arrays;
    int n = 0;
    take(stacks, group, &arrays);
    for (int i = 0; i < arrays.n_series; i++)
        n += arrays.series[i].n_dims == 2 && !strcmp(arrays.series[i].dim_names[1], "point");
    cr_expect(n == 0 || record_find_series(&arrays, group, "step"), "%s: %d arrays, no places",
              group, n);
    record_free(&arrays);
    return n;
}

/* The sample's arrays have 7 runs: 3 of 20 points, 2 of 3 epochs, trace of 2 points. */
Test(stacked, the_largest_are_left_out_where_it_would_be_too_much) {
    enum { SMALL = 3 + 3 + 2 + 2 };
    static const struct {
        int limit, n_step;
        const char *left_out;
    } cases[] = {
        {3 * 20 + SMALL, 3, ""},
        {3 * 20 + SMALL - 1, 2, "step/train_loss"},
        {2 * 20 + SMALL, 2, "step/train_loss"},
        {2 * 20 + SMALL - 1, 1, "step/lr,step/train_loss"},
        {20 + SMALL - 1, 0, "step/lr,step/step,step/train_loss"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stacks stacks;
        struct pool pool = {0};
        struct record epoch;
        gather(&stacks, upwards, 7 * 8 * (size_t)cases[i].limit);
        take(&stacks, "epoch", &epoch);
        cr_assert(array_of(&epoch, "epoch", "test_error"), "the small ones stay");
        int n = count_along_points(&stacks, "step");
        cr_expect(n == cases[i].n_step, "%zu: %d of the largest", i, n);
        cr_expect_str_eq(stacks_left_out(&stacks, &pool), cases[i].left_out, "%zu: %s", i,
                         stacks_left_out(&stacks, &pool));
        record_free(&epoch);
        pool_free(&pool);
        stacks_free(&stacks);
    }
}

enum { MANY_POINTS = 20000 };

static void add_curve(struct stacks *stacks, int row, enum series_type type, const char *along) {
    static const double values[MANY_POINTS];
    static long places[MANY_POINTS];
    struct record record = {0};
    for (int i = 0; i < MANY_POINTS; i++)
        places[i] = row % 2 ? MANY_POINTS - i : i;
    record_add_scale(&record, "curve", along, "which", type, MANY_POINTS, places);
    struct series series = {"curve", "loss",        "1",     "a sentence", SERIES_F64,
                            1,       {MANY_POINTS}, {along}, values};
    record_add_series(&record, &series);
    stacks_add(stacks, row, &record);
    record_free(&record);
}

/* The pool of the stacks gets a new block for whatever is large. */
Test(stacked, where_the_points_of_a_run_lie_takes_no_memory_beside_the_series) {
    struct stacks stacks;
    stacks_begin(&stacks, 8, ample);
    add_curve(&stacks, 0, SERIES_I64, "step");
    const struct pool_block *block = stacks.pool.blocks;
    for (int row = 1; row < 8; row++)
        add_curve(&stacks, row, SERIES_I64, "step");
    cr_expect(stacks.pool.blocks == block, "a list for each run whose points are in order");
    stacks_free(&stacks);
}

Test(stacked, what_is_left_out_takes_no_memory) {
    static const char *const along[] = {"step", "epoch"};
    for (int i = 0; i < 2; i++) {
        struct stacks stacks;
        stacks_begin(&stacks, 8, 1000);
        add_curve(&stacks, 0, SERIES_I64, along[i]);
        const struct pool_block *block = stacks.pool.blocks;
        for (int row = 1; row < 8; row++)
            add_curve(&stacks, row, SERIES_I64, along[i]);
        cr_expect(stacks.pool.blocks == block, "%s: lists of places", along[i]);
        for (int j = 0; j < stacks.groups[0]->n_series; j++)
            cr_expect(!stacks.groups[0]->series[j]->pool.blocks, "%s: values", along[i]);
        stacks_free(&stacks);
    }
}

/* Of a stranger: steps that are no whole numbers once. */
Test(stacked, without_places_that_are_one_array_nothing_along_them_is_one) {
    struct stacks stacks;
    struct pool pool = {0};
    stacks_begin(&stacks, 2, ample);
    add_curve(&stacks, 0, SERIES_I64, "step");
    add_curve(&stacks, 1, SERIES_F64, "step");
    cr_expect_str_eq(stacks_left_out(&stacks, &pool), "curve/step,curve/loss", "%s",
                     stacks_left_out(&stacks, &pool));
    pool_free(&pool);
    stacks_free(&stacks);
}

/* ---- in the file ---- */

Test(stacked, the_merged_file_has_the_arrays_of_its_runs) {
    char folder[64], path[128], expected[HASH_TEXT_SIZE], found[HASH_TEXT_SIZE];
    struct stacks stacks;
    struct table summary;
    struct reader reader;
    struct record arrays = {0};
    struct fingerprint print = {0};
    sample_folder(folder);
    sample_results(folder, path);
    gather(&stacks, upwards, ample);
    sample_summary(&summary);
    for (int i = 0; i < summary.n_rows; i++)
        ids[i] = table_find(&summary, "run")->texts[i];
    hash_arrays(&stacks, expected);
    cr_assert(reader_open(&reader, path) == OK, "%s", status_message());
    reader.series = reader.values = true;
    reader.fingerprint = &print;
    cr_assert(reader_stacks(&reader, &arrays) == OK, "%s", status_message());
    cr_assert(reader_close(&reader, OK) == OK, "%s", status_message());
    fingerprint_end(&print, found);
    cr_assert(arrays.n_series > 6, "%d series", arrays.n_series);
    cr_assert_str_eq(found, expected, "the file has other arrays");
    record_free(&arrays);
    table_free(&summary);
    stacks_free(&stacks);
    sample_remove(folder);
}
