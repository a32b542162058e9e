/* The fields that a normalizer declares: how many there are, of which size, and where they start.
 */
#include <string.h>

#include "engine/kernel/reduce.h"
#include "engine/norm/normalizer.h"

int norm_fields(const struct norm_field fields[NORM_FIELDS]) {
    int n = 0;
    while (n < NORM_FIELDS && fields[n].name)
        n++;
    return n;
}

int norm_field_find(const struct norm_field fields[NORM_FIELDS], const char *name) {
    for (int i = 0; i < norm_fields(fields); i++)
        if (!strcmp(fields[i].name, name))
            return i;
    return -1;
}

int norm_field_size(const struct norm_field *field, int D) {
    return field->length == NORM_OF_LAYER ? 1 : D;
}

double norm_field_initial(const struct normalizer *kind, const struct norm_config *config,
                          const struct norm_field *field) {
    const struct key *key = kind->own_keys;
    for (int i = 0; field->initial_key && key && key[i].name; i++)
        if (!strcmp(key[i].name, field->initial_key))
            return config->own[i];
    if (!strcmp(field->name, "gamma"))
        return config->gamma_initial;
    return !strcmp(field->name, "beta") ? config->beta_initial : (double)field->initial;
}

void norm_add_shares(const struct norm *norm) {
    for (int i = 0; i < NORM_FIELDS; i++)
        if (norm->shares[i])
            norm->grad[i][0] = (float)reduce_doubles((size_t)norm->D, norm->shares[i]);
}
