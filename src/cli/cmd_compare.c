/* normlab compare: two arms of a results file, paired by seed, judged by the rule. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "cli/command.h"
#include "judge/claim/answer_rows.h"
#include "judge/stats/contrast.h"
#include "judge/stats/decision.h"
#include "lab/store/store.h"
#include "lab/table/row_filter.h"

struct compare_options {
    const char *file;
    struct words arms, by, where;
    const char *metric;
    int kind; /* enum claim_kind */
    double delta;
    enum contrast_transform transform;
    bool higher_is_better, drop_missing;
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
    *arm = (struct arm){n, conditions};
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
    return answer_rows_find(options->file, runs, &question, contrast, pool, rows);
}

static enum status read_contrast(const struct compare_options *options, struct pool *pool,
                                 struct contrast *contrast, struct answer_rows *answer_rows) {
    struct table summary, rows = {0};
    struct contrast_request request = {.n_by = options->by.n,
                                       .by = options->by.items,
                                       .metric = options->metric,
                                       .transform = options->transform,
                                       .higher_is_better = options->higher_is_better,
                                       .drop_missing = options->drop_missing};
    enum status status = read_arms(&options->arms, pool, &request);
    if (!status)
        status = store_read_summary(options->file, &summary);
    if (status)
        return status;
    status = table_where(&summary, options->where.n, options->where.items, &rows);
    if (!status && rows.n_rows == 0 && summary.n_rows > 0)
        status = fail(ERROR_USAGE, "--where: no run meets all conditions");
    if (!status)
        status = contrast_build(&rows, &request, contrast);
    if (!status)
        status = read_rows(options, &rows, contrast, pool, answer_rows);
    table_free(&rows);
    table_free(&summary);
    return status;
}

/* ---- the table ---- */

static double *add_reals(struct table *table, const char *name, const char *doc) {
    return table_add(table, name, TYPE_REAL, "", doc)->reals;
}

/* Rows are the strata of --by, then all of them together. */
static void add_names(const struct words *by, const struct contrast *contrast,
                      struct table *table) {
    int last = table->n_rows - 1, n_by = by->n;
    for (int k = 0; k < n_by; k++) {
        const char **texts = table_add(table, by->items[k], TYPE_TEXT, "", "of the stratum")->texts;
        for (int s = 0; s < last; s++)
            texts[s] = pool_text(&table->pool, contrast->by_values[s * n_by + k]);
        texts[last] = "all";
    }
    long *seeds = table_add(table, "n", TYPE_INT, "", "seeds")->integers;
    for (int row = 0; row <= last; row++)
        seeds[row] = contrast->n_seeds;
}

/* The interquartile mean over seeds of an arm's metric: of each stratum, and of its average. */
static void add_arm(const struct contrast *contrast, const char *name, const double *values,
                    struct table *table) {
    int n_seeds = contrast->n_seeds, n = contrast->n_strata, last = table->n_rows - 1;
    double *means = add_reals(table, name, "interquartile mean of the metric");
    double *average = pool_alloc(&table->pool, (size_t)n_seeds * sizeof *average);
    for (int i = 0; i < n * n_seeds; i++)
        average[i % n_seeds] += values[i] / n;
    for (int s = 0; s < last; s++)
        means[s] = interquartile_mean(values + s * n_seeds, n_seeds);
    means[last] = interquartile_mean(average, n_seeds);
}

/* Of row `row` in the table. */
static const struct finding *finding_get(const struct decision *decision, const struct table *table,
                                         int row) {
    return row < table->n_rows - 1 ? &decision->strata[row] : &decision->overall;
}

/* Numbers of a finding: a column each. */
static const struct {
    const char *name;
    size_t offset;
} statistics[] = {
    {"difference", offsetof(struct finding, estimate)},
    {"low", offsetof(struct finding, interval.low)},
    {"high", offsetof(struct finding, interval.high)},
    {"low_rows", offsetof(struct finding, interval_rows.low)},
    {"high_rows", offsetof(struct finding, interval_rows.high)},
    {"p", offsetof(struct finding, tests.p_zero)},
    {"p_above", offsetof(struct finding, tests.holm[EFFECT_ABOVE])},
    {"p_below", offsetof(struct finding, tests.holm[EFFECT_BELOW])},
    {"p_within", offsetof(struct finding, tests.holm[EFFECT_WITHIN])},
    {"p_positive", offsetof(struct finding, tests.facts.p[EFFECT_POSITIVE])},
    {"p_negative", offsetof(struct finding, tests.facts.p[EFFECT_NEGATIVE])},
    {"p_not_above", offsetof(struct finding, tests.facts.p[EFFECT_NOT_ABOVE])},
    {"p_not_below", offsetof(struct finding, tests.facts.p[EFFECT_NOT_BELOW])},
    {"improvement", offsetof(struct finding, improvement)},
    {"improvement_low", offsetof(struct finding, improvement_interval.low)},
    {"improvement_high", offsetof(struct finding, improvement_interval.high)},
};

static void add_findings(const struct decision *decision, struct table *table) {
    for (size_t i = 0; i < sizeof statistics / sizeof *statistics; i++) {
        double *to = add_reals(table, statistics[i].name, "see normlab compare --help");
        for (int row = 0; row < table->n_rows; row++) {
            const char *finding = (const char *)finding_get(decision, table, row);
            to[row] = *(const double *)(const void *)(finding + statistics[i].offset);
        }
    }
}

static void add_failures(const struct contrast *contrast, struct table *table) {
    long *first = table_add(table, "failed_first", TYPE_INT, "", "failed runs")->integers;
    long *second = table_add(table, "failed_second", TYPE_INT, "", "failed runs")->integers;
    int n_seeds = contrast->n_seeds, last = table->n_rows - 1;
    for (int row = 0; row <= last; row++) {
        int from = row < last ? row * n_seeds : 0, n = row < last ? 1 : contrast->n_strata;
        struct failures failures = failures_compare(n, n_seeds, contrast->failed_first + from,
                                                    contrast->failed_second + from);
        first[row] = failures.first;
        second[row] = failures.second;
    }
}

static void add_outcomes(const struct decision *decision, struct table *table) {
    const char **outcome = table_add(table, "outcome", TYPE_TEXT, "", "what is decided")->texts;
    for (int row = 0; row < table->n_rows; row++)
        outcome[row] = effect_name(finding_get(decision, table, row)->tests.effect);
    const char **verdict = table_add(table, "verdict", TYPE_TEXT, "", "on the claim")->texts;
    verdict[table->n_rows - 1] = verdict_name(decision->verdict);
}

static void write_table(const struct words *by, const struct contrast *contrast,
                        const struct decision *decision) {
    struct table table;
    table_create(&table, by->n ? contrast->n_strata + 1 : 1);
    add_names(by, contrast, &table);
    add_arm(contrast, "first", contrast->first, &table);
    add_arm(contrast, "second", contrast->second, &table);
    add_findings(decision, &table);
    add_failures(contrast, &table);
    add_outcomes(decision, &table);
    table_write_tsv(&table, stdout);
    table_free(&table);
}

/* ---- in words ---- */

static void say_failures(const struct contrast *contrast) {
    struct failures f = failures_compare(contrast->n_strata, contrast->n_seeds,
                                         contrast->failed_first, contrast->failed_second);
    if (f.first + f.second > 0)
        fprintf(stderr,
                "failed runs: %d of the first arm, %d of the second (sign test over seeds: p = "
                "%.2g)\n",
                f.first, f.second, f.p);
}

static void say(const struct question *question, const struct decision *decision,
                const struct contrast *contrast) {
    struct pool pool = {0};
    text_print(stderr, "%s\n", decision_sentence(question, decision, &pool));
    say_failures(contrast);
    for (int i = 0; i < contrast->n_dropped; i++)
        text_print(stderr, "seed left out for want of: %s\n", contrast->dropped[i]);
    for (int i = 0; i < contrast->n_also; i++)
        text_print(stderr, "the arms differ in %s as well\n", contrast->also[i]);
    pool_free(&pool);
}

static enum status run(const struct arguments *arguments) {
    const struct compare_options *options = arguments->options;
    struct contrast contrast = {0};
    struct decision decision = {0};
    struct answer_rows rows = {0};
    enum status status = read_contrast(options, arguments->pool, &contrast, &rows);
    struct question question = {
        .kind = (enum claim_kind)options->kind,
        .delta = options->delta > 0 ? options->delta : usual_delta(options->transform),
        .n_strata = contrast.n_strata,
        .n_seeds = contrast.n_seeds,
        .d = contrast.d,
        .largest = contrast.largest,
        .m = rows.m,
        .rows = rows.parts,
    };
    if (!status)
        status = decision_make(&question, &decision);
    if (!status) {
        write_table(&options->by, &contrast, &decision);
        say(&question, &decision, &contrast);
    }
    decision_free(&decision);
    contrast_free(&contrast);
    return status;
}

static const struct option_row rows[] = {
    {.name = "RESULTS.h5", .type = OPERAND, FIELD(struct compare_options, file)},
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
    {"drop-missing", NULL, "leave out seeds that lack a run", OPTION_FLAG,
     FIELD(struct compare_options, drop_missing)},
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_compare = {
    .name = "compare",
    .summary = "decide whether one arm is better than another: paired by seed, judged by a rule",
    .usage = "RESULTS.h5 --arms KEY=A,B",
    .details =
        "Pairs the runs of two arms by seed and asks whether the first arm is better than the "
        "second by more than delta (with --kind equality: whether the two are equal up to "
        "delta). Prints a row for each stratum of --by, then one for all of them. A row has "
        "the interquartile mean of each arm and of the paired difference (positive: the first "
        "arm is better), with a 95 % interval over seeds (low, high) and over seeds and test rows "
        "(low_rows, high_rows: the same where the runs have not kept which rows they got wrong, "
        "log.probes=rows); p, two-sided, of no difference; one-sided p of a difference above delta "
        "(p_above), below -delta (p_below), between the two (p_within; these three after Holm in "
        "strata), above 0 (p_positive), below 0 (p_negative), below delta (p_not_above) and above "
        "-delta (p_not_below), over seeds and rows where there are rows; improvement, how often "
        "the "
        "first arm was the better one, with its interval; the failed runs; and outcome, the first "
        "that is settled at .025: above, below, within, and for all strata together below 0, below "
        "delta or above 0 as well; or undecided. The last row has the verdict: supported, refuted, "
        "small (true in sign, and smaller than delta), sign only (the sign is settled, that it is "
        "larger than delta is not), depends (on the stratum) or inconclusive. A sentence on "
        "standard error explains it.\n"
        "Name whatever varies besides the arms and the seeds in --by or --where. compare "
        "refuses a question that so few seeds cannot decide. docs/statistics.md explains the "
        "rule.",
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
