/* Colours on a terminal: one table says which words have one. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* A person's terminal that knows colours, and $NO_COLOR is not set. */
bool terminal_has_colours(void);
/* Prints a word (a verdict, how a run ended) in its colour, if it has one and `out` is a person's;
 * takes as many columns as without. */
void terminal_print_word(FILE *out, const char *word);
/* A heading, likewise. */
void terminal_print_heading(FILE *out, const char *heading);
