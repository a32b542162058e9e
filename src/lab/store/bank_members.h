/* The members of the runs' banks (eval.momenta) as runs of their own: training reads no running
 * statistics, so that a member has, bit for bit, the errors of a run with its norm.momentum and
 * norm.average. */
#pragma once

#include "lab/table/summary_columns.h"
#include "lab/table/table.h"

/* Of every run with a bank a row for each momentum and kind of average; runs that differ in
 * norm.momentum and norm.average alone have one bank, which counts once. norm.momentum,
 * norm.average and the columns `metrics` [n] (of "test_error", "validation_error", both also
 * "_debiased") are the member's; whether a member's outputs collapsed is not known (`collapsed` is
 * -1); all else is the run's. A failed run has members without values, one that is missing stays
 * as it is, and the `n_without` others, to which eval.momenta does not apply, are left out.
 * `summary` is that of the results file at `path`; NULL: of several (run_file). ERROR_USAGE: no run
 * has a bank with these. ERROR_RESULTS. */
enum status bank_members_table(const char *path, const struct table *summary, int n,
                               const char *const *metrics, struct table *members, int *n_without);
