/* A summary that a stranger wrote comes out with known columns of known types, or a sentence. */
#include "lab/table/summary_check.h"

#include <criterion/criterion.h>
#include <string.h>

#include "lab/table/summary_columns.h"

enum { ROWS = 2 };

static struct table table;

/* What every summary has. */
static void fill(void) {
    table_create(&table, ROWS);
    table_add(&table, "run", TYPE_TEXT, "", "");
    table_add(&table, "status", TYPE_TEXT, "", "");
    const char **runs = table_find(&table, "run")->texts;
    const char **statuses = table_find(&table, "status")->texts;
    runs[0] = "r0123456789ab";
    runs[1] = "rabcdef012345";
    statuses[0] = "complete";
    statuses[1] = "missing";
}

static void empty(void) {
    table_free(&table);
}

TestSuite(summary_check, .init = fill, .fini = empty);

static void refused(const char *words) {
    cr_assert(summary_check(&table) == ERROR_RESULTS, "accepted, not refused: %s", words);
    cr_assert(strstr(status_message(), words), "'%s' does not say '%s'", status_message(), words);
}

Test(summary_check, two_columns_are_enough_and_unknown_ones_may_hold_anything) {
    cr_assert(summary_check(&table) == OK, "%s", status_message());
    table_add(&table, "norm.of_a_plugin", TYPE_BOOL, "", "");
    table_add(&table, "anything", TYPE_TEXT, "", "");
    cr_assert(summary_check(&table) == OK, "%s", status_message());
}

/* Each known column, once with its type and once with every other. */
Test(summary_check, known_columns_have_their_types) {
    for (int i = 0; i < summary_column_count() + key_count(); i++) {
        int key = i - summary_column_count();
        const char *name = key < 0 ? summary_column_get(i)->name : key_get(key)->name;
        enum cell_type known =
            key < 0 ? summary_column_get(i)->type : key_column_type(key_get(key));
        if (strcmp(name, "status") == 0)
            continue;
        for (enum cell_type type = TYPE_INT; type <= TYPE_BOOL; type++) {
            table_add(&table, name, type, "", "");
            if (type == known)
                cr_assert(summary_check(&table) == OK, "%s", status_message());
            else
                refused(name);
            table.n_columns--;
        }
    }
}

Test(summary_check, ids_are_texts_of_their_form_each_one_once) {
    const char **runs = table_find(&table, "run")->texts;
    static const char *const wrong[] = {
        "", ".", "..", "r", "r0123456789a", "r0123456789abc", "x0123456789ab", "r../../../../",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        runs[0] = wrong[i];
        refused("is no id of a run");
    }
    runs[0] = runs[1];
    refused("'rabcdef012345' is there twice");
    table_find(&table, "run")->type = TYPE_INT;
    refused("'run': whole numbers where texts belong");
    table_find(&table, "run")->name = "walk";
    refused("no column 'run'");
}

Test(summary_check, a_run_ends_in_one_of_four_ways) {
    struct column *status = table_find(&table, "status");
    status->texts[1] = "asleep";
    refused("no run ends as 'asleep'");
    status->type = TYPE_REAL;
    refused("'status': reals where texts belong");
    status->name = "state";
    refused("no column 'status'");
}

/* Some keys of each kind; which they are is what `normlab describe` says. */
Test(summary_check, minus_one_is_a_word_or_nothing_or_a_number) {
    static const struct {
        const char *name, *meaning;
    } columns[] = {
        {"data.train", "all"},    {"train.steps", "auto"}, {"diverged_at_step", ""},
        {"collapsed", ""},        {"norm.affine", ""},     {"train.batch_size", NULL},
        {"seed", NULL},           {"seeds.init", "auto"},  {"norm.rows", "auto_or_not_applicable"},
        {"something else", NULL},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *is = column_minus_one(columns[i].name, &pool), *should = columns[i].meaning;
        cr_assert(is && should ? !strcmp(is, should) : is == should, "%s: %s", columns[i].name,
                  is ? is : "a number");
    }
    pool_free(&pool);
}
