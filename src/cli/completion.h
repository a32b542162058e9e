/* What may stand where the cursor is, for the shells' completion. */
#pragma once

#include <stdio.h>

#include "base/pool.h"
#include "cli/command.h"

/* A word to be completed. */
struct completion {
    struct pool *pool;
    FILE *out;
    const struct command *command; /* NULL: the word is in its place */
    struct words operands;         /* those before it */
    const char *done, *part;       /* the word: what stays as it is, and what is completed */
};

/* A candidate, a line: where `word` begins with the part, "<done><word><end>\t<doc>". What no shell
 * could hand on (tabs, ends of lines, control characters) is left out. */
void completion_offer(const struct completion *completion, const char *word, const char *end,
                      const char *doc);
/* The words that may stand for a row: of an operand for its name ("RESULTS.h5"), of an option for
 * its own or that of its value ("--by", "DIR"). */
void completion_offer_row(struct completion *completion, const struct option_row *row);
/* The commands, with their sentences. */
void completion_offer_commands(struct completion *completion);

/* The candidates for the last of the words [n] of a line, which begin behind the program's name. */
void completion_print(FILE *out, int n, const char *const *words);
