/* What the program says of itself, in --help and in its page of the manual. */
#pragma once

#include <stdio.h>

struct named {
    const char *name, *doc;
};

/* Each ends with a NULL name. */
extern const struct named exit_statuses[], environment_variables[];

void program_print_help(FILE *out);
