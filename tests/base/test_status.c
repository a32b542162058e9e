/* Messages of failures: context in front, positions, the keys that are to blame. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/status.h"

static void assert_message(const char *expected) {
    cr_assert(!strcmp(status_message(), expected), "'%s', not '%s'", status_message(), expected);
}

Test(status, context_goes_in_front) {
    cr_assert(fail(ERROR_DATA, "row %d", 3) == ERROR_DATA);
    assert_message("row 3");
    cr_assert(fail_in(ERROR_DATA, "file %s", "a") == ERROR_DATA);
    assert_message("file a: row 3");
    fail(ERROR_RUN, "%s, again", status_message());
    assert_message("file a: row 3, again");
}

Test(status, positions_are_files_lines_and_columns_or_the_command_line) {
    fail(ERROR_USAGE, "wrong");
    cr_assert(fail_at(ERROR_USAGE, (struct origin){0}) == ERROR_USAGE);
    assert_message("wrong");
    fail_at(ERROR_USAGE, (struct origin){"x.yaml", 3, 14});
    assert_message("x.yaml:3:14: wrong");
    fail_at(ERROR_USAGE, (struct origin){"command line", 0, 0});
    assert_message("command line: x.yaml:3:14: wrong");
}

Test(status, a_key_that_is_to_blame_stands_in_front_and_is_noted) {
    cr_assert(fail_key(ERROR_USAGE, "data.test", "%d rows", 3) == ERROR_USAGE);
    assert_message("data.test: 3 rows");
    cr_assert(!strcmp(status_keys(), "data.test"), "'%s'", status_keys());
    fail_in(ERROR_USAGE, "x.yaml");
    fail_at(ERROR_USAGE, (struct origin){"y", 1, 2});
    cr_assert(!strcmp(status_keys(), "data.test"), "context takes the blame away");
    fail_key(ERROR_USAGE, "a.b|c.d|e", "%s", status_message());
    assert_message("a.b and c.d and e: y:1:2: x.yaml: data.test: 3 rows");
    cr_assert(!strcmp(status_keys(), "a.b|c.d|e"), "'%s'", status_keys());
    fail(ERROR_USAGE, "another");
    cr_assert(!*status_keys(), "'%s' of the failure before", status_keys());
}

Test(status, long_messages_end_early) {
    char letters[4000];
    memset(letters, 'a', sizeof letters - 1);
    letters[sizeof letters - 1] = 0;
    fail(ERROR_RUN, "%s", letters);
    fail_in(ERROR_RUN, "%s", letters);
    fail_key(ERROR_RUN, letters, "%s", letters);
    cr_assert(strlen(status_message()) == 2047 && strlen(status_keys()) < 4000);
}
