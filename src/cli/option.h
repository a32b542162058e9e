/* Options of the commands, bound to the fields they fill: a command has a struct of its own and one
 * table of rows. Parsing, checks, --help and "did you mean ...?" follow from the rows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/pool.h"
#include "base/status.h"

/* The words of a list, "a,b,c". */
struct words {
    int n;
    const char **items; /* with room for SPARE_WORDS more */
};

enum { SPARE_WORDS = 8 };

struct integers {
    int n;
    int *items;
};

/* What an option is, and the type of its field. */
enum option_type {
    OPTION_END,      /* of a table */
    OPTION_FLAG,     /* bool */
    OPTION_EITHER,   /* const char *, the flag's name; flags of one field exclude each other */
    OPTION_TEXT,     /* const char * */
    OPTION_INTEGER,  /* int, from min to max */
    OPTION_REAL,     /* double, above min, up to max */
    OPTION_DURATION, /* double, seconds from min to max: "90", "1.5h" */
    OPTION_WORD,     /* int, the index of the word in `words` */
    OPTION_LIST,     /* struct words; a comma within brackets does not part */
    OPTION_INTEGERS, /* struct integers, each from min to max */
    OPTION_READ,     /* whatever `read` fills */
    OPTION_PLUGIN,   /* no field: normalizers to load before the command runs */
    OPTION_UNSEALED, /* no field: results are read whose seal is missing or wrong */
    OPERAND,         /* const char *, a word that has to be there */
    OPERAND_MAYBE,   /* const char *, NULL where it is not there */
    OPERANDS,        /* struct words, the rest; may be none */
    OPERANDS_SOME,   /* struct words, the rest; at least one */
};

enum field_type {
    FIELD_NONE,
    FIELD_BOOL,
    FIELD_INT,
    FIELD_REAL,
    FIELD_TEXT,
    FIELD_WORDS,
    FIELD_INTEGERS,
};

struct option_row {
    const char *name;     /* "jobs" for --jobs; of operands, as usage has it: "FILE.yaml" */
    const char *argument; /* "N", or NULL for a flag */
    const char *doc;      /* one line */
    enum option_type type;
    size_t offset;         /* FIELD */
    enum field_type field; /* FIELD */
    double min, max;
    const char *words;   /* "direction|equality" */
    const char *initial; /* the default, as a user would write it; help shows it */
    const char *alias;   /* a name it had before: understood, not shown */
    enum status (*read)(const char *text, void *options);
};

/* The field of a struct that an option fills; command tests compare its type with the option's. */
#define FIELD(options, member)                                                                     \
    .offset = offsetof(options, member),                                                           \
    .field = _Generic(((options *)NULL)->member,                                                   \
        bool: FIELD_BOOL,                                                                          \
        int: FIELD_INT,                                                                            \
        double: FIELD_REAL,                                                                        \
        const char *: FIELD_TEXT,                                                                  \
        struct words: FIELD_WORDS,                                                                 \
        struct integers: FIELD_INTEGERS)

bool option_is_operand(const struct option_row *row);
/* Does it stand without a value? */
bool option_is_flag(const struct option_row *row);
/* Does it hold several words? Given again, it adds its own: --where a=1 --where b=2 is --where
 * a=1,b=2. */
bool option_is_list(const struct option_row *row);
/* The type of the field that an option of this type fills. */
enum field_type option_fills(enum option_type type);

/* Reads the text of an option into its field of `options`; a flag's text is "". ERROR_USAGE, with
 * the option's name in front: "--jobs: '2x' is not a whole number from 1 to 4096". */
enum status option_read(const struct option_row *row, const char *text, struct pool *pool,
                        void *options);

/* "a,b,c" of the option `name`. ERROR_USAGE: an empty word. */
enum status words_split(const char *name, const char *text, struct pool *pool, struct words *words);
