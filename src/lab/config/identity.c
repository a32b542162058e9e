/* Makes a run's id from its canonical text and its data. */
#include "lab/config/identity.h"

#include <string.h>

#include "base/hash.h"

enum { ID_DIGITS = RUN_ID_SIZE - 2 };

void run_identity(const char *canonical, const char *data_hash, char id[RUN_ID_SIZE]) {
    struct pool pool = {0};
    const char *text = pool_format(&pool, "schema=%d\nnumerics=%d\ndata=%s\n%s", SCHEMA, NUMERICS,
                                   data_hash, canonical);
    char digits[HASH_TEXT_SIZE];
    hash_block(text, strlen(text), digits);
    id[0] = 'r';
    memcpy(id + 1, digits, ID_DIGITS);
    id[1 + ID_DIGITS] = 0;
    pool_free(&pool);
}

bool run_id_begins(const char *text) {
    return text[0] == 'r' && strspn(text + 1, "0123456789abcdef") == RUN_ID_SIZE - 2;
}
