/* Files that may be compressed by gzip: read as what is in them. The only home of zlib.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct gz_file {
    struct gzFile_s *stream;
    uint64_t size; /* bytes on the disk */
};

/* Messages of all but gz_open do not name the path. ERROR_DATA: there is none, or none that can be
 * read; ERROR_UNREADABLE. */
enum status gz_open(const char *path, struct gz_file *file);
/* The next bytes, `size` of them or as many as there are; what they are of is `where` in messages.
 * ERROR_DATA: damaged or cut off. */
enum status gz_read(struct gz_file *file, size_t size, const char *where, void *bytes, size_t *n);
/* ERROR_DATA: fewer than `size` are left. */
enum status gz_read_exact(struct gz_file *file, size_t size, const char *where, void *bytes);
/* ERROR_DATA: something is left; the checksum is wrong. */
enum status gz_read_end(struct gz_file *file);
/* No memory is asked for on the word of a header alone: a file holds its values, or where it is
 * compressed, at most 1032 times its size. ERROR_DATA: `size` bytes are not in it. */
enum status gz_check_room(const struct gz_file *file, uint64_t size);
/* Do both files hold the same bytes, unpacked? ERROR_DATA, ERROR_UNREADABLE, ERROR_RUN, with the
 * path. */
enum status gz_same(const char *path, const char *other, bool *same);
void gz_close(struct gz_file *file);
