/* The seal of a results file: a line after HDF5's own end, the hash of all bytes before it. Without
 * it a flipped bit in a value would pass for a result, and one in a text's heap crashes HDF5
 * 1.10.8. Readers that do not know the line never see it. Against accidents, not forgery. */
#pragma once

#include "io/draft.h"

/* Adds the line to what was written. ERROR_RUN. */
enum status store_seal(struct draft *draft);
/* ERROR_RESULTS where hash and contents differ (a file without the line, repacked by some tool, is
 * OK); ERROR_UNREADABLE. */
enum status store_check_seal(int descriptor);
