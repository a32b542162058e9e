/* The command line as a table: help comes from it, and every way of getting it wrong is one
 * message. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static struct pool pool;
static struct arguments arguments;
static bool help;

static void free_pool(void) {
    pool_free(&pool);
}

TestSuite(command, .fini = free_pool);

enum { WORDS = 12 };

static enum status parse(const struct command *command, const char *const words[WORDS]) {
    int n = 0;
    while (words[n])
        n++;
    return command_parse(command, n, words, &pool, &arguments, &help);
}

#define PARSE(command, ...) parse(&command, (const char *const[WORDS]){__VA_ARGS__})

static void expect_message(const char *part) {
    cr_assert(strstr(status_message(), part), "the message is '%s', without '%s'", status_message(),
              part);
}

static char *help_of(const struct command *command) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    command_print_help(command, out);
    fclose(out);
    return text;
}

Test(command, help_of_every_command_has_usage_options_and_an_example) {
    for (int i = 0; i < command_count(); i++) {
        const struct command *command = command_get(i);
        char *text = help_of(command), part[128];
        snprintf(part, sizeof part, "\n    $ normlab %s", command->name);
        cr_expect(strstr(text, part), "%s: no example in\n%s", command->name, text);
        cr_expect(strstr(text, command->usage), "%s: no usage in\n%s", command->name, text);
        for (const struct option_row *row = command->options; row->name; row++) {
            snprintf(part, sizeof part, "    --%s", row->name);
            cr_expect(strstr(text, part) && strstr(text, row->doc), "%s: no --%s in\n%s",
                      command->name, row->name, text);
        }
        free(text);
    }
}

Test(command, help_keeps_to_the_width_of_a_terminal_where_it_wraps) {
    char *text = help_of(&command_plot);
    size_t length = 0;
    for (size_t i = 0; strncmp(text + i, "\nOptions", 8) != 0; i++) {
        length = text[i] == '\n' ? 0 : length + 1;
        cr_assert(length <= 80, "a line of more than 80 characters ends with ...%.20s", text + i);
    }
    free(text);
}

Test(command, the_names_are_different) {
    for (int i = 0; i < command_count(); i++)
        for (int k = 0; k < i; k++)
            cr_expect(strcmp(command_get(i)->name, command_get(k)->name) != 0, "two are called %s",
                      command_get(i)->name);
}

Test(command, finds_a_command_or_says_which_was_meant) {
    const struct command *command = NULL;
    cr_assert(command_find("plot", &command) == OK && command == &command_plot, "plot not found");
    cr_assert(command_find("polt", &command) == ERROR_USAGE, "polt found");
    expect_message("no command 'polt' (did you mean 'plot'?)");
    cr_assert(command_find("xyzzyxyzzy", &command) == ERROR_USAGE, "xyzzyxyzzy found");
    expect_message("normlab --help");
    cr_assert(command == &command_plot, "the output was touched on failure");
}

Test(command, options_and_operands_may_be_mixed) {
    setenv("POSIXLY_CORRECT", "1", 1); /* getopt would stop at the first operand */
    cr_assert(PARSE(command_run, "run", "a.yaml", "--jobs", "2", "seed=1", "--dry-run") == OK, "%s",
              status_message());
    cr_assert(arguments.n_operands == 2, "%d operands", arguments.n_operands);
    cr_assert_str_eq(arguments.operands[0], "a.yaml", "first operand %s", arguments.operands[0]);
    cr_assert_str_eq(arguments.operands[1], "seed=1", "second operand %s", arguments.operands[1]);
    cr_assert_str_eq(argument_text(&command_run, &arguments, "jobs"), "2", "jobs");
    cr_assert_str_eq(argument_text(&command_run, &arguments, "dry-run"), "", "a flag is ''");
    cr_assert(!argument_text(&command_run, &arguments, "force"), "a flag that was not given");
    cr_assert(!help, "no help was asked for");
}

Test(command, after_two_dashes_all_are_operands) {
    cr_assert(PARSE(command_run, "run", "--jobs=3", "--", "--force", "--", "-x") == OK, "%s",
              status_message());
    cr_assert(arguments.n_operands == 3, "%d operands", arguments.n_operands);
    cr_assert_str_eq(arguments.operands[0], "--force", "%s", arguments.operands[0]);
    cr_assert_str_eq(arguments.operands[1], "--", "%s", arguments.operands[1]);
    cr_assert_str_eq(arguments.operands[2], "-x", "%s", arguments.operands[2]);
    cr_assert(!argument_text(&command_run, &arguments, "force"), "--force is an operand here");
}

Test(command, the_last_value_of_an_option_counts) {
    cr_assert(PARSE(command_run, "run", "a", "--jobs=3", "--jobs", "5") == OK, "%s",
              status_message());
    cr_assert_str_eq(argument_text(&command_run, &arguments, "jobs"), "5", "jobs");
}

Test(command, an_option_that_may_be_repeated_has_all_its_values) {
    int at = 0;
    cr_assert(PARSE(command_run, "run", "--plugin", "a.so", "x.yaml", "--jobs", "2",
                    "--plugin=b.so") == OK,
              "%s", status_message());
    cr_expect_str_eq(argument_next(&command_run, &arguments, "plugin", &at), "a.so", "the first");
    cr_expect_str_eq(argument_next(&command_run, &arguments, "plugin", &at), "b.so", "the second");
    cr_expect(!argument_next(&command_run, &arguments, "plugin", &at), "a third");
    cr_expect(PARSE(command_run, "run", "--plugin", "", "x.yaml", "--plugin", "b.so") ==
                  ERROR_USAGE,
              "the first is empty");
}

/* Each is loaded before the command runs. */
Test(command, what_trains_or_reads_keys_takes_plugins) {
    static const char *const names[] = {"run",  "tune",     "compare", "judge", "check",
                                        "list", "describe", "plot",    "merge"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *const words[] = {"normlab", names[i], "x", "--plugin", "nosuch.so"};
        cr_expect(command_main(5, words) == ERROR_USAGE, "%s", names[i]);
        cr_expect(strstr(status_message(), "nosuch.so") && !strstr(status_message(), "option"),
                  "%s: %s", names[i], status_message());
    }
}

Test(command, a_second_line_starts_anew) {
    cr_assert(PARSE(command_run, "run", "a", "b", "--jobs=3") == OK, "%s", status_message());
    cr_assert(PARSE(command_run, "run", "c") == OK, "%s", status_message());
    cr_assert(arguments.n_operands == 1, "%d operands", arguments.n_operands);
    cr_assert(!argument_text(&command_run, &arguments, "jobs"), "jobs of the line before");
}

Test(command, help_is_asked_for_without_operands) {
    cr_assert(PARSE(command_run, "run", "--help") == OK && help, "--help");
    cr_assert(PARSE(command_run, "run", "x", "-h") == OK && help, "-h");
}

Test(command, wrong_lines_are_usage_errors_that_say_what_is_wrong) {
    cr_assert(PARSE(command_run, "run", "a", "--jbos=2") == ERROR_USAGE, "--jbos");
    expect_message("run: unknown option '--jbos' (did you mean '--jobs'?)");
    cr_assert(PARSE(command_run, "run", "a", "--qwertyuiop") == ERROR_USAGE, "--qwertyuiop");
    expect_message("normlab run --help");
    cr_assert(PARSE(command_run, "run", "a", "-j") == ERROR_USAGE, "-j");
    expect_message("unknown option '-j'");
    cr_assert(PARSE(command_run, "run", "a", "--jobs") == ERROR_USAGE, "--jobs");
    expect_message("option '--jobs' needs a value: --jobs N");
    cr_assert(PARSE(command_run, "run", "--dry-run=3", "a") == ERROR_USAGE, "--dry-run=3");
    expect_message("option '--dry-run' takes no value");
    cr_assert(PARSE(command_plot, "plot") == ERROR_USAGE, "plot of nothing");
    expect_message("plot: needs RESULTS.h5");
    cr_assert(PARSE(command_run, "run", "--jobs", "2") == ERROR_USAGE, "run of nothing");
    expect_message("run: needs FILE.yaml");
    cr_assert(PARSE(command_describe, "describe", "a", "b") == ERROR_USAGE, "describe a b");
    expect_message("'b' is too much");
}

Test(command, an_empty_value_is_none) {
    static const char *const lines[][2] = {{"--out", ""}, {"--out=", NULL}, {"--jobs=", NULL}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        enum status status = PARSE(command_run, "run", "a", lines[i][0], lines[i][1]);
        cr_expect(status == ERROR_USAGE, "%s was taken", lines[i][0]);
        expect_message(i < 2 ? "--out: is empty" : "--jobs: is empty");
    }
    cr_assert(PARSE(command_plot, "plot", "a", "--format", "") == ERROR_USAGE, "--format ''");
    cr_assert(PARSE(command_run, "run", "--out=", "--help") == OK && help, "help comes first");
}

static enum status integer_of(const char *text, long *value) {
    cr_assert(PARSE(command_run, "run", "a", "--jobs", text) == OK, "%s", status_message());
    return argument_integer(&command_run, &arguments, "jobs", 1, 4096, value);
}

Test(command, integers_are_strict) {
    static const char *const good[] = {"1", "17", "4096"};
    static const long values[] = {1, 17, 4096};
    static const char *const bad[] = {"2x",   " 3",  "3 ",   "0",  "4097", "1e3",
                                      "0x10", "2.5", "auto", "-1", "--",   "99999999999999999999"};
    long value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(integer_of(good[i], &value) == OK && value == values[i], "'%s': %ld", good[i],
                  value);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        value = -7;
        cr_expect(integer_of(bad[i], &value) == ERROR_USAGE, "'%s' was taken as %ld", bad[i],
                  value);
        cr_expect(value == -7, "'%s' changed the value to %ld", bad[i], value);
    }
    integer_of("2x", &value);
    expect_message("--jobs: '2x' is not a whole number from 1 to 4096");
    cr_assert(PARSE(command_run, "run", "a") == OK, "%s", status_message());
    value = 5;
    cr_assert(argument_integer(&command_run, &arguments, "jobs", 1, 4096, &value) == OK &&
                  value == 5,
              "an option that was not given changed the value to %ld", value);
}
