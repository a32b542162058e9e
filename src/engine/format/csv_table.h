/* CSV files: a table of numbers, one column of which is the target, and may hold words.
 *
 * Fields are separated by the first of comma, semicolon and tab that the first line has, may stand
 * in quotes, and lines end as they do anywhere; a byte order mark is passed over. Every message
 * begins with the file and the line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

struct csv_options {
    const char *target; /* name or number (from 0) of the target's column; "": the last */
    bool header;        /* the first line has names */
};

/* A text of the target's column. */
struct csv_word {
    const char *text;
    long line; /* on which it stands first */
};

enum { CSV_WORDS = 256 }; /* as many as labels */

struct csv_table {
    const char *path;
    const char *target_name;   /* of the column, or its number */
    const char *const *names;  /* [n_features + 1] of the columns; NULL: no header */
    int n_features, target_at; /* columns besides the target; its place */
    long n_rows;
    uint8_t *bytes;  /* [n_rows, n_features]: all are whole numbers from 0 to 255; or NULL, and */
    double *numbers; /* [n_rows, n_features] */
    double *targets; /* [n_rows]; what is no number: NaN */
    int *words;      /* [n_rows]: of the target, its place in `word` */
    int n_words;     /* CSV_WORDS + 1: more than that */
    struct csv_word word[CSV_WORDS + 1];
    long text_line;     /* the first whose target is no number; 0: all are */
    const char *a_text; /* that target */
    long fraction_line; /* the first whose target is no whole number; 0: all are */
    struct pool pool;
};

/* ERROR_DATA: not a table of numbers, with the line and column; missing values are counted.
 * ERROR_UNREADABLE, ERROR_RUN. */
enum status csv_table_read(const char *path, const struct csv_options *options,
                           struct csv_table *table);
/* Makes doubles of bytes. ERROR_RUN: out of memory. */
enum status csv_table_widen(struct csv_table *table);
void csv_table_free(struct csv_table *table);
