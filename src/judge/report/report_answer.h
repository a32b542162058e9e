/* A question of a claim on the page. */
#pragma once

#include <stdio.h>

#include "judge/report/report_parts.h"

/* The question, its answer in words, the paired differences as a figure and as numbers; or why
 * there is no answer. ERROR_RUN: a figure cannot be drawn. */
enum status report_put_answer(FILE *out, struct page *page, const struct judgement *judgement,
                              const struct answer *answer);
/* The paired differences as a figure of the page, or where they stand on it already. ERROR_RUN. */
enum status report_put_differences(FILE *out, struct page *page, const char *claim,
                                   const struct answer *answer);
