/* The options of a figure: what stands beside `script` in an experiment file, and as key=value
 * after `normlab plot FILE`. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

struct figure_option {
    const char *name;
    const char *doc;   /* a sentence */
    bool for_script;   /* handed to the script as it is; else it says what is drawn */
    const char *words; /* "y|n": the values there are */
    /* Can `value` be meant, for a figure of that script? NULL: any text can. */
    enum status (*check)(const char *script, const char *name, const char *value);
};

int figure_option_count(void);
const struct figure_option *figure_option_get(int index);
const struct figure_option *figure_option_find(const char *name); /* NULL: unknown */

/* The next word of a value, "a, b" or "[a, b]", which ends at one of `separators`; NULL at the end.
 */
const char *figure_option_word(const char **at, const char *separators, struct pool *pool);
/* Is the option known and its value possible, as far as no results are needed to say so? A script
 * of the user's own may have options of its own. ERROR_USAGE, without a position. */
enum status figure_option_check(const char *script, const char *name, const char *value);
/* Has a figure of that script a "panel" (or "row") for each value of a key? ERROR_USAGE. */
enum status figure_grid_check(const char *script, const char *name);
/* Is there such a figure, or is it a path of the user's own script? ERROR_USAGE. */
enum status figure_script_check(const char *script);
