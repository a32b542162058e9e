/* Long output in a pager, as git does it: $NORMLAB_PAGER, $PAGER or less. */
#pragma once

#include <stdbool.h>

/* Said by main: in a test, a terminal is nobody's to read. */
void pager_allow(void);
/* Where standard output is a terminal, what is printed from here on goes through the pager. Nothing
 * happens where the variable is empty or "cat", or less is not installed. */
void pager_begin(void);
/* Ends the output and waits until the reader has left. false: there was no pager. */
bool pager_end(void);
