/* Reading IDX: header, gzip or plain, types; nothing is used in part. */
#include "engine/data/idx.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/pages.h"
#include "engine/data/distances.h"
#include "io/files.h"

enum { MAX_DIMS = 8, CHUNK = 4096, BUFFER_SIZE = 1 << 18, READ_SIZE = 1 << 28 };
enum { MOST_INFLATED = 1032 }; /* what a byte of deflate becomes at most */

static const uint64_t max_size_bytes = (uint64_t)4 << 30;

struct header {
    enum idx_type type;
    int n_dims;
    uint64_t dims[MAX_DIMS];
};

static const struct {
    enum idx_type type;
    size_t size_bytes;
    const char *name;
} types[] = {
    {IDX_U8, 1, "unsigned bytes"},   {IDX_S8, 1, "signed bytes"},   {IDX_I16, 2, "16-bit integers"},
    {IDX_I32, 4, "32-bit integers"}, {IDX_F32, 4, "32-bit floats"}, {IDX_F64, 8, "64-bit floats"},
};

enum { N_TYPES = sizeof types / sizeof *types };

const char *idx_type_name(enum idx_type type) {
    for (int i = 0; i < N_TYPES; i++)
        if (types[i].type == type)
            return types[i].name;
    return "values of no known type";
}

static size_t type_size(enum idx_type type) {
    for (int i = 0; i < N_TYPES; i++)
        if (types[i].type == type)
            return types[i].size_bytes;
    return 0;
}

/* What zlib or the system has to say about a stream that gave less than it should. */
static enum status fail_stream(gzFile file, const char *where) {
    int code;
    const char *message = gzerror(file, &code);
    if (code == Z_ERRNO || code == Z_MEM_ERROR)
        return fail(ERROR_UNREADABLE, "cannot be read: %s",
                    code == Z_ERRNO ? strerror(errno) : message);
    if (code == Z_BUF_ERROR)
        return fail(ERROR_DATA, "the compressed file is cut off in %s; fetch it again", where);
    if (code != Z_OK && code != Z_STREAM_END)
        return fail(ERROR_DATA, "the compressed file is damaged in %s (%s); fetch it again", where,
                    message);
    return fail(ERROR_DATA, "is cut off in %s; fetch it again", where);
}

static enum status read_exact(gzFile file, void *buffer, size_t size, const char *where) {
    char *next = buffer;
    while (size > 0) {
        int n = gzread(file, next, (unsigned)(size < READ_SIZE ? size : READ_SIZE));
        if (n <= 0)
            return fail_stream(file, where);
        next += n;
        size -= (size_t)n;
    }
    return OK;
}

/* One byte more than the header promised: reads on into the gzip trailer, where the checksum is. */
static enum status read_end(gzFile file) {
    char extra;
    int n = gzread(file, &extra, 1);
    int code;
    gzerror(file, &code);
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END))
        return fail_stream(file, "its last bytes");
    if (n > 0)
        return fail(ERROR_DATA, "goes on after the last value that its header announces; "
                                "is it the right file?");
    return OK;
}

static uint32_t big_endian_32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum status read_magic(gzFile file, struct header *header) {
    uint8_t magic[4];
    enum status status = read_exact(file, magic, sizeof magic, "its header");
    if (status)
        return status;
    if (magic[0] || magic[1])
        return fail(ERROR_DATA,
                    "is not an IDX file: it begins with 0x%02x%02x%02x%02x, "
                    "where IDX has two zero bytes",
                    magic[0], magic[1], magic[2], magic[3]);
    header->type = (enum idx_type)magic[2];
    header->n_dims = magic[3];
    if (type_size(header->type) == 0)
        return fail(ERROR_DATA,
                    "has the unknown IDX type 0x%02x; IDX has 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e",
                    magic[2]);
    return OK;
}

static enum status check_kind(const struct header *header, bool labels) {
    if (labels && header->n_dims != 1)
        return fail(ERROR_DATA,
                    "has %d dimensions, but labels have 1; are images and labels swapped?",
                    header->n_dims);
    if (labels && header->type != IDX_U8)
        return fail(ERROR_DATA, "holds %s, but labels are unsigned bytes",
                    idx_type_name(header->type));
    if (!labels && (header->n_dims < 2 || header->n_dims > MAX_DIMS))
        return fail(ERROR_DATA,
                    "has %d dimension%s, but images have 2 to %d; are images and labels swapped?",
                    header->n_dims, header->n_dims == 1 ? "" : "s", MAX_DIMS);
    return OK;
}

/* Sets n_rows and n_features; no product is formed that could overflow. */
static enum status check_dims(const struct header *header, struct idx *idx) {
    uint64_t value_size = header->type == IDX_U8 ? 1 : sizeof(float);
    uint64_t size = value_size, width = 1;
    for (int i = 0; i < header->n_dims; i++) {
        uint64_t dim = header->dims[i];
        if (dim == 0)
            return fail(ERROR_DATA, "is empty: its dimension %d is 0", i);
        if (dim > max_size_bytes / size)
            return fail(ERROR_DATA, "announces more than the 4 GiB that normlab reads; "
                                    "is its header damaged?");
        size *= dim;
        width *= i > 0 ? dim : 1;
    }
    if (width > INT_MAX || header->dims[0] > INT_MAX)
        return fail(ERROR_DATA, "announces more than %d rows or columns", INT_MAX);
    idx->type = header->type;
    idx->n_rows = (long)header->dims[0];
    idx->n_features = (int)width;
    return OK;
}

static enum status read_header(gzFile file, bool labels, struct idx *idx) {
    struct header header = {0};
    enum status status = read_magic(file, &header);
    if (!status)
        status = check_kind(&header, labels);
    for (int i = 0; !status && i < header.n_dims; i++) {
        uint8_t dim[4];
        status = read_exact(file, dim, sizeof dim, "its header");
        header.dims[i] = status ? 0 : big_endian_32(dim);
    }
    return status ? status : check_dims(&header, idx);
}

/* The value at p, big-endian, in double: all types fit. */
static double decode(enum idx_type type, const uint8_t *p) {
    switch (type) {
    case IDX_U8:
        return p[0];
    case IDX_S8:
        return (int8_t)p[0];
    case IDX_I16:
        return (int16_t)(p[0] << 8 | p[1]);
    case IDX_I32:
        return (int32_t)big_endian_32(p);
    case IDX_F32: {
        uint32_t bits = big_endian_32(p);
        float value;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    case IDX_F64: {
        uint64_t bits = (uint64_t)big_endian_32(p) << 32 | big_endian_32(p + 4);
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    }
    return NAN;
}

/* n numbers of the chunk that begins at value `first`. */
static enum status decode_chunk(const struct idx *idx, size_t first, size_t n, const uint8_t *raw,
                                double *decoded) {
    size_t size = type_size(idx->type);
    for (size_t i = 0; i < n; i++) {
        decoded[i] = decode(idx->type, raw + i * size);
        if (!isfinite((float)decoded[i]))
            return fail(ERROR_DATA, "row %zu, column %zu: not a finite number in float32",
                        (first + i) / (size_t)idx->n_features,
                        (first + i) % (size_t)idx->n_features);
    }
    return OK;
}

/* Into exact [count]; where that is NULL, rounded, into idx->values. */
static enum status read_numbers(gzFile file, const struct idx *idx, size_t count, double *exact) {
    uint8_t raw[CHUNK * sizeof(double)];
    double decoded[CHUNK];
    enum status status = OK;
    for (size_t first = 0; !status && first < count; first += CHUNK) {
        size_t n = count - first < CHUNK ? count - first : CHUNK;
        status = read_exact(file, raw, n * type_size(idx->type), "its values");
        if (!status)
            status = decode_chunk(idx, first, n, raw,
                                  exact ? exact + first : decoded); /* analysis: is filled */
        for (size_t i = 0; i < n && !status && !exact; i++)
            idx->values[first + i] = (float)decoded[i];
    }
    return status;
}

/* Of types with more digits than float32 has: read whole, since origins follow from all rows. */
static enum status read_wide(gzFile file, const struct idx *like, size_t count, struct idx *idx) {
    size_t n = (size_t)idx->n_rows, F = (size_t)idx->n_features;
    double *exact = malloc(count * sizeof *exact);
    if (!exact)
        return fail(ERROR_RUN, "out of memory for %zu values", count);
    enum status status = read_numbers(file, idx, count, exact);
    if (!status && !like)
        status = distances_origins(n, F, exact, &idx->origins);
    bool same = like && like->n_features == idx->n_features;
    if (!status)
        status = distances_take(n, F, exact, same ? like->origins : idx->origins, idx->values);
    free(exact);
    return status;
}

static enum status read_values(gzFile file, const struct idx *like, struct idx *idx) {
    size_t count = (size_t)idx->n_rows * (size_t)idx->n_features;
    if (idx->type == IDX_U8)
        idx->bytes = malloc(count);
    else
        idx->values = malloc(count * sizeof(float));
    if (!idx->bytes && !idx->values)
        return fail(ERROR_RUN, "out of memory for %zu values", count);
    if (idx->bytes)
        pages_large(idx->bytes, count); /* rows are gathered in any order */
    else
        pages_large(idx->values, count * sizeof(float));
    if (idx->bytes)
        return read_exact(file, idx->bytes, count, "its values");
    return idx->type == IDX_I32 || idx->type == IDX_F64 ? read_wide(file, like, count, idx)
                                                        : read_numbers(file, idx, count, NULL);
}

/* No memory is asked for on the word of a header alone: a file holds its values, or where it is
 * compressed, at most 1032 times its size. */
static enum status check_room(gzFile file, uint64_t file_size, const struct idx *idx) {
    uint64_t size = (uint64_t)idx->n_rows * (uint64_t)idx->n_features * type_size(idx->type);
    if (gzdirect(file) && size > file_size)
        return fail(ERROR_DATA, "is cut off in its values; fetch it again");
    if (size / MOST_INFLATED > file_size)
        return fail(ERROR_DATA, "the compressed file is cut off in its values, or its header is "
                                "damaged; fetch it again");
    return OK;
}

static enum status read_open(gzFile file, uint64_t file_size, bool labels, const struct idx *like,
                             struct idx *idx) {
    gzbuffer(file, BUFFER_SIZE);
    enum status status = read_header(file, labels, idx);
    if (!status)
        status = check_room(file, file_size, idx);
    if (!status)
        status = read_values(file, like, idx);
    return status ? status : read_end(file);
}

static enum status read_file(const char *path, bool labels, const struct idx *like,
                             struct idx *result) {
    struct idx idx = {0};
    struct stat info;
    int descriptor;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status == ERROR_UNREADABLE ? status : ERROR_DATA, "%s: cannot be opened",
                       path);
    gzFile file = fstat(descriptor, &info) ? NULL : gzdopen(descriptor, "rb");
    if (!file) {
        close(descriptor); /* nothing was read from it yet */
        return fail(ERROR_UNREADABLE, "%s: cannot be opened: out of memory", path);
    }
    status = read_open(file, (uint64_t)info.st_size, labels, like, &idx);
    int closed = gzclose(file);
    if (!status && closed != Z_OK)
        status = fail(ERROR_DATA, "is damaged at its end; fetch it again");
    if (status) {
        idx_free(&idx);
        return fail_in(status, "%s", path);
    }
    *result = idx;
    return OK;
}

enum status idx_read_images(const char *path, const struct idx *like, struct idx *images) {
    return read_file(path, false, like, images);
}

enum status idx_read_labels(const char *path, struct idx *labels) {
    return read_file(path, true, NULL, labels);
}

void idx_free(struct idx *idx) {
    free(idx->bytes);
    free(idx->values);
    free(idx->origins);
    *idx = (struct idx){0};
}
