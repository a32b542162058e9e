/* Arrays in HDF5 files, whoever wrote them: datasets of plain numbers, which lie in the file
 * itself.
 */
#pragma once

#include "engine/format/array.h"
#include "io/hdf5_file.h"

/* The dataset `name` of an open file, of one dimension or more; values finite. `like`: as of
 * array_read. ERROR_DATA, ERROR_UNREADABLE; the message begins with the dataset. */
enum status hdf5_array_read(const struct hdf5_file *file, const char *name,
                            const struct array *like, struct array *array);
