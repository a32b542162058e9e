/* A metric as a claim file writes it. */
#pragma once

#include "io/yaml_tree.h"
#include "judge/claim/metric.h"

/* A name of a column, or {column | series: ..., take: ..., ...}: see metric.h. */
enum status metric_read(const struct yaml_node *node, struct pool *pool, struct metric *metric);
