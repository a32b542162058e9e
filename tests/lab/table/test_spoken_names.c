/* What keys and metrics are called in words. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/config/keys.h"
#include "lab/table/spoken_names.h"
#include "lab/table/summary_columns.h"

static struct pool pool;

static void end(void) {
    pool_free(&pool);
}

TestSuite(spoken_names, .fini = end);

static bool is_spoken(const char *words) {
    return *words && !strpbrk(words, "._");
}

/* Of keys that somebody adds, too; a key in the table that is no more would be a mistake there. */
Test(spoken_names, every_key_and_metric_has_words) {
    for (int i = 0; i < key_count(); i++) {
        const char *words = key_spoken(key_get(i)->name, &pool);
        cr_expect(is_spoken(words), "%s: '%s'", key_get(i)->name, words);
    }
    for (int i = 0; i < summary_column_count(); i++) {
        const char *name = summary_column_get(i)->name, *words = metric_spoken(name, &pool);
        cr_expect(is_spoken(words) || strchr(name, '.'), "%s: '%s'", name, words);
    }
}

/* On an axis two keys of one name would be one. */
Test(spoken_names, no_two_keys_that_vary_together_have_the_same_words) {
    static const char *const pairs[][2] = {{"norm.momentum", "optimizer.momentum"},
                                           {"norm.eps", "optimizer.eps"},
                                           {"norm.kind", "optimizer.kind"},
                                           {"seed", "data.seed"},
                                           {"norm.rows", "data.rows"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *a = key_spoken(pairs[i][0], &pool), *b = key_spoken(pairs[i][1], &pool);
        cr_expect(key_find(pairs[i][0]) >= 0 && key_find(pairs[i][1]) >= 0, "%s or %s is no key",
                  pairs[i][0], pairs[i][1]);
        cr_expect(strcmp(a, b) != 0, "%s and %s are both '%s'", pairs[i][0], pairs[i][1], a);
    }
}

Test(spoken_names, a_unit_stands_behind_where_the_words_do_not_say_it) {
    static const char *const cases[][3] = {{"mini-batch size", "rows", "mini-batch size (rows)"},
                                           {"training rows", "rows", "training rows"},
                                           {"learning rate", "", "learning rate"},
                                           {"learning rate", "1", "learning rate"},
                                           {"test error", "1", "test error (fraction)"},
                                           {"training loss", "nat", "training loss (nat)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = spoken_with_unit(cases[i][0], cases[i][1], &pool);
        cr_expect_str_eq(text, cases[i][2], "%s", text);
    }
    cr_expect_str_eq(spoken_with_unit("step", NULL, &pool), "step");
    cr_expect_str_eq(key_spoken("optimizer.lr", &pool), "learning rate");
    cr_expect_str_eq(metric_spoken("test_error_scored", &pool), "test error");
}
