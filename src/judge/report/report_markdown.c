/* The verdicts as a table in Markdown, for a README. */
#include <stdio.h>

#include "base/text.h"
#include "io/files.h"
#include "judge/report/report.h"

/* In a cell of a table a bar would begin the next one. */
static void put_cell(FILE *out, const char *text) {
    for (; text && *text; text++) {
        if (*text == '|')
            putc('\\', out);
        putc(*text, out);
    }
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
