/* Which data `normlab data` is asked about: a set by its name, or a path, and keys of data.*. */
#pragma once

#include "cli/output.h"
#include "engine/data/source.h"

struct data_request {
    struct data_config config;
    const char *keys; /* ", target: kind": what was said of the data, as experiment files have it */
    bool validates;   /* data.validation was said */
    struct notes notes; /* on keys that have no effect, and on names that are paths as well */
};

/* Sets and folders show what they are by themselves, unless data.name is among the words key=value.
 * ERROR_USAGE, ERROR_DATA, ERROR_UNREADABLE. All of it lives in the pool. */
enum status data_request_read(const char *place, const struct words *words, struct pool *pool,
                              struct data_request *request);
