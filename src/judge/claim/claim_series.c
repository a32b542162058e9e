/* What a claim asks of series, held against what its runs will record. */
#include "judge/claim/claim_series.h"

#include <math.h>
#include <string.h>

#include "base/words.h"
#include "judge/claim/take.h"
#include "lab/config/condition.h"
#include "lab/config/key_nodes.h"
#include "lab/store/series_points.h"
#include "lab/table/row_filter.h"
#include "lab/table/varied_keys.h"
#include "lab/worker/execute.h"

/* ---- what runs record ---- */

/* The canonical text of a run without its seeds. */
static const char *text_of(const struct planned_run *run, struct pool *pool) {
    char *text = pool_alloc(pool, strlen(run->canonical) + 1), *end = text;
    for (const char *line = run->canonical; *line;) {
        size_t size = strcspn(line, "\n") + 1;
        const char *name = pool_format(pool, "%.*s", (int)strcspn(line, "="), line);
        if (!key_is_seed(name)) {
            memcpy(end, line, size);
            end += size;
        }
        line += size;
    }
    return text;
}

void rehearsals_create(struct rehearsals *rehearsals, const struct plan *plan, const char *file,
                       struct pool *pool) {
    size_t n = (size_t)plan->n_runs + 1;
    *rehearsals = (struct rehearsals){.plan = plan,
                                      .file = file,
                                      .like = pool_alloc(pool, n * sizeof(int)),
                                      .records = pool_alloc(pool, n * sizeof(struct record)),
                                      .made = pool_alloc(pool, n * sizeof(bool))};
    struct pool texts_pool = {0};
    const char **texts = pool_alloc(&texts_pool, n * sizeof *texts);
    int n_texts = 0, *first = pool_alloc(&texts_pool, n * sizeof *first);
    for (int run = 0; run < plan->n_runs; run++) {
        int at = 0;
        texts[n_texts] = text_of(&plan->runs[run], &texts_pool);
        while (strcmp(texts[at], texts[n_texts]) != 0)
            at++;
        if (at == n_texts)
            first[n_texts++] = run;
        rehearsals->like[run] = first[at];
    }
    pool_free(&texts_pool);
}

void rehearsals_free(struct rehearsals *rehearsals) {
    for (int run = 0; rehearsals->plan && run < rehearsals->plan->n_runs; run++)
        record_free(&rehearsals->records[run]);
}

/* What a run will record that is the first of its like. */
static enum status find_record(struct rehearsals *rehearsals, int run,
                               const struct record **record) {
    enum status status = OK;
    if (!rehearsals->made[run])
        status = run_rehearse(&rehearsals->plan->runs[run].config, &rehearsals->records[run]);
    if (!status)
        rehearsals->made[run] = true;
    *record = &rehearsals->records[run];
    return status;
}

/* ---- a series that is not among them ---- */

static bool has_series(const struct record *record, const char *pattern) {
    for (int i = 0; i < record->n_series; i++)
        if (!series_is_scale(&record->series[i]) &&
            series_fits(pattern, record->series[i].group, record->series[i].name))
            return true;
    return false;
}

/* "trace/ics_norm"; of "layer2/gamma" its name, which all layers' have. */
static const char *probe_word(const char *pattern, struct pool *pool) {
    const char *slash = strchr(pattern, '/');
    for (int i = 0; slash && i < probe_count(); i++) {
        const char *group = probe_group(probe_get(i)->axis);
        if (!strcmp(pattern, pool_format(pool, "%s/%s", group, probe_get(i)->name)))
            return pattern;
    }
    return slash ? slash + 1 : pattern;
}

static void log_tests(struct config *config, const char *word) {
    (void)word;
    config->log.test = LOG_TEST_EPOCH;
}

static void log_probe(struct config *config, const char *word) {
    config->log.probes = word;
}

static void log_all(struct config *config, const char *word) {
    (void)word;
    config->log.level = LOG_FULL;
}

static void log_everything(struct config *config, const char *word) {
    log_tests(config, word);
    log_probe(config, word);
    log_all(config, word);
}

static void add_validation(struct config *config, const char *word) {
    log_everything(config, word);
    config->run.data.validation = 1;
}

static void add_momenta(struct config *config, const char *word) {
    static const double momenta[] = {0.9};
    log_everything(config, word);
    config->run.eval.momenta = momenta;
    config->run.eval.n_momenta = 1;
}

/* Why a run does not record a series, each with what would make it do so: the first that does is
 * the reason. */
static const struct remedy {
    void (*apply)(struct config *config, const char *word);
    const char *says;
    bool names; /* the probe's word follows */
} remedies[] = {
    {log_tests, "log.test must be epoch", false},
    {log_probe, "log.probes must name ", true},
    {log_all, "log.level must be full", false},
    {log_everything, "log.level must be full, and log.test epoch", false},
    {add_validation, "data.validation must be above 0", false},
    {add_momenta, "eval.momenta must have values", false},
};
enum { REMEDIES = sizeof remedies / sizeof *remedies };

static enum status would_record(const struct planned_run *run, const struct remedy *remedy,
                                const char *pattern, const char *word, bool *would) {
    struct config config = run->config;
    struct record record;
    remedy->apply(&config, word);
    enum status status = run_rehearse(&config, &record);
    if (status)
        return status;
    *would = has_series(&record, pattern);
    record_free(&record);
    return OK;
}

/* Is there a probe of that name along the axis of that group? */
static bool is_probe(const char *pattern) {
    const char *slash = strchr(pattern, '/');
    bool found = false;
    for (int i = 0; slash && i < probe_count() && !found; i++) {
        const struct probe *probe = probe_get(i);
        const char *group = probe_group(probe->axis), *after;
        size_t size = strcspn(group, "<"); /* layer<k> */
        after = pattern + size;
        found = !strcmp(slash + 1, probe->name) && !strncmp(pattern, group, size) &&
                (group[size] ? after + strspn(after, "0123456789*") : after) == slash;
    }
    return found;
}

/* The names of all series that a run could record: those of the group that the pattern names, or
 * one of each group where there is no such group. */
static const char *names_like(const struct record *all, const char *pattern, struct pool *pool) {
    size_t size = strcspn(pattern, "/");
    const char *names = "", *groups = "";
    for (int i = 0; i < all->n_series; i++) {
        const struct series *series = &all->series[i];
        bool is_new = i == 0 || strcmp(series->group, all->series[i - 1].group) != 0;
        if (is_new && !strstr(groups, pool_format(pool, "%s/", series->group)))
            groups = pool_format(pool, "%s%s%s/", groups, *groups ? ", " : "", series->group);
        if (strlen(series->group) == size && !strncmp(series->group, pattern, size) &&
            !series_is_scale(series))
            names = pool_format(pool, "%s%s%s", names, *names ? ", " : "", series->name);
    }
    return *names ? pool_format(pool, "%.*s/ has %s", (int)size, pattern, names)
                  : pool_format(pool, "there are %s", groups);
}

/* "'epoch/train_loss'" where the pattern is the name of a series without its group, or near to one.
 */
static const char *series_meant(const struct record *all, const char *pattern, struct pool *pool) {
    const char **names = pool_alloc(pool, ((size_t)all->n_series + 1) * sizeof *names);
    int n = 0;
    for (int i = 0; i < all->n_series; i++) {
        const struct series *series = &all->series[i];
        if (series_is_scale(series))
            continue;
        names[n++] = pool_format(pool, "%s/%s", series->group, series->name);
        if (!strcmp(series->name, pattern))
            return pool_format(pool, "'%s'", names[n - 1]);
    }
    return words_meant(pattern, names, n, pool);
}

/* No probe has that name. */
static enum status fail_unknown(const struct planned_run *run, const char *pattern,
                                struct pool *pool) {
    struct config config = run->config;
    struct record all;
    const char *families = "";
    for (int i = 0; i < probe_count(); i++)
        families = probe_join_words(families, probe_family(probe_get(i)), pool);
    add_momenta(&config, families);
    config.run.data.validation = 1;
    enum status status = run_rehearse(&config, &all);
    if (status)
        return status;
    const char *meant = series_meant(&all, pattern, pool);
    status = meant ? fail(ERROR_USAGE, "no run records '%s' (did you mean %s?)", pattern, meant)
                   : fail(ERROR_USAGE, "no run records '%s'; %s", pattern,
                          names_like(&all, pattern, pool));
    record_free(&all);
    return status;
}

/* There is such a probe, but not in a network like this. */
static enum status fail_inapplicable(const struct planned_run *run, const char *pattern) {
    int n = run->config.run.model.n_hidden;
    return fail(ERROR_USAGE, "'%s' is not recorded of runs with norm.kind=%s and %d hidden layer%s",
                pattern, normalizer_get(run->config.run.norm.kind)->name, n, plural(n));
}

static enum status fail_absent(const struct rehearsals *rehearsals, int run, const char *pattern) {
    struct pool pool = {0};
    const struct planned_run *planned = &rehearsals->plan->runs[run];
    const char *word = probe_word(pattern, &pool);
    const struct remedy *remedy = remedies;
    enum status status = OK;
    bool would = false;
    for (int i = 0; i < REMEDIES && !would && !status; i++) {
        remedy = &remedies[i];
        status = would_record(planned, remedy, pattern, word, &would);
    }
    if (would)
        status = fail(ERROR_USAGE, "the runs of %s do not record '%s': %s%s there",
                      rehearsals->file, pattern, remedy->says, remedy->names ? word : "");
    else if (!status && is_probe(pattern))
        status = fail_inapplicable(planned, pattern);
    else if (!status)
        status = fail_unknown(planned, pattern, &pool);
    pool_free(&pool);
    return status;
}

/* ---- conditions on its points ---- */

/* How many steps and epochs a run has only its training shows. */
static bool is_time(const char *name) {
    return !strcmp(name, "step") || !strcmp(name, "epoch");
}

/* "0, 1, 2": the values of a column of points. */
static const char *values_of(const struct column *column, int n_rows, struct pool *pool) {
    enum { SHOWN = 12 };
    const char *text = "", *last = "";
    int n = 0;
    for (int row = 0; row < n_rows && n <= SHOWN; row++) {
        const char *value = table_text(column, row, pool);
        bool seen = !strcmp(value, last);
        for (int before = 0; before < row && !seen; before++)
            seen = !strcmp(value, table_text(column, before, pool));
        last = value;
        if (!seen)
            text = n++ == SHOWN ? pool_format(pool, "%s, ...", text)
                                : pool_format(pool, "%s%s%s", text, n > 1 ? ", " : "", value);
    }
    return text;
}

/* One condition: is there such a scale, and has it such a value? */
static enum status check_where(const struct table *points, const char *text, struct pool *pool,
                               bool *in_time) {
    struct condition condition;
    struct table chosen;
    enum status status = condition_read(text, pool, &condition);
    if (!status)
        status = table_where(points, 1, &text, &chosen);
    if (status)
        return status;
    int n = chosen.n_rows;
    table_free(&chosen);
    *in_time = is_time(condition.name) || !strcmp(condition.name, "value");
    return n > 0 || *in_time
               ? OK
               : fail(ERROR_USAGE, "no point has %s; its values are %s", text,
                      values_of(table_find(points, condition.name), points->n_rows, pool));
}

/* Where the text of condition i stands. */
static struct origin where_origin(const struct metric *metric, int i) {
    const struct yaml_node *node = node_find(metric->node, "where");
    const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
    for (; i > 0 && item->next; i--)
        item = item->next;
    return item->origin;
}

/* The metric with those conditions alone of which not only training shows whether points meet them.
 */
static enum status check_wheres(const struct metric *metric, const struct table *points,
                                struct pool *pool, struct metric *placed) {
    const char **where = pool_alloc(pool, ((size_t)metric->n_where + 1) * sizeof *where);
    *placed = *metric;
    placed->n_where = 0;
    placed->where = where;
    for (int i = 0; i < metric->n_where; i++) {
        bool in_time = false;
        enum status status = check_where(points, metric->where[i], pool, &in_time);
        if (status)
            return fail_at(fail_in(status, "where"), where_origin(metric, i));
        if (!in_time)
            where[placed->n_where++] = metric->where[i];
    }
    return OK;
}

/* Have any points that are asked for a number? Probes are not for every layer. */
static enum status check_numbers(const struct metric *placed, const struct table *points) {
    struct table chosen;
    enum status status = table_where(points, placed->n_where, placed->where, &chosen);
    if (status)
        return status;
    const struct column *values = table_find(&chosen, "value");
    bool any = false;
    for (int row = 0; row < chosen.n_rows; row++)
        any = any || !isnan(table_number(values, row));
    bool none = chosen.n_rows == 0;
    table_free(&chosen);
    if (none)
        return fail(ERROR_USAGE, "no point of '%s' meets all conditions", placed->series);
    return any ? OK
               : fail(ERROR_USAGE, "'%s' has no number there: it is not of every layer",
                      placed->series);
}

static enum status check_points(const struct metric *metric, const struct table *points,
                                int n_places) {
    struct pool pool = {0};
    struct metric placed;
    enum status status = check_wheres(metric, points, &pool, &placed);
    if (!status) {
        status = check_numbers(&placed, points);
        if (!status)
            status = metric_check_points(&placed, points, n_places);
        if (status)
            fail_at(fail_in(status, "%s", metric->node->key), metric->node->origin);
    }
    pool_free(&pool);
    return status;
}

/* ---- a metric ---- */

/* One of the runs; `field` is where the series is named. */
static enum status check_run(struct rehearsals *rehearsals, int run, const struct metric *metric,
                             const struct yaml_node *field) {
    const struct record *record;
    struct table points;
    int n_places;
    enum status status = find_record(rehearsals, run, &record);
    if (!status && !has_series(record, metric->series)) {
        status = fail_absent(rehearsals, run, metric->series);
        fail_in(status, "%s", field->key);
        return fail_at(status, field->origin);
    }
    if (!status)
        status = record_points(record, metric->series, &n_places, &points);
    if (status)
        return status;
    status = check_points(metric, &points, n_places);
    table_free(&points);
    return status;
}

/* Weights, and what concerns the input alone, are recorded by others. */
static bool is_of_training(const char *pattern) {
    return strncmp(pattern, "weights/", strlen("weights/")) != 0 &&
           strncmp(pattern, "data/", strlen("data/")) != 0;
}

static enum status check_runs(struct rehearsals *rehearsals, const struct metric *metric,
                              const struct yaml_node *field, int n, const int *runs) {
    bool any = metric->over_key != NULL, *asked;
    struct pool pool = {0};
    enum status status = OK;
    asked = pool_alloc(&pool, (size_t)rehearsals->plan->n_runs + 1);
    for (int i = 0; i < n; i++) {
        int run = rehearsals->like[runs[i]];
        if (asked[run])
            continue;
        asked[run] = true;
        status = check_run(rehearsals, run, metric, field);
        if (any ? !status : status)
            break;
    }
    pool_free(&pool);
    return status;
}

enum status claim_series_check(struct rehearsals *rehearsals, const struct metric *metric, int n,
                               const int *runs) {
    struct metric place = {.node = metric->node,
                           .series = metric->when,
                           .take = take_find("first_below"),
                           .at = metric->when_at,
                           .over_key = metric->over_key};
    enum status status = OK;
    if (is_of_training(metric->series))
        status = check_runs(rehearsals, metric, node_find(metric->node, "series"), n, runs);
    if (!status && metric->when && is_of_training(metric->when))
        status = check_runs(rehearsals, &place,
                            node_find(node_find(metric->node, "when"), "series"), n, runs);
    return status;
}
