/* Which keys tell runs apart: what tables list by themselves, and what makes the arms of figures.
 */
#include "lab/table/varied_keys.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { RUNS = 4 };

static struct table runs;
static struct pool pool;

static void free_all(void) {
    table_free(&runs);
    pool_free(&pool);
}

TestSuite(varied, .fini = free_all);

static void add_texts(const char *name, const char *const texts[RUNS]) {
    memcpy(table_add(&runs, name, TYPE_TEXT, "", "")->texts, texts, RUNS * sizeof *texts);
}

static void add_integers(const char *name, const long integers[RUNS]) {
    memcpy(table_add(&runs, name, TYPE_INT, "", "")->integers, integers, RUNS * sizeof *integers);
}

static void add_reals(const char *name, const double reals[RUNS]) {
    memcpy(table_add(&runs, name, TYPE_REAL, "", "")->reals, reals, RUNS * sizeof *reals);
}

/* none, none, batch, layer; what is no key; what is constant. */
static void create(void) {
    table_create(&runs, RUNS);
    add_texts("run", (const char *[]){"r0", "r1", "r2", "r3"});
    add_texts("status", (const char *[]){"complete", "failed", "complete", "complete"});
    add_reals("optimizer.lr_effective", (double[]){0.1, 0.2, 0.3, 0.4});
    add_reals("test_error", (double[]){0.1, NAN, 0.3, 0.4});
    add_texts("model.hidden", (const char *[]){"", "", "", ""});
    add_texts("norm.kind", (const char *[]){"none", "none", "batch", "layer"});
    add_reals("norm.eps", (double[]){NAN, NAN, 1e-5, 1e-5});
    add_reals("norm.momentum", (double[]){NAN, NAN, 0.9, NAN});
}

static const char *names(int n, const struct column *const *columns) {
    const char *text = "";
    for (int i = 0; i < n; i++)
        text = pool_format(&pool, "%s%s%s", text, i ? " " : "", columns[i]->name);
    return text;
}

static const char *varied(void) {
    const struct column *columns[32];
    return names(summary_varied(&runs, columns), columns);
}

static const char *arms(int n_given, const struct column *const *given) {
    const struct column *columns[32];
    return names(summary_arms(&runs, n_given, given, columns), columns);
}

Test(varied, keys_count_where_they_apply_and_figures_do_not) {
    create();
    cr_assert_str_eq(varied(), "norm.kind", "norm.eps of batch and of none: %s", varied());
    cr_assert_str_eq(arms(0, NULL), "norm.kind", "%s", arms(0, NULL));
}

/* train.epochs applies where train.steps is auto, and stands before it. */
Test(varied, the_key_that_decides_is_listed_not_the_one_that_it_switches_off) {
    create();
    add_integers("train.epochs", (long[]){3, 3, -1, 3});
    add_integers("train.steps", (long[]){-1, -1, 100, -1});
    cr_assert_str_eq(varied(), "norm.kind train.steps", "%s", varied());
    const struct column *kind = table_find(&runs, "norm.kind");
    cr_assert_str_eq(arms(0, NULL), "norm.kind", "its steps follow from the kind: %s",
                     arms(0, NULL));
    kind->texts[2] = "none";
    cr_assert_str_eq(arms(0, NULL), "norm.kind train.steps", "%s", arms(0, NULL));
}

/* -1 is "auto" to batch norm, and nothing to the others, who have no such rows. */
Test(varied, auto_is_a_value_where_the_key_applies) {
    create();
    add_integers("norm.rows", (long[]){-1, -1, 4, -1});
    cr_assert_str_eq(varied(), "norm.kind", "%s", varied());
    table_find(&runs, "norm.kind")->texts[3] = "batch";
    cr_assert_str_eq(varied(), "norm.kind norm.rows", "%s", varied());
    cr_assert_str_eq(arms(0, NULL), "norm.kind norm.rows", "%s", arms(0, NULL));
}

/* All that differ are listed; one of two zipped keys is enough to name an arm. */
Test(varied, zipped_keys_and_seeds_are_listed_and_make_no_arms) {
    create();
    add_reals("optimizer.lr", (double[]){0.1, 0.2, 0.1, 0.2});
    add_integers("train.batch_size", (long[]){2, 4, 2, 4});
    add_integers("seed", (long[]){0, 1, 2, 3});
    add_integers("seeds.init", (long[]){7, 7, 7, 8});
    cr_assert_str_eq(varied(), "norm.kind optimizer.lr train.batch_size seed seeds.init", "%s",
                     varied());
    cr_assert_str_eq(arms(0, NULL), "norm.kind train.batch_size", "%s", arms(0, NULL));
    const struct column *given = table_find(&runs, "train.batch_size");
    cr_assert_str_eq(arms(1, &given), "norm.kind", "%s", arms(1, &given));
}

Test(varied, a_rate_that_is_swept_is_the_last_of_an_arms_keys) {
    create();
    add_reals("optimizer.lr", (double[]){0.1, 0.2, 0.2, 0.1});
    add_integers("train.batch_size", (long[]){2, 2, 4, 4});
    const struct column *kind = table_find(&runs, "norm.kind");
    for (int row = 0; row < 4; row++)
        kind->texts[row] = "none";
    cr_assert_str_eq(arms(0, NULL), "train.batch_size optimizer.lr", "%s", arms(0, NULL));
}

/* A key of a normalizer that this program was built without is a key, how much was logged is not.
 */
Test(varied, unknown_keys_count_and_volatile_ones_do_not) {
    create();
    add_reals("norm.of_another_program", (double[]){0, 1, 2, 2});
    add_texts("log.level", (const char *[]){"full", "economy", "full", "full"});
    cr_assert_str_eq(varied(), "norm.kind norm.of_another_program", "%s", varied());
    cr_assert_str_eq(arms(0, NULL), "norm.kind norm.of_another_program", "%s", arms(0, NULL));
}

Test(varied, norm_kind_comes_first_among_arms) {
    create();
    cr_assert_str_eq(runs.columns[4].name, "model.hidden", "the fourth column");
    runs.columns[4].texts[0] = "10";
    cr_assert_str_eq(varied(), "model.hidden norm.kind", "in the table's order: %s", varied());
    cr_assert_str_eq(arms(0, NULL), "norm.kind model.hidden", "%s", arms(0, NULL));
}

Test(varied, values_come_once_where_the_key_applies_in_the_order_of_the_rows) {
    static const struct {
        const char *name, *texts;
        int rows[RUNS], counts[RUNS];
    } cases[] = {
        {"norm.kind", "none batch layer", {0, 2, 3}, {2, 1, 1}},
        {"norm.eps", "1e-5", {2}, {2}},
        {"norm.momentum", "0.9", {2}, {1}},
        {"status", "complete failed", {0, 1}, {3, 1}},
        {"train.batch_size", "8 4 16", {0, 1, 3}, {2, 1, 1}},
        {"norm.rows", "4", {1}, {1}},
    };
    create();
    add_integers("train.batch_size", (long[]){8, 4, 8, 16});
    add_integers("norm.rows", (long[]){-1, 4, -1, -1});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct column_value *values;
        const char *text = "";
        int n = column_values(&runs, table_find(&runs, cases[i].name), &pool, &values);
        for (int j = 0; j < n; j++) {
            text = pool_format(&pool, "%s%s%s", text, j ? " " : "", values[j].text);
            cr_expect(values[j].row == cases[i].rows[j] && values[j].n_rows == cases[i].counts[j],
                      "%s: %s of %d rows, the first is %d", cases[i].name, values[j].text,
                      values[j].n_rows, values[j].row);
        }
        cr_expect_str_eq(text, cases[i].texts, "%s: %s", cases[i].name, text);
    }
}
