/* A question of a claim on the page. */
#pragma once

#include <stdio.h>

#include "judge/report/report_parts.h"

/* The question, its answer in words, the paired differences as a figure and as numbers; or why
 * there is no answer. ERROR_RUN: a figure cannot be drawn. */
enum status report_put_answer(FILE *out, struct page *page, const struct judgement *judgement,
                              const struct answer *answer);
/* A picture with its caption. */
void report_put_figure(FILE *out, int number, const char *svg, const char *caption);
