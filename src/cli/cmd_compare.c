/* normlab compare: two arms of a results file, paired by seed, judged by the rule. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "cli/command.h"
#include "cli/compare_table.h"
#include "cli/compare_words.h"
#include "cli/output.h"
#include "judge/claim/answer_rows.h"
#include "judge/stats/contrast_strata.h"
#include "lab/store/store.h"
#include "lab/table/row_filter.h"

struct compare_options {
    struct words files, arms, by, where;
    const char *metric;
    int kind; /* enum claim_kind */
    double delta;
    enum contrast_transform transform;
    bool higher_is_better, drop_missing;
    struct output_options output;
};

/* ---- the command line ---- */

/* "a=1:b=2" as conditions; a bare value takes the key of the condition `like`. */
static enum status split_arm(const char *text, const char *like, struct pool *pool,
                             struct arm *arm) {
    char *rest = pool_text(pool, text);
    size_t most = 1;
    for (const char *at = text; *at; at++)
        most += *at == ':';
    const char **conditions = pool_alloc(pool, most * sizeof *conditions);
    int n = 0;
    for (char *word = rest; word; word = rest) {
        rest = strchr(word, ':');
        if (rest)
            *rest++ = '\0';
        bool bare = !word[strcspn(word, "!<>=")];
        const char *key = bare && n == 0 ? like : NULL;
        if (!*word || (bare && !key))
            return fail(ERROR_USAGE,
                        "--arms: '%s' is not of the form key=value or "
                        "key=value:key=value",
                        text);
        conditions[n++] =
            key ? pool_format(pool, "%.*s=%s", (int)strcspn(key, "="), key, word) : word;
    }
    *arm = (struct arm){.n = n, .conditions = conditions};
    return OK;
}

static enum status read_arms(const struct words *arms, struct pool *pool,
                             struct contrast_request *contrast) {
    if (arms->n != 2)
        return fail(ERROR_USAGE, "compare: name two arms, like --arms "
                                 "norm.kind=batch,none");
    enum status status = split_arm(arms->items[0], NULL, pool, &contrast->first);
    return status
               ? status
               : split_arm(arms->items[1], contrast->first.conditions[0], pool, &contrast->second);
}

static enum status read_transform(const char *text, void *options) {
    return contrast_transform_find(text, &((struct compare_options *)options)->transform);
}

/* The smallest effect that matters, unless told otherwise: half a point of error; a fifteenth more
 * steps; 5 % of time. */
static double usual_delta(enum contrast_transform transform) {
    static const double usual[] = {
        [CONTRAST_PLAIN] = 0.005, [CONTRAST_LOG2] = 0.1, [CONTRAST_RATIO] = 0.05};
    return usual[transform];
}

/* Which test rows both arms got wrong, where the metric counts them and the runs have kept them. */
static enum status read_rows(const struct compare_options *options, const struct table *runs,
                             const struct contrast *contrast, struct pool *pool,
                             struct answer_rows *rows) {
    const struct claim_question question = {.more.metric.column = options->metric,
                                            .less.metric.column = options->metric,
                                            .log2 = options->transform != CONTRAST_PLAIN};
    return answer_rows_find(options->files.n == 1 ? options->files.items[0] : NULL, runs, &question,
                            contrast, pool, rows);
}

/* Names in `by` what varies within the arms and nobody named. */
static enum status add_open_keys(const struct table *runs, struct pool *pool,
                                 struct contrast_request *request, struct comparison *comparison) {
    int n = 0, n_by = request->n_by;
    const char **open = NULL;
    enum status status = contrast_open_keys(runs, request, pool, &n, &open);
    if (status)
        return status;
    const char **by = pool_alloc(pool, ((size_t)(n_by + n) + 1) * sizeof *by);
    for (int i = 0; i < n_by + n; i++)
        by[i] = i < n_by ? request->by[i] : open[i - n_by];
    request->by = by;
    request->n_by = n_by + n;
    comparison->n_open = n;
    comparison->open = open;
    return OK;
}

static enum status read_runs(const struct compare_options *options, struct table *runs) {
    struct table summary;
    enum status status = store_read_summaries(options->files.n, options->files.items, &summary);
    if (status)
        return status;
    status = table_where(&summary, options->where.n, options->where.items, runs);
    if (!status && runs->n_rows == 0 && summary.n_rows > 0)
        status = fail(ERROR_USAGE, "--where: no run meets all conditions");
    table_free(&summary);
    return status;
}

static enum status read_contrast(const struct compare_options *options, struct pool *pool,
                                 struct contrast_request *request, struct comparison *comparison,
                                 struct contrast *contrast, struct answer_rows *answer_rows) {
    struct table runs = {0};
    *request = (struct contrast_request){.n_by = options->by.n,
                                         .by = options->by.items,
                                         .metric = options->metric,
                                         .transform = options->transform,
                                         .higher_is_better = options->higher_is_better,
                                         .drop_missing = true};
    enum status status = read_arms(&options->arms, pool, request);
    if (!status)
        status = read_runs(options, &runs);
    if (!status)
        status = add_open_keys(&runs, pool, request, comparison);
    if (!status)
        status = contrast_build(&runs, request, contrast);
    if (!status)
        status = read_rows(options, &runs, contrast, pool, answer_rows);
    table_free(&runs);
    return status;
}

/* ---- what comes out ---- */

/* A table for programs has all columns; a person reads those that fit beside each other. */
static enum status choose_columns(const struct contrast_request *request, const struct table *all,
                                  struct table *chosen) {
    static const char *const names[] = {"n",          "first_median", "second_median",
                                        "difference", "low_rows",     "high_rows",
                                        "p",          "outcome"};
    enum { NAMES = sizeof names / sizeof *names };
    struct pool pool = {0};
    const char **columns = pool_alloc(&pool, (size_t)(request->n_by + NAMES) * sizeof *columns);
    for (int i = 0; i < request->n_by + NAMES; i++)
        columns[i] = i < request->n_by ? request->by[i] : names[i - request->n_by];
    enum status status = table_select(all, request->n_by + NAMES, columns, chosen);
    pool_free(&pool);
    return status;
}

static enum status print_table(const struct output_options *options,
                               const struct contrast_request *request,
                               const struct output_heading *heading, const struct table *table) {
    struct table chosen = {0};
    if (output_format(options) != OUTPUT_TEXT)
        return output_table(options, heading, table, stdout);
    enum status status = choose_columns(request, table, &chosen);
    if (!status)
        status = output_table(options, heading, &chosen, stdout);
    table_free(&chosen);
    return status;
}

/* JSON has the words in it; whoever takes a table finds them on standard error. */
static enum status print_comparison(const struct output_options *options,
                                    const struct question *question,
                                    const struct comparison *comparison) {
    const struct contrast_request *request = comparison->request;
    const struct decision *decision = comparison->decision;
    struct pool pool = {0};
    struct notes notes;
    struct table table;
    compare_notes(comparison, &pool, &notes);
    const struct output_fact facts[] = {
        {.name = "verdict", .text = verdict_name(decision->verdict)},
        {.name = "says", .text = compare_sentence(comparison, &pool)},
        {.name = "question", .text = compare_question(comparison, question, &pool)},
        {.name = "reason", .text = decision_sentence(question, decision, &pool)}};
    enum { FACTS = sizeof facts / sizeof *facts };
    const struct output_heading heading = {"compare", FACTS, facts, notes};
    compare_table(request->n_by, request->by, comparison->contrast, decision, &table);
    enum status status = print_table(options, request, &heading, &table);
    if (!status) {
        if (output_format(options) != OUTPUT_JSON)
            text_print(stderr, "%s\n%s %s\n", facts[1].text, facts[2].text, facts[3].text);
        notes_print(options, &notes);
    }
    table_free(&table);
    pool_free(&pool);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct compare_options *options = arguments->options;
    struct contrast_request request;
    struct contrast contrast = {0};
    struct decision decision = {0};
    struct comparison comparison = {&request, &contrast, &decision, 0, NULL};
    struct answer_rows rows = {0};
    enum status status =
        read_contrast(options, arguments->pool, &request, &comparison, &contrast, &rows);
    bool lacks = contrast.n_dropped > 0 && !options->drop_missing;
    struct question question = {
        .kind = (enum claim_kind)options->kind,
        .delta = options->delta > 0 ? options->delta : usual_delta(options->transform),
        .n_strata = contrast.n_strata,
        .n_seeds = contrast.n_seeds,
        .d = contrast.d,
        .largest = contrast.largest,
        .m = rows.m,
        .rows = rows.parts,
        .withheld = lacks ? "runs are missing: with --drop-missing the others decide" : NULL,
    };
    if (!status)
        status = decision_make(&question, &decision);
    if (!status)
        status = print_comparison(&options->output, &question, &comparison);
    decision_free(&decision);
    contrast_free(&contrast);
    return status;
}

static const struct option_row rows[] = {
    {.name = "RESULTS.h5", .type = OPERANDS_SOME, FIELD(struct compare_options, files)},
    {"arms", "K=A,B", "the two arms; of several keys: K=A:L=C,K=B:L=D", OPTION_LIST,
     FIELD(struct compare_options, arms)},
    {"by", "A,B", "keys; each combination of their values is a stratum", OPTION_LIST,
     FIELD(struct compare_options, by)},
    {"where", "COND,COND", "only runs that meet all conditions, as in `normlab table`", OPTION_LIST,
     FIELD(struct compare_options, where)},
    {"metric", "NAME", "what is compared", OPTION_TEXT, FIELD(struct compare_options, metric),
     .initial = "test_error_scored", .alias = "figure"},
    {"kind", "WORD", "direction or equality", OPTION_WORD, FIELD(struct compare_options, kind),
     .words = "direction|equality", .initial = "direction"},
    {"delta", "X", "smallest effect that matters; default: 0.005, log2 0.1, ratio 0.05",
     OPTION_REAL, FIELD(struct compare_options, delta), .max = INFINITY},
    {"transform", "WORD", "none, log2 (doublings) or ratio (natural logarithm)", OPTION_READ,
     .read = read_transform, .initial = "none"},
    {"higher-is-better", NULL, "more of the metric is better; default: less is", OPTION_FLAG,
     FIELD(struct compare_options, higher_is_better)},
    {"drop-missing", NULL, "let the seeds decide that lack no run; default: no verdict",
     OPTION_FLAG, FIELD(struct compare_options, drop_missing)},
    OUTPUT_OPTIONS(struct compare_options, output),
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_compare = {
    .name = "compare",
    .summary = "decide whether one arm is better than another: paired by seed, judged by a rule",
    .usage = "RESULTS.h5... --arms KEY=A,B",
    .details =
        "Pairs the runs of two arms by seed and asks whether the first arm is better than the "
        "second by more than delta (with --kind equality: whether the two are equal up to "
        "delta). Prints a row for each stratum, then one for all of them; says in words on "
        "standard error which arm is better, by how much, and the verdict: supported, refuted, "
        "small (true in sign, and smaller than delta), sign only (the sign is settled, that it is "
        "larger than delta is not), depends (on the stratum) or inconclusive, with what would "
        "decide: where there are too few seeds, or runs are missing, the numbers come all the "
        "same.\n"
        "The strata are the combinations of the keys of --by, and of whatever else varies within "
        "the arms, seeds aside; --where chooses among them. Of several files, `file` is such a "
        "key.\n"
        "A row has the interquartile mean of each arm (first, second) and of the paired difference "
        "(positive: the first arm is better), with a 95 % interval over seeds (low, high) and over "
        "seeds and test rows (low_rows, high_rows: the same where the runs have not kept which "
        "rows they got wrong, log.probes=rows); p, two-sided, of no difference; one-sided p of a "
        "difference above delta (p_above), below -delta (p_below), between the two (p_within; "
        "these three after Holm in strata), above 0 (p_positive), below 0 (p_negative), below "
        "delta (p_not_above) and above -delta (p_not_below), over seeds and rows where there are "
        "rows; improvement, how often the first arm was the better one, with its interval; the "
        "runs of each arm that diverged or collapsed (failed_first, failed_second); outcome, the "
        "first that is settled at .025: above, below, within, and for "
        "all strata together below 0, below delta or above 0 as well; or undecided; the verdict, "
        "in the last row; and the arms' medians. docs/statistics.md explains the rule.",
    .examples =
        "$ normlab compare results/small_batch.h5 --arms norm.kind=batch,none --by "
        "train.batch_size\n"
        "$ normlab compare results/placement.h5 --arms norm.placement=before,after --where "
        "norm.kind=batch,train.batch_size=64 --kind equality\n"
        "$ normlab compare results/mine.h5 --arms norm.kind=batch:norm.momentum=0.9,norm.kind=none "
        "--metric train_s --transform ratio",
    .rows = rows,
    .size = sizeof(struct compare_options),
    .run = run,
};
