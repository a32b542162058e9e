/* Makes, publishes and sweeps away files in the making. */
#include "io/draft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/lock.h"

static const char mark[] = ".tmp.";
enum { MARK_SIZE = sizeof mark - 1, RANDOM_DIGITS = 16 };

/* ---- one draft ---- */

static enum status fail_write(const char *path, int error) {
    return fail(ERROR_RUN, "cannot write '%s': %s", path, strerror(error));
}

/* `path`: of the file that it is beside. */
static enum status open_named(const char *path, struct draft *draft) {
    uint64_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return fail(ERROR_RUN, "no random numbers for the name of a temporary file: %s",
                    strerror(errno));
    draft->temporary = pool_format(&draft->pool, "%s%s%016" PRIx64, path, mark, number);
    draft->descriptor =
        open(draft->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (draft->descriptor >= 0)
        return OK;
    return fail(ERROR_RUN, "cannot write '%s': %s%s", path, strerror(errno),
                errno == ENOENT || errno == EACCES
                    ? " (does its folder exist, and may you write there?)"
                    : "");
}

/* Does it belong to us now? A sweep may have come between open and lock: it removed the file, or
 * is about to. Where there are no locks, its age speaks for it. */
static bool is_held(const struct draft *draft) {
    struct stat about;
    bool refused = flock(draft->descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    return !refused && fstat(draft->descriptor, &about) == 0 && about.st_nlink > 0;
}

/* A new file takes the place of a file, or of a link to one: never of a device, such as /dev/null,
 * nor of anything else that is there for others. */
static enum status check_place(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0 || S_ISREG(about.st_mode))
        return OK;
    return S_ISDIR(about.st_mode)
               ? fail_write(path, EISDIR)
               : fail(ERROR_RUN, "cannot write '%s': there is something that is no regular file",
                      path);
}

enum status draft_open(const char *path, struct draft *draft) {
    return draft_open_staged(path, NULL, draft);
}

enum status draft_open_staged(const char *path, const char *stage, struct draft *draft) {
    struct draft made = {.descriptor = -1, .is_staged = stage};
    const char *beside = stage ? pool_format(&made.pool, "%s/%s", stage, path_name(path)) : path;
    enum status status = check_place(path);
    for (int tries = 0; tries < 256 && !status; tries++) {
        status = open_named(beside, &made);
        if (!status && is_held(&made)) {
            made.path = pool_text(&made.pool, path);
            *draft = made;
            return OK;
        }
        if (!status) {
            unlink(made.temporary);
            close(made.descriptor); /* nothing was written */
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        }
    }
    pool_free(&made.pool);
    return status ? status
                  : fail(ERROR_RUN, "cannot write '%s': its temporary files are taken away", path);
}

enum status draft_write(struct draft *draft, const void *bytes, size_t size) {
    for (const char *at = bytes; size > 0;) {
        ssize_t n = write(draft->descriptor, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_write(draft->path, n < 0 ? errno : ENOSPC);
        at += n;
        size -= (size_t)n;
    }
    return OK;
}

/* The error; 0: none. Some file systems cannot sync a folder; there is nothing more to do on them.
 */
static int sync_descriptor(int descriptor) {
    int error = fsync(descriptor) == 0 ? 0 : errno;
    return error == EINVAL || error == ENOTSUP ? 0 : error;
}

const char *path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_folder(const char *path, struct pool *pool) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : pool_format(pool, "%.*s", (int)(slash - path), path);
}

const char *path_above(const char *folder, struct pool *pool) {
    char *path = pool_text(pool, folder);
    for (size_t size = strlen(path); size > 1 && path[size - 1] == '/';)
        path[--size] = '\0';
    const char *name = path_name(path);
    if (!strcmp(path, "."))
        return "..";
    return !strcmp(name, ".") || !strcmp(name, "..") ? pool_format(pool, "%s/..", path)
                                                     : path_folder(path, pool);
}

static int open_folder(const char *path) {
    struct pool pool = {0};
    int descriptor = open(path_folder(path, &pool), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    pool_free(&pool);
    errno = error;
    return descriptor;
}

/* The error; 0: none. From the rename on it is no draft any more, and nobody's to hold. */
static int name_it(struct draft *draft, int folder) {
    int error = sync_descriptor(draft->descriptor);
    if (!error && rename(draft->temporary, draft->path) != 0)
        error = errno;
    if (error)
        return error;
    draft->temporary = NULL;
    flock(draft->descriptor, LOCK_UN);
    error = sync_descriptor(folder);
    int closed = close(draft->descriptor) == 0 ? 0 : errno;
    draft->descriptor = -1;
    return error ? error : closed;
}

/* ---- from another disk to where it belongs ---- */

enum { BLOCK = 1 << 18 };

/* As many bytes as there are up to a block's end; -1 with errno. */
static ssize_t read_block(int descriptor, off_t at, char *block) {
    size_t got = 0;
    while (got < BLOCK) {
        ssize_t n = pread(descriptor, block + got, BLOCK - got, at + (off_t)got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static enum status copy_bytes(struct draft *to, int from) {
    struct pool pool = {0};
    char *block = pool_alloc(&pool, BLOCK);
    enum status status = OK;
    ssize_t n = BLOCK;
    for (off_t at = 0; n == BLOCK && !status; at += n) {
        n = read_block(from, at, block);
        status = n < 0 ? fail_write(to->path, errno) : draft_write(to, block, (size_t)n);
    }
    pool_free(&pool);
    return status;
}

/* What was written is read back. */
static enum status compare_bytes(const struct draft *copy, int with) {
    struct pool pool = {0};
    char *one = pool_alloc(&pool, BLOCK), *other = pool_alloc(&pool, BLOCK);
    enum status status = OK;
    ssize_t n = BLOCK;
    for (off_t at = 0; n == BLOCK && !status; at += n) {
        n = read_block(with, at, one);
        ssize_t m = n < 0 ? n : read_block(copy->descriptor, at, other);
        if (n < 0 || m < 0)
            status = fail_write(copy->path, errno);
        else if (m != n || memcmp(one, other, (size_t)n) != 0)
            status = fail(ERROR_RUN, "cannot write '%s': what is read back is not what was written",
                          copy->path);
    }
    pool_free(&pool);
    return status;
}

static enum status publish_copy(struct draft *draft) {
    struct draft home = {.descriptor = -1};
    enum status status = draft_open(draft->path, &home);
    if (!status)
        status = copy_bytes(&home, draft->descriptor);
    if (!status)
        status = compare_bytes(&home, draft->descriptor);
    if (!status)
        status = draft_publish(&home);
    draft_discard(&home);
    if (!status)
        draft_discard(draft);
    return status;
}

enum status draft_publish(struct draft *draft) {
    if (draft->is_staged)
        return publish_copy(draft);
    int folder = open_folder(draft->path);
    int error = folder < 0 ? errno : name_it(draft, folder);
    if (folder >= 0)
        close(folder); /* opened for reading */
    if (error)
        return fail_write(draft->path, error);
    draft_discard(draft);
    return OK;
}

void draft_discard(struct draft *draft) {
    if (!draft->path)
        return;
    if (draft->temporary)
        unlink(draft->temporary);
    if (draft->descriptor >= 0)
        close(draft->descriptor); /* its contents do not matter any more */
    pool_free(&draft->pool);
    *draft = (struct draft){.descriptor = -1};
}

/* ---- those that were left ---- */

/* Nobody writes for so long and goes on. */
static const double ABANDONED_S = 3600;

static bool is_draft(const char *name) {
    const char *at = strstr(name, mark);
    for (const char *next; at && (next = strstr(at + 1, mark));)
        at = next;
    return at && at != name && strlen(at) == MARK_SIZE + RANDOM_DIGITS &&
           strspn(at + MARK_SIZE, "0123456789abcdef") == RANDOM_DIGITS;
}

/* What earlier builds made, "<path>.tmp.<host>.<pid>": without a lock of ours. */
static bool is_old_draft(const char *name) {
    const char *at = strstr(name, ".h5.tmp."), *pid = strrchr(name, '.');
    if (!at)
        at = strstr(name, ".json.tmp.");
    return at && pid - at > MARK_SIZE + 3 && pid[1] &&
           pid[1 + strspn(pid + 1, "0123456789")] == '\0';
}

static double changed_s(const struct stat *about) {
    return (double)about->st_mtim.tv_sec + 1e-9 * (double)about->st_mtim.tv_nsec;
}

double draft_clock(const char *dir) {
    struct pool pool = {0};
    struct draft draft = {0};
    struct stat about;
    double now = -1;
    if (draft_open(pool_format(&pool, "%s/.clock", dir), &draft) == OK &&
        fstat(draft.descriptor, &about) == 0)
        now = changed_s(&about);
    draft_discard(&draft);
    pool_free(&pool);
    return now;
}

/* Does nobody hold the file? */
static bool is_abandoned(int descriptor, const char *dir, const char *name) {
    struct stat about;
    if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    bool locked = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno == EWOULDBLOCK)
        return false;
    return (locked && is_draft(name) && lock_is_common(descriptor)) ||
           changed_s(&about) + ABANDONED_S < draft_clock(dir);
}

static bool is_same_file(int descriptor, int folder, const char *name) {
    struct stat opened, named;
    return fstat(descriptor, &opened) == 0 &&
           fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static bool sweep_one(int folder, const char *dir, const char *name, visit_draft *visit,
                      void *context) {
    int descriptor = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool swept = is_abandoned(descriptor, dir, name) && is_same_file(descriptor, folder, name) &&
                 visit(folder, name, context);
    close(descriptor); /* nothing was written */
    return swept;
}

/* `of`: the name of the file that they were to become; "": any. */
static int sweep(const char *dir, const char *of, visit_draft *visit, void *context) {
    DIR *folder = opendir(dir);
    int n_swept = 0;
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        size_t size = strlen(of);
        if (strncmp(name, of, size) == 0 && (!size || strncmp(name + size, mark, MARK_SIZE) == 0) &&
            (is_draft(name) || is_old_draft(name)))
            n_swept += sweep_one(dirfd(folder), dir, name, visit, context);
    }
    if (folder)
        closedir(folder);
    return n_swept;
}

static bool sweep_any(int folder, const char *name, void *context) {
    (void)context;
    return unlinkat(folder, name, 0) == 0;
}

int drafts_sweep(const char *dir) {
    return sweep(dir, "", sweep_any, NULL);
}

int drafts_each(const char *dir, visit_draft *visit, void *context) {
    return sweep(dir, "", visit, context);
}

int drafts_sweep_of(const char *path) {
    struct pool pool = {0};
    int n_swept = sweep(path_folder(path, &pool), path_name(path), sweep_any, NULL);
    pool_free(&pool);
    return n_swept;
}
