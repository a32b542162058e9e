/* Says which words have a colour, and prints them in it. */
#include "cli/terminal_colour.h"

#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

/* Attributes of ECMA-48, which every terminal of today has. */
#define GOOD "32"  /* green */
#define BAD "31"   /* red */
#define DOUBT "33" /* yellow */
#define HEADING "1"

static const struct {
    const char *word, *colour;
} words[] = {
    {"supported", GOOD},     {"refuted", BAD},   {"depends", DOUBT},
    {"inconclusive", DOUBT}, {"open", DOUBT},    {"failed", BAD},
    {"diverged", DOUBT},     {"missing", DOUBT}, {"collapsed", DOUBT},
};

bool terminal_has_colours(void) {
    const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool is_able = terminal && *terminal && strcmp(terminal, "dumb") != 0;
    return terminal_is_output() && is_able && !(refused && *refused);
}

static void print_in(FILE *out, const char *colour, const char *text) {
    if (colour && out == stdout && terminal_has_colours())
        fprintf(out, "\033[%sm%s\033[0m", colour, text);
    else
        fputs(text, out);
}

void terminal_print_word(FILE *out, const char *word) {
    const char *colour = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words && !colour; i++)
        if (!strcmp(words[i].word, word))
            colour = words[i].colour;
    print_in(out, colour, word);
}

void terminal_print_heading(FILE *out, const char *heading) {
    print_in(out, HEADING, heading);
}
