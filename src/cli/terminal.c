/* Asks who reads standard output, and how wide the lines may be. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is_output(void) {
    return isatty(STDOUT_FILENO) == 1;
}

/* The number in $COLUMNS, or that of the terminal; 0: neither. */
static long asked_width(void) {
    const char *columns = getenv("COLUMNS");
    char *end = NULL;
    long width = columns ? strtol(columns, &end, 10) : 0;
    if (width > 0 && *end == '\0')
        return width;
    struct winsize size = {0};
    if (!terminal_is_output())
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                           : PROSE_WIDTH;
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
