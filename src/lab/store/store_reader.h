/* A results file being read: opened and checked. */
#pragma once

#include "io/hdf5_values.h"
#include "lab/store/fingerprint.h"

/* Groups of a run that hold attributes, not series. */
#define FINAL_GROUP "final"
#define PROVENANCE_GROUP "provenance"
/* Of the file, an attribute: what its attributes follow. */
#define CONVENTIONS_ATTRIBUTE "Conventions"
/* Of the file: the series of all runs, stacked. */
#define STACKS_GROUP "series"

/* One record is filled at a time. */
struct reader {
    int descriptor; /* to close; -1: none */
    struct hdf5_file file;
    struct hdf5_scale scale;
    size_t left; /* bytes that may still be taken from the file: hdf5_allowance */
    struct record *record;
    bool series, values; /* read series at all; and their data, not their shapes alone */
    struct fingerprint *fingerprint; /* takes the series' data, the record does not; NULL: none */
    struct record *known;            /* shapes of runs before; NULL: nobody keeps them */
    int next_known;
    const char *pattern; /* of "group/name" of the series to read; NULL: all */
    bool texts;          /* series may be texts */
    bool has_comments;   /* arrays' sentences are comments, not long names */
    const char *group;   /* where the reader is: "weights/initial"; "" at the run itself */
    int depth;
};

/* Opens and checks a file: ERROR_RESULTS with its path where it is missing, no HDF5, damaged, not
 * ours or of another schema. What to read is set after it. */
enum status reader_open(struct reader *reader, const char *path);
/* The same for what was just written, on its descriptor: without a lock, since that is held, and
 * sealed in any case. */
enum status reader_open_written(struct reader *reader, int descriptor);
/* The last word on what was read: as of hdf5_close_file. */
MUST_CHECK enum status reader_close(struct reader *reader, enum status status);
/* The id of the one run of a run file. */
enum status reader_single_run(const struct reader *reader, char id[RUN_ID_SIZE]);
/* What an array says of itself. */
enum status reader_sentence(struct reader *reader, hdf5_id dataset, struct pool *pool,
                            const char **text);
/* What stands beside the runs; texts are in the pool. store_summary.c */
enum status reader_header(struct reader *reader, struct pool *pool, struct store_header *header);
enum status reader_summary(struct reader *reader, struct table *table);
/* Fills an empty record; on failure the caller frees it. store_read.c */
enum status reader_run(struct reader *reader, const char *id, struct record *record);
/* The same of what is stacked: arrays of no run, without their values where there is a
 * fingerprint. */
enum status reader_stacks(struct reader *reader, struct record *arrays);
