/* A text written as to a file. */
#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

Test(text, what_is_written_is_the_text) {
    struct pool pool = {0};
    struct text text;
    FILE *out = text_begin(&text, &pool);
    for (int i = 0; i < 10000; i++)
        fprintf(out, "%d,", i);
    const char *whole = text_end(&text);
    cr_assert(strlen(whole) == 48890, "%zu bytes", strlen(whole));
    cr_expect(strncmp(whole, "0,1,2,", 6) == 0, "%.10s", whole);
    cr_expect_str_eq(whole + 48890 - 10, "9998,9999,", "%s", whole + 48890 - 10);
    pool_free(&pool);
}

Test(text, nothing_is_the_empty_text) {
    struct pool pool = {0};
    struct text text;
    text_begin(&text, &pool);
    const char *whole = text_end(&text);
    cr_expect_str_empty(whole, "'%s'", whole);
    pool_free(&pool);
}
