/* How a configuration key stands in the table: a row of its group, keys_data.c, keys_model.c, ...
 * A new key is a row there and a field in a config struct. */
#pragma once

#include <stddef.h>

#include "base/key.h"
#include "engine/data/source.h"
#include "engine/nn/optimizer.h"
#include "engine/norm/normalizer.h"

struct key_row {
    struct key key;
    size_t offset;       /* of the field in struct config */
    size_t count_offset; /* lists: of the field with their length */
    /* Choices among the rows of a table: their names, which become `words`. */
    const char *(*name)(int index);
    /* Keys of the normalizers, the optimizers or the data sources (those that read any of these, of
     * enum source_reads): the rows of their table that it applies to; `when` follows from it. */
    bool (*belongs_to)(const struct normalizer *kind);
    bool (*belongs_to_optimizer)(const struct optimizer *kind);
    unsigned source_reads;
    /* What follows from another table of the engine: its sentence and its `when`. */
    const char *(*make_doc)(struct pool *pool);
    const char *(*make_when)(struct pool *pool);
    const char *hint; /* what may be the matter where a value is no word of `name`, nor near one */
    bool own;         /* declared by a normalizer, stored in norm.own */
};

#define FIELD(member) .offset = offsetof(struct config, member)
#define COUNT(member) .count_offset = offsetof(struct config, member)

struct key_group {
    const struct key_row *rows;
    int n;
};

#define KEY_GROUP(table)                                                                           \
    { (table), (int)(sizeof(table) / sizeof *(table)) }

extern const struct key_group data_keys, model_keys, norm_keys, optimizer_keys, train_keys,
    seed_keys, eval_keys, log_keys;

/* Adam divides by eps in float32, where less than 1e-38 is 0 and a gradient of 0 would give 0/0.
 * Normalizers add theirs in double, but 1/sqrt(eps), rounded to float32, must not be infinite. */
#define SMALLEST_EPS 1e-30
enum { LARGEST_ROWS = 2147483647 };

/* Conditions on a row of the registry that keys of two groups share. */
bool norm_has_state(const struct normalizer *kind);
bool norm_averages(const struct normalizer *kind);
