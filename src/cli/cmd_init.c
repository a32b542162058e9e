/* normlab init: an experiment file to begin with. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/names.h"
#include "io/draft.h"
#include "io/files.h"
#include "io/install_paths.h"
#include "lab/config/fields.h"

static const char template[] = "init/experiment.yaml", placeholder[] = "NAME";

struct init_options {
    const char *file;
    bool force;
};

/* "mine" of "a/mine.yaml"; ERROR_USAGE where it cannot be the name of an experiment. */
static enum status name_of(const char *path, struct pool *pool, const char **name) {
    const char *begin = path_name(path);
    *name = pool_format(pool, "%.*s", (int)strlen(begin) - 5, begin);
    return name_check("init: the file's name becomes the experiment's", *name);
}

static char *fill_in(const char *text, const char *name, struct pool *pool) {
    struct text filled;
    FILE *out = text_begin(&filled, pool);
    const char *schema = share_find("experiments/schema.json", pool);
    if (schema) /* editors check and complete by it */
        fprintf(out, "# yaml-language-server: $schema=%s\n", schema);
    for (const char *next; (next = strstr(text, placeholder)) != NULL;
         text = next + sizeof placeholder - 1)
        fprintf(out, "%.*s%s", (int)(next - text), text, name);
    fputs(text, out);
    return text_end(&filled);
}

/* The folder in which the file is to stand; says so where it is new. */
static enum status make_folder(const char *path, struct pool *pool) {
    const char *folder = path_folder(path, pool);
    bool is_new = access(folder, F_OK) != 0;
    enum status status = folder_create(folder);
    if (!status && is_new)
        text_print(stderr, "normlab: made the folder %s\n", folder);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct init_options *options = arguments->options;
    struct pool *pool = arguments->pool;
    const char *path = names_with_suffix(options->file, pool), *name;
    const char *from = share_find(template, pool);
    char *text;
    enum status status = name_of(path, pool, &name);
    if (status)
        return status;
    if (!from)
        return fail(ERROR_RUN, "init: normlab's share folder has no %s", template);
    if (!options->force && access(path, F_OK) == 0)
        return fail(ERROR_USAGE, "init: %s is there already; --force replaces it", path);
    status = file_read(from, pool, &text);
    if (!status)
        status = make_folder(path, pool);
    if (!status)
        status = file_publish(path, fill_in(text, name, pool));
    if (status)
        return status;
    text_print_path(stdout, path);
    text_print(stderr, "next: normlab run %s --dry-run\n", text_quoted(path, pool));
    return OK;
}

static const struct option_row rows[] = {
    {.name = "NEW", .type = OPERAND, FIELD(struct init_options, file)},
    {"force", NULL, "replace the file if it is there", OPTION_FLAG,
     FIELD(struct init_options, force)},
    {0},
};

const struct command command_init = {
    .name = "init",
    .summary = "write a commented experiment file to begin with",
    .usage = "NEW.yaml",
    .details = "The file runs as it is, in seconds and without data on this machine. Its name is "
               "that of the experiment and of its results. Comments say what each section is for "
               "and which commands come next.",
    .examples = "$ normlab init mine.yaml\n"
                "$ normlab run mine.yaml",
    .rows = rows,
    .size = sizeof(struct init_options),
    .run = run,
};
