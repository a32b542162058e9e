/* Compares a tuned file's source with the text that it was made from. */
#include "judge/tune/tuned_source.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/visible.h"
#include "io/draft.h"
#include "io/files.h"
#include "judge/tune/tuned_comment.h"

static const char before_path[] = "# Made from ", before_hash[] = ", whose XXH3-128 is ";

/* ---- paths ---- */

/* With the slash at its end; "" is the current folder. */
static const char *folder_of(const char *path, struct pool *pool) {
    return pool_format(pool, "%.*s", (int)(path_name(path) - path), path);
}

/* Without links, and with a slash at its end; NULL: it is not there. */
static const char *real_folder(const char *path, struct pool *pool) {
    char real[PATH_MAX];
    const char *folder = folder_of(path, pool);
    if (!realpath(*folder ? folder : ".", real))
        return NULL;
    return pool_format(pool, "%s%s", real, real[1] ? "/" : "");
}

const char *tuned_source_path(const char *file, const char *source, struct pool *pool) {
    const char *from = real_folder(file, pool), *to = real_folder(source, pool);
    if (!from || !to)
        return path_name(source);
    size_t same = 0;
    for (size_t i = 0; from[i] && from[i] == to[i]; i++)
        if (from[i] == '/')
            same = i + 1;
    const char *up = "";
    for (const char *at = from + same; (at = strchr(at, '/')) != NULL; at++)
        up = pool_format(pool, "../%s", up);
    if (same == 1 && *up)
        return path_name(source);
    return pool_format(pool, "%s%s%s", up, to + same, path_name(source));
}

static bool is_same_file(const char *a, const char *b) {
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

/* "results/../x.yaml" is "x.yaml", unless a link makes it another file. */
static const char *joined(const char *folder, const char *path, struct pool *pool) {
    const char *whole = *path == '/' ? path : pool_format(pool, "%s%s", folder, path);
    size_t n = strlen(folder);
    while (n > 0 && !strncmp(path, "../", 3)) {
        size_t last = n - 1;
        while (last > 0 && folder[last - 1] != '/')
            last--;
        if (folder[last] == '.' || folder[last] == '/')
            break;
        n = last;
        path += 3;
    }
    const char *shorter = pool_format(pool, "%.*s%s", (int)n, folder, path);
    return is_same_file(shorter, whole) ? shorter : whole;
}

/* ---- the line ---- */

void tuned_source_write(FILE *out, const char *path, const char *text) {
    char hash[HASH_TEXT_SIZE];
    hash_block(text, strlen(text), hash);
    fputs(before_path, out);
    for (; *path; path++)
        putc(*path == '\n' || *path == '\r' ? ' ' : *path, out);
    fprintf(out, "%s%s.\n", before_hash, hash);
}

struct source {
    const char *path, *hash;
    bool has_words; /* was it tuned with key=value words? */
};

/* False: what begins here is no such line. */
static bool read_line(const char *line, struct pool *pool, struct source *source) {
    const char *path = line + strlen(before_path), *end = path + strcspn(path, "\n");
    const char *hash = strstr(path, before_hash);
    if (!hash || hash > end)
        return false;
    source->path = pool_format(pool, "%.*s", (int)(hash - path), path);
    source->hash = pool_format(pool, "%.*s", HASH_TEXT_SIZE - 1, hash + strlen(before_hash));
    return strspn(source->hash, "0123456789abcdef") == HASH_TEXT_SIZE - 1;
}

/* False: the text has no such line. */
static bool read_source(const char *text, struct pool *pool, struct source *source) {
    const char *line = text;
    source->has_words = tuned_comment_has_words(text);
    while ((line = strstr(line, before_path)) != NULL && !read_line(line, pool, source))
        line++;
    return line != NULL;
}

/* ---- the source as it is ---- */

static const char *find_source(const char *file, const char *path, struct pool *pool) {
    const char *folder = folder_of(file, pool), *named = joined(folder, path, pool);
    if (access(named, R_OK) == 0)
        return named;
    const char *beside = pool_format(pool, "%s%s", folder, path_name(path));
    return access(beside, R_OK) == 0 ? beside : NULL;
}

static bool has_hash(const char *path, const char *hash, struct pool *pool) {
    char now[HASH_TEXT_SIZE], *text;
    if (file_read(path, pool, &text) != OK)
        return true; /* nothing is known of it */
    hash_block(text, strlen(text), now);
    return !strcmp(now, hash);
}

static bool was_told(const struct tuned_told *told, const char *file) {
    for (int i = 0; i < told->n; i++)
        if (!strcmp(told->files[i], file))
            return true;
    return false;
}

void tuned_source_warn(FILE *out, const struct experiment *experiment, struct tuned_told *told) {
    struct pool pool = {0};
    struct source line;
    const char *file = experiment->file;
    const char *source = !was_told(told, file) && read_source(experiment->text, &pool, &line)
                             ? find_source(file, line.path, &pool)
                             : NULL;
    if (source && !has_hash(source, line.hash, &pool)) {
        text_print(
            out,
            "normlab: warning: %s was made from another version of %s: `normlab tune %s --to "
            "%s`%s makes it anew\n",
            file, source, text_quoted(source, &pool), text_quoted(file, &pool),
            line.has_words ? ", with the key=value words in its comments," : "");
        told->files =
            pool_grow(told->pool, told->files, told->n, &told->capacity, sizeof *told->files);
        told->files[told->n++] = pool_text(told->pool, file);
    }
    pool_free(&pool);
}
