/* Writes texts into memory, whole. The C library's open_memstream would do it, but drops what does
 * not fit, and neither ferror nor fclose of glibc 2.36 says so. */
#define _GNU_SOURCE /* fopencookie */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static ssize_t keep(void *cookie, const char *bytes, size_t size) {
    struct text *text = cookie;
    if (text->room - text->size < size) {
        size_t room = 2 * (text->size + size);
        char *larger = realloc(text->bytes, room);
        if (!larger)
            pool_fail(room);
        text->bytes = larger;
        text->room = room;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    return (ssize_t)size;
}

FILE *text_begin(struct text *text, struct pool *pool) {
    *text = (struct text){.pool = pool};
    text->out = fopencookie(text, "w", (cookie_io_functions_t){.write = keep});
    char *buffer = pool_alloc(pool, BUFSIZ);
    if (!text->out || setvbuf(text->out, buffer, _IOFBF, BUFSIZ) != 0)
        pool_fail(BUFSIZ);
    return text->out;
}

char *text_end(struct text *text) {
    fputc('\0', text->out);
    int lost = ferror(text->out);
    if (fclose(text->out) != 0 || lost)
        pool_fail(text->size);
    char *copy = pool_text(text->pool, text->bytes);
    free(text->bytes);
    *text = (struct text){0};
    return copy;
}
