#include <string.h>

#include "norm/normalizer.h"

/* The one list. A new normalizer: one file in this folder, two words here. */
#define NORMALIZERS(row)                                                                           \
    row(none) row(batch) row(layer) row(group) row(rms) row(batch_renorm) row(batch_noisy)         \
        row(whole) row(dropout) row(literal_variance) row(literal_square) row(literal_both)

#define DECLARE(name) extern const struct normalizer normalizer_##name;
NORMALIZERS(DECLARE)

#define ROW(name) &normalizer_##name,
static const struct normalizer *const registry[] = {NORMALIZERS(ROW)};

#define WORD(name) "|" #name
static const char words[] = NORMALIZERS(WORD);

int normalizer_count(void) {
    return (int)(sizeof registry / sizeof *registry);
}

const struct normalizer *normalizer_get(long index) {
    return registry[index];
}

long normalizer_find(const char *name) {
    for (int i = 0; i < normalizer_count(); i++)
        if (!strcmp(registry[i]->name, name))
            return i;
    return -1;
}

const char *normalizer_words(void) {
    return words + 1;
}

int norm_fields(const struct norm_field fields[NORM_FIELDS]) {
    int n = 0;
    while (n < NORM_FIELDS && fields[n].name)
        n++;
    return n;
}

size_t norm_saved_size(const struct normalizer *kind, const struct norm_config *config, int B,
                       int D) {
    return kind->saved_size ? kind->saved_size(config, B, D) : 0;
}
