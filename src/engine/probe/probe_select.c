/* log.probes: which probes are selected by name. */
#include <string.h>

#include "base/words.h"
#include "engine/probe/probe.h"

static const char separators[] = " ,\t\n";

/* The next word of a list, and its size (0: no more). */
static const char *next_word(const char **at, size_t *size) {
    const char *word = *at + strspn(*at, separators);
    *size = strcspn(word, separators);
    *at = word + *size;
    return word;
}

static bool equals(const char *word, size_t size, const char *name) {
    return strlen(name) == size && !memcmp(word, name, size);
}

/* Its name, its family, or "group/name". */
static bool means(const char *word, size_t size, const struct probe *probe) {
    const char *group = probe_group(probe->axis), *slash = memchr(word, '/', size);
    size_t before = slash ? (size_t)(slash - word) : 0;
    if (slash)
        return equals(word, before, group) && equals(slash + 1, size - before - 1, probe->name);
    return equals(word, size, probe->name) || equals(word, size, probe_family(probe));
}

bool probe_selected(const struct probe *probe, const char *words) {
    size_t size;
    for (const char *word = next_word(&words, &size); size > 0; word = next_word(&words, &size))
        if (means(word, size, probe))
            return true;
    return false;
}

static bool is_known(const char *word, size_t size) {
    for (int i = 0; i < probe_count(); i++)
        if (means(word, size, probe_get(i)))
            return true;
    return false;
}

static enum status fail_unknown(const char *text) {
    struct pool pool = {0};
    int n = probe_count();
    const char **names = pool_alloc(&pool, 2 * (size_t)n * sizeof *names);
    for (int i = 0; i < n; i++) {
        names[2 * i] = probe_get(i)->name;
        names[2 * i + 1] = probe_family(probe_get(i));
    }
    const char *near = nearest_word(text, names, 2 * n);
    pool_free(&pool);
    if (near)
        return fail_key(ERROR_USAGE, "log.probes", "no probe '%s' (did you mean '%s'?)", text,
                        near);
    return fail_key(ERROR_USAGE, "log.probes", "no probe '%s'; `normlab list probes` lists all",
                    text);
}

enum status probe_check_words(const char *words) {
    size_t size;
    for (const char *word = next_word(&words, &size); size > 0; word = next_word(&words, &size)) {
        if (is_known(word, size))
            continue;
        struct pool pool = {0};
        enum status status = fail_unknown(pool_format(&pool, "%.*s", (int)size, word));
        pool_free(&pool);
        return status;
    }
    return OK;
}

static bool has_word(const char *words, const char *wanted, size_t wanted_size) {
    size_t size;
    for (const char *word = next_word(&words, &size); size > 0; word = next_word(&words, &size))
        if (size == wanted_size && !memcmp(word, wanted, size))
            return true;
    return false;
}

const char *probe_join_words(const char *a, const char *b, struct pool *pool) {
    const char *both = pool_text(pool, a);
    size_t size;
    for (const char *word = next_word(&b, &size); size > 0; word = next_word(&b, &size))
        if (!has_word(both, word, size))
            both = pool_format(pool, "%s%s%.*s", both, *both ? " " : "", (int)size, word);
    return both;
}
