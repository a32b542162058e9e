/* The list of commands, and the help on each. */
#include "cli/command.h"

#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "cli/terminal_colour.h"

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
                : fail(ERROR_USAGE, "no command '%s'; see normlab help", name);
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

enum { INDENT = 4, NAME_WIDTH = 22 };

static void print_option(FILE *out, const struct option_row *row, struct pool *pool) {
    const char *left = pool_format(pool, "--%s%s%s", row->name, row->argument ? " " : "",
                                   row->argument ? row->argument : "");
    const char *right = pool_format(pool, "%s%s%s", row->doc, row->initial ? "; default: " : "",
                                    row->initial ? row->initial : "");
    print_named(out, NAME_WIDTH, left, right);
}

static void print_options(FILE *out, const struct command *command, struct pool *pool) {
    const struct option_row help = {.name = "help", .doc = "print this help"};
    fputc('\n', out);
    terminal_print_heading(out, "Options");
    fputc('\n', out);
    for (const struct option_row *row = command->rows; row->type; row++)
        if (!option_is_operand(row))
            print_option(out, row, pool);
    print_option(out, &help, pool);
}

void command_print_examples(const struct command *command, FILE *out) {
    struct pool pool = {0};
    for (const char *text = command->examples; *text;) {
        size_t size = strcspn(text, "\n");
        const char *line = pool_format(&pool, "%.*s", (int)size, text);
        print_command(out, text_called(line, &pool), INDENT, terminal_prose_width());
        text += size + (text[size] == '\n');
    }
    pool_free(&pool);
}

void command_print_help(const struct command *command, FILE *out) {
    struct pool pool = {0};
    int width = terminal_prose_width();
    int at = fprintf(out, "normlab %s: ", command->name);
    print_hanging(out, command->summary, at, 0, width);
    at = fprintf(out, "\n%*snormlab %s ", INDENT, "", command->name);
    print_hanging(out, command_usage(command, &pool), at - 1, 2 * INDENT, width);
    if (command->details) {
        fprintf(out, "\n");
        print_wrapped(out, command->details, width);
    }
    print_options(out, command, &pool);
    if (command->print_rows)
        command->print_rows(out);
    fputc('\n', out);
    terminal_print_heading(out, "Examples");
    fputc('\n', out);
    command_print_examples(command, out);
    pool_free(&pool);
}
