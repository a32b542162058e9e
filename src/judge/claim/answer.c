/* From a question and the results to its answer. */
#include "judge/claim/answer.h"

#include <math.h>
#include <string.h>

#include "judge/claim/over.h"
#include "judge/stats/statistics.h"

/* Columns of the table that a question is asked of: which arm a run stands for, and its metric. */
static const char arm_column[] = "arm", metric_column[] = "metric";
/* And where an arm's run stands in the summary. */
static const char place_column[] = "row";

/* ---- runs of a question ---- */

/* A key does not apply to a run: its cell is empty. */
static bool is_blank(const struct column *column, int row) {
    switch (column->type) {
    case TYPE_TEXT:
        return !*column->texts[row];
    case TYPE_REAL:
        return isnan(column->reals[row]);
    case TYPE_INT:
    case TYPE_BOOL:
        break;
    }
    return column->integers[row] == -1;
}

/* Keeps the rows that meet a condition, or to which its key does not apply. */
static enum status keep_or_blank(const struct table *table, const char *key, const char *condition,
                                 struct pool *pool, struct rows *rows) {
    struct column *column;
    enum status status = table_require(table, key, &column);
    if (status)
        return status;
    struct rows applying = {0, pool_alloc(pool, ((size_t)rows->n + 1) * sizeof *applying.items)},
                met;
    for (int i = 0; i < rows->n; i++)
        if (!is_blank(column, rows->items[i]))
            applying.items[applying.n++] = rows->items[i];
    status = rows_where(table, &applying, 1, &condition, pool, &met);
    if (status)
        return status;
    int n = 0, at = 0;
    for (int i = 0; i < rows->n; i++) {
        bool meets = at < met.n && met.items[at] == rows->items[i];
        at += meets;
        if (meets || is_blank(column, rows->items[i]))
            rows->items[n++] = rows->items[i];
    }
    rows->n = n;
    return OK;
}

/* "train.batch_size=2|4|8": every value of a stratum's key. */
static const char *any_stratum(const struct claim_question *question, int key, struct pool *pool) {
    const char *text = pool_format(pool, "%s=", question->strata_keys[key]);
    for (int s = 0; s < question->n_strata; s++) {
        const char *value = strchr(question->strata[s][key], '=') + 1;
        bool seen = false;
        for (int before = 0; before < s; before++)
            seen |= !strcmp(question->strata[before][key], question->strata[s][key]);
        if (!seen)
            text = pool_format(pool, "%s%s%s", text, s ? "|" : "", value);
    }
    return text;
}

/* What a run that never got to its target counts as in each arm, in its planned steps. */
struct budgets {
    double more, less;
};

/* As which it is chosen among others: one that got there comes before it. */
static const double MOST_BUDGETS = 2;

enum status answer_arm_rows(const struct table *summary, const struct claim_question *question,
                            const struct claim_arm *arm, struct pool *pool, struct rows *rows) {
    enum status status = rows_where(summary, NULL, arm->n, arm->conditions, pool, rows);
    if (!status && rows->n == 0)
        status = fail(ERROR_RESULTS, "there are no runs of the arm '%s' here", arm->name);
    for (int k = 0; k < question->n_strata_keys && !status; k++)
        status = keep_or_blank(summary, question->strata_keys[k], any_stratum(question, k, pool),
                               pool, rows);
    return status;
}

/* The runs of one arm in the question's strata, as a table with their places in the summary, each
 * with its metric in values (in the pool). The same runs for any number of budgets. */
static enum status arm_runs(const char *path, const struct table *summary,
                            const struct claim_question *question, const struct claim_arm *arm,
                            double budgets, struct table *runs, double **values,
                            struct pool *pool) {
    struct rows rows = {0};
    enum status status = answer_arm_rows(summary, question, arm, pool, &rows);
    if (status)
        return status;
    table_take(summary, rows.n, rows.items, runs);
    long *places = table_add(runs, place_column, TYPE_INT, "", "row of the summary")->integers;
    for (int i = 0; i < rows.n; i++)
        places[i] = rows.items[i];
    *values = pool_alloc(pool, ((size_t)rows.n + 1) * sizeof **values);
    status = metric_rows(path, runs, &arm->metric, MOST_BUDGETS, *values);
    if (!status)
        over_choose(&arm->metric, runs, *values);
    if (!status && budgets < MOST_BUDGETS && metric_is_place(&arm->metric))
        status = metric_rows(path, runs, &arm->metric, budgets, *values);
    if (status)
        table_free(runs);
    return status;
}

/* Both arms in one table, with a column that says which is which and one with the metric: a run may
 * stand in both, with two metrics. */
static enum status both_arms(const char *path, const struct table *summary,
                             const struct claim_question *question, struct budgets budgets,
                             struct table *result) {
    struct pool pool = {0};
    struct table more = {0}, less = {0};
    double *more_values, *less_values;
    enum status status = arm_runs(path, summary, question, &question->more, budgets.more, &more,
                                  &more_values, &pool);
    if (!status)
        status = arm_runs(path, summary, question, &question->less, budgets.less, &less,
                          &less_values, &pool);
    if (!status) {
        int n = more.n_rows + less.n_rows;
        int *rows = pool_alloc(&pool, ((size_t)n + 1) * sizeof *rows);
        for (int i = 0; i < n; i++) {
            bool is_more = i < more.n_rows;
            const struct column *places = table_find(is_more ? &more : &less, place_column);
            rows[i] = (int)places->integers[is_more ? i : i - more.n_rows];
        }
        table_take(summary, n, rows, result);
        const char **arms = table_add(result, arm_column, TYPE_TEXT, "", "arm")->texts;
        for (int i = 0; i < n; i++)
            arms[i] = i < more.n_rows ? "more" : "less";
        double *metrics = table_add(result, metric_column, TYPE_REAL, "", "metric")->reals;
        memcpy(metrics, more_values, (size_t)more.n_rows * sizeof *metrics);
        memcpy(metrics + more.n_rows, less_values, (size_t)less.n_rows * sizeof *metrics);
    }
    table_free(&more);
    table_free(&less);
    pool_free(&pool);
    return status;
}

/* ---- the answer ---- */

/* Metrics become their distances from the median of the arm in the stratum. */
static void spread_out(const struct contrast *contrast, double *metrics) {
    for (int s = 0; s < contrast->n_strata; s++)
        distances_from_median(metrics + (long)s * contrast->n_seeds, contrast->n_seeds);
}

static void apply_spread(const struct claim_question *question, struct contrast *contrast) {
    bool more = question->more.metric.spread, less = question->less.metric.spread;
    if (more)
        spread_out(contrast, contrast->first);
    if (less)
        spread_out(contrast, contrast->second);
    for (int i = 0; (more || less) && i < contrast->n_strata * contrast->n_seeds; i++)
        contrast->d[i] = contrast->first[i] - contrast->second[i];
}

static bool names_key(const struct claim_arm *arm, const char *key) {
    size_t length = strlen(key);
    for (int i = 0; i < arm->n; i++)
        if (!strncmp(arm->conditions[i], key, length) && arm->conditions[i][length] == '=')
            return true;
    return false;
}

/* Of the keys in which the arms differ those remain that the question does not name. */
static void forget_named(const struct claim_question *question, struct contrast *contrast) {
    int n = 0;
    for (int i = 0; i < contrast->n_also; i++)
        if (!names_key(&question->more, contrast->also[i]) &&
            !names_key(&question->less, contrast->also[i]))
            contrast->also[n++] = contrast->also[i];
    contrast->n_also = n;
}

static enum status build_contrast(const struct table *runs, const struct claim_question *question,
                                  struct contrast *contrast) {
    static const char *const more = "arm=more", *const less = "arm=less";
    struct contrast_request request = {.first = {1, &more, question->more.name},
                                       .second = {1, &less, question->less.name},
                                       .n_by = question->n_strata_keys,
                                       .by = question->strata_keys,
                                       .metric = metric_column,
                                       .transform = question->log2 ? CONTRAST_LOG2 : CONTRAST_PLAIN,
                                       .higher_is_better = true};
    enum status status = contrast_build(runs, &request, contrast);
    if (!status)
        forget_named(question, contrast);
    return status;
}

/* Of what is not settled: between what it lies, from where on it would matter, and what is known
 * all the same. */
static const char *unsettled(const struct claim_question *question, const struct decision *decision,
                             struct pool *pool) {
    const struct interval *interval = &decision->overall.interval_rows;
    enum effect effect = decision->overall.tests.effect;
    bool differs = question->equality && (effect == EFFECT_POSITIVE || effect == EFFECT_NEGATIVE);
    bool rows_only = decision->seeds_only != decision->verdict;
    return pool_format(pool,
                       "%d seeds do not settle it: the difference lies between %.2g and %.2g%s%s, "
                       "and %.2g %s.%s%s%s%s",
                       decision->n_seeds, interval->low, interval->high, *question->unit ? " " : "",
                       question->unit, question->delta,
                       question->equality ? "or less counts as none" : "is the least that counts",
                       differs ? " There is a difference; whether it counts is open." : "",
                       rows_only ? " Decided on these test rows only: over seeds alone it is " : "",
                       rows_only ? verdict_name(decision->seeds_only) : "",
                       !rows_only ? ""
                       : decision->rows_forbid
                           ? "; more test rows may settle it, more seeds cannot."
                           : "; more test rows or more seeds may settle it.");
}

/* Does a stratum by itself bear out what is said of the average? */
static bool bears_out(const struct decision *decision, enum effect effect) {
    bool apart = effect == EFFECT_ABOVE || effect == EFFECT_BELOW;
    switch (decision->verdict) {
    case VERDICT_SUPPORTED:
        return effect == (decision->kind == CLAIM_EQUALITY ? EFFECT_WITHIN : EFFECT_ABOVE);
    case VERDICT_REFUTED:
        return decision->kind == CLAIM_EQUALITY ? apart
                                                : effect == EFFECT_WITHIN || effect == EFFECT_BELOW;
    case VERDICT_SMALL:
        return effect == EFFECT_WITHIN;
    default:
        return false;
    }
}

/* A sentence about an average says so, where not every stratum bears it out. */
static const char *of_average(const char *sentence, const struct decision *decision,
                              struct pool *pool) {
    int n = decision->n_strata, n_alike = 0;
    if (n < 2 || decision->verdict == VERDICT_DEPENDS || decision->verdict == VERDICT_INCONCLUSIVE)
        return sentence;
    if (decision->verdict == VERDICT_SIGN_ONLY)
        return pool_format(pool, "%s (On average over %d conditions.)", sentence, n);
    for (int s = 0; s < n; s++)
        n_alike += bears_out(decision, decision->strata[s].tests.effect);
    return n_alike == n
               ? sentence
               : pool_format(pool, "%s (On average over %d conditions; settled by itself in %s.)",
                             sentence, n, n_alike ? pool_format(pool, "%d", n_alike) : "none");
}

/* The file's sentence for the outcome, or one of ours where it has none. */
static const char *sentence_for(const struct claim_question *question,
                                const struct decision *decision, struct pool *pool) {
    const char *unit = question->unit, *blank = *unit ? " " : "";
    const char *own = question->outcome[decision->verdict];
    if (own)
        return own;
    switch (decision->verdict) {
    case VERDICT_SMALL:
        return pool_format(pool,
                           "True in sign, and smaller than what was declared to matter: the "
                           "difference is above 0 and below %.2g%s%s.",
                           question->delta, blank, unit);
    case VERDICT_SIGN_ONLY:
        return pool_format(pool,
                           "True in sign: the difference is above 0; whether it is above %.2g%s%s, "
                           "the least that counts, is open.",
                           question->delta, blank, unit);
    default:
        return unsettled(question, decision, pool);
    }
}

static const char *meaning_of(const struct claim_question *question,
                              const struct decision *decision, struct pool *pool) {
    return of_average(sentence_for(question, decision, pool), decision, pool);
}

bool answer_is_settled(const struct answer *answer) {
    enum verdict verdict = answer->decision.verdict;
    return verdict != VERDICT_INCONCLUSIVE && verdict != VERDICT_SIGN_ONLY;
}

/* By which of its tests it is decided: seeds alone may say what rows leave open. */
static const char *basis_of(const struct decision *decision) {
    bool open = decision->verdict == VERDICT_INCONCLUSIVE;
    return !decision->has_rows                                    ? "seeds"
           : open && decision->seeds_only != VERDICT_INCONCLUSIVE ? "these rows only"
                                                                  : "seeds x rows";
}

static void describe_missed(struct answer *answer, struct pool *pool) {
    const struct claim_question *question = answer->question;
    missed_describe(&answer->asked, &answer->decision, question->more.name, question->less.name,
                    &answer->missed, pool);
    if (answer->missed.at_least)
        answer->basis = "at least";
    if (answer->missed.at_least && answer->decision.verdict == VERDICT_INCONCLUSIVE)
        answer->meaning = "Runs that never got to the target leave it open: when they would have, "
                          "nobody knows.";
}

void answer_describe(struct answer *answer, struct pool *pool) {
    answer->text = decision_sentence(&answer->asked, &answer->decision, pool);
    answer->meaning = meaning_of(answer->question, &answer->decision, pool);
    answer->basis = basis_of(&answer->decision);
    if (answer->asked.d_low)
        describe_missed(answer, pool);
}

static enum status decide(const struct claim *claim, struct answer *answer, struct pool *pool) {
    const struct claim_question *question = answer->question;
    struct contrast *contrast = &answer->contrast;
    if (!claim->protocol && contrast->n_strata < question->n_strata)
        return fail(ERROR_RESULTS, "%d of %d strata have runs", contrast->n_strata,
                    question->n_strata);
    answer->asked = (struct question){.kind = question->equality ? CLAIM_EQUALITY : CLAIM_DIRECTION,
                                      .delta = question->delta,
                                      .n_strata = contrast->n_strata,
                                      .n_seeds = contrast->n_seeds,
                                      .d = contrast->d,
                                      .d_low = answer->low.d,
                                      .d_high = answer->high.d,
                                      .level = answer->level,
                                      .largest = contrast->largest,
                                      .m = answer->rows.m,
                                      .rows = answer->rows.parts};
    enum status status = decision_possible(answer->level > 0 ? answer->level : LEVEL,
                                           contrast->n_seeds, contrast->n_strata);
    if (!status)
        status = decision_make(&answer->asked, &answer->decision);
    if (status)
        return status;
    answer->failures = failures_compare(contrast->n_strata, contrast->n_seeds,
                                        contrast->failed_first, contrast->failed_second);
    answer_describe(answer, pool);
    return OK;
}

static void count_missed(const struct table *runs, struct answer *answer) {
    const char *const *arms = table_find(runs, arm_column)->texts;
    const double *metrics = table_find(runs, metric_column)->reals;
    for (int row = 0; row < runs->n_rows; row++) {
        bool more = !strcmp(arms[row], "more");
        const struct claim_arm *arm = more ? &answer->question->more : &answer->question->less;
        if (metric_missed(runs, &arm->metric, row, metrics[row]))
            ++*(more ? &answer->missed.n_more : &answer->missed.n_less);
    }
}

/* *runs: the arms' runs, to be freed, where the status is OK. */
static enum status compare(const char *path, const struct table *summary,
                           const struct claim_question *question, struct budgets budgets,
                           struct table *runs, struct contrast *contrast) {
    enum status status = both_arms(path, summary, question, budgets, runs);
    if (status)
        return status;
    status = build_contrast(runs, question, contrast);
    if (status)
        table_free(runs);
    else
        apply_spread(question, contrast);
    return status;
}

enum status answer_pair(const struct table *summary, const struct claim_question *question,
                        struct contrast *contrast) {
    const struct budgets once = {1, 1};
    struct table runs = {0};
    enum status status = compare(NULL, summary, question, once, &runs, contrast);
    if (!status)
        table_free(&runs);
    return status;
}

/* The bounds of the differences where runs have missed their target. */
static enum status find_bounds(const char *path, const struct table *summary,
                               struct answer *answer) {
    const struct budgets low = {1, MOST_BUDGETS}, high = {MOST_BUDGETS, 1};
    struct table runs = {0};
    enum status status = compare(path, summary, answer->question, low, &runs, &answer->low);
    table_free(&runs);
    if (!status)
        status = compare(path, summary, answer->question, high, &runs, &answer->high);
    table_free(&runs);
    return status;
}

/* The differences, with the arms' runs. */
static enum status find_differences(const char *path, const struct table *summary,
                                    struct answer *answer, struct table *runs) {
    const struct budgets once = {1, 1}, twice = {MOST_BUDGETS, MOST_BUDGETS};
    struct contrast counted = {0};
    enum status status = compare(path, summary, answer->question, twice, runs, &counted);
    if (status)
        return status;
    count_missed(runs, answer);
    if (!(answer->missed.n_more + answer->missed.n_less)) {
        answer->contrast = counted;
        return OK;
    }
    contrast_free(&counted);
    table_free(runs);
    status = find_bounds(path, summary, answer);
    return status ? status
                  : compare(path, summary, answer->question, once, runs, &answer->contrast);
}

static void note_pairs(const struct table *runs, struct answer *answer, struct pool *pool) {
    const struct contrast *contrast = &answer->contrast;
    const struct column *ids = table_find(runs, "run");
    answer->n_pairs = ids ? contrast->n_strata * contrast->n_seeds : 0;
    answer->pairs = pool_alloc(pool, (size_t)answer->n_pairs * sizeof *answer->pairs + 1);
    for (int i = 0; i < answer->n_pairs; i++)
        answer->pairs[i] = (struct run_pair){pool_text(pool, ids->texts[contrast->first_rows[i]]),
                                             pool_text(pool, ids->texts[contrast->second_rows[i]])};
}

enum status answer_make(const struct claim *claim, const char *path, const struct table *summary,
                        struct answer *answer, struct pool *pool) {
    struct table runs = {0};
    enum status status = find_differences(path, summary, answer, &runs);
    if (!status)
        note_pairs(&runs, answer, pool);
    if (!status)
        status =
            answer_rows_find(path, &runs, answer->question, &answer->contrast, pool, &answer->rows);
    if (!status)
        status = decide(claim, answer, pool);
    table_free(&runs);
    if (status == ERROR_USAGE || status == ERROR_RESULTS) {
        answer->open = pool_text(pool, status_message());
        status = OK;
    }
    return status;
}

void answer_free(struct answer *answer) {
    contrast_free(&answer->contrast);
    contrast_free(&answer->low);
    contrast_free(&answer->high);
    decision_free(&answer->decision);
}
