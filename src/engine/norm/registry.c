/* The list of normalizers, and those that shared objects add. */
#include <string.h>

#include "engine/norm/normalizer.h"

/* The one list. A new normalizer: one file in this folder, row(name) here. */
#define NORMALIZERS(row)                                                                           \
    row(none) row(batch) row(layer) row(group) row(rms) row(batch_renorm) row(batch_noisy)         \
        row(whole) row(dropout) row(population) row(literal_variance) row(literal_square)          \
            row(literal_both) row(dyt) row(derf)

#define DECLARE(name) extern const struct normalizer normalizer_##name;
NORMALIZERS(DECLARE)

#define ROW(name) &normalizer_##name,
static const struct normalizer *const registry[] = {NORMALIZERS(ROW)};

enum { BUILT_IN = sizeof registry / sizeof *registry, LONGEST_NAME = 31 };

static struct {
    int n;
    const struct normalizer *rows[NORM_ADDED];
    struct norm_object objects[NORM_ADDED];
} added;

int normalizer_count(void) {
    return BUILT_IN + added.n;
}

const struct normalizer *normalizer_get(long index) {
    return index < BUILT_IN ? registry[index] : added.rows[index - BUILT_IN];
}

struct norm_object normalizer_object(long index) {
    return index < BUILT_IN ? (struct norm_object){NULL, NULL} : added.objects[index - BUILT_IN];
}

long normalizer_find(const char *name) {
    for (int i = 0; i < normalizer_count(); i++)
        if (!strcmp(normalizer_get(i)->name, name))
            return i;
    return -1;
}

const char *normalizer_name(int index) {
    return index < normalizer_count() ? normalizer_get(index)->name : NULL;
}

/* Names are words of norm.kind, and parts of results and of figures. */
static bool is_name(const char *name) {
    size_t length = strlen(name);
    return length > 0 && length <= LONGEST_NAME && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

enum status normalizer_add(const struct normalizer *row, struct norm_object object) {
    if (!row->name || !is_name(row->name))
        return fail(ERROR_USAGE,
                    "'%s' is no name of a normalizer: up to %d of a-z, 0-9 and _, a letter first",
                    row->name ? row->name : "", LONGEST_NAME);
    if (normalizer_find(row->name) >= 0)
        return fail(ERROR_USAGE, "there is a normalizer '%s' already; `normlab list normalizers`",
                    row->name);
    if (added.n == NORM_ADDED)
        return fail(ERROR_USAGE, "more than %d normalizers from shared objects", NORM_ADDED);
    added.rows[added.n] = row;
    added.objects[added.n++] = object;
    return OK;
}

size_t norm_saved_size(const struct normalizer *kind, const struct norm_config *config, int B,
                       int D) {
    return kind->saved_size ? kind->saved_size(config, B, D) : 0;
}
