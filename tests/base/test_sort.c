/* Lists that grow, sorted lists, and plurals. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/pool.h"
#include "base/sort.h"
#include "base/words.h"

Test(sort, numbers_go_upwards) {
    double numbers[] = {3, -1, 1e300, 0.5, -1e-300, 3};
    static const double sorted[] = {-1, -1e-300, 0.5, 3, 3, 1e300};
    sort_numbers(numbers, 6);
    for (int i = 0; i < 6; i++)
        cr_expect(numbers[i] == sorted[i], "%d: %g", i, numbers[i]);
    sort_numbers(numbers, 0);
}

Test(sort, texts_are_found_where_they_are) {
    const char *texts[] = {"r7", "r10", "b", "", "r7x"};
    static const char *const sorted[] = {"", "b", "r10", "r7", "r7x"};
    sort_texts(texts, 5);
    for (int i = 0; i < 5; i++) {
        cr_expect_str_eq(texts[i], sorted[i], "%d: %s", i, texts[i]);
        cr_expect(find_text(sorted[i], texts, 5) == i, "'%s' not found", sorted[i]);
    }
    cr_expect(find_text("r", texts, 5) == -1 && find_text("r8", texts, 5) == -1, "not there");
    cr_expect(find_text("b", texts, 0) == -1, "among none");
}

Test(sort, a_list_grows_and_keeps_its_items) {
    struct pool pool = {0};
    int *items = NULL, capacity = 0, copies = 0;
    for (int n = 0; n < 1000; n++) {
        int *grown = pool_grow(&pool, items, n, &capacity, sizeof *items);
        copies += grown != items;
        items = grown;
        cr_assert(n < capacity, "no room for item %d in %d", n, capacity);
        items[n] = 7 * n;
    }
    for (int n = 0; n < 1000; n++)
        cr_assert(items[n] == 7 * n, "item %d is %d", n, items[n]);
    cr_expect(copies == 7, "it was copied %d times: 16, 32, ..., 1024", copies);
    pool_free(&pool);
}

Test(sort, one_has_no_plural) {
    cr_expect(!*plural(1), "1 run");
    cr_expect(!strcmp(plural(0), "s") && !strcmp(plural(2), "s") && !strcmp(plural(-1), "s"), "s");
}
