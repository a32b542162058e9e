/* Configuration keys and their values as they stand in a tree of YAML, each checked where it
 * stands. Every failure is ERROR_USAGE with file:line:column. */
#pragma once

#include "io/yaml_tree.h"
#include "lab/config/keys.h"

struct key_node {
    int key;
    const struct yaml_node *node;
};

/* Every key of a map, written nested or dotted: norm: {kind: x} or norm.kind: x; each once. */
enum status key_nodes_read(const struct yaml_node *map, struct pool *pool, int *n,
                           struct key_node **nodes);

/* Is it the first part of keys, such as "norm"? */
bool key_group_is(const char *name);
/* Nothing after the colon, or null. */
bool node_is_null(const struct yaml_node *node);
/* The entry of this name; NULL: there is none, or it is no map. */
const struct yaml_node *node_find(const struct yaml_node *map, const char *name);

enum status node_value(const struct yaml_node *node, const struct key *key, struct pool *pool,
                       struct value *value);

/* The values of one key in an axis or an exclusion. */
struct node_values {
    int n;
    struct value *values;   /* [n] */
    struct origin *origins; /* [n] */
};

/* A list of values, or range(n). */
enum status node_axis_values(const struct yaml_node *node, const struct key *key, struct pool *pool,
                             struct node_values *values);
/* The same, or one value. */
enum status node_excluded_values(const struct yaml_node *node, const struct key *key,
                                 struct pool *pool, struct node_values *values);
