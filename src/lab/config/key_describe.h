/* What `normlab describe` says about a key, from the table alone. */
#pragma once

#include "base/pool.h"

/* The cells a key with a `when` applies to: "norm.kind=batch and optimizer.kind=sgd". */
const char *key_when_text(int index, struct pool *pool);
/* Human-readable description of one key, as `normlab describe` prints it. */
const char *key_describe(int index, struct pool *pool);
