/* The one table of configuration keys, and the typed configuration of a run that it fills. */
#pragma once

#include "base/key.h"
#include "engine/nn/trainer.h"
#include "engine/probe/probe.h"
#include "lab/config/condition.h"

enum log_test { LOG_TEST_NEVER, LOG_TEST_FINAL, LOG_TEST_EPOCH };
enum log_weights { LOG_WEIGHTS_NONE, LOG_WEIGHTS_INITIAL, LOG_WEIGHTS_FINAL, LOG_WEIGHTS_BOTH };

/* What the keys log.* say: volatile, no part of a run's identity. */
struct log_config {
    long level;         /* enum log_level */
    long test;          /* enum log_test */
    long weights;       /* enum log_weights */
    const char *probes; /* beyond the level, by name: probe_selected */
};

struct config {
    struct run_config run;
    struct log_config log;
};

/* The table: fixed keys plus the normalizers' own, in a fixed order. */
int key_count(void);
const struct key *key_get(int index);
int key_find(const char *name); /* -1: unknown */
/* All names, in order: [key_count()]. */
const char **key_names(struct pool *pool);
/* ERROR_USAGE "unknown key 'x' (did you mean 'y'?)" unless the name is in the table. */
enum status key_require(const char *name, int *index);
/* value_parse, whose message may say more of a key of the table. */
enum status key_parse(const struct key *key, const char *text, struct pool *pool,
                      struct value *value);
/* Its default, parsed. */
const struct value *key_default(int index);
/* The conditions of its `when`, which must all hold; returns how many there are. */
int key_conditions(int index, const struct condition **conditions);
/* Puts a value into its field of the configuration; a normalizer's own key: of row norm.kind. */
void key_store(int index, const struct value *value, struct config *config);
/* Is the value part of a run's identity? Not where the key is volatile, nor where it was added
 * after schema 1 and is at its default. */
bool key_identifies(const struct key *key, const struct value *value);

/* Are the keys that a row declares as its own fit for the table: in form, and beside those of
 * normlab and of the other rows of the registry? ERROR_USAGE where not. */
enum status key_check_own(const struct normalizer *kind);
