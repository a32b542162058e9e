/* The seal of a results file: a line after HDF5's own end, the hash of all bytes before it. Without
 * it a flipped bit in a value would pass for a result, and one in a text's heap crashes HDF5
 * 1.10.8. Readers that do not know the line never see it. Against accidents, not forgery. */
#pragma once

#include <stdbool.h>

#include "io/draft.h"

/* Adds the line to what was written. ERROR_RUN. */
enum status store_seal(struct draft *draft);
/* ERROR_RESULTS where hash and contents differ, or where the seal is gone from a file that says it
 * had one; ERROR_UNREADABLE. A file of earlier days may have none: `sealed` says. Contents that
 * were once found good are not hashed again. */
enum status store_check_seal(int descriptor, bool *sealed);
/* The root attribute by which a file says that it has a seal. */
#define SEALED_ATTRIBUTE "normlab_sealed"
enum status store_fail_unsealed(void);
