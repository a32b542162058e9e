/* The page in the making: the parts it is made of, and the figures that it has so far. */
#pragma once

#include <stdio.h>

#include "judge/report/report_scope.h"

/* A figure that stands on the page. */
struct page_figure {
    const char *key;
    int number;
    const struct page_figure *before;
};

struct page {
    const struct report *report;
    struct scope scope;
    const char *page, *claim, *answer; /* templates, see report_template.h */
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
