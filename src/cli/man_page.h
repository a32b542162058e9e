/* Pages of the manual, from the same rows as the help. */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* normlab-<command>(1), in the language of man(7). */
void man_page_print(FILE *out, const struct command *command);
/* normlab(1): what there is. */
void man_page_print_program(FILE *out);
