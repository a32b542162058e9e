/* Keeps a second `normlab run` out of a folder of runs, and writers of results apart. */
#include "io/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"

/* The process that has the lock, as far as this machine knows; 0: it does not. */
static long holder(int descriptor) {
    struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool known = fcntl(descriptor, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
    return known && asked.l_pid > 0 ? (long)asked.l_pid : 0;
}

static enum status fail_taken(int descriptor, const char *dir) {
    long pid = holder(descriptor);
    struct pool pool = {0};
    fail(ERROR_RUN, "another normlab%s is running in %s; with --shard several may",
         pid ? pool_format(&pool, " (pid %ld)", pid) : "", dir);
    pool_free(&pool);
    return ERROR_RUN;
}

/* A lock of fcntl belongs to the process: a worker does not inherit it, and one that outlives a
 * killed parent does not keep it. The file stays, because removing it could race with another. */
enum status lock_take(const char *dir, struct lock *lock) {
    struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct pool pool = {0};
    enum status status = OK;
    const char *path = pool_format(&pool, "%s/.lock", dir);
    lock->descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (lock->descriptor < 0)
        status = fail(ERROR_RUN, "cannot write '%s': %s", path, strerror(errno));
    else if (fcntl(lock->descriptor, F_SETLK, &asked) != 0 && (errno == EAGAIN || errno == EACCES))
        status = fail_taken(lock->descriptor, dir);
    if (status)
        lock_release(lock);
    pool_free(&pool);
    return status;
}

int lock_wait(int descriptor, int operation, int tries) {
    const struct timespec moment = {.tv_nsec = 10000000};
    while (flock(descriptor, operation | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || tries-- == 0)
            return errno;
        nanosleep(&moment, NULL);
    }
    return 0;
}

bool lock_is_common(int descriptor) {
    enum { ZFS_MAGIC = 0x2FC12FC1 };
    static const unsigned long local[] = {EXT4_SUPER_MAGIC,      XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                          F2FS_SUPER_MAGIC,      ZFS_MAGIC,       TMPFS_MAGIC,
                                          OVERLAYFS_SUPER_MAGIC, RAMFS_MAGIC};
    struct statfs about;
    if (fstatfs(descriptor, &about) != 0)
        return false;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if ((unsigned long)about.f_type == local[i])
            return true;
    return false;
}

enum status lock_take_folder(const char *folder, struct lock *lock) {
    enum { MINUTE = 6000 };
    lock->descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock->descriptor < 0)
        return fail(ERROR_RUN, "cannot open the folder '%s': %s", folder, strerror(errno));
    if (lock_wait(lock->descriptor, LOCK_EX, MINUTE) != EWOULDBLOCK)
        return OK;
    lock_release(lock);
    return fail(ERROR_RUN,
                "another normlab has been writing results in %s for a minute; "
                "is it stopped?",
                folder);
}

void lock_release(struct lock *lock) {
    if (lock->descriptor >= 0)
        close(lock->descriptor); /* nothing was written */
    lock->descriptor = -1;
}
