#include "tests/engine/data/idx_files.h"

#include <errno.h>
#include <math.h>

#include "engine/format/idx.h"
#include "tests/calls.h"

TestSuite(idx);

Test(idx, bytes_plain_and_gzip) {
    struct folder folder = folder_create();
    struct content images = images_u8(5, 3), labels = labels_u8(5, 3);
    for (int gz = 0; gz < 2; gz++) {
        struct array idx;
        const char *path = folder_write(&folder, gz ? "images.gz" : "images", &images);
        cr_assert(idx_read_images(path, NULL, &idx) == OK, "%s", status_message());
        cr_assert(idx.n_rows == 5 && idx.n_features == 6, "%ld x %d", idx.n_rows, idx.n_features);
        cr_assert(idx.type == NUMBER_U8 && idx.bytes && !idx.values, "bytes did not stay bytes");
        cr_assert(!memcmp(idx.bytes, images.bytes + 16, 30), "other pixels than were written");
        array_free(&idx);
        path = folder_write(&folder, gz ? "labels.gz" : "labels", &labels);
        cr_assert(idx_read_labels(path, &idx) == OK, "%s", status_message());
        cr_assert(idx.n_rows == 5 && idx.n_features == 1, "%ld x %d", idx.n_rows, idx.n_features);
        cr_assert(!memcmp(idx.bytes, labels.bytes + 8, 5), "other labels than were written");
        array_free(&idx);
    }
    folder_remove(&folder);
}

/* Two rows of two values of each type, big-endian, and what they are. */
static const struct {
    enum idx_type type;
    const char *name;
    size_t size;
    uint8_t bytes[32];
    float values[4];
} typed[] = {
    {IDX_S8, "signed bytes", 4, {0x80, 0xff, 0x00, 0x7f}, {-128, -1, 0, 127}},
    {IDX_I16,
     "16-bit integers",
     8,
     {0x80, 0x00, 0xff, 0xfe, 0x01, 0x02, 0x7f, 0xff},
     {-32768, -2, 258, 32767}},
    {IDX_I32,
     "32-bit integers",
     16,
     {0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 1, 2, 3, 0, 0xff, 0xff, 0xff},
     {-2147483648.0f, -1, 66051, 16777215}},
    {IDX_F32,
     "32-bit floats",
     16,
     {0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0, 0, 0, 0, 0, 0x3d, 0xcc, 0xcc, 0xcd},
     {1, -2.5f, 0, 0.1f}},
    {IDX_F64,
     "64-bit floats",
     32,
     {0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0x04, 0,    0,    0,    0,    0,    0,
      0,    0,    0, 0, 0, 0, 0, 0, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a},
     {1, -2.5f, 0, 0.1f}},
};

Test(idx, other_types_become_float32) {
    struct folder folder = folder_create();
    for (size_t t = 0; t < sizeof typed / sizeof *typed; t++) {
        struct content content = idx_header((int)typed[t].type, 2, (uint32_t[]){2, 2});
        content_add(&content, typed[t].bytes, typed[t].size);
        struct array idx;
        cr_assert(idx_read_images(folder_write(&folder, "x.gz", &content), NULL, &idx) == OK,
                  "%s: %s", typed[t].name, status_message());
        cr_assert(idx.values && !idx.bytes, "%s are not floats", typed[t].name);
        for (int i = 0; i < 4; i++)
            cr_assert(idx.values[i] == typed[t].values[i], "%s, value %d: %g instead of %g",
                      typed[t].name, i, (double)idx.values[i], (double)typed[t].values[i]);
        array_free(&idx);
    }
    folder_remove(&folder);
}

/* More than one of the reader's chunks, not a whole number of them. */
Test(idx, long_float_file) {
    enum { N = 3001, D = 3 };
    struct folder folder = folder_create();
    const char *path = folder_path(&folder, "long.gz");
    struct content header = idx_header(IDX_I16, 2, (uint32_t[]){N, D});
    gzFile file = gzopen(path, "wb");
    gzwrite(file, header.bytes, (unsigned)header.size);
    for (int i = 0; i < N * D; i++)
        gzwrite(file, (uint8_t[]){(uint8_t)(i >> 8), (uint8_t)i}, 2);
    gzclose(file);
    struct array idx;
    cr_assert(idx_read_images(path, NULL, &idx) == OK, "%s", status_message());
    for (int i = 0; i < N * D; i++)
        cr_assert((int)idx.values[i] == i, "value %d is %g", i, (double)idx.values[i]);
    array_free(&idx);
    folder_remove(&folder);
}

/* Reads as images, expects ERROR_DATA with the path and all the words. */
static void assert_bad(const char *name, const char *path, const char *word, const char *word2) {
    struct array idx = {.n_rows = 77};
    ASSERT_FAILURE(name, idx_read_images(path, NULL, &idx), ERROR_DATA, path, word, word2);
    cr_assert(idx.n_rows == 77 && !idx.bytes && !idx.values, "%s: the result was touched", name);
}

Test(idx, bad_headers) {
    const struct {
        const char *name, *word, *word2;
        int type, n_dims;
        uint32_t dims[4];
    } bad[] = {
        {"type", "unknown IDX type 0x07", "0x0d", 0x07, 3, {5, 2, 3}},
        {"one dimension", "has 1 dimension,", "swapped", 0x08, 1, {30}},
        {"no dimension", "has 0 dimensions", "swapped", 0x08, 0, {0}},
        {"no rows", "empty", "dimension 0 is 0", 0x08, 3, {0, 2, 3}},
        {"no columns", "empty", "dimension 2 is 0", 0x08, 3, {5, 2, 0}},
        {"large", "half of the memory for this process", "header", 0x08, 2, {1u << 24, 1u << 24}},
        {"large as floats", "GiB", "header", 0x09, 2, {1u << 24, 1u << 22}},
        {"overflow", "GiB", "header", 0x08, 3, {1u << 31, 1u << 31, 4}},
        {"overflow of 64 bits", "GiB", "header", 0x08, 4, {1u << 31, 1u << 31, 1u << 31, 1u << 31}},
        {"wide", "rows or columns", "2147483647", 0x08, 2, {1, 1u << 31}},
        {"long", "rows or columns", "2147483647", 0x08, 2, {1u << 31, 1}},
    };
    struct folder folder = folder_create();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct content content = idx_header(bad[i].type, bad[i].n_dims, bad[i].dims);
        content_add(&content, images_u8(5, 0).bytes + 16, 30);
        assert_bad(bad[i].name, folder_write(&folder, "bad", &content), bad[i].word, bad[i].word2);
    }
    struct content many = idx_header(0x08, 9, (uint32_t[9]){1, 1, 1, 1, 1, 1, 1, 1, 1});
    assert_bad("nine dimensions", folder_write(&folder, "bad", &many), "9 dimensions", "2 to 8");
    struct content text = {0};
    content_add(&text, "<!DOCTYPE html>", 15);
    assert_bad("a page", folder_write(&folder, "bad", &text), "not an IDX file", "0x3c21444f");
    folder_remove(&folder);
}

Test(idx, cut_off_plain) {
    struct folder folder = folder_create();
    struct content whole = images_u8(5, 0);
    for (size_t size = 0; size < whole.size; size++) {
        struct content cut = whole;
        cut.size = size;
        assert_bad("cut", folder_write(&folder, "bad", &cut), "cut off",
                   size < 16 ? "header" : "values");
    }
    struct content floats = idx_header(IDX_F64, 2, (uint32_t[]){2, 2});
    content_add(&floats, typed[4].bytes, 31);
    assert_bad("cut floats", folder_write(&folder, "bad", &floats), "cut off", "values");
    folder_remove(&folder);
}

/* Nobody reserves half a GiB on the word of 13 bytes. */
Test(idx, values_that_the_file_has_no_room_for) {
    struct folder folder = folder_create();
    struct content huge = idx_header(IDX_U8, 2, (uint32_t[]){INT32_MAX / 8, 2});
    content_add(&huge, "1", 1);
    assert_bad("plain", folder_write(&folder, "bad", &huge), "cut off", "values");
    assert_bad("gzip", folder_write(&folder, "bad.gz", &huge), "compressed", "header is damaged");
    folder_remove(&folder);
}

Test(idx, cut_off_gzip) {
    struct folder folder = folder_create();
    struct content whole = images_u8(600, 0);
    for (long n = 1; n < 60; n++) {
        const char *path = folder_write(&folder, "bad.gz", &whole);
        file_cut(path, n);
        assert_bad("cut gzip", path, "compressed file is cut off", "fetch it again");
    }
    folder_remove(&folder);
}

Test(idx, damaged_gzip) {
    struct folder folder = folder_create();
    struct content whole = images_u8(600, 0);
    for (long at = 1; at <= 8; at++) { /* the checksum and the length behind the data */
        const char *path = folder_write(&folder, "bad.gz", &whole);
        file_flip(path, at);
        assert_bad("trailer", path, "damaged", at <= 4 ? "length" : "check");
    }
    for (long at = 9; at < 40; at++) { /* in the data: whatever zlib notices first */
        const char *path = folder_write(&folder, "bad.gz", &whole);
        file_flip(path, at);
        assert_bad("data", path, "compressed file is", "fetch it again");
    }
    folder_remove(&folder);
}

Test(idx, trailing_bytes) {
    struct folder folder = folder_create();
    struct content content = images_u8(5, 0);
    content_add(&content, "x", 1);
    assert_bad("plain", folder_write(&folder, "bad", &content), "goes on after the last value", "");
    assert_bad("gzip", folder_write(&folder, "bad.gz", &content), "goes on after the last value",
               "");
    folder_remove(&folder);
}

Test(idx, values_that_are_no_numbers) {
    const uint8_t bits[][8] = {
        {0x7f, 0xc0, 0, 0}, {0x7f, 0x80, 0, 0}, {0xff, 0x80, 0, 0}, {0x7e, 0x37, 0xe4, 0x3c}};
    struct folder folder = folder_create();
    for (int i = 0; i < 4; i++) { /* the last is 1e300: finite, but not in float32 */
        bool wide = i == 3;
        struct content content = idx_header(wide ? IDX_F64 : IDX_F32, 2, (uint32_t[]){2, 2});
        content_add(&content, (uint8_t[24]){0}, wide ? 24 : 12);
        content_add(&content, bits[i], wide ? 8 : 4);
        assert_bad("not finite", folder_write(&folder, "bad", &content), "row 1, column 1",
                   "finite");
    }
    folder_remove(&folder);
}

Test(idx, bad_labels) {
    struct folder folder = folder_create();
    struct content images = images_u8(5, 0), labels = labels_u8(5, 3);
    struct array idx;
    const char *path = folder_write(&folder, "bad", &images);
    ASSERT_FAILURE("images", idx_read_labels(path, &idx), ERROR_DATA, path, "has 3 dimensions",
                   "labels have 1", "swapped");
    labels.bytes[2] = IDX_I16;
    path = folder_write(&folder, "bad", &labels);
    ASSERT_FAILURE("type", idx_read_labels(path, &idx), ERROR_DATA, path, "16-bit integers",
                   "unsigned bytes");
    folder_remove(&folder);
}

Test(idx, no_file) {
    struct folder folder = folder_create();
    assert_bad("missing", folder_path(&folder, "none"), "cannot be opened", "No such file");
    assert_bad("folder", folder.path, "cannot be opened", "Is a directory");
    folder_remove(&folder);
}

static int refuse_all(const char *path) {
    (void)path;
    return EMFILE;
}

/* Whether a file is missing, damaged or out of reach decides what to do about it. */
Test(idx, out_of_reach_is_neither_missing_nor_damaged) {
    struct folder folder = folder_create();
    struct content labels = labels_u8(5, 3);
    struct array idx;
    const char *path = folder_write(&folder, "labels", &labels);
    test_calls.open_error = refuse_all;
    enum status status = idx_read_labels(path, &idx);
    test_calls.open_error = NULL;
    cr_assert(status == ERROR_UNREADABLE, "status %d: %s", (int)status, status_message());
    cr_assert(strstr(status_message(), strerror(EMFILE)), "'%s'", status_message());
    unlink(path);
    cr_assert(idx_read_labels(path, &idx) == ERROR_DATA, "%s", status_message());
    folder_remove(&folder);
}
