/* Fields of a claim's sections, read from a tree of YAML; every mistake is ERROR_USAGE with
 * file:line:column. */
#pragma once

#include "judge/measure.h"
#include "lab/yaml_tree.h"

/* The file as a tree. */
enum status fields_read_file(const char *file, struct pool *pool, struct yaml_node **root);
/* The entry of this name, or NULL; of anything but a map NULL. */
const struct yaml_node *node_find(const struct yaml_node *map, const char *name);
enum status node_text(const struct yaml_node *node, struct pool *pool, const char **text);
enum status node_number(const struct yaml_node *node, double *number);
/* The index of a word of "a|b|c". */
enum status node_word(const struct yaml_node *node, const char *words, long *index);
/* A name of a column, or {column | series: ..., take: ..., ...}: see measure.h. */
enum status measure_read(const struct yaml_node *node, struct pool *pool, struct measure *measure);
