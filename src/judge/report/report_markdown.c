/* The verdicts as a table in Markdown, for a README. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/visible.h"
#include "io/files.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report.h"

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

enum status report_write_markdown(const char *path, const struct report *report) {
    struct pool pool = {0};
    struct text text;
    FILE *out = text_begin(&text, &pool);
    fputs("| claim | | verdict | in a sentence |\n|---|---|---|---|\n", out);
    for (int i = 0; i < report->n; i++)
        put_row(out, &report->judgements[i]);
    enum status status = file_publish(path, text_end(&text));
    pool_free(&pool);
    return status;
}
