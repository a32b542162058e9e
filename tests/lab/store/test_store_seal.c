/* The seal: damage of any kind is refused, --unsealed reads what can be read, and files of earlier
 * days have none. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lab/store/sample.h"

enum { SEAL_SIZE = 47 };

static char folder[64], merged[128], run[128];

static void create_results(void) {
    struct record record = {0};
    sample_folder(folder);
    sample_results(folder, merged);
    sample_record(0, &record);
    snprintf(run, sizeof run, "%s/%s.h5", folder, record.id);
    record_free(&record);
}

static void remove_results(void) {
    sample_remove(folder);
}

TestSuite(store_seal, .init = create_results, .fini = remove_results);

static enum status read_it(const char *path) {
    struct table table = {0};
    enum status status = store_read_summary(path, &table);
    table_free(&table);
    return status;
}

static void cut(const char *path, long size) {
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    long end = ftell(file);
    fclose(file);
    cr_assert(truncate(path, end - size) == 0, "%s: cannot be cut", path);
}

static void flip(const char *path, long at) {
    FILE *file = fopen(path, "r+b");
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    int byte = fgetc(file);
    fseek(file, -1, SEEK_CUR);
    fputc(byte ^ 0x21, file);
    cr_assert(fclose(file) == 0);
}

Test(store_seal, any_flipped_byte_of_a_merged_file_is_noticed) {
    FILE *file = fopen(merged, "rb");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    for (long at = 0; at < size; at += at < size - 200 ? 991 : 1) {
        flip(merged, at);
        cr_expect(read_it(merged) == ERROR_RESULTS, "byte %ld of %ld passes", at, size);
        flip(merged, at);
    }
    cr_expect(read_it(merged) == OK, "%s", status_message());
}

Test(store_seal, whose_seal_is_gone_is_refused_and_read_when_asked_for) {
    const char *const paths[] = {run, merged};
    for (int i = 0; i < 2; i++) {
        cut(paths[i], SEAL_SIZE);
        cr_expect(read_it(paths[i]) == ERROR_RESULTS, "%s: read without its seal", paths[i]);
        cr_expect(strstr(status_message(), "seal") && strstr(status_message(), "--unsealed"), "%s",
                  status_message());
        store_accept_unsealed(true);
        cr_expect(read_it(paths[i]) == OK, "%s", status_message());
        store_accept_unsealed(false);
        cut(paths[i], 1);
        cr_expect(read_it(paths[i]) == ERROR_RESULTS, "%s: cut", paths[i]);
    }
}

Test(store_seal, whose_seal_is_wrong_is_refused_and_read_when_asked_for) {
    flip(merged, -2);
    cr_expect(read_it(merged) == ERROR_RESULTS, "a wrong hash passes");
    cr_expect(strstr(status_message(), "its hash does not fit"), "%s", status_message());
    store_accept_unsealed(true);
    cr_expect(read_it(merged) == OK, "%s", status_message());
}

/* As earlier builds wrote merged files: neither a seal nor a word of it. Their run files had one.
 */
Test(store_seal, a_merged_file_of_earlier_days_is_read_a_run_file_without_a_seal_is_not) {
    const char *const paths[] = {run, merged};
    for (int i = 0; i < 2; i++) {
        cut(paths[i], SEAL_SIZE);
        hid_t file = H5Fopen(paths[i], H5F_ACC_RDWR, H5P_DEFAULT);
        cr_assert(H5Adelete(file, "normlab_sealed") >= 0 && H5Fclose(file) >= 0);
        cr_expect(read_it(paths[i]) == (i == 0 ? ERROR_RESULTS : OK), "%s", status_message());
    }
}

/* Another program's hand: HDF5 writes the attribute anew, anywhere. */
Test(store_seal, one_that_was_changed_by_another_program_is_refused) {
    hid_t file = H5Fopen(merged, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(file, "note", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(attribute >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    cr_assert(H5Fclose(file) >= 0);
    cr_expect(read_it(merged) == ERROR_RESULTS, "read after a change");
}
