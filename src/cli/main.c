/* Starts the program, and prints the message of what failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/pager.h"
#include "cli/startup.h"

/* Does the message begin with "file:line:column: "? */
static bool has_position(const char *message) {
    const char *at = strchr(message, ':');
    for (int part = 0; part < 2 && at; part++) {
        size_t digits = strspn(at + 1, "0123456789");
        at = digits > 0 && at[1 + digits] == ':' ? at + 1 + digits : NULL;
    }
    return at != NULL;
}

/* The one place where a message is printed. As compilers do it: with the program's name in front,
 * unless a place in a file stands there, which editors want to find first. */
static void print_message(void) {
    const char *message = status_message();
    struct pool pool = {0};
    if (*message)
        fprintf(stderr, "%s%s\n",
                has_position(message) ? "" : "normlab: ", text_called(message, &pool));
    pool_free(&pool);
}

static bool is_over; /* main returns, as it should */

/* Somebody below called exit(): without memory, work that is half done must not end as if it were
 * whole. */
static void explain_exit(void) {
    if (is_over)
        return;
    fprintf(stderr, "normlab: %s\n", pool_last_words());
    _exit(ERROR_RUN);
}

int main(int argc, char **argv) {
    if (!startup())
        return ERROR_RUN;
    startup_output();
    atexit(explain_exit);
    text_set_program(argv[0]);
    pager_allow();
    enum status status = command_main(argc, (const char *const *)argv);
    if (status)
        print_message();
    is_over = true;
    return (int)status;
}
