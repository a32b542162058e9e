/* Reads the page's parts, files of share/report, fills their places, and numbers its figures. */
#include "judge/report/report_parts.h"

#include <stdbool.h>
#include <string.h>

#include "io/files.h"
#include "io/install_paths.h"
#include "judge/report/report_table.h"

/* ---- parts ---- */

enum status template_read(const char *name, struct pool *pool, const char **text) {
    const char *path = share_find(pool_format(pool, "report/%s", name), pool);
    char *read;
    if (!path)
        return fail(ERROR_RUN,
                    "the page's part '%s' is not installed: looked in share/report of the source "
                    "tree and in share/normlab/report; NORMLAB_SHARE names another folder",
                    name);
    enum status status = file_read(path, pool, &read);
    if (!status)
        *text = read;
    return status;
}

static const char opening[] = "{{", closing[] = "}}";

static bool has_place(const char *text, const char *name) {
    struct pool pool = {0};
    bool found = strstr(text, pool_format(&pool, "%s%s%s", opening, name, closing)) ||
                 strstr(text, pool_format(&pool, "%s?%s%s", opening, name, closing));
    pool_free(&pool);
    return found;
}

/* A page that lacks something must not look like one that is whole. */
static enum status check_places(const char *text, int n, const struct place *places) {
    for (int i = 0; i < n; i++)
        if (!has_place(text, places[i].name))
            return fail(ERROR_RUN, "a part of the page has no place {{%s}}", places[i].name);
    return OK;
}

static const struct place *find_place(const char *name, size_t size, int n,
                                      const struct place *places) {
    for (int i = 0; i < n; i++)
        if (strlen(places[i].name) == size && !strncmp(places[i].name, name, size))
            return &places[i];
    (void)fail(ERROR_RUN, "nothing fills the place {{%.*s}} of the page", (int)size, name);
    return NULL;
}

static enum status put_place(FILE *out, const struct place *place, void *context) {
    if (!place)
        return ERROR_RUN;
    if (place->put)
        return place->put(out, context);
    if (place->text)
        fputs(place->text, out);
    return OK;
}

/* At {{?name}}, whose inner part begins at *text: goes behind {{/name}} where the place is empty.
 */
static enum status begin_optional(const struct place *place, const char **text) {
    struct pool pool = {0};
    if (!place)
        return ERROR_RUN;
    const char *close = pool_format(&pool, "%s/%s%s", opening, place->name, closing),
               *end = strstr(*text, close);
    size_t length = strlen(close);
    pool_free(&pool);
    if (!end)
        return fail(ERROR_RUN, "a part of the page opens {{?%s}} and never closes it", place->name);
    if (!place->put && !(place->text && *place->text))
        *text = end + length;
    return OK;
}

enum status template_put(FILE *out, const char *text, int n, const struct place *places,
                         void *context) {
    enum status status = check_places(text, n, places);
    for (const char *open; !status && (open = strstr(text, opening));) {
        const char *name = open + strlen(opening), *close = strstr(name, closing);
        if (!close)
            return fail(ERROR_RUN, "a part of the page opens a place and never closes it");
        fprintf(out, "%.*s", (int)(open - text), text);
        text = close + strlen(closing);
        size_t size = (size_t)(close - name);
        if (*name == '?')
            status = begin_optional(find_place(name + 1, size - 1, n, places), &text);
        else if (*name != '/')
            status = put_place(out, find_place(name, size, n, places), context);
    }
    if (!status)
        fputs(text, out);
    return status;
}

/* ---- the page ---- */

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
