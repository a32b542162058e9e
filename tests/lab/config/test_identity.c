/* A run's identity: everything that decides about bits is in it, nothing else. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "lab/config/identity.h"

static const char data_hash[] = "0123456789abcdef0123456789abcdef";

Test(identity, is_r_and_twelve_digits) {
    char id[RUN_ID_SIZE];
    run_identity("norm.kind=batch\n", data_hash, id);
    cr_assert(id[0] == 'r' && strlen(id) == 13, "'%s'", id);
    for (int i = 1; i < 13; i++)
        cr_assert(isdigit((unsigned char)id[i]) || (id[i] >= 'a' && id[i] <= 'f'), "'%s'", id);
}

Test(identity, is_the_hash_of_schema_numerics_data_and_text) {
    char text[256], digits[HASH_TEXT_SIZE], id[RUN_ID_SIZE];
    snprintf(text, sizeof text, "schema=%d\nnumerics=%d\ndata=%s\nnorm.kind=batch\n", SCHEMA,
             NUMERICS, data_hash);
    hash_block(text, strlen(text), digits);
    run_identity("norm.kind=batch\n", data_hash, id);
    cr_assert(!strncmp(id + 1, digits, 12), "'%s' is not of '%s'", id, digits);
}

Test(identity, changes_with_text_and_data) {
    char a[RUN_ID_SIZE], b[RUN_ID_SIZE], c[RUN_ID_SIZE], again[RUN_ID_SIZE];
    run_identity("norm.kind=batch\n", data_hash, a);
    run_identity("norm.kind=layer\n", data_hash, b);
    run_identity("norm.kind=batch\n", "1123456789abcdef0123456789abcdef", c);
    run_identity("norm.kind=batch\n", data_hash, again);
    cr_assert(strcmp(a, b) != 0, "another configuration, the same id %s", a);
    cr_assert(strcmp(a, c) != 0, "other data, the same id %s", a);
    cr_assert(!strcmp(a, again), "%s, then %s", a, again);
}
