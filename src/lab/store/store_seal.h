/* The seal of a run file: a line after HDF5's own end, the hash of all bytes before it. Without it
 * a flipped bit in a value would pass for a result, and one in a text's heap crashes HDF5 1.10.8.
 * Readers that do not know the line never see it. */
#pragma once

#include "base/status.h"

/* ERROR_RUN. */
enum status store_seal(const char *path);
/* ERROR_RESULTS where hash and contents differ (a file without the line, repacked by some tool, is
 * OK). */
enum status store_check_seal(const char *path);
