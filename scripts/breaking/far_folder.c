/* Preloaded: a folder as a file server without locks shows it, NFS or Lustre.
 *
 *     FAR_FOLDER=PATH   calls that name something below it, or work on what is open there, are met so:
 *
 *     flock, fcntl(F_SETLK ...)  fail: no locks available
 *     fstatfs                    says that it is NFS
 *     readdir                    does not know yet what was made in the last second
 *     open to read               the first time a process opens a file that is younger than a second: no such file, or of
 *                                plan.json, which replaces another one, stale file handle; and so every fifth time
 *
 * FAR_COUNT=FILE gets a byte for each call that was met so. */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { SEEN = 4096 };
static const double FRESH_S = 1;
static int count_file = -1;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void count(char what) {
    const char *path = getenv("FAR_COUNT");
    if (count_file < 0 && path)
        count_file = NEXT(open64)(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (count_file >= 0 && write(count_file, &what, 1) != 1)
        abort();
}

static bool is_below(const char *path) {
    const char *far = getenv("FAR_FOLDER");
    char real[PATH_MAX];
    if (!far || !*path)
        return false;
    return realpath(path, real) && strncmp(real, far, strlen(far)) == 0 && real[strlen(far)] == '/';
}

static bool is_far(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    const char *far = getenv("FAR_FOLDER");
    return far && strncmp(path, far, strlen(far)) == 0;
}

/* Written or renamed just now. */
static bool is_fresh(const struct stat64 *about) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    double age_s = (double)(now.tv_sec - about->st_ctim.tv_sec) + 1e-9 * (double)(now.tv_nsec - about->st_ctim.tv_nsec);
    return age_s < FRESH_S;
}

/* ---- locks ---- */

int flock(int descriptor, int operation) {
    if (!is_far(descriptor))
        return NEXT(flock)(descriptor, operation);
    count('l');
    errno = ENOLCK;
    return -1;
}

static int lock_call(int descriptor, int command, void *argument, int (*next)(int, int, ...)) {
    bool locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK;
    if (!locks || !is_far(descriptor))
        return next(descriptor, command, argument);
    count('l');
    errno = ENOLCK;
    return -1;
}

int fcntl(int descriptor, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock_call(descriptor, command, argument, NEXT(fcntl));
}

int fcntl64(int descriptor, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock_call(descriptor, command, argument, NEXT(fcntl64));
}

int fstatfs(int descriptor, struct statfs *about) {
    int result = NEXT(fstatfs)(descriptor, about);
    if (result == 0 && is_far(descriptor))
        about->f_type = 0x6969;
    return result;
}

int fstatfs64(int descriptor, struct statfs64 *about) {
    int result = NEXT(fstatfs64)(descriptor, about);
    if (result == 0 && is_far(descriptor))
        about->f_type = 0x6969;
    return result;
}

/* ---- listings ---- */

static bool is_hidden(DIR *folder, const char *name) {
    struct statx made;
    struct stat64 about = {0};
    if (*name == '.' || !is_far(dirfd(folder)) ||
        statx(dirfd(folder), name, AT_SYMLINK_NOFOLLOW, STATX_BTIME | STATX_CTIME, &made) != 0)
        return false;
    struct statx_timestamp when = made.stx_mask & STATX_BTIME ? made.stx_btime : made.stx_ctime;
    about.st_ctim = (struct timespec){when.tv_sec, when.tv_nsec};
    return is_fresh(&about);
}

struct dirent64 *readdir64(DIR *folder) {
    struct dirent64 *entry;
    while ((entry = NEXT(readdir64)(folder)) && is_hidden(folder, entry->d_name))
        count('d');
    return entry;
}

struct dirent *readdir(DIR *folder) {
    struct dirent *entry;
    while ((entry = NEXT(readdir)(folder)) && is_hidden(folder, entry->d_name))
        count('d');
    return entry;
}

/* ---- opening ---- */

/* The first time that this process asks for that file. */
static bool is_first(const struct stat64 *about) {
    static ino64_t seen[SEEN];
    ino64_t *place = &seen[about->st_ino % SEEN];
    bool first = *place != about->st_ino;
    *place = about->st_ino;
    return first;
}

static int refuse(const char *path, int flags) {
    static int n;
    struct stat64 about;
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT | O_DIRECTORY)) || !is_below(path) || stat64(path, &about) != 0 ||
        !S_ISREG(about.st_mode))
        return 0;
    if (is_fresh(&about) && is_first(&about)) {
        bool replaced = strstr(path, "plan.json") != NULL;
        count(replaced ? 's' : 'n');
        return replaced ? ESTALE : ENOENT;
    }
    if (++n % 5 == 0) {
        count('s');
        return ESTALE;
    }
    return 0;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0;                                      \
        va_end(list);                                                                                                  \
        int error = refuse(path, flags);                                                                               \
        if (error) {                                                                                                   \
            errno = error;                                                                                             \
            return -1;                                                                                                 \
        }                                                                                                              \
        return NEXT(name)(path, flags, mode);                                                                          \
    }
OPEN(open)
OPEN(open64)
