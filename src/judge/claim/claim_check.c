/* Asks a claim's questions of the summary that its runs will have. */
#include "judge/claim/claim_check.h"

#include <math.h>
#include <string.h>

#include "base/words.h"
#include "engine/nn/evaluation_sources.h"
#include "judge/claim/answer.h"
#include "judge/claim/claim_series.h"
#include "lab/merge/merge_summary.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_columns.h"
#include "lab/table/varied_keys.h"

struct check {
    const struct claim *claim;
    const struct claim_question *question;
    struct plan plan;
    struct table summary; /* of the plan: every run complete, with the same errors */
    struct rehearsals rehearsals;
    bool cut; /* the protocol has no runs for the question */
    struct pool pool;
};

/* ---- values of keys ---- */

enum { SHOWN = 12 };

/* For people: true, 0.1, 60x128. */
static const char *words_of(const struct key *key, const struct value *value, struct pool *pool) {
    bool is_list = key->type == KEY_INTS || key->type == KEY_REALS;
    return is_list && value->n_items ? list_words(value_text(key, value, pool), pool)
                                     : value_yaml(key, value, pool);
}

/* The different values that runs have of a key; returns how many. */
static int different(const struct plan *plan, int key, struct pool *pool, const char ***values) {
    *values = pool_alloc(pool, ((size_t)plan->n_runs + 1) * sizeof **values);
    int n = 0;
    for (int run = 0; run < plan->n_runs; run++) {
        const struct cell *cell = &plan->runs[run].cell;
        const char *value = words_of(key_get(key), &cell->values[key], pool);
        bool seen = !cell->applies[key];
        for (int i = 0; i < n && !seen; i++)
            seen = !strcmp((*values)[i], value);
        if (!seen)
            (*values)[n++] = value;
    }
    return n;
}

static const char *listed(int n, const char *const *texts, struct pool *pool) {
    const char *list = "";
    for (int i = 0; i < n && i < SHOWN; i++)
        list = pool_format(pool, "%s%s%s", list, i ? ", " : "", texts[i]);
    return n > SHOWN ? pool_format(pool, "%s, ...", list) : list;
}

/* Why no run has a key at all. */
static enum status fail_unused(const struct check *check, const struct key *key) {
    const char *file = check->claim->experiment.file;
    if (key->local)
        return fail(ERROR_USAGE, "%s is of a machine and not of a run", key->name);
    return key->when && *key->when
               ? fail(ERROR_USAGE, "no run of %s has a %s, which applies with %s", file, key->name,
                      key->when)
               : fail(ERROR_USAGE, "no run of %s has a %s", file, key->name);
}

static enum status fail_no_run(struct check *check, int key, const struct value *value) {
    const char **values, *word = words_of(key_get(key), value, &check->pool);
    int n = different(&check->plan, key, &check->pool, &values);
    bool is_word = key_get(key)->type == KEY_CHOICE || key_get(key)->type == KEY_TEXT;
    const char *near = is_word ? nearest_word(word, values, n) : NULL;
    return fail(ERROR_USAGE, "no run has %s=%s%s; in %s it is %s", key_get(key)->name, word,
                near ? pool_format(&check->pool, " (did you mean '%s'?)", near) : "",
                check->claim->experiment.file, listed(n, values, &check->pool));
}

/* Is there a run with this value of the key? */
static enum status find_value(struct check *check, const struct column *column,
                              const char *condition, bool *found) {
    struct rows met;
    enum status status = rows_where(&check->summary, NULL, 1, &condition, &check->pool, &met);
    bool is_text = column->type == TYPE_TEXT; /* its only mistake: a word that is near another */
    *found = !status && met.n > 0;
    return is_text ? OK : status;
}

static bool defines_value(const struct experiment *experiment, int key, const struct value *value) {
    int place = 0;
    const struct axis *axis = experiment_axis(experiment, key, &place);
    bool found = !axis && value_equal(key_get(key), &experiment->base.values[key], value);
    for (int i = 0; axis && i < axis->n_values && !found; i++)
        found = value_equal(key_get(key), &axis->values[(long)place * axis->n_values + i], value);
    return found;
}

/* A protocol has fewer or other values than the file by itself: has any of them this one? */
static bool is_of_a_protocol(const struct check *check, int key, const struct value *value) {
    static const char *const protocols[] = {"protocol=quick", "protocol=literal"};
    bool found = false;
    for (int n = 0; n < 3 && !found; n++) {
        struct experiment experiment;
        if (experiment_read(check->claim->file, n < 2, &protocols[n % 2], &experiment))
            continue; /* it has none of that name */
        found = defines_value(&experiment, key, value);
        experiment_free(&experiment);
    }
    return found;
}

/* Every value that the node names. */
static enum status check_values(struct check *check, const struct key_node *named) {
    const struct key *key = key_get(named->key);
    const struct column *column = table_find(&check->summary, key->name);
    struct node_values values;
    if (!column && check->claim->protocol) {
        check->cut = true;
        return OK;
    }
    if (!column)
        return fail_at(fail_unused(check, key), named->node->key_origin);
    enum status status = node_excluded_values(named->node, key, &check->pool, &values);
    for (int i = 0; i < values.n && !status; i++) {
        const char *value = value_text(key, &values.values[i], &check->pool);
        bool found;
        status =
            find_value(check, column, pool_format(&check->pool, "%s=%s", key->name, value), &found);
        if (!status && !found && !is_of_a_protocol(check, named->key, &values.values[i]))
            status = fail_no_run(check, named->key, &values.values[i]);
        if (status)
            fail_at(status, values.origins[i]);
    }
    return status;
}

static enum status check_keys(struct check *check, const struct yaml_node *map) {
    struct key_node *nodes;
    int n = 0;
    enum status status = key_nodes_read(map, &check->pool, &n, &nodes);
    for (int i = 0; i < n && !status; i++)
        status = check_values(check, &nodes[i]);
    return status;
}

/* ---- arms and strata ---- */

static enum status check_arm(struct check *check, const struct claim_arm *arm) {
    struct pool *pool = &check->pool;
    struct rows rows = {0};
    enum status status = check_keys(check, claim_arm_conditions(arm, pool));
    if (status || check->cut)
        return status;
    if (rows_where(&check->summary, NULL, arm->n, arm->conditions, pool, &rows) == OK && rows.n > 0)
        return OK;
    check->cut = check->claim->protocol != NULL;
    if (check->cut)
        return OK;
    const char *all = "";
    for (int i = 0; i < arm->n; i++)
        all = pool_format(pool, "%s%s%s", all, i ? " and " : "", arm->conditions[i]);
    fail(ERROR_USAGE, "%s: no run of %s has %s", arm->node->key, check->claim->experiment.file,
         all);
    return fail_at(ERROR_USAGE, arm->node->origin);
}

static enum status check_strata(struct check *check) {
    const struct yaml_node *node = check->question->strata_node;
    return node ? check_keys(check, node) : OK;
}

/* ---- metrics ---- */

/* Why a run will have no number in a column; NULL: it will. */
static const char *why_empty(const struct planned_run *run, const char *column, struct pool *pool) {
    const struct config *config = &run->config;
    const struct normalizer *kind = normalizer_get(config->run.norm.kind);
    int source = evaluation_source_find(column);
    if (source > SOURCE_RUNNING && !evaluation_source_get(source)->applies(kind))
        return pool_format(pool, "there are no such statistics with norm.kind=%s", kind->name);
    if (!strncmp(column, "validation_", strlen("validation_")) && config->run.data.validation == 0)
        return "data.validation is 0";
    bool of_test = !strncmp(column, "test_loss", strlen("test_loss")) ||
                   !strncmp(column, "test_error", strlen("test_error"));
    return of_test && config->log.test == LOG_TEST_NEVER ? "log.test is never" : NULL;
}

/* Every run needs a number, but among those that `over` chooses from one. */
static enum status check_numbers(struct check *check, const struct claim_arm *arm,
                                 const char *column, const struct rows *rows) {
    const char *empty = NULL;
    for (int i = 0; i < rows->n; i++) {
        const char *why = why_empty(&check->plan.runs[rows->items[i]], column, &check->pool);
        if (why)
            empty = why;
        else if (arm->metric.over_key)
            return OK;
    }
    return empty ? fail(ERROR_USAGE, "runs of '%s' have no %s: %s", arm->name, column, empty) : OK;
}

/* "test_error, ...": columns that hold numbers and are no keys. */
static const char *number_columns(struct check *check) {
    const char *names = "";
    for (int i = 0; i < summary_column_count(); i++)
        if (summary_column_get(i)->type != TYPE_TEXT)
            names = pool_format(&check->pool, "%s%s%s", names, *names ? ", " : "",
                                summary_column_get(i)->name);
    return names;
}

static enum status find_metric(struct check *check, const char *name) {
    struct column *column;
    if (strchr(name, '/'))
        return fail(ERROR_USAGE, "'%s' is no column; a series is written {series: %s, take: ...}",
                    name, name);
    enum status status = table_require(&check->summary, name, &column);
    if (status)
        return strstr(status_message(), "did you mean")
                   ? status
                   : fail(ERROR_USAGE, "no column '%s'; there are %s", name, number_columns(check));
    return column->type == TYPE_TEXT ? fail(ERROR_USAGE, "'%s' is text: it is no metric", name)
                                     : OK;
}

/* `field` of the metric's map, or the metric itself where it is a name alone. */
static enum status check_column(struct check *check, const struct claim_arm *arm, const char *field,
                                const char *name, const struct rows *rows) {
    const struct yaml_node *metric = arm->metric.node, *node = metric;
    if (!name)
        return OK;
    if (metric && metric->kind == YAML_MAP)
        node = node_find(metric, field);
    enum status status = find_metric(check, name);
    if (!status)
        status = check_numbers(check, arm, name, rows);
    if (!status)
        return OK;
    fail_in(status, "%s", node ? node->key : "metric");
    return fail_at(status, node ? node->origin : check->question->origin);
}

/* With a protocol one value may be left. */
static enum status check_over(struct check *check, const struct metric *metric) {
    if (!metric->over_key)
        return OK;
    int index = key_find(metric->over_key);
    const struct key *key = key_get(index);
    const struct yaml_node *node = node_find(node_find(metric->node, "over"), "key");
    const char **values;
    int n = different(&check->plan, index, &check->pool, &values);
    enum status status = n ? OK : fail_unused(check, key);
    if (!status && n < 2 && !check->claim->protocol)
        status = fail(ERROR_USAGE,
                      "the runs of %s do not differ in %s: there is nothing to choose "
                      "among",
                      check->claim->experiment.file, key->name);
    return status ? fail_at(fail_in(status, "over"), node->origin) : OK;
}

static enum status check_metric(struct check *check, const struct claim_arm *arm) {
    const struct metric *metric = &arm->metric;
    struct rows rows = {0};
    enum status status =
        answer_arm_rows(&check->summary, check->question, arm, &check->pool, &rows);
    if (!status)
        status = check_column(check, arm, "column", metric->column, &rows);
    if (!status)
        status = check_column(check, arm, "minus", metric->minus, &rows);
    if (!status && metric->series)
        status = claim_series_check(&check->rehearsals, metric, rows.n, rows.items);
    return status ? status : check_over(check, metric);
}

/* ---- pairs ---- */

/* A metric that every run of the plan has, chosen among as the claim says. */
static struct metric stand_in(const struct metric *metric) {
    struct metric column = *metric;
    column.column = "test_error_scored";
    column.series = column.minus = NULL;
    column.has_diverged = column.spread = false;
    return column;
}

/* With looks the runs of the last seeds may not be asked for, and which of its runs are an arm's
 * only results can say. */
static enum status check_pairs(struct check *check) {
    const struct claim *claim = check->claim;
    struct claim_question question = *check->question;
    struct contrast contrast = {0};
    question.more.metric = stand_in(&question.more.metric);
    question.less.metric = stand_in(&question.less.metric);
    enum status status = answer_pair(&check->summary, &question, &contrast);
    if (status == ERROR_RESULTS && (claim->rule.n_looks || claim->rule.n_choosing))
        return OK;
    if (!status && !claim->protocol && contrast.n_strata < question.n_strata)
        status =
            fail(ERROR_USAGE, "%d of %d strata have runs", contrast.n_strata, question.n_strata);
    contrast_free(&contrast);
    if (!status)
        return OK;
    fail(ERROR_USAGE, "judge: '%s': the runs of %s cannot be compared: %s", question.name,
         claim->experiment.file, status_message());
    return fail_at(ERROR_USAGE, question.origin);
}

/* ---- the whole ---- */

static enum status check_question(struct check *check) {
    const struct claim_question *question = check->question;
    enum status status = check_arm(check, &question->more);
    if (!status)
        status = check_arm(check, &question->less);
    if (!status)
        status = check_strata(check);
    if (status || check->cut)
        return status;
    status = check_metric(check, &question->more);
    if (!status)
        status = check_metric(check, &question->less);
    return status ? status : check_pairs(check);
}

/* What is logged changes no run. */
static void log_also(struct plan *plan, const struct log_config *also) {
    for (int i = 0; also && i < plan->n_runs; i++) {
        struct log_config *log = &plan->runs[i].config.log;
        log->level = log->level > also->level ? log->level : also->level;
        log->test = log->test > also->test ? log->test : also->test;
        log->probes = probe_join_words(log->probes, also->probes, &plan->pool);
    }
}

/* The summary as it will be when every run is complete, with errors that say nothing. */
static void summarize(const struct plan *plan, struct table *summary) {
    struct merge merge;
    merge_begin_plan(&merge, plan);
    for (int i = 0; i < plan->n_runs; i++)
        merge.runs[i].status = run_end_name(END_COMPLETE);
    merge_summary(&merge, summary);
    for (int i = 0; i < plan->n_runs; i++)
        table_find(summary, "test_error_scored")->reals[i] = 1;
    merge_free(&merge);
}

enum status claim_check(const struct claim *claim, const struct log_config *also) {
    struct check check = {.claim = claim};
    if (!claim->has_runs)
        return OK;
    enum status status = plan_outline(&claim->experiment, &check.plan);
    if (status)
        return status;
    log_also(&check.plan, also);
    summarize(&check.plan, &check.summary);
    rehearsals_create(&check.rehearsals, &check.plan, claim->experiment.file, &check.pool);
    for (int i = 0; i < claim->n_questions && !status; i++) {
        check.question = &claim->questions[i];
        check.cut = false;
        status = check_question(&check);
    }
    rehearsals_free(&check.rehearsals);
    table_free(&check.summary);
    plan_free(&check.plan);
    pool_free(&check.pool);
    return status;
}

/* The largest of what finished runs have of a word of a key. */
static long most_of(const struct table *summary, const char *name) {
    const struct column *column = table_find(summary, name);
    const struct key *key = key_get(key_find(name));
    long most = 0;
    for (int row = 0; column && column->type == TYPE_TEXT && row < summary->n_rows; row++) {
        long index = words_find(key->words, column->texts[row]);
        if (run_has_group(summary, row) && index > most)
            most = index;
    }
    return most;
}

struct log_config claim_logged(const struct table *summary, struct pool *pool) {
    const struct column *probes = table_find(summary, "log.probes");
    struct log_config log = {
        .level = most_of(summary, "log.level"), .test = most_of(summary, "log.test"), .probes = ""};
    for (int row = 0; probes && probes->type == TYPE_TEXT && row < summary->n_rows; row++)
        if (run_has_group(summary, row))
            log.probes = probe_join_words(log.probes, probes->texts[row], pool);
    return log;
}
