/* The table of a comparison: a row for each stratum, and one for all of them. */
#include "cli/compare_table.h"

#include <stddef.h>

static double *add_reals(struct table *table, const char *name, const char *doc) {
    return table_add(table, name, TYPE_REAL, "", doc)->reals;
}

/* Rows are the strata of --by, then all of them together. */
static void add_names(int n_by, const char *const *by, const struct contrast *contrast,
                      struct table *table) {
    int last = table->n_rows - 1;
    for (int k = 0; k < n_by; k++) {
        const char **texts = table_add(table, by[k], TYPE_TEXT, "", "of the stratum")->texts;
        for (int s = 0; s < last; s++)
            texts[s] = pool_text(&table->pool, contrast->by_values[s * n_by + k]);
        texts[last] = "all";
    }
    long *seeds = table_add(table, "n", TYPE_INT, "", "seeds")->integers;
    for (int row = 0; row <= last; row++)
        seeds[row] = contrast->n_seeds;
}

/* A statistic over seeds. */
struct statistic {
    const char *suffix, *doc;
    double (*of)(const double *x, int n);
};

/* Of an arm's metric: in each stratum, and of its average over strata. */
static void add_arm(const struct contrast *contrast, const char *name, const double *values,
                    const struct statistic *statistic, struct table *table) {
    int n_seeds = contrast->n_seeds, last = table->n_rows - 1;
    double *to = add_reals(table, pool_format(&table->pool, "%s%s", name, statistic->suffix),
                           statistic->doc);
    for (int s = 0; s < last; s++)
        to[s] = statistic->of(values + s * n_seeds, n_seeds);
    to[last] = statistic->of(contrast_average(contrast, values, &table->pool), n_seeds);
}

static void add_arms(const struct contrast *contrast, const struct statistic *statistic,
                     struct table *table) {
    add_arm(contrast, "first", contrast->first, statistic, table);
    add_arm(contrast, "second", contrast->second, statistic, table);
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
    static const char doc[] = "runs that diverged or collapsed";
    long *first = table_add(table, "failed_first", TYPE_INT, "", doc)->integers;
    long *second = table_add(table, "failed_second", TYPE_INT, "", doc)->integers;
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

void compare_table(int n_by, const char *const *by, const struct contrast *contrast,
                   const struct decision *decision, struct table *table) {
    static const struct statistic means = {"", "interquartile mean of the metric",
                                           interquartile_mean},
                                  medians = {"_median", "median of the metric", median};
    table_create(table, n_by ? contrast->n_strata + 1 : 1);
    add_names(n_by, by, contrast, table);
    add_arms(contrast, &means, table);
    add_findings(decision, table);
    add_failures(contrast, table);
    add_outcomes(decision, table);
    add_arms(contrast, &medians, table);
}
