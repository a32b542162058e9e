/* normlab status: how far a sweep is, from its folder alone. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/names.h"
#include "cli/status_words.h"
#include "cli/terminal.h"
#include "io/draft.h"
#include "io/files.h"

struct status_options {
    const char *what, *out;
    struct words overrides;
    int shards;
    bool runs, verify, watch;
    struct output_options output;
};

/* ---- what is asked about ---- */

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* The folder that `run FILE` fills. */
static enum status find_of_file(const struct status_options *options, const char *file,
                                struct pool *pool, struct status_subject *subject) {
    struct experiment experiment;
    enum status status =
        experiment_read(file, options->overrides.n, options->overrides.items, &experiment);
    if (status)
        return status;
    *subject =
        (struct status_subject){.dir = pool_format(pool, "%s/%s", options->out, experiment.name),
                                .file = options->what,
                                .text = pool_text(pool, experiment.text),
                                .out = strcmp(options->out, "results") ? options->out : NULL};
    experiment_free(&experiment);
    return OK;
}

static enum status find(const struct status_options *options, struct pool *pool,
                        struct status_subject *subject) {
    const char *what = options->what;
    if (is_folder(what) && options->overrides.n)
        return fail(ERROR_USAGE, "%s is a folder, and has its plan: key=value goes with FILE.yaml",
                    what);
    if (is_folder(what)) {
        const char *out = path_above(what, pool);
        *subject = (struct status_subject){.dir = what, .out = strcmp(out, "results") ? out : NULL};
        return OK;
    }
    const char *file = names_find_definition(what, pool);
    return find_of_file(options, file ? file : what, pool, subject);
}

/* No plan: nothing was started, or the folder is another one. */
static enum status fail_unplanned(const struct status_subject *subject, enum status status) {
    struct pool pool = {0};
    if (status == ERROR_RESULTS && !is_folder(subject->dir))
        fail(status, "%s is not there: `normlab run %s` has not begun, or has another --out",
             subject->dir, subject->file ? text_quoted(subject->file, &pool) : "FILE.yaml");
    pool_free(&pool);
    return status;
}

static enum status look(const struct status_options *options, struct status_subject *subject,
                        const struct sweep_status *before, struct sweep_status *status) {
    const struct slurm_queue *queue = &subject->queue;
    int shards = options->shards ? options->shards : queue->n > 0 ? queue->n_shards : 0;
    enum status failed = sweep_status_read(1, &subject->dir, shards, before, status);
    if (failed)
        return fail_unplanned(subject, failed);
    if (options->verify)
        sweep_status_verify(status);
    return OK;
}

/* ---- what is said ---- */

static enum status print_runs(const struct status_options *options,
                              const struct status_subject *subject,
                              const struct sweep_status *status) {
    const struct output_fact facts[] = {{.name = "dir", .text = subject->dir}};
    const struct output_heading heading = {.command = "status", .n_facts = 1, .facts = facts};
    struct table table;
    status_table(status, &table);
    enum status failed = output_table(&options->output, &heading, &table, stdout);
    table_free(&table);
    return failed;
}

static enum status print_one(const struct status_options *options,
                             const struct status_subject *subject,
                             const struct sweep_status *status) {
    struct status_subject named = *subject;
    enum status failed = OK;
    named.is_changed = subject->text && strcmp(subject->text, status->plan.yaml) != 0;
    if (!named.file)
        named.file = *status->plan.file ? status->plan.file : "FILE.yaml";
    if (options->runs)
        failed = print_runs(options, &named, status);
    else if (options->output.flag)
        status_json(&named, status, stdout);
    else
        status_print(&named, status, stdout);
    return failed;
}

/* 75: who waits may ask again; 1: nobody is at work, and something is left to do. */
static enum status judge(const struct status_subject *subject, const struct sweep_status *status) {
    int left = status->plan.n_runs - sweep_status_done(status);
    if (left == 0)
        return OK;
    return status_is_at_work(subject, status)
               ? fail(STOPPED_TERM, "%d of %d run%s of '%s' are not done yet", left,
                      status->plan.n_runs, plural(status->plan.n_runs), status->plan.name)
               : fail(ERROR_RUN, "%d of %d run%s of '%s' are not done, and nobody is at work", left,
                      status->plan.n_runs, plural(status->plan.n_runs), status->plan.name);
}

/* Looks again and again, until all is done or somebody stops it. Slurm is asked once a minute. */
static enum status watch(const struct status_options *options, struct status_subject *subject) {
    static const struct timespec pause = {.tv_sec = 5}; /* beats come as often */
    struct sweep_status before = {0}, now;
    enum status failed = OK;
    struct pool pool = {0};
    bool first = true, person = terminal_is_output();
    for (int n = 0; first || (!failed && judge(subject, &before) != OK); n++) {
        if (!first)
            nanosleep(&pause, NULL);
        if (n % 12 == 0)
            slurm_queue_read(subject->dir, &pool, &subject->queue);
        failed = look(options, subject, first ? NULL : &before, &now);
        if (failed)
            break;
        sweep_status_free(&before);
        before = now;
        if (person)
            fputs("\033[H\033[2J", stdout);
        else if (!first)
            putchar('\n');
        failed = print_one(options, subject, &now);
        fflush(stdout); /* the program asks at its end whether all was written */
        first = false;
    }
    sweep_status_free(&before);
    pool_free(&pool);
    return failed;
}

static enum status run(const struct arguments *arguments) {
    const struct status_options *options = arguments->options;
    struct status_subject subject = {0};
    struct sweep_status status;
    bool tsv = options->output.flag && !strcmp(options->output.flag, "tsv");
    if (!options->runs && (tsv || options->output.sort.n || options->output.digits))
        return fail(ERROR_USAGE, "--tsv, --sort and --digits go with --runs");
    enum status failed = find(options, arguments->pool, &subject);
    if (!failed && options->watch)
        return watch(options, &subject);
    if (!failed) {
        slurm_queue_read(subject.dir, arguments->pool, &subject.queue);
        failed = look(options, &subject, NULL, &status);
    }
    if (failed)
        return failed;
    failed = print_one(options, &subject, &status);
    if (!failed)
        failed = judge(&subject, &status);
    sweep_status_free(&status);
    return failed;
}

static const struct option_row rows[] = {
    {.name = "FILE.yaml|DIR", .type = OPERAND, FIELD(struct status_options, what)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct status_options, overrides)},
    {"out", "DIR", "of a FILE.yaml: the folder of results", OPTION_TEXT,
     FIELD(struct status_options, out), .initial = "results"},
    {"runs", NULL, "a row for each run instead", OPTION_FLAG, FIELD(struct status_options, runs)},
    {"shards", "N", "count by N shards; default: those of the process that wrote last",
     OPTION_INTEGER, FIELD(struct status_options, shards), .min = 1, .max = 1000000},
    {"verify", NULL, "open each file: is its seal whole, does it hold the planned run?",
     OPTION_FLAG, FIELD(struct status_options, verify)},
    {"watch", NULL, "look again every 5 seconds, until all is done", OPTION_FLAG,
     FIELD(struct status_options, watch)},
    OUTPUT_OPTIONS(struct status_options, output),
    PLUGIN_OPTION,
    {0},
};

const struct command command_status = {
    .name = "status",
    .summary = "say how far a sweep is, while it runs and after, from any machine",
    .details =
        "DIR is a folder that `normlab run` fills, results/NAME; FILE.yaml stands for its own, "
        "with key=value as `run` was given it where that changes the folder: protocol=quick. "
        "status reads the plan there, the names of the files and the journals of all processes "
        "that train, on whatever machine they are, and says which runs are done, which are running "
        "(where, how far, when they will be ready), which failed and why, what is missing, and "
        "what the next command would do.\n"
        "A run counts as running while its process lives: the process holds a lock on its journal, "
        "or, where machines do not see each other's locks, has written to it in the last three "
        "minutes. With --watch a beat that goes on is enough, so that no clock matters. What "
        "`normlab submit` has sent is asked for at Slurm, where squeue is installed.\n"
        "complete and diverged are what journals say; done, where none does. With --verify it is "
        "the files that say so. A finished run that `run --force` trains again counts as done.\n"
        "Exit status: 0 all runs are done, 75 some are not and processes are at work or queued, 1 "
        "some are "
        "not and nobody is, 4 there is no plan that fits, 5 a file cannot be read now.",
    .examples = "$ normlab status experiments/smoke.yaml\n"
                "$ normlab status results/smoke --watch\n"
                "$ normlab status results/smoke --runs --sort state\n"
                "$ normlab status results/smoke --json",
    .rows = rows,
    .size = sizeof(struct status_options),
    .run = run,
};
