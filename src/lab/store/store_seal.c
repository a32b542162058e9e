/* Hashing a whole file, and comparing. */
#define _GNU_SOURCE /* memmem */
#include "lab/store/store_seal.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "io/files.h"

static const char seal_mark[] = "\nnormlab-seal ";

enum {
    MARK_SIZE = sizeof seal_mark - 1,
    SEAL_SIZE = MARK_SIZE + HASH_TEXT_SIZE, /* the mark, the hash, a line's end */
    BLOCK_SIZE = 65536
};

static enum status fail_reading(void) {
    return fail(ERROR_UNREADABLE, "cannot be read now: %s", strerror(errno));
}

/* The line that seals the file's first `size` bytes. */
static bool make_seal(int descriptor, off_t size, char seal[SEAL_SIZE]) {
    struct hash hash;
    char block[BLOCK_SIZE];
    hash_begin(&hash);
    for (off_t at = 0; at < size; at += BLOCK_SIZE) {
        size_t n = size - at < BLOCK_SIZE ? (size_t)(size - at) : BLOCK_SIZE;
        if (!file_read_at(descriptor, at, block, n))
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
        return fail(ERROR_RUN, "cannot be sealed: %s", strerror(errno));
    return draft_write(draft, seal, sizeof seal);
}

/* ---- checking ---- */

/* What a good seal was found on. Whoever writes changes the times. */
struct checked {
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec written, changed;
};

enum { MOST_CHECKED = 64 };

static struct checked checked[MOST_CHECKED];
static unsigned n_checked;

static bool is_same_time(struct timespec a, struct timespec b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool was_checked(const struct stat *about) {
    for (int i = 0; i < MOST_CHECKED; i++)
        if (checked[i].device == about->st_dev && checked[i].number == about->st_ino &&
            checked[i].size == about->st_size && is_same_time(checked[i].written, about->st_mtim) &&
            is_same_time(checked[i].changed, about->st_ctim))
            return true;
    return false;
}

static void keep_checked(const struct stat *about) {
    checked[n_checked++ % MOST_CHECKED] = (struct checked){
        about->st_dev, about->st_ino, about->st_size, about->st_mtim, about->st_ctim};
}

/* Does a file whose seal is gone say that it had one? Asked of its first bytes, where our files
 * have the attribute, since HDF5 may crash on a file that is damaged. */
static bool says_sealed(int descriptor) {
    char begin[4096];
    ssize_t n = pread(descriptor, begin, sizeof begin, 0);
    return n > 0 && memmem(begin, (size_t)n, SEALED_ATTRIBUTE, sizeof SEALED_ATTRIBUTE - 1);
}

enum status store_fail_unsealed(void) {
    return fail(ERROR_RESULTS, "its seal is missing: it was cut off, or another program wrote the "
                               "file; commands that show results read it with --unsealed");
}

enum status store_check_seal(int descriptor, bool *sealed) {
    char found[SEAL_SIZE] = "", right[SEAL_SIZE];
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fail_reading();
    off_t size = about.st_size - SEAL_SIZE;
    *sealed = was_checked(&about);
    if (*sealed)
        return OK;
    if (size > 0 && !file_read_at(descriptor, size, found, sizeof found))
        return fail_reading();
    if (memcmp(found, seal_mark, MARK_SIZE) != 0)
        return says_sealed(descriptor) ? store_fail_unsealed() : OK;
    if (!make_seal(descriptor, size, right))
        return fail_reading();
    if (memcmp(found, right, SEAL_SIZE) != 0)
        return fail(ERROR_RESULTS,
                    "damaged, or changed after it was written (its hash does not fit "
                    "its contents); commands that show results read it with --unsealed");
    keep_checked(&about);
    *sealed = true;
    return OK;
}
