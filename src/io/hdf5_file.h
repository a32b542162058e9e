/* HDF5 files: opened, closed, and what they hold listed; hdf5_values.h reads and writes numbers and
 * texts. All that can fail says so, with HDF5's innermost reason at the end of the message: what
 * reads with ERROR_RESULTS, or ERROR_UNREADABLE where it may be read another time; what writes with
 * ERROR_RUN. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

typedef int64_t hdf5_id; /* of an open group or dataset; negative: none */

struct hdf5_file {
    hdf5_id id;
    struct hdf5_medium *medium;                    /* hdf5_driver.h */
    size_t size;                                   /* of one that is read: bytes */
    hdf5_id group_plist, dataset_plist, text_type; /* of one that is written */
};
extern const struct hdf5_file hdf5_no_file;

/* Files are reached through a descriptor, which stays the caller's and open until the file is
 * closed. */

/* Before anything else is read: it begins as HDF5 files do, and no other program writes to it
 * while the descriptor is open. */
enum status hdf5_check(int descriptor);
/* An existing file, to read. */
enum status hdf5_open(int descriptor, struct hdf5_file *file);
/* A new file, in an empty one. Objects keep the order in which they are made and have no times,
 * with which two files of one run would differ. */
enum status hdf5_create(int descriptor, struct hdf5_file *file);
/* The last word on all that was read or written. OK or `status`, what has come before it; but
 * ERROR_UNREADABLE where something could not be read now, whatever it was taken for, and ERROR_RUN
 * where something could not be written, or is still open. Once; a file that is closed already is
 * OK. */
MUST_CHECK enum status hdf5_close_file(struct hdf5_file *file, enum status status);
const char *hdf5_version(void);

/* The group at a path below `parent`, made where it is missing, as are those on the way. */
enum status hdf5_make_group(const struct hdf5_file *file, hdf5_id parent, const char *path,
                            hdf5_id *group);
/* Names are those of links in `parent`; one that leads elsewhere is refused, and so is a dataset
 * whose values lie in another file. */
enum status hdf5_open_group(hdf5_id parent, const char *name, hdf5_id *group);
enum status hdf5_open_dataset(hdf5_id parent, const char *name, hdf5_id *dataset);
/* Either; *is_group says which. Neither: *object is none, and the status OK. */
enum status hdf5_open_object(hdf5_id parent, const char *name, hdf5_id *object, bool *is_group);
/* A group or dataset, or none. OK or `status`, what has come before it; ERROR_RUN where closing
 * fails, which may be where something is written. */
MUST_CHECK enum status hdf5_close(hdf5_id object, enum status status);
bool hdf5_has(hdf5_id parent, const char *name);

/* Visits the names in a group in the order in which they were made, until a visit fails.
 * `called`: the group in messages. */
typedef enum status hdf5_visit_name(hdf5_id group, const char *name, void *context);
enum status hdf5_each_name(hdf5_id group, const char *called, hdf5_visit_name *visit,
                           void *context);

/* ---- scales, which datasets have along their dimensions ---- */

enum { HDF5_DIMS = 3 }; /* of a dataset that normlab writes, at most */
bool hdf5_is_scale(hdf5_id dataset);
/* The scale that was met last in a file: most series of a group have the same. */
enum { HDF5_NAME_SIZE = 1024 };
struct hdf5_scale {
    uint64_t place; /* in the file; 0: none */
    char name[HDF5_NAME_SIZE];
};
/* The names [n_dims] that the scales along its dimensions were given. */
enum status hdf5_scale_names(hdf5_id dataset, int n_dims, struct hdf5_scale *last,
                             struct pool *pool, const char **names);
/* Are all parts of a dataset of values of `size` bytes there? HDF5 gives zeros for those that a
 * writer who was killed has not written. ERROR_RESULTS: they are not. */
enum status hdf5_check_whole(hdf5_id dataset, size_t size);
