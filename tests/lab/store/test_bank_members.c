/* A bank from a file has the shape that banks have, or a sentence says whose has not. */
#include "lab/store/bank_members.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lab/store/store.h"
#include "tests/lab/store/sample.h"

enum { MOMENTA = 2, AVERAGES = 3, MOST = 64 };

static char folder[64];

static void create_folder(void) {
    sample_folder(folder);
}

static void remove_folder(void) {
    sample_remove(folder);
}

TestSuite(bank_members, .init = create_folder, .fini = remove_folder);

struct shape {
    const char *what;
    enum series_type type, momenta_type;
    size_t n_momenta, n_averages, n_dims;
    bool crossed; /* averages along the rows */
};

/* A run with a bank of this shape, in a file of its own. */
static const char *write_bank(const struct shape *shape) {
    static char path[128];
    static const double zeros[MOST];
    struct record record;
    const size_t sizes[] = {shape->n_momenta, shape->n_averages};
    const char *const names[] = {"momentum", "average"};
    const enum series_type types[] = {shape->momenta_type, SERIES_I64};
    sample_record(0, &record);
    struct series errors = {.group = "bank",
                            .name = "test_error",
                            .unit = "1",
                            .doc = "",
                            .type = shape->type,
                            .n_dims = (int)shape->n_dims,
                            .data = zeros};
    for (int i = 0; i < 2; i++) {
        int from = shape->crossed ? 1 - i : i;
        record_add_scale(&record, "bank", names[i], "", types[i], sizes[i], zeros);
        errors.dims[i] = sizes[from];
        errors.dim_names[i] = names[from];
    }
    record_add_series(&record, &errors);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    snprintf(path, sizeof path, "%s/%s.h5", folder, record.id);
    record_free(&record);
    return path;
}

static enum status read_members(const char *path, struct table *members) {
    static const char *const metrics[] = {"test_error"};
    struct table summary;
    int n_without = 0;
    cr_assert(store_read_summary(path, &summary) == OK, "%s", status_message());
    enum status status = bank_members_table(path, &summary, 1, metrics, members, &n_without);
    table_free(&summary);
    return status;
}

Test(bank_members, a_row_for_each_momentum_and_average) {
    struct table members;
    const struct shape shape = {"", SERIES_F64, SERIES_F64, MOMENTA, AVERAGES, 2, false};
    cr_assert(read_members(write_bank(&shape), &members) == OK, "%s", status_message());
    cr_assert(members.n_rows == MOMENTA * AVERAGES, "%d rows", members.n_rows);
    for (int row = 0; row < members.n_rows; row++)
        cr_assert(table_find(&members, "collapsed")->integers[row] == -1,
                  "nobody knows whether a member collapsed");
    table_free(&members);
}

Test(bank_members, a_bank_of_another_shape_is_refused) {
    static const struct shape shapes[] = {
        {"single errors", SERIES_F32, SERIES_F64, MOMENTA, AVERAGES, 2, false},
        {"whole errors", SERIES_I64, SERIES_F64, MOMENTA, AVERAGES, 2, false},
        {"single momenta", SERIES_F64, SERIES_F32, MOMENTA, AVERAGES, 2, false},
        {"a list", SERIES_F64, SERIES_F64, MOMENTA, AVERAGES, 1, false},
        {"two averages", SERIES_F64, SERIES_F64, MOMENTA, 2, 2, false},
        {"sixteen averages", SERIES_F64, SERIES_F64, MOMENTA, 16, 2, false},
        {"rows and columns", SERIES_F64, SERIES_F64, AVERAGES, AVERAGES, 2, true},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct table members;
        const char *path = write_bank(&shapes[i]);
        cr_assert(read_members(path, &members) == ERROR_RESULTS, "%s", shapes[i].what);
        cr_assert(strstr(status_message(), "'bank/test_error' is not of the shape of a bank") &&
                      strstr(status_message(), path),
                  "%s: %s", shapes[i].what, status_message());
    }
}
