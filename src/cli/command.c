#include "cli/command.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"

/* The one list. A new command: one file in this folder, one line in command.h, one here. */
static const struct command *const commands[] = {
    &command_run,   &command_tune,    &command_list,  &command_describe, &command_check,
    &command_table, &command_compare, &command_judge, &command_report,   &command_plot,
    &command_show,  &command_merge,   &command_bench,
};

int command_count(void) {
    return (int)(sizeof commands / sizeof *commands);
}

const struct command *command_get(int index) {
    return commands[index];
}

enum status command_find(const char *name, const struct command **command) {
    const char *names[sizeof commands / sizeof *commands];
    for (int i = 0; i < command_count(); i++) {
        names[i] = commands[i]->name;
        if (!strcmp(names[i], name)) {
            *command = commands[i];
            return OK;
        }
    }
    const char *near = nearest_word(name, names, command_count());
    return near ? fail(ERROR_USAGE, "no command '%s' (did you mean '%s'?)", name, near)
                : fail(ERROR_USAGE, "no command '%s'; see normlab --help", name);
}

/* ---- help ---- */

static int count_options(const struct command *command) {
    int n = 0;
    while (command->options[n].name)
        n++;
    return n;
}

static void print_option(FILE *out, const char *name, const char *argument, const char *doc) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", name, argument ? " " : "", argument ? argument : "");
    fprintf(out, "    %-22s  %s\n", left, doc);
}

/* Indents each line. */
static void print_lines(FILE *out, const char *text) {
    while (*text) {
        size_t size = strcspn(text, "\n");
        fprintf(out, "%s%.*s\n", size ? "    " : "", (int)size, text);
        text += size + (text[size] == '\n');
    }
}

enum { HELP_WIDTH = 79 };

/* Breaks paragraphs into lines. */
static void print_wrapped(FILE *out, const char *text) {
    int column = 0;
    while (*text) {
        size_t size = strcspn(text, " \n");
        if (column > 0 && column + 1 + (int)size > HELP_WIDTH) {
            fprintf(out, "\n");
            column = 0;
        }
        column += fprintf(out, "%s%.*s", column ? " " : "", (int)size, text);
        text += size;
        if (*text == '\n') {
            fprintf(out, "\n");
            column = 0;
        }
        text += *text != '\0';
    }
    fprintf(out, "\n");
}

void command_print_help(const struct command *command, FILE *out) {
    fprintf(out, "normlab %s: %s\n\n    normlab %s %s\n", command->name, command->summary,
            command->name, command->usage);
    if (command->details) {
        fprintf(out, "\n");
        print_wrapped(out, command->details);
    }
    fprintf(out, "\nOptions\n");
    for (int i = 0; i < count_options(command); i++)
        print_option(out, command->options[i].name, command->options[i].argument,
                     command->options[i].doc);
    print_option(out, "help", NULL, "print this and end");
    fprintf(out, "\nExamples\n");
    print_lines(out, command->examples);
}

/* ---- parsing ---- */

enum { HELP_OPTION = 256 + COMMAND_OPTIONS };

/* The rows as getopt_long wants them; the value of option i is 256 + i. */
static void build_options(const struct command *command, struct option *options) {
    int n = count_options(command);
    for (int i = 0; i < n; i++)
        options[i] = (struct option){command->options[i].name,
                                     command->options[i].argument ? required_argument : no_argument,
                                     NULL, 256 + i};
    options[n] = (struct option){"help", no_argument, NULL, HELP_OPTION};
    options[n + 1] = (struct option){NULL, 0, NULL, 0};
}

static enum status unknown_option(const struct command *command, const char *text) {
    const char *names[COMMAND_OPTIONS + 1];
    int n = count_options(command);
    for (int i = 0; i < n; i++)
        names[i] = command->options[i].name;
    names[n] = "help";
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "="), text);
    const char *near = nearest_word(name + strspn(name, "-"), names, n + 1);
    return near ? fail(ERROR_USAGE, "%s: unknown option '%s' (did you mean '--%s'?)", command->name,
                       name, near)
                : fail(ERROR_USAGE, "%s: unknown option '%s'; see normlab %s --help", command->name,
                       name, command->name);
}

static enum status bad_option(const struct command *command, int code, const char *text) {
    if (code == ':')
        return fail(ERROR_USAGE, "%s: option '%s' needs a value: --%s %s", command->name, text,
                    command->options[optopt - 256].name, command->options[optopt - 256].argument);
    if (optopt >= 256)
        return fail(ERROR_USAGE, "%s: option '%.*s' takes no value", command->name,
                    (int)strcspn(text, "="), text);
    return unknown_option(command, text);
}

static enum status check_operands(const struct command *command,
                                  const struct arguments *arguments) {
    int n = arguments->n_operands;
    if (n < command->min_operands)
        return fail(ERROR_USAGE, "%s: needs %s; see normlab %s --help", command->name,
                    command->usage, command->name);
    if (command->max_operands >= 0 && n > command->max_operands)
        return fail(ERROR_USAGE, "%s: '%s' is too much: normlab %s %s", command->name,
                    arguments->operands[command->max_operands], command->name, command->usage);
    return OK;
}

/* What takes a value needs one: "" would mean something else to each command. */
static enum status check_values(const struct command *command, const struct arguments *arguments) {
    for (int i = 0; i < arguments->n_given; i++) {
        const struct option_row *row = &command->options[arguments->given[i].row];
        if (row->argument && !*arguments->given[i].value)
            return fail(ERROR_USAGE, "--%s: is empty; it needs %s", row->name, row->argument);
    }
    return OK;
}

static void take_option(int row, const char *value, struct given *given,
                        struct arguments *arguments) {
    arguments->option[row] = value;
    given[arguments->n_given++] = (struct given){row, value};
}

/* Operands and options may be mixed ("-" in getopt's words), whatever POSIXLY_CORRECT says. */
enum status command_parse(const struct command *command, int argc, const char *const *argv,
                          struct pool *pool, struct arguments *arguments, bool *help) {
    struct option options[COMMAND_OPTIONS + 2];
    build_options(command, options);
    char **words = pool_alloc(pool, ((size_t)argc + 1) * sizeof *words);
    for (int i = 0; i < argc; i++)
        words[i] = pool_text(pool, argv[i]);
    const char **operands = pool_alloc(pool, ((size_t)argc + 1) * sizeof *operands);
    struct given *given = pool_alloc(pool, (size_t)argc * sizeof *given);
    *arguments = (struct arguments){.operands = operands, .given = given};
    *help = false;
    optind = 0; /* start anew */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, words, "-:h", options, NULL)) != -1)
        if (code == 1)
            operands[arguments->n_operands++] = optarg;
        else if (code == 'h' || code == HELP_OPTION)
            *help = true;
        else if (code >= 256)
            take_option(code - 256, optarg ? optarg : "", given, arguments);
        else
            return bad_option(command, code, words[optind - 1]);
    while (optind < argc)
        operands[arguments->n_operands++] = words[optind++];
    if (*help)
        return OK;
    enum status status = check_values(command, arguments);
    return status ? status : check_operands(command, arguments);
}

/* ---- values ---- */

static int option_index(const struct command *command, const char *name) {
    for (int i = 0; i < count_options(command); i++)
        if (!strcmp(command->options[i].name, name))
            return i;
    assert(false && "an option that the command does not have");
    return 0;
}

const char *argument_text(const struct command *command, const struct arguments *arguments,
                          const char *name) {
    return arguments->option[option_index(command, name)];
}

const char *argument_next(const struct command *command, const struct arguments *arguments,
                          const char *name, int *at) {
    int row = option_index(command, name);
    while (*at < arguments->n_given) {
        const struct given *given = &arguments->given[(*at)++];
        if (given->row == row)
            return given->value;
    }
    return NULL;
}

enum status argument_either(const struct command *command, const struct arguments *arguments,
                            const char *one, const char *other, const char **given) {
    bool first = argument_text(command, arguments, one) != NULL;
    bool second = argument_text(command, arguments, other) != NULL;
    if (first && second)
        return fail(ERROR_USAGE, "--%s and --%s exclude each other", one, other);
    *given = first ? one : second ? other : NULL;
    return OK;
}

enum status argument_integer(const struct command *command, const struct arguments *arguments,
                             const char *name, long min, long max, long *value) {
    const char *text = argument_text(command, arguments, name);
    if (!text)
        return OK;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool plain = *text && strspn(text, "+-0123456789") == strlen(text);
    if (!plain || *end || errno || number < min || number > max)
        return fail(ERROR_USAGE, "--%s: '%s' is not a whole number from %ld to %ld", name, text,
                    min, max);
    *value = number;
    return OK;
}
