/* Data sets that need no file: all of it follows from the keys data.*, and noise is f(data.seed,
 * row, feature). Classes are balanced and in random order, drawn over all rows: a longer set does
 * not begin with the rows of a shorter one. */
#pragma once

#include "engine/data/dataset.h"

/* True where data.name is a generated set. */
bool generated_is(const struct data_config *config);

/* Fills everything but the hash of a zeroed `source`. ERROR_USAGE: settings that make no set;
 * ERROR_RUN: out of memory. On failure the caller frees what is there. */
enum status generated_fill(const struct data_config *config, struct data_source *source);

/* True where both configurations, of the same name, generate the same set. */
bool generated_same(const struct data_config *a, const struct data_config *b);
