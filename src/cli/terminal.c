/* Asks who reads standard output, and how wide the lines may be. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_paged;
static struct winsize paged_size; /* that it had before the pager came */

bool terminal_is_output(void) {
    return is_paged || isatty(STDOUT_FILENO) == 1;
}

void terminal_is_paged(void) {
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &paged_size) != 0)
        paged_size = (struct winsize){0};
    is_paged = true;
}

/* Zeros where nobody knows. */
static struct winsize size_of_terminal(void) {
    struct winsize size = {0};
    if (is_paged || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return paged_size;
    return size;
}

/* The number in $COLUMNS, or that of the terminal; 0: neither. */
static long asked_width(void) {
    const char *columns = getenv("COLUMNS");
    char *end = NULL;
    long width = columns ? strtol(columns, &end, 10) : 0;
    if (width > 0 && *end == '\0')
        return width;
    if (!terminal_is_output())
        return 0;
    width = size_of_terminal().ws_col;
    return width > 0 ? width : PROSE_WIDTH;
}

int terminal_width(void) {
    enum { WIDEST = 100000 };
    long width = asked_width();
    if (width > WIDEST)
        return WIDEST;
    return width == 0 || width > LEAST_WIDTH ? (int)width : LEAST_WIDTH;
}

int terminal_prose_width(void) {
    int width = terminal_width();
    return width > 0 ? width : PROSE_WIDTH;
}

int terminal_height(void) {
    return terminal_is_output() ? size_of_terminal().ws_row : 0;
}
