/* Reads the page's parts: files of share/report. */
#include "judge/report/report_parts.h"

#include "judge/report/report_template.h"

enum status page_begin(const struct report *report, struct page *page) {
    *page = (struct page){.report = report};
    const struct {
        const char *name, **text;
    } parts[] = {
        {"page.html", &page->page},     {"claim.html", &page->claim},
        {"answer.html", &page->answer}, {"missed.html", &page->missed},
        {"style.css", &page->style},    {"page.js", &page->script},
    };
    enum status status = OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = template_read(parts[i].name, &page->pool, parts[i].text);
    return status;
}
