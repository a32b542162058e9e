/* Results on disk: what is written comes back, files of equal runs are equal, and a damaged,
 * foreign or unwritable file is a message and nothing else. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/store/sample.h"

static char folder[64];

static void create_folder(void) {
    sample_folder(folder);
}

static void remove_folder(void) {
    sample_remove(folder);
}

TestSuite(store, .init = create_folder, .fini = remove_folder);

static const char *in_folder(const char *name) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* The bytes of a file, to be freed. */
static char *file_bytes(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s: %s", path, strerror(errno));
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    cr_assert(fread(bytes, 1, *size, file) == *size, "%s: short read", path);
    fclose(file);
    return bytes;
}

static void write_bytes(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "cannot write %s",
              path);
}

static void assert_same_bytes(const char *a, const char *b) {
    size_t a_size, b_size;
    char *a_bytes = file_bytes(a, &a_size), *b_bytes = file_bytes(b, &b_size);
    cr_assert(a_size == b_size, "%s has %zu bytes, %s %zu", a, a_size, b, b_size);
    for (size_t i = 0; i < a_size; i++)
        cr_assert(a_bytes[i] == b_bytes[i], "%s and %s differ at byte %zu", a, b, i);
    free(a_bytes);
    free(b_bytes);
}

/* Writes run 0 and says where. */
static void write_sample(char path[128]) {
    struct record record;
    sample_record(0, &record);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    snprintf(path, 128, "%s/%s.h5", folder, record.id);
    record_free(&record);
}

static void assert_fails(enum status status, enum status expected, const char *words) {
    cr_assert(status == expected, "status %d, not %d (%s)", status, expected, status_message());
    cr_assert(strstr(status_message(), words), "the message lacks '%s': %s", words,
              status_message());
}

/* ---- what is written comes back ---- */

Test(store, a_run_comes_back_as_it_was) {
    for (int i = 0; i < SAMPLE_RUNS; i++) {
        struct record written, read = {0};
        char path[128];
        sample_record(i, &written);
        cr_assert(store_write_run(folder, &written) == OK, "%s", status_message());
        snprintf(path, sizeof path, "%s/%s.h5", folder, written.id);
        cr_assert(store_read_run(path, &read) == OK, "%s", status_message());
        sample_compare(&written, &read);
        record_free(&written);
        record_free(&read);
    }
}

Test(store, a_peek_has_the_attributes_and_no_series) {
    char path[128];
    struct record record = {0};
    write_sample(path);
    cr_assert(store_peek_run(path, &record) == OK, "%s", status_message());
    cr_assert(strcmp(attributes_find(&record.final, "status")->text, "complete") == 0, "status");
    cr_assert(record.config.n > 30, "%d attributes", record.config.n);
    cr_assert(record.n_series == 0, "%d series", record.n_series);
    record_free(&record);
}

Test(store, the_merged_file_holds_every_run_as_its_own_file_does) {
    char path[128];
    sample_results(folder, path);
    for (int i = 0; i < SAMPLE_RUNS; i++) {
        struct record expected, read = {0};
        sample_record(i, &expected);
        cr_assert(store_read_run_of(path, expected.id, &read) == OK, "%s", status_message());
        sample_compare(&expected, &read);
        record_free(&expected);
        record_free(&read);
    }
}

Test(store, the_summary_and_the_header_come_back) {
    char path[128];
    struct table expected, read;
    struct store_header header;
    struct pool pool = {0};
    sample_results(folder, path);
    sample_summary(&expected);
    cr_assert(store_read_summary(path, &read) == OK, "%s", status_message());
    cr_assert(read.n_rows == expected.n_rows && read.n_columns == expected.n_columns, "%d x %d",
              read.n_rows, read.n_columns);
    for (int i = 0; i < read.n_columns; i++) {
        const struct column *a = &expected.columns[i], *b = &read.columns[i];
        cr_assert(strcmp(a->name, b->name) == 0, "column %s where %s was", b->name, a->name);
        cr_assert(a->type == b->type, "type of %s", a->name);
        cr_assert(strcmp(a->unit, b->unit) == 0 && strcmp(a->doc, b->doc) == 0, "words of %s",
                  a->name);
        for (int row = 0; row < read.n_rows; row++) {
            cr_assert(strcmp(table_text(a, row, &pool), table_text(b, row, &pool)) == 0,
                      "%s in row %d", a->name, row);
        }
    }
    cr_assert(store_read_header(path, &pool, &header) == OK, "%s", status_message());
    cr_assert(strcmp(header.name, sample_header.name) == 0, "name");
    cr_assert(strcmp(header.title, sample_header.title) == 0, "title: %s", header.title);
    cr_assert(strcmp(header.source, sample_header.source) == 0, "source");
    cr_assert(strcmp(header.yaml, sample_header.yaml) == 0, "yaml");
    cr_assert(strcmp(header.resolved, sample_header.resolved) == 0, "resolved");
    cr_assert(strcmp(header.plan, sample_header.plan) == 0, "plan");
    table_free(&expected);
    table_free(&read);
    pool_free(&pool);
}

Test(store, a_run_file_has_a_summary_of_one_row_and_an_empty_header) {
    char path[128];
    struct table summary;
    struct store_header header;
    struct pool pool = {0};
    write_sample(path);
    cr_assert(store_read_summary(path, &summary) == OK, "%s", status_message());
    cr_assert(summary.n_rows == 1, "%d rows", summary.n_rows);
    cr_assert(strcmp(table_find(&summary, "norm.kind")->texts[0], "none") == 0, "norm.kind");
    cr_assert(table_find(&summary, "test_error")->reals[0] == 0.125, "test_error");
    cr_assert(store_read_header(path, &pool, &header) == OK, "%s", status_message());
    cr_assert(strcmp(header.name, "") == 0 && strcmp(header.yaml, "") == 0, "header");
    table_free(&summary);
    pool_free(&pool);
}

Test(store, series_are_read_by_pattern_with_their_scales) {
    char path[128];
    sample_results(folder, path);
    struct record expected, one = {0}, all = {0}, shapes = {0};
    sample_record(0, &expected);
    cr_assert(store_read_series_of(path, expected.id, "epoch/test_error", &one) == OK, "%s",
              status_message());
    const struct series *series = record_find_series(&one, "epoch", "test_error");
    cr_assert(series && series->data, "epoch/test_error was not read");
    cr_assert(record_find_series(&one, "epoch", "epoch"), "its scale was not read");
    cr_assert(!record_find_series(&one, "step", "train_loss"), "another was read");
    cr_assert(store_read_series_of(path, expected.id, "layer*/gamma", &all) == OK, "%s",
              status_message());
    cr_assert(record_find_series(&all, "layer0", "gamma") &&
                  record_find_series(&all, "layer1", "gamma"),
              "a layer is lacking");
    cr_assert(!record_find_series(&all, "weights/final/layer0", "W"), "the pattern is too wide");
    cr_assert(store_read_series_of(path, expected.id, NULL, &shapes) == OK, "%s", status_message());
    cr_assert(shapes.n_series == expected.n_series, "%d shapes", shapes.n_series);
    cr_assert(!shapes.series[0].data, "shapes have data");
    record_free(&expected);
    record_free(&one);
    record_free(&all);
    record_free(&shapes);
}

Test(store, bytes_that_are_no_utf8_become_escapes_and_the_rest_is_kept) {
    static const char *const given[] = {"\xff",         "a\xc3",           "\xc3\xa9",
                                        "\xe2\x82\xac", "\xed\xa0\x80",    "\xf0\x9f\x98\x80",
                                        "\xc0\xaf",     "\xf4\x90\x80\x80"};
    static const char *const expected[] = {
        "\\xff",           "a\\xc3",           "\xc3\xa9",   "\xe2\x82\xac",
        "\\xed\\xa0\\x80", "\xf0\x9f\x98\x80", "\\xc0\\xaf", "\\xf4\\x90\\x80\\x80"};
    struct record record = {.id = "r000000000001"}, read = {0};
    for (int i = 0; i < 8; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", i);
        attributes_add_text(&record, &record.provenance, name, given[i], NULL);
    }
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    cr_assert(store_read_run(in_folder("r000000000001.h5"), &read) == OK, "%s", status_message());
    for (int i = 0; i < 8; i++) {
        cr_assert(strcmp(read.provenance.items[i].text, expected[i]) == 0, "text %d: %s", i,
                  read.provenance.items[i].text);
    }
    record_free(&record);
    record_free(&read);
}

/* ---- equal runs, equal files ---- */

/* ---- what other programs are told ---- */

/* A text attribute of the object at `path`, or a number as text; "" where there is none. */
static const char *attribute_text(const char *file_path, const char *path, const char *name) {
    static char text[256];
    hid_t file = H5Fopen(file_path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t object = H5Oopen(file, path, H5P_DEFAULT);
    cr_assert(object >= 0, "%s: no object %s", file_path, path);
    text[0] = '\0';
    if (H5Aexists(object, name) > 0) {
        hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(attribute);
        char *value = NULL;
        double number = 0;
        if (H5Tget_class(type) == H5T_STRING && H5Aread(attribute, type, &value) >= 0)
            snprintf(text, sizeof text, "%s", value ? value : "");
        else if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &number) >= 0)
            snprintf(text, sizeof text, "%g of %zu bytes", number, H5Tget_size(type));
        H5free_memory(value);
        H5Tclose(type);
        H5Aclose(attribute);
    }
    H5Oclose(object);
    H5Fclose(file);
    return text;
}

Test(store, other_programs_are_told_what_is_not_there_and_whose_a_group_is) {
    char path[128], group[64];
    struct record record;
    sample_results(folder, path);
    sample_record(0, &record);
    snprintf(group, sizeof group, "/runs/%s/weights/final/layer0", record.id);
    const struct {
        const char *object, *attribute, *text;
    } expected[] = {
        {"/", "Conventions", "ACDD-1.3"},
        {"/", "history", sample_header.history},
        {"/summary/test_error", "_FillValue", "nan of 8 bytes"},
        {"/summary/test_error", "long_name", "test error"},
        {"/summary/test_error", "comment", "share of wrong answers"},
        {"/summary/norm.affine", "_FillValue", "-1 of 1 bytes"},
        {"/summary/planned_steps", "_FillValue", "-1 of 8 bytes"},
        {"/summary/train.batch_size", "_FillValue", ""},
        {"/series/epoch/test_error", "_FillValue", "nan of 8 bytes"},
        {"/series/epoch/steps", "_FillValue", "-1 of 8 bytes"},
        {"/series/epoch/epoch", "_FillValue", ""},
        {"/series/step/train_loss", "coordinates", "step"},
        {"/series/step/step", "coordinates", ""},
        {"/series/epoch/test_error", "coordinates", ""},
        {group, "run", record.id},
        {"/series/epoch", "run", ""},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert_str_eq(attribute_text(path, expected[i].object, expected[i].attribute),
                         expected[i].text, "%s of %s is '%s'", expected[i].attribute,
                         expected[i].object,
                         attribute_text(path, expected[i].object, expected[i].attribute));
    record_free(&record);
}

/* Files of before had the sentence as long_name, and no conventions. */
Test(store, the_sentence_of_an_older_file_is_its_long_name) {
    char path[128];
    struct table summary;
    sample_results(folder, path);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    cr_assert(H5Adelete(file, "Conventions") >= 0, "no conventions");
    cr_assert(H5Fclose(file) >= 0, "cannot be closed");
    store_accept_unsealed(true);
    cr_assert(store_read_summary(path, &summary) == OK, "%s", status_message());
    cr_assert_str_eq(table_find(&summary, "test_error")->doc, "test error");
    table_free(&summary);
}

Test(store, two_writes_of_one_record_are_equal_byte_for_byte) {
    char first[128], second[160];
    write_sample(first);
    snprintf(second, sizeof second, "%s.first", first);
    cr_assert(rename(first, second) == 0, "rename");
    struct timespec pause = {1, 100000000}; /* times in the file would be in seconds */
    nanosleep(&pause, NULL);
    write_sample(first);
    assert_same_bytes(first, second);
}

Test(store, two_merges_of_one_folder_are_equal_byte_for_byte) {
    char first[128], second[160];
    sample_results(folder, first);
    snprintf(second, sizeof second, "%s.first", first);
    cr_assert(rename(first, second) == 0, "rename");
    sample_results(folder, first);
    assert_same_bytes(first, second);
}

/* ---- publishing ---- */

static int count_files(const char *words) {
    char command[256], line[16];
    snprintf(command, sizeof command, "ls -A '%s' | grep -c '%s'", folder, words);
    FILE *pipe = popen(command, "r");
    cr_assert(pipe && fgets(line, sizeof line, pipe), "cannot list %s", folder);
    pclose(pipe);
    return atoi(line);
}

Test(store, no_temporary_file_stays) {
    char path[128];
    sample_results(folder, path);
    cr_assert(count_files("tmp") == 0, "%d temporary files", count_files("tmp"));
    cr_assert(count_files("h5$") == SAMPLE_RUNS + 1, "%d files", count_files("h5$"));
}

Test(store, a_folder_that_cannot_be_written_is_named) {
    struct record record;
    sample_record(0, &record);
    assert_fails(store_write_run(in_folder("nowhere"), &record), ERROR_RUN, "No such file");
    write_bytes(in_folder("file"), "x", 1);
    assert_fails(store_write_run(in_folder("file"), &record), ERROR_RUN, "Not a directory");
    cr_assert(strstr(status_message(), in_folder("file")), "no path in: %s", status_message());
    cr_assert(chmod(folder, 0500) == 0, "chmod");
    bool was_root = geteuid() == 0;
    if (was_root) /* may write anywhere */
        cr_assert(chown(folder, 65534, 65534) == 0 && seteuid(65534) == 0, "seteuid");
    enum status status = store_write_run(folder, &record);
    cr_assert(!was_root || seteuid(0) == 0, "seteuid back");
    chmod(folder, 0700);
    assert_fails(status, ERROR_RUN, "Permission denied");
    record_free(&record);
}

/* Run 0 written where no file may grow beyond `limit`: 0 when it fails as it should. In a child,
 * with _exit: what HDF5 leaks where it cannot close a file is not our leak. */
static int write_with_limit(size_t limit, const struct record *record) {
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit small;
    getrlimit(RLIMIT_FSIZE, &small);
    small.rlim_cur = limit;
    setrlimit(RLIMIT_FSIZE, &small);
    enum status status = store_write_run(folder, record);
    return status != ERROR_RUN ? 1 : !strstr(status_message(), record->id) ? 2 : 0;
}

Test(store, a_full_disk_is_an_error_and_leaves_the_old_file) {
    char path[128];
    struct record record, read = {0};
    size_t size;
    write_sample(path);
    free(file_bytes(path, &size));
    sample_record(0, &record);
    for (size_t limit = 0; limit < size; limit += 1531) {
        int how;
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            _exit(write_with_limit(limit, &record));
        waitpid(child, &how, 0);
        cr_assert(WIFEXITED(how), "%zu of %zu bytes: signal %d", limit, size, WTERMSIG(how));
        cr_assert(WEXITSTATUS(how) == 0, "%zu of %zu bytes: %s", limit, size,
                  WEXITSTATUS(how) == 1 ? "not ERROR_RUN" : "the message does not name the file");
    }
    cr_assert(count_files("tmp") == 0, "%d temporary files stayed", count_files("tmp"));
    cr_assert(store_read_run(path, &read) == OK, "the old file: %s", status_message());
    sample_compare(&record, &read);
    record_free(&record);
    record_free(&read);
}

Test(store, a_series_without_its_scale_is_refused) {
    struct record record = {.id = "r000000000002"};
    double data[3] = {1, 2, 3};
    record_add_series(&record, &(struct series){.group = "epoch",
                                                .name = "test_error",
                                                .unit = "1",
                                                .doc = "x",
                                                .type = SERIES_F64,
                                                .n_dims = 1,
                                                .dims = {3},
                                                .dim_names = {"epoch"},
                                                .data = data});
    assert_fails(store_write_run(folder, &record), ERROR_RUN, "scale 'epoch'");
    cr_assert(count_files("h5") == 0, "a file stayed");
    record_free(&record);
}

/* Whoever takes values of both by one index would read beyond the shorter one. */
Test(store, a_series_and_its_scale_are_of_one_length) {
    for (size_t n = 2; n <= 4; n++) {
        struct record record, read = {0};
        char path[128];
        double data[4] = {1, 2, 3, 4};
        sample_record(0, &record);
        snprintf(path, sizeof path, "%s/%s.h5", folder, record.id);
        record_add_scale(&record, "new", "epoch", "", SERIES_F64, 3, data);
        record_add_series(&record, &(struct series){.group = "new",
                                                    .name = "error",
                                                    .unit = "1",
                                                    .doc = "x",
                                                    .type = SERIES_F64,
                                                    .n_dims = 1,
                                                    .dims = {n},
                                                    .dim_names = {"epoch"},
                                                    .data = data});
        enum status status = store_write_run(folder, &record); /* which reads it back */
        if (!status)
            status = store_read_run(path, &read);
        cr_assert((status == OK) == (n == 3), "%zu values along 3: %s", n, status_message());
        if (n != 3)
            cr_assert(strstr(status_message(), "'new/error' does not fit its scale 'epoch'"), "%s",
                      status_message());
        record_free(&read);
        record_free(&record);
        unlink(path);
    }
}

/* ---- files that do not fit ---- */

/* A file made with HDF5 alone, with or without the mark of a results file. */
static void write_foreign(const char *path, long schema) {
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (schema >= 0) {
        hid_t space = H5Screate(H5S_SCALAR);
        hid_t attribute =
            H5Acreate2(file, "normlab_schema", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attribute, H5T_NATIVE_LONG, &schema);
        H5Aclose(attribute);
        H5Sclose(space);
    }
    H5Fclose(file);
}

static void assert_refused(const char *path, const char *words) {
    struct record record = {0};
    struct table summary = {0};
    struct store_header header;
    struct pool pool = {0};
    assert_fails(store_read_run(path, &record), ERROR_RESULTS, words);
    assert_fails(store_peek_run(path, &record), ERROR_RESULTS, words);
    assert_fails(store_read_summary(path, &summary), ERROR_RESULTS, words);
    cr_assert(strstr(status_message(), path), "no path in: %s", status_message());
    cr_assert(record.n_series == 0 && summary.n_columns == 0, "outputs were touched");
    enum status status = store_read_header(path, &pool, &header);
    cr_assert(!status || status == ERROR_RESULTS, "status %d", status);
    pool_free(&pool);
}

Test(store, what_is_no_results_file_is_refused_with_the_reason) {
    assert_refused(in_folder("nothing.h5"), "No such file");
    write_bytes(in_folder("text.h5"), "norm.kind\tbatch\n", 16);
    assert_refused(in_folder("text.h5"), "not an HDF5 file");
    write_bytes(in_folder("empty.h5"), "", 0);
    assert_refused(in_folder("empty.h5"), "not an HDF5 file");
    write_foreign(in_folder("foreign.h5"), -1);
    assert_refused(in_folder("foreign.h5"), "not a results file of normlab");
    write_foreign(in_folder("newer.h5"), SCHEMA + 1);
    assert_refused(in_folder("newer.h5"), "newer normlab");
    write_foreign(in_folder("bare.h5"), SCHEMA);
    assert_refused(in_folder("bare.h5"), "no group /runs");
}

Test(store, a_merged_file_is_no_run_file_and_an_unknown_run_is_named) {
    char path[128];
    struct record record = {0};
    sample_results(folder, path);
    assert_fails(store_read_run(path, &record), ERROR_RESULTS, "6 runs where a run's file has one");
    assert_fails(store_read_run_of(path, "r123", &record), ERROR_RESULTS, "no run 'r123'");
    assert_fails(store_read_run_of(path, "../summary", &record), ERROR_RESULTS, "no run");
}

Test(store, a_damaged_run_stops_the_merge_and_is_named) {
    char path[128], merged[160];
    struct table summary;
    write_sample(path);
    size_t size;
    char *bytes = file_bytes(path, &size);
    write_bytes(path, bytes, size / 2);
    sample_summary(&summary);
    const char *paths[] = {path};
    snprintf(merged, sizeof merged, "%s/merged.h5", folder);
    assert_fails(store_write_merged(merged, &sample_header, &summary, 1, paths), ERROR_RESULTS,
                 path);
    cr_assert(access(merged, F_OK) != 0, "a merged file was published");
    cr_assert(count_files("tmp") == 0, "a temporary file stayed");
    free(bytes);
    table_free(&summary);
}

Test(store, a_truncated_file_is_refused_at_every_length) {
    char path[128];
    write_sample(path);
    size_t size;
    char *bytes = file_bytes(path, &size);
    for (size_t length = 0; length < size; length += length < 600 ? 13 : 509) {
        struct record record = {0};
        write_bytes(path, bytes, length);
        enum status status = store_read_run(path, &record);
        cr_assert(status == ERROR_RESULTS, "%zu of %zu bytes: status %d", length, size, status);
    }
    free(bytes);
}

/* A byte anywhere in a run file: values too, for which HDF5 itself has no checksum. The last 47
 * bytes are the seal: what is left of it is no seal, and no harm done. */
Test(store, a_flipped_byte_of_a_run_file_is_noticed) {
    char path[128];
    write_sample(path);
    size_t size;
    char *bytes = file_bytes(path, &size);
    for (size_t at = 0; at < size - 47; at += 37) {
        struct record record = {0};
        bytes[at] = (char)(bytes[at] ^ 0x5a);
        write_bytes(path, bytes, size);
        enum status status = store_peek_run(path, &record);
        cr_assert(status == ERROR_RESULTS, "byte %zu of %zu: status %d", at, size, status);
        bytes[at] = (char)(bytes[at] ^ 0x5a);
    }
    free(bytes);
}

/* The child asserts nothing: Criterion's messages need a thread that a fork leaves behind. */
Test(store, hdf5_prints_nothing) {
    char errors[160], path[128];
    snprintf(errors, sizeof errors, "%s/stderr", folder);
    write_foreign(in_folder("foreign.h5"), -1);
    sample_results(folder, path);
    pid_t child = fork();
    if (child == 0) {
        struct record record = {0};
        dup2(open(errors, O_CREAT | O_WRONLY, 0600), STDERR_FILENO);
        store_read_run(in_folder("foreign.h5"), &record);
        store_read_run_of(path, "r123", &record);
        int cut = truncate(path, 5000);
        store_read_run_of(path, "r123", &record);
        _exit(cut);
    }
    int how;
    waitpid(child, &how, 0);
    cr_assert(WIFEXITED(how) && WEXITSTATUS(how) == 0, "the child died");
    size_t size;
    char *bytes = file_bytes(errors, &size);
    bytes[size] = '\0';
    cr_assert(size == 0, "on standard error: %s", bytes);
    free(bytes);
}
