/* Conditions in words: what is read, what holds. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/config/condition.h"

static struct pool pool;

static void setup(void) {
    pool = (struct pool){0};
}

static void teardown(void) {
    pool_free(&pool);
}

TestSuite(condition, .init = setup, .fini = teardown);

static struct condition read(const char *text) {
    struct condition condition = {0};
    cr_assert(condition_read(text, &pool, &condition) == OK, "%s", status_message());
    return condition;
}

Test(condition, has_a_name_a_relation_and_values) {
    static const struct {
        const char *text, *name;
        enum relation relation;
        int n_values;
        const char *last;
    } cases[] = {
        {"norm.kind=batch", "norm.kind", EQUAL, 1, "batch"},
        {"norm.kind=batch|layer", "norm.kind", EQUAL, 2, "layer"},
        {"norm.kind!=none|group|rms", "norm.kind", NOT_EQUAL, 3, "rms"},
        {"model.hidden!=[]", "model.hidden", NOT_EQUAL, 1, "[]"},
        {"seed==3", "seed", EQUAL, 1, "3"},
        {"seed<=3", "seed", AT_MOST, 1, "3"},
        {"seed>=3", "seed", AT_LEAST, 1, "3"},
        {"seed<-1e3", "seed", BELOW, 1, "-1e3"},
        {"seed>3|4", "seed", ABOVE, 1, "3|4"},
        {"norm.kind=", "norm.kind", EQUAL, 1, ""},
        {"norm.kind=a|", "norm.kind", EQUAL, 2, ""},
        {"figure.where=a=b", "figure.where", EQUAL, 1, "a=b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct condition condition = read(cases[i].text);
        cr_expect(!strcmp(condition.text, cases[i].text) &&
                      !strcmp(condition.name, cases[i].name) &&
                      condition.relation == cases[i].relation &&
                      condition.n_values == cases[i].n_values &&
                      !strcmp(condition.values[condition.n_values - 1], cases[i].last),
                  "%s: name %s, relation %d, %d values", cases[i].text, condition.name,
                  (int)condition.relation, condition.n_values);
    }
}

Test(condition, what_is_none_is_refused_and_leaves_nothing) {
    const char *const texts[] = {"", "norm.kind", "=batch", "!=batch", "seed!3", "<3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct condition condition = {.name = "untouched"};
        cr_expect(condition_read(texts[i], &pool, &condition) == ERROR_USAGE, "'%s'", texts[i]);
        cr_expect(!strcmp(condition.name, "untouched") && strstr(status_message(), texts[i]),
                  "'%s': %s", texts[i], status_message());
    }
}

Test(condition, several_have_spaces_between_them) {
    struct condition *all = NULL;
    int n = 0;
    cr_assert(conditions_read("optimizer.kind=sgd optimizer.momentum!=0", &pool, &n, &all) == OK);
    cr_assert(n == 2 && !strcmp(all[0].name, "optimizer.kind") &&
              !strcmp(all[1].name, "optimizer.momentum") && all[1].relation == NOT_EQUAL);
    cr_assert(conditions_read("seed=1 seed", &pool, &n, &all) == ERROR_USAGE && n == 2);
    cr_assert(conditions_read("", &pool, &n, &all) == OK && n == 0);
}

Test(condition, holds_for_one_of_the_values_or_for_none_of_them) {
    struct condition is = read("norm.kind=batch|layer"), is_not = read("norm.kind!=batch|layer");
    cr_expect(condition_holds(&is, "batch") && condition_holds(&is, "layer"));
    cr_expect(!condition_holds(&is, "group") && !condition_holds(&is, "bat"));
    cr_expect(!condition_holds(&is_not, "batch") && condition_holds(&is_not, "group"));
    struct condition nowhere = read("norm.kind=");
    cr_expect(!condition_holds(&nowhere, "batch"));
}

Test(condition, relations_of_numbers) {
    cr_expect(relation_holds(2, EQUAL, 2) && !relation_holds(2, EQUAL, 3));
    cr_expect(relation_holds(NAN, EQUAL, NAN) && !relation_holds(NAN, NOT_EQUAL, NAN));
    cr_expect(relation_holds(NAN, NOT_EQUAL, 1) && !relation_holds(NAN, AT_MOST, 1));
    cr_expect(relation_holds(2, AT_MOST, 2) && !relation_holds(2, BELOW, 2));
    cr_expect(relation_holds(2, AT_LEAST, 2) && !relation_holds(2, ABOVE, 2));
    cr_expect(relation_holds(1, BELOW, 2) && relation_holds(3, ABOVE, 2));
}
