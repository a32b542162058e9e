#include "cli/word_list.h"

#include "base/key.h"

enum status words_split(const struct command *command, const struct arguments *arguments,
                        const char *option, struct pool *pool, struct words *words) {
    const char *text = argument_text(command, arguments, option);
    size_t most = SPARE_WORDS + 1;
    for (const char *at = text; at && *at; at++)
        most += *at == ',';
    *words = (struct words){0, pool_alloc(pool, most * sizeof *words->items)};
    for (bool more = text; more;) {
        size_t size = list_item_size(text);
        if (size == 0)
            return fail(ERROR_USAGE, "--%s: has an empty word between its commas", option);
        words->items[words->n++] = pool_format(pool, "%.*s", (int)size, text);
        more = text[size] == ',';
        text += size + more;
    }
    return OK;
}
