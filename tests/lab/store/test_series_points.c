#include "lab/store/series_list.h"
#include "lab/store/series_points.h"
#include "lab/table/run_rows.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tests/lab/store/sample.h"

static char folder[64], path[128];
static struct table summary;

static void create(void) {
    sample_folder(folder);
    sample_results(folder, path);
    cr_assert(store_read_summary(path, &summary) == OK, "%s", status_message());
}

static void destroy(void) {
    table_free(&summary);
    sample_remove(folder);
}

TestSuite(results, .init = create, .fini = destroy);

Test(results, a_run_is_found_by_the_beginning_of_its_id) {
    char id[RUN_ID_SIZE];
    const char *last = table_find(&summary, "run")->texts[SAMPLE_RUNS];
    cr_assert(run_find(&summary, last, id) == OK, "%s", status_message());
    cr_assert(strcmp(id, last) == 0, "%s", id);
    cr_assert(!run_has_group(&summary, SAMPLE_RUNS), "a missing run has a group");
    cr_assert(run_has_group(&summary, 5), "a diverged run has none");
    cr_assert(run_find(&summary, "r0", id) == ERROR_USAGE, "an ambiguous id");
    cr_assert(strstr(status_message(), "7 runs"), "%s", status_message());
    cr_assert(run_find(&summary, "rfff", id) == ERROR_USAGE, "an unknown id");
}

Test(results, series_are_listed_once_for_all_layers_with_their_range) {
    struct series_list list;
    cr_assert(results_list_series(path, &summary, NULL, &list) == OK, "%s", status_message());
    const struct series_info *loss = NULL, *gamma = NULL, *W = NULL, *trace = NULL;
    for (int i = 0; i < list.n; i++) {
        const struct series_info *info = &list.items[i];
        loss = strcmp(info->name, "step/train_loss") == 0 ? info : loss;
        gamma = strcmp(info->name, "layer*/gamma") == 0 ? info : gamma;
        W = strcmp(info->name, "weights/final/layer*/W") == 0 ? info : W;
        trace = strcmp(info->name, "trace/input_p50") == 0 ? info : trace;
    }
    cr_assert(list.n == 8, "%d series", list.n);
    cr_assert(loss && gamma && W && trace, "one is lacking");
    cr_assert(loss->min_dims[0] == 10 && loss->max_dims[0] == 20, "%zu to %zu steps",
              loss->min_dims[0], loss->max_dims[0]);
    cr_assert(gamma->min_dims[0] == 0 && gamma->max_dims[0] == 3, "epochs of gamma");
    cr_assert(gamma->n_runs == SAMPLE_RUNS, "gamma in %d runs", gamma->n_runs);
    cr_assert(trace->n_runs == 1, "a trace in %d runs", trace->n_runs);
    cr_assert(strcmp(W->dim_names[1], "out") == 0, "%s", W->dim_names[1]);
    series_list_free(&list);
}

/* What a run is made of beside the samples' series: `name` in a group with the scale `unit`, along
 * it or, where n_dims is 0, alone. */
static void write_with(int index, const char *group, const char *name, int n_dims, size_t units,
                       char file[192]) {
    static const long count[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const float values[8];
    struct record record;
    sample_record(index, &record);
    const struct series unit = {group, "unit", "", "a", SERIES_I64, 1, {units}, {"unit"}, count};
    const struct series series = {group,  name,    "1",      "b",   SERIES_F32,
                                  n_dims, {units}, {"unit"}, values};
    record_add_series(&record, &unit);
    record_add_series(&record, &series);
    snprintf(file, 192, "%s/%s.h5", folder, record.id);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    record_free(&record);
}

static const struct series_info *find_series(const struct series_list *list, const char *name) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    cr_assert(false, "%s is not there", name);
    return NULL;
}

/* What a run before had is known, and how long it is in this run its scale says; but of weights a
 * normalizer's number may have the name of another's vector. */
Test(results, lengths_are_those_of_each_run) {
    char files[3][192];
    const char *paths[] = {files[0], files[1], files[2]};
    struct series_list list;
    write_with(0, "layer0/more", "alpha", 1, 4, files[0]);
    write_with(1, "layer0/more", "alpha", 1, 7, files[1]);
    write_with(2, "layer0/more", "alpha", 1, 2, files[2]);
    cr_assert(store_write_merged(path, &sample_header, &summary, 3, paths) == OK, "%s",
              status_message());
    table_find(&summary, "status")->texts[3] = "missing";
    table_find(&summary, "status")->texts[4] = "missing";
    table_find(&summary, "status")->texts[5] = "missing";
    cr_assert(results_list_series(path, &summary, NULL, &list) == OK, "%s", status_message());
    const struct series_info *alpha = find_series(&list, "layer*/more/alpha");
    cr_assert(alpha->n_runs == 3 && alpha->min_dims[0] == 2 && alpha->max_dims[0] == 7,
              "%d runs, %zu to %zu", alpha->n_runs, alpha->min_dims[0], alpha->max_dims[0]);
    series_list_free(&list);
    write_with(1, "weights/final/layer0", "alpha", 0, 7, files[1]);
    write_with(2, "weights/final/layer0", "alpha", 1, 5, files[2]);
    write_with(0, "weights/final/layer0", "alpha", 1, 6, files[0]);
    cr_assert(store_write_merged(path, &sample_header, &summary, 3, paths) == OK, "%s",
              status_message());
    cr_assert(results_list_series(path, &summary, NULL, &list) == OK, "%s", status_message());
    alpha = find_series(&list, "weights/final/layer*/alpha");
    cr_assert(alpha->n_runs == 3 && alpha->min_dims[0] == 5 && alpha->max_dims[0] == 6,
              "%d runs, %zu to %zu", alpha->n_runs, alpha->min_dims[0], alpha->max_dims[0]);
    series_list_free(&list);
}

Test(results, points_carry_the_runs_columns_and_their_scale) {
    const char *const carried[] = {"run", "norm.kind"};
    struct table points;
    int n_places = 0;
    cr_assert(results_points(path, &summary, "epoch/test_error", 2, carried, &n_places, &points) ==
                  OK,
              "%s", status_message());
    cr_assert(n_places == 1, "%d places", n_places);
    cr_assert(points.n_rows == 3 * 5, "%d points: the diverged run has none", points.n_rows);
    static const char *const names[] = {"run", "norm.kind", "epoch", "value"};
    cr_assert(points.n_columns == 4, "%d columns", points.n_columns);
    for (int i = 0; i < 4; i++) {
        cr_assert(strcmp(points.columns[i].name, names[i]) == 0, "column %s",
                  points.columns[i].name);
    }
    struct record record;
    sample_record(1, &record);
    const struct series *series = record_find_series(&record, "epoch", "test_error");
    cr_assert(strcmp(points.columns[0].texts[4], record.id) == 0, "run");
    cr_assert(strcmp(points.columns[1].texts[4], "batch") == 0, "norm.kind");
    cr_assert(points.columns[2].type == TYPE_INT && points.columns[2].integers[4] == 2, "epoch");
    cr_assert(points.columns[3].reals[4] == ((const double *)series->data)[1], "value");
    cr_assert(strcmp(points.columns[3].unit, "nats") == 0, "unit");
    record_free(&record);
    table_free(&points);
}

Test(results, a_star_adds_the_layer_and_two_scales_two_columns) {
    const char *const carried[] = {"run"};
    struct table points;
    int n_places = 0;
    cr_assert(results_points(path, &summary, "layer*/gamma", 1, carried, &n_places, &points) == OK,
              "%s", status_message());
    cr_assert(n_places == 3, "%d places", n_places);
    cr_assert(points.n_rows == 5 * 2 * 3 * 4, "%d points", points.n_rows);
    int row = 12 + 4 + 2; /* first run, layer 1, second epoch, third unit */
    cr_assert(table_find(&points, "layer")->integers[row] == 1, "layer");
    cr_assert(table_find(&points, "epoch")->integers[row] == 2, "epoch");
    cr_assert(table_find(&points, "unit")->integers[row] == 2, "unit");
    struct record record;
    sample_record(0, &record);
    const struct series *series = record_find_series(&record, "layer1", "gamma");
    cr_assert(table_find(&points, "value")->reals[row] == ((const double *)series->data)[6],
              "value");
    record_free(&record);
    table_free(&points);
}

/* The last index runs fastest. */
Test(results, three_scales_make_three_columns) {
    static const long two[] = {7, 9}, three[] = {0, 1, 2};
    static const double momenta[] = {0.5, 0.9, 0.99, 0.999};
    double values[24];
    struct record record;
    struct table one, points;
    char file[192];
    int n_places = 0;
    sample_record(0, &record);
    for (int i = 0; i < 24; i++)
        values[i] = i / 8.0;
    const struct series all[] = {
        {"cube", "epoch", "1", "a", SERIES_I64, 1, {2}, {"epoch"}, two},
        {"cube", "momentum", "1", "b", SERIES_F64, 1, {4}, {"momentum"}, momenta},
        {"cube", "average", "1", "c", SERIES_I64, 1, {3}, {"average"}, three},
        {"cube",
         "error",
         "1",
         "d",
         SERIES_F64,
         3,
         {2, 4, 3},
         {"epoch", "momentum", "average"},
         values},
    };
    for (int i = 0; i < 4; i++)
        record_add_series(&record, &all[i]);
    snprintf(record.id, sizeof record.id, "rcccccccccccc");
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    snprintf(file, sizeof file, "%s/%s.h5", folder, record.id);
    cr_assert(store_read_summary(file, &one) == OK, "%s", status_message());
    cr_assert(results_points(file, &one, "cube/error", 0, NULL, &n_places, &points) == OK, "%s",
              status_message());
    cr_assert(n_places == 3 && points.n_rows == 24, "%d places, %d points", n_places,
              points.n_rows);
    for (int i = 0; i < 24; i++)
        cr_assert(table_find(&points, "epoch")->integers[i] == two[i / 12] &&
                      table_find(&points, "momentum")->reals[i] == momenta[i / 3 % 4] &&
                      table_find(&points, "average")->integers[i] == i % 3 &&
                      table_find(&points, "value")->reals[i] == i / 8.0,
                  "point %d lies elsewhere", i);
    record_free(&record);
    table_free(&one);
    table_free(&points);
}

Test(results, a_scalar_has_no_place_and_whole_numbers_stay_whole) {
    struct table points;
    int n_places = 9;
    cr_assert(results_points(path, &summary, "data/shift", 0, NULL, &n_places, &points) == OK, "%s",
              status_message());
    cr_assert(n_places == 0 && points.n_rows == SAMPLE_RUNS, "%d points", points.n_rows);
    table_free(&points);
    cr_assert(results_points(path, &summary, "epoch/steps", 0, NULL, &n_places, &points) == OK,
              "%s", status_message());
    cr_assert(table_find(&points, "value")->type == TYPE_INT, "a count became a real");
    cr_assert(table_find(&points, "value")->integers[2] == 7, "steps");
    table_free(&points);
}

Test(results, an_unknown_series_or_column_is_refused) {
    const char *const carried[] = {"norm.kid"};
    struct table points = {0};
    int n_places;
    enum status status =
        results_points(path, &summary, "epoch/test_eror", 0, NULL, &n_places, &points);
    cr_assert(status == ERROR_USAGE, "status %d", status);
    cr_assert(strstr(status_message(), "did you mean 'epoch/test_error'?"), "%s", status_message());
    status = results_points(path, &summary, "epoch/test_error", 1, carried, &n_places, &points);
    cr_assert(status == ERROR_USAGE, "status %d", status);
    cr_assert(strstr(status_message(), "did you mean 'norm.kind'?"), "%s", status_message());
    cr_assert(points.n_columns == 0, "the output was touched");
}

/* Bit patterns of wrong rows (rows/wrong) are whole numbers of 64 bits. */
Test(results, whole_numbers_are_whole_to_the_last_digit) {
    static const long values[] = {LONG_MIN, -1, 9007199254740993, LONG_MAX, 0};
    const char *const carried[] = {"run"};
    struct table points, own;
    struct record record;
    int n_places;
    char file[128];
    sample_record(0, &record);
    record_add_count(&record, "rows", "word", "", 5, 0);
    const struct series rows = {"rows", "wrong", "1", "bits", SERIES_I64, 1, {5}, {"word"}, values};
    record_add_series(&record, &rows);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    snprintf(file, sizeof file, "%s/%s.h5", folder, record.id);
    cr_assert(store_read_summary(file, &own) == OK, "%s", status_message());
    cr_assert(!results_points(file, &own, "rows/wrong", 1, carried, &n_places, &points), "%s",
              status_message());
    const struct column *column = table_find(&points, "value");
    cr_assert(points.n_rows == 5 && column->type == TYPE_INT, "%d rows", points.n_rows);
    for (int i = 0; i < 5; i++)
        cr_assert(column->integers[i] == values[i], "%ld, not %ld", column->integers[i], values[i]);
    table_free(&points);
    table_free(&own);
    record_free(&record);
}
