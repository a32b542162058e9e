/* The folders of one plan put together, with nothing else than what is in them. */
#pragma once

#include "lab/merge/merge.h"

/* The runs of the folders' common plan.json. ERROR_RESULTS: no plan.json, or the folders are parts
 * of different experiments. ERROR_UNREADABLE: a plan or run that cannot be read now. */
enum status merge_folders(struct merge *merge, int n_dirs, const char *const *dirs);
