/* normlab merge: folders of runs to one results file. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "lab/runner/merge_file.h"
#include "lab/runner/merge_folders.h"

/* "<parent>/<name>.h5", beside the first folder. */
static const char *default_path(const char *dir, const char *name, struct pool *pool) {
    char *parent = pool_text(pool, dir);
    size_t length = strlen(parent);
    while (length > 1 && parent[length - 1] == '/')
        parent[--length] = '\0';
    char *slash = strrchr(parent, '/');
    if (!slash)
        return pool_format(pool, "%s.h5", name);
    slash[1] = '\0';
    return pool_format(pool, "%s%s.h5", parent, name);
}

enum { MOST_NAMED = 10 };

static enum status name_missing(const struct merge *merge) {
    int n = 0;
    for (int i = 0; i < merge->n_runs; i++)
        if (!merge->runs[i].path && n++ < MOST_NAMED)
            fprintf(stderr, "%s: %s  %s\n", merge->runs[i].status, merge->runs[i].id,
                    merge->runs[i].label);
    if (n > MOST_NAMED)
        fprintf(stderr, "and %d more\n", n - MOST_NAMED);
    if (merge->n_missing == 0)
        return OK;
    return fail(ERROR_RUN, "of '%s', %d of %d run%s missing or failed; `normlab run` makes them",
                merge->name, merge->n_missing, merge->n_runs, merge->n_runs == 1 ? " is" : "s are");
}

static enum status run(const struct arguments *arguments) {
    struct merge merge = {0};
    struct pool pool = {0};
    const char *path = argument_text(&command_merge, arguments, "out");
    enum status status = merge_folders(&merge, arguments->n_operands, arguments->operands);
    if (status)
        return status;
    if (!path)
        path = default_path(arguments->operands[0], merge.name, &pool);
    status = merge_write(&merge, path);
    if (!status) {
        fprintf(stderr, "%s: %d of %d run%s\n", merge.name, merge.n_runs - merge.n_missing,
                merge.n_runs, merge.n_runs == 1 ? "" : "s");
        printf("%s\n", path);
        status = name_missing(&merge);
    }
    pool_free(&pool);
    merge_free(&merge);
    return status;
}

const struct command command_merge = {
    .name = "merge",
    .summary = "put the runs of one experiment into one results file",
    .usage = "DIR...",
    .details =
        "DIR is a folder that `normlab run` filled, results/NAME: with --shard, on one machine or "
        "several. All must be parts of the same plan. Data and experiment file are not needed. "
        "FILE must not exist, or be a results file of the same experiment. "
        "Runs that are missing are named, have a row in /summary, and make the exit status 1.",
    .examples = "$ normlab merge results/small_batch\n"
                "$ normlab merge node1/small_batch node2/small_batch --out small_batch.h5",
    .options =
        {
            {"out", "FILE", "where to; default: NAME.h5 beside the first DIR"},
            PLUGIN_OPTION,
        },
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
