/* What `normlab describe` says about a key, from the table alone. */
#pragma once

#include "base/key.h"

/* "whole number"; "0 to 1, or auto" or its words, NULL where there is nothing to say. */
const char *key_type_name(const struct key *key);
const char *key_range_text(const struct key *key, struct pool *pool);
/* The cells a key with a `when` applies to: "norm.kind=batch and optimizer.kind=sgd". */
const char *key_when_text(int index, struct pool *pool);
/* Human-readable description of one key, as `normlab describe` prints it. */
const char *key_describe(int index, struct pool *pool);
