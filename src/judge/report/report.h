/* The page: every claim with its verdict, figure, numbers and the command that repeats it; one file
 * that needs no other. The same in short as Markdown. */
#pragma once

#include "judge/claim/verdict.h"

struct report {
    const char *title;        /* NULL: what the claims are, "Verdicts on 3 claims" */
    const char *introduction; /* a paragraph below it; NULL: none */
    /* Of several claims that one's name whose figure stands on top, before all verdicts. NULL: the
     * verdicts come first. */
    const char *headline;
    const char *protocol; /* "quick", "literal"; NULL: full */
    const char *out;      /* folder of results, for the commands that repeat */
    int n;
    const struct judgement *judgements;
};

/* ERROR_USAGE: two claims of one name, no claim of the headline's name; ERROR_RUN: cannot be
 * written, a figure cannot be drawn. */
enum status report_write_html(const char *path, const struct report *report);
/* A table of verdicts for a README, and below it the tables of effects of claims that have one. */
enum status report_write_markdown(const char *path, const struct report *report);
