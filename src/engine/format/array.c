/* Types, shapes and values of arrays, whatever the format of their file. */
#include "engine/format/array.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "engine/format/distances.h"
#include "io/machine.h"

enum {
    CHUNK_SIZE = 1 << 20, /* bytes that are read at once */
    PIECES = 4            /* that would fill what an array may take */
};

static const struct {
    const char *name;
    size_t size;
    bool is_float, is_wide; /* more digits than float32 has */
} types[NUMBER_TYPES] = {
    [NUMBER_U8] = {"unsigned bytes", 1, false, false},
    [NUMBER_S8] = {"signed bytes", 1, false, false},
    [NUMBER_U16] = {"unsigned 16-bit integers", 2, false, false},
    [NUMBER_I16] = {"16-bit integers", 2, false, false},
    [NUMBER_U32] = {"unsigned 32-bit integers", 4, false, true},
    [NUMBER_I32] = {"32-bit integers", 4, false, true},
    [NUMBER_U64] = {"unsigned 64-bit integers", 8, false, true},
    [NUMBER_I64] = {"64-bit integers", 8, false, true},
    [NUMBER_F32] = {"32-bit floats", 4, true, false},
    [NUMBER_F64] = {"64-bit floats", 8, true, true},
};

const char *number_type_name(enum number_type type) {
    return types[type].name;
}

size_t number_type_size(enum number_type type) {
    return types[type].size;
}

bool number_type_is_float(enum number_type type) {
    return types[type].is_float;
}

/* ---- shape ---- */

uint64_t array_most_bytes(void) {
    return machine_memory() / 2;
}

/* Bytes that a value takes while the array is read. */
static uint64_t room_of_value(enum number_type type) {
    return type == NUMBER_U8 ? 1 : sizeof(float) + (types[type].is_wide ? sizeof(double) : 0);
}

enum status array_set_shape(enum number_type type, int n_dims, const uint64_t *dims,
                            struct array *array) {
    uint64_t most = array_most_bytes(), size = room_of_value(type), width = 1;
    for (int i = 0; i < n_dims; i++) {
        if (dims[i] == 0)
            return fail(ERROR_DATA, "is empty: its dimension %d is 0", i);
        if (dims[i] > most / size)
            return fail(
                ERROR_DATA,
                "announces more than the %.3g GiB that are half of the memory for this process; "
                "is its header damaged?",
                (double)most / (1 << 30));
        size *= dims[i]; /* no product overflows */
        width *= i > 0 ? dims[i] : 1;
    }
    if (width > INT_MAX || dims[0] > INT_MAX)
        return fail(ERROR_DATA, "announces more than %d rows or columns", INT_MAX);
    array->type = type;
    array->n_rows = (long)dims[0];
    array->n_features = (int)width;
    return OK;
}

static size_t count_of(const struct array *array) {
    return (size_t)array->n_rows * (size_t)array->n_features;
}

static enum status take_room(struct array *array) {
    size_t count = count_of(array), size = array->type == NUMBER_U8 ? 1 : sizeof(float);
    void *room = malloc(count * size);
    if (!room)
        return fail(ERROR_RUN, "out of memory for %zu values", count);
    pages_large(room, count * size); /* rows are gathered in any order */
    if (array->type == NUMBER_U8)
        array->bytes = room;
    else
        array->values = room;
    return OK;
}

/* ---- values ---- */

/* The value at p, in the machine's order of bytes, in double. */
static double decode(enum number_type type, const uint8_t *p) {
    union {
        int8_t s8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
        float f32;
        double f64;
    } number;
    memcpy(&number, p, types[type].size);
    switch (type) {
    case NUMBER_S8:
        return number.s8;
    case NUMBER_U16:
        return number.u16;
    case NUMBER_I16:
        return number.i16;
    case NUMBER_U32:
        return number.u32;
    case NUMBER_I32:
        return number.i32;
    case NUMBER_U64:
        return (double)number.u64;
    case NUMBER_I64:
        return (double)number.i64;
    case NUMBER_F32:
        return (double)number.f32;
    case NUMBER_F64:
        return number.f64;
    case NUMBER_U8:
    case NUMBER_TYPES:
        break;
    }
    return p[0];
}

static void swap_bytes(uint8_t *raw, size_t n, size_t size) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size / 2; k++) {
            uint8_t *first = raw + i * size + k, *last = raw + (i + 1) * size - 1 - k,
                    byte = *first;
            *first = *last;
            *last = byte;
        }
}

static enum status fail_value(const struct array *array, size_t at) {
    return fail(ERROR_DATA, "row %zu, column %zu: not a finite number in float32",
                at / (size_t)array->n_features, at % (size_t)array->n_features);
}

/* n numbers that begin at value `first`: into exact, or where that is NULL, rounded, into the
 * array. */
static enum status decode_chunk(const struct array *array, size_t first, size_t n,
                                const uint8_t *raw, double *exact) {
    size_t size = types[array->type].size;
    for (size_t i = 0; i < n; i++) {
        double value = decode(array->type, raw + i * size);
        if (!isfinite((float)value))
            return fail_value(array, first + i);
        if (exact)
            exact[first + i] = value;
        else
            array->values[first + i] = (float)value;
    }
    return OK;
}

/* How many rows are read at once: whole pieces of the file, unless these are large themselves. */
static long rows_at_once(const struct array_rows *rows, const struct array *array,
                         size_t row_size) {
    long n = (long)(CHUNK_SIZE / row_size) + 1, piece = rows->piece > 0 ? rows->piece : 1;
    long most = (long)(array_most_bytes() / PIECES / row_size);
    if (piece < most)
        n = (n + piece - 1) / piece * piece;
    return n < array->n_rows ? n : array->n_rows;
}

static enum status read_numbers(const struct array_rows *rows, const struct array *array,
                                double *exact) {
    const bool swapped = rows->big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    size_t size = types[array->type].size, width = (size_t)array->n_features;
    long at_once = rows_at_once(rows, array, width * size);
    uint8_t *raw = malloc((size_t)at_once * width * size);
    enum status status = raw ? OK : fail(ERROR_RUN, "out of memory for a row");
    for (long first = 0; !status && first < array->n_rows; first += at_once) {
        long n = array->n_rows - first < at_once ? array->n_rows - first : at_once;
        status = rows->read(rows->context, first, n, raw);
        if (!status && swapped)
            swap_bytes(raw, (size_t)n * width, size);
        if (!status)
            status = decode_chunk(array, (size_t)first * width, (size_t)n * width, raw, exact);
    }
    free(raw);
    return status;
}

/* Inputs have one among the first, most often. */
static void note_fraction(const double *exact, struct array *array) {
    size_t n = count_of(array), i = 0;
    while (i < n && exact[i] == floor(exact[i]))
        i++;
    array->fraction = i < n ? exact[i] : 0;
    array->fraction_row = i < n ? (long)(i / (size_t)array->n_features) : -1;
}

/* From doubles to float32 with their origins, or those of `like`. */
static enum status round_doubles(const double *exact, const struct array *like,
                                 struct array *array) {
    size_t n = (size_t)array->n_rows, F = (size_t)array->n_features;
    note_fraction(exact, array);
    enum status status = like ? OK : distances_origins(n, F, exact, &array->origins);
    bool same = like && like->n_features == array->n_features;
    if (!status)
        status = distances_take(n, F, exact, same ? like->origins : array->origins, array->values);
    return status;
}

/* Read whole, since origins follow from all rows. */
static enum status read_wide(const struct array_rows *rows, const struct array *like,
                             struct array *array) {
    double *exact = malloc(count_of(array) * sizeof *exact);
    if (!exact)
        return fail(ERROR_RUN, "out of memory for %zu values", count_of(array));
    enum status status = read_numbers(rows, array, exact);
    if (!status)
        status = round_doubles(exact, like, array);
    free(exact);
    return status;
}

enum status array_read(const struct array_rows *rows, const struct array *like,
                       struct array *array) {
    enum status status = take_room(array);
    if (status)
        return status;
    if (array->bytes)
        return rows->read(rows->context, 0, array->n_rows, array->bytes);
    return types[array->type].is_wide ? read_wide(rows, like, array)
                                      : read_numbers(rows, array, NULL);
}

enum status array_from_doubles(const double *exact, const struct array *like, struct array *array) {
    size_t count = count_of(array);
    enum status status = take_room(array);
    for (size_t i = 0; i < count && !status; i++)
        if (!isfinite((float)exact[i]))
            status = fail_value(array, i);
    return status ? status : round_doubles(exact, like, array);
}

bool array_same(const struct array *a, const struct array *b) {
    size_t n = count_of(a);
    if (a->type != b->type || a->n_rows != b->n_rows || a->n_features != b->n_features)
        return false;
    return a->bytes ? !memcmp(a->bytes, b->bytes, n)
                    : !memcmp(a->values, b->values, n * sizeof *a->values);
}

void array_free(struct array *array) {
    free(array->bytes);
    free(array->values);
    free(array->origins);
    *array = (struct array){0};
}
