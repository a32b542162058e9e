/* The command line as a table: help comes from it, and every way of getting it wrong is one
 * message. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "lab/plan/figure_kind.h"
#include "tests/cli/one_line.h"

/* A command with an option of each type. */
struct wanted {
    const char *file, *id, *metric, *mode;
    struct words rest, names;
    struct integers counts;
    int jobs, kind, shard;
    double delta, limit;
    bool dry;
};

static enum status read_shard(const char *text, void *options) {
    if (strcmp(text, "0/4") != 0)
        return fail(ERROR_USAGE, "--shard: '%s' is not 0/4", text);
    ((struct wanted *)options)->shard = 4;
    return OK;
}

static const struct option_row rows[] = {
    {.name = "FILE", .type = OPERAND, FIELD(struct wanted, file)},
    {.name = "ID", .type = OPERAND_MAYBE, FIELD(struct wanted, id)},
    {.name = "key=value", .type = OPERANDS, FIELD(struct wanted, rest)},
    {"jobs", "N", "runs at a time", OPTION_INTEGER, FIELD(struct wanted, jobs), .min = 1,
     .max = 4096},
    {"metric", "NAME", "what is compared", OPTION_TEXT, FIELD(struct wanted, metric),
     .alias = "figure", .initial = "test_error"},
    {"delta", "X", "a real", OPTION_REAL, FIELD(struct wanted, delta), .max = 2},
    {"limit", "TIME", "a time", OPTION_DURATION, FIELD(struct wanted, limit), .min = 1,
     .max = 864000},
    {"kind", "WORD", "a word", OPTION_WORD, FIELD(struct wanted, kind),
     .words = "direction|equality", .initial = "direction"},
    {"names", "A,B", "words", OPTION_LIST, FIELD(struct wanted, names)},
    {"counts", "N,N", "integers", OPTION_INTEGERS, FIELD(struct wanted, counts), .min = 1,
     .max = 64, .initial = "2,64"},
    {"shard", "i/n", "of its own kind", OPTION_READ, .read = read_shard},
    {"dry-run", NULL, "a flag", OPTION_FLAG, FIELD(struct wanted, dry)},
    {"quick", NULL, "one of two flags", OPTION_EITHER, FIELD(struct wanted, mode)},
    {"literal", NULL, "the other", OPTION_EITHER, FIELD(struct wanted, mode)},
    PLUGIN_OPTION,
    {0},
};

static const struct command sample = {.name = "sample",
                                      .summary = "nothing",
                                      .examples = "$ normlab sample x",
                                      .rows = rows,
                                      .size = sizeof(struct wanted)};

static struct pool pool;
static struct arguments arguments;
static bool help;

static const struct wanted *wanted(void) {
    return arguments.options;
}

static void free_pool(void) {
    pool_free(&pool);
}

TestSuite(command, .fini = free_pool);

enum { WORDS = 24 };

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
        char *text = in_one_line(help_of(command)), part[128];
        snprintf(part, sizeof part, " $ normlab %s", command->name);
        cr_expect(strstr(text, part), "%s: no example in\n%s", command->name, text);
        cr_expect(strstr(text, command_usage(command, &pool)), "%s: no usage in\n%s", command->name,
                  text);
        for (const struct option_row *row = command->rows; row->type; row++) {
            if (option_is_operand(row))
                continue;
            snprintf(part, sizeof part, " --%s ", row->name);
            cr_expect(strstr(text, part) && strstr(text, row->doc), "%s: no --%s in\n%s",
                      command->name, row->name, text);
        }
        free(text);
    }
}

/* Lines end between words: they read the same at any width. */
Test(command, help_fits_into_any_width_from_60_columns) {
    static const char *const widths[] = {"60", "80", "140"};
    for (int i = 0; i < command_count(); i++) {
        setenv("COLUMNS", "10000", 1);
        char *wide = in_one_line(help_of(command_get(i)));
        for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
            setenv("COLUMNS", widths[k], 1);
            char *text = help_of(command_get(i));
            cr_expect(longest_line(text) <= (size_t)atoi(widths[k]), "at %s columns %zu in\n%s",
                      widths[k], longest_line(text), text);
            cr_expect_str_eq(in_one_line(text), wide, "%s at %s columns", command_get(i)->name,
                             widths[k]);
            free(text);
        }
        free(wide);
    }
}

Test(command, help_of_plot_lists_every_kind_of_figure) {
    char *text = in_one_line(help_of(&command_plot)), part[256];
    for (int i = 0; i < figure_kind_count(); i++) {
        const struct figure_kind *kind = figure_kind_get(i);
        snprintf(part, sizeof part, " %s %s ", kind->script, kind->doc);
        cr_expect(kind->doc && *kind->doc && strstr(text, part), "no %s in\n%s", part, text);
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
    expect_message("normlab help");
    cr_assert(command == &command_plot, "the output was touched on failure");
}

static void expect_rows_fit(const struct command *command) {
    bool optional = false;
    for (const struct option_row *row = command->rows; row->type; row++) {
        cr_expect(row->field == option_fills(row->type), "%s: --%s: type %d, field %d",
                  command->name, row->name, row->type, row->field);
        cr_expect(row->offset < command->size || row->field == FIELD_NONE, "%s: --%s is outside",
                  command->name, row->name);
        cr_expect((row->type == OPTION_READ) == (row->read != NULL), "%s: --%s: who reads it?",
                  command->name, row->name);
        cr_expect(option_is_operand(row) || option_is_flag(row) == !row->argument,
                  "%s: --%s: a value?", command->name, row->name);
        cr_expect(row->type != OPERAND || !optional, "%s: %s comes after what may be left out",
                  command->name, row->name);
        optional |= option_is_operand(row) && row->type != OPERAND;
    }
}

Test(command, each_row_fills_a_field_of_its_type) {
    expect_rows_fit(&sample);
    for (int i = 0; i < command_count(); i++)
        expect_rows_fit(command_get(i));
}

Test(command, usage_follows_from_the_operands) {
    cr_expect_str_eq(command_usage(&sample, &pool), "FILE [ID] [key=value ...]");
    cr_expect_str_eq(command_usage(&command_run, &pool), "FILE.yaml [key=value ...]");
    cr_expect_str_eq(command_usage(&command_merge, &pool), "DIR...");
    cr_expect_str_eq(command_usage(&command_show, &pool), "RESULTS.h5 [ID]");
}

Test(command, options_and_operands_may_be_mixed) {
    setenv("POSIXLY_CORRECT", "1", 1); /* getopt would stop at the first operand */
    cr_assert(PARSE(sample, "sample", "a.yaml", "--jobs", "2", "r3", "--dry-run", "seed=1") == OK,
              "%s", status_message());
    cr_expect_str_eq(wanted()->file, "a.yaml", "first operand %s", wanted()->file);
    cr_expect_str_eq(wanted()->id, "r3", "second operand %s", wanted()->id);
    cr_assert(wanted()->rest.n == 1, "%d operands left", wanted()->rest.n);
    cr_expect_str_eq(wanted()->rest.items[0], "seed=1", "the rest %s", wanted()->rest.items[0]);
    cr_expect(wanted()->jobs == 2 && wanted()->dry, "jobs %d, dry-run %d", wanted()->jobs,
              wanted()->dry);
    cr_assert(!help, "no help was asked for");
}

Test(command, an_option_of_each_type_fills_its_field) {
    cr_assert(PARSE(sample, "sample", "x", "--names=a,[b,c]", "--counts", "1,3,5", "--delta=0.5",
                    "--kind", "equality", "--shard=0/4", "--literal", "--metric", "loss",
                    "--limit=2m") == OK,
              "%s", status_message());
    cr_assert(wanted()->names.n == 2 && wanted()->counts.n == 3, "lists");
    cr_expect_str_eq(wanted()->names.items[1], "[b,c]", "%s", wanted()->names.items[1]);
    cr_expect(wanted()->counts.items[2] == 5, "%d", wanted()->counts.items[2]);
    cr_expect(wanted()->delta == 0.5 && wanted()->kind == 1 && wanted()->shard == 4 &&
                  wanted()->limit == 120,
              "values");
    cr_expect_str_eq(wanted()->mode, "literal", "%s", wanted()->mode);
    cr_expect_str_eq(wanted()->metric, "loss", "%s", wanted()->metric);
}

Test(command, what_is_not_given_has_the_default_of_its_row_or_nothing) {
    cr_assert(PARSE(sample, "sample", "x") == OK, "%s", status_message());
    cr_expect_str_eq(wanted()->metric, "test_error", "%s", wanted()->metric);
    cr_expect(wanted()->counts.n == 2 && wanted()->counts.items[1] == 64, "counts");
    cr_expect(wanted()->kind == 0 && wanted()->jobs == 0 && wanted()->delta == 0, "numbers");
    cr_expect(!wanted()->id && !wanted()->mode && !wanted()->dry && !wanted()->names.n, "nothing");
    char *text = help_of(&sample);
    cr_expect(strstr(text, "integers; default: 2,64\n"), "help shows no default:\n%s", text);
    free(text);
}

Test(command, after_two_dashes_all_are_operands) {
    cr_assert(PARSE(command_merge, "merge", "--out=x.h5", "--", "--out", "--", "-x") == OK, "%s",
              status_message());
    cr_assert(PARSE(sample, "sample", "--jobs=3", "--", "--dry-run", "--", "-x") == OK, "%s",
              status_message());
    cr_assert_str_eq(wanted()->file, "--dry-run", "%s", wanted()->file);
    cr_assert_str_eq(wanted()->id, "--", "%s", wanted()->id);
    cr_assert(wanted()->rest.n == 1 && !strcmp(wanted()->rest.items[0], "-x"), "the rest");
    cr_assert(!wanted()->dry, "--dry-run is an operand here");
}

Test(command, the_last_value_of_an_option_counts_and_a_list_goes_on) {
    cr_assert(PARSE(sample, "sample", "a", "--jobs=3", "--jobs", "5", "--names=a,b",
                    "--names=c,[d,e]", "--figure=x", "--metric=y", "--counts=1",
                    "--counts=2,3") == OK,
              "%s", status_message());
    cr_assert(wanted()->jobs == 5, "jobs %d", wanted()->jobs);
    cr_assert(wanted()->names.n == 4, "%d names", wanted()->names.n);
    cr_assert_str_eq(wanted()->names.items[0], "a", "%s", wanted()->names.items[0]);
    cr_assert(wanted()->counts.n == 3 && wanted()->counts.items[2] == 3, "%d counts",
              wanted()->counts.n);
    cr_assert_str_eq(wanted()->names.items[3], "[d,e]", "%s", wanted()->names.items[3]);
    cr_assert_str_eq(wanted()->metric, "y", "%s", wanted()->metric);
    cr_assert(PARSE(sample, "sample", "a", "--jobs=x", "--jobs", "5") == OK, "%s",
              status_message());
    cr_assert(PARSE(sample, "sample", "a", "--quick", "--quick") == OK, "%s", status_message());
    cr_assert(PARSE(sample, "sample", "a", "--literal", "--quick") == ERROR_USAGE, "both");
    expect_message("--quick and --literal exclude each other");
}

/* Scripts that were written for the old name go on working. */
Test(command, an_alias_is_understood_and_not_shown) {
    cr_assert(PARSE(sample, "sample", "a", "--figure", "loss") == OK, "%s", status_message());
    cr_expect_str_eq(wanted()->metric, "loss", "%s", wanted()->metric);
    cr_expect(PARSE(sample, "sample", "a", "--figure") == ERROR_USAGE, "without a value");
    expect_message("needs a value: --metric NAME");
    cr_expect(PARSE(sample, "sample", "a", "--figrue=x") == ERROR_USAGE, "--figrue");
    expect_message("did you mean '--metric'?");
    char *text = help_of(&sample);
    cr_expect(!strstr(text, "figure"), "help shows the alias:\n%s", text);
    free(text);
    cr_expect(PARSE(command_table, "table", "a.h5", "--by", "seed", "--figures", "b,c") == OK, "%s",
              status_message());
    cr_expect(PARSE(command_compare, "compare", "a.h5", "--figure", "b") == OK, "%s",
              status_message());
}

Test(command, an_option_that_may_be_repeated_has_all_its_values) {
    cr_assert(PARSE(command_run, "run", "--plugin", "a.so", "x.yaml", "--jobs", "2",
                    "--plugin=b.so") == OK,
              "%s", status_message());
    cr_assert(arguments.plugins.n == 2, "%d plugins", arguments.plugins.n);
    cr_expect_str_eq(arguments.plugins.items[0], "a.so", "the first");
    cr_expect_str_eq(arguments.plugins.items[1], "b.so", "the second");
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
    cr_assert(PARSE(sample, "sample", "a", "b", "--jobs=3") == OK, "%s", status_message());
    cr_assert(PARSE(sample, "sample", "c") == OK, "%s", status_message());
    cr_assert(!wanted()->id, "second operand %s", wanted()->id);
    cr_assert(wanted()->jobs == 0, "jobs of the line before");
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
    expect_message("unexpected 'b'");
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

Test(command, a_time_has_a_unit_or_is_in_seconds) {
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"1", 1},     {"90", 90},      {"90s", 90},     {"1.5m", 90},
                {"2h", 7200}, {"0.5d", 43200}, {"10d", 864000}, {"240h", 864000}};
    static const char *const bad[] = {"0",   "0.5",  "-1",    "+5",   " 5", "5 ",
                                      "1e3", "0x10", "nan",   "inf",  "5x", "5mm",
                                      "5 m", "m",    "10.1d", "1..5", "."};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(PARSE(sample, "sample", "a", "--limit", good[i].text) == OK, "%s",
                  status_message());
        cr_expect(wanted()->limit == good[i].seconds, "%s: %g s", good[i].text, wanted()->limit);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const words[WORDS] = {"sample", "a", "--limit", bad[i]};
        cr_expect(parse(&sample, words) == ERROR_USAGE, "'%s' was taken", bad[i]);
        expect_message("is not a time from 1 s to 10 d");
    }
}

Test(command, integers_are_strict) {
    static const char *const good[] = {"1", "17", "4096"};
    static const int values[] = {1, 17, 4096};
    static const char *const bad[] = {"2x",   " 3",  "3 ",   "0",  "4097", "1e3",
                                      "0x10", "2.5", "auto", "-1", "--",   "99999999999999999999"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(PARSE(sample, "sample", "a", "--jobs", good[i]) == OK &&
                      wanted()->jobs == values[i],
                  "'%s': %s", good[i], status_message());
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect(PARSE(sample, "sample", "a", "--jobs", bad[i]) == ERROR_USAGE, "'%s'", bad[i]);
        expect_message("is not a whole number from 1 to 4096");
    }
    cr_expect(PARSE(sample, "sample", "a", "--jobs", "2x") == ERROR_USAGE, "2x");
    expect_message("--jobs: '2x' is not a whole number from 1 to 4096");
    cr_expect(PARSE(sample, "sample", "a", "--counts", "1,65") == ERROR_USAGE, "1,65");
    expect_message("--counts: '65' is not a whole number from 1 to 64");
}

Test(command, other_values_are_as_strict) {
    static const char *const lines[][3] = {
        {"--delta", "0", "--delta: 0 is outside its range, above 0 to 2"},
        {"--delta", "nan", "--delta: 'nan' is not a finite number"},
        {"--delta", "0x1", "--delta: '0x1' is not a finite number"},
        {"--kind", "equal", "--kind: 'equal' is not direction or equality"},
        {"--kind", "equalty", "did you mean 'equality'?"},
        {"--names", "a,,b", "--names: has an empty word between its commas"},
        {"--names", "a,", "--names: has an empty word between its commas"},
        {"--shard", "1/4", "--shard: '1/4' is not 0/4"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        enum status status = PARSE(sample, "sample", "a", lines[i][0], lines[i][1]);
        cr_expect(status == ERROR_USAGE, "%s %s was taken", lines[i][0], lines[i][1]);
        expect_message(lines[i][2]);
    }
}

/* ---- the README's table of commands ---- */

static bool has_option(const struct command *command, const char *name, size_t size) {
    for (const struct option_row *row = command->rows; row->type; row++)
        if (!option_is_operand(row) && strlen(row->name) == size && !strncmp(row->name, name, size))
            return true;
    return false;
}

/* The options that the line of a command names are its own. */
static void expect_options(const struct command *command, const char *line) {
    for (const char *at = line; (at = strstr(at, "--")) != NULL;) {
        size_t size = strcspn(at += 2, " `=,;)");
        cr_expect(has_option(command, at, size), "README: %s has no --%.*s", command->name,
                  (int)size, at);
    }
}

Test(command, the_readme_names_every_command_and_options_that_there_are) {
    FILE *in = fopen("README.md", "r");
    cr_assert(in, "run the tests in the project's folder");
    char line[1 << 12], name[32];
    int n = 0;
    while (fgets(line, sizeof line, in)) {
        const struct command *command;
        if (sscanf(line, "| `normlab %31[a-z]", name) != 1)
            continue;
        cr_assert(command_find(name, &command) == OK, "README: %s", status_message());
        expect_options(command, line);
        n++;
    }
    fclose(in);
    cr_assert(n == command_count(), "README: %d commands of %d", n, command_count());
}
