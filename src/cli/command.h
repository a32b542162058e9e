/* The command table: one row and one file a command. Help, completion and error messages come from
 * it. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/pool.h"
#include "base/status.h"

/* An option of a command: what getopt_long parses and what --help prints. */
struct option_row {
    const char *name;     /* "jobs" for --jobs */
    const char *argument; /* "N", or NULL for a flag */
    const char *doc;      /* one line */
};

enum { COMMAND_OPTIONS = 16 };

/* For every command that needs the registry; loaded before the command runs. */
#define PLUGIN_OPTION                                                                              \
    {                                                                                              \
        "plugin", "FILE.so",                                                                       \
            "a normalizer from a shared object, see <normlab/plugin.h>; may be repeated"           \
    }

/* A parsed command line: option values in the order of the rows (NULL: not given; "" for a flag
 * that was), then what is left. An option given twice keeps its last value. */
struct arguments {
    const char *option[COMMAND_OPTIONS];
    int n_given; /* all options in their order, for those that may be repeated */
    struct given {
        int row;
        const char *value;
    } const *given;
    int n_operands;
    const char *const *operands;
    int argc; /* the whole command line, for provenance */
    const char *const *argv;
};

struct command {
    const char *name, *summary;
    const char *usage;                              /* "FILE.yaml [key=value ...]" */
    const char *details;                            /* a paragraph or two for --help; NULL: none */
    const char *examples;                           /* lines with $ in front */
    struct option_row options[COMMAND_OPTIONS + 1]; /* ends with a NULL name */
    int min_operands, max_operands;                 /* max -1: any number */
    enum status (*run)(const struct arguments *arguments);
};

extern const struct command command_run, command_list, command_describe, command_table,
    command_plot, command_show, command_merge, command_bench, command_compare, command_judge,
    command_report, command_tune, command_check;

int command_count(void);
const struct command *command_get(int index);
/* ERROR_USAGE with "did you mean ...?". */
enum status command_find(const char *name, const struct command **command);
void command_print_help(const struct command *command, FILE *out);

/* Parses what stands on the line from the command's name on (argv[0]). Options and operands may be
 * mixed; after `--` all are operands. `help`: --help was among them, and nothing else was checked.
 * Words are in the pool; argc and argv of `arguments` are the caller's to set. */
enum status command_parse(const struct command *command, int argc, const char *const *argv,
                          struct pool *pool, struct arguments *arguments, bool *help);

/* The whole program but for printing the message: finds the command, parses, runs it, and makes
 * sure that standard output took everything. */
enum status command_main(int argc, const char *const *argv);

/* An option's value as an integer in min..max; `value` untouched where the option was not given.
 * ERROR_USAGE "--jobs: '2x' is not a whole number from 1 to 4096". */
enum status argument_integer(const struct command *command, const struct arguments *arguments,
                             const char *name, long min, long max, long *value);
/* The value of each time that an option was given, from *at = 0 on; NULL: no more. */
const char *argument_next(const struct command *command, const struct arguments *arguments,
                          const char *name, int *at);
/* An option's text, or NULL; a flag: "" when given. */
const char *argument_text(const struct command *command, const struct arguments *arguments,
                          const char *name);
/* The one of two flags that was given; NULL: neither. ERROR_USAGE: both. */
enum status argument_either(const struct command *command, const struct arguments *arguments,
                            const char *one, const char *other, const char **given);
