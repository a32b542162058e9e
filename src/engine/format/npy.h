/* .npy files, NumPy's format of one array, versions 1.0 to 3.0: a magic word, a version, a header
 * that is a literal of Python, the values.
 *
 * The header is taken apart by its grammar and never executed; arrays of Python's objects, which
 * are pickles, are refused. */
#pragma once

#include "engine/format/array.h"

/* One dimension or more, in C's order, or Fortran's of at most two dimensions; values finite.
 * `like`: as of array_read. ERROR_DATA with the file's name. */
enum status npy_read(const char *path, const struct array *like, struct array *array);
