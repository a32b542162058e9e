/* Lists that grow, sorted lists and their quantiles, and plurals. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"
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

Test(sort, each_number_is_left_once) {
    double numbers[] = {3, -1, 3, 0, -0.0, 3, INFINITY, -1, INFINITY};
    static const double unique[] = {-1, 0, 3, INFINITY};
    size_t n = sort_unique(numbers, 9);
    cr_assert(n == 4, "%zu are left", n);
    for (size_t i = 0; i < n; i++)
        cr_expect(numbers[i] == unique[i], "%zu: %g", i, numbers[i]);
    cr_expect(sort_unique(numbers, 0) == 0, "some of none");
}

/* By hand: place p (n - 1), counted from 0. */
Test(sort, quantiles_lie_between_their_neighbours) {
    static const double five[] = {1, 2, 4, 8, 16}, four[] = {-3, 1, 2, 10}, two[] = {5, INFINITY};
    static const struct {
        const double *sorted;
        size_t n;
        double p, value;
    } cases[] = {{five, 5, 0.5, 4},   {five, 5, 0.25, 2}, {five, 5, 0.75, 8},
                 {five, 5, 0, 1},     {five, 5, 1, 16},   {five, 5, 0.125, 1.5},
                 {four, 4, 0.5, 1.5}, {four, 4, 0.25, 0}, {four, 4, 0.75, 4},
                 {two, 1, 0.5, 5},    {two, 2, 0, 5},     {two, 2, 0.5, INFINITY},
                 {four, 1, 0.25, -3}, {five, 2, 0.5, 1.5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = sorted_quantile(cases[i].sorted, cases[i].n, cases[i].p);
        cr_expect(value == cases[i].value, "%zu: %g, not %g", i, value, cases[i].value);
    }
}

Test(sort, the_median_of_an_even_number_has_the_bits_of_the_mean) {
    struct random_key key = {7, RANDOM_TEST, 0};
    for (uint64_t i = 0; i < 1000; i++) {
        double pair[] = {random_uniform(key, 2 * i) - 0.5, random_uniform(key, 2 * i + 1) + 0.5};
        double median = sorted_quantile(pair, 2, 0.5), mean = (pair[0] + pair[1]) / 2;
        cr_assert(median == mean, "%.17g and %.17g: %.17g, not %.17g", pair[0], pair[1], median,
                  mean);
    }
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

Test(sort, numbers_are_found_where_they_are) {
    static const double sorted[] = {-INFINITY, -1, 0.5, 3};
    for (int i = 0; i < 4; i++)
        cr_expect(find_number(sorted[i], sorted, 4) == i, "%g not found", sorted[i]);
    cr_expect(find_number(0, sorted, 4) == -1 && find_number(4, sorted, 4) == -1, "not there");
}

/* The undefined-behaviour sanitizer minds a NULL that qsort or bsearch gets. */
Test(sort, none_may_be_null) {
    sort_numbers(NULL, 0);
    sort_texts(NULL, 0);
    cr_expect(sort_unique(NULL, 0) == 0, "some of none");
    cr_expect(find_text("b", NULL, 0) == -1 && find_number(1, NULL, 0) == -1, "among none");
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
