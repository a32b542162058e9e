/* Fields of a claim's sections, read from a tree of YAML; every mistake is ERROR_USAGE with
 * file:line:column. */
#pragma once

#include "lab/config/key_nodes.h"

/* The file as a tree. */
enum status fields_read_file(const char *file, struct pool *pool, struct yaml_node **root);
/* The map without the entries that `left_out` names; in the pool. */
const struct yaml_node *node_without(const struct yaml_node *map,
                                     bool (*left_out)(const char *name, const void *argument),
                                     const void *argument, struct pool *pool);
enum status node_text(const struct yaml_node *node, struct pool *pool, const char **text);
enum status node_number(const struct yaml_node *node, double *number);
/* The index of a word of "a|b|c". */
enum status node_word(const struct yaml_node *node, const char *words, long *index);
