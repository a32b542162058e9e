/* What an auditor needs to compute every verdict anew, as tab-separated tables: each seed's
 * difference, what was made of them, tables of effects, and which test rows each run got wrong.
 * docs/statistics.md says what stands in each column. */
#pragma once

#include <stdio.h>

#include "judge/claim/verdict.h"

/* The lines of column names. */
void audit_put_difference_names(FILE *out);
void audit_put_verdict_names(FILE *out);
void audit_put_effect_names(FILE *out);
/* A line for each question with an answer, stratum ("*": their average) and seed. */
void audit_put_differences(FILE *out, const struct judgement *judgement);
/* A line for each question and stratum, and one for the claim, question "*". */
void audit_put_verdicts(FILE *out, const struct judgement *judgement);
/* A line for each row of the claim's table of effects. */
void audit_put_effects(FILE *out, const struct judgement *judgement);
/* A file "CLAIM.QUESTION.npy" in the folder for each question that counts and has wrong rows: words
 * of 64 rows, [n_strata][2: more, less][n_seeds][words]. ERROR_RUN. */
enum status audit_write_rows(const char *folder, const struct judgement *judgement);
