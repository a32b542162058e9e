/* Finds the page's parts and fills their places. */
#include "judge/report/report_template.h"

#include <stdbool.h>
#include <string.h>

#include "io/files.h"
#include "io/install_paths.h"

enum status template_read(const char *name, struct pool *pool, const char **text) {
    const char *path = share_find(pool_format(pool, "report/%s", name), pool);
    char *read;
    if (!path)
        return fail(ERROR_RUN,
                    "the page's part '%s' is not installed: looked in share/report of the source "
                    "tree and in share/normlab/report; NORMLAB_SHARE names another folder",
                    name);
    enum status status = file_read(path, pool, &read);
    if (!status)
        *text = read;
    return status;
}

static const char opening[] = "{{", closing[] = "}}";

static bool has_place(const char *text, const char *name) {
    struct pool pool = {0};
    bool found = strstr(text, pool_format(&pool, "%s%s%s", opening, name, closing)) ||
                 strstr(text, pool_format(&pool, "%s?%s%s", opening, name, closing));
    pool_free(&pool);
    return found;
}

/* A page that lacks something must not look like one that is whole. */
static enum status check_places(const char *text, int n, const struct place *places) {
    for (int i = 0; i < n; i++)
        if (!has_place(text, places[i].name))
            return fail(ERROR_RUN, "a part of the page has no place {{%s}}", places[i].name);
    return OK;
}

static const struct place *find_place(const char *name, size_t size, int n,
                                      const struct place *places) {
    for (int i = 0; i < n; i++)
        if (strlen(places[i].name) == size && !strncmp(places[i].name, name, size))
            return &places[i];
    (void)fail(ERROR_RUN, "nothing fills the place {{%.*s}} of the page", (int)size, name);
    return NULL;
}

static enum status put_place(FILE *out, const struct place *place, void *context) {
    if (!place)
        return ERROR_RUN;
    if (place->put)
        return place->put(out, context);
    if (place->text)
        fputs(place->text, out);
    return OK;
}

/* At {{?name}}, whose inner part begins at *text: goes behind {{/name}} where the place is empty.
 */
static enum status begin_optional(const struct place *place, const char **text) {
    struct pool pool = {0};
    if (!place)
        return ERROR_RUN;
    const char *close = pool_format(&pool, "%s/%s%s", opening, place->name, closing),
               *end = strstr(*text, close);
    size_t length = strlen(close);
    pool_free(&pool);
    if (!end)
        return fail(ERROR_RUN, "a part of the page opens {{?%s}} and never closes it", place->name);
    if (!place->put && !(place->text && *place->text))
        *text = end + length;
    return OK;
}

enum status template_put(FILE *out, const char *text, int n, const struct place *places,
                         void *context) {
    enum status status = check_places(text, n, places);
    for (const char *open; !status && (open = strstr(text, opening));) {
        const char *name = open + strlen(opening), *close = strstr(name, closing);
        if (!close)
            return fail(ERROR_RUN, "a part of the page opens a place and never closes it");
        fprintf(out, "%.*s", (int)(open - text), text);
        text = close + strlen(closing);
        size_t size = (size_t)(close - name);
        if (*name == '?')
            status = begin_optional(find_place(name + 1, size - 1, n, places), &text);
        else if (*name != '/')
            status = put_place(out, find_place(name, size, n, places), context);
    }
    if (!status)
        fputs(text, out);
    return status;
}
