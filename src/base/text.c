/* Writes texts into memory, whole. */
#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>

FILE *text_begin(struct text *text, struct pool *pool) {
    *text = (struct text){.pool = pool};
    text->out = open_memstream(&text->bytes, &text->size);
    if (!text->out)
        pool_fail(BUFSIZ);
    return text->out;
}

char *text_end(struct text *text) {
    bool lost = ferror(text->out) != 0;
    if (fclose(text->out) != 0 || lost)
        pool_fail(text->size);
    char *copy = pool_text(text->pool, text->bytes);
    free(text->bytes);
    *text = (struct text){0};
    return copy;
}
