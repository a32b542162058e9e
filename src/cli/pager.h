/* Long output in a pager, as git does it: $NORMLAB_PAGER, $PAGER or less. */
#pragma once

#include <stdbool.h>

/* Said by main: in a test, a terminal is nobody's to read. */
void pager_allow(void);
/* Where standard output is a terminal, what is printed from here on goes through the pager. Nothing
 * happens where the variable is empty or "cat", or less is not installed. */
void pager_begin(void);
enum paging {
    NOT_PAGED,
    PAGED,
    PAGER_MISSING /* the shell could not start it: nobody has read the output */
};
/* Ends the output and waits until the reader has left. */
enum paging pager_end(void);
/* The command that was started. */
const char *pager_command(void);
