/* What is asked of columns of /summary. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/table/summary_columns.h"

Test(summary_columns, bank_metrics_have_their_folder_before_them) {
    cr_expect_str_eq(bank_metric("bank/test_error"), "test_error", "%s",
                     bank_metric("bank/test_error"));
    cr_expect(!bank_metric("test_error") && !bank_metric("step/train_loss"), "of the run itself");
}

Test(summary_columns, every_column_has_a_sentence_and_a_name_of_its_own) {
    for (int i = 0; i < summary_column_count(); i++) {
        const struct summary_column *column = summary_column_get(i);
        cr_expect(*column->doc, "%s has no sentence", column->name);
        for (int k = 0; k < i; k++)
            cr_expect(strcmp(summary_column_get(k)->name, column->name) != 0, "two are called %s",
                      column->name);
    }
}
