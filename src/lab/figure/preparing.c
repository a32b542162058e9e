/* Reads the options of a figure in preparation. */
#include "lab/figure/preparing.h"

#include <string.h>

const char *preparing_option(const struct preparing *work, const char *name) {
    for (int i = 0; i < work->figure->n_options; i++)
        if (!strcmp(work->figure->option_names[i], name))
            return work->figure->option_values[i];
    return NULL;
}

bool preparing_is_ours(const struct preparing *work) {
    return figure_kind_find(work->figure->script) != NULL;
}
