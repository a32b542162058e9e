/* A command of the program, run in a test, and what it prints. */
#pragma once

#include <criterion/redirect.h>
#include <stdio.h>

#include "cli/command.h"

/* Runs the words, which end with NULL, and takes what they printed into said [size]. The test's
 * standard output must be redirected. */
static inline enum status capture_command(const char *const *words, size_t size, char *said) {
    int n = 0;
    while (words[n])
        n++;
    enum status status = command_main(n, words);
    fflush(stdout);
    said[fread(said, 1, size - 1, cr_get_redirected_stdout())] = '\0';
    return status;
}
