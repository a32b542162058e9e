/* The page in the making: the parts it is made of, files of share/report with places {{name}} in
 * them, which the program fills, and the figures that it has so far. What stands between {{?name}}
 * and
 * {{/name}} is left out where the place is empty. */
#pragma once

#include <stdio.h>

#include "judge/report/report_scope.h"

/* ---- parts ---- */

/* What stands at a place: a text of HTML (NULL or "": empty), or what a function writes. */
struct place {
    const char *name, *text;
    enum status (*put)(FILE *out, void *context);
};

/* As arguments of template_put. */
#define PLACES(array) (int)(sizeof(array) / sizeof *(array)), (array)

/* The part's text, "page.html". ERROR_RUN: it is nowhere, or cannot be read. */
enum status template_read(const char *name, struct pool *pool, const char **text);
/* Writes the template with its places filled. ERROR_RUN: one of them nobody fills, or one of
 * `places` is not in it; and what a place's function returns. */
enum status template_put(FILE *out, const char *text, int n, const struct place *places,
                         void *context);

/* ---- the page ---- */

/* A figure that stands on the page. */
struct page_figure {
    const char *key;
    int number;
    const struct page_figure *before;
};

struct page {
    const struct report *report;
    struct scope scope;
    const char *page, *claim, *answer; /* parts with places */
    const char *reading, *style, *script;
    const struct page_figure *figures; /* the last one */
    struct pool pool;
};

/* Reads all parts, before anything is drawn. Free the pool in any case. ERROR_RUN. */
enum status page_begin(const struct report *report, struct page *page);

/* A number unlike any other figure's, from 1. `key` says what is drawn: where it is asked for
 * again, page_figure_find has the number. */
int page_figure_add(struct page *page, const char *key);
int page_figure_find(const struct page *page, const char *key); /* 0: it is not there */
/* The picture with its caption. `kind`: a class of CSS. */
void page_put_figure(FILE *out, const char *kind, int number, const char *svg, const char *caption);
