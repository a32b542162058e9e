/* normlab complete: the words that may stand where the cursor is, and what asks for them in bash,
 * zsh and fish. */
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "io/files.h"
#include "io/install_paths.h"

#define SHELLS "bash|zsh|fish"

struct complete_options {
    struct words words;
    bool line;
};

/* The shell's script, which is sourced. */
static enum status print_script(const char *shell, struct pool *pool) {
    static const char *const files[] = {"completion/bash/normlab", "completion/zsh/_normlab",
                                        "completion/fish/normlab.fish"};
    int index = words_find(SHELLS, shell);
    if (index < 0)
        return fail(ERROR_USAGE,
                    "complete: no completion for '%s'; there is one for bash, zsh and "
                    "fish",
                    shell);
    char *text;
    const char *path = share_find(files[index], pool);
    if (!path)
        return fail(ERROR_RUN, "complete: no file %s in normlab's share folder", files[index]);
    enum status status = file_read(path, pool, &text);
    if (!status)
        fputs(text, stdout);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct complete_options *options = arguments->options;
    if (options->line) {
        completion_print(stdout, options->words.n, options->words.items);
        return OK;
    }
    return options->words.n == 1
               ? print_script(options->words.items[0], arguments->pool)
               : fail(ERROR_USAGE, "complete: needs the name of one shell: bash, zsh or fish");
}

static const struct option_row rows[] = {
    {.name = "SHELL", .type = OPERANDS, .words = SHELLS, FIELD(struct complete_options, words)},
    {"line", NULL,
     "print what the last of the words behind -- may become, a line each, with a tab and a "
     "sentence; for the scripts",
     OPTION_FLAG, FIELD(struct complete_options, line)},
    {0},
};

const struct command command_complete = {
    .name = "complete",
    .summary = "complete words in bash, zsh or fish: commands, options, keys, values, runs",
    .usage = "bash | zsh | fish",
    .details = "Prints the script for a shell, which sources it; `make install` puts the scripts "
               "where the shells look for them by themselves. The words come from the same tables "
               "as the help, and from the results file that the line names.",
    .examples = "$ source <(normlab complete bash)\n"
                "$ source <(normlab complete zsh)\n"
                "$ normlab complete fish | source\n"
                "$ normlab complete --line -- run smoke norm.kind=",
    .rows = rows,
    .size = sizeof(struct complete_options),
    .run = run,
};
