/* Results on disk.
 *
 * One file a run, published whole or not at all; a merged file that people read. Both hold a run
 * under /runs/<id> in the same layout (results/README.md). libver bound V18, no times, close degree
 * SEMI. */
#pragma once

#include "lab/store/record.h"
#include "lab/table/table.h"

/* What the merged file says beside its runs. */
struct store_header {
    const char *name, *title, *source; /* source: program and version */
    const char *history;               /* what the program did to make it */
    const char *yaml, *resolved;       /* /experiment/yaml and /experiment/resolved */
    const char *plan; /* hash of the plan it was merged from: /experiment, attribute */
    /* The definition's file without its folder, and overrides_text; "": not known, or none. */
    const char *file, *overrides;
    bool sealed; /* of one that was read: its seal is there, and fits */
};

/* Writes `<dir>/<id>.h5` by way of a draft: closed (checked), sealed, read back (values compared),
 * published. ERROR_RUN where the folder cannot be written (message says which and why). */
MUST_CHECK enum status store_write_run(const char *dir, const struct record *record);
/* The same, made in the folder `stage` (draft_open_staged); NULL: in `dir`. */
MUST_CHECK enum status store_write_run_staged(const char *dir, const char *stage,
                                              const struct record *record);

/* Whether files are read whose seal is missing or wrong (--unsealed). */
void store_accept_unsealed(bool accepted);

/* The folder of runs that a results file is made of, where that folder is there, with a plan; NULL:
 * it is not. `path` may be the folder itself. */
const char *store_unmerged(const char *path, struct pool *pool);

/* Reads one run file. ERROR_RESULTS: not HDF5, truncated, another schema, no such run. */
enum status store_read_run(const char *path, struct record *record);
/* Only attributes and final metrics, no series: to ask "is it finished, and as what?" quickly. */
enum status store_peek_run(const char *path, struct record *record);

/* Writes the merged file, likewise, from run files (paths [n], read one by one) and the summary
 * table. */
MUST_CHECK enum status store_write_merged(const char *path, const struct store_header *header,
                                          const struct table *summary, int n,
                                          const char *const *run_paths);

/* Reads from a merged file (or a run file, where it makes sense). Texts are in the pool. */
enum status store_read_header(const char *path, struct pool *pool, struct store_header *header);
enum status store_read_summary(const char *path, struct table *summary);
/* Those of several files as one (table_join.h); of a single one as it is. ERROR_USAGE: a file that
 * is named twice. */
enum status store_read_summaries(int n, const char *const *paths, struct table *summary);
/* Hears of the provenance of runs, one after another; those that have no group are left out. */
typedef void visit_provenance(int index, const struct attributes *provenance, void *context);
/* Of the runs ids[n] of a merged file. */
enum status store_each_provenance(const char *path, int n, const char *const *ids,
                                  visit_provenance *visit, void *context);

/* Hears of runs, one after another: the shapes of their series, and no attributes. */
typedef void visit_shapes(const struct record *shapes, void *context);
/* Of the runs ids[n] of a results file. */
enum status store_each_shapes(const char *path, int n, const char *const *ids, visit_shapes *visit,
                              void *context);

/* One run of a merged file. */
enum status store_read_run_of(const char *path, const char *id, struct record *record);
/* The same with only the series whose "group/name" fits `pattern`, in which a '*' stands for digits
 * (the k of layer<k>), and the scales beside them. NULL: the shapes of all series, data NULL. */
enum status store_read_series_of(const char *path, const char *id, const char *pattern,
                                 struct record *record);
