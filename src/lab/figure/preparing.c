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

const char *next_item(const char **at, struct pool *pool) {
    *at += strspn(*at, " ,[]");
    size_t size = strcspn(*at, ",]");
    if (size == 0)
        return NULL;
    const char *item = *at;
    *at += size;
    while (size > 0 && item[size - 1] == ' ')
        size--;
    return pool_format(pool, "%.*s", (int)size, item);
}
