/* A claim on the page. */
#pragma once

#include <stdio.h>

#include "judge/report/report_parts.h"

/* Its section. ERROR_RUN: a figure cannot be drawn. */
enum status report_put_claim(FILE *out, struct page *page, const struct judgement *judgement);

/* Parts of it that the overview has as well, as HTML: what the filter sees, the numbers of the
 * claim, and its verdict with a mark. */
const char *report_claim_data(const struct judgement *judgement, struct pool *pool);
const char *report_claim_numbers(const struct claim *claim, struct pool *pool);
const char *report_claim_verdict(const struct judgement *judgement, struct pool *pool);
