/* A metric as a claim file writes it. */
#pragma once

#include "judge/claim/metric.h"
#include "lab/config/fields.h"

/* A name of a column, or {column | series: ..., take: ..., ...}: see metric.h. */
enum status metric_read(const struct yaml_node *node, struct pool *pool, struct metric *metric);

/* For the reference of the file format. */
extern const struct section metric_section, metric_when_section, metric_over_section;
