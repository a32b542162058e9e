/* From a dataset of HDF5 to an array. */
#include "engine/format/hdf5_array.h"

#include "io/hdf5_values.h"

enum { MAX_DIMS = 8 };

/* Kind and size of a number of HDF5, and its type here. */
static const struct {
    char kind;
    size_t size;
    enum number_type type;
} types[] = {
    {'u', 1, NUMBER_U8},  {'i', 1, NUMBER_S8},  {'u', 2, NUMBER_U16}, {'i', 2, NUMBER_I16},
    {'u', 4, NUMBER_U32}, {'i', 4, NUMBER_I32}, {'u', 8, NUMBER_U64}, {'i', 8, NUMBER_I64},
    {'f', 4, NUMBER_F32}, {'f', 8, NUMBER_F64},
};

static enum number_type type_of(const struct hdf5_number *number) {
    size_t i = 0;
    while (types[i].kind != number->kind || types[i].size != number->size)
        i++; /* it is one of these */
    return types[i].type;
}

static enum status read_rows(void *context, long first, long n, void *raw) {
    return hdf5_read_rows(*(const hdf5_id *)context, (size_t)first, (size_t)n, raw);
}

static enum status read_open(hdf5_id dataset, uint64_t file_size, const struct array *like,
                             struct array *array) {
    enum { WIDEST = 8 }; /* bytes that HDF5's side counts for a byte */
    size_t left = WIDEST * hdf5_allowance(file_size);
    struct hdf5_number number = {0};
    size_t extents[MAX_DIMS];
    uint64_t dims[MAX_DIMS] = {0};
    int n_dims = 0;
    enum status status = hdf5_number_type(dataset, &number);
    if (!status)
        status = hdf5_check_whole(dataset, number.size);
    if (!status)
        status = hdf5_check_room(dataset, file_size);
    if (!status)
        status = hdf5_array_shape(dataset, &left, MAX_DIMS, &n_dims, extents);
    if (status)
        return status;
    for (int d = 0; d < n_dims; d++)
        dims[d] = extents[d];
    if (n_dims == 0)
        return fail(ERROR_DATA, "holds a single number and no array");
    status = array_set_shape(type_of(&number), n_dims, dims, array);
    const struct array_rows rows = {read_rows, &dataset, number.big_endian,
                                    (long)hdf5_chunk_rows(dataset)};
    return status ? status : array_read(&rows, like, array);
}

enum status hdf5_array_read(const struct hdf5_file *file, const char *name,
                            const struct array *like, struct array *array) {
    struct array read = {0};
    hdf5_id dataset = -1;
    enum status status = hdf5_open_dataset(file->id, name, &dataset);
    if (!status) {
        status = read_open(dataset, file->size, like, &read);
        status = hdf5_close(dataset, status);
        if (status)
            status = fail_in(status, "dataset '%s'", name);
    }
    if (status) {
        array_free(&read);
        return status == ERROR_RESULTS ? ERROR_DATA : status;
    }
    *array = read;
    return OK;
}
