/* Columns that float32 is too coarse for, from IDX files to the rows of a mini-batch. */
#include <math.h>

#include "engine/data/dataset.h"
#include "engine/format/distances.h"
#include "engine/format/idx.h"
#include "tests/engine/data/idx_files.h"

enum { N = 60, N_TEST = 5, F = 2 };

static double day_s;

/* Column 0: seconds since 1970, of one minute; column 1: what float32 holds well enough. */
static double value_of(int row, int column) {
    return column == 0 ? 1.7e9 + day_s + row * 37 % 60 : 0.1 * row;
}

static void add_double(struct content *content, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int byte = 7; byte >= 0; byte--)
        content_add(content, (uint8_t[]){(uint8_t)(bits >> 8 * byte)}, 1);
}

static void add_integer(struct content *content, double value) {
    uint32_t bits = (uint32_t)(int32_t)value;
    for (int byte = 3; byte >= 0; byte--)
        content_add(content, (uint8_t[]){(uint8_t)(bits >> 8 * byte)}, 1);
}

static struct content make_images(enum idx_type type, int first, int n) {
    struct content content = idx_header((int)type, 2, (uint32_t[]){(uint32_t)n, F});
    for (int i = first; i < first + n; i++)
        for (int j = 0; j < F; j++)
            (type == IDX_F64 ? add_double : add_integer)(&content, value_of(i, j));
    return content;
}

static struct data_source *load(enum idx_type type) {
    struct folder folder = folder_create();
    struct content contents[] = {make_images(type, 0, N), labels_u8(N, 3),
                                 make_images(type, N, N_TEST), labels_u8(N_TEST, 3)};
    static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    for (int i = 0; i < 4; i++)
        folder_write(&folder, names[i], &contents[i]);
    const struct data_config config = {.name = DATA_IDX, .dir = folder.path};
    struct data_source *source = NULL;
    cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
    folder_remove(&folder);
    return source;
}

static struct data_config scaled(enum data_scale scale) {
    return (struct data_config){.scale = scale, .train = N, .test = -1, .rescale_factor = 1};
}

/* Against the same in double. */
static void assert_scaled(const struct data_source *source, enum data_part part, int first, int n) {
    struct data_config config = scaled(SCALE_STANDARDIZE_FEATURES);
    struct dataset *dataset;
    struct target targets[N];
    float x[N * F];
    cr_assert(dataset_create(&config, source, &dataset) == OK, "%s", status_message());
    dataset_gather(dataset, part, NULL, 0, 0, (struct span){0, n}, x, targets);
    for (int j = 0; j < F; j++) {
        double mean = 0, variance = 0;
        for (int i = 0; i < N; i++)
            mean += value_of(i, j) / N;
        for (int i = 0; i < N; i++)
            variance += pow(value_of(i, j) - mean, 2) / N;
        for (int i = 0; i < n; i++) {
            double expected = (value_of(first + i, j) - mean) / sqrt(variance);
            cr_assert(fabs((double)x[i * F + j] - expected) < 3e-6, "row %d, column %d: %g, not %g",
                      i, j, (double)x[i * F + j], expected);
        }
    }
    dataset_free(dataset);
}

Test(distances, seconds_since_1970_are_scaled_as_in_double) {
    struct data_source *source = load(IDX_F64);
    cr_assert(source->origins, "no origins");
    cr_expect(fabs(source->origins[0] - 1.7e9) < 60, "origin %g", source->origins[0]);
    cr_expect(source->origins[1] == 0, "column 1 became distances");
    cr_expect(source->train_values[3 * F + 1] == (float)value_of(3, 1), "column 1 has other bits");
    assert_scaled(source, PART_TRAIN, 0, N);
    assert_scaled(source, PART_TEST, N, N_TEST);
    data_source_free(source);
}

Test(distances, integers_too) {
    struct data_source *source = load(IDX_I32);
    cr_assert(source->origins, "no origins");
    struct data_config config = scaled(SCALE_STANDARDIZE_FEATURES);
    struct dataset *dataset;
    cr_assert(dataset_create(&config, source, &dataset) == OK, "%s", status_message());
    struct target targets[N];
    float x[N * F];
    dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, N}, x, targets);
    for (int i = 1; i < N; i++)
        cr_assert((x[i * F] > x[0]) == (value_of(i, 0) > value_of(0, 0)), "row %d: %g", i,
                  (double)x[i * F]);
    dataset_free(dataset);
    data_source_free(source);
}

/* A day later the distances are the same. */
Test(distances, origins_are_part_of_the_hash) {
    struct data_source *today = load(IDX_I32);
    day_s = 86400;
    struct data_source *tomorrow = load(IDX_I32);
    for (int i = 0; i < N; i++)
        cr_assert(today->train_values[i * F] == tomorrow->train_values[i * F], "row %d", i);
    cr_expect(strcmp(today->hash, tomorrow->hash) != 0, "the same hash");
    data_source_free(today);
    data_source_free(tomorrow);
}

Test(distances, what_takes_no_means_away_is_refused) {
    struct data_source *source = load(IDX_F64);
    static const enum data_scale scales[] = {SCALE_NONE, SCALE_UNIT, SCALE_STANDARDIZE};
    for (int i = 0; i < 3; i++) {
        struct data_config config = scaled(scales[i]);
        struct dataset *dataset = NULL;
        ASSERT_FAILURE("scale", dataset_create(&config, source, &dataset), ERROR_USAGE,
                       "data.scale", "column 0", "float32 cannot hold", "standardize_features");
    }
    data_source_free(source);
}

/* ---- which columns ---- */

static double *origins_of(size_t n, const double *values) {
    double *origins = NULL;
    cr_assert(distances_origins(n, 1, values, &origins) == OK, "%s", status_message());
    return origins;
}

Test(distances, what_float32_holds_stays_as_it_is) {
    cr_expect(!origins_of(3, (double[]){0.1, 0.2, 0.7}), "fractions");
    cr_expect(!origins_of(3, (double[]){16777216, 16777215, -5}), "integers of 24 bits");
    cr_expect(!origins_of(3, (double[]){0.1, 0.1, 0.1}), "a constant");
    cr_expect(!origins_of(3, (double[]){1e9, 1e9 + 1e7, 1e9 - 1e7}), "seconds of months");
    cr_expect(!origins_of(1, (double[]){16777217}), "one row");
}

Test(distances, what_float32_cannot_hold_has_an_origin) {
    double *origins = origins_of(2, (double[]){16777216, 16777217});
    cr_assert(origins && origins[0] == 16777216.5, "two neighbours");
    float values[2];
    cr_assert(distances_take(2, 1, (double[]){16777216, 16777217}, origins, values) == OK);
    cr_expect(values[0] == -0.5f && values[1] == 0.5f, "%g %g", (double)values[0],
              (double)values[1]);
    free(origins);
}

Test(distances, what_no_origin_helps_is_refused) {
    double *origins = NULL;
    const double small[] = {1e-50, 2e-50, 3e-50};
    ASSERT_FAILURE("small", distances_origins(3, 1, small, &origins), ERROR_DATA, "column 0",
                   "closer together than float32 can tell");
    cr_expect(!origins, "touched");
    float value;
    ASSERT_FAILURE("large", distances_take(1, 1, (double[]){1e300}, NULL, &value), ERROR_DATA,
                   "row 0, column 0", "not a finite number in float32");
}
