#include "lab/store/record.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(record);

Test(record, copies_what_it_is_given) {
    struct record record = {0};
    char name[] = "norm.kind", text[] = "batch", unit[] = "rows";
    attributes_add_text(&record, &record.config, name, text, NULL);
    attributes_add_int(&record, &record.config, "train.batch_size", 64, unit, NULL);
    memset(name, 'x', sizeof name - 1);
    memset(text, 'x', sizeof text - 1);
    memset(unit, 'x', sizeof unit - 1);
    const struct attribute *kind = attributes_find(&record.config, "norm.kind");
    cr_assert(kind && strcmp(kind->text, "batch") == 0, "the text was not copied");
    cr_assert(strcmp(attributes_find(&record.config, "train.batch_size")->unit, "rows") == 0,
              "the unit was not copied");
    record_free(&record);
}

Test(record, keeps_all_types_and_their_order_while_growing) {
    struct record record = {0};
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "key%d", i);
        attributes_add_real(&record, &record.final, name, i / 3.0, "s", "a sentence");
    }
    attributes_add_bool(&record, &record.final, "flag", true, NULL);
    attributes_add_text(&record, &record.final, "nothing", NULL, NULL);
    cr_assert(record.final.n == 102, "%d attributes", record.final.n);
    for (int i = 0; i < 100; i++)
        cr_assert(record.final.items[i].real == i / 3.0, "value %d is lost", i);
    cr_assert(record.final.items[100].type == TYPE_BOOL && record.final.items[100].integer == 1,
              "the flag is lost");
    cr_assert(strcmp(record.final.items[101].text, "") == 0, "no text is not the empty text");
    cr_assert(!attributes_find(&record.final, "key"), "a prefix was found");
    cr_assert(record.config.n == 0, "another list has changed");
    record_free(&record);
    cr_assert(record.final.n == 0 && !record.final.items, "a freed record still has attributes");
}

Test(record, copies_series_and_finds_them_by_group_and_name) {
    struct record record = {0};
    for (int i = 0; i < 50; i++) {
        char group[32];
        float data[6] = {(float)i, 1, 2, 3, 4, 5};
        snprintf(group, sizeof group, "layer%d", i);
        record_add_series(&record, &(struct series){.group = group,
                                                    .name = "gamma",
                                                    .unit = "",
                                                    .doc = "scale",
                                                    .type = SERIES_F32,
                                                    .n_dims = 2,
                                                    .dims = {2, 3},
                                                    .dim_names = {"epoch", "unit"},
                                                    .data = data});
    }
    const struct series *series = record_find_series(&record, "layer37", "gamma");
    cr_assert(series, "layer37/gamma was not found");
    cr_assert(((const float *)series->data)[0] == 37, "its data are those of another");
    cr_assert(series_count(series) == 6, "%zu elements", series_count(series));
    cr_assert(strcmp(series->dim_names[1], "unit") == 0, "dimension '%s'", series->dim_names[1]);
    cr_assert(!record_find_series(&record, "layer37", "beta"), "an unknown name was found");
    cr_assert(!record_find_series(&record, "layer", "gamma"), "an unknown group was found");
    record_free(&record);
}

Test(record, a_scalar_series_has_one_element_and_an_empty_one_none) {
    struct series scalar = {.n_dims = 0}, empty = {.n_dims = 2, .dims = {0, 5}};
    cr_assert(series_count(&scalar) == 1, "%zu", series_count(&scalar));
    cr_assert(series_count(&empty) == 0, "%zu", series_count(&empty));
    cr_assert(series_element_size(SERIES_F32) == 4, "float");
    cr_assert(series_element_size(SERIES_F64) == 8, "double");
    cr_assert(series_element_size(SERIES_I64) == 8, "integer");
}
