/* Sections by their tables: what is read, refused and missing, and the reference made of the rows.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/config/fields.h"

struct bench {
    const char *name, *made_of, *maker;
    double length;
    struct value colour;
    bool is_old;
    int n_others;
    const struct yaml_node *legs;
};

static const struct field fields[] = {
    {.name = "name",
     .read = field_text,
     .offset = offsetof(struct bench, name),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .required = "name: what it is called",
     .doc = "What it is called."},
    {.name = "colour",
     .read = field_any,
     .offset = offsetof(struct bench, colour),
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "red|green"},
     .doc = "Its colour."},
    {.name = "length",
     .read = field_number,
     .offset = offsetof(struct bench, length),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL, .max = 10, .above_min = true},
     .may_be_empty = true,
     .doc = "Its length."},
    {.name = "material",
     .alias = "stuff",
     .read = field_text,
     .offset = offsetof(struct bench, made_of),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .doc = "What it is made of."},
    {.name = "old",
     .read = field_bool,
     .offset = offsetof(struct bench, is_old),
     .form = FORM_ONE,
     .value = {.type = KEY_BOOL},
     .doc = "Is it old?"},
    {.name = "legs",
     .read = field_node,
     .offset = offsetof(struct bench, legs),
     .form = FORM_LIST,
     .value = {.type = KEY_TEXT},
     .what = "leg",
     .like = "[left, right]",
     .doc = "Its legs."},
    {.name = "maker",
     .read = field_text,
     .offset = offsetof(struct bench, maker),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "word",
     .pattern = "^[a-z]+$",
     .like = "anna",
     .doc = "Who made it."},
};

static const struct section section = {.name = "bench", SECTION_FIELDS(fields)};

static struct pool pool;

static void setup(void) {
    pool = (struct pool){0};
}

static void teardown(void) {
    pool_free(&pool);
}

TestSuite(fields, .init = setup, .fini = teardown);

static enum status read_as(const struct section *as, const char *text, struct bench *bench) {
    struct yaml_node *root = NULL;
    cr_assert(yaml_tree_read("b.yaml", text, &pool, &root) == OK, "%s", status_message());
    return section_read(as, root, &pool, bench);
}

Test(fields, each_row_fills_its_member) {
    struct bench bench = {0};
    enum status status = read_as(&section,
                                 "{length: 1.5, name: oak, colour: green, material: wood, "
                                 "old: true, legs: [1, 2]}",
                                 &bench);
    cr_assert(!status, "%s", status_message());
    cr_expect(!strcmp(bench.name, "oak") && !strcmp(bench.made_of, "wood"));
    cr_expect(bench.length == 1.5 && bench.colour.integer == 1 && bench.is_old);
    cr_expect(bench.legs && bench.legs->n == 2);
}

Test(fields, what_may_be_empty_stays_as_it_was) {
    struct bench bench = {.length = 7};
    cr_assert(read_as(&section, "{name: a, length: }", &bench) == OK, "%s", status_message());
    cr_expect(bench.length == 7);
}

Test(fields, an_old_name_is_read_but_not_beside_the_new_one) {
    struct bench bench = {0};
    cr_assert(read_as(&section, "{name: a, stuff: iron}", &bench) == OK, "%s", status_message());
    cr_expect(!strcmp(bench.made_of, "iron"));
    cr_expect(read_as(&section, "{name: a, stuff: iron, material: wood}", &bench) == ERROR_USAGE);
    cr_expect(strstr(status_message(), "b.yaml:1:11: stuff: is the old name of material"), "%s",
              status_message());
}

Test(fields, mistakes_are_named_where_they_stand) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{name: a, lenght: 3}",
         "b.yaml:1:11: bench: unknown field 'lenght' (did you mean 'length'?)"},
        {"{name: a, xyzzy: 3}", "b.yaml:1:11: bench: unknown field 'xyzzy'; here stand name, "
                                "colour, length, material, old, legs, maker"},
        {"{length: 3}", "b.yaml:1:1: bench: has no name: what it is called"},
        {"{name: a, legs: 3}",
         "b.yaml:1:17: legs: must be a list of legs, like [left, right], not a single value"},
        {"{name: a, length: long}", "b.yaml:1:19: length: 'long' is not a finite number"},
        {"{name: a, length: 11}", "b.yaml:1:19: length: 11 is outside its range, above 0 to 10"},
        {"{name: a, maker: two words}", "b.yaml:1:18: maker: must be a word, like anna"},
        {"{name: [a]}", "b.yaml:1:8: name: must be a text, not a list"},
        {"{name: a, colour: blue}", "b.yaml:1:19: colour: 'blue'"},
        {"{name: a, old: 2}", "b.yaml:1:16: old: '2'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench = {0};
        cr_expect(read_as(&section, cases[i].text, &bench) == ERROR_USAGE, "%s", cases[i].text);
        cr_expect(!strncmp(status_message(), cases[i].message, strlen(cases[i].message)),
                  "%s: %s\nnot: %s", cases[i].text, status_message(), cases[i].message);
    }
}

/* Both orders meet the same mistake: the one of the file its first, the one of the rows theirs. */
Test(fields, rows_may_be_read_in_their_own_order) {
    struct section in_row_order = section;
    const char *text = "{length: long, colour: blue, name: a}";
    struct bench bench = {0};
    in_row_order.in_row_order = true;
    cr_assert(read_as(&section, text, &bench) && strstr(status_message(), "length:"), "%s",
              status_message());
    cr_assert(read_as(&in_row_order, text, &bench) && strstr(status_message(), "colour:"), "%s",
              status_message());
    cr_assert(read_as(&in_row_order, "{colour: blue}", &bench) == ERROR_USAGE &&
                  strstr(status_message(), "has no name"),
              "%s", status_message());
    cr_assert(read_as(&in_row_order, "{name: 3, xyzzy: 1}", &bench) == ERROR_USAGE &&
                  strstr(status_message(), "unknown field 'xyzzy'"),
              "%s", status_message());
}

static enum status count(const struct yaml_node *node, const struct section *of, struct pool *in,
                         void *target) {
    struct bench *bench = target;
    cr_assert(of->other == count && in == &pool && node->key[0] == 'x');
    bench->n_others++;
    return OK;
}

Test(fields, entries_without_a_row_may_have_a_reader_or_be_kept_apart) {
    struct section open = section;
    struct bench bench = {0};
    open.other = count;
    cr_assert(read_as(&open, "{x1: 1, name: a, x2: 2}", &bench) == OK && bench.n_others == 2);
    struct yaml_node *root = NULL;
    cr_assert(yaml_tree_read("b.yaml", "{x1: 1, stuff: a, x2: 2}", &pool, &root) == OK);
    const struct yaml_node *rest = section_rest(&section, root, &pool);
    cr_assert(rest->n == 2 && !strcmp(rest->first->key, "x1"));
    cr_assert(!strcmp(rest->first->next->key, "x2") && !rest->first->next->next);
    cr_assert(root->n == 3, "the map itself has lost entries");
}

static void expect_form(const struct field *field, const char *form) {
    const char *said = field_form(field, &pool);
    cr_expect(!strcmp(said, form), "%s, not %s", said, form);
}

Test(fields, the_reference_says_what_stands_in_a_field) {
    expect_form(section_find(&section, "colour"), "`red`, `green`");
    expect_form(section_find(&section, "stuff"), "text");
    expect_form(section_find(&section, "length"), "number, above 0 to 10");
    expect_form(section_find(&section, "legs"), "list of legs");
    expect_form(section_find(&section, "old"), "true or false");
    cr_expect(!section_find(&section, "xyzzy"));
    const struct field seeds = {.form = FORM_ONE | FORM_LIST | FORM_SEQUENCE,
                                .same_as = "seed",
                                .what = "seed"},
                       part = {.form = FORM_MAP, .section = &section},
                       keys = {.form = FORM_ENTRIES, .keys = FORM_ONE},
                       chosen = {
                           .form = FORM_ONE, .value = {.type = KEY_TEXT}, .choice = &key_choice};
    expect_form(&seeds, "seed, or list of seeds, or range");
    expect_form(&part, "map");
    expect_form(&keys, "list of maps of keys");
    expect_form(&chosen, "key");
}
