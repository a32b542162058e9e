/* What all claims of a page are about, from their files and the definitions of their runs. */
#include "judge/report/report_scope.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/sort.h"
#include "base/words.h"
#include "judge/report/report_table.h"
#include "lab/table/spoken_names.h"

/* ---- how many there are ---- */

static bool stands_before(const struct report *report, int i, long number) {
    for (int j = 0; j < i; j++)
        for (int k = 0; k < report->judgements[j].claim->n_numbers; k++)
            if (report->judgements[j].claim->numbers[k] == number)
                return true;
    return false;
}

/* Claims of one number are readings of one claim; a claim without a number is one by itself. */
static int count_claims(const struct report *report) {
    int n = 0;
    for (int i = 0; i < report->n; i++) {
        const struct claim *claim = report->judgements[i].claim;
        for (int k = 0; k < claim->n_numbers; k++)
            n += !stands_before(report, i, claim->numbers[k]);
        n += !claim->n_numbers && !claim->paper;
    }
    return n;
}

static const char *counts_text(const struct report *report, const struct scope *scope,
                               bool readings, struct pool *pool) {
    int n = count_claims(report);
    const char *claims = scope->n_claims ? pool_format(pool, "%d claim%s", n, plural(n)) : "";
    if (readings && scope->n_claims && n != scope->n_claims)
        claims = pool_format(pool, "%s in %d reading%s", claims, scope->n_claims,
                             plural(scope->n_claims));
    return scope->n_papers
               ? pool_format(pool, "%s%s%d experiment%s of %s", claims, *claims ? " and " : "",
                             scope->n_papers, plural(scope->n_papers),
                             scope->n_papers == 1 ? "a paper" : "papers")
               : claims;
}

/* ---- where they stand ---- */

static void find_sources(const struct report *report, struct pool *pool, struct scope *scope) {
    int n = 0, capacity = 0;
    const char **words = NULL;
    for (int i = 0; i < report->n; i++) {
        const char *notes = report->judgements[i].claim->notes;
        for (size_t size; notes && *(notes += strspn(notes, " ")); notes += size) {
            size = strcspn(notes, " ");
            words = pool_grow(pool, words, n, &capacity, sizeof *words);
            words[n++] = pool_format(pool, "%.*s", (int)size, notes);
        }
    }
    sort_texts(words, (size_t)n);
    for (int i = 0; i < n; i++)
        if (!scope->n_sources || strcmp(words[i], words[scope->n_sources - 1]) != 0)
            words[scope->n_sources++] = words[i];
    scope->sources = words;
}

static void find_methods(const struct judgement *judgement, struct scope *scope) {
    const struct claim *claim = judgement->claim;
    scope->n_papers += claim->paper != NULL;
    scope->n_claims += !claim->paper;
    scope->has_runs |= claim->has_runs;
    scope->has_protocols |= claim->protocol || (claim->has_runs && claim->experiment.has_protocols);
    scope->has_looks |= claim->rule.n_looks > 0;
    scope->has_seen_before |= claim->rule.n_seen_before > 0;
    for (int q = 0; q < claim->n_questions; q++) {
        scope->has_premise |= claim->questions[q].role == ROLE_PREMISE;
        scope->has_strata |= claim->questions[q].n_strata > 1;
        scope->has_doublings |= claim->questions[q].log2;
    }
    scope->has_figures |= judgement->n_finished > 0;
    for (int a = 0; a < judgement->n_answers; a++) {
        bool answered = !judgement->answers[a].open;
        scope->has_figures |= answered;
        scope->has_rows |= answered && judgement->answers[a].decision.has_rows;
    }
}

void scope_find(const struct report *report, struct pool *pool, struct scope *scope) {
    *scope = (struct scope){.figure_first = report->headline && report->n > 1};
    for (int i = 0; i < report->n; i++)
        find_methods(&report->judgements[i], scope);
    scope->counts = counts_text(report, scope, true, pool);
    scope->short_counts = counts_text(report, scope, false, pool);
    find_sources(report, pool, scope);
}

/* ---- on what they were tried ---- */

struct told_value {
    const char *text; /* as people read it */
    double number;    /* 0: it is none */
};

/* All values that a key has in the runs of the claims. */
struct values {
    int n, capacity;
    struct told_value *all; /* each once; numbers ascend */
    double low, high;       /* of numbers, or of the items of lists */
    int shortest, longest;  /* lists: how many items */
};

static bool is_number(const struct key *key) {
    return key->type == KEY_INT || key->type == KEY_REAL;
}

static void insert_value(const char *text, double number, struct pool *pool,
                         struct values *values) {
    values->all = pool_grow(pool, values->all, values->n, &values->capacity, sizeof *values->all);
    int i = values->n++;
    for (; i > 0 && values->all[i - 1].number > number; i--)
        values->all[i] = values->all[i - 1];
    values->all[i] = (struct told_value){text, number};
}

static void add_value(const struct key *key, const struct value *value, struct pool *pool,
                      struct values *values) {
    if (key->type == KEY_INT && key->words && value->integer == -1)
        return; /* "auto": another key says it */
    const double *items = value->n_items ? value->items : &value->real;
    bool is_list = key->type == KEY_INTS || key->type == KEY_REALS;
    for (int i = 0; i < (is_list ? value->n_items : 1); i++) {
        values->low = fmin(values->low, items[i]);
        values->high = fmax(values->high, items[i]);
    }
    values->shortest =
        !values->n || value->n_items < values->shortest ? value->n_items : values->shortest;
    values->longest = value->n_items > values->longest ? value->n_items : values->longest;
    const char *text = list_words(value_text(key, value, pool), pool);
    text = *text ? text : "none";
    for (int i = 0; i < values->n; i++)
        if (!strcmp(values->all[i].text, text))
            return;
    insert_value(text, is_number(key) ? value->real : 0, pool, values);
}

static bool is_among(const struct value *value, int key, const struct exclusion *exclusion, int k) {
    for (int i = 0; i < exclusion->n_values[k]; i++)
        if (value_equal(key_get(key), value, &exclusion->values[k][i]))
            return true;
    return false;
}

/* Is the value left out by itself, whatever the other keys are? */
static bool is_left_out(const struct experiment *experiment, int key, const struct value *value) {
    for (int i = 0; i < experiment->n_exclusions; i++) {
        const struct exclusion *exclusion = &experiment->exclusions[i];
        for (int k = 0; k < exclusion->n_keys; k++) {
            bool alone = exclusion->others || exclusion->n_keys == 1;
            if (exclusion->keys[k] == key && alone &&
                is_among(value, key, exclusion, k) != exclusion->others)
                return true;
        }
    }
    return false;
}

static void add_experiment(const struct experiment *experiment, int key, struct pool *pool,
                           struct values *values) {
    int place = 0;
    const struct axis *axis = experiment_axis(experiment, key, &place);
    if (!axis && cell_applies(&experiment->base, key))
        add_value(key_get(key), &experiment->base.values[key], pool, values);
    for (int i = 0; axis && i < axis->n_values; i++) {
        const struct value *value = &axis->values[place * axis->n_values + i];
        if (!is_left_out(experiment, key, value))
            add_value(key_get(key), value, pool, values);
    }
}

/* "relu, tanh"; "12 networks of 1 to 6 layers, 50 to 1000 units each"; of more than `most_numbers`
 * "2 to 128". */
static const char *values_text(const struct key *key, const struct values *values, int most_numbers,
                               struct pool *pool) {
    enum { MOST_LISTED = 3 };
    if (values->n > MOST_LISTED && key->type == KEY_INTS)
        return pool_format(pool, "%d shapes, of %d to %d layers, %g to %g units each", values->n,
                           values->shortest, values->longest, values->low, values->high);
    if (values->n > most_numbers && is_number(key))
        return pool_format(pool, "%s to %s", number_text(values->low, pool),
                           number_text(values->high, pool));
    const char *text = "";
    for (int i = 0; i < values->n; i++)
        text = pool_format(pool, "%s%s%s", text, i ? ", " : "", values->all[i].text);
    return text;
}

/* What is told of the runs: of a key its values, in these words; the last one is of a single thing.
 * Rows of one heading are one. */
static const struct fact {
    const char *heading, *key, *before, *after;
} facts[] = {
    {"Data", "data.name", "", ""},
    {"Data", "data.train", "", " training row"},
    {"Networks", "model.hidden", "hidden layers: ", ""},
    {"Networks", "model.activation", "", ""},
    {"Normalizers", "norm.kind", "", ""},
    {"Training", "train.epochs", "", " epoch"},
    {"Training", "train.steps", "", " step"},
    {"Training", "train.batch_size", "mini-batches of ", " row"},
    {"Training", "optimizer.lr", "learning rate ", ""},
};
enum { FACTS = sizeof facts / sizeof *facts };

static struct values find_values(const struct report *report, int key, struct pool *pool) {
    struct values values = {.low = INFINITY, .high = -INFINITY};
    for (int i = 0; i < report->n; i++)
        if (report->judgements[i].claim->has_runs)
            add_experiment(&report->judgements[i].claim->experiment, key, pool, &values);
    return values;
}

static const char *fact_text(const struct report *report, const struct fact *fact,
                             struct pool *pool) {
    int key = key_find(fact->key);
    struct values values = find_values(report, key, pool);
    if (!values.n)
        return "";
    return pool_format(pool, "%s%s%s%s", fact->before, values_text(key_get(key), &values, 1, pool),
                       fact->after, *fact->after && !(values.high <= 1) ? "s" : "");
}

static void put_row(FILE *out, const char *heading, const char *text) {
    if (*text) {
        fprintf(out, "<tr><th scope=\"row\">%s</th><td>", heading);
        report_put(out, text);
        fputs("</td></tr>\n", out);
    }
}

static bool has_results_before(const struct report *report, int i) {
    for (int j = 0; j < i; j++)
        if (report->judgements[j].results &&
            !strcmp(report->judgements[j].results, report->judgements[i].results))
            return true;
    return false;
}

/* Runs that several claims share count once. */
static const char *runs_text(const struct report *report, struct pool *pool) {
    long n = 0, finished = 0, seeds = 0, absent = 0;
    for (int i = 0; i < report->n; i++) {
        const struct judgement *judgement = &report->judgements[i];
        for (int a = 0; a < judgement->n_answers; a++)
            if (!judgement->answers[a].open && judgement->answers[a].decision.n_seeds > seeds)
                seeds = judgement->answers[a].decision.n_seeds;
        if (!judgement->results || has_results_before(report, i))
            continue;
        n += judgement->n_runs;
        finished += judgement->n_finished;
        absent += !judgement->n_runs;
    }
    const char *text = pool_format(pool, "%ld of %ld finished", finished, n);
    if (absent)
        text = pool_format(pool, "%s; %ld results file%s missing", text, absent,
                           absent == 1 ? " is" : "s are");
    return seeds         ? pool_format(pool, "%s; up to %ld seeds an arm", text, seeds)
           : n || absent ? text
                         : "";
}

static bool is_varied(const struct report *report, int key) {
    for (int i = 0; i < report->n; i++)
        if (report->judgements[i].claim->has_runs &&
            experiment_axis(&report->judgements[i].claim->experiment, key, NULL))
            return true;
    return false;
}

/* "normalizer none, batch; scale of the initial weights 0.25, 1, 4": the axes of the sweeps. Seeds
 * are told with the runs. */
static const char *varied_text(const struct report *report, struct pool *pool) {
    enum { MOST_NUMBERS = 8 };
    const char *text = "";
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        struct values values = find_values(report, i, pool);
        if (strcmp(key->name, "seed") != 0 && values.n > 1 && is_varied(report, i))
            text =
                pool_format(pool, "%s%s%s %s", text, *text ? "; " : "", key_spoken(key->name, pool),
                            values_text(key, &values, MOST_NUMBERS, pool));
    }
    return text;
}

void scope_put(FILE *out, const struct report *report, bool varied) {
    struct pool pool = {0};
    const char *text = "";
    for (int f = 0; f < FACTS; f++) {
        const char *fact = fact_text(report, &facts[f], &pool);
        text = pool_format(&pool, "%s%s%s", text, *text && *fact ? "; " : "", fact);
        if (f + 1 < FACTS && !strcmp(facts[f].heading, facts[f + 1].heading))
            continue;
        put_row(out, facts[f].heading, text);
        text = "";
    }
    if (varied)
        put_row(out, "Varied", varied_text(report, &pool));
    put_row(out, "Runs", runs_text(report, &pool));
    pool_free(&pool);
}
