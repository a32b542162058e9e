/* A claim on the page. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "judge/report/report_parts.h"

/* Its section. ERROR_RUN: a figure cannot be drawn. */
enum status report_put_claim(FILE *out, struct page *page, const struct judgement *judgement);

/* Draws figure `index` of its results, with its numbers. *is_there: there was something to draw;
 * *n: how many figures the results have. ERROR_RUN. */
enum status report_put_results(FILE *out, struct page *page, const struct judgement *judgement,
                               int index, int *n, bool *is_there);

/* Parts of it that the overview has as well, as HTML: what the filter sees, the numbers of the
 * claim, its verdict's mark, and its verdict with it. */
const char *report_claim_data(const struct judgement *judgement, struct pool *pool);
const char *report_claim_numbers(const struct claim *claim, struct pool *pool);
const char *report_claim_mark(const struct judgement *judgement, struct pool *pool);
const char *report_claim_verdict(const struct judgement *judgement, struct pool *pool);
