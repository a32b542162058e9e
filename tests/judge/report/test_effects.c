/* The table of effects: a row a question of one unit, the same for terminal, page and document. */
#include "judge/report/report_effects.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/files.h"
#include "judge/report/report.h"
#include "judge/stats/sign_flip.h"
#include "tests/judge/claim/claim_text.h"
#include "tests/lab/runner/sweep.h"

TestSuite(report_effects, .timeout = 300);

#define ASKED(name, size, rest)                                                                    \
    "  - {name: " name                                                                             \
    ", asks: x, more: {name: <batch>, norm.kind: batch, train.batch_size: " size                   \
    "},\n     less: {name: none, norm.kind: none, train.batch_size: " size "}, delta: 0.01,\n"     \
    "     supported: yes, refuted: no" rest "}\n"

static const char study[] =
    "schema: 1\nname: effects\ntitle: Effects | of <sizes>\n"
    "base:\n"
    "  data: {name: clusters, rows: 300, test_rows: 100, features: 4, classes: 3, train: 200, "
    "validation: 50}\n"
    "  model: {hidden: [4]}\n"
    "  train: {epochs: 1}\n"
    "  log: {probes: rows}\n"
    "sweep: {norm.kind: [none, batch], train.batch_size: [10, 20], seed: range(10)}\n"
    "claim: {says: x, rule: depends, table: effects, supported: yes, refuted: no, depends: both}\n"
    "judge:\n"                                                              //
    ASKED("on 10", "10", ", role: decides, unit: of error")                 //
    ASKED("on 20", "20", ", role: decides, unit: of error, kind: equality") //
    ASKED("in loss", "20", ", unit: nat, metric: test_loss");
enum { SEEDS = 10, ROWS = 2, COLUMNS = 13 };
enum {
    NAME,
    MORE,
    LESS,
    DIFFERENCE,
    OVER_SEEDS,
    OVER_ROWS,
    RATIO,
    ITS_INTERVAL,
    N_SEEDS,
    TEST_ROWS,
    DELTA,
    DECIDABLE,
    VERDICT
};

struct judged {
    struct sweep sweep;
    struct claim claim;
    struct judgement judgement;
};

static void judged_create(struct judged *judged) {
    *judged = (struct judged){.claim = claim_text_good(study)};
    sweep_create(&judged->sweep, study, NULL);
    cr_assert(sweep_run(&judged->sweep) == OK, "%s", status_message());
    cr_assert(verdict_judge(&judged->claim, judged->sweep.out, &judged->judgement) == OK, "%s",
              status_message());
    cr_assert(judged->judgement.decided, "%s", judged->judgement.sentence);
}

static void judged_free(struct judged *judged) {
    judgement_free(&judged->judgement);
    claim_free(&judged->claim);
    sweep_free(&judged->sweep);
}

static const char *cell(const struct table *table, int column, int row) {
    return table->columns[column].texts[row];
}

static void expect_number(const struct table *table, int column, int row, double wanted) {
    const char *text = cell(table, column, row);
    double slack = 5e-3 + 1e-12; /* intervals are of some tenths: two decimals */
    cr_expect(fabs(strtod(text, NULL) - wanted) <= slack, "column %d, row %d: %s, not %g", column,
              row, text, wanted);
}

/* Of one stratum the figures are those of the contrast. */
static void expect_row(const struct table *table, int row, const struct answer *answer) {
    const struct contrast *contrast = &answer->contrast;
    const struct finding *finding = &answer->decision.overall;
    struct effect_size size = effects_size(answer);
    struct flip_power power =
        sign_flip_power(contrast->d, SEEDS, 0.01, LEVEL, answer->rows.parts[1].variance);
    cr_expect_str_eq(cell(table, NAME, row), answer->question->name);
    expect_number(table, MORE, row, interquartile_mean(contrast->first, SEEDS));
    expect_number(table, LESS, row, interquartile_mean(contrast->second, SEEDS));
    expect_number(table, DIFFERENCE, row, finding->estimate);
    expect_number(table, OVER_SEEDS, row, finding->interval.low);
    expect_number(table, OVER_ROWS, row, finding->interval_rows.low);
    expect_number(table, RATIO, row, size.ratio);
    expect_number(table, ITS_INTERVAL, row, size.ratio_interval.low);
    cr_expect_str_eq(cell(table, N_SEEDS, row), "10");
    cr_expect_str_eq(cell(table, TEST_ROWS, row), "100");
    cr_expect_str_eq(cell(table, DELTA, row), answer->question->equality ? "+-0.01" : "0.01");
    cr_expect(fabs(strtod(cell(table, DECIDABLE, row), NULL) /
                       (answer->question->equality ? power.margin : power.effect) -
                   1) < 0.06,
              "%s", cell(table, DECIDABLE, row));
    cr_expect_str_eq(cell(table, VERDICT, row), verdict_name(answer->decision.verdict));
}

Test(report_effects, every_question_of_the_unit_has_a_row_of_its_own_numbers) {
    struct judged judged;
    struct table table;
    const char *note;
    judged_create(&judged);
    cr_assert(effects_table(&judged.judgement, &table, &note));
    cr_assert(table.n_rows == ROWS && table.n_columns == COLUMNS, "%d rows, %d columns",
              table.n_rows, table.n_columns);
    cr_expect_str_eq(table.columns[MORE].name, "<batch>");
    cr_expect_str_eq(table.columns[LESS].name, "none");
    for (int row = 0; row < ROWS; row++)
        expect_row(&table, row, &judged.judgement.answers[row]);
    cr_expect(strstr(note, "(of error)"), "%s", note);
    table_free(&table);
    judged.claim.has_effects = false;
    cr_expect_not(effects_table(&judged.judgement, &table, &note), "it asks for none");
    judged_free(&judged);
}

/* Then each cell says which arm it is; and what has no answer is no hole. */
Test(report_effects, arms_of_several_names_and_open_questions) {
    struct judged judged;
    struct table table;
    const char *note;
    judged_create(&judged);
    struct claim_question other = *judged.judgement.answers[1].question;
    other.more.name = "layer";
    other.role = ROLE_BESIDE;
    judged.judgement.answers[0].open = "runs are missing";
    struct claim_question questions[] = {*judged.judgement.answers[0].question, other};
    judged.claim.questions = questions;
    judged.claim.n_questions = ROWS;
    for (int i = 0; i < ROWS; i++)
        judged.judgement.answers[i].question = &questions[i];
    cr_assert(effects_table(&judged.judgement, &table, &note));
    cr_expect_str_eq(table.columns[MORE].name, "first arm");
    cr_expect_str_eq(cell(&table, MORE, 0), "-");
    cr_expect_str_eq(cell(&table, VERDICT, 0), "no answer");
    cr_expect(strstr(cell(&table, MORE, 1), " layer"), "%s", cell(&table, MORE, 1));
    cr_expect_str_eq(table.columns[LESS].name, "none");
    cr_expect(!strchr(cell(&table, LESS, 1), ' '), "%s", cell(&table, LESS, 1));
    cr_expect_str_eq(cell(&table, NAME, 1), "on 20 (beside)");
    table_free(&table);
    judged_free(&judged);
}

static char *written(enum status (*write)(const char *path, const struct report *report),
                     const struct judged *judged, struct pool *pool) {
    const struct report report = {
        .out = judged->sweep.out, .n = 1, .judgements = &judged->judgement};
    const char *path = pool_format(pool, "%s/written", judged->sweep.out);
    char *text;
    cr_assert(write(path, &report) == OK, "%s", status_message());
    cr_assert(file_read(path, pool, &text) == OK, "%s", status_message());
    return text;
}

Test(report_effects, page_and_document_have_the_same_cells) {
    struct judged judged;
    struct table table;
    struct pool pool = {0};
    const char *note;
    judged_create(&judged);
    cr_assert(effects_table(&judged.judgement, &table, &note));
    const char *html = written(report_write_html, &judged, &pool),
               *markdown = written(report_write_markdown, &judged, &pool);
    cr_expect(strstr(html, "data-column=\"&lt;batch&gt;\"") && !strstr(html, "<batch>"), "escapes");
    cr_expect(strstr(markdown, "**Effects \\| of \\<sizes>**: effects. The difference (of error)"),
              "%s", markdown);
    cr_expect(strstr(markdown, "| question | \\<batch> | none | difference |"), "%s", markdown);
    for (int row = 0; row < ROWS; row++)
        for (int i = 1; i < COLUMNS; i++) {
            const char *of_page = pool_format(&pool, "\">%s</", cell(&table, i, row));
            const char *of_document = pool_format(&pool, "| %s |", cell(&table, i, row));
            cr_expect(strstr(html, of_page), "no %s", of_page);
            cr_expect(strstr(markdown, of_document), "no %s", of_document);
        }
    table_free(&table);
    pool_free(&pool);
    judged_free(&judged);
}
