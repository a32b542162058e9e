/* The table of effects, a row a question. */
#include "judge/report/report_effects.h"

#include <math.h>
#include <string.h>

#include "judge/claim/verdict_words.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"

struct effect_size effects_size(const struct answer *answer) {
    const struct contrast *contrast = &answer->contrast;
    struct pool pool = {0};
    const double *more = contrast_average(contrast, contrast->first, &pool),
                 *less = contrast_average(contrast, contrast->second, &pool);
    struct effect_size size = effect_size_of(&answer->decision, more, less);
    pool_free(&pool);
    return size;
}

/* ---- cells ---- */

struct row {
    const struct judgement *judgement;
    const struct answer *answer;
    struct effect_size size; /* where there is an answer */
    bool one_more, one_less; /* the arm has the same name in all rows: it stands in the heading */
};

static double width_of(struct interval interval) {
    return interval.high - interval.low;
}

static const struct finding *finding_of(const struct row *row) {
    return &row->answer->decision.overall;
}

/* A figure with the digits that the interval over seeds is worth. */
static const char *figure_text(const struct row *row, double figure, struct pool *pool) {
    return report_number(figure, width_of(finding_of(row)->interval), pool);
}

/* With digits for an interval of that width. */
static const char *interval_text(struct interval interval, double width, struct pool *pool) {
    return isnan(interval.low)
               ? "-"
               : pool_format(pool, "%s to %s", report_number(interval.low, width, pool),
                             report_number(interval.high, width, pool));
}

static const char *question_cell(const struct row *row, struct pool *pool) {
    const struct claim_question *question = row->answer->question;
    return question->role == ROLE_DECIDES
               ? question->name
               : pool_format(pool, "%s (%s)", question->name, role_name(question->role));
}

static const char *more_cell(const struct row *row, struct pool *pool) {
    const char *figure = figure_text(row, row->size.more, pool);
    return row->one_more ? figure
                         : pool_format(pool, "%s %s", figure, row->answer->question->more.name);
}

static const char *less_cell(const struct row *row, struct pool *pool) {
    const char *figure = figure_text(row, row->size.less, pool);
    return row->one_less ? figure
                         : pool_format(pool, "%s %s", figure, row->answer->question->less.name);
}

static const char *difference_cell(const struct row *row, struct pool *pool) {
    return figure_text(row, finding_of(row)->estimate, pool);
}

static const char *seeds_interval_cell(const struct row *row, struct pool *pool) {
    const struct interval *interval = &finding_of(row)->interval;
    return interval_text(*interval, width_of(*interval), pool);
}

static const char *rows_interval_cell(const struct row *row, struct pool *pool) {
    const struct finding *finding = finding_of(row);
    return row->answer->decision.has_rows
               ? interval_text(finding->interval_rows, width_of(finding->interval), pool)
               : "-";
}

static const char *ratio_cell(const struct row *row, struct pool *pool) {
    double ratio = row->size.ratio;
    return isnan(ratio) ? "-" : report_number(ratio, width_of(row->size.ratio_interval), pool);
}

static const char *ratio_interval_cell(const struct row *row, struct pool *pool) {
    struct interval interval = row->size.ratio_interval;
    return interval_text(interval, width_of(interval), pool);
}

static const char *seeds_cell(const struct row *row, struct pool *pool) {
    return pool_format(pool, "%d", row->answer->decision.n_seeds);
}

static const char *rows_cell(const struct row *row, struct pool *pool) {
    long m = row->answer->rows.m;
    return m > 0 ? pool_format(pool, "%ld", m) : "-";
}

static const char *delta_cell(const struct row *row, struct pool *pool) {
    return pool_format(pool, "%s%g", row->answer->question->equality ? "+-" : "",
                       row->answer->asked.delta);
}

static const char *decidable_cell(const struct row *row, struct pool *pool) {
    double decidable = row->size.decidable;
    return isfinite(decidable) ? pool_format(pool, "%.2g", decidable) : "-";
}

static const char *verdict_cell(const struct row *row, struct pool *pool) {
    (void)pool;
    return row->answer->question->role == ROLE_BESIDE
               ? verdict_name(row->answer->decision.verdict)
               : judgement_verdict(row->judgement, row->answer->decision.verdict);
}

/* ---- the table ---- */

static const struct {
    const char *name;
    const char *(*cell)(const struct row *row, struct pool *pool);
} columns[] = {
    {"question", question_cell},
    {"first arm", more_cell},
    {"second arm", less_cell},
    {"difference", difference_cell},
    {"over seeds", seeds_interval_cell},
    {"over seeds and rows", rows_interval_cell},
    {"ratio", ratio_cell},
    {"its interval", ratio_interval_cell},
    {"seeds", seeds_cell},
    {"test rows", rows_cell},
    {"delta", delta_cell},
    {"decidable", decidable_cell},
    {"verdict", verdict_cell},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *heading(int column, const struct row *row) {
    const struct claim_question *question = row->answer->question;
    bool more = columns[column].cell == more_cell, less = columns[column].cell == less_cell;
    return more && row->one_more   ? question->more.name
           : less && row->one_less ? question->less.name
                                   : columns[column].name;
}

static void fill(struct table *table, int at, const struct row *row) {
    for (int i = 0; i < COLUMNS; i++)
        table->columns[i].texts[at] = !row->answer->open || !i ? columns[i].cell(row, &table->pool)
                                      : i == COLUMNS - 1       ? "no answer"
                                                               : "-";
}

/* The answers whose questions stand in the table; returns how many. */
static int find_answers(const struct judgement *judgement, struct pool *pool,
                        const struct answer ***answers) {
    int n = 0;
    *answers = pool_alloc(pool, ((size_t)judgement->n_answers + 1) * sizeof **answers);
    for (int i = 0; i < judgement->n_answers; i++)
        if (claim_tables(judgement->claim, judgement->answers[i].question))
            (*answers)[n++] = &judgement->answers[i];
    return n;
}

static const char *note_text(const struct answer *first, struct pool *pool) {
    const char *unit = first->question->unit;
    return pool_format(
        pool,
        "The difference%s%s%s is the first arm's figure less the second's, with 95 %% intervals "
        "over seeds and over seeds and test rows; the ratio is the second's over the first's, with "
        "its interval over seeds. Each is an interquartile mean over the seeds of its row, and no "
        "number stands for all rows. A true difference as large as 'decidable' would have been "
        "found to be above delta in 80 %% of such experiments; where equality is claimed (delta "
        "with +-), none at all would have been found to lie within it.",
        *unit ? " (" : "", unit, *unit ? ")" : "");
}

bool effects_table(const struct judgement *judgement, struct table *table, const char **note) {
    struct pool pool = {0};
    const struct answer **answers;
    int n = find_answers(judgement, &pool, &answers);
    struct row row = {.judgement = judgement, .one_more = true, .one_less = true};
    for (int i = 1; i < n; i++) {
        const struct claim_question *a = answers[0]->question, *b = answers[i]->question;
        row.one_more &= !strcmp(a->more.name, b->more.name);
        row.one_less &= !strcmp(a->less.name, b->less.name);
    }
    if (n) {
        table_create(table, n);
        row.answer = answers[0];
        for (int i = 0; i < COLUMNS; i++)
            table_add(table, heading(i, &row), TYPE_TEXT, "", "");
        *note = note_text(answers[0], &table->pool);
    }
    for (int i = 0; i < n; i++) {
        row.answer = answers[i];
        if (!answers[i]->open)
            row.size = effects_size(answers[i]);
        fill(table, i, &row);
    }
    pool_free(&pool);
    return n > 0;
}

/* ---- on the page ---- */

/* On a narrow screen a row is a card, and a cell says which column it is of. */
static void put_cell(FILE *out, const struct column *column, int row, bool is_number) {
    struct pool pool = {0};
    fprintf(out, "<td role=\"cell\"%s data-column=\"%s\">%s</td>", is_number ? " class=\"n\"" : "",
            report_escape(column->name, &pool), report_escape(column->texts[row], &pool));
    pool_free(&pool);
}

static void put_verdict(FILE *out, const struct column *column, int row) {
    struct pool pool = {0};
    fprintf(out, "<td role=\"cell\" data-column=\"%s\"><span class=\"verdict %s\">%s</span></td>",
            column->name, report_class(column->texts[row], &pool), column->texts[row]);
    pool_free(&pool);
}

static void put_headings(FILE *out, const struct table *table) {
    for (int i = 0; i < table->n_columns; i++) {
        bool is_number = i > 0 && i < table->n_columns - 1;
        fprintf(out, "<th scope=\"col\" role=\"columnheader\"%s>", is_number ? " class=\"n\"" : "");
        report_put(out, table->columns[i].name);
        fputs("</th>", out);
    }
}

static void put_row(FILE *out, const struct table *table, int row) {
    int last = table->n_columns - 1;
    fputs("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">", out);
    report_put(out, table->columns[0].texts[row]);
    fputs("</th>", out);
    for (int i = 1; i < last; i++)
        put_cell(out, &table->columns[i], row, true);
    put_verdict(out, &table->columns[last], row);
    fputs("</tr>\n", out);
}

void effects_put_html(FILE *out, const struct judgement *judgement) {
    struct table table;
    const char *note;
    if (!effects_table(judgement, &table, &note))
        return;
    fputs("<div class=\"effects\"><h3>Effects</h3>\n<div class=\"wide\"><table role=\"table\" "
          "class=\"cards\">\n<thead role=\"rowgroup\"><tr role=\"row\">",
          out);
    put_headings(out, &table);
    fputs("</tr></thead>\n<tbody role=\"rowgroup\">\n", out);
    for (int row = 0; row < table.n_rows; row++)
        put_row(out, &table, row);
    fputs("</tbody></table></div>\n<p class=\"soft\">", out);
    report_put(out, note);
    fputs("</p></div>\n", out);
    table_free(&table);
}
