/* In place of the C library's: open, access, write, pwrite, pread, ftruncate, flock, fsync,
 * fstatfs, rename, readdir. */
#define _GNU_SOURCE /* syscall, RTLD_NEXT */
#include "tests/calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

struct test_calls test_calls;

static int refuse(int error) {
    errno = error;
    return -1;
}

/* Does this call go wrong? */
static bool is_faulty(struct test_fault *fault) {
    return ++fault->n == fault->at;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t at) {
    if (is_faulty(&test_calls.pwrite))
        return test_calls.pwrite.error ? refuse(test_calls.pwrite.error) : (ssize_t)size;
    int error = test_calls.pwrite_error ? test_calls.pwrite_error(descriptor) : 0;
    return error ? refuse(error) : syscall(SYS_pwrite64, descriptor, bytes, size, at);
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t at) {
    if (is_faulty(&test_calls.pread))
        return refuse(test_calls.pread.error);
    return syscall(SYS_pread64, descriptor, bytes, size, at);
}

int ftruncate(int descriptor, off_t size) {
    if (is_faulty(&test_calls.ftruncate))
        return test_calls.ftruncate.error ? refuse(test_calls.ftruncate.error) : 0;
    return (int)syscall(SYS_ftruncate, descriptor, size);
}

struct dirent *readdir(DIR *folder) {
    struct dirent *(*next)(DIR *);
    *(void **)&next = dlsym(RTLD_NEXT, "readdir");
    struct dirent *entry = next(folder);
    while (entry && test_calls.hidden_name && strcmp(entry->d_name, test_calls.hidden_name) == 0)
        entry = next(folder);
    return entry;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int error = test_calls.open_error ? test_calls.open_error(path) : 0;
    return error ? refuse(error) : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int access(const char *path, int mode) {
    int error = test_calls.open_error ? test_calls.open_error(path) : 0;
    if (error < 0)
        return 0; /* it says that it is there */
    return error ? refuse(error) : (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    int error = test_calls.write_error ? test_calls.write_error(descriptor) : 0;
    return error ? refuse(error) : syscall(SYS_write, descriptor, bytes, size);
}

int flock(int descriptor, int operation) {
    return test_calls.flock_error ? refuse(test_calls.flock_error)
                                  : (int)syscall(SYS_flock, descriptor, operation);
}

int fsync(int descriptor) {
    struct stat about;
    if (test_calls.fsync_error)
        return refuse(test_calls.fsync_error);
    if (fstat(descriptor, &about) == 0)
        *(S_ISDIR(about.st_mode) ? &test_calls.n_folders_synced : &test_calls.n_files_synced) += 1;
    return (int)syscall(SYS_fsync, descriptor);
}

int fstatfs(int descriptor, struct statfs *about) {
    int result = (int)syscall(SYS_fstatfs, descriptor, about);
    if (test_calls.file_system)
        about->f_type = test_calls.file_system;
    return result;
}

int rename(const char *from, const char *to) {
    return test_calls.rename_error ? refuse(test_calls.rename_error)
                                   : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
