/* The verdicts as a table in Markdown, for a README, and below it the tables of effects. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/visible.h"
#include "io/files.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report.h"
#include "judge/report/report_effects.h"

/* A text as a text: in a cell of a table a bar would begin the next one, and Markdown takes HTML,
 * links and pictures. A backslash stands before what begins them. */
static void put_cell(FILE *out, const char *text) {
    struct pool pool = {0};
    for (text = text_visible(text ? text : "", &pool); *text; text++) {
        bool begins = strchr("\\|<`*_[]~", *text) != NULL;
        bool is_entity = *text == '&' && (text[1] == '#' || isalpha((unsigned char)text[1]));
        if (begins || is_entity)
            putc('\\', out);
        putc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
    }
    pool_free(&pool);
}

static void put_row(FILE *out, const struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    fputs("| ", out);
    for (int i = 0; i < claim->n_numbers; i++)
        fprintf(out, "%s%ld", i ? ", " : "", claim->numbers[i]);
    fputs(" | ", out);
    put_cell(out, claim->title);
    fprintf(out, " | **%s** | ", judgement_word(judgement));
    put_cell(out, judgement->sentence);
    fputs(" |\n", out);
}

/* ---- effects ---- */

static void put_line(FILE *out, const struct table *table, int row) {
    for (int i = 0; i < table->n_columns; i++) {
        fputs("| ", out);
        put_cell(out, row < 0 ? table->columns[i].name : table->columns[i].texts[row]);
        putc(' ', out);
    }
    fputs("|\n", out);
}

/* Under the claim's title, a table of its own; numbers to the right. */
static void put_effects(FILE *out, const struct judgement *judgement) {
    struct table table;
    const char *note;
    if (!effects_table(judgement, &table, &note))
        return;
    fputs("\n**", out);
    put_cell(out, judgement->claim->title);
    fputs("**: effects. ", out);
    put_cell(out, note);
    fputs("\n\n", out);
    put_line(out, &table, -1);
    for (int i = 0; i < table.n_columns; i++)
        fputs(i > 0 && i < table.n_columns - 1 ? "|---:" : "|---", out);
    fputs("|\n", out);
    for (int row = 0; row < table.n_rows; row++)
        put_line(out, &table, row);
    table_free(&table);
}

enum status report_write_markdown(const char *path, const struct report *report) {
    struct pool pool = {0};
    struct text text;
    FILE *out = text_begin(&text, &pool);
    fputs("| claim | | verdict | in a sentence |\n|---|---|---|---|\n", out);
    for (int i = 0; i < report->n; i++)
        put_row(out, &report->judgements[i]);
    for (int i = 0; i < report->n; i++)
        put_effects(out, &report->judgements[i]);
    enum status status = file_publish(path, text_end(&text));
    pool_free(&pool);
    return status;
}
