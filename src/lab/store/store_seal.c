/* Hashing a whole file, and comparing. */
#include "lab/store/store_seal.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

static const char seal_mark[] = "\nnormlab-seal ";

enum {
    MARK_SIZE = sizeof seal_mark - 1,
    SEAL_SIZE = MARK_SIZE + HASH_TEXT_SIZE, /* the mark, the hash, a line's end */
    BLOCK_SIZE = 65536
};

static enum status fail_reading(void) {
    return fail(ERROR_UNREADABLE, "cannot be read now: %s", strerror(errno));
}

/* All `size` bytes at a place, or the errno; ESTALE: the file has become shorter. */
static bool read_at(int descriptor, off_t at, char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = pread(descriptor, bytes, size, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ESTALE;
        if (n <= 0)
            return false;
        bytes += n;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* The line that seals the file's first `size` bytes. */
static bool make_seal(int descriptor, off_t size, char seal[SEAL_SIZE]) {
    struct hash hash;
    char block[BLOCK_SIZE];
    hash_begin(&hash);
    for (off_t at = 0; at < size; at += BLOCK_SIZE) {
        size_t n = size - at < BLOCK_SIZE ? (size_t)(size - at) : BLOCK_SIZE;
        if (!read_at(descriptor, at, block, n))
            return false;
        hash_add(&hash, block, n);
    }
    memcpy(seal, seal_mark, MARK_SIZE);
    hash_end(&hash, seal + MARK_SIZE);
    seal[SEAL_SIZE - 1] = '\n';
    return true;
}

enum status store_seal(struct draft *draft) {
    char seal[SEAL_SIZE];
    off_t size = lseek(draft->descriptor, 0, SEEK_END);
    if (size < 0 || !make_seal(draft->descriptor, size, seal))
        return fail(ERROR_RUN, "cannot write '%s': %s", draft->path, strerror(errno));
    return draft_write(draft, seal, sizeof seal);
}

enum status store_check_seal(int descriptor) {
    char found[SEAL_SIZE], right[SEAL_SIZE];
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fail_reading();
    off_t size = about.st_size - SEAL_SIZE;
    if (size < 0)
        return OK;
    if (!read_at(descriptor, size, found, sizeof found))
        return fail_reading();
    if (memcmp(found, seal_mark, MARK_SIZE) != 0)
        return OK;
    if (!make_seal(descriptor, size, right))
        return fail_reading();
    return memcmp(found, right, SEAL_SIZE) == 0
               ? OK
               : fail(ERROR_RESULTS, "damaged, or changed after it was written (its hash does not "
                                     "fit its contents)");
}
