/* For scripts/analysis.sh: what fails is never OK, which analyzers cannot know of a function in another file. */
#include "base/status.h"

#define fail(status, ...)     (fail(status, __VA_ARGS__), (status))
#define fail_in(status, ...)  (fail_in(status, __VA_ARGS__), (status))
#define fail_at(status, ...)  (fail_at(status, __VA_ARGS__), (status))
#define fail_key(status, ...) (fail_key(status, __VA_ARGS__), (status))
