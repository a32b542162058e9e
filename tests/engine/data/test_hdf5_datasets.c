/* An HDF5 file of four datasets, as other programs write them. */
#include "tests/engine/data/idx_files.h"

#include <hdf5.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/data/source.h"

TestSuite(hdf5_datasets);

enum { F = 6, N = 12, N_TEST = 6, DEFLATED = 1 };

static struct folder folder;
static const char *path;
static hid_t file;

static void begin(void) {
    static char text[512];
    folder = folder_create();
    path = strcpy(text, folder_path(&folder, "data.h5"));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    cr_assert(file >= 0);
}

static void put_as(const char *name, hid_t type, hid_t memory, int n_dims, const hsize_t *dims,
                   const void *data, bool deflated) {
    hid_t space = H5Screate_simple(n_dims, dims, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    if (deflated) {
        H5Pset_chunk(how, n_dims, dims);
        H5Pset_shuffle(how);
        H5Pset_deflate(how, 4);
    }
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    cr_assert(dataset >= 0, "%s", name);
    if (data)
        cr_assert(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, "%s", name);
    H5Dclose(dataset);
    H5Pclose(how);
    H5Sclose(space);
}

/* Two chunks, of which the writer has written one. */
static void put_half(const char *name) {
    const hsize_t dims[] = {N, F}, chunk[] = {N / 2, F}, from[] = {0, 0};
    static const uint8_t zeros[N * F];
    hid_t space = H5Screate_simple(2, dims, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    hid_t half = H5Screate_simple(2, chunk, NULL);
    H5Pset_chunk(how, 2, chunk);
    hid_t dataset = H5Dcreate2(file, name, H5T_STD_U8LE, space, H5P_DEFAULT, how, H5P_DEFAULT);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, chunk, NULL);
    cr_assert(H5Dwrite(dataset, H5T_STD_U8LE, half, space, H5P_DEFAULT, zeros) >= 0, "%s", name);
    H5Dclose(dataset);
    H5Sclose(half);
    H5Pclose(how);
    H5Sclose(space);
}

static void put(const char *name, hid_t type, hsize_t n, hsize_t width, const void *data) {
    put_as(name, type, type, width ? 2 : 1, (hsize_t[]){n, width}, data, false);
}

static const uint8_t *pixels(int which) {
    static struct content contents[2];
    contents[which] = which ? images_u8(N_TEST, 90) : images_u8(N, 3);
    return contents[which].bytes + 16;
}

static const int64_t classes[N] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};

static void put_all_but(const char *left_out) {
    if (strcmp(left_out, "X_train") != 0)
        put_as("X_train", H5T_STD_U8LE, H5T_NATIVE_UCHAR, 3, (hsize_t[]){N, 2, 3}, pixels(0),
               DEFLATED);
    if (strcmp(left_out, "y_train") != 0)
        put_as("y_train", H5T_STD_I16BE, H5T_NATIVE_INT64, 1, (hsize_t[]){N}, classes, false);
    if (strcmp(left_out, "X_test") != 0)
        put("X_test", H5T_STD_U8LE, N_TEST, F, pixels(1));
    if (strcmp(left_out, "y_test") != 0)
        put_as("y_test", H5T_IEEE_F32LE, H5T_NATIVE_INT64, 1, (hsize_t[]){N_TEST}, classes,
               DEFLATED);
}

static enum status load_of(enum data_name name, const char *dir, struct data_source **source) {
    const struct data_config config = {.name = name, .dir = dir};
    return data_source_load(&config, source);
}

static void end_bad(const char *word, const char *word2) {
    struct data_source *source = NULL;
    cr_assert(H5Fclose(file) >= 0);
    ASSERT_FAILURE(word, load_of(DATA_HDF5, path, &source), ERROR_DATA, path, word, word2);
    cr_assert(!source, "%s: a source from nothing", word);
    folder_remove(&folder);
}

Test(hdf5_datasets, the_same_as_idx) {
    static const char *const idx_names[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                             "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    const struct content contents[4] = {images_u8(N, 3), labels_u8(N, 3), images_u8(N_TEST, 90),
                                        labels_u8(N_TEST, 3)};
    struct data_source *hdf5, *idx;
    begin();
    for (int i = 0; i < 4; i++)
        folder_write(&folder, idx_names[i], &contents[i]);
    put_all_but("");
    cr_assert(H5Fclose(file) >= 0);
    cr_assert(load_of(DATA_HDF5, path, &hdf5) == OK, "%s", status_message());
    cr_assert(load_of(DATA_IDX, folder.path, &idx) == OK, "%s", status_message());
    cr_expect(!strcmp(hdf5->hash, idx->hash), "%s and %s", hdf5->hash, idx->hash);
    data_source_free(hdf5);
    data_source_free(idx);
    folder_remove(&folder);
}

Test(hdf5_datasets, every_type) {
    const hid_t types[] = {H5T_STD_I8LE,   H5T_STD_U16LE,  H5T_STD_I16BE,  H5T_STD_U32LE,
                           H5T_STD_I32BE,  H5T_STD_U64BE,  H5T_STD_I64LE,  H5T_IEEE_F32BE,
                           H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_IEEE_F64LE, H5T_STD_U8BE};
    int values[N * F];
    for (int i = 0; i < N * F; i++)
        values[i] = i % 101;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct data_source *source;
        begin();
        put_as("X_train", types[t], H5T_NATIVE_INT, 2, (hsize_t[]){N, F}, values, t % 2);
        put_as("X_test", types[t], H5T_NATIVE_INT, 2, (hsize_t[]){N_TEST, F}, values, t % 2);
        put("y_train", H5T_NATIVE_INT64, N, 0, classes);
        put("y_test", H5T_NATIVE_INT64, N_TEST, 0, classes);
        cr_assert(H5Fclose(file) >= 0);
        cr_assert(load_of(DATA_HDF5, path, &source) == OK, "type %zu: %s", t, status_message());
        for (int i = 0; i < N * F; i++) {
            int value = source->train_bytes ? source->train_bytes[i] : (int)source->train_values[i];
            cr_assert(value == values[i], "type %zu, value %d: %d", t, i, value);
        }
        data_source_free(source);
        folder_remove(&folder);
    }
}

/* More than is read at once, and no whole number of that. */
Test(hdf5_datasets, wide_rows) {
    enum { WIDTH = 200000 };
    int16_t *values = malloc(N * WIDTH * sizeof *values);
    struct data_source *source;
    for (int i = 0; i < N * WIDTH; i++)
        values[i] = (int16_t)(i * 7);
    begin();
    put_as("X_train", H5T_STD_I16BE, H5T_NATIVE_SHORT, 2, (hsize_t[]){N, WIDTH}, values, DEFLATED);
    put("X_test", H5T_NATIVE_SHORT, N_TEST, WIDTH, values);
    put("y_train", H5T_NATIVE_INT64, N, 0, classes);
    put("y_test", H5T_NATIVE_INT64, N_TEST, 0, classes);
    cr_assert(H5Fclose(file) >= 0);
    cr_assert(load_of(DATA_HDF5, path, &source) == OK, "%s", status_message());
    for (int i = 0; i < N * WIDTH; i++)
        cr_assert((int)source->train_values[i] == values[i], "value %d", i);
    for (int i = 0; i < N_TEST * WIDTH; i++)
        cr_assert((int)source->test_values[i] == values[i], "test value %d", i);
    data_source_free(source);
    free(values);
    folder_remove(&folder);
}

Test(hdf5_datasets, names) {
    begin();
    put_all_but("y_test");
    end_bad("has no dataset y_test, Y_test", "test_labels");
    begin();
    put_all_but("");
    put("x_train", H5T_STD_U8LE, N, F, pixels(0));
    end_bad("both 'X_train' and 'x_train'", "remove");
    begin();
    put_all_but("X_train");
    cr_assert(H5Lcreate_soft("/y_train", file, "X_train", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    end_bad("'X_train' is a link to another place", "does not follow");
    begin();
    put_all_but("X_train");
    hid_t group = H5Gcreate2(file, "X_train", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
    end_bad("'X_train'", "dataset");
}

/* Where a B-tree of chunks, such as packed datasets have, says how many bytes the first fills. */
static long chunk_size_place(FILE *raw) {
    static uint8_t bytes[1 << 16];
    enum { HEAD = 24, CHUNKS = 1 };
    size_t n = fread(bytes, 1, sizeof bytes, raw), at = 0;
    while (at + HEAD < n && (memcmp(bytes + at, "TREE", 4) != 0 || bytes[at + 4] != CHUNKS))
        at++;
    cr_assert(at + HEAD < n, "no chunks");
    return (long)at + HEAD;
}

/* HDF5 asks for as many bytes as the file says. */
Test(hdf5_datasets, a_chunk_larger_than_the_file) {
    struct data_source *source = NULL;
    begin();
    put_all_but("");
    H5Fclose(file);
    FILE *raw = fopen(path, "r+b");
    cr_assert(raw && fseek(raw, chunk_size_place(raw), SEEK_SET) == 0);
    cr_assert(fwrite("\xe1\xff\xff\xff", 1, 4, raw) == 4 && fclose(raw) == 0);
    ASSERT_FAILURE("4 GiB", load_of(DATA_HDF5, path, &source), ERROR_DATA, ": dataset '",
                   "its values fill more than the file");
    folder_remove(&folder);
}

Test(hdf5_datasets, what_no_array_of_numbers_is) {
    hid_t text = H5Tcopy(H5T_C_S1), text_of_any_size = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, 8);
    H5Tset_size(text_of_any_size, H5T_VARIABLE);
    const hid_t types[] = {text, text_of_any_size, H5T_STD_B8LE, H5T_STD_REF_OBJ};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        begin();
        put_all_but("X_train");
        put_as("X_train", types[t], types[t], 2, (hsize_t[]){N, F}, NULL, false);
        end_bad("dataset 'X_train'", "holds no integers of 8 to 64 bits");
    }
    begin();
    put_all_but("X_train");
    put_as("X_train", H5T_STD_U8LE, H5T_STD_U8LE, 2, (hsize_t[]){N, F}, NULL, false);
    end_bad("dataset 'X_train'", "never written");
    begin();
    put_all_but("X_train");
    put_half("X_train");
    end_bad("dataset 'X_train'", "1 of its chunks were never written");
    begin();
    put_all_but("y_test");
    put_as("y_test", H5T_STD_U8LE, H5T_STD_U8LE, 0, NULL, pixels(0), false);
    end_bad("dataset 'y_test'", "a single number");
    float values[N * F] = {0};
    values[9] = __builtin_inff();
    begin();
    put_all_but("X_train");
    put("X_train", H5T_NATIVE_FLOAT, N, F, values);
    end_bad("dataset 'X_train'", "row 1, column 3: not a finite number");
    begin();
    put_all_but("y_test");
    put("y_test", H5T_NATIVE_INT64, N_TEST - 1, 0, classes);
    end_bad("dataset 'y_test' has 5 targets", "dataset 'X_test' has 6 rows");
}

Test(hdf5_datasets, no_such_file) {
    struct data_source *source = NULL;
    struct content text = {0};
    begin();
    put_all_but("");
    H5Fclose(file);
    file_cut(path, 100);
    ASSERT_FAILURE("cut", load_of(DATA_HDF5, path, &source), ERROR_DATA, path);
    content_add(&text, "a,b\n1,2\n", 8);
    folder_write(&folder, "data.h5", &text);
    ASSERT_FAILURE("text", load_of(DATA_HDF5, path, &source), ERROR_DATA, path, "not an HDF5 file");
    ASSERT_FAILURE("folder", load_of(DATA_HDF5, folder.path, &source), ERROR_DATA, "directory");
    unlink(path);
    ASSERT_FAILURE("none", load_of(DATA_HDF5, path, &source), ERROR_DATA, path, "No such file");
    cr_assert(mkfifo(path, 0600) == 0);
    ASSERT_FAILURE("FIFO", load_of(DATA_HDF5, path, &source), ERROR_DATA, path, "not a file");
    ASSERT_FAILURE("empty", load_of(DATA_HDF5, "", &source), ERROR_USAGE, "data.dir", "name the");
    folder_remove(&folder);
}
