/* normlab gc: removes what no definition asks for. */
#include <stdio.h>
#include <stdlib.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/names.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "lab/archive/garbage.h"
#include "lab/plan/plan.h"

struct gc_options {
    const char *dir;
    struct words keep;
    double older_s, larger_bytes;
    bool remove, dry_run;
    struct output_options output;
};

/* "300k", "10MB", "1.5G": of a thousand each, as `ls --si` has them. */
static enum status read_size(const char *text, void *options) {
    static const char units[] = "kMG";
    char *end;
    double size = strtod(text, &end), factor = 1;
    for (int i = 0; units[i] && end != text; i++) {
        factor *= 1000;
        if (*end == units[i]) {
            size *= factor;
            end++;
            break;
        }
    }
    if (*end == 'B')
        end++;
    if (end == text || *end || !(size >= 0 && size < 1e18))
        return fail(ERROR_USAGE, "--larger: '%s' is not a size such as 300k, 10MB or 1.5G", text);
    ((struct gc_options *)options)->larger_bytes = size;
    return OK;
}

/* ---- what is kept ---- */

/* The runs that a definition has now, whether they were planned in the folder or not. */
static enum status keep_file(const char *file, struct pool *pool, const char ***ids, int *n,
                             int *capacity) {
    struct experiment experiment;
    struct plan plan;
    const char *path = names_find_definition(file, pool);
    enum status status = experiment_read(path ? path : file, 0, NULL, &experiment);
    if (status)
        return status;
    status = plan_create(&experiment, &plan);
    for (int i = 0; !status && i < plan.n_runs; i++) {
        *ids = pool_grow(pool, *ids, *n, capacity, sizeof **ids);
        (*ids)[(*n)++] = pool_text(pool, plan.runs[i].id);
    }
    if (!status)
        plan_free(&plan);
    experiment_free(&experiment);
    return status;
}

/* ---- what was found ---- */

static void list_garbage(const struct garbage *garbage, struct table *table) {
    table_create(table, garbage->n);
    const char **kinds = print_texts(table, "kind"), **paths = print_texts(table, "path");
    long *bytes = table_add(table, "bytes", TYPE_INT, "byte", "")->integers;
    double *days = table_add(table, "days", TYPE_REAL, "d", "since it was written last")->reals;
    for (int i = 0; i < garbage->n; i++) {
        kinds[i] = garbage->items[i].kind;
        paths[i] = garbage->items[i].path;
        bytes[i] = garbage->items[i].bytes;
        days[i] = garbage->items[i].age_s / 86400;
    }
}

static enum status print_garbage(const struct gc_options *options,
                                 const struct garbage_request *request,
                                 const struct garbage *garbage) {
    const struct output_fact facts[] = {{.name = "dir", .text = request->dir},
                                        {.name = "removed", .truth = request->remove}};
    const struct output_heading heading = {.command = "gc", .n_facts = 2, .facts = facts};
    struct table table;
    list_garbage(garbage, &table);
    enum status status = output_table(&options->output, &heading, &table, stdout);
    table_free(&table);
    return status;
}

static enum status check_options(const struct gc_options *options) {
    const struct garbage none = {0};
    struct table table;
    if (options->remove && options->dry_run)
        return fail(ERROR_USAGE, "--delete and --dry-run: one of them");
    list_garbage(&none, &table);
    enum status status = output_check(&options->output, &table);
    table_free(&table);
    return status;
}

static void say_sum(const struct gc_options *options, const struct garbage *garbage) {
    if (garbage->n == 0)
        fputs("nothing to remove\n", stderr);
    else
        fprintf(stderr, "%d file%s, %.1f MB%s\n", garbage->n, plural(garbage->n),
                garbage->bytes / 1e6,
                options->remove ? " removed" : " that nothing asks for; --delete removes them");
}

/* What is gone is told where the rest could not be removed, too. */
static enum status collect(const struct gc_options *options,
                           const struct garbage_request *request) {
    struct garbage garbage;
    enum status status = garbage_collect(request, &garbage);
    if (!status || garbage.n > 0) {
        enum status printed = print_garbage(options, request, &garbage);
        say_sum(options, &garbage);
        status = status ? status : printed;
    }
    garbage_free(&garbage);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct gc_options *options = arguments->options;
    struct garbage_request request = {.dir = options->dir ? options->dir : "results",
                                      .older_s = options->older_s,
                                      .larger_bytes = options->larger_bytes,
                                      .remove = options->remove,
                                      .messages = stderr};
    const char **kept = NULL;
    int capacity = 0;
    enum status status = check_options(options);
    for (int i = 0; i < options->keep.n && !status; i++)
        status =
            keep_file(options->keep.items[i], arguments->pool, &kept, &request.n_kept, &capacity);
    request.kept = kept;
    return status ? status : collect(options, &request);
}

static const struct option_row rows[] = {
    {.name = "DIR", .type = OPERAND_MAYBE, FIELD(struct gc_options, dir)},
    {"dry-run", NULL, "only list; gc does so without --delete, too", OPTION_FLAG,
     FIELD(struct gc_options, dry_run)},
    {"delete", NULL, "remove what is listed", OPTION_FLAG, FIELD(struct gc_options, remove)},
    {"older", "TIME", "only what was written that long ago: 12h, 30d", OPTION_DURATION,
     FIELD(struct gc_options, older_s), .max = 100000. * 86400},
    {"larger", "SIZE", "only files of that size and more: 300k, 10MB, 1.5G", OPTION_READ,
     .read = read_size},
    {"keep", "FILE.yaml", "keep the runs that this file defines now; may be repeated", OPTION_LIST,
     FIELD(struct gc_options, keep)},
    OUTPUT_OPTIONS(struct gc_options, output),
    PLUGIN_OPTION,
    {0},
};

const struct command command_gc = {
    .name = "gc",
    .summary = "list, and with --delete remove, the runs that no definition asks for",
    .details =
        "DIR is a folder of results (default: results). A run is asked for by the plan that `run` "
        "made last in its folder, DIR/NAME, and by every results file in DIR that has a row for "
        "it. The others are of earlier versions of a definition, and of results files that are "
        "gone; a later `run` that wants one trains it again. gc also finds their checkpoints, "
        "those of finished runs, and files that killed programs did not finish.\n"
        "gc leaves a folder alone where `normlab run` is at work, where a run that has not ended "
        "gave a sign of life in the last 24 hours (a shard), or that it cannot read, plan and "
        "journal included. It removes nothing while DIR, or a results file in it, cannot be read.",
    .examples = "$ normlab gc\n"
                "$ normlab gc results --older 30d --larger 1MB --sort -bytes\n"
                "$ normlab gc results --keep experiments/small_batch.yaml --delete",
    .rows = rows,
    .size = sizeof(struct gc_options),
    .run = run,
};
