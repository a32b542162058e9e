/* The top of the page: figure, verdicts at a glance, contents. */
#include "judge/report/report_overview.h"

#include <string.h>

#include "judge/claim/verdict_words.h"
#include "judge/report/report_answer.h"
#include "judge/report/report_claim.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"

static bool is_paper(const struct judgement *judgement) {
    return judgement->claim->paper != NULL;
}

static bool has_word(const struct judgement *judgement, const char *word) {
    return !strcmp(judgement_word(judgement), word);
}

/* ---- the figure on top ---- */

/* Its number among the claim's questions, its words, and its own verdict. */
static void put_question(FILE *out, const struct judgement *judgement, const struct answer *answer,
                         struct pool *pool) {
    fputs("<p class=\"soft\">", out);
    if (judgement->n_answers > 1)
        fprintf(out, "Question %d of %d", (int)(answer - judgement->answers) + 1,
                judgement->n_answers);
    else
        fputs("The question", out);
    fprintf(out, ": %s (%s).</p>\n", report_escape(answer->question->asks, pool),
            judgement_verdict(judgement, answer->decision.verdict));
}

/* Of the question that the verdict hangs on. */
static enum status put_differences(FILE *out, struct page *page, const struct judgement *judgement,
                                   bool *is_there) {
    const struct answer *answer = judgement_answer(judgement);
    *is_there = answer && !answer->open;
    if (!*is_there)
        return OK;
    if (page->report->n == 1)
        put_question(out, judgement, answer, &page->pool);
    return report_put_differences(out, page, judgement->claim->name, answer);
}

static enum status put_runs(FILE *out, struct page *page, const struct judgement *judgement,
                            bool *is_there) {
    int n = 0;
    return judgement->n_finished ? report_put_results(out, page, judgement, 0, &n, is_there) : OK;
}

/* The claim that the report names comes first. */
static const struct judgement *nth(const struct report *report, int i) {
    int first = 0;
    while (report->headline && strcmp(report->judgements[first].claim->name, report->headline) != 0)
        first++;
    return &report->judgements[i == 0 ? first : i <= first ? i - 1 : i];
}

static void put_origin(FILE *out, const struct claim *claim, struct pool *pool) {
    fprintf(out, "<p class=\"soft\">This figure is a part of <a href=\"#%s\">%s%s</a>%s</p>\n",
            claim->name, report_claim_numbers(claim, pool), report_escape(claim->title, pool),
            report_is_sentence(claim->title) ? "" : ".");
}

enum status overview_put_headline(FILE *out, void *context) {
    struct page *page = context;
    bool is_there = false;
    enum status status = OK;
    for (int pass = 0; pass < 2 && !is_there; pass++) {
        bool of_runs = (pass == 0) == page->scope.figure_first;
        for (int i = 0; i < page->report->n && !is_there && !status; i++) {
            const struct judgement *judgement = nth(page->report, i);
            status = (of_runs ? put_runs : put_differences)(out, page, judgement, &is_there);
            if (is_there && !status && page->report->n > 1)
                put_origin(out, judgement->claim, &page->pool);
        }
    }
    return status;
}

/* ---- words ---- */

static int count_word(const struct report *report, const char *word) {
    int n = 0;
    for (int i = 0; i < report->n; i++)
        n += has_word(&report->judgements[i], word);
    return n;
}

static const struct judgement *first_of(const struct report *report, const char *word) {
    int i = 0;
    while (!has_word(&report->judgements[i], word))
        i++;
    return &report->judgements[i];
}

static void put_bar(FILE *out, const struct report *report, struct pool *pool) {
    const char *word;
    fputs("<div class=\"bar\" aria-hidden=\"true\">", out);
    for (int w = 0; (word = judgement_word_get(w)); w++)
        if (count_word(report, word))
            fprintf(out, "<span class=\"%s\" style=\"flex-grow:%d\"></span>",
                    report_class(word, pool), count_word(report, word));
    fputs("</div>\n", out);
}

enum status overview_put_legend(FILE *out, void *context) {
    struct page *page = context;
    struct pool *pool = &page->pool;
    const struct report *report = page->report;
    const char *word;
    put_bar(out, report, pool);
    fputs("<table class=\"legend\"><thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\" "
          "class=\"n\">How many</th><th scope=\"col\">What it means</th></tr></thead>\n<tbody>\n",
          out);
    for (int w = 0; (word = judgement_word_get(w)); w++)
        if (count_word(report, word))
            fprintf(out, "<tr><th scope=\"row\">%s</th><td class=\"n\">%d</td><td>%s</td></tr>\n",
                    report_claim_verdict(first_of(report, word), pool), count_word(report, word),
                    report_escape(report_meaning(word, pool), pool));
    fputs("</tbody></table>\n", out);
    return OK;
}

enum status overview_put_words(FILE *out, void *context) {
    struct page *page = context;
    const char *word;
    for (int w = 0; (word = judgement_word_get(w)); w++)
        if (count_word(page->report, word))
            fprintf(out, "<option value=\"%s\">%s</option>\n", report_class(word, &page->pool),
                    word);
    return OK;
}

enum status overview_put_sources(FILE *out, void *context) {
    struct page *page = context;
    for (int i = 0; i < page->scope.n_sources; i++) {
        const char *source = report_escape(page->scope.sources[i], &page->pool);
        fprintf(out, "<option value=\"%s\">%s</option>\n", source, source);
    }
    return OK;
}

/* ---- tables ---- */

/* On a narrow screen a row is a card, which a table's elements do not say by themselves: hence
 * roles. */
static void put_row(FILE *out, const struct page *page, const struct judgement *judgement,
                    struct pool *pool) {
    const struct claim *claim = judgement->claim;
    fprintf(out,
            "<tr role=\"row\"%s><th scope=\"row\" role=\"rowheader\"><a href=\"#%s\">%s%s</a></th>",
            report_claim_data(judgement, pool), claim->name, report_claim_numbers(claim, pool),
            report_escape(claim->title, pool));
    if (!claim->paper && page->scope.n_sources)
        fprintf(out, "<td role=\"cell\" class=\"notes\">%s</td>",
                report_escape(claim->notes, pool));
    fprintf(out, "<td role=\"cell\">%s</td><td role=\"cell\">%s</td></tr>\n",
            report_claim_verdict(judgement, pool), report_escape(judgement->sentence, pool));
}

static void put_heading(FILE *out, const char *attributes, const char *text) {
    fprintf(out, "<th scope=\"col\" role=\"columnheader\"%s>%s</th>", attributes, text);
}

static void put_table(FILE *out, const struct page *page, bool papers, struct pool *pool) {
    const struct report *report = page->report;
    fputs("<table role=\"table\" class=\"cards\">\n<thead role=\"rowgroup\"><tr role=\"row\">",
          out);
    put_heading(out, "", papers ? "Paper" : "Claim");
    if (!papers && page->scope.n_sources)
        put_heading(out, " class=\"notes\"", "Stands in");
    put_heading(out, "", "Verdict");
    put_heading(out, "", "In a sentence");
    fputs("</tr></thead>\n<tbody role=\"rowgroup\">\n", out);
    for (int i = 0; i < report->n; i++)
        if (is_paper(&report->judgements[i]) == papers)
            put_row(out, page, &report->judgements[i], pool);
    fputs("</tbody></table>\n", out);
}

enum status overview_put_tables(FILE *out, void *context) {
    struct page *page = context;
    if (page->scope.n_claims)
        put_table(out, page, false, &page->pool);
    if (page->scope.n_papers) {
        fputs("<h3 id=\"page:papers\">Experiments of papers</h3>\n", out);
        put_table(out, page, true, &page->pool);
    }
    return OK;
}

enum status overview_put_contents(FILE *out, void *context) {
    struct page *page = context;
    struct pool *pool = &page->pool;
    for (int i = 0; i < page->report->n; i++) {
        const struct judgement *judgement = &page->report->judgements[i];
        fprintf(out, "<li%s><a href=\"#%s\">%s%s%s</a></li>\n", report_claim_data(judgement, pool),
                judgement->claim->name, report_claim_mark(judgement, pool),
                report_claim_numbers(judgement->claim, pool),
                report_escape(judgement->claim->title, pool));
    }
    return OK;
}
