#include "tests/engine/norm/variants.h"

#include <criterion/criterion.h>
#include <string.h>

#include "judge/check/fixture.h"

static const struct variant {
    const char *kind, *key;
    double value;
} variants[] = {
    {"batch", "norm.rows", 2},
    {"batch", "norm.rows", 4},
    {"group", "norm.groups", 1},
    {"group", "norm.groups", 2},
    {"batch_renorm", "norm.rows", 4},
    {"batch_renorm", "norm.r_max", 1.25},
    {"batch_renorm", "norm.d_max", 0.25},
    {"batch_noisy", "norm.rows", 2},
    {"batch_noisy", "norm.r_sigma", 0},
    {"dropout", "norm.rate", 0.1},
    {"dropout", "norm.rate", 0.9},
    {"dyt", "norm.alpha_initial", 2},
    {"derf", "norm.alpha_initial", 0.125},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

void fixture_set(struct norm_config *config, const char *key, double value) {
    const struct key *own = normalizer_get(config->kind)->own_keys;
    for (int i = 0; own && own[i].name; i++)
        if (!strcmp(own[i].name, key)) {
            config->own[i] = value;
            return;
        }
    cr_assert(false, "%s has no key %s", normalizer_get(config->kind)->name, key);
}

int fixture_config_count(void) {
    return normalizer_count() + VARIANTS;
}

struct norm_config fixture_config_get(int index) {
    if (index < normalizer_count())
        return fixture_config(index);
    const struct variant *variant = &variants[index - normalizer_count()];
    struct norm_config config = fixture_config(normalizer_find(variant->kind));
    fixture_set(&config, variant->key, variant->value);
    return config;
}
