/* The listing of a worklist, for `normlab run --dry-run`. */
#pragma once

#include "lab/runner/worklist.h"

/* A line a run of this shard, then sums: steps, time, memory, runs of other versions. */
void dry_run_list(const struct worklist *worklist, FILE *out);
/* The same for programs: a row a run, its columns run, state (todo, done), steps, bytes,
 * seconds (0 when done) and the keys that vary; the last row, `total`, is what is to do: its steps,
 * the memory at the worst moment, and the seconds that pass until all is done. */
void dry_run_table(const struct worklist *worklist, struct table *table);
/* Keys for programs: a row a key that applies to one of the plan's runs and is part of
 * their identity; its columns key, values (those of the runs, | between them) and from: `file`,
 * or `default` where the experiment leaves the key to its default, in one of the runs at least. */
void dry_run_keys(const struct plan *plan, struct table *table);
/* The memory that is needed at the worst moment, when the largest of the runs that are left are
 * trained at the same time. */
double dry_run_bytes(const struct worklist *worklist);
