/* The whole of `normlab tune`: rounds of trials until no best rate lies at an edge, then the tuned
 * file. */
#include "judge/tune/tune.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/number.h"
#include "base/visible.h"
#include "io/files.h"
#include "judge/tune/tune_definition.h"
#include "judge/tune/tune_doubts.h"
#include "judge/tune/tune_table.h"
#include "judge/tune/tune_trials.h"
#include "judge/tune/tuned_comment.h"
#include "judge/tune/tuned_file.h"
#include "judge/tune/tuned_source.h"

__attribute__((format(printf, 2, 3))) static void say(const struct tune_options *options,
                                                      const char *format, ...) {
    FILE *out = options->runner.messages;
    if (!out)
        return;
    va_list arguments;
    va_start(arguments, format);
    text_vprint(out, format, arguments);
    va_end(arguments);
    putc('\n', out);
    fflush(out); /* a message: there is nobody else to tell */
}

/* ---- rounds ---- */

/* What became of a round: all its trials are there; the runner saw and merged them just now. */
struct round {
    bool complete, merged;
};

static enum status train(struct tune *tune, const struct plan *plan,
                         const struct tune_options *options, struct round *round) {
    enum status status = runner_run(plan, &options->runner);
    if (!status)
        status = tune_read_trials(tune, plan, options->runner.out);
    round->complete = round->merged = !status;
    return status;
}

/* A round that was finished before is only read, unless it is to be merged: there may be more
 * trials than its own. A dry run ends where trials are missing, and lists them. */
static enum status run_plan(struct tune *tune, const struct plan *plan, bool merge,
                            const struct tune_options *options, struct round *round) {
    enum status status = tune_read_trials(tune, plan, options->runner.out);
    *round = (struct round){.complete = !status};
    if (status != ERROR_RESULTS && !merge)
        return status;
    return options->runner.dry_run ? runner_run(plan, &options->runner)
                                   : train(tune, plan, options, round);
}

static enum status run_round(struct tune *tune, bool merge, const struct tune_options *options,
                             struct round *round) {
    struct pool pool = {0};
    struct experiment trials;
    struct plan plan;
    const char *file = pool_format(&pool, "%s-tune, made by normlab", tune->experiment->name);
    const char *text = tune_definition(tune, &pool);
    enum status status = experiment_parse(file, text, 0, NULL, &trials);
    if (!status) {
        status = plan_create(&trials, &plan);
        if (!status) {
            status = tune_check_trials(tune, &plan);
            if (!status)
                status = run_plan(tune, &plan, merge, options, round);
            plan_free(&plan);
        }
        experiment_free(&trials);
    }
    pool_free(&pool);
    return status;
}

static const char *rates_text(const struct rate_grid *grid, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < grid->n; i++)
        text = pool_format(pool, "%s%s%s", text, i ? ", " : "", number_text(grid->rates[i], pool));
    return text;
}

static void say_extended(const struct tune *tune, int group, const struct tune_options *options) {
    struct pool pool = {0};
    const char *label = tune_group_label(tune, group, &pool);
    say(options, "%s: %s%san optimum lies at an edge, all try %s", tune->experiment->name, label,
        *label ? ": " : "", rates_text(&tune->grids[group], &pool));
    pool_free(&pool);
}

static bool extend(struct tune *tune, const struct tune_options *options) {
    bool any = false;
    for (int group = 0; group < tune->n_groups; group++)
        if (tune_extend(tune, group)) {
            say_extended(tune, group, options);
            any = true;
        }
    return any;
}

static enum status run_rounds(struct tune *tune, const struct tune_options *options,
                              bool *complete) {
    struct round round = {0};
    do {
        enum status status = run_round(tune, false, options, &round);
        *complete = round.complete;
        if (status || !round.complete)
            return status;
        tune_choose(tune);
    } while (extend(tune, options));
    return round.merged || options->runner.dry_run ? OK : run_round(tune, true, options, &round);
}

/* ---- before and after ---- */

/* What is replaced has been made here before, or is empty. */
static enum status check_replaced(const char *path, struct pool *pool) {
    struct stat about;
    char *text;
    if (stat(path, &about) != 0)
        return file_error(errno) == ERROR_UNREADABLE
                   ? fail(ERROR_UNREADABLE, "%s: %s", path, strerror(errno))
                   : OK;
    if (!S_ISREG(about.st_mode))
        return fail(ERROR_USAGE, "'%s' exists and is no file: the tuned file cannot go there",
                    path);
    enum status status = file_read(path, pool, &text);
    if (!status && *text && !tuned_comment_is_in(text))
        status = fail(ERROR_USAGE,
                      "'%s' was not made by normlab tune and would be lost: remove it, or name "
                      "another file with --to",
                      path);
    return status;
}

/* Asked before hours of training: the folder is there, and nothing of the user's is overwritten. */
static enum status check_path(const char *path, const char *file, struct pool *pool) {
    char target[PATH_MAX], source[PATH_MAX];
    if (realpath(path, target) && realpath(file, source) && !strcmp(target, source))
        return fail(ERROR_USAGE, "--to: '%s' is the file that is tuned", path);
    enum status status = check_replaced(path, pool);
    return status ? status : folder_create_for(path);
}

static enum status write_choices(struct tune *tune, const char *path,
                                 const struct tune_options *options) {
    struct pool pool = {0};
    struct table table;
    const char *text;
    tune->source = tuned_source_path(path, tune->experiment->file, &tune->pool);
    enum status status = tuned_file_text(tune, &pool, &text);
    if (!status)
        status = file_publish(path, text);
    if (!status) {
        const char *name = tune->experiment->name;
        for (const char *const *doubt = tune_doubts(tune, &pool); *doubt; doubt++)
            say(options, "%s: warning: %s", name, *doubt);
        say(options, "%s: the chosen rates are in %s\nnext: normlab run %s\nnext: normlab plot %s",
            name, path, text_quoted(path, &pool),
            text_quoted(pool_format(&pool, "%s/%s-tune.h5", options->runner.out, name), &pool));
        tune_table(tune, &table);
        if (options->table)
            table_write_tsv(&table, options->table);
        table_free(&table);
    }
    pool_free(&pool);
    return status;
}

static enum status tune_experiment(struct tune *tune, const struct tune_options *options) {
    struct pool pool = {0};
    const char *name = tune->experiment->name;
    const char *path = options->to
                           ? options->to
                           : pool_format(&pool, "%s/%s.tuned.yaml", options->runner.out, name);
    bool complete = false;
    for (int i = 0; i < tune->plan.n_warnings; i++)
        say(options, "normlab: warning: %s", tune->plan.warnings[i]);
    enum status status = tuned_file_check(tune);
    if (!status && !options->runner.dry_run)
        status = check_path(path, tune->experiment->file, &pool);
    if (!status)
        status = run_rounds(tune, options, &complete);
    if (!status && complete && !options->runner.dry_run)
        status = write_choices(tune, path, options);
    else if (!status && complete)
        say(options, "%s: all trials are done; without --dry-run %s is written", name, path);
    else if (!status)
        say(options, "%s: where an optimum lies at an edge, more rates are tried, %d times at most",
            name, MOST_EXTENSIONS);
    pool_free(&pool);
    return status;
}

enum status tune_file(const char *file, const struct tune_options *options) {
    struct tune_options asked = *options;
    struct experiment experiment;
    struct tune tune;
    for (int i = 0; i < asked.runner.n_overrides; i++)
        if (!strncmp(asked.runner.overrides[i], "protocol=", 9))
            return fail(
                ERROR_USAGE,
                "command line: '%s': tune the experiment itself; the tuned file has its protocols",
                asked.runner.overrides[i]);
    enum status status =
        experiment_read(file, asked.runner.n_overrides, asked.runner.overrides, &experiment);
    if (status)
        return status;
    if (!asked.runner.out)
        asked.runner.out = "results";
    asked.runner.n_overrides = 0; /* the trials' definition has them */
    asked.runner.is_step = true;
    status = tune_create(&experiment, &tune);
    if (!status) {
        tune.n_overrides = options->runner.n_overrides;
        tune.overrides = options->runner.overrides;
        status = tune_experiment(&tune, &asked);
        tune_free(&tune);
    }
    experiment_free(&experiment);
    return status;
}
