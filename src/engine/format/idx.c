/* Reading IDX: header, gzip or plain, types; nothing is used in part. */
#include "engine/format/idx.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "io/files.h"

enum { MAX_DIMS = 8, BUFFER_SIZE = 1 << 18, READ_SIZE = 1 << 28 };
enum { MOST_INFLATED = 1032 }; /* what a byte of deflate becomes at most */

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

static enum status read_header(gzFile file, bool labels, struct array *array) {
    struct header header = {0};
    enum status status = read_magic(file, &header);
    if (!status)
        status = check_kind(&header, labels);
    for (int i = 0; !status && i < header.n_dims; i++) {
        uint8_t dim[4];
        status = read_exact(file, dim, sizeof dim, "its header");
        header.dims[i] = status ? 0 : big_endian_32(dim);
    }
    return status ? status : array_set_shape(header.type, header.n_dims, header.dims, array);
}

/* The stream, and how long its rows are. */
struct stream {
    gzFile file;
    size_t row_size;
};

static enum status read_rows(void *context, long first, long n, void *raw) {
    const struct stream *stream = context;
    (void)first; /* they come one after the other */
    return read_exact(stream->file, raw, (size_t)n * stream->row_size, "its values");
}

static enum status read_values(gzFile file, const struct array *like, struct array *array) {
    struct stream stream = {file, (size_t)array->n_features * number_type_size(array->type)};
    const struct array_rows rows = {read_rows, &stream, true};
    return array_read(&rows, like, array);
}

/* No memory is asked for on the word of a header alone: a file holds its values, or where it is
 * compressed, at most 1032 times its size. */
static enum status check_room(gzFile file, uint64_t file_size, const struct array *array) {
    uint64_t size =
        (uint64_t)array->n_rows * (uint64_t)array->n_features * number_type_size(array->type);
    if (gzdirect(file) && size > file_size)
        return fail(ERROR_DATA, "is cut off in its values; fetch it again");
    if (size / MOST_INFLATED > file_size)
        return fail(ERROR_DATA, "the compressed file is cut off in its values, or its header is "
                                "damaged; fetch it again");
    return OK;
}

static enum status read_open(gzFile file, uint64_t file_size, bool labels, const struct array *like,
                             struct array *array) {
    gzbuffer(file, BUFFER_SIZE);
    enum status status = read_header(file, labels, array);
    if (!status)
        status = check_room(file, file_size, array);
    if (!status)
        status = read_values(file, like, array);
    return status ? status : read_end(file);
}

static enum status read_file(const char *path, bool labels, const struct array *like,
                             struct array *result) {
    struct array array = {0};
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
    status = read_open(file, (uint64_t)info.st_size, labels, like, &array);
    int closed = gzclose(file);
    if (!status && closed != Z_OK)
        status = fail(ERROR_DATA, "is damaged at its end; fetch it again");
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
