/* The one place that includes HDF5: for hdf5_file.c and hdf5_values.c. */
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>

#include "base/status.h"

/* Keeps HDF5 from printing its error stack; that switch is the thread's, so every file begins with
 * this. */
void hdf5_begin(void);
/* `fail` with what HDF5 gives as the innermost reason at the end. Call it before any other HDF5
 * function: each of them clears the reason. */
__attribute__((format(printf, 2, 3))) enum status hdf5_fail(enum status status, const char *format,
                                                            ...);
/* ERROR_RESULTS "cannot read WHAT 'name' (the file is damaged)", ERROR_RUN "cannot write WHAT
 * 'name'". */
enum status hdf5_fail_read(const char *what, const char *name);
enum status hdf5_fail_write(const char *what, const char *name);
/* ERROR_RESULTS: the name of an attribute or an object is no plain text (base/visible.h). */
enum status hdf5_check_name(const char *name);
