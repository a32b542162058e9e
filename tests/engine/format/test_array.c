/* Arrays: in which pieces they are asked for, and what is known of numbers before they are rounded.
 */
#include "engine/format/array.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(array);

enum { ROWS = 1000, F = 1000, MOST_CALLS = 64 };

/* Which rows were asked for; row i has i in all columns. */
struct asked {
    int n;
    long first[MOST_CALLS], rows[MOST_CALLS];
};

static enum status read_rows(void *context, long first, long n, void *raw) {
    struct asked *asked = context;
    float *values = raw;
    cr_assert(asked->n < MOST_CALLS, "too many calls");
    asked->first[asked->n] = first;
    asked->rows[asked->n++] = n;
    for (long i = 0; i < n * F; i++)
        values[i] = (float)(first + i / F);
    return OK;
}

static struct asked read_with(long piece) {
    const uint64_t dims[] = {ROWS, F};
    struct array array = {0};
    struct asked asked = {0};
    const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    const struct array_rows rows = {read_rows, &asked, big, piece};
    cr_assert(array_set_shape(NUMBER_F32, 2, dims, &array) == OK, "%s", status_message());
    cr_assert(array_read(&rows, NULL, &array) == OK, "%s", status_message());
    for (long i = 0; i < ROWS * F; i++)
        cr_assert((long)array.values[i] == i / F, "value %ld", i);
    array_free(&array);
    return asked;
}

/* A compressed chunk is unpacked whenever one of its rows is asked for: once is enough. */
Test(array, whole_pieces_are_asked_for) {
    static const long pieces[] = {1, 7, 100, 263, 400, 999, 1000, 5000};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        const struct asked asked = read_with(pieces[k]);
        long next = 0;
        for (int i = 0; i < asked.n; i++) {
            cr_expect(asked.first[i] == next, "pieces of %ld: rows are left out", pieces[k]);
            cr_expect(asked.first[i] % pieces[k] == 0, "pieces of %ld: one is cut at row %ld",
                      pieces[k], asked.first[i]);
            next += asked.rows[i];
        }
        cr_expect(next == ROWS, "pieces of %ld: %ld rows", pieces[k], next);
        cr_expect(pieces[k] > 7 || asked.n > 2, "pieces of %ld: read at once", pieces[k]);
    }
}

Test(array, the_first_fraction_before_rounding) {
    const double whole[] = {0, -3, 1e9, 255, 2, 7};
    const double exact[] = {0, -3, 1e9, 1.000000001, 2.5, 7};
    const uint64_t dims[] = {3, 2};
    struct array array = {0};
    cr_assert(array_set_shape(NUMBER_F64, 2, dims, &array) == OK);
    cr_assert(array_from_doubles(whole, NULL, &array) == OK, "%s", status_message());
    cr_expect(array.fraction == 0 && array.fraction_row == -1);
    array_free(&array);
    cr_assert(array_set_shape(NUMBER_F64, 2, dims, &array) == OK);
    cr_assert(array_from_doubles(exact, NULL, &array) == OK, "%s", status_message());
    cr_expect(array.fraction == exact[3] && array.fraction_row == 1, "%.10g in row %ld",
              array.fraction, array.fraction_row);
    array_free(&array);
}
