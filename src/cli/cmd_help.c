/* normlab help: the help on a command, or a page of the manual. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/man_page.h"
#include "cli/program_help.h"
#include "lab/config/key_nodes.h"

struct help_options {
    const char *command;
    bool man;
};

/* Somebody may ask for help on a key. A group of keys may be called as a command is: data. */
static enum status find(const char *name, const struct command **command) {
    enum status status = command_find(name, command);
    if (status && (key_find(name) >= 0 || key_group_is(name)))
        return fail(ERROR_USAGE, "no command '%s'; keys are explained by `normlab describe %s`",
                    name, name);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct help_options *options = arguments->options;
    const struct command *command = NULL;
    enum status status = options->command ? find(options->command, &command) : OK;
    if (status)
        return status;
    if (command && options->man)
        man_page_print(stdout, command);
    else if (command)
        command_print_help(command, stdout);
    else if (options->man)
        man_page_print_program(stdout);
    else
        program_print_help(stdout);
    return OK;
}

static const struct option_row rows[] = {
    {.name = "COMMAND", .type = OPERAND_MAYBE, FIELD(struct help_options, command)},
    {"man", NULL, "print a page of the manual, for man", OPTION_FLAG,
     FIELD(struct help_options, man)},
    {0},
};

const struct command command_help = {
    .name = "help",
    .summary = "explain a command",
    .details = "Without COMMAND, help lists all commands. `normlab COMMAND --help` says the same "
               "as `normlab help COMMAND`; what a key means, `normlab describe KEY` says.",
    .examples = "$ normlab help run\n"
                "$ normlab help plot --man >plot.1",
    .rows = rows,
    .size = sizeof(struct help_options),
    .paged = true,
    .run = run,
};
