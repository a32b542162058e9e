/* The top of the page: the figure that says most, all verdicts at a glance, and the contents. */
#pragma once

#include <stdio.h>

#include "judge/report/report_parts.h"

/* Where a figure comes first, one of runs: of the report's headline, or of the first claim that has
 * one; otherwise the differences that a verdict hangs on. Each in place of the other where that is
 * nowhere; nothing where there is none. ERROR_RUN. */
enum status overview_put_headline(FILE *out, void *page);
/* How many verdicts of each word, with its mark and meaning. */
enum status overview_put_legend(FILE *out, void *page);
/* A table of claims, and one of papers. */
enum status overview_put_tables(FILE *out, void *page);
/* Entries of the list of contents. */
enum status overview_put_contents(FILE *out, void *page);
/* The filter's choices: the words on this page; where claims stand. */
enum status overview_put_words(FILE *out, void *page);
enum status overview_put_sources(FILE *out, void *page);
