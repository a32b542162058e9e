/* normlab run: from an experiment file to its results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "cli/command.h"
#include "cli/definition_check.h"
#include "cli/output.h"
#include "cli/plugin_warning.h"
#include "io/draft.h"
#include "judge/claim/claim_check.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report_rule.h"
#include "lab/plan/plan_file.h"
#include "lab/runner/runner.h"

enum { MOST_JOBS = 4096, MOST_SHARDS = 1000000 };

struct run_options {
    const char *file, *name;
    struct words overrides;
    struct runner_options runner;
    bool until_decided;
    const char *flag; /* "tsv" or "json" */
};

/* "i/n", i from 0. */
static enum status read_shard(const char *text, void *options) {
    struct runner_options *runner = &((struct run_options *)options)->runner;
    char *end;
    long index = strtol(text, &end, 10), count = 0;
    bool good = end != text && *end == '/' && end[1] >= '0' && end[1] <= '9';
    if (good)
        count = strtol(end + 1, &end, 10);
    if (!good || *end || index < 0 || count < 1 || count > MOST_SHARDS || index >= count)
        return fail(ERROR_USAGE, "--shard: '%s' is not i/n with i from 0 to n-1, like 0/4", text);
    runner->shard = (int)index;
    runner->n_shards = (int)count;
    return OK;
}

/* ---- a plan that was kept ---- */

static bool is_plan(const char *file) {
    return strcmp(path_name(file), "plan.json") == 0;
}

/* Its definition, whatever the file says by now. */
static enum status read_plan(const struct run_options *options, struct plan_file *filed,
                             struct experiment *experiment) {
    struct pool pool = {0};
    if (options->runner.n_overrides || options->name || options->until_decided)
        return fail(ERROR_USAGE,
                    "%s has its key=value and its name already, and no claim: it goes "
                    "with no key=value, --name or --until-decided",
                    options->file);
    enum status status = plan_file_read(path_folder(options->file, &pool), filed);
    pool_free(&pool);
    if (status)
        return status;
    status = experiment_parse(filed->file, filed->yaml, filed->n_overrides, filed->overrides,
                              experiment);
    if (status)
        plan_file_free(filed);
    else if (filed->results)
        experiment->results = filed->results;
    return status;
}

static enum status check_plan(const struct plan *plan, const struct plan_file *filed) {
    for (int i = 0; i < plan->n_runs; i++)
        if (i >= filed->n_runs || strcmp(plan->runs[i].id, filed->runs[i].id) != 0)
            return fail(ERROR_DATA,
                        "%s: its run %s is not the one that comes of it here, %s: the data differ, "
                        "or a plugin",
                        filed->path, i < filed->n_runs ? filed->runs[i].id : "(none)",
                        plan->runs[i].id);
    return plan->n_runs == filed->n_runs
               ? OK
               : fail(ERROR_RESULTS, "%s: it has %d runs, and %d come of its definition",
                      filed->path, filed->n_runs, plan->n_runs);
}

/* ---- one call ---- */

/* `filed`: the plan that it must be; no path: none. */
static enum status plan_and_run(const struct experiment *experiment, const struct plan_file *filed,
                                const struct runner_options *options) {
    struct plan plan = {0};
    enum status status = plan_create(experiment, &plan);
    if (status)
        return status;
    if (filed->path)
        status = check_plan(&plan, filed);
    if (status) {
        plan_free(&plan);
        return status;
    }
    definition_warn_plan(&plan);
    status = runner_run(&plan, options);
    plan_free(&plan);
    return status;
}

/* ---- from look to look ---- */

static void say_look(const struct judgement *judgement) {
    struct pool pool = {0};
    const char *blocked = blocked_text(judgement);
    text_print(stderr, "%s: %s; looks: %s%s%s\n", judgement->claim->name, judgement_word(judgement),
               looks_text(judgement, &pool), blocked ? " More seeds " : "", blocked ? blocked : "");
    pool_free(&pool);
}

/* Trains what a look needs, and looks. *is_over: no look follows. */
static enum status take_look(const struct claim *claim, const struct plan *plan,
                             const struct runner_options *options, bool *is_over) {
    struct judgement judgement;
    enum status status = runner_run(plan, options);
    if (status)
        return status;
    status = verdict_judge(claim, options->out, &judgement);
    if (status)
        return status;
    *is_over = judgement.looks.is_over;
    if (judgement.decided)
        say_look(&judgement);
    else
        status = fail(ERROR_RESULTS, "%s has no answer: %s", claim->file, judgement.sentence);
    judgement_free(&judgement);
    return status;
}

static enum status take_looks(const struct claim *claim, struct runner_options options) {
    struct plan plan = {0};
    bool is_over = false;
    enum status status = plan_create(&claim->experiment, &plan);
    if (status)
        return status;
    FILE *listing = options.listing;
    options.listing = NULL;
    for (int i = 0; i < claim->rule.n_looks && !is_over && !status; i++) {
        options.first_seeds = claim->rule.n_choosing + claim->rule.looks[i].n_seeds;
        status = take_look(claim, &plan, &options, &is_over);
    }
    if (!status && listing)
        text_print_path(
            listing, pool_format(&plan.pool, "%s/%s.h5", options.out, claim->experiment.results));
    plan_free(&plan);
    return status;
}

static enum status run_until_decided(const struct run_options *options) {
    const struct runner_options *runner = &options->runner;
    struct claim claim;
    if (runner->dry_run || runner->n_shards || runner->force || runner->n_overrides ||
        options->name)
        return fail(ERROR_USAGE, "--until-decided runs what the claim declares: it goes with no "
                                 "key=value, --dry-run, --shard, --force or --name");
    enum status status = claim_read(options->file, NULL, &claim);
    if (status)
        return status;
    if (claim.has_runs)
        definition_warn_source(&claim.experiment);
    status = claim_check(&claim, NULL);
    if (!status)
        status = claim.rule.n_looks
                     ? take_looks(&claim, *runner)
                     : fail(ERROR_USAGE, "%s declares no looks, so there is nothing to stop at",
                            options->file);
    claim_free(&claim);
    return status;
}

/* What cannot be tuned or judged can still be trained: only a dry run refuses it. */
static enum status check_others(const struct run_options *options,
                                const struct experiment *experiment) {
    enum status status = definition_check(options->file, experiment);
    if (!status || options->runner.dry_run)
        return status;
    text_print(stderr, "normlab: warning: %s\n", status_message());
    return OK;
}

static enum status read_definition(struct run_options *options, struct plan_file *filed,
                                   struct experiment *experiment) {
    struct runner_options *runner = &options->runner;
    if (is_plan(options->file)) {
        enum status status = read_plan(options, filed, experiment);
        if (!status) {
            runner->n_overrides = filed->n_overrides;
            runner->overrides = filed->overrides;
        }
        return status;
    }
    enum status status =
        experiment_read(options->file, runner->n_overrides, runner->overrides, experiment);
    if (status)
        return status;
    if (options->name)
        experiment->results = options->name;
    definition_warn_source(experiment);
    status = check_others(options, experiment);
    if (status)
        experiment_free(experiment);
    return status;
}

static enum status run(const struct arguments *arguments) {
    struct run_options *options = arguments->options;
    struct runner_options *runner = &options->runner;
    struct experiment experiment = {0};
    struct plan_file filed = {0};
    struct table listed = {0};
    if (options->flag && !strcmp(options->flag, "tsv") && !runner->dry_run)
        return fail(ERROR_USAGE, "--tsv goes with --dry-run");
    if (runner->keys && !runner->dry_run)
        return fail(ERROR_USAGE, "--keys goes with --dry-run");
    if (options->name && name_check("--name", options->name))
        return ERROR_USAGE;
    runner->argc = arguments->argc;
    runner->argv = arguments->argv;
    runner->n_overrides = options->overrides.n;
    runner->overrides = options->overrides.items;
    runner->messages = stderr;
    bool json = options->flag && !strcmp(options->flag, "json");
    runner->tsv = options->flag && !json;
    runner->listing = json ? NULL : stdout;
    runner->events = json && !runner->dry_run ? stdout : NULL;
    runner->listed = json && runner->dry_run ? &listed : NULL;
    if (arguments->plugins.n > 0) {
        enum status stopped = plugin_warn(stderr);
        if (stopped)
            return stopped;
    }
    if (options->until_decided && !is_plan(options->file))
        return run_until_decided(options);
    enum status status = read_definition(options, &filed, &experiment);
    if (status)
        return status;
    status = plan_and_run(&experiment, &filed, runner);
    if (!status && runner->listed)
        status = output_table(&(struct output_options){.flag = "json"},
                              &(struct output_heading){.command = "run"}, &listed, stdout);
    table_free(&listed);
    experiment_free(&experiment);
    plan_file_free(&filed);
    return status;
}

static const struct option_row rows[] = {
    {.name = "FILE.yaml", .type = OPERAND, FIELD(struct run_options, file)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct run_options, overrides)},
    {"jobs", "N", "runs at a time; default: as many as fill the cores", OPTION_INTEGER,
     FIELD(struct run_options, runner.jobs), .min = 1, .max = MOST_JOBS},
    {"threads", "N",
     "threads of one run, at most; a step with little work uses fewer; default: the cores left "
     "over",
     OPTION_INTEGER, FIELD(struct run_options, runner.threads), .min = 1, .max = MOST_JOBS},
    {"out", "DIR", "folder of results", OPTION_TEXT, FIELD(struct run_options, runner.out),
     .initial = "results"},
    {"stage", "DIR",
     "write each run's file to this folder first, on a disk of this machine, and copy it to --out "
     "when it is whole",
     OPTION_TEXT, FIELD(struct run_options, runner.stage)},
    {"name", "NAME",
     "name of the results file, DIR/NAME.h5; default: the experiment's, with each key=value behind "
     "a +",
     OPTION_TEXT, FIELD(struct run_options, name)},
    {"dry-run", NULL, "list the runs, memory and time; write nothing", OPTION_FLAG,
     FIELD(struct run_options, runner.dry_run)},
    {"tsv", NULL, "with --dry-run: list them with tabs, for programs", OPTION_EITHER,
     FIELD(struct run_options, flag)},
    {"json", NULL,
     "a line of JSON for each event: plan, start and end of a run, summary; with --dry-run: what "
     "it "
     "lists, as share/schema/output.json describes",
     OPTION_EITHER, FIELD(struct run_options, flag)},
    {"keys", NULL,
     "with --dry-run: list the keys of the runs with their values, and whether the file sets them "
     "or leaves them to their defaults",
     OPTION_FLAG, FIELD(struct run_options, runner.keys)},
    {"fail-fast", NULL, "start no more runs after one has failed", OPTION_FLAG,
     FIELD(struct run_options, runner.fail_fast)},
    RUN_LIMIT_OPTION(struct run_options, runner.run_limit_s),
    CHECKPOINT_OPTION(struct run_options, runner.checkpoint_s),
    {"until-decided", NULL,
     "of a claim with looks: train the seeds of one look, look, and go on only where there is no "
     "verdict",
     OPTION_FLAG, FIELD(struct run_options, until_decided)},
    {"force", NULL,
     "train finished runs again, and replace a results file that another definition has made",
     OPTION_FLAG, FIELD(struct run_options, runner.force)},
    {"shard", "i/n", "train part i of n only, i from 0; `normlab merge` joins the parts",
     OPTION_READ, .read = read_shard},
    PLUGIN_OPTION,
    {0},
};

const struct command command_run = {
    .name = "run",
    .summary = "train all runs of an experiment file that are not finished yet",
    .details =
        "Each run is a process of its own and leaves one file, DIR/NAME/ID.h5. At the end "
        "normlab merges all of them into DIR/NAME.h5 and prints its path. It skips runs that "
        "are finished and repeats runs that failed, so the same command continues whatever "
        "was stopped. A run in progress leaves a checkpoint, DIR/NAME/ID.checkpoint, now and "
        "then and when a signal stops it; the same command goes on from there and ends with "
        "the same numbers, if normlab and what is logged are the same.\n"
        "Without --jobs and --threads it fills the cores that it may use: by affinity (taskset), "
        "the container's share of processor time, SLURM_CPUS_PER_TASK. It ignores variables that "
        "bind threads to processors (OMP_PROC_BIND, OMP_PLACES, GOMP_CPU_AFFINITY).\n"
        "A claim's file may declare looks, at 10, 20 and 40 seeds: with --until-decided the seeds "
        "of the first are trained, then `normlab judge` looks, and so on until there is a verdict, "
        "or these test rows leave too much open for any number of seeds.\n"
        "FILE.yaml may be a name alone, smoke: normlab looks below experiments, "
        "experiments/claims and experiments/papers, here and among the files that come with it. It "
        "may also be the plan.json of a folder of runs: normlab trains what was planned there, "
        "into --out as always, whatever the experiment file says by now.\n"
        "key=value replaces a key wherever it stands in the file. A comma makes an axis of "
        "it; [a,b] is one list. The runs then stay in DIR/NAME, where those that are finished "
        "serve any call, and the results file gets a name of its own, such as "
        "DIR/NAME+seed=0,1.h5: DIR/NAME.h5 always holds what the file itself defines. Keys that "
        "change no run (log.level, log.weights, data.dir) change no name.\n"
        "normlab replaces DIR/NAME.h5 where the same file was edited. It does not where another "
        "file, or another key=value under the same --name, has made it and finished runs would "
        "go from it, unless --force is given.\n"
        "Exit status: 0 all complete, 1 some run failed, 2 usage or experiment file, 3 data "
        "missing or corrupt, 4 results that do not fit, 5 a file cannot be read now, 75 stopped "
        "by SIGTERM, 130 by SIGINT.",
    .examples = "$ normlab run smoke\n"
                "$ normlab run experiments/small_batch.yaml --dry-run\n"
                "$ normlab run experiments/small_batch.yaml --dry-run --keys\n"
                "$ normlab run experiments/small_batch.yaml seed=0,1 train.epochs=1\n"
                "$ normlab run experiments/smoke.yaml --json\n"
                "$ normlab run experiments/smoke.yaml train.epochs=2 --name longer\n"
                "$ normlab run experiments/placement.yaml --jobs 2 --threads 1\n"
                "$ normlab run experiments/placement.yaml --shard 0/4\n"
                "$ normlab run experiments/claims/27_regularization.yaml --until-decided",
    .rows = rows,
    .size = sizeof(struct run_options),
    .run = run,
};
