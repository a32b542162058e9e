/* Rows that come while the program starts: what the registry and the table of keys make of them.
 * Shared objects themselves are tried by scripts/check-plugin.sh. */
#include "base/words.h"
#include "judge/check/plugin_load.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "engine/norm/normalizer.h"
#include "lab/config/cell.h"

static struct normalizer row;

static void make_row(void) {
    row = *normalizer_get(normalizer_find("none"));
    row.name = "mine";
}

TestSuite(plugin, .init = make_row);

static enum status add(void) {
    return normalizer_add(&row, (struct norm_object){"./mine.so", "0123456789abcdef"});
}

Test(plugin, an_added_row_is_a_row_like_others) {
    int before = normalizer_count();
    cr_assert(add() == OK, "%s", status_message());
    cr_assert(normalizer_count() == before + 1 && normalizer_find("mine") == before, "not found");
    cr_expect(normalizer_get(before) == &row, "another row");
    cr_expect_str_eq(normalizer_name(before), "mine");
    cr_expect_str_eq(normalizer_object(before).hash, "0123456789abcdef", "its hash is lost");
    cr_expect(!normalizer_object(0).hash, "a row of the program has a hash");
    cr_expect(words_find(key_get(key_find("norm.kind"))->words, "mine") == before,
              "norm.kind does not take it");
}

Test(plugin, names_are_words_and_taken_once) {
    static const char *const names[] = {"",    "batch", "Mine", "my-own",
                                        "a|b", "1st",   "a b",  "a_name_that_has_thirty_two_chars"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        row.name = names[i];
        cr_expect(add() == ERROR_USAGE && strstr(status_message(), names[i]), "'%s': %s", names[i],
                  status_message());
    }
    row.name = NULL;
    cr_expect(add() == ERROR_USAGE, "a row without a name");
    cr_expect(normalizer_find("mine") < 0, "it was added");
}

Test(plugin, a_full_registry_says_so) {
    static struct normalizer rows[NORM_ADDED];
    static char names[NORM_ADDED][40];
    for (int i = 0; i < NORM_ADDED; i++) {
        rows[i] = row;
        snprintf(names[i], sizeof names[i], "%.28s%d", "abcdefghijklmnopqrstuvwxyz_abc", i);
        rows[i].name = names[i];
        cr_assert(normalizer_add(&rows[i], (struct norm_object){"x", "0"}) == OK, "%s",
                  status_message());
    }
    cr_expect(add() == ERROR_USAGE && strstr(status_message(), "more than"), "%s",
              status_message());
    cr_expect_str_eq(normalizer_name(normalizer_count() - 1), names[NORM_ADDED - 1]);
    cr_expect(words_find(key_get(key_find("norm.kind"))->words, names[NORM_ADDED - 1]) ==
                  normalizer_count() - 1,
              "the words are not whole");
}

/* ---- own keys ---- */

static const struct key good = {.name = "norm.mine",
                                .type = KEY_REAL,
                                .min = 0,
                                .max = 1,
                                .initial = "0.5",
                                .unit = "1",
                                .doc = "A key."};

static void expect_refused(struct key key, const char *part) {
    const struct key keys[] = {key, {0}};
    row.own_keys = keys;
    cr_expect(key_check_own(&row) == ERROR_USAGE, "%s is taken", key.name);
    cr_expect(strstr(status_message(), part), "'%s' is not in: %s", part, status_message());
}

Test(plugin, own_keys_must_fit_the_table) {
    const struct key keys[] = {good, {0}};
    struct key key = good;
    row.own_keys = keys;
    cr_assert(key_check_own(&row) == OK, "%s", status_message());
    key.name = "mine";
    expect_refused(key, "must begin with norm.");
    key.name = "norm.eps";
    expect_refused(key, "taken by a key of normlab");
    key = good;
    key.initial = "2";
    expect_refused(key, "norm.mine");
    key = good;
    key.doc = NULL;
    expect_refused(key, "a sentence");
    key = good;
    key.type = KEY_TEXT;
    expect_refused(key, "needs a type");
    key.type = KEY_CHOICE;
    expect_refused(key, "choice with words");
}

Test(plugin, own_keys_must_agree_with_those_of_other_rows) {
    static struct normalizer other;
    const struct key keys[] = {good, {0}};
    struct key key = good;
    row.own_keys = keys;
    cr_assert(add() == OK, "%s", status_message());
    other = row;
    other.name = "other";
    cr_expect(key_check_own(&other) == OK, "%s", status_message());
    key.max = 2;
    const struct key different[] = {key, {0}};
    other.own_keys = different;
    cr_expect(key_check_own(&other) == ERROR_USAGE && strstr(status_message(), "mine has a key"),
              "%s", status_message());
}

Test(plugin, more_own_keys_than_there_is_room_for_are_refused) {
    struct key keys[NORM_OWN_KEYS + 2] = {{0}};
    char names[NORM_OWN_KEYS + 1][24];
    for (int i = 0; i <= NORM_OWN_KEYS; i++) {
        keys[i] = good;
        snprintf(names[i], sizeof names[i], "norm.k%d", i);
        keys[i].name = names[i];
    }
    row.own_keys = keys;
    cr_expect(key_check_own(&row) == ERROR_USAGE && strstr(status_message(), "more than 8"), "%s",
              status_message());
    keys[NORM_OWN_KEYS].name = NULL;
    cr_expect(key_check_own(&row) == OK, "%s", status_message());
}

/* ---- identity ---- */

Test(plugin, the_object_is_part_of_the_identity_of_its_own_runs_alone) {
    struct pool pool = {0};
    struct cell cell;
    struct config config;
    cr_assert(add() == OK, "%s", status_message());
    cell_create(&cell, &pool);
    cell_finish(&cell, &config);
    cr_expect(!strstr(cell_canonical(&cell, &pool), "norm.object"), "a run of none has an object");
    cell.values[key_find("norm.kind")].integer = normalizer_find("mine");
    cell_finish(&cell, &config);
    const char *text = cell_canonical(&cell, &pool);
    cr_expect(strstr(text, "\nnorm.object=0123456789abcdef\n"), "no object in\n%s", text);
    cr_expect(strstr(text, "norm.kind=mine\n") < strstr(text, "norm.object="), "not sorted\n%s",
              text);
    pool_free(&pool);
}

Test(plugin, a_file_that_is_none_is_a_message) {
    cr_expect(plugin_load("/nonexistent/mine.so") == ERROR_USAGE, "loaded");
    cr_expect(strstr(status_message(), "/nonexistent/mine.so: cannot be read"), "%s",
              status_message());
    cr_expect(plugin_load("Makefile") == ERROR_USAGE, "loaded");
    cr_expect(strstr(status_message(), "Makefile: cannot be loaded"), "%s", status_message());
}
