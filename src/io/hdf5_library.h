/* The one place that includes HDF5: for hdf5_file.c and hdf5_values.c. */
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdbool.h>

#include "base/status.h"

/* Keeps HDF5 from printing its error stack; that switch is the thread's, so every file begins with
 * this. */
void hdf5_begin(void);
/* Properties of a transfer of values between file and memory: HDF5 works in a small buffer, where
 * it would fill a megabyte with zeros for each dataset that it converts. */
hid_t hdf5_transfer(void);
/* `fail` with what HDF5 gives as the innermost reason at the end. Call it before any other HDF5
 * function: each of them clears the reason. */
__attribute__((format(printf, 2, 3))) enum status hdf5_fail(enum status status, const char *format,
                                                            ...);
/* Reading has failed for a reason outside the file (a failing disk, memory): the first one since
 * hdf5_begin is kept. HDF5's yes-or-no questions answer no then. */
void hdf5_note_error(int error);
int hdf5_noted_error(void); /* 0: none */
/* An answer of HDF5 as yes or no; notes where there was no memory to find out. */
bool hdf5_yes(htri_t answer);
/* ERROR_RESULTS "cannot read WHAT 'name' (the file is damaged)", ERROR_RUN "cannot write WHAT
 * 'name'". */
enum status hdf5_fail_read(const char *what, const char *name);
enum status hdf5_fail_write(const char *what, const char *name);
/* ERROR_RESULTS: the name of an attribute or an object is no plain text (base/visible.h). */
enum status hdf5_check_name(const char *name);
