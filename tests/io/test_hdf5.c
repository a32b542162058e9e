/* What is written to an HDF5 file is what is read from it, in the order in which it was written,
 * and what is not there is an error. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/hdf5_values.h"

static char path[] = "/tmp/normlab-hdf5-XXXXXX";
static struct hdf5_file file;
static struct pool pool;
static size_t left = 1000;

static int descriptor;

static void create(void) {
    descriptor = mkstemp(path);
    cr_assert(descriptor >= 0, "no temporary file");
    cr_assert(hdf5_create(descriptor, &file) == OK, "%s", status_message());
}

static void destroy(void) {
    cr_assert(hdf5_close_file(&file, OK) == OK, "%s", status_message());
    close(descriptor);
    pool_free(&pool);
    unlink(path);
}

TestSuite(hdf5, .init = create, .fini = destroy);

static void reopen(void) {
    cr_assert(hdf5_close_file(&file, OK) == OK, "%s", status_message());
    cr_assert(hdf5_check(descriptor) == OK, "%s", status_message());
    cr_assert(hdf5_open(descriptor, &file) == OK, "%s", status_message());
}

static void write_value(const char *name, struct hdf5_value value) {
    cr_assert(hdf5_write_attribute(&file, file.id, name, &value) == OK, "%s", status_message());
}

static struct hdf5_value read_value(const char *name) {
    struct hdf5_value value;
    cr_assert(hdf5_read_attribute(file.id, name, &pool, &value) == OK, "%s", status_message());
    return value;
}

static enum status note_name(const char *name, const struct hdf5_value *value, void *context) {
    (void)value;
    strcat(context, name);
    return strcmp(name, "stop") ? OK : fail(ERROR_USAGE, "enough");
}

Test(hdf5, attributes_of_every_type_come_back) {
    write_value("real", (struct hdf5_value){.type = HDF5_FLOAT64, .real = 1.0 / 3});
    write_value("whole", (struct hdf5_value){.type = HDF5_INT64, .integer = -(1L << 40)});
    write_value("yes", (struct hdf5_value){.type = HDF5_INT8, .integer = 1});
    write_value("text",
                (struct hdf5_value){.type = HDF5_TEXT, .text = "gr\xc3\xbc\xc3\x9f \xff\x1b[2J"});
    reopen();
    cr_assert(read_value("real").type == HDF5_FLOAT64 && read_value("real").real == 1.0 / 3);
    cr_assert(read_value("whole").type == HDF5_INT64);
    cr_assert(read_value("whole").integer == -(1L << 40), "%ld", read_value("whole").integer);
    cr_assert(read_value("yes").type == HDF5_INT8 && read_value("yes").integer == 1);
    cr_assert(!strcmp(read_value("text").text, "gr\xc3\xbc\xc3\x9f \\xff\\x1b[2J"), "'%s'",
              read_value("text").text);
    char names[64] = "";
    cr_assert(hdf5_each_attribute(file.id, &pool, note_name, names) == OK, "%s", status_message());
    cr_assert(!strcmp(names, "realwholeyestext"), "order of writing, not %s", names);
}

Test(hdf5, a_missing_text_is_empty_and_a_number_is_none) {
    const char *text = NULL;
    write_value("whole", (struct hdf5_value){.type = HDF5_INT64, .integer = 4});
    cr_assert(hdf5_read_text(file.id, "title", &left, &pool, &text) == OK && !strcmp(text, ""));
    cr_assert(hdf5_read_text(file.id, "whole", &left, &pool, &text) == ERROR_RESULTS);
    cr_assert(strstr(status_message(), "attribute 'whole': not a text"), "%s", status_message());
}

Test(hdf5, a_visit_that_fails_ends_the_walk) {
    char names[64] = "";
    write_value("first", (struct hdf5_value){.type = HDF5_INT64});
    write_value("stop", (struct hdf5_value){.type = HDF5_INT64});
    write_value("never", (struct hdf5_value){.type = HDF5_INT64});
    cr_assert(hdf5_each_attribute(file.id, &pool, note_name, names) == ERROR_USAGE);
    cr_assert(!strcmp(names, "firststop") && !strcmp(status_message(), "enough"), "%s: %s", names,
              status_message());
}

static void write_array(hdf5_id group, struct hdf5_array array) {
    cr_assert(hdf5_write_array(&file, group, &array) == OK, "%s", status_message());
}

static void attach_scale(hdf5_id group, const char *name, unsigned dim, const char *scale_name) {
    hdf5_id dataset = -1, scale = -1;
    cr_assert(hdf5_open_dataset(group, name, &dataset) == OK, "%s", status_message());
    cr_assert(hdf5_open_dataset(group, scale_name, &scale) == OK, "%s", status_message());
    cr_assert(hdf5_attach_scale(dataset, dim, scale) == OK, "%s", status_message());
    cr_assert(hdf5_close(dataset, OK) == OK && hdf5_close(scale, OK) == OK);
}

Test(hdf5, arrays_with_their_scales_come_back) {
    const double values[] = {1, -2.5, NAN, INFINITY, 0, 6};
    const long epochs[] = {1, 2}, layers[] = {0, 1, 2};
    const size_t dims[] = {2, 3};
    hdf5_id runs, group, dataset;
    cr_assert(hdf5_make_group(&file, file.id, "runs/a", &group) == OK, "%s", status_message());
    write_array(group, (struct hdf5_array){.name = "values",
                                           .unit = "s",
                                           .doc = "some values",
                                           .type = HDF5_FLOAT64,
                                           .n_dims = 2,
                                           .dims = dims,
                                           .data = values});
    write_array(group, (struct hdf5_array){.name = "epoch",
                                           .type = HDF5_INT64,
                                           .n_dims = 1,
                                           .dims = &dims[0],
                                           .data = epochs,
                                           .is_scale = true});
    write_array(group, (struct hdf5_array){.name = "layer",
                                           .type = HDF5_INT64,
                                           .n_dims = 1,
                                           .dims = &dims[1],
                                           .data = layers,
                                           .is_scale = true});
    attach_scale(group, "values", 0, "epoch");
    attach_scale(group, "values", 1, "layer");
    cr_assert(hdf5_close(group, OK) == OK, "%s", status_message());
    reopen();
    cr_assert(hdf5_has(file.id, "runs") && !hdf5_has(file.id, "summary"));
    cr_assert(hdf5_open_group(file.id, "runs", &runs) == OK, "%s", status_message());
    cr_assert(hdf5_open_group(runs, "a", &group) == OK, "%s", status_message());
    cr_assert(hdf5_open_dataset(group, "values", &dataset) == OK, "%s", status_message());
    enum hdf5_type type;
    int n_dims = 0;
    size_t found[HDF5_DIMS];
    double read[6];
    const char *names[2], *unit = "";
    left = 48;
    cr_assert(hdf5_array_type(dataset, &type) == OK && type == HDF5_FLOAT64);
    cr_assert(hdf5_array_shape(dataset, &left, 3, &n_dims, found) == OK, "%s", status_message());
    cr_assert(n_dims == 2 && found[0] == 2 && found[1] == 3, "%d dimensions", n_dims);
    cr_assert(hdf5_read_numbers(dataset, HDF5_FLOAT64, 6, read) == OK, "%s", status_message());
    cr_assert(!memcmp(read, values, sizeof values), "values changed on the way");
    cr_assert(!hdf5_is_scale(dataset));
    cr_assert(hdf5_scale_names(dataset, 2, &(struct hdf5_scale){0}, &pool, names) == OK, "%s",
              status_message());
    cr_assert(!strcmp(names[0], "epoch") && !strcmp(names[1], "layer"), "%s, %s", names[0],
              names[1]);
    left = 1;
    cr_assert(hdf5_read_text(dataset, "units", &left, &pool, &unit) == OK && !strcmp(unit, "s"));
    left = 47;
    cr_assert(hdf5_array_shape(dataset, &left, 3, &n_dims, found) == ERROR_RESULTS,
              "six in 47 bytes");
    left = 1000;
    cr_assert(hdf5_array_shape(dataset, &left, 1, &n_dims, found) == ERROR_RESULTS,
              "one dimension");
    cr_assert(hdf5_close(dataset, OK) == OK, "%s", status_message());
    cr_assert(hdf5_close(group, OK) == OK, "%s", status_message());
    cr_assert(hdf5_close(runs, OK) == OK, "%s", status_message());
}

Test(hdf5, texts_come_back_and_are_counted) {
    const char *const texts[] = {"one", "", "three"}, *read[3], *one;
    const size_t n = 3;
    hdf5_id dataset;
    write_array(file.id,
                (struct hdf5_array){
                    .name = "texts", .type = HDF5_TEXT, .n_dims = 1, .dims = &n, .data = texts});
    cr_assert(hdf5_open_dataset(file.id, "texts", &dataset) == OK, "%s", status_message());
    cr_assert(hdf5_read_texts(dataset, 3, &left, &pool, read) == OK, "%s", status_message());
    for (int i = 0; i < 3; i++)
        cr_assert(!strcmp(read[i], texts[i]), "'%s', not '%s'", read[i], texts[i]);
    cr_assert(hdf5_read_texts(dataset, 1, &left, &pool, &one) == ERROR_RESULTS, "one of three");
    cr_assert(hdf5_close(dataset, OK) == OK, "%s", status_message());
}

Test(hdf5, what_is_not_there_is_an_error_that_names_it) {
    hdf5_id id = -7;
    struct hdf5_value value;
    cr_assert(hdf5_open_group(file.id, "nowhere", &id) == ERROR_RESULTS);
    cr_assert(strstr(status_message(), "no 'nowhere'"), "%s", status_message());
    cr_assert(hdf5_open_dataset(file.id, "nothing", &id) == ERROR_RESULTS);
    cr_assert(strstr(status_message(), "no 'nothing'"), "%s", status_message());
    cr_assert(hdf5_read_attribute(file.id, "none", &pool, &value) == ERROR_RESULTS);
    cr_assert(strstr(status_message(), "attribute 'none'"), "%s", status_message());
    cr_assert(id == -7, "out parameters are left alone");
    cr_assert(hdf5_close(-1, OK) == OK, "none can be closed");
    cr_assert(hdf5_close(-1, ERROR_DATA) == ERROR_DATA, "what came before stays");
    struct hdf5_file other = hdf5_no_file;
    cr_assert(hdf5_open(-1, &other) == ERROR_UNREADABLE && other.id < 0);
}

/* With something still open in it, a file cannot be closed: it says so. */
Test(hdf5, a_close_that_fails_is_told) {
    hdf5_id group;
    cr_assert(hdf5_make_group(&file, file.id, "open", &group) == OK, "%s", status_message());
    cr_assert(hdf5_close_file(&file, OK) == ERROR_RUN, "closed with a group open in it");
    cr_assert(file.id < 0, "it is not closed twice");
    cr_assert(hdf5_close(group, OK) == OK, "what HDF5 writes now goes nowhere");
}

Test(hdf5, the_version_has_three_parts) {
    unsigned a = 0, b = 0, c = 0;
    cr_assert(sscanf(hdf5_version(), "%u.%u.%u", &a, &b, &c) == 3, "%s", hdf5_version());
}
