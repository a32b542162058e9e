/* Reads the page's parts, files of share/report, and numbers its figures. */
#include "judge/report/report_parts.h"

#include <string.h>

#include "judge/report/report_table.h"
#include "judge/report/report_template.h"

enum status page_begin(const struct report *report, struct page *page) {
    *page = (struct page){.report = report};
    const struct {
        const char *name, **text;
    } parts[] = {
        {"page.html", &page->page},     {"claim.html", &page->claim},
        {"answer.html", &page->answer}, {"reading.html", &page->reading},
        {"style.css", &page->style},    {"page.js", &page->script},
    };
    enum status status = OK;
    scope_find(report, &page->pool, &page->scope);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = template_read(parts[i].name, &page->pool, parts[i].text);
    return status;
}

/* ---- figures ---- */

int page_figure_add(struct page *page, const char *key) {
    struct page_figure *figure = pool_alloc(&page->pool, sizeof *figure);
    *figure = (struct page_figure){.key = pool_text(&page->pool, key),
                                   .number = page->figures ? page->figures->number + 1 : 1,
                                   .before = page->figures};
    page->figures = figure;
    return figure->number;
}

int page_figure_find(const struct page *page, const char *key) {
    for (const struct page_figure *figure = page->figures; figure; figure = figure->before)
        if (!strcmp(figure->key, key))
            return figure->number;
    return 0;
}

void page_put_figure(FILE *out, const char *kind, int number, const char *svg,
                     const char *caption) {
    fprintf(out,
            "<figure id=\"figure:%d\" class=\"%s\"><div class=\"wide\">%s</div>"
            "<figcaption id=\"caption:%d\">Figure %d: ",
            number, kind, svg, number, number);
    report_put(out, caption);
    fputs("</figcaption></figure>\n", out);
}
