/* Finds the page's parts and fills their places. */
#include "judge/report/report_template.h"

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

/* A page that lacks something must not look like one that is whole. */
static enum status check_places(const char *text, int n, const struct place *places) {
    struct pool pool = {0};
    enum status status = OK;
    for (int i = 0; i < n && !status; i++)
        if (!strstr(text, pool_format(&pool, "%s%s%s", opening, places[i].name, closing)))
            status = fail(ERROR_RUN, "a part of the page has no place {{%s}}", places[i].name);
    pool_free(&pool);
    return status;
}

static enum status put_place(FILE *out, const char *name, size_t size, int n,
                             const struct place *places, void *context) {
    for (int i = 0; i < n; i++) {
        const struct place *place = &places[i];
        if (strlen(place->name) != size || strncmp(place->name, name, size) != 0)
            continue;
        if (place->put)
            return place->put(out, context);
        fputs(place->text, out);
        return OK;
    }
    return fail(ERROR_RUN, "nothing fills the place {{%.*s}} of the page", (int)size, name);
}

enum status template_put(FILE *out, const char *text, int n, const struct place *places,
                         void *context) {
    enum status status = check_places(text, n, places);
    for (const char *open; !status && (open = strstr(text, opening));) {
        const char *name = open + strlen(opening), *close = strstr(name, closing);
        if (!close)
            return fail(ERROR_RUN, "a part of the page opens a place and never closes it");
        fprintf(out, "%.*s", (int)(open - text), text);
        status = put_place(out, name, (size_t)(close - name), n, places, context);
        text = close + strlen(closing);
    }
    if (!status)
        fputs(text, out);
    return status;
}
