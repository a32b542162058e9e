/* The page as HTML: one file, no request to anywhere. */
#include <string.h>

#include "base/text.h"
#include "io/files.h"
#include "io/version_info.h"
#include "judge/report/report.h"
#include "judge/report/report_claim.h"
#include "judge/report/report_parts.h"
#include "judge/report/report_table.h"
#include "judge/report/report_template.h"
#include "judge/report/report_words.h"

/* ---- at a glance ---- */

static bool is_paper(const struct judgement *judgement) {
    return judgement->claim->paper != NULL;
}

static bool has_word(const struct judgement *judgement, const char *word) {
    return !strcmp(judgement_word(judgement), word);
}

/* "1 supported, 2 refuted": of the claims, or of the papers. */
static const char *counts_text(const struct report *report, bool papers, struct pool *pool) {
    const char *text = "", *word;
    for (int w = 0; (word = judgement_word_get(w)); w++) {
        int n = 0;
        for (int i = 0; i < report->n; i++)
            n += is_paper(&report->judgements[i]) == papers &&
                 has_word(&report->judgements[i], word);
        if (n > 0)
            text = pool_format(pool, "%s%s%d %s", text, *text ? ", " : "", n, word);
    }
    return text;
}

/* The filter's choices: the words on this page. */
static enum status put_words(FILE *out, void *context) {
    struct page *page = context;
    const char *word;
    for (int w = 0; (word = judgement_word_get(w)); w++) {
        int i = 0;
        while (i < page->report->n && !has_word(&page->report->judgements[i], word))
            i++;
        if (i < page->report->n)
            fprintf(out, "<option value=\"%s\">%s</option>\n", report_class(word, &page->pool),
                    word);
    }
    return OK;
}

static void put_overview_row(FILE *out, const struct judgement *judgement, struct pool *pool) {
    const struct claim *claim = judgement->claim;
    fprintf(out, "<tr%s><th scope=\"row\"><a href=\"#%s\">%s%s</a></th>",
            report_claim_data(judgement, pool), claim->name, report_claim_numbers(claim, pool),
            report_escape(claim->title, pool));
    if (!claim->paper)
        fprintf(out, "<td class=\"notes\">%s</td>", report_escape(claim->notes, pool));
    fprintf(out, "<td>%s</td><td>%s</td></tr>\n", report_claim_verdict(judgement, pool),
            report_escape(judgement->sentence, pool));
}

static void put_overview_table(FILE *out, const struct page *page, bool papers, struct pool *pool) {
    const struct report *report = page->report;
    fprintf(out,
            "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">%s</th>%s"
            "<th scope=\"col\">Verdict</th><th scope=\"col\">In a sentence</th></tr></thead>\n"
            "<tbody>\n",
            papers ? "Paper" : "Claim",
            papers ? "" : "<th scope=\"col\" class=\"notes\">Notes</th>");
    for (int i = 0; i < report->n; i++)
        if (is_paper(&report->judgements[i]) == papers)
            put_overview_row(out, &report->judgements[i], pool);
    fputs("</tbody></table></div>\n", out);
}

static enum status put_overview(FILE *out, void *context) {
    struct page *page = context;
    const struct report *report = page->report;
    int n_papers = 0;
    for (int i = 0; i < report->n; i++)
        n_papers += is_paper(&report->judgements[i]);
    if (n_papers < report->n)
        put_overview_table(out, page, false, &page->pool);
    if (n_papers > 0) {
        fprintf(out, "<h2>Experiments of papers</h2>\n<p>%s.</p>\n",
                counts_text(report, true, &page->pool));
        put_overview_table(out, page, true, &page->pool);
    }
    return OK;
}

/* ---- the page ---- */

static enum status put_claims(FILE *out, void *context) {
    struct page *page = context;
    enum status status = OK;
    for (int i = 0; i < page->report->n && !status; i++)
        status = report_put_claim(out, page, &page->report->judgements[i]);
    return status;
}

static enum status put_page(FILE *out, struct page *page) {
    const struct report *report = page->report;
    const struct place places[] = {
        {"title", report_escape(report->title, &page->pool), NULL},
        {"style", page->style, NULL},
        {"counts", counts_text(report, false, &page->pool), NULL},
        {"words", NULL, put_words},
        {"protocol", report->protocol ? report->protocol : "full", NULL},
        {"version", build_version, NULL},
        {"overview", NULL, put_overview},
        {"claims", NULL, put_claims},
        {"script", page->script, NULL},
    };
    return template_put(out, page->page, PLACES(places), page);
}

/* Names are ids of the page. */
static enum status check_names(const struct report *report) {
    for (int i = 0; i < report->n; i++)
        for (int j = 0; j < i; j++) {
            const struct claim *a = report->judgements[j].claim, *b = report->judgements[i].claim;
            if (!strcmp(a->name, b->name))
                return fail(ERROR_USAGE, "%s and %s are both named '%s'", a->file, b->file,
                            a->name);
        }
    return OK;
}

static enum status publish_page(const char *path, struct page *page) {
    struct pool pool = {0};
    struct text text;
    enum status status = put_page(text_begin(&text, &pool), page);
    const char *written = text_end(&text);
    if (!status)
        status = file_publish(path, written);
    pool_free(&pool);
    return status;
}

enum status report_write_html(const char *path, const struct report *report) {
    struct page page = {0};
    enum status status = check_names(report);
    if (!status)
        status = page_begin(report, &page);
    if (!status)
        status = publish_page(path, &page);
    pool_free(&page.pool);
    return status;
}
