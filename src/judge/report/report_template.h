/* The page's parts: files of share/report with places {{name}} in them, which the program fills.
 * What stands between {{?name}} and {{/name}} is left out where the place is empty. */
#pragma once

#include <stdio.h>

#include "base/pool.h"
#include "base/status.h"

/* What stands at a place: a text of HTML (NULL or "": empty), or what a function writes. */
struct place {
    const char *name, *text;
    enum status (*put)(FILE *out, void *context);
};

/* As arguments of template_put. */
#define PLACES(array) (int)(sizeof(array) / sizeof *(array)), (array)

/* The part's text, "page.html". ERROR_RUN: it is nowhere, or cannot be read. */
enum status template_read(const char *name, struct pool *pool, const char **text);
/* Writes the template with its places filled. ERROR_RUN: one of them nobody fills, or one of
 * `places` is not in it; and what a place's function returns. */
enum status template_put(FILE *out, const char *text, int n, const struct place *places,
                         void *context);
