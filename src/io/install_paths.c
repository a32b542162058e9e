/* Finds the program's own files: in the source tree, or where they were installed. */
#include "io/install_paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *program_path(struct pool *pool) {
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    return pool_text(pool, path);
}

/* The folder of the running program, without a slash at its end; "." where it cannot be known. */
static const char *program_folder(struct pool *pool) {
    const char *path = program_path(pool);
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? pool_format(pool, "%.*s", (int)(slash - path), path) : ".";
}

/* A source tree keeps the figures under scripts/ and the report's parts under share/; an installed
 * share folder has all of them. */
static const char *find_below(const char *root, const char *what, struct pool *pool) {
    static const char *const folders[] = {"scripts/", "share/", ""};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char real[PATH_MAX];
        const char *path = pool_format(pool, "%s/%s%s", root, folders[i], what);
        if (access(path, R_OK) == 0)
            return realpath(path, real) ? pool_text(pool, real) : path;
    }
    return NULL;
}

const char *share_find(const char *what, struct pool *pool) {
    const char *chosen = getenv("NORMLAB_SHARE");
    if (chosen && *chosen)
        return find_below(chosen, what, pool);
    const char *folder = program_folder(pool);
    const char *const roots[] = {
        pool_format(pool, "%s/../share/normlab", folder),
        pool_format(pool, "%s/..", folder),
        pool_format(pool, "%s/../..", folder),
        ".",
    };
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        const char *path = find_below(roots[i], what, pool);
        if (path)
            return path;
    }
    return NULL;
}
