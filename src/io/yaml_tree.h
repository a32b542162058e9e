/* YAML as a tree of nodes that know where they stand: the one home of libyaml.
 *
 * A strict subset: one document, no anchors, aliases or tags, keys are plain words, each once a
 * map. Values stay text; what a text means is for its reader to say. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    struct origin origin;
    const char *text; /* scalars */
    bool quoted;      /* scalars: it was text in quotes, or a block */
    const char *key;  /* entries of a map */
    struct origin key_origin;
    int n; /* lists and maps: their entries */
    struct yaml_node *first, *next;
};

/* ERROR_USAGE "file:line:column: ..." with libyaml's own words where it understood the problem. */
enum status yaml_tree_read(const char *file, const char *text, struct pool *pool,
                           struct yaml_node **root);
