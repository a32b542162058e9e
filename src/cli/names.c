/* Finds the definitions that a command line names. */
#include "cli/names.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/visible.h"
#include "base/words.h"
#include "io/draft.h"
#include "io/install_paths.h"
#include "lab/config/fields.h"

/* What may be left out in front of a name. */
static const char *const folders[] = {"", "experiments/", "experiments/claims/",
                                      "experiments/papers/"};
enum { FOLDERS = sizeof folders / sizeof *folders };

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool is_there(const char *path) {
    return access(path, F_OK) == 0 && !is_folder(path);
}

const char *names_with_suffix(const char *name, struct pool *pool) {
    return text_ends_in(name, ".yaml") ? name : pool_format(pool, "%s.yaml", name);
}

/* The folder in which experiments/ of the share folder is; NULL: there is none. */
static const char *share_folder(struct pool *pool) {
    const char *experiments = share_find("experiments", pool);
    const char *slash = experiments ? strrchr(experiments, '/') : NULL;
    return slash ? pool_format(pool, "%.*s", (int)(slash - experiments), experiments) : NULL;
}

/* Below the folders, here and in the share folder. */
static const char *find_below(const char *name, bool (*fits)(const char *path), struct pool *pool) {
    for (int i = 0; i < FOLDERS && *name != '/'; i++) {
        const char *path = pool_format(pool, "%s%s", folders[i], name);
        if (fits(path))
            return path;
    }
    for (int i = 0; i < FOLDERS && *name != '/'; i++) {
        const char *path = share_find(pool_format(pool, "%s%s", folders[i], name), pool);
        if (path && fits(path))
            return path;
    }
    return NULL;
}

const char *names_find_definition(const char *name, struct pool *pool) {
    if (is_there(name))
        return name;
    const char *file = names_with_suffix(name, pool);
    return is_there(file) ? file : find_below(file, is_there, pool);
}

const char *names_find_folder(const char *name, struct pool *pool) {
    return is_folder(name) ? name : find_below(name, is_folder, pool);
}

/* ---- what there is ---- */

static void add_word(struct words *words, int *capacity, const char *word, struct pool *pool) {
    words->items = pool_grow(pool, (void *)words->items, words->n, capacity, sizeof *words->items);
    words->items[words->n++] = word;
}

/* Adds the paths that a pattern fits, in order. */
static void add_glob(struct words *words, int *capacity, const char *pattern, struct pool *pool) {
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        add_word(words, capacity, pool_text(pool, found.gl_pathv[i]), pool);
    globfree(&found);
}

struct words names_of_definitions(struct pool *pool) {
    struct words paths = {0}, names = {0};
    int n_paths = 0, n_names = 0;
    const char *share = share_folder(pool);
    for (int i = 1; i < FOLDERS; i++) {
        add_glob(&paths, &n_paths, pool_format(pool, "%s*.yaml", folders[i]), pool);
        if (share)
            add_glob(&paths, &n_paths, pool_format(pool, "%s/%s*.yaml", share, folders[i]), pool);
    }
    for (int i = 0; i < paths.n; i++) {
        const char *name = path_name(paths.items[i]);
        name = pool_format(pool, "%.*s", (int)strlen(name) - 5, name);
        bool is_new = true;
        for (int k = 0; k < names.n && is_new; k++)
            is_new = strcmp(names.items[k], name) != 0;
        if (is_new)
            add_word(&names, &n_names, name, pool);
    }
    return names;
}

/* ---- the words of a line ---- */

static bool is_pattern(const char *word) {
    return strpbrk(word, "*?[") != NULL;
}

/* A path that nothing has: a file of nearly that name in its folder may be meant. */
static enum status unknown_path(const char *path, struct pool *pool) {
    struct words files = {0};
    int capacity = 0;
    int size = (int)(path_name(path) - path);
    add_glob(&files, &capacity, pool_format(pool, "%.*s*.yaml", size, path), pool);
    const char *near = nearest_word(path, files.items, files.n);
    return near ? fail(ERROR_USAGE, "no file '%s' (did you mean '%s'?)", path, near) : OK;
}

/* A word that cannot be a path is a name that was meant; of a path, reading will say what is wrong.
 */
static enum status unknown_name(const char *name, struct pool *pool) {
    if (strchr(name, '/') || text_ends_in(name, ".yaml"))
        return unknown_path(name, pool);
    struct words names = names_of_definitions(pool);
    const char *near = nearest_word(name, names.items, names.n);
    return near ? fail(ERROR_USAGE, "no experiment '%s' (did you mean '%s'?)", name, near)
                : fail(ERROR_USAGE,
                       "no experiment '%s': no such file, here or below experiments; `normlab list "
                       "experiments` lists those that come with normlab",
                       name);
}

static enum status resolve_name(const char **word, struct pool *pool) {
    const char *path = names_find_definition(*word, pool);
    if (!path)
        return unknown_name(*word, pool);
    if (strcmp(path, *word) != 0)
        text_print(stderr, "normlab: %s is %s\n", *word, path);
    *word = path;
    return OK;
}

/* What a shell did not expand, since nothing here fits, may fit what comes with the program. */
static void expand_pattern(const char *pattern, struct words *words, int *capacity,
                           struct pool *pool) {
    const char *share = share_folder(pool);
    int before = words->n;
    add_glob(words, capacity, pattern, pool);
    for (int i = 0; i < FOLDERS && words->n == before && share && *pattern != '/'; i++)
        add_glob(words, capacity, pool_format(pool, "%s/%s%s", share, folders[i], pattern), pool);
    if (words->n == before)
        add_word(words, capacity, pattern, pool);
    else
        text_print(stderr, "normlab: %s is %d file%s in %.*s\n", pattern, words->n - before,
                   plural(words->n - before),
                   (int)(path_name(words->items[before]) - words->items[before]),
                   words->items[before]);
}

static bool has_claim(const char *file, struct pool *pool) {
    struct yaml_node *root = NULL;
    return fields_read_file(file, pool, &root) != OK || node_find(root, "claim");
}

/* A study stands beside the claims that ask it, and *.yaml names both. What cannot be read stays,
 * to be told. */
static void skip_studies(struct words *words, struct pool *pool) {
    struct words claims = {0}, skipped = {0};
    int n_claims = 0, n_skipped = 0;
    for (int i = 0; i < words->n; i++) {
        bool stays = has_claim(words->items[i], pool);
        add_word(stays ? &claims : &skipped, stays ? &n_claims : &n_skipped, words->items[i], pool);
    }
    if (claims.n == 0 || skipped.n == 0)
        return;
    *words = claims;
    text_print(stderr, "normlab: skipped %s", skipped.items[0]);
    if (skipped.n > 1)
        fprintf(stderr, " and %d more", skipped.n - 1);
    fputs(": no section claim\n", stderr);
}

static enum status resolve_words(struct words *words, struct pool *pool) {
    struct words found = {0};
    int capacity = 0;
    for (int i = 0; i < words->n; i++) {
        const char *word = words->items[i];
        bool expands = is_pattern(word) && !is_there(word);
        enum status status = expands ? OK : resolve_name(&word, pool);
        if (status)
            return status;
        if (expands)
            expand_pattern(word, &found, &capacity, pool);
        else
            add_word(&found, &capacity, word, pool);
    }
    *words = found;
    return OK;
}

enum status names_resolve(const struct command *command, struct arguments *arguments) {
    enum status status = OK;
    for (const struct option_row *row = command->rows; row->type && !status; row++) {
        void *field = (char *)arguments->options + row->offset;
        if (!option_is_operand(row) ||
            strcmp(names_with_suffix(row->name, arguments->pool), row->name))
            continue;
        if (row->field == FIELD_WORDS) {
            status = resolve_words(field, arguments->pool);
            if (!status && !strcmp(row->name, "CLAIM.yaml"))
                skip_studies(field, arguments->pool);
        } else if (*(const char **)field) {
            status = resolve_name(field, arguments->pool);
        }
    }
    return status;
}
