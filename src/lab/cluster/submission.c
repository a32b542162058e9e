/* Makes the scripts of a submission, and sends them. */
#include "lab/cluster/submission.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/visible.h"
#include "io/files.h"
#include "io/install_paths.h"
#include "lab/cluster/script.h"
#include "lab/plan/plan_file.h"
#include "lab/runner/dry_run.h"

/* A task is given more time than it should take: other processors, neighbours, a slow disk; more
 * where no finished run says how long one takes. And some to begin and to end. */
static const double TIME_FACTOR = 1.5, GUESS_FACTOR = 3, EXTRA_S = 300;
static const double MEBIBYTE = 1048576, MEMORY_FACTOR = 1.2, MEMORY_STEP = 50 * 1048576.;
/* Of the job that merges. */
static const double FINISH_S = 3600, FINISH_BYTES = 1000 * 1048576.;

double submission_seconds(const struct submission *submission) {
    bool is_known = estimate_is_learned(&submission->worklist->estimate);
    double seconds = submission->size.longest_s * (is_known ? TIME_FACTOR : GUESS_FACTOR) + EXTRA_S;
    return fmin(seconds, submission->limits.seconds);
}

double submission_bytes(const struct submission *submission) {
    double bytes = dry_run_bytes(submission->worklist) * MEMORY_FACTOR;
    return ceil(bytes / MEMORY_STEP) * MEMORY_STEP;
}

/* ---- options for sbatch ---- */

/* "--name=VALUE", "--name VALUE", "-x VALUE" or "-xVALUE" at word i: the value, else NULL. */
static const char *option_value(const struct submission *submission, int i, const char *name,
                                const char *letter) {
    const char *word = submission->sbatch[i], *next = "";
    size_t length = strlen(name);
    if (i + 1 < submission->n_sbatch)
        next = submission->sbatch[i + 1];
    if (strncmp(word, name, length) == 0 && (!word[length] || word[length] == '='))
        return word[length] ? word + length + 1 : next;
    if (letter && strncmp(word, letter, 2) == 0)
        return word[2] ? word + 2 : next;
    return NULL;
}

const char *submission_partition(const struct submission *submission) {
    const char *partition = NULL;
    for (int i = 0; i < submission->n_sbatch; i++) {
        const char *value = option_value(submission, i, "--partition", "-p");
        partition = value ? value : partition;
    }
    return partition && *partition ? partition : NULL;
}

/* What submit itself decides. */
static const struct {
    const char *name, *letter;
} own_options[] = {{"--array", "-a"}, {"--dependency", "-d"}, {"--wrap", NULL}};
enum { OWN_OPTIONS = sizeof own_options / sizeof *own_options };

/* "#SBATCH --account=me", a line each. */
static enum status sbatch_lines(const struct submission *submission, const char **lines) {
    struct pool *pool = submission->pool;
    const char *quoted;
    *lines = "";
    for (int i = 0; i < submission->n_sbatch; i++) {
        const char *word = submission->sbatch[i];
        for (int own = 0; own < OWN_OPTIONS; own++)
            if (option_value(submission, i, own_options[own].name, own_options[own].letter))
                return fail(ERROR_USAGE,
                            "submit chooses %s of sbatch itself: with --dry-run it prints the "
                            "scripts, which can be edited and sent",
                            own_options[own].name);
        enum status status = script_sbatch_word(word, pool, &quoted);
        if (status)
            return status;
        *lines = *word != '-'
                     ? pool_format(pool, "%s %s", *lines, quoted)
                     : pool_format(pool, "%s%s#SBATCH %s", *lines, **lines ? "\n" : "", quoted);
    }
    return OK;
}

/* ---- values of the templates ---- */

static const char *absolute(const char *path, const char *here, struct pool *pool) {
    return *path == '/' ? path : pool_format(pool, "%s/%s", here, path);
}

/* In names of logs, sbatch replaces what stands behind a %. */
static enum status log_folder(const char *folder, struct pool *pool, const char **quoted) {
    char *doubled = pool_alloc(pool, 2 * strlen(folder) + 1), *to = doubled;
    if (strchr(folder, '\\'))
        return fail(ERROR_USAGE,
                    "'%s': sbatch cannot write a log into a folder with a \\ in its "
                    "path",
                    folder);
    for (; *folder; folder++) {
        if (*folder == '%')
            *to++ = '%';
        *to++ = *folder;
    }
    return script_sbatch_word(doubled, pool, quoted);
}

static const char *plugin_words(const struct submission *submission, const char *here) {
    struct pool *pool = submission->pool;
    const char *words = "";
    for (int i = 0; i < submission->n_plugins; i++)
        words = pool_format(pool, "%s --plugin %s", words,
                            text_quoted(absolute(submission->plugins[i], here, pool), pool));
    return words;
}

/* A folder as the node knows it: $TMPDIR/x is told apart there. */
static bool begins_with_variable(const char *stage) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./-";
    return *stage == '$' && stage[1 + strspn(stage + 1, plain)] == '\0';
}

static enum status check_stage(const char *stage) {
    return !stage || begins_with_variable(stage) || !strchr(stage, '$')
               ? OK
               : fail(ERROR_USAGE,
                      "--stage '%s': a variable of the job may begin it, $TMPDIR/mine, and stand "
                      "nowhere else",
                      stage);
}

static const char *stage_word(const char *stage, struct pool *pool) {
    return begins_with_variable(stage) ? pool_format(pool, "\"%s\"", stage)
                                       : text_quoted(stage, pool);
}

/* Options of `run` that have no place of their own in the template. */
static const char *more_words(const struct submission *submission, const char *plugins) {
    const struct runner_options *options = submission->options;
    struct pool *pool = submission->pool;
    const char *words = pool_format(pool, " --checkpoint %.3f%s", options->checkpoint_s, plugins);
    if (options->stage)
        words = pool_format(pool, "%s --stage %s", words, stage_word(options->stage, pool));
    if (options->run_limit_s > 0)
        words = pool_format(pool, "%s --run-limit %.3f", words, options->run_limit_s);
    return words;
}

static const char *megabytes(double bytes, struct pool *pool) {
    return pool_format(pool, "%.0fM", bytes / MEBIBYTE);
}

static const char *judge_command(const struct submission *submission, const char *program,
                                 const char *out, const char *here) {
    const struct experiment *experiment = submission->worklist->plan->experiment;
    struct pool *pool = submission->pool;
    if (!submission->claim)
        return "";
    const char *file = absolute(submission->claim, here, pool);
    return pool_format(pool, "%s judge %s --out %s%s%s", program, text_quoted(file, pool), out,
                       experiment->protocol ? " --" : "",
                       experiment->protocol ? experiment->protocol : "");
}

enum { MOST_VALUES = 24 };

static enum status make_values(const struct submission *submission, const char *here,
                               struct script_value values[MOST_VALUES], int *n) {
    struct pool *pool = submission->pool;
    const struct worklist *worklist = submission->worklist;
    const struct shard_size *size = &submission->size;
    const char *own = program_path(pool);
    const char *program = text_quoted(own ? own : "normlab", pool);
    const char *plan = pool_format(pool, "%s/plan.json", absolute(submission->folder, here, pool));
    const char *out = text_quoted(absolute(worklist->out, here, pool), pool);
    const char *results = text_quoted(absolute(worklist->merged, here, pool), pool);
    const char *plugins = plugin_words(submission, here);
    const char *limit = submission->limit > 0 ? pool_format(pool, "%%%d", submission->limit) : "";
    const char *lines, *logs, *folder;
    double finish_bytes = fmin(FINISH_BYTES, submission->limits.bytes);
    enum status status = sbatch_lines(submission, &lines);
    if (!status)
        status = log_folder(absolute(submission->folder, here, pool), pool, &logs);
    if (!status)
        status = script_sbatch_word(here, pool, &folder);
    if (status)
        return status;
    const struct script_value all[] = {
        {"program", program},
        {"name", worklist->plan->experiment->name},
        {"array", pool_format(pool, "%s%s", shard_size_indices(size, pool), limit)},
        {"shards", pool_format(pool, "%d", size->n)},
        {"cpus", pool_format(pool, "%d", submission->options->jobs * worklist->threads)},
        {"jobs", pool_format(pool, "%d", submission->options->jobs)},
        {"threads", pool_format(pool, "%d", worklist->threads)},
        {"time", slurm_duration(submission_seconds(submission), pool)},
        {"memory", megabytes(submission_bytes(submission), pool)},
        {"folder", folder},
        {"logs", logs},
        {"options", lines},
        {"plan", text_quoted(plan, pool)},
        {"out", out},
        {"more", more_words(submission, plugins)},
        {"plugins", plugins},
        {"runs", text_quoted(absolute(worklist->dir, here, pool), pool)},
        {"finish_time", slurm_duration(fmin(FINISH_S, submission->limits.seconds), pool)},
        {"finish_memory", megabytes(finish_bytes, pool)},
        {"plot", pool_format(pool, "%s plot %s%s", program, results, plugins)},
        {"judge", judge_command(submission, program, out, here)},
    };
    *n = sizeof all / sizeof *all;
    memcpy(values, all, sizeof all);
    return OK;
}

/* ---- scripts ---- */

static enum status fill_template(const struct submission *submission, const char *name, int n,
                                 const struct script_value *values, const char **script) {
    struct pool *pool = submission->pool;
    const char *path = NULL;
    char *text;
    if (submission->templates)
        path = pool_format(pool, "%s/%s", submission->templates, name);
    if (!path || access(path, F_OK) != 0)
        path = share_find(pool_format(pool, "slurm/%s", name), pool);
    if (!path)
        return fail(ERROR_RUN, "the template slurm/%s is not installed", name);
    enum status status = file_read(path, pool, &text);
    return status ? fail(ERROR_USAGE, "%s", pool_text(pool, status_message()))
                  : script_fill(path, text, n, values, pool, script);
}

/* A folder that is named by mistake would go without a word. */
static enum status check_templates(const char *dir) {
    struct pool pool = {0};
    bool any = !dir || access(pool_format(&pool, "%s/train.sh", dir), F_OK) == 0 ||
               access(pool_format(&pool, "%s/finish.sh", dir), F_OK) == 0;
    pool_free(&pool);
    return any ? OK
               : fail(ERROR_USAGE, "--templates %s: there is neither train.sh nor finish.sh", dir);
}

/* The first number that has no folder. */
static const char *choose_folder(const struct worklist *worklist, struct pool *pool) {
    struct stat about;
    const char *folder;
    int number = 1;
    do
        folder = pool_format(pool, "%s/slurm/%d", worklist->dir, number++);
    while (lstat(folder, &about) == 0);
    return folder;
}

enum status submission_write_texts(struct submission *submission) {
    struct pool *pool = submission->pool;
    struct script_value values[MOST_VALUES];
    int n;
    char *here = getcwd(NULL, 0);
    if (!here)
        return fail(ERROR_RUN, "the current folder is gone: %s", strerror(errno));
    const char *kept = pool_text(pool, here);
    free(here);
    submission->folder = choose_folder(submission->worklist, pool);
    submission->train = pool_format(pool, "%s/train.sh", submission->folder);
    submission->finish = pool_format(pool, "%s/finish.sh", submission->folder);
    enum status status = check_templates(submission->templates);
    if (!status)
        status = check_stage(submission->options->stage);
    if (!status)
        status = make_values(submission, kept, values, &n);
    if (!status)
        status = fill_template(submission, "train.sh", n, values, &submission->train_text);
    if (!status)
        status = fill_template(submission, "finish.sh", n, values, &submission->finish_text);
    return status;
}

/* ---- sending ---- */

static enum status publish(const struct submission *submission) {
    const struct worklist *worklist = submission->worklist;
    const struct runner_options *options = submission->options;
    enum status status = folder_create_for(submission->folder);
    if (!status && mkdir(submission->folder, 0777) != 0)
        status = fail(ERROR_RUN, "cannot create the folder '%s': %s", submission->folder,
                      strerror(errno));
    if (!status)
        status = plan_file_publish(submission->folder, worklist->plan, options->n_overrides,
                                   options->overrides);
    if (!status)
        status = plan_file_publish(worklist->dir, worklist->plan, options->n_overrides,
                                   options->overrides);
    if (!status)
        status = file_publish(submission->train, submission->train_text);
    if (!status)
        status = file_publish(submission->finish, submission->finish_text);
    return status;
}

/* "<script's path without .sh>.<what>" holds the number. */
static enum status keep_number(const struct submission *submission, const char *script,
                               const char *what, const char *number) {
    struct pool *pool = submission->pool;
    const char *path = pool_format(pool, "%.*s.%s", (int)strlen(script) - 3, script, what);
    return file_publish(path, pool_format(pool, "%s\n", number));
}

enum status submission_send(struct submission *submission) {
    struct pool *pool = submission->pool;
    enum status status = publish(submission);
    if (!status)
        status = keep_number(submission, submission->train, "shards",
                             pool_format(pool, "%d", submission->size.n));
    if (!status)
        status = slurm_submit(submission->train, NULL, pool, &submission->train_job);
    if (status)
        return status;
    status = keep_number(submission, submission->train, "job", submission->train_job);
    if (!status)
        status =
            slurm_submit(submission->finish, submission->train_job, pool, &submission->finish_job);
    if (status)
        return fail_in(status,
                       "job %s was submitted (`scancel %s` ends it), and the one that "
                       "merges was not",
                       submission->train_job, submission->train_job);
    status = keep_number(submission, submission->finish, "job", submission->finish_job);
    return status ? fail_in(status, "jobs %s and %s were submitted (`scancel %s %s` ends them)",
                            submission->train_job, submission->finish_job, submission->train_job,
                            submission->finish_job)
                  : OK;
}
