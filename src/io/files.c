/* Reads small text files, and publishes new ones whole or not at all. */
#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/draft.h"

enum status file_error(int error) {
    static const int nothing[] = {ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, ENXIO, ENODEV, EISDIR};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (error == nothing[i])
            return ERROR_RESULTS;
    return ERROR_UNREADABLE;
}

enum status file_open(const char *path, int *descriptor) {
    struct stat about;
    int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
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

enum status file_read(const char *path, struct pool *pool, char **text) {
    int descriptor;
    struct stat about;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status, "%s", path);
    bool known = fstat(descriptor, &about) == 0; /* analysis: it is open */
    size_t size = known && about.st_size <= TEXT_MOST ? (size_t)about.st_size : 0;
    char *bytes = pool_alloc(pool, size + 1);
    ssize_t got = known ? read_all(descriptor, bytes, size) : -1;
    if (got < 0)
        status = fail(ERROR_UNREADABLE, "%s: %s", path, strerror(errno));
    else if (about.st_size > TEXT_MOST || memchr(bytes, 0, (size_t)got))
        status = fail(ERROR_RESULTS, "%s: not a text", path);
    close(descriptor); /* only read from */
    if (status)
        return status;
    bytes[got] = '\0';
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
