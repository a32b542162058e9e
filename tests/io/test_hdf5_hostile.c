/* What HDF5 can hold and normlab never writes is refused with a sentence, before HDF5 reads it into
 * a buffer of ours or opens another file. */
#define _GNU_SOURCE /* memmem */
#include <criterion/criterion.h>
#include <errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/hdf5_values.h"
#include "tests/calls.h"

static char path[] = "/tmp/normlab-hostile-XXXXXX";
static struct hdf5_file file;
static struct pool pool;
static size_t left;

static int descriptor;

static void create(void) {
    descriptor = mkstemp(path);
    cr_assert(descriptor >= 0, "no temporary file");
    cr_assert(hdf5_create(descriptor, &file) == OK, "%s", status_message());
    left = hdf5_allowance(0);
}

static void destroy(void) {
    cr_assert(hdf5_close_file(&file, OK) == OK, "%s", status_message());
    close(descriptor);
    pool_free(&pool);
    unlink(path);
}

TestSuite(hdf5_hostile, .init = create, .fini = destroy);

static void says(const char *words) {
    cr_assert(strstr(status_message(), words), "'%s' does not say '%s'", status_message(), words);
}

/* ---- attributes ---- */

static void write_attribute(hid_t object, const char *name, hid_t type, hid_t space) {
    static const char zeros[4000 * 64];
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(attribute >= 0 && H5Awrite(attribute, type, zeros) >= 0, "%s", name);
    H5Aclose(attribute);
    H5Sclose(space);
}

static hid_t list_of(hsize_t n) {
    return H5Screate_simple(1, &n, NULL);
}

Test(hdf5_hostile, an_attribute_is_one_value_of_a_type_that_is_written_here) {
    const hsize_t four = 4;
    hid_t compound = H5Tcreate(H5T_COMPOUND, 16), fixed = H5Tcopy(H5T_C_S1);
    H5Tinsert(compound, "a", 0, H5T_NATIVE_DOUBLE);
    H5Tset_size(fixed, 8);
    const hid_t types[] = {
        compound,          fixed,          H5Tarray_create2(H5T_NATIVE_LONG, 1, &four),
        H5T_NATIVE_UINT64, H5T_STD_I64BE,  H5T_NATIVE_LDOUBLE,
        H5T_STD_I32LE,     H5T_STD_REF_OBJ};
    struct hdf5_value value = {.integer = 7};
    write_attribute(file.id, "many", H5T_STD_I64LE, list_of(4000));
    write_attribute(file.id, "none", H5T_STD_I64LE, list_of(0));
    cr_assert(hdf5_read_attribute(file.id, "many", &pool, &value) == ERROR_RESULTS);
    says("attribute 'many': not a single value");
    cr_assert(hdf5_read_attribute(file.id, "none", &pool, &value) == ERROR_RESULTS);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char name[16];
        snprintf(name, sizeof name, "type%zu", i);
        write_attribute(file.id, name, types[i], H5Screate(H5S_SCALAR));
        cr_assert(hdf5_read_attribute(file.id, name, &pool, &value) == ERROR_RESULTS, "%s", name);
        says(name);
    }
    cr_assert(value.integer == 7, "out parameters are left alone");
    H5Tclose(compound);
    H5Tclose(fixed);
    H5Tclose(types[2]);
}

/* ---- links ---- */

Test(hdf5_hostile, no_link_is_followed) {
    hdf5_id id = -7, other;
    bool is_group;
    cr_assert(hdf5_make_group(&file, file.id, "group", &other) == OK, "%s", status_message());
    cr_assert(hdf5_close(other, OK) == OK, "%s", status_message());
    H5Lcreate_soft("/group", file.id, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/", file.id, "external", H5P_DEFAULT, H5P_DEFAULT);
    static const char *const names[] = {"soft", "external", "group/.", ".", "nothing"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_assert(hdf5_open_group(file.id, names[i], &id) == ERROR_RESULTS, "%s", names[i]);
        says(names[i]);
        cr_assert(hdf5_open_dataset(file.id, names[i], &id) == ERROR_RESULTS, "%s", names[i]);
        cr_assert(hdf5_open_object(file.id, names[i], &id, &is_group) == ERROR_RESULTS, "%s",
                  names[i]);
    }
    cr_assert(id == -7, "out parameters are left alone");
}

/* Nor by HDF5 itself, whatever asks it to. */
Test(hdf5_hostile, hdf5_itself_follows_no_external_link) {
    char inner[] = "/tmp/normlab-inner-XXXXXX";
    struct hdf5_file target = hdf5_no_file;
    int at = mkstemp(inner);
    cr_assert(hdf5_create(at, &target) == OK && hdf5_close_file(&target, OK) == OK);
    close(at);
    H5Lcreate_external(inner, "/", file.id, "external", H5P_DEFAULT, H5P_DEFAULT);
    hid_t opened = H5Gopen2(file.id, "external", H5P_DEFAULT);
    unlink(inner);
    cr_assert(opened < 0, "the other file was opened");
}

/* ---- datasets ---- */

static hid_t make_dataset(const char *name, hid_t type, hid_t space, hid_t creation) {
    hid_t dataset = H5Dcreate2(file.id, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    cr_assert(dataset >= 0, "%s", name);
    H5Sclose(space);
    return dataset;
}

static void is_refused(const char *name, hid_t creation, const char *words) {
    hdf5_id id = -7;
    bool is_group;
    H5Dclose(make_dataset(name, H5T_IEEE_F64LE, list_of(4), creation));
    H5Pclose(creation);
    cr_assert(hdf5_open_dataset(file.id, name, &id) == ERROR_RESULTS, "%s", name);
    says(words);
    cr_assert(hdf5_open_object(file.id, name, &id, &is_group) == ERROR_RESULTS && id == -1, "%s",
              name);
    says(words);
}

Test(hdf5_hostile, values_lie_in_the_file_itself) {
    hid_t external = H5Pcreate(H5P_DATASET_CREATE), virtual = H5Pcreate(H5P_DATASET_CREATE);
    hid_t filtered = H5Pcreate(H5P_DATASET_CREATE), space = list_of(4);
    const hsize_t four = 4;
    cr_assert(hdf5_close_file(&file, OK) == OK); /* whose format has no virtual datasets */
    file.id = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Pset_external(external, "/etc/passwd", 0, 32);
    is_refused("external", external, "its values lie in another file");
    H5Pset_virtual(virtual, space, "/etc/passwd", "/x", space);
    H5Sclose(space);
    is_refused("virtual", virtual, "its values lie in another file");
    H5Pset_chunk(filtered, 1, &four);
    H5Pset_nbit(filtered);
    is_refused("filtered", filtered, "filter 5");
}

Test(hdf5_hostile, what_nobody_wrote_is_no_zero) {
    double values[4];
    hid_t dataset = make_dataset("unwritten", H5T_IEEE_F64LE, list_of(4), H5P_DEFAULT);
    cr_assert(hdf5_read_numbers(dataset, HDF5_FLOAT64, 4, values) == ERROR_RESULTS);
    says("never written");
    H5Dclose(dataset);
}

Test(hdf5_hostile, a_dataset_holds_no_more_than_the_file_can) {
    const hsize_t most[] = {1u << 31, 1u << 31, 1u << 31};
    hid_t dataset =
        make_dataset("endless", H5T_IEEE_F64LE, H5Screate_simple(3, most, NULL), H5P_DEFAULT);
    int n_dims;
    size_t dims[HDF5_DIMS];
    cr_assert(hdf5_array_shape(dataset, &left, 3, &n_dims, dims) == ERROR_RESULTS);
    says("more than a file of its size can");
    cr_assert(left == hdf5_allowance(0), "nothing was taken");
    H5Dclose(dataset);
}

/* Texts lie in a heap, and many references may lead to one. */
Test(hdf5_hostile, texts_are_counted_as_often_as_they_are_read) {
    const char *long_text = "a text of thirty-six characters in all", *read[2];
    const char *const texts[] = {long_text, long_text};
    const size_t two = 2;
    hdf5_id dataset;
    const struct hdf5_array array = {
        .name = "texts", .type = HDF5_TEXT, .n_dims = 1, .dims = &two, .data = texts};
    cr_assert(hdf5_write_array(&file, file.id, &array) == OK, "%s", status_message());
    cr_assert(hdf5_open_dataset(file.id, "texts", &dataset) == OK, "%s", status_message());
    left = 2 * strlen(long_text) + 2;
    cr_assert(hdf5_read_texts(dataset, 2, &left, &pool, read) == OK, "%s", status_message());
    cr_assert(!strcmp(read[1], long_text) && left == 0, "%zu bytes left", left);
    left = 2 * strlen(long_text) + 1;
    cr_assert(hdf5_read_texts(dataset, 2, &left, &pool, read) == ERROR_RESULTS, "one too many");
    says("more than a file of its size can");
    cr_assert(hdf5_close(dataset, OK) == OK, "%s", status_message());
}

/* ---- scales ---- */

static bool has_names(hid_t dataset) {
    const char *names[HDF5_DIMS];
    return hdf5_scale_names(dataset, 1, &(struct hdf5_scale){0}, &pool, names) == OK;
}

Test(hdf5_hostile, attributes_of_scales_are_checked_before_they_are_read) {
    hid_t text = H5Tcopy(H5T_C_S1), list = H5Tvlen_create(H5T_NATIVE_LONG);
    hid_t references = H5Tvlen_create(H5T_STD_REF_OBJ);
    H5Tset_size(text, 16);
    hid_t arrays = make_dataset("arrays", H5T_IEEE_F64LE, list_of(4), H5P_DEFAULT);
    write_attribute(arrays, "CLASS", text, list_of(4000));
    write_attribute(arrays, "DIMENSION_LIST", references, list_of(4000));
    cr_assert(!hdf5_is_scale(arrays) && !has_names(arrays), "lists where one was expected");
    hid_t numbers = make_dataset("numbers", H5T_IEEE_F64LE, list_of(4), H5P_DEFAULT);
    write_attribute(numbers, "CLASS", H5T_NATIVE_LONG, H5Screate(H5S_SCALAR));
    write_attribute(numbers, "DIMENSION_LIST", list, list_of(1));
    cr_assert(!hdf5_is_scale(numbers) && !has_names(numbers), "numbers where texts were expected");
    hid_t empty = make_dataset("empty", H5T_IEEE_F64LE, list_of(4), H5P_DEFAULT);
    write_attribute(empty, "DIMENSION_LIST", references, list_of(1));
    cr_assert(!has_names(empty), "a dimension without a scale");
    says("no scale");
    H5Dclose(arrays);
    H5Dclose(numbers);
    H5Dclose(empty);
    H5Tclose(text);
    H5Tclose(list);
    H5Tclose(references);
}

/* ---- groups ---- */

static enum status count_name(hdf5_id group, const char *name, void *context) {
    (void)group;
    (void)name;
    ++*(int *)context;
    return OK;
}

/* Without an index HDF5 makes a table of names, and frees what it could not fill. */
Test(hdf5_hostile, names_are_read_by_their_index) {
    int n = 0;
    hdf5_id ours;
    hid_t other = H5Gcreate2(file.id, "other", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(other, "inner", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    cr_assert(hdf5_each_name(other, "other", count_name, &n) == ERROR_RESULTS && n == 0);
    says("'other' does not keep the order of its contents");
    H5Gclose(other);
    cr_assert(hdf5_make_group(&file, file.id, "ours", &ours) == OK, "%s", status_message());
    cr_assert(hdf5_each_name(ours, "ours", count_name, &n) == OK && n == 0, "an empty group");
    for (int i = 0; i < 20; i++) {
        char name[2000] = "";
        memset(name, 'a' + i, i < 19 ? 3 : sizeof name - 1);
        H5Gclose(H5Gcreate2(ours, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
    cr_assert(hdf5_each_name(ours, "ours", count_name, &n) == ERROR_RESULTS && n == 19, "%d", n);
    says("a name of 1999 characters");
    H5Gclose(ours);
}

/* HDF5 frees a table of names that it could not fill: so it must not make one. */
Test(hdf5_hostile, a_read_that_fails_among_many_names_is_a_message) {
    enum { NAMES = 3000 };
    hdf5_id ours;
    cr_assert(hdf5_make_group(&file, file.id, "ours", &ours) == OK, "%s", status_message());
    for (int i = 0; i < NAMES; i++) {
        char name[64];
        snprintf(name, sizeof name, "the name of group %d", i);
        H5Gclose(H5Gcreate2(ours, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
    cr_assert(hdf5_close(ours, OK) == OK && hdf5_close_file(&file, OK) == OK, "%s",
              status_message());
    long reads = 0;
    for (long at = 1; at <= reads + 1; at++) {
        int n = 0;
        cr_assert(hdf5_open(descriptor, &file) == OK, "%s", status_message());
        enum status status = hdf5_open_group(file.id, "ours", &ours);
        cr_assert(status == OK, "%s", status_message());
        test_calls.pread = (struct test_fault){.at = at, .error = EIO};
        status = hdf5_each_name(ours, "ours", count_name, &n);
        reads = test_calls.pread.n;
        test_calls = (struct test_calls){0};
        status = hdf5_close_file(&file, hdf5_close(ours, status));
        cr_assert(reads < at ? status == OK && n == NAMES : status == ERROR_UNREADABLE,
                  "read %ld of %ld: status %d, %d names", at, reads, status, n);
    }
    cr_assert(reads > 10, "%ld reads", reads);
}

/* ---- what lies below all this ---- */

/* Changes a number of 8 bytes behind the mark of the heap in which texts lie. */
static void change_heap(size_t offset, unsigned long number) {
    static char bytes[1 << 16];
    ssize_t size = pread(descriptor, bytes, sizeof bytes, 0);
    char *heap = size > 0 ? memmem(bytes, (size_t)size, "GCOL", 4) : NULL;
    cr_assert(heap, "no heap");
    cr_assert(pwrite(descriptor, &number, 8, heap - bytes + (off_t)offset) == 8);
}

static enum status read_it(void) {
    struct hdf5_value value;
    cr_assert(hdf5_open(descriptor, &file) == OK, "%s", status_message());
    enum status status = hdf5_read_attribute(file.id, "text", &pool, &value);
    return hdf5_close_file(&file, status);
}

/* HDF5 would go on for ever, or beyond the heap's end. */
Test(hdf5_hostile, a_heap_of_texts_is_looked_through_before_hdf5_walks_along_it, .timeout = 20) {
    enum { FIRST_SIZE = 24, LENGTH = 40, SECOND = 16 + 16 + LENGTH, SECOND_SIZE = SECOND + 8 };
    const char text[LENGTH + 1] = "forty characters, which are five eights.";
    const unsigned long wrong[] = {0, 1, 15, 5000, 1UL << 40, ~0UL};
    cr_assert(hdf5_write_text(&file, file.id, "text", text) == OK, "%s", status_message());
    cr_assert(hdf5_close_file(&file, OK) == OK, "%s", status_message());
    cr_assert(read_it() == OK, "%s", status_message());
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        change_heap(SECOND_SIZE, wrong[i]); /* free space: its size is all that is left */
        cr_assert(read_it() == ERROR_RESULTS, "%lu", wrong[i]);
    }
    change_heap(SECOND_SIZE, 4096 - SECOND);
    cr_assert(read_it() == OK, "%s", status_message());
    change_heap(FIRST_SIZE, 1UL << 40);
    cr_assert(read_it() == ERROR_RESULTS, "a text of a terabyte");
}

Test(hdf5_hostile, addresses_have_eight_bytes) {
    cr_assert(hdf5_close_file(&file, OK) == OK);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_sizes(creation, 4, 4);
    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, creation, H5P_DEFAULT));
    H5Pclose(creation);
    cr_assert(hdf5_open(descriptor, &file) == ERROR_RESULTS, "addresses of four bytes");
    says("addresses that normlab does not use");
}
