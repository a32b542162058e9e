/* The list of commands, and the help on each. */
#include "cli/command.h"

#include <string.h>

#include "base/words.h"
#include "cli/print.h"

#define ENTRY(name) &command_##name,
static const struct command *const commands[] = {COMMANDS(ENTRY)};

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

const char *command_usage(const struct command *command, struct pool *pool) {
    static const char *const forms[] = {[OPERAND] = "%s%s%s",
                                        [OPERAND_MAYBE] = "%s%s[%s]",
                                        [OPERANDS] = "%s%s[%s ...]",
                                        [OPERANDS_SOME] = "%s%s%s..."};
    const char *usage = "";
    if (command->usage)
        return command->usage;
    for (const struct option_row *row = command->rows; row->type; row++)
        if (option_is_operand(row))
            usage = pool_format(pool, forms[row->type], usage, *usage ? " " : "", row->name);
    return usage;
}

/* ---- help ---- */

static void print_option(FILE *out, const struct option_row *row) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    fprintf(out, "    %-22s  %s%s%s\n", left, row->doc, row->initial ? "; default: " : "",
            row->initial ? row->initial : "");
}

static void print_options(FILE *out, const struct command *command) {
    const struct option_row help = {.name = "help", .doc = "print this help"};
    fprintf(out, "\nOptions\n");
    for (const struct option_row *row = command->rows; row->type; row++)
        if (!option_is_operand(row))
            print_option(out, row);
    print_option(out, &help);
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

void command_print_help(const struct command *command, FILE *out) {
    struct pool pool = {0};
    fprintf(out, "normlab %s: %s\n\n    normlab %s %s\n", command->name, command->summary,
            command->name, command_usage(command, &pool));
    if (command->details) {
        fprintf(out, "\n");
        print_wrapped(out, command->details, HELP_WIDTH);
    }
    print_options(out, command);
    if (command->print_rows)
        command->print_rows(out);
    fprintf(out, "\nExamples\n");
    print_lines(out, command->examples);
    pool_free(&pool);
}
