/* Scripts made from templates: text with {{names}}, each replaced by a value. */
#pragma once

#include "base/pool.h"
#include "base/status.h"

struct script_value {
    const char *name, *text;
};

/* The template with its values in place. A line that begins with a name whose value is "" is
 * left out.
 * ERROR_USAGE "PATH:LINE: ..." for a name that none has ("did you mean ...?"). */
enum status script_fill(const char *path, const char *text, int n,
                        const struct script_value *values, struct pool *pool, const char **script);

/* A word of an #SBATCH line: sbatch has no shell read it, and has quotes of its own. ERROR_USAGE: a
 * control character, which no such line can have. */
enum status script_sbatch_word(const char *word, struct pool *pool, const char **quoted);
