/* A command of the program, run in a test, and what it prints. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "io/files.h"

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

enum { PLOT_WORDS = 12 };

/* normlab plot <results> <words>, which end with NULL. */
static inline enum status capture_plot(const char *results, const char *const words[PLOT_WORDS],
                                       size_t size, char *said) {
    const char *argv[PLOT_WORDS + 4] = {"normlab", "plot", results};
    memcpy(argv + 3, words, PLOT_WORDS * sizeof *argv);
    return capture_command(argv, size, said);
}

/* The same with its words one after the other; `said` is an array. */
#define CAPTURE_PLOT(results, said, ...)                                                           \
    capture_plot(results, (const char *const[PLOT_WORDS]){__VA_ARGS__}, sizeof(said), said)

/* A file that must be there. */
static inline char *text_of(const char *path, struct pool *pool) {
    char *text = NULL;
    cr_assert(file_read(path, pool, &text) == OK, "%s", status_message());
    return text;
}
