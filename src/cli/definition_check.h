/* Checks what stands in an experiment file beside the definition of its runs. */
#pragma once

#include "lab/plan/plan.h"

/* The sections tune, claim, judge and compute, which `run` has no use for, and protocols, as far as
 * the file has them. `experiment` is the file's as the command line changed it, whose protocol and
 * whose log.* count. ERROR_USAGE with file:line:column. */
enum status definition_check(const char *file, const struct experiment *experiment);

/* Warnings on standard error, before anything is trained: of a tuned file whose source was edited
 * since; */
void definition_warn_source(const struct experiment *experiment);
/* of a plan that holds what nobody may have meant, and of rates that are still to be tuned. */
void definition_warn_plan(const struct plan *plan);
