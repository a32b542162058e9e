#include "tests/engine/data/idx_files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/data/dataset.h"

TestSuite(source);

static const char *const file_names[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                          "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/* Four good files: 12 training and 6 test rows of 2x3 bytes, 3 classes. */
static void fill_contents(struct content contents[4]) {
    contents[0] = images_u8(12, 3);
    contents[1] = labels_u8(12, 3);
    contents[2] = images_u8(6, 90);
    contents[3] = labels_u8(6, 3);
}

static void write_files(const struct folder *folder, const struct content contents[4],
                        const char *ending) {
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", file_names[i], ending);
        folder_write(folder, name, &contents[i]);
    }
}

static struct data_config idx_config(const char *dir) {
    return (struct data_config){
        .name = DATA_IDX, .dir = dir, .train = -1, .test = -1, .rescale_factor = 1};
}

static enum status load_contents(const struct content contents[4]) {
    struct folder folder = folder_create();
    write_files(&folder, contents, "");
    struct data_config config = idx_config(folder.path);
    struct data_source *source = NULL;
    enum status status = data_source_load(&config, &source);
    cr_assert((!status) == (source != NULL), "status %d, but a source of %p", status,
              (void *)source);
    data_source_free(source);
    folder_remove(&folder);
    return status;
}

Test(source, folder_plain_and_gzip_are_the_same) {
    struct content contents[4];
    fill_contents(contents);
    char hash[2][33];
    for (int gz = 0; gz < 2; gz++) {
        struct folder folder = folder_create();
        write_files(&folder, contents, gz ? ".gz" : "");
        struct data_config config = idx_config(folder.path);
        struct data_source *source;
        cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
        cr_assert(source->n_train_rows == 12 && source->n_test_rows == 6, "wrong number of rows");
        cr_assert(source->n_features == 6 && source->n_classes == 3, "wrong shape");
        cr_assert(!memcmp(source->train_bytes, contents[0].bytes + 16, 72), "training pixels");
        cr_assert(!memcmp(source->train_labels, contents[1].bytes + 8, 12), "training labels");
        cr_assert(!memcmp(source->test_bytes, contents[2].bytes + 16, 36), "test pixels");
        cr_assert(!memcmp(source->test_labels, contents[3].bytes + 8, 6), "test labels");
        memcpy(hash[gz], source->hash, 33);
        data_source_free(source);
        folder_remove(&folder);
    }
    cr_assert(strlen(hash[0]) == 32 && !strcmp(hash[0], hash[1]), "%s, with gzip %s", hash[0],
              hash[1]);
}

static void load_hash(const struct content contents[4], char hash[33]) {
    struct folder folder = folder_create();
    write_files(&folder, contents, "");
    struct data_config config = idx_config(folder.path);
    struct data_source *source;
    cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
    memcpy(hash, source->hash, 33);
    data_source_free(source);
    folder_remove(&folder);
}

/* n images of one pixel. */
static struct content column_u8(uint32_t n, const uint8_t *pixels) {
    struct content content = idx_header(0x08, 2, (uint32_t[]){n, 1});
    content_add(&content, pixels, n);
    return content;
}

Test(source, hash_covers_values_labels_and_shapes) {
    struct content contents[4];
    char before[33], after[33];
    fill_contents(contents);
    load_hash(contents, before);
    for (int i = 0; i < 4; i++) {
        fill_contents(contents);
        contents[i].bytes[contents[i].size - 1] ^= 2;
        load_hash(contents, after);
        cr_assert(strcmp(before, after) != 0, "%s: no part of the hash", file_names[i]);
    }
    /* One stream of bytes, 5 6 0 1 | 0 1 0 1 | 0 1 | 0 1, as 4 + 2 rows and as 2 + 4 rows. */
    struct content contents_42[4] = {column_u8(4, (uint8_t[]){5, 6, 0, 1}), labels_u8(4, 2),
                                     column_u8(2, (uint8_t[]){0, 1}), labels_u8(2, 2)};
    struct content contents_24[4] = {column_u8(2, (uint8_t[]){5, 6}), labels_u8(2, 2),
                                     column_u8(4, (uint8_t[]){0, 1, 0, 1}), labels_u8(4, 2)};
    load_hash(contents_42, before);
    load_hash(contents_24, after);
    cr_assert(strcmp(before, after) != 0, "the shape is no part of the hash");
}

Test(source, other_names) {
    const char *const others[3][4] = {
        {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "test-images-idx3-ubyte",
         "test-labels-idx1-ubyte.gz"},
        {"train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz", "t10k-images.idx3-ubyte.gz",
         "t10k-labels.idx1-ubyte"},
        {"train-images.idx.gz", "train-labels.idx", "test-images.idx", "test-labels.idx.gz"}};
    struct content contents[4];
    fill_contents(contents);
    for (int set = 0; set < 3; set++) {
        struct folder folder = folder_create();
        for (int i = 0; i < 4; i++)
            folder_write(&folder, others[set][i], &contents[i]);
        struct data_config config = idx_config(folder.path);
        struct data_source *source;
        cr_assert(data_source_load(&config, &source) == OK, "set %d: %s", set, status_message());
        data_source_free(source);
        folder_remove(&folder);
    }
}

Test(source, a_copy_beside_a_file_must_hold_the_same) {
    struct content contents[4];
    struct folder folder = folder_create();
    struct data_source *source;
    fill_contents(contents);
    write_files(&folder, contents, "");
    write_files(&folder, contents, ".gz");
    struct data_config config = idx_config(folder.path);
    cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
    data_source_free(source);
    for (int i = 0; i < 4; i++) {
        fill_contents(contents);
        contents[i].bytes[contents[i].size - 1] ^= 2;
        write_files(&folder, contents, ".gz");
        cr_assert(data_source_load(&config, &source) == ERROR_DATA, "%s", file_names[i]);
        cr_expect(strstr(status_message(), file_names[i]) &&
                      strstr(status_message(), "hold different data; remove the one not meant"),
                  "%s", status_message());
    }
    folder_remove(&folder);
}

Test(source, a_folder_may_begin_with_the_home_folder) {
    static const char *const written[] = {"~/data", "$HOME/data", "${HOME}/data"};
    struct content contents[4];
    struct folder folder = folder_create();
    struct data_source *source;
    char home[4096];
    fill_contents(contents);
    write_files(&folder, contents, "");
    snprintf(home, sizeof home, "%s/home", folder.path);
    cr_assert(!mkdir(home, 0700));
    cr_assert(!setenv("HOME", home, 1));
    strcat(home, "/data");
    cr_assert(!symlink(folder.path, home));
    for (int i = 0; i < 3; i++) {
        struct data_config config = idx_config(written[i]);
        cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
        data_source_free(source);
    }
    struct data_config config = idx_config("$HOMES/data");
    cr_expect(data_source_load(&config, &source) == ERROR_DATA, "$HOMES was read as HOME");
    cr_assert(!unsetenv("HOME"));
    config = idx_config("~/data");
    cr_expect(data_source_load(&config, &source) == ERROR_USAGE, "without a home");
    cr_expect(strstr(status_message(), "HOME is not set"), "%s", status_message());
    cr_assert(!unlink(home));
    *strrchr(home, '/') = '\0';
    cr_assert(!rmdir(home));
    folder_remove(&folder);
}

Test(source, float_images) {
    struct content contents[4];
    fill_contents(contents);
    contents[0] = idx_header(0x09, 2, (uint32_t[]){12, 2});
    content_add(&contents[0], (uint8_t[24]){1, 0xff, 3}, 24);
    contents[2] = idx_header(0x09, 2, (uint32_t[]){6, 2});
    content_add(&contents[2], (uint8_t[12]){0x80}, 12);
    struct folder folder = folder_create();
    write_files(&folder, contents, "");
    struct data_config config = idx_config(folder.path);
    struct data_source *source;
    cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
    cr_assert(!source->train_bytes && !source->test_bytes, "bytes beside floats");
    cr_assert((int)source->train_values[1] == -1 && (int)source->test_values[0] == -128, "values");
    data_source_free(source);
    folder_remove(&folder);
}

Test(source, label_out_of_range) {
    struct content contents[4];
    fill_contents(contents);
    contents[3].bytes[8 + 4] = 3;
    ASSERT_FAILURE("test label", load_contents(contents), ERROR_DATA, "t10k-labels-idx1-ubyte",
                   "row 4", "label 3", "0 to 2");
    fill_contents(contents);
    contents[1] = labels_u8(12, 1);
    ASSERT_FAILURE("one class", load_contents(contents), ERROR_DATA, "train-labels-idx1-ubyte",
                   "two classes");
}

/* One damaged label must not add classes: each one up to the largest has to occur. */
Test(source, labels_with_gaps) {
    struct content contents[4];
    fill_contents(contents);
    contents[1].bytes[8 + 7] = 200;
    contents[1].bytes[8 + 9] = 200;
    ASSERT_FAILURE("stray", load_contents(contents), ERROR_DATA, "train-labels-idx1-ubyte",
                   "row 7: label 200, but no row has labels 3 to 199;", "damaged");
    contents[1].bytes[8 + 11] = 4;
    ASSERT_FAILURE("the first gap", load_contents(contents), ERROR_DATA, "train-labels-idx1-ubyte",
                   "row 11: label 4, but no row has label 3;");
    fill_contents(contents);
    for (int i = 0; i < 12; i++)
        contents[1].bytes[8 + i]++;
    ASSERT_FAILURE("from 1", load_contents(contents), ERROR_DATA, "train-labels-idx1-ubyte",
                   "row 0: label 1, but no row has label 0;", "labels are 0, 1, 2, ...");
    for (int i = 0; i < 12; i++)
        contents[1].bytes[8 + i] = 255;
    ASSERT_FAILURE("255 alone", load_contents(contents), ERROR_DATA, "train-labels-idx1-ubyte",
                   "row 0: label 255, but no row has labels 0 to 254;");
}

Test(source, classes_fill_a_byte) {
    struct content contents[4];
    fill_contents(contents);
    contents[0] = images_u8(256, 3);
    contents[1] = labels_u8(256, 256);
    contents[3].bytes[8 + 4] = 255; /* in the test part one class is enough */
    cr_assert(load_contents(contents) == OK, "256 classes are allowed: %s", status_message());
}

Test(source, counts_that_differ) {
    struct content contents[4];
    fill_contents(contents);
    contents[1] = labels_u8(11, 3);
    ASSERT_FAILURE("training", load_contents(contents), ERROR_DATA, "train-images-idx3-ubyte",
                   "12 rows", "train-labels-idx1-ubyte", "11 targets");
    fill_contents(contents);
    contents[2] = images_u8(7, 3);
    ASSERT_FAILURE("test", load_contents(contents), ERROR_DATA, "t10k-images-idx3-ubyte", "7 rows",
                   "t10k-labels-idx1-ubyte", "6 targets");
}

Test(source, test_images_of_another_kind) {
    struct content contents[4];
    fill_contents(contents);
    contents[2] = idx_header(0x08, 2, (uint32_t[]){6, 5});
    content_add(&contents[2], (uint8_t[30]){0}, 30);
    ASSERT_FAILURE("width", load_contents(contents), ERROR_DATA, "t10k-images-idx3-ubyte",
                   "rows of 5", "rows of 6");
    contents[2] = idx_header(0x09, 2, (uint32_t[]){6, 6});
    content_add(&contents[2], (uint8_t[36]){0}, 36);
    ASSERT_FAILURE("type", load_contents(contents), ERROR_DATA, "t10k-images-idx3-ubyte",
                   "signed bytes", "unsigned bytes");
}

Test(source, each_file_is_checked) {
    for (int i = 0; i < 4; i++) {
        struct content contents[4];
        fill_contents(contents);
        contents[i].size--;
        ASSERT_FAILURE("cut", load_contents(contents), ERROR_DATA, file_names[i], "cut off");
        contents[i].size += 2;
        ASSERT_FAILURE("long", load_contents(contents), ERROR_DATA, file_names[i], "goes on");
    }
}

Test(source, missing_file_or_folder) {
    struct folder folder = folder_create();
    struct content contents[4];
    fill_contents(contents);
    struct data_source *source = NULL;
    struct data_config config = idx_config(folder.path);
    ASSERT_FAILURE("empty folder", data_source_load(&config, &source), ERROR_DATA, folder.path,
                   "train-images-idx3-ubyte", ".gz", "data.dir");
    write_files(&folder, contents, "");
    remove(folder_path(&folder, file_names[3]));
    ASSERT_FAILURE("one missing", data_source_load(&config, &source), ERROR_DATA, folder.path,
                   "t10k-labels-idx1-ubyte");
    config.dir = folder_path(&folder, file_names[0]);
    ASSERT_FAILURE("a file", data_source_load(&config, &source), ERROR_DATA, config.dir,
                   "not a folder", "data.dir");
    config.dir = "/nonexistent/normlab";
    ASSERT_FAILURE("no folder", data_source_load(&config, &source), ERROR_DATA,
                   "/nonexistent/normlab", "No such file", "data.dir");
    config.name = DATA_FASHION_MNIST;
    ASSERT_FAILURE("fashion", data_source_load(&config, &source), ERROR_DATA,
                   "/nonexistent/normlab", "apt-get install dataset-fashion-mnist", "data.dir");
    config = idx_config("");
    ASSERT_FAILURE("no dir", data_source_load(&config, &source), ERROR_USAGE, "data.dir: is empty");
    cr_assert(source == NULL, "a source from nothing");
    folder_remove(&folder);
}

Test(source, same) {
    struct data_config a = idx_config("x"), b = idx_config("x");
    b.scale = SCALE_UNIT;
    b.train = 10;
    b.seed = 3;
    cr_assert(data_source_same(&a, &b), "split, scaling and an unused key make another source");
    b.dir = "y";
    cr_assert(!data_source_same(&a, &b), "two folders are one source");
    a.name = DATA_FASHION_MNIST;
    a.dir = "y";
    cr_assert(data_source_same(&a, &b), "two names of one folder's four IDX files");
    a.name = DATA_NPY;
    cr_assert(!data_source_same(&a, &b), "two formats of a folder are one source");
    b.name = DATA_NPY;
    b.header = true;
    cr_assert(data_source_same(&a, &b), "npy has no header");
    b.targets = TARGETS_NUMBERS;
    cr_assert(!data_source_same(&a, &b), "classes and numbers are one source");
    a.targets = TARGETS_NUMBERS;
    a.name = b.name = DATA_CSV;
    cr_assert(!data_source_same(&a, &b), "with and without a header one source");
    b.header = false;
    b.target = "x";
    cr_assert(!data_source_same(&a, &b), "two targets are one source");
    a.target = "x";
    cr_assert(data_source_same(&a, &b), "one table is two sources");
    a.name = b.name = DATA_LETTERS;
    b.target = "z";
    b.header = true;
    b.targets = TARGETS_CLASSES;
    cr_assert(data_source_same(&a, &b), "keys that letters does not read make another source");
    b.name = DATA_SATELLITE;
    cr_assert(data_source_same(&a, &b), "two names of one folder's two tables");
    b.name = DATA_DIGITS;
    cr_assert(!data_source_same(&a, &b), "with and without a header one source");
    b = a;
    b.name = DATA_CSV;
    b.target = "0";
    cr_assert(!data_source_same(&a, &b), "two targets are one source, as letters and csv");
    a = b = (struct data_config){
        .name = DATA_CLUSTERS, .classes = 3, .features = 4, .rows = 5, .test_rows = 6};
    cr_assert(data_source_same(&a, &b), "equal clusters are two sources");
    b.seed = 1;
    cr_assert(!data_source_same(&a, &b), "two seeds are one source");
    b.seed = 0;
    b.features = 5;
    cr_assert(!data_source_same(&a, &b), "two widths are one source");
    a.name = b.name = DATA_SPIRALS;
    cr_assert(data_source_same(&a, &b), "spirals have no number of features");
    a.name = DATA_IDX;
    cr_assert(!data_source_same(&a, &b), "two names are one source");
}

Test(source, fashion_mnist) {
    struct data_config config = {.name = DATA_FASHION_MNIST,
                                 .dir = "",
                                 .scale = SCALE_STANDARDIZE,
                                 .train = -1,
                                 .test = -1,
                                 .rescale_factor = 1};
    struct data_source *source = NULL;
    if (data_source_load(&config, &source)) {
        cr_assert(strstr(status_message(), "apt-get install dataset-fashion-mnist") != NULL, "%s",
                  status_message());
        cr_skip_test("the package dataset-fashion-mnist is not installed");
    }
    cr_assert(source->n_train_rows == 60000 && source->n_test_rows == 10000, "rows");
    cr_assert(source->n_features == 784 && source->n_classes == 10, "shape");
    /* Part of every run's identity: another value here makes all results on disk strangers. */
    cr_assert(!strcmp(source->hash, "9f6ce4981e9837dd8c1b1726690ebe7c"), "hash %s", source->hash);
    struct dataset *dataset;
    cr_assert(dataset_create(&config, source, &dataset) == OK, "%s", status_message());
    long train[10], test[10];
    dataset_class_counts(dataset, PART_TRAIN, 60000, train);
    dataset_class_counts(dataset, PART_TEST, 10000, test);
    for (int k = 0; k < 10; k++)
        cr_assert(train[k] == 6000 && test[k] == 1000, "class %d: %ld and %ld rows", k, train[k],
                  test[k]);
    double mean = (double)dataset->shift[0] / 255, deviation = 1 / (double)dataset->factor[0] / 255;
    cr_assert(mean > 0.286035 && mean < 0.286045, "mean %.6f instead of 0.28604", mean);
    cr_assert(deviation > 0.353015 && deviation < 0.353035, "deviation %.6f instead of 0.35302",
              deviation);
    dataset_free(dataset);
    data_source_free(source);
}
