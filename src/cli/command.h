/* The commands: one row and one file each. Help and error messages come from the rows. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/pool.h"
#include "base/status.h"
#include "cli/option.h"

/* For every command that needs the registry; loaded before the command runs. */
#define PLUGIN_OPTION                                                                              \
    {                                                                                              \
        .name = "plugin", .argument = "FILE.so",                                                   \
        .doc = "load a normalizer from a shared object, see <normlab/plugin.h>; may be repeated",  \
        .type = OPTION_PLUGIN                                                                      \
    }

/* For commands that train. */
#define CHECKPOINT_OPTION(options, member)                                                         \
    {                                                                                              \
        .name = "checkpoint", .argument = "TIME",                                                  \
        .doc = "how often a run in progress is kept, to go on from there if it is cut off; 0: "    \
               "never, nor on a signal",                                                           \
        .type = OPTION_DURATION, FIELD(options, member), .max = 1000. * 86400, .initial = "10m"    \
    }

#define RUN_LIMIT_OPTION(options, member)                                                          \
    {                                                                                              \
        .name = "run-limit", .argument = "TIME",                                                   \
        .doc = "end a run that takes longer, by the clock: 90 (seconds), 30m, 12h, 2d; it has "    \
               "a minute to leave a checkpoint, and the next call tries it again; default: none",  \
        .type = OPTION_DURATION, FIELD(options, member), .min = 1, .max = 1000. * 86400            \
    }

/* For every command that reads results. */
#define UNSEALED_OPTION                                                                            \
    {                                                                                              \
        .name = "unsealed", .doc = "read files whose seal is missing or wrong, too",               \
        .type = OPTION_UNSEALED                                                                    \
    }

/* A parsed command line. */
struct arguments {
    void *options; /* the command's own struct; what was not given is zero or the row's `initial` */
    struct words plugins;
    bool unsealed;
    struct pool *pool; /* of all texts and lists in it */
    int argc;          /* the whole command line, for provenance */
    const char *const *argv;
};

struct command {
    const char *name, *summary;
    const char *usage;    /* where more is to be said than the operands, "RESULTS.h5 [ID]" */
    const char *details;  /* a paragraph or two for --help; NULL: none */
    const char *examples; /* lines with $ in front */
    void (*print_rows)(FILE *out); /* what --help lists of a table elsewhere; NULL: nothing */
    const struct option_row *rows; /* ends with {0}; operands in the order of the line */
    size_t size;                   /* of the struct that the rows fill */
    bool paged;                    /* a person may want to read its output page by page */
    enum status (*run)(const struct arguments *arguments);
};

/* The one list, in the order of the help: a command is a file in this folder, which ends with
 * command_<name>, and a word here. */
#define COMMANDS(command)                                                                          \
    command(run) command(init) command(tune) command(data) command(list) command(describe)         \
        command(check) command(table) command(compare) command(judge) command(report)              \
            command(plot) command(show) command(status) command(submit) command(merge)             \
                command(rerun) command(diff) command(gc) command(bench) command(complete)          \
                    command(help)

#define DECLARE_COMMAND(name) extern const struct command command_##name;
COMMANDS(DECLARE_COMMAND)
#undef DECLARE_COMMAND

int command_count(void);
const struct command *command_get(int index);
/* ERROR_USAGE with "did you mean ...?". */
enum status command_find(const char *name, const struct command **command);
/* "FILE.yaml [key=value ...]" */
const char *command_usage(const struct command *command, struct pool *pool);
void command_print_help(const struct command *command, FILE *out);
/* Its examples, each a command to be pasted. */
void command_print_examples(const struct command *command, FILE *out);

/* Parses what stands on the line from the command's name on (argv[0]), into a new struct of the
 * command. Options and operands may be mixed; after `--` all are operands. A list given twice
 * goes on, any other option keeps its last value. `help`: --help was among them, and nothing else
 * was checked. All of it is in the pool; argc and argv of `arguments` are the caller's to set. */
enum status command_parse(const struct command *command, int argc, const char *const *argv,
                          struct pool *pool, struct arguments *arguments, bool *help);

/* The whole program but for printing the message: finds the command, parses, runs it, and makes
 * sure that standard output took everything. */
enum status command_main(int argc, const char *const *argv);
