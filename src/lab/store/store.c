#include "lab/store/store_hdf5.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "io/files.h"

enum { REASON_SIZE = 512 };

/* Every file is closed where it was opened. HDF5's own clean-up at exit is called off: it would
 * crash on a file that could not be closed on a full disk. */
void hdf5_begin(void) {
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* The first error of an upward walk is the innermost. Of the drivers' descriptions only the
 * system's words are kept: the rest is addresses and times. */
static herr_t innermost(unsigned n, const H5E_error2_t *error, void *context) {
    static const char system_error[] = "error message = '";
    char *reason = context;
    if (n > 0 || !error->desc)
        return 0;
    const char *words = strstr(error->desc, system_error);
    if (words) {
        words += sizeof system_error - 1;
        snprintf(reason, REASON_SIZE, "%.*s", (int)strcspn(words, "'"), words);
    } else {
        snprintf(reason, REASON_SIZE, "%s", error->desc);
    }
    return 0;
}

enum status hdf5_fail(enum status status, const char *format, ...) {
    char reason[REASON_SIZE] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return reason[0] ? fail(status, "%s: %s", text, reason) : fail(status, "%s", text);
}

void hdf5_close(hid_t id) {
    if (id >= 0)
        H5Idec_ref(id);
}

const char *store_hdf5_version(void) {
    static char text[32];
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
    return text;
}

/* ---- the seal of a run file ---- */

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
        return fail(ERROR_RESULTS, "%s", strerror(errno));
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

/* ---- what killed processes leave ---- */

/* Is there no such process, or only what is left of one that its parent has not asked for? */
static bool is_dead(pid_t pid) {
    char path[32], text[512] = "";
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *name_end =
        strrchr(text, ')'); /* "pid (name) state ...": a name may hold anything */
    return name_end && strncmp(name_end, ") Z", 3) == 0;
}

/* What stands after ".tmp." in the name of a temporary file of ours; NULL: it is none. */
static const char *temporary_owner(const char *name) {
    static const char *const marks[] = {".h5.tmp.", ".json.tmp."};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *mark = strstr(name, marks[i]);
        if (mark)
            return mark + strlen(marks[i]);
    }
    return NULL;
}

/* Is `name` a temporary file of a process of this host that is no more? */
static bool is_abandoned(const char *name, const char *host) {
    const char *rest = temporary_owner(name);
    size_t length = strlen(host);
    if (!rest)
        return false;
    if (strncmp(rest, host, length) != 0 || rest[length] != '.')
        return false;
    char *end;
    errno = 0;
    long pid = strtol(rest + length + 1, &end, 10);
    if (errno || pid <= 0 || pid > INT32_MAX || *end || end == rest + length + 1)
        return false;
    return is_dead((pid_t)pid);
}

int store_sweep(const char *dir) {
    char host[HOST_SIZE];
    file_host(host);
    DIR *folder = opendir(dir);
    if (!folder)
        return 0;
    int n_swept = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)))
        if (is_abandoned(entry->d_name, host) && unlinkat(dirfd(folder), entry->d_name, 0) == 0)
            n_swept++;
    closedir(folder);
    return n_swept;
}
