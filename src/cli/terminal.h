/* Where standard output goes: to a person's terminal, and how wide that is. */
#pragma once

#include <stdbool.h>

enum { PROSE_WIDTH = 80, LEAST_WIDTH = 40 };

/* Does a person read standard output, on a terminal or in a pager? */
bool terminal_is_output(void);
/* From here on the output goes to the terminal by way of a pager. */
void terminal_is_paged(void);
/* How many columns a line has: $COLUMNS, else the terminal's, at least LEAST_WIDTH; 0: nobody says,
 * because a program or a file takes the output. */
int terminal_width(void);
/* The same for sentences, which are broken everywhere: PROSE_WIDTH where nobody says. */
int terminal_prose_width(void);
/* How many lines the terminal has; 0: nobody knows. */
int terminal_height(void);
