/* The page as HTML: one file, no request to anywhere. */
#include <string.h>

#include "base/text.h"
#include "io/files.h"
#include "io/version_info.h"
#include "judge/claim/verdict_words.h"
#include "judge/report/report.h"
#include "judge/report/report_claim.h"
#include "judge/report/report_overview.h"
#include "judge/report/report_table.h"
#include "judge/report/report_words.h"

static enum status put_claims(FILE *out, void *context) {
    struct page *page = context;
    enum status status = OK;
    for (int i = 0; i < page->report->n && !status; i++)
        status = report_put_claim(out, page, &page->report->judgements[i]);
    return status;
}

static enum status put_scope(FILE *out, void *context) {
    const struct page *page = context;
    scope_put(out, page->report, !page->scope.figure_first);
    return OK;
}

static const char *title_text(const struct page *page, struct pool *pool) {
    const struct report *report = page->report;
    return report->title    ? report->title
           : report->n == 1 ? report->judgements[0].claim->title
                            : pool_format(pool, "Verdicts on %s", page->scope.short_counts);
}

/* How many runs a protocol has; NULL: the word says nothing, no claim has another. */
static const char *size_text(const struct page *page) {
    static const struct {
        const char *protocol, *size;
    } sizes[] = {{"quick", "fewer and shorter runs, for a first look"},
                 {"literal", "runs of the size that a paper had"}};
    const char *protocol = page->report->protocol;
    for (size_t i = 0; protocol && i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(sizes[i].protocol, protocol))
            return sizes[i].size;
    return page->scope.has_protocols ? "all runs of each file" : NULL;
}

/* What a part of the page stands or falls with. */
static const char *if_so(bool condition) {
    return condition ? "yes" : "";
}

static enum status put_page(FILE *out, struct page *page) {
    const struct report *report = page->report;
    const struct scope *scope = &page->scope;
    struct pool *pool = &page->pool;
    const struct judgement *first = &report->judgements[0];
    const char *size = size_text(page);
    const struct place places[] = {
        {"title", report_escape(title_text(page, pool), pool), NULL},
        {"style", page->style, NULL},
        {"introduction", report_escape(report->introduction, pool), NULL},
        {"counts", scope->counts, NULL},
        {"words", NULL, overview_put_words},
        {"sources", if_so(scope->n_sources > 0), NULL},
        {"source_options", NULL, overview_put_sources},
        {"one", if_so(report->n == 1), NULL},
        {"several", if_so(report->n > 1), NULL},
        {"verdict", report_claim_verdict(first, pool), NULL},
        {"sentence", report_escape(first->sentence, pool), NULL},
        {"word", judgement_word(first), NULL},
        {"meaning", report_meaning(judgement_word(first), pool), NULL},
        {"figure_first", if_so(scope->figure_first), NULL},
        {"verdicts_first", if_so(!scope->figure_first), NULL},
        {"reading", scope->has_figures ? page->reading : NULL, NULL},
        {"protocol", !size || report->protocol ? report->protocol : "full", NULL},
        {"size", size, NULL},
        {"version", build_version, NULL},
        {"runs", if_so(scope->has_runs), NULL},
        {"scope", NULL, put_scope},
        {"headline", NULL, overview_put_headline},
        {"legend", NULL, overview_put_legend},
        {"tables", NULL, overview_put_tables},
        {"contents", NULL, overview_put_contents},
        {"papers", if_so(scope->n_papers > 0), NULL},
        {"looks", if_so(scope->has_looks), NULL},
        {"rows", if_so(scope->has_rows), NULL},
        {"strata", if_so(scope->has_strata), NULL},
        {"doublings", if_so(scope->has_doublings), NULL},
        {"premise", if_so(scope->has_premise), NULL},
        {"seen_before", if_so(scope->has_seen_before), NULL},
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
    for (int i = 0; i < report->n && report->headline; i++)
        if (!strcmp(report->judgements[i].claim->name, report->headline))
            return OK;
    return report->headline
               ? fail(ERROR_USAGE, "no claim on this page is named '%s'", report->headline)
               : OK;
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
