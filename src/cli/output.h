/* How a table leaves the program: aligned for eyes, tab-separated or JSON for programs, LaTeX or
 * Markdown for papers. A command fills a table of typed cells and knows nothing of these. */
#pragma once

#include <stdbool.h>

#include "cli/option.h"
#include "lab/table/table.h"

enum output_format {
    OUTPUT_AUTO, /* text for a person, tab-separated for a program */
    OUTPUT_TEXT,
    OUTPUT_TSV,
    OUTPUT_JSON,
    OUTPUT_LATEX,
    OUTPUT_MARKDOWN
};

/* What the command line says about it. */
struct output_options {
    const char *flag; /* "json" or "tsv" */
    int format;       /* enum output_format */
    int digits;       /* significant ones of a real number; 0: by the format */
    struct words sort;
};

#define OUTPUT_JSON_OPTION(options, member)                                                        \
    {                                                                                              \
        .name = "json", .doc = "the same as JSON, as share/schema/output.json describes",          \
        .type = OPTION_EITHER, FIELD(options, member)                                              \
    }

/* For commands that print tables. */
#define OUTPUT_OPTIONS(options, member)                                                            \
    OUTPUT_JSON_OPTION(options, member.flag),                                                      \
        {.name = "tsv",                                                                            \
         .doc = "tab-separated; what a pipe gets in any case",                                     \
         .type = OPTION_EITHER,                                                                    \
         FIELD(options, member.flag)},                                                             \
        {.name = "digits",                                                                         \
         .argument = "N",                                                                          \
         .doc = "significant digits; default: 6 on a terminal, 3 in a table for a paper, "         \
                "elsewhere as many as it takes to read back the same number",                      \
         .type = OPTION_INTEGER,                                                                   \
         FIELD(options, member.digits),                                                            \
         .min = 1,                                                                                 \
         .max = 17},                                                                               \
    {                                                                                              \
        .name = "sort", .argument = "A,B",                                                         \
        .doc = "sort rows by these columns; -A: the largest first", .type = OPTION_LIST,           \
        FIELD(options, member.sort)                                                                \
    }

#define OUTPUT_FORMATS "auto|text|tsv|json|latex|markdown"
#define OUTPUT_FORMAT_OPTION(options, member)                                                      \
    {                                                                                              \
        .name = "format", .argument = "WORD",                                                      \
        .doc = "auto (text on a terminal, tsv in a pipe), text, tsv, json, latex or markdown; "    \
               "these two are for papers: of groups median and interval, and failures/n",          \
        .type = OPTION_WORD, FIELD(options, member.format), .words = OUTPUT_FORMATS,               \
        .initial = "auto"                                                                          \
    }

/* What JSON says before the rows, and eyes read elsewhere. */
struct output_fact {
    const char *name, *text;
    bool truth; /* where text is NULL */
};

/* Sentences on what one has to know to read the table right. */
struct notes {
    int n, capacity;
    const char **items;
};

struct output_heading {
    const char *command;
    int n_facts;
    const struct output_fact *facts;
    struct notes notes;
};

__attribute__((format(printf, 3, 4))) void note(struct notes *notes, struct pool *pool,
                                                const char *format, ...);
/* On standard error, unless they are in the JSON. */
void notes_print(const struct output_options *options, const struct notes *notes);

/* The format that the options ask for, never OUTPUT_AUTO. */
enum output_format output_format(const struct output_options *options);

/* Can a table of these columns be printed so? For commands that remove files or train before they
 * have rows. ERROR_USAGE: --sort names no column; --json and --tsv beside another --format. */
enum status output_check(const struct output_options *options, const struct table *table);
/* Sorts and prints. ERROR_USAGE: as output_check. */
enum status output_table(const struct output_options *options, const struct output_heading *heading,
                         const struct table *table, FILE *out);
