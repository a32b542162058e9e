/* The page in the making: the parts it is made of, and how many figures it has so far. */
#pragma once

#include "judge/report/report.h"

struct page {
    const struct report *report;
    const char *page, *claim, *answer, *missed; /* templates, see report_template.h */
    const char *style, *script;
    int figure; /* the number of the last figure */
    struct pool pool;
};

/* Reads all parts, before anything is drawn. Free the pool in any case. ERROR_RUN. */
enum status page_begin(const struct report *report, struct page *page);
