/* Every law on every row of the registry, the ones of tomorrow included; and each law finds the
 * mistake that it is there for. */
#include "judge/check/laws.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/engine/norm/variants.h"
#include "tests/judge/check/faulty.h"

Test(norm_laws, rows_are_found_by_their_names) {
    cr_assert(normalizer_count() >= 3, "none, batch and layer must be there");
    for (int i = 0; i < normalizer_count(); i++) {
        const char *name = normalizer_get(i)->name;
        cr_assert(normalizer_find(name) == i, "%s is not found by its name", name);
        cr_assert_str_eq(normalizer_name(i), name);
    }
    cr_assert(!normalizer_name(normalizer_count()), "a name past the last");
    cr_assert(normalizer_find("no such") == -1, "an unknown name was found");
    cr_assert(normalizer_find("") == -1, "the empty name was found");
}

Test(norm_laws, batch_norm_takes_two_rows_and_not_one) {
    struct norm_config config = fixture_config(normalizer_find("batch"));
    cr_assert(!fixture_allowed(&config, 1, 100), "batch norm took one row");
    cr_assert(fixture_allowed(&config, 2, 100), "batch norm refused two rows");
}

Test(norm_laws, every_row_keeps_every_law) {
    for (int c = 0; c < fixture_config_count(); c++) {
        struct norm_config config = fixture_config_get(c);
        const char *name = normalizer_get(config.kind)->name;
        int judged = 0;
        for (int i = 0; i < law_count(); i++) {
            struct law_result result;
            law_judge(law_get(i), &config, &result);
            cr_expect(result.verdict != LAW_BROKEN, "%s, law %s (%s): %g %s, %s", name,
                      law_get(i)->name, law_get(i)->says, result.measured, law_get(i)->unit,
                      result.detail);
            judged += result.verdict == LAW_HOLDS;
        }
        cr_expect(judged >= 14, "%s: only %d laws had something to judge", name, judged);
    }
}

/* ---- each law is there for a mistake ---- */

static struct law_result judge(const char *row, const char *law) {
    struct law_result result = {0};
    struct norm_config config = fixture_config(normalizer_find(row));
    for (int i = 0; i < law_count(); i++)
        if (!strcmp(law_get(i)->name, law)) {
            law_judge(law_get(i), &config, &result);
            return result;
        }
    cr_assert(false, "no law %s", law);
    return result;
}

/* The rows from which the others are made keep all laws: what they are caught for is their mistake.
 */
Test(judge_laws, the_sound_rows_keep_every_law) {
    static const char *const rows[] = {"sound", "faulty_squashing"};
    faulty_register();
    for (int i = 0; i < 2 * law_count(); i++) {
        const struct law *law = law_get(i / 2);
        struct law_result result = judge(rows[i % 2], law->name);
        cr_expect(result.verdict != LAW_BROKEN, "%s, law %s: %g, %s", rows[i % 2], law->name,
                  result.measured, result.detail);
    }
}

Test(judge_laws, every_planted_mistake_is_found) {
    faulty_register();
    for (int i = 0; i < faulty_count(); i++) {
        const struct faulty *faulty = faulty_get(i);
        struct law_result result = judge(faulty->row->name, faulty->law);
        cr_expect(result.verdict == LAW_BROKEN, "%s: law %s does not find it (%g, %s)",
                  faulty->row->name, faulty->law, result.measured, result.detail);
        cr_expect(*result.detail, "%s: law %s does not say where", faulty->row->name, faulty->law);
    }
}

/* A law that no mistake is planted for might as well not be there. */
Test(judge_laws, every_law_has_a_mistake_to_find) {
    for (int i = 0; i < law_count(); i++) {
        bool planted = law_get(i)->bound != law_get(i)->bound;
        for (int k = 0; k < faulty_count(); k++)
            planted |= !strcmp(faulty_get(k)->law, law_get(i)->name);
        cr_expect(planted, "no planted mistake for law %s", law_get(i)->name);
    }
}

/* ---- facts ---- */

static void expect_fact(const char *row, const char *law, const char *training) {
    struct law_result result = judge(row, law);
    cr_expect(result.verdict == LAW_FACT, "%s, %s: no fact", row, law);
    cr_expect(strstr(result.detail, training), "%s, %s: %s", row, law, result.detail);
}

/* Table 1 of Ba, Kiros & Hinton 2016, read column by column. */
Test(judge_laws, invariances_are_the_known_ones) {
    static const char *const laws[] = {"scale",      "shift",         "scale_unit",
                                       "shift_unit", "scale_example", "shift_example"};
    static const char *const of_batch[] = {"yes", "yes", "yes", "yes", "no", "no"};
    static const char *const of_layer[] = {"yes", "yes", "no", "no", "yes", "yes"};
    static const char *const without[] = {"none", "dyt", "derf"};
    for (int i = 0; i < 6; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "training: %s; ", of_batch[i]);
        expect_fact("batch", laws[i], expected);
        snprintf(expected, sizeof expected, "training: %s; evaluation: %s", of_layer[i],
                 of_layer[i]);
        expect_fact("layer", laws[i], expected);
        expect_fact("batch", laws[i], "evaluation: no");
        for (int k = 0; k < 3; k++)
            expect_fact(without[k], laws[i], "training: no; evaluation: no");
    }
    cr_expect(judge("batch", "rows").measured == 2 && judge("none", "rows").measured == 1,
              "smallest mini-batches");
}
