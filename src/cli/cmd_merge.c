/* normlab merge: folders of runs to one results file. */
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "io/draft.h"
#include "lab/journal/sweep_status.h"
#include "lab/merge/merge_file.h"
#include "lab/merge/merge_folders.h"

struct merge_options {
    struct words folders;
    const char *out;
    bool force;
};

/* "<parent>/<name>.h5", beside the first folder. */
static const char *default_path(const char *dir, const char *name, struct pool *pool) {
    const char *above = path_above(dir, pool);
    return strcmp(above, ".") ? pool_format(pool, "%s/%s.h5", above, name)
                              : pool_format(pool, "%s.h5", name);
}

enum { MOST_NAMED = 10 };

/* "failed 3 times: killed by signal 9", "on n1" */
static const char *why_text(const struct sweep_status *sweep, const struct sweep_run *run,
                            struct pool *pool) {
    const struct journal_process *process = sweep_process(sweep, run);
    const struct journal_run *told = run->told;
    int times = told ? told->n_failed + told->n_timed_out : 0;
    if (run->state == SWEEP_RUNNING)
        return pool_format(pool, "on %s", *process->host ? process->host : "some host");
    const char *often = times > 1 ? pool_format(pool, "%d times, at last: ", times) : "";
    bool says_so = strstr(run->why, "checkpoint");
    const char *resumes = run->checkpoint && !says_so ? "; its checkpoint is kept" : "";
    return *run->why ? pool_format(pool, "%s%s%s", often, run->why, resumes) : resumes;
}

/* Is anything known of it but that it is not there? */
static bool has_history(const struct merge_run *run, const struct sweep_status *sweep, int i) {
    return run->damaged || (sweep && (sweep->runs[i].told || sweep->runs[i].checkpoint));
}

static void name_run(const struct merge_run *run, const struct sweep_status *sweep, int i) {
    struct pool pool = {0};
    bool known = sweep && !sweep_state_is_done(sweep->runs[i].state);
    const char *state = run->damaged ? "damaged"
                        : known      ? sweep_state_name(sweep->runs[i].state)
                                     : run->status;
    const char *why = known && !run->damaged ? why_text(sweep, &sweep->runs[i], &pool) : "";
    text_print(stderr, "%s: %s%s%s%s%s\n", state, run->id, *run->label ? "  " : "", run->label,
               *why ? "  " : "", why);
    pool_free(&pool);
}

/* "of 8 shards: 5 in 3/8, 1 in 4/8" */
static void name_shards(const struct merge *merge, const struct sweep_status *sweep) {
    struct pool pool = {0};
    int *missing = pool_alloc(&pool, (size_t)sweep->n_shards * sizeof *missing + 1), n = 0;
    for (int i = 0; i < merge->n_runs && sweep->n_shards > 1; i++)
        missing[sweep->runs[i].shard] += !merge->runs[i].path;
    for (int shard = 0; shard < sweep->n_shards; shard++)
        if (missing[shard] && n++ < MOST_NAMED)
            fprintf(stderr, "%s%d in %d/%d", n > 1 ? ", " : "by shard: ", missing[shard], shard,
                    sweep->n_shards);
    if (n > 0)
        fprintf(stderr, n > MOST_NAMED ? ", ... (%d shards)\n" : "\n", n);
    pool_free(&pool);
}

/* Of the plan that is merged, and not of one that came since? */
static bool has_same_runs(const struct sweep_status *sweep, const struct merge *merge) {
    bool same = sweep->plan.n_runs == merge->n_runs;
    for (int i = 0; i < merge->n_runs && same; i++)
        same = strcmp(sweep->plan.runs[i].id, merge->runs[i].id) == 0;
    return same;
}

/* Why they are missing journals say, where they can be read. */
static enum status name_missing(const struct merge *merge) {
    struct sweep_status status = {0}, *sweep = &status;
    int n = 0;
    if (merge->n_missing == 0)
        return OK;
    if (sweep_status_read(merge->n_dirs, merge->dirs, 0, NULL, &status) ||
        !has_same_runs(&status, merge))
        sweep = NULL;
    for (int pass = 0; pass < 2; pass++) /* who never began comes last */
        for (int i = 0; i < merge->n_runs; i++)
            if (!merge->runs[i].path && has_history(&merge->runs[i], sweep, i) != pass &&
                n++ < MOST_NAMED)
                name_run(&merge->runs[i], sweep, i);
    if (n > MOST_NAMED)
        fprintf(stderr, "and %d more\n", n - MOST_NAMED);
    if (sweep)
        name_shards(merge, sweep);
    sweep_status_free(&status);
    return fail(ERROR_RUN,
                "%d of %d run%s of '%s' are missing, damaged or failed; `normlab run` trains them, "
                "`normlab status` says how far they are",
                merge->n_missing, merge->n_runs, plural(merge->n_runs), merge->name);
}

/* Copies of one run that differ: of builds that round differently, or of a machine that fails. */
static enum status name_differences(const struct merge *merge) {
    for (int i = 0; i < merge->n_differ && i < MOST_NAMED; i++)
        text_print(stderr, "%s\n", merge->disagreements[i]);
    if (merge->n_differ > MOST_NAMED)
        fprintf(stderr, "and %d more\n", merge->n_differ - MOST_NAMED);
    if (merge->n_differ == 0)
        return OK;
    return fail(ERROR_RESULTS,
                "%d run%s of '%s' stand%s in two folders with different results, and nothing is "
                "merged: keep the file that `normlab rerun FILE` repeats",
                merge->n_differ, plural(merge->n_differ), merge->name,
                merge->n_differ == 1 ? "s" : "");
}

static void say_merged(const struct merge *merge) {
    struct pool pool = {0};
    const char *kinds = run_kinds_text(&merge->kinds, &pool);
    fprintf(stderr, "%s: %d of %d run%s\n", merge->name, merge->n_runs - merge->n_missing,
            merge->n_runs, plural(merge->n_runs));
    if (merge->n_copies > 0)
        fprintf(stderr, "%s: %d cop%s in other folders, with the same results\n", merge->name,
                merge->n_copies, merge->n_copies == 1 ? "y" : "ies");
    if (kinds)
        text_print(stderr, "%s: made by %s\n", merge->name, kinds);
    pool_free(&pool);
}

static enum status run(const struct arguments *arguments) {
    const struct merge_options *options = arguments->options;
    struct merge merge = {0};
    enum status status = merge_folders(&merge, options->folders.n, options->folders.items);
    if (status)
        return status;
    const char *path =
        options->out ? options->out
                     : default_path(options->folders.items[0], merge.results, arguments->pool);
    int n_dropped = 0;
    merge.force = options->force;
    status = name_differences(&merge);
    if (!status)
        status = merge_check_path(&merge, path, &n_dropped);
    if (!status)
        status = merge_write(&merge, path);
    if (!status && n_dropped > 0)
        text_print(stderr,
                   "%s: %d finished run%s that the plan does not have went from %s; their own "
                   "files stay\n",
                   merge.name, n_dropped, plural(n_dropped), path);
    if (!status) {
        say_merged(&merge);
        text_print_path(stdout, path);
        status = name_missing(&merge);
    }
    merge_free(&merge);
    return status;
}

static const struct option_row rows[] = {
    {.name = "DIR", .type = OPERANDS_SOME, FIELD(struct merge_options, folders)},
    {"out", "FILE",
     "the results file; default: beside the first DIR, under the name that `run` gave it",
     OPTION_TEXT, FIELD(struct merge_options, out)},
    {"force", NULL, "replace a results file that another definition has made", OPTION_FLAG,
     FIELD(struct merge_options, force)},
    PLUGIN_OPTION,
    {0},
};

const struct command command_merge = {
    .name = "merge",
    .summary = "join the runs of one experiment into one results file",
    .details = "DIR is a folder that `normlab run` filled, results/NAME. Runs with --shard leave "
               "several, on one machine or more; all must be parts of the same plan. merge needs "
               "neither data nor the experiment file. FILE must not exist, or be a results file of "
               "the same experiment with no finished run that DIR has lost. merge names the runs "
               "that are missing, with what journals say of them and by shard, gives them a row in "
               "/summary, and then exits with status 1. A run that several folders hold finished "
               "is compared, all of it but clocks and provenance: where its results differ, merge "
               "names the value, the processors and the builds, writes nothing, and exits with "
               "status 4. It also says where the runs come from several processors or builds.",
    .examples = "$ normlab merge results/small_batch\n"
                "$ normlab merge node1/small_batch node2/small_batch --out small_batch.h5",
    .rows = rows,
    .size = sizeof(struct merge_options),
    .run = run,
};
