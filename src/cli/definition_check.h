/* Checks what stands in an experiment file beside the definition of its runs. */
#pragma once

#include "base/status.h"

/* The sections tune, claim, judge and compute, which `run` has no use for, and protocols, as far as
 * the file has them. `protocol`: NULL, "quick" or "literal". ERROR_USAGE with file:line:column. */
enum status definition_check(const char *file, const char *protocol);
