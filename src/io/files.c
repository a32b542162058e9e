/* Reads small text files, and publishes new ones whole or not at all. */
#include "io/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sort.h"
#include "io/draft.h"

enum status file_error(int error) {
    static const int nothing[] = {ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, ENXIO, ENODEV, EISDIR};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (error == nothing[i])
            return ERROR_RESULTS;
    return ERROR_UNREADABLE;
}

/* A stale handle is that of a file that was replaced: the next try finds the new one. */
static int open_patiently(const char *path, bool listed) {
    enum { TRIES = 5 };
    for (int tries = 0;; tries++) {
        int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        bool passes = opened < 0 && (errno == ESTALE || (errno == ENOENT && listed));
        if (!passes || tries == TRIES)
            return opened;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

static enum status open_file(const char *path, bool listed, int *descriptor) {
    struct stat about;
    int opened = open_patiently(path, listed);
    if (opened < 0)
        return fail(file_error(errno), "%s", strerror(errno));
    enum status status = OK;
    if (fstat(opened, &about) != 0)
        status = fail(ERROR_UNREADABLE, "%s", strerror(errno));
    else if (!S_ISREG(about.st_mode))
        status =
            fail(ERROR_RESULTS, "%s", S_ISDIR(about.st_mode) ? strerror(EISDIR) : "not a file");
    if (status)
        close(opened); /* only read from */
    else
        *descriptor = opened;
    return status;
}

enum status file_open(const char *path, int *descriptor) {
    return open_file(path, false, descriptor);
}

enum status file_open_listed(const char *path, int *descriptor) {
    return open_file(path, true, descriptor);
}

bool file_read_at(int descriptor, off_t at, void *bytes, size_t size) {
    for (char *to = bytes; size > 0;) {
        ssize_t n = pread(descriptor, to, size, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ESTALE;
        if (n <= 0)
            return false;
        to += n;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* As many bytes as there are, at most `size`; -1 with errno. */
static ssize_t read_all(int descriptor, char *bytes, size_t size) {
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(descriptor, bytes + got, size - got);
        if (n == 0)
            break;
        if (n > 0)
            got += (size_t)n;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)got;
}

/* More than the plan of a hundred thousand runs. */
enum { TEXT_MOST = 1 << 29 };

enum status file_read_open(int descriptor, struct pool *pool, char **bytes, size_t *size) {
    struct stat about;
    bool known = fstat(descriptor, &about) == 0; /* analysis: it is open */
    if (known && about.st_size > TEXT_MOST)
        return fail(ERROR_RESULTS, "not a text");
    char *read = pool_alloc(pool, (known ? (size_t)about.st_size : 0) + 1);
    ssize_t got = known ? read_all(descriptor, read, (size_t)about.st_size) : -1;
    if (got < 0)
        return fail(ERROR_UNREADABLE, "%s", strerror(errno));
    read[got] = '\0';
    *bytes = read;
    *size = (size_t)got;
    return OK;
}

enum status file_read(const char *path, struct pool *pool, char **text) {
    int descriptor = -1;
    char *bytes = NULL;
    size_t size = 0;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status, "%s", path);
    status = file_read_open(descriptor, pool, &bytes, &size);
    if (!status && memchr(bytes, 0, size)) /* analysis: it was read */
        status = fail(ERROR_RESULTS, "not a text");
    close(descriptor); /* only read from */
    if (status)
        return fail_in(status, "%s", path);
    *text = bytes;
    return OK;
}

enum status file_publish(const char *path, const char *text) {
    return file_publish_bytes(path, text, strlen(text));
}

enum status file_publish_bytes(const char *path, const char *bytes, size_t size) {
    struct draft draft;
    drafts_sweep_of(path); /* what was killed here left nothing else */
    enum status status = draft_open(path, &draft);
    if (status)
        return status;
    status = draft_write(&draft, bytes, size);
    if (!status)
        status = draft_publish(&draft);
    draft_discard(&draft);
    return status;
}

/* Returns the error; 0: none. */
static int read_names(DIR *folder, struct pool *pool, const char ***names, int *n) {
    int capacity = 0;
    for (;;) {
        errno = 0; /* the end of the folder sets none */
        const struct dirent *entry = readdir(folder);
        if (!entry)
            return errno;
        if (entry->d_name[0] == '.')
            continue;
        *names = pool_grow(pool, *names, *n, &capacity, sizeof **names);
        (*names)[(*n)++] = pool_text(pool, entry->d_name);
    }
}

enum status folder_names(const char *dir, struct pool *pool, const char ***names, int *n) {
    const char **found = NULL;
    int n_found = 0;
    DIR *folder = opendir(dir);
    int error = folder ? read_names(folder, pool, &found, &n_found) : errno;
    if (folder)
        closedir(folder);
    if (error)
        return fail(file_error(error), "cannot read the folder '%s': %s", dir, strerror(error));
    if (n_found > 0)
        sort_texts(found, (size_t)n_found);
    *names = found;
    *n = n_found;
    return OK;
}

enum status folder_create(const char *path) {
    struct pool pool = {0};
    enum status status = OK;
    char *part = pool_text(&pool, path);
    for (char *slash = part; !status && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            status = fail(ERROR_RUN, "cannot create the folder '%s': %s", part, strerror(errno));
        if (slash)
            *slash = '/';
    }
    struct stat about;
    if (!status && (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)))
        status = fail(ERROR_RUN, "'%s' is not a folder", path);
    if (!status && access(path, W_OK | X_OK) != 0)
        status = fail(ERROR_RUN, "cannot write in the folder '%s': %s", path, strerror(errno));
    pool_free(&pool);
    return status;
}

enum status folder_create_for(const char *file) {
    struct pool pool = {0};
    enum status status = folder_create(path_folder(file, &pool));
    pool_free(&pool);
    return status;
}

enum status folder_temporary(const char *purpose, struct pool *pool, const char **path) {
    const char *root = getenv("TMPDIR");
    char *made = pool_format(pool, "%s/normlab-%s-XXXXXX", root && *root ? root : "/tmp", purpose);
    if (!mkdtemp(made))
        return fail(ERROR_RUN, "cannot create '%s': %s", made, strerror(errno));
    *path = made;
    return OK;
}
