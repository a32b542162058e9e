#include "judge/tune.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "judge/tune_definition.h"
#include "judge/tune_table.h"
#include "judge/tuned_file.h"
#include "lab/files.h"
#include "lab/store.h"

__attribute__((format(printf, 2, 3))) static void say(const struct tune_options *options,
                                                      const char *format, ...) {
    FILE *out = options->runner.messages;
    if (!out)
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    putc('\n', out);
    fflush(out);
}

/* ---- what a run that gives no number counts as ---- */

/* p [K]: class frequencies of a part. */
static double *frequencies(const struct dataset *dataset, enum data_part part, struct pool *pool) {
    size_t K = (size_t)dataset->n_classes;
    long n = dataset->n[part], *counts = pool_alloc(pool, K * sizeof *counts);
    double *p = pool_alloc(pool, K * sizeof *p);
    dataset_class_counts(dataset, part, n, counts);
    for (size_t k = 0; k < K; k++)
        p[k] = (double)counts[k] / (double)n;
    return p;
}

/* The commonest class of the training rows, answered to every validation row. */
static double constant_error(const struct planned_run *run, struct pool *pool) {
    const double *train = frequencies(run->dataset, PART_TRAIN, pool);
    const double *validation = frequencies(run->dataset, PART_VALIDATION, pool);
    int commonest = 0;
    for (int k = 1; k < run->dataset->n_classes; k++)
        if (train[k] > train[commonest])
            commonest = k;
    return 1 - validation[commonest];
}

static double constant_loss(const struct planned_run *run, struct pool *pool) {
    return loss_get(run->config.run.train.loss)
        ->constant(frequencies(run->dataset, PART_VALIDATION, pool), run->dataset->n_classes);
}

static double constant_score(const char *by, const struct planned_run *run) {
    struct pool pool = {0};
    double score =
        !strcmp(by, "validation_loss") ? constant_loss(run, &pool) : constant_error(run, &pool);
    pool_free(&pool);
    return score;
}

/* ---- the trials' figures ---- */

static bool is_true(const struct attribute *attribute) {
    return attribute && attribute->integer;
}

/* One trial's run; ERROR_RESULTS where it is not finished. */
static enum status read_trial(const struct tune *tune, const struct planned_run *run,
                              const char *path, double *score, bool *failed) {
    struct record record = {0};
    enum status status = store_peek_run(path, &record);
    if (status)
        return status;
    const struct attribute *word = attributes_find(&record.final, "status");
    const struct attribute *figure = attributes_find(&record.final, tune->tuning.by);
    bool diverged = word && word->type == TYPE_TEXT && !strcmp(word->text, "diverged");
    if (strcmp(record.id, run->id) != 0 || !figure || figure->type != TYPE_REAL)
        status = fail(ERROR_RESULTS, "%s: does not hold the figures of run %s", path, run->id);
    if (!status) {
        *failed = diverged || is_true(attributes_find(&record.final, "collapsed"));
        *score = isfinite(figure->real) ? figure->real : constant_score(tune->tuning.by, run);
    }
    record_free(&record);
    return status;
}

static enum status read_trials(struct tune *tune, const struct plan *plan, const char *out) {
    struct pool pool = {0};
    int n_seeds = tune->tuning.n_seeds, run = 0;
    enum status status = OK;
    for (int i = 0; i < tune->n_arms; i++) {
        struct tune_arm *arm = &tune->arms[i];
        for (int at = 0; at < tune->grids[arm->group].n * n_seeds && !status; at++) {
            status = tune_find_run(tune, plan, arm, at / n_seeds, at % n_seeds, &run);
            if (status)
                break;
            const char *path =
                pool_format(&pool, "%s/%s/%s.h5", out, plan->experiment->name, plan->runs[run].id);
            status = read_trial(tune, &plan->runs[run], path, &arm->scores[at], &arm->failed[at]);
        }
    }
    pool_free(&pool);
    return status;
}

static void choose(struct tune *tune) {
    for (int i = 0; i < tune->n_arms; i++) {
        struct tune_arm *arm = &tune->arms[i];
        arm->choice = rate_choose(tune->grids[arm->group].n, tune->tuning.n_seeds, arm->scores);
    }
}

/* ---- rounds ---- */

/* A dry run ends where trials are missing, and lists them; others train them. */
static enum status run_plan(struct tune *tune, const struct plan *plan,
                            const struct tune_options *options, bool *complete) {
    bool dry = options->runner.dry_run;
    enum status status = dry ? OK : runner_run(plan, &options->runner);
    if (!status)
        status = read_trials(tune, plan, options->runner.out);
    *complete = status == OK;
    if (dry && status == ERROR_RESULTS)
        status = runner_run(plan, &options->runner);
    return status;
}

static enum status run_round(struct tune *tune, const struct tune_options *options,
                             bool *complete) {
    struct pool pool = {0};
    struct experiment trials;
    struct plan plan;
    const char *file = pool_format(&pool, "%s-tune, made by normlab", tune->experiment->name);
    const char *text = tune_definition(tune, &pool);
    enum status status = experiment_parse(file, text, 0, NULL, &trials);
    if (!status) {
        status = plan_create(&trials, &plan);
        if (!status) {
            status = run_plan(tune, &plan, options, complete);
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

/* One group: all its arms try what one of them needs. */
static bool extend_group(struct tune *tune, int group, const struct tune_options *options) {
    struct pool pool = {0};
    struct rate_choice *choices = pool_alloc(&pool, (size_t)tune->n_arms * sizeof *choices);
    int n = 0;
    for (int i = 0; i < tune->n_arms; i++)
        if (tune->arms[i].group == group)
            choices[n++] = tune->arms[i].choice;
    struct rate_grid *grid = &tune->grids[group];
    bool extended = rate_grid_extend(grid, key_get(tune->tuning.key), n, choices);
    if (extended) {
        const char *label = tune_group_label(tune, group, &pool);
        say(options, "%s: %s%san optimum lies at an edge, all try %s", tune->experiment->name,
            label, *label ? ": " : "", rates_text(grid, &pool));
    }
    pool_free(&pool);
    return extended;
}

/* Arms of one group share a grid, so that the scores of another number of rates are read anew. */
static bool extend(struct tune *tune, const struct tune_options *options) {
    bool extended = false;
    for (int group = 0; group < tune->n_groups; group++)
        extended |= extend_group(tune, group, options);
    return extended;
}

static enum status run_rounds(struct tune *tune, const struct tune_options *options,
                              bool *complete) {
    enum status status;
    do {
        status = run_round(tune, options, complete);
        if (status || !*complete)
            return status;
        choose(tune);
    } while (extend(tune, options));
    return OK;
}

/* ---- before and after ---- */

static const char *folder_of(const char *path, struct pool *pool) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : pool_format(pool, "%.*s", (int)(slash - path), path);
}

/* Asked before hours of training: the folder is there, and the file is not the one that is read. */
static enum status check_path(const char *path, const char *file, struct pool *pool) {
    char target[PATH_MAX], source[PATH_MAX];
    if (realpath(path, target) && realpath(file, source) && !strcmp(target, source))
        return fail(ERROR_USAGE, "--to: '%s' is the file that is tuned", path);
    return folder_create(folder_of(path, pool));
}

static void say_edges(const struct tune *tune, const struct tune_options *options) {
    int n = 0;
    for (int i = 0; i < tune->n_arms; i++)
        n += tune->arms[i].choice.edge != EDGE_NONE;
    if (n > 0)
        say(options, "%s: warning: the best rate of %d of %d cells lies at an edge of its grid",
            tune->experiment->name, n, tune->n_arms);
}

static enum status write_choices(const struct tune *tune, const char *path,
                                 const struct tune_options *options) {
    struct pool pool = {0};
    struct table table;
    const char *text;
    enum status status = tuned_file_text(tune, &pool, &text);
    if (!status)
        status = file_publish(path, text);
    if (!status) {
        say_edges(tune, options);
        say(options, "%s: the chosen rates are in %s\nnext: normlab run %s", tune->experiment->name,
            path, path);
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
            return fail(ERROR_USAGE,
                        "command line: '%s': tune the whole experiment; the tuned "
                        "file has its quick protocol",
                        asked.runner.overrides[i]);
    enum status status =
        experiment_read(file, asked.runner.n_overrides, asked.runner.overrides, &experiment);
    if (status)
        return status;
    if (!asked.runner.out)
        asked.runner.out = "results";
    asked.runner.n_overrides = 0; /* the trials' definition has them */
    status = tune_create(&experiment, &tune);
    if (!status) {
        status = tune_experiment(&tune, &asked);
        tune_free(&tune);
    }
    experiment_free(&experiment);
    return status;
}
