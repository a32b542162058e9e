#include "tests/engine/format/npy_content.h"

#include <sys/stat.h>

#include "engine/format/npy.h"

TestSuite(npy);

/* 1 2 3 4 5 6 of each type, little-endian. */
#define SIX(type)                                                                                  \
    &(type[]) {                                                                                    \
        1, 2, 3, 4, 5, 6                                                                           \
    }
static const struct {
    const char *code;
    enum number_type type;
    size_t size;
    const void *six;
} typed[] = {
    {"u1", NUMBER_U8, 1, SIX(uint8_t)},   {"i1", NUMBER_S8, 1, SIX(int8_t)},
    {"u2", NUMBER_U16, 2, SIX(uint16_t)}, {"i2", NUMBER_I16, 2, SIX(int16_t)},
    {"u4", NUMBER_U32, 4, SIX(uint32_t)}, {"i4", NUMBER_I32, 4, SIX(int32_t)},
    {"u8", NUMBER_U64, 8, SIX(uint64_t)}, {"i8", NUMBER_I64, 8, SIX(int64_t)},
    {"f4", NUMBER_F32, 4, SIX(float)},    {"f8", NUMBER_F64, 8, SIX(double)},
};

enum { TYPES = sizeof typed / sizeof *typed };

static void read_six(const struct folder *folder, const struct content *content,
                     const int expected[6]) {
    struct array array;
    cr_assert(npy_read(folder_write(folder, "x.npy", content), NULL, &array) == OK, "%s",
              status_message());
    cr_assert(array.n_rows == 2 && array.n_features == 3, "%ld x %d", array.n_rows,
              array.n_features);
    for (int i = 0; i < 6; i++) {
        int value = array.bytes ? array.bytes[i] : (int)array.values[i];
        cr_assert(value == expected[i], "%s, value %d: %d, not %d", number_type_name(array.type), i,
                  value, expected[i]);
    }
    array_free(&array);
}

Test(npy, every_type_both_ends_both_orders) {
    struct folder folder = folder_create();
    for (int t = 0; t < TYPES; t++) {
        uint8_t swapped[48];
        char code[8];
        size_t size = typed[t].size;
        for (size_t i = 0; i < 6 * size; i++)
            swapped[i] = ((const uint8_t *)typed[t].six)[i / size * size + size - 1 - i % size];
        snprintf(code, sizeof code, "%c%s", size > 1 ? '<' : '|', typed[t].code);
        struct content content = npy_content(code, "False", "(2, 3)", typed[t].six, 6 * size);
        read_six(&folder, &content, (int[]){1, 2, 3, 4, 5, 6});
        content = npy_content(code, "True", "(2, 3)", typed[t].six, 6 * size);
        read_six(&folder, &content, (int[]){1, 3, 5, 2, 4, 6});
        code[0] = '>';
        content = npy_content(code, "False", "(2, 3)", swapped, 6 * size);
        read_six(&folder, &content, (int[]){1, 2, 3, 4, 5, 6});
        content = npy_content(code, "False", "(2, 3, 1)", swapped, 6 * size);
        read_six(&folder, &content, (int[]){1, 2, 3, 4, 5, 6});
    }
    folder_remove(&folder);
}

Test(npy, versions_two_and_three) {
    struct folder folder = folder_create();
    for (uint8_t version = 2; version <= 3; version++) {
        struct content one = npy_content("|u1", "False", "(2, 3)", SIX(uint8_t), 6);
        struct content content = {0};
        content_add(&content, "\x93NUMPY", 6);
        content_add(&content, (uint8_t[]){version, 0, one.bytes[8], one.bytes[9], 0, 0}, 6);
        content_add(&content, one.bytes + 10, one.size - 10);
        read_six(&folder, &content, (int[]){1, 2, 3, 4, 5, 6});
        content.bytes[6] = 4;
        struct array array;
        ASSERT_FAILURE("version 4",
                       npy_read(folder_write(&folder, "x.npy", &content), NULL, &array), ERROR_DATA,
                       "x.npy", "version 4.0");
    }
    folder_remove(&folder);
}

static void assert_bad(const struct folder *folder, const struct content *content,
                       const char *word) {
    struct array array = {.n_rows = 77};
    const char *path = folder_write(folder, "bad.npy", content);
    ASSERT_FAILURE(word, npy_read(path, NULL, &array), ERROR_DATA, path, word);
    cr_assert(array.n_rows == 77 && !array.bytes && !array.values, "the result was touched");
}

Test(npy, headers_that_are_refused) {
    static const struct {
        const char *dictionary, *word;
    } bad[] = {
        {"", "{ belongs here"},
        {"__import__('os').system('true')", "{ belongs here"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", "belongs here"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + {}", "stands behind it"},
        {"{'descr': '<f4', 'fortran_order': False}", "is missing"},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}", "there twice"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}", "unknown"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}", "True or False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': [2, 3]}", "( belongs here"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}", "no number"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", ", or ) belongs"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999,)}", "18 digits"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999, 9999999999)}",
         "half of the memory for this process"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}", "dimension 0 is 0"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "a single number"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2, 3)}", "ascontiguousarray"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,6)}", "more than 8"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "pickle"},
        {"{'descr': '<U3', 'fortran_order': False, 'shape': (2, 3)}", "texts"},
        {"{'descr': '|b1', 'fortran_order': False, 'shape': (2, 3)}", "truth values"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3)}", "complex"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3)}", "float32"},
        {"{'descr': '<q9', 'fortran_order': False, 'shape': (2, 3)}", "'<q9'"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}", "several fields"},
        {"{'descr': '<f4, 'fortran_order': False, 'shape': (2, 3)}", "belongs here"},
        {"{'descr\\x27: '<f4'}", "without its end"},
    };
    struct folder folder = folder_create();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct content content = npy_header(bad[i].dictionary);
        content_add(&content, SIX(float), 24);
        assert_bad(&folder, &content, bad[i].word);
    }
    struct content content = npy_content("<f4", "False", "(2, 3)", SIX(float), 24);
    content.bytes[20] = 0;
    assert_bad(&folder, &content, "no text");
    folder_remove(&folder);
}

Test(npy, cut_off_and_too_long) {
    struct folder folder = folder_create();
    struct content whole = npy_content("<f4", "False", "(2, 3)", SIX(float), 24);
    for (size_t size = 0; size < whole.size; size++) {
        struct content cut = whole;
        cut.size = size;
        assert_bad(&folder, &cut, size < 6 ? "not a .npy file" : size < 7 ? "version" : "cut off");
    }
    content_add(&whole, "x", 1);
    assert_bad(&folder, &whole, "goes on after the last value");
    folder_remove(&folder);
}

Test(npy, values_that_are_no_numbers) {
    struct folder folder = folder_create();
    struct content content =
        npy_content("<f4", "False", "(2, 3)", (float[]){1, 2, 3, 4, __builtin_nanf(""), 6}, 24);
    assert_bad(&folder, &content, "row 1, column 1: not a finite number");
    content = npy_content("<f8", "True", "(2, 3)", (double[]){1, 2, 3, 1e300, 5, 6}, 48);
    assert_bad(&folder, &content, "row 1, column 1: not a finite number");
    folder_remove(&folder);
}

Test(npy, no_file) {
    struct folder folder = folder_create();
    struct array array;
    const char *path = folder_path(&folder, "fifo.npy");
    cr_assert(mkfifo(path, 0600) == 0);
    ASSERT_FAILURE("FIFO", npy_read(path, NULL, &array), ERROR_DATA, path, "not a file");
    path = folder_path(&folder, "none.npy");
    ASSERT_FAILURE("none", npy_read(path, NULL, &array), ERROR_DATA, path, "No such file");
    folder_remove(&folder);
}

/* Rows wider than what is read at once, in both orders. */
Test(npy, wide_rows) {
    enum { N = 4, F = 300000 };
    struct folder folder = folder_create();
    float *values = malloc(N * F * sizeof *values);
    for (int i = 0; i < N * F; i++)
        values[i] = (float)i;
    for (int fortran = 0; fortran < 2; fortran++) {
        struct content header =
            npy_content("<f4", fortran ? "True" : "False", "(4, 300000)", "", 0);
        const char *path = folder_path(&folder, "wide.npy");
        FILE *file = fopen(path, "wb");
        cr_assert(fwrite(header.bytes, 1, header.size, file) == header.size);
        cr_assert(fwrite(values, sizeof *values, N * F, file) == N * F && fclose(file) == 0);
        struct array array;
        cr_assert(npy_read(path, NULL, &array) == OK, "%s", status_message());
        cr_assert(array.n_rows == N && array.n_features == F);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < F; j++)
                cr_assert((int)array.values[i * F + j] == (fortran ? j * N + i : i * F + j),
                          "row %d, column %d", i, j);
        array_free(&array);
    }
    free(values);
    folder_remove(&folder);
}
