/* The section `tune` of an experiment file: which rates are tried, with which seeds, and what
 * decides.
 *
 *     tune:
 *       grid: [0.0125, 0.025, 0.05, 0.1]    # or {start: 0.0125, factor: 2, count: 4}
 *       seeds: range(100, 103)              # none of the experiment's own
 *       key: optimizer.lr                   # the rest: defaults
 *       by: validation_error                # or validation_loss
 *       same_grid_within: [train.batch_size]
 *       set: {}                             # other values for tuning, such as fewer epochs
 */
#pragma once

#include "judge/tune/rate_choice.h"
#include "lab/config/fields.h"
#include "lab/plan/experiment.h"

/* Rates in a file: one can lie between others, and room is left for those that are added. */
enum { LEAST_GRID = 3, MOST_GRID = 32 };

struct tuning {
    int key;
    struct rate_grid grid;
    int n_seeds;
    const struct value *seeds;
    const char *by;
    int n_within, n_set;
    const int *within;   /* [n_within] keys: cells that share their values share a grid */
    const int *set_keys; /* [n_set] */
    const struct value *set_values;   /* [n_set] */
    struct origin origin, set_origin; /* of the section, and of its `set` */
};

/* ERROR_USAGE with file:line:column; also where there is no such section. */
enum status tuning_read(const struct experiment *experiment, struct pool *pool,
                        struct tuning *tuning);
/* Does it say what is written down, and nothing of the training? Trials have their own. */
bool key_is_log(const struct key *key);
/* The map `set` of a protocol's section, "quick" or "literal", which stands in the file's text
 * alone. NULL: none. */
const struct yaml_node *tune_protocol_set(const struct experiment *experiment, const char *protocol,
                                          struct pool *pool);

/* For the reference of the file format. */
extern const struct section tune_section, tune_grid_section;
