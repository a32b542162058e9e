/* Reading IDX: header, gzip or plain, types; nothing is used in part. */
#include "engine/format/idx.h"

#include <stdbool.h>

#include "engine/format/gz_file.h"

enum { MAX_DIMS = 8 };

struct header {
    enum number_type type;
    int n_dims;
    uint64_t dims[MAX_DIMS];
};

/* The bytes that stand for types. */
static const struct {
    enum idx_type byte;
    enum number_type type;
} types[] = {
    {IDX_U8, NUMBER_U8},   {IDX_S8, NUMBER_S8},   {IDX_I16, NUMBER_I16},
    {IDX_I32, NUMBER_I32}, {IDX_F32, NUMBER_F32}, {IDX_F64, NUMBER_F64},
};

enum { N_TYPES = sizeof types / sizeof *types };

static uint32_t big_endian_32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum status read_magic(struct gz_file *file, struct header *header) {
    uint8_t magic[4];
    enum status status = gz_read_exact(file, sizeof magic, "its header", magic);
    if (status)
        return status;
    if (magic[0] || magic[1])
        return fail(ERROR_DATA,
                    "is not an IDX file: it begins with 0x%02x%02x%02x%02x, "
                    "where IDX has two zero bytes",
                    magic[0], magic[1], magic[2], magic[3]);
    header->n_dims = magic[3];
    int i = 0;
    while (i < N_TYPES && types[i].byte != magic[2])
        i++;
    if (i == N_TYPES)
        return fail(ERROR_DATA,
                    "has the unknown IDX type 0x%02x; IDX has 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e",
                    magic[2]);
    header->type = types[i].type;
    return OK;
}

static enum status check_kind(const struct header *header, bool labels) {
    if (labels && header->n_dims != 1)
        return fail(ERROR_DATA,
                    "has %d dimensions, but labels have 1; are images and labels swapped?",
                    header->n_dims);
    if (labels && header->type != NUMBER_U8)
        return fail(ERROR_DATA, "holds %s, but labels are unsigned bytes",
                    number_type_name(header->type));
    if (!labels && (header->n_dims < 2 || header->n_dims > MAX_DIMS))
        return fail(ERROR_DATA,
                    "has %d dimension%s, but images have 2 to %d; are images and labels swapped?",
                    header->n_dims, header->n_dims == 1 ? "" : "s", MAX_DIMS);
    return OK;
}

static enum status read_header(struct gz_file *file, bool labels, struct array *array) {
    struct header header = {0};
    enum status status = read_magic(file, &header);
    if (!status)
        status = check_kind(&header, labels);
    for (int i = 0; !status && i < header.n_dims; i++) {
        uint8_t dim[4];
        status = gz_read_exact(file, sizeof dim, "its header", dim);
        header.dims[i] = status ? 0 : big_endian_32(dim);
    }
    return status ? status : array_set_shape(header.type, header.n_dims, header.dims, array);
}

/* The stream, and how long its rows are. */
struct stream {
    struct gz_file *file;
    size_t row_size;
};

static enum status read_rows(void *context, long first, long n, void *raw) {
    const struct stream *stream = context;
    (void)first; /* they come one after the other */
    return gz_read_exact(stream->file, (size_t)n * stream->row_size, "its values", raw);
}

static enum status read_values(struct gz_file *file, const struct array *like,
                               struct array *array) {
    struct stream stream = {file, (size_t)array->n_features * number_type_size(array->type)};
    const struct array_rows rows = {read_rows, &stream, .big_endian = true};
    return array_read(&rows, like, array);
}

static enum status read_open(struct gz_file *file, bool labels, const struct array *like,
                             struct array *array) {
    enum status status = read_header(file, labels, array);
    if (!status)
        status = gz_check_room(file, (uint64_t)array->n_rows * (uint64_t)array->n_features *
                                         number_type_size(array->type));
    if (!status)
        status = read_values(file, like, array);
    return status ? status : gz_read_end(file);
}

static enum status read_file(const char *path, bool labels, const struct array *like,
                             struct array *result) {
    struct array array = {0};
    struct gz_file file;
    enum status status = gz_open(path, &file);
    if (status)
        return status;
    status = read_open(&file, labels, like, &array);
    gz_close(&file);
    if (status) {
        array_free(&array);
        return fail_in(status, "%s", path);
    }
    *result = array;
    return OK;
}

enum status idx_read_images(const char *path, const struct array *like, struct array *images) {
    return read_file(path, false, like, images);
}

enum status idx_read_labels(const char *path, struct array *labels) {
    return read_file(path, true, NULL, labels);
}
