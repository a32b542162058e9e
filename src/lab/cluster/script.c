/* Fills templates of scripts. */
#include "lab/cluster/script.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "base/visible.h"
#include "base/words.h"

static const struct script_value *find_value(const char *name, int n,
                                             const struct script_value *values) {
    for (int i = 0; i < n; i++)
        if (strcmp(values[i].name, name) == 0)
            return &values[i];
    return NULL;
}

static enum status unknown_name(const char *name, int n, const struct script_value *values,
                                struct pool *pool) {
    const char **names = pool_alloc(pool, (size_t)n * sizeof *names + 1);
    for (int i = 0; i < n; i++)
        names[i] = values[i].name;
    const char *near = nearest_word(name, names, n);
    return near ? fail(ERROR_USAGE, "nothing is called {{%s}} (did you mean {{%s}}?)", name, near)
                : fail(ERROR_USAGE, "nothing is called {{%s}}", name);
}

/* "" in *filled: the line is left out. */
static enum status fill_line(const char *line, int n, const struct script_value *values,
                             struct pool *pool, const char **filled) {
    const char *done = "", *open;
    while ((open = strstr(line, "{{"))) {
        const char *close = strstr(open, "}}");
        if (!close)
            return fail(ERROR_USAGE, "{{ without }}");
        const char *name = pool_format(pool, "%.*s", (int)(close - open - 2), open + 2);
        const struct script_value *value = find_value(name, n, values);
        if (!value)
            return unknown_name(name, n, values, pool);
        if (!*value->text && open == line && !*done) {
            *filled = "";
            return OK;
        }
        done = pool_format(pool, "%s%.*s%s", done, (int)(open - line), line, value->text);
        line = close + 2;
    }
    *filled = pool_format(pool, "%s%s\n", done, line);
    return OK;
}

enum status script_fill(const char *path, const char *text, int n,
                        const struct script_value *values, struct pool *pool, const char **script) {
    struct text made;
    FILE *out = text_begin(&made, pool);
    enum status status = OK;
    for (int number = 1; *text && !status; number++) {
        size_t length = strcspn(text, "\n");
        const char *filled = "";
        status = fill_line(pool_format(pool, "%.*s", (int)length, text), n, values, pool, &filled);
        if (status)
            fail_in(status, "%s:%d", path, number);
        fputs(filled, out);
        text += length + (text[length] == '\n');
    }
    const char *whole = text_end(&made);
    if (!status)
        *script = whole;
    return status;
}

/* In double quotes a blank, a # and a ' are themselves; outside, a blank ends the word even behind
 * a backslash. */
enum status script_sbatch_word(const char *word, struct pool *pool, const char **quoted) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=,.:/@%[]";
    char *made = pool_alloc(pool, 2 * strlen(word) + 3), *to = made;
    *quoted = word;
    if (word[text_plain(word)] || strpbrk(word, "\n\t"))
        return fail(ERROR_USAGE, "'%s' has a character that no #SBATCH line can have",
                    text_visible(word, pool));
    if (strspn(word, plain) == strlen(word))
        return OK;
    *to++ = '"';
    for (const char *from = word; *from; from++) {
        if (*from == '"' || *from == '\\')
            *to++ = '\\';
        *to++ = *from;
    }
    *to = '"';
    *quoted = made;
    return OK;
}
