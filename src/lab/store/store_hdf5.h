/* What store.c, store_write.c and store_read.c share: the one place that includes HDF5.
 *
 * store.c publishes files and words errors, store_write.c makes objects, store_read.c reads runs,
 * store_summary.c what stands beside them. */
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>

#include "lab/store/store.h"

/* Groups of a run that hold attributes, not series. */
#define FINAL_GROUP "final"
#define PROVENANCE_GROUP "provenance"

/* Keeps HDF5 from printing its error stack; that switch is the thread's, so every public function
 * of the store begins with this. */
void hdf5_begin(void);
/* `fail` with what HDF5 gives as the innermost reason at the end. Call it before any other HDF5
 * function: each of them clears the reason. */
__attribute__((format(printf, 2, 3))) enum status hdf5_fail(enum status status, const char *format,
                                                            ...);
/* Closes an id of any kind; negative ids are none. */
void hdf5_close(hid_t id);

/* A run file ends with a line after HDF5's own end: the hash of all bytes before it. Without it a
 * flipped bit in a value would pass for a result, and one in a text's heap crashes HDF5 1.10.8.
 * Readers that do not know the line never see it. ERROR_RUN; ERROR_RESULTS where hash and contents
 * differ (a file without the line, repacked by some tool, is OK). */
enum status store_seal(const char *path);
enum status store_check_seal(const char *path);

/* A file being read; one record is filled at a time. */
struct reader {
    const char *path;
    hid_t file;
    size_t most_elements; /* no honest dataset of this file has more */
    struct record *record;
    bool series, values; /* read series at all; and their data, not their shapes alone */
    const char *pattern; /* of "group/name" of the series to read; NULL: all */
    const char *group;   /* where the reader is: "weights/initial"; "" at the run itself */
    int depth;
    enum status status; /* what a visit of a link came to */
};

/* Opens and checks a file: ERROR_RESULTS with its path where it is missing, no HDF5, damaged, not
 * ours or of another schema. What to read is set after it. */
enum status reader_open(struct reader *reader, const char *path);
void reader_close(struct reader *reader);
/* ERROR_RESULTS "cannot read WHAT 'name'", with HDF5's reason. */
enum status reader_fail(const char *what, const char *name);
/* The id of the one run of a run file. */
enum status reader_single_run(const struct reader *reader, char id[RUN_ID_SIZE]);
/* Fills an empty record; on failure the caller frees it. */
enum status reader_run(struct reader *reader, const char *id, struct record *record);
/* A text attribute of an object; "" where there is none. */
enum status reader_text_attribute(hid_t object, const char *name, struct pool *pool,
                                  const char **text);
/* A dataset's dimensions, checked against what the file can hold. */
enum status reader_shape(const struct reader *reader, hid_t dataset, int most_dims, int *n_dims,
                         size_t *dims);
