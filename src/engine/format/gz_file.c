/* Reads files that may be gzipped, and says of them what zlib and the system say. */
#include "engine/format/gz_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "io/files.h"

/* Of a plain file, zlib reads twice its buffer or more straight into the caller's. */
enum { BUFFER_SIZE = 1 << 17, READ_SIZE = 1 << 28 };
enum { MOST_INFLATED = 1032 }; /* what a byte of deflate becomes at most */

enum status gz_open(const char *path, struct gz_file *file) {
    struct stat info;
    int descriptor;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status == ERROR_UNREADABLE ? status : ERROR_DATA, "%s: cannot be opened",
                       path);
    gzFile stream = fstat(descriptor, &info) ? NULL : gzdopen(descriptor, "rb");
    if (!stream) {
        close(descriptor); /* nothing was read from it yet */
        return fail(ERROR_UNREADABLE, "%s: cannot be opened: out of memory", path);
    }
    gzbuffer(stream, BUFFER_SIZE);
    *file = (struct gz_file){stream, (uint64_t)info.st_size};
    return OK;
}

/* zlib names files by their descriptors, "<fd:3>: "; the caller names them better. */
static const char *without_name(const char *message) {
    const char *end = strstr(message, ">: ");
    return end ? end + 3 : message;
}

/* What zlib or the system has to say about a stream that gave less than it should. */
static enum status fail_stream(gzFile stream, const char *where) {
    int code;
    const char *message = gzerror(stream, &code);
    if (code == Z_ERRNO || code == Z_MEM_ERROR)
        return fail(ERROR_UNREADABLE, "cannot be read: %s",
                    code == Z_ERRNO ? strerror(errno) : without_name(message));
    if (code == Z_BUF_ERROR)
        return fail(ERROR_DATA, "the compressed file is cut off in %s; fetch it again", where);
    if (code != Z_OK && code != Z_STREAM_END)
        return fail(ERROR_DATA, "the compressed file is damaged in %s (%s); fetch it again", where,
                    without_name(message));
    return fail(ERROR_DATA, "is cut off in %s; fetch it again", where);
}

/* zlib gives what it has before it says that the rest is missing. */
enum status gz_read(struct gz_file *file, size_t size, const char *where, void *bytes, size_t *n) {
    char *next = bytes;
    size_t left = size;
    int got = 1, code = Z_OK;
    while (left > 0 && got > 0) {
        got = gzread(file->stream, next, (unsigned)(left < READ_SIZE ? left : READ_SIZE));
        next += got > 0 ? got : 0;
        left -= got > 0 ? (size_t)got : 0;
    }
    gzerror(file->stream, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
        return fail_stream(file->stream, where);
    *n = size - left;
    return OK;
}

enum status gz_read_exact(struct gz_file *file, size_t size, const char *where, void *bytes) {
    size_t n = 0;
    enum status status = gz_read(file, size, where, bytes, &n);
    return !status && n < size ? fail_stream(file->stream, where) : status;
}

/* One byte more than there should be: reads on into the gzip trailer, where the checksum is. */
enum status gz_read_end(struct gz_file *file) {
    char extra;
    size_t n = 0;
    enum status status = gz_read(file, 1, "its last bytes", &extra, &n);
    if (!status && n > 0)
        return fail(ERROR_DATA, "goes on after the last value that its header announces; "
                                "is it the right file?");
    return status;
}

enum status gz_check_room(const struct gz_file *file, uint64_t size) {
    if (gzdirect(file->stream) && size > file->size)
        return fail(ERROR_DATA, "is cut off in its values; fetch it again");
    if (size / MOST_INFLATED > file->size)
        return fail(ERROR_DATA, "the compressed file is cut off in its values, or its header is "
                                "damaged; fetch it again");
    return OK;
}

/* Up to the first piece that differs. */
static enum status compare(struct gz_file files[2], const char *const paths[2],
                           char pieces[2][BUFFER_SIZE], bool *same) {
    size_t n[2] = {BUFFER_SIZE, BUFFER_SIZE};
    for (*same = true; *same && n[0] == BUFFER_SIZE;) {
        for (int i = 0; i < 2; i++) {
            enum status status = gz_read(&files[i], BUFFER_SIZE, "its bytes", pieces[i], &n[i]);
            if (status)
                return fail_in(status, "%s", paths[i]);
        }
        *same = n[0] == n[1] && !memcmp(pieces[0], pieces[1], n[0]);
    }
    return OK;
}

enum status gz_same(const char *path, const char *other, bool *same) {
    const char *const paths[2] = {path, other};
    struct gz_file files[2] = {{0}, {0}};
    char(*pieces)[BUFFER_SIZE] = malloc(2 * sizeof *pieces);
    enum status status = pieces ? OK : fail(ERROR_RUN, "%s: out of memory", path);
    for (int i = 0; i < 2 && !status; i++)
        status = gz_open(paths[i], &files[i]);
    if (!status)
        status = compare(files, paths, pieces, same);
    for (int i = 0; i < 2; i++)
        if (files[i].stream)
            gz_close(&files[i]);
    free(pieces);
    return status;
}

void gz_close(struct gz_file *file) {
    gzclose(file->stream); /* only read from */
    *file = (struct gz_file){0};
}
