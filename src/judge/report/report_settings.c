/* What a reader must know to train the runs of a claim elsewhere: settings other than the defaults,
 * and learning rates, with those at an edge of what was tried. */
#include "judge/report/report_settings.h"

#include <string.h>

#include "judge/report/report_table.h"
#include "judge/tune/tuned_rates.h"
#include "lab/config/keys.h"
#include "lab/table/spoken_names.h"

static void put_cells(FILE *out, const char *tag, int n, const char *const *cells) {
    fputs("<tr>", out);
    for (int i = 0; i < n; i++) {
        fprintf(out, "<%s>", tag);
        report_put(out, cells[i]);
        fprintf(out, "</%.2s>", tag);
    }
    fputs("</tr>\n", out);
}

static void begin_table(FILE *out, int n, const char *const *heads) {
    fputs("<div class=\"wide\"><table><thead>", out);
    put_cells(out, "th scope=\"col\"", n, heads);
    fputs("</thead><tbody>\n", out);
}

static void end_table(FILE *out) {
    fputs("</tbody></table></div>", out);
}

/* ---- settings ---- */

/* The values of a key, each once. */
struct listed {
    const char *text;
    int n;
    bool other; /* is any not the default? */
};

static void add_value(const struct key *key, int index, const struct value *value,
                      struct pool *pool, struct listed *listed) {
    enum { MOST_LISTED = 12 };
    const char *text = value_yaml(key, value, pool);
    listed->other |= !value_equal(key, value, key_default(index));
    if (listed->n < MOST_LISTED)
        listed->text = pool_format(pool, "%s%s%s", listed->text, listed->n ? ", " : "", text);
    else if (listed->n == MOST_LISTED)
        listed->text = pool_format(pool, "%s, ...", listed->text);
    listed->n++;
}

static bool stands_before(const struct key *key, const struct value *values, int i) {
    for (int k = 0; k < i; k++)
        if (value_equal(key, &values[k], &values[i]))
            return true;
    return false;
}

static struct listed list_values(const struct experiment *experiment, int index,
                                 struct pool *pool) {
    const struct key *key = key_get(index);
    int place = 0;
    const struct axis *axis = experiment_axis(experiment, index, &place);
    const struct value *values =
        axis ? axis->values + place * axis->n_values : &experiment->base.values[index];
    struct listed listed = {"", 0, false};
    for (int i = 0, n = axis ? axis->n_values : 1; i < n; i++)
        if (!stands_before(key, values, i))
            add_value(key, index, &values[i], pool, &listed);
    return listed;
}

/* Seeds are told elsewhere; what is volatile, such as a folder, changes no number. */
static void put_settings(FILE *out, const struct experiment *experiment, struct pool *pool) {
    static const char *const heads[] = {"Key", "Value", "Default"};
    fputs("<details><summary>Settings that differ from the defaults</summary>", out);
    begin_table(out, 3, heads);
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        struct listed listed = list_values(experiment, i, pool);
        if (!listed.other || key->volatile_ || !strcmp(key->name, "seed"))
            continue;
        const char *const cells[] = {key->name, listed.text, value_yaml(key, key_default(i), pool)};
        put_cells(out, "td", 3, cells);
    }
    end_table(out);
    fputs("</details>\n", out);
}

/* ---- rates ---- */

static const char *edge_text(const struct tuned_rate *rate) {
    return rate->learned_nothing         ? "no rate learned"
           : rate->n_tried == 1          ? "the only one tried"
           : rate->edge == TUNED_LOWEST  ? "the smallest tried"
           : rate->edge == TUNED_HIGHEST ? "the largest tried"
                                         : "";
}

static const char *failures_text(const struct tuned_rates *rates, const struct tuned_rate *rate,
                                 struct pool *pool) {
    return rates->n_seeds
               ? pool_format(pool, "%d of %d", rate->n_failed, rate->n_tried * rates->n_seeds)
               : pool_format(pool, "%d", rate->n_failed);
}

static int count_learned_nothing(const struct tuned_rates *rates) {
    int n = 0;
    for (int i = 0; i < rates->n; i++)
        n += rates->all[i].learned_nothing;
    return n;
}

/* How far a reader can trust the table. */
static void put_doubts(FILE *out, const struct tuned_rates *rates) {
    int n_edges = 0, n_nothing = count_learned_nothing(rates);
    for (int i = 0; i < rates->n; i++)
        n_edges += !rates->all[i].learned_nothing && rates->all[i].edge != TUNED_INSIDE;
    if (n_nothing)
        fprintf(out,
                "<strong>%d of %d learned at no rate that was tried</strong>: %s runs say nothing "
                "of what a lower rate gives. ",
                n_nothing, rates->n, n_nothing == 1 ? "its" : "their");
    if (n_edges)
        fprintf(out, "%d of %d lie%s at an edge of what was tried: a better one may lie beyond.",
                n_edges, rates->n, n_edges == 1 ? "s" : "");
    else if (n_nothing < rates->n)
        fprintf(out, "None of %d lies at an edge of what was tried.", rates->n - n_nothing);
}

static void put_rates(FILE *out, const struct tuned_rates *rates, struct pool *pool) {
    int n = rates->n_keys;
    const char **cells = pool_alloc(pool, (size_t)(n + 5) * sizeof *cells);
    fprintf(out, "<details%s><summary>Chosen learning rates</summary><p class=\"soft\">",
            count_learned_nothing(rates) ? " open" : "");
    put_doubts(out, rates);
    fputs("</p>", out);
    for (int i = 0; i < n; i++)
        cells[i] = key_spoken(rates->keys[i], pool);
    cells[n] = "Rate";
    cells[n + 1] = metric_spoken(rates->metric, pool);
    cells[n + 2] = "Rates tried";
    cells[n + 3] = "At an edge";
    cells[n + 4] = "Trials that diverged or collapsed";
    begin_table(out, n + 5, cells);
    for (int i = 0; i < rates->n; i++) {
        const struct tuned_rate *rate = &rates->all[i];
        memcpy(cells, rate->values, (size_t)n * sizeof *cells);
        cells[n] = rate->rate;
        cells[n + 1] = rate->score;
        cells[n + 2] = pool_format(pool, "%d, from %s to %s", rate->n_tried, rate->low, rate->high);
        cells[n + 3] = edge_text(rate);
        cells[n + 4] = failures_text(rates, rate, pool);
        put_cells(out, "td", n + 5, cells);
    }
    end_table(out);
    fputs("</details>\n", out);
}

void settings_put(FILE *out, const struct claim *claim) {
    struct pool pool = {0};
    struct tuned_rates rates;
    put_settings(out, &claim->experiment, &pool);
    if (tuned_rates_read(claim->experiment.text, &pool, &rates))
        put_rates(out, &rates, &pool);
    pool_free(&pool);
}
