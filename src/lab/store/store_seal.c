/* Hashing a whole file, and comparing. */
#include "lab/store/store_seal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "io/files.h"

static const char seal_mark[] = "\nnormlab-seal ";

enum { MARK_SIZE = sizeof seal_mark - 1, SEAL_SIZE = MARK_SIZE + HASH_TEXT_SIZE };

/* Hash of the file's first `size` bytes; false: fewer could be read. */
static bool hash_file(FILE *file, long size, char text[HASH_TEXT_SIZE]) {
    struct hash hash;
    char block[16384];
    hash_begin(&hash);
    rewind(file);
    while (size > 0) {
        size_t wanted = size < (long)sizeof block ? (size_t)size : sizeof block;
        size_t n = fread(block, 1, wanted, file);
        if (n == 0)
            return false;
        hash_add(&hash, block, n);
        size -= (long)n;
    }
    hash_end(&hash, text);
    return true;
}

static long file_size(FILE *file) {
    return fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
}

enum status store_seal(const char *path) {
    char text[HASH_TEXT_SIZE];
    FILE *file = fopen(path, "r+be");
    long size = file ? file_size(file) : -1;
    bool sealed = size >= 0 && hash_file(file, size, text) && fseek(file, 0, SEEK_END) == 0 &&
                  fprintf(file, "%s%s\n", seal_mark, text) == SEAL_SIZE;
    int error = errno;
    if (file && fclose(file) != 0 && sealed) {
        sealed = false;
        error = errno;
    }
    return sealed ? OK : fail(ERROR_RUN, "cannot write '%s': %s", path, strerror(error));
}

enum status store_check_seal(const char *path) {
    char seal[SEAL_SIZE + 1] = "", text[HASH_TEXT_SIZE];
    FILE *file = fopen(path, "rbe");
    if (!file)
        return fail(file_error(errno), "%s", strerror(errno));
    enum status status = OK;
    long size = file_size(file);
    bool has_seal = size >= SEAL_SIZE && fseek(file, size - SEAL_SIZE, SEEK_SET) == 0 &&
                    fread(seal, 1, SEAL_SIZE, file) == SEAL_SIZE &&
                    memcmp(seal, seal_mark, MARK_SIZE) == 0;
    if (has_seal && (!hash_file(file, size - SEAL_SIZE, text) ||
                     memcmp(seal + MARK_SIZE, text, HASH_TEXT_SIZE - 1) != 0)) {
        status = fail(ERROR_RESULTS, "damaged, or changed after it was written (its hash does not "
                                     "fit its contents)");
    }
    fclose(file);
    return status;
}
