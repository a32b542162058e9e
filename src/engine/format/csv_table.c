/* Reads CSV by libcsv, which finds the fields; here they become numbers. */
#include "engine/format/csv_table.h"

#include <csv.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "base/visible.h"
#include "base/words.h"
#include "engine/format/array.h"
#include "engine/format/csv_field.h"
#include "engine/format/csv_header.h"
#include "engine/format/gz_file.h"

enum {
    CHUNK = 1 << 18,
    FIELD_SIZE = 1 << 24, /* bytes: a small compressed file may hold a field that fills memory */
    COLUMNS = 1 << 22,    /* likewise of names */
    SHOWN = 40            /* characters of a field in a message */
};

struct reader {
    struct csv_table *table;
    const struct csv_options *options;
    struct csv_parser parser;
    enum status status; /* what libcsv still finds after a failure is passed over */
    long line;          /* of the field that comes next */
    bool after_cr;      /* a line feed here belongs to the return before it */
    int n_fields;       /* of this row, so far */
    int n_columns;      /* of the first row; 0: it is that */
    int names_room;
    size_t n, room, rows_room; /* values; and how many there is room for, and for how many rows */
    long n_missing, missing_line; /* how many values, and where the first is */
    int missing_column;
    double target; /* of this row */
    int word;
    const char **names;
};

/* Puts the place in front of what is wrong. */
static void stop(struct reader *reader, enum status status) {
    reader->status = fail_in(status, "%s:%ld", reader->table->path, reader->line);
}

static void out_of_memory(struct reader *reader) {
    reader->status = fail(ERROR_RUN, "%s: out of memory", reader->table->path);
}

/* "column 'age'", or its number where there are no names. */
static const char *column_text(const struct reader *reader, int column, struct pool *pool) {
    return reader->table->names ? pool_format(pool, "column '%s'", reader->table->names[column])
                                : pool_format(pool, "column %d", column);
}

/* ---- memory ---- */

static size_t value_size(const struct csv_table *table) {
    return table->numbers ? sizeof *table->numbers : 1;
}

/* Half as much again; the whole may take what an array may. */
static void grow_values(struct reader *reader) {
    struct csv_table *table = reader->table;
    size_t room = reader->room + reader->room / 2 + CHUNK;
    if (room * value_size(table) > array_most_bytes()) {
        stop(reader,
             fail(ERROR_DATA, "the table needs more than half of the memory for this process"));
        return;
    }
    void *grown = realloc(table->numbers ? (void *)table->numbers : (void *)table->bytes,
                          room * value_size(table));
    if (!grown) {
        out_of_memory(reader);
        return;
    }
    if (table->numbers)
        table->numbers = grown;
    else
        table->bytes = grown;
    reader->room = room; /* analysis: the table has them, csv_table_free frees them */
}

static void grow_rows(struct reader *reader) {
    struct csv_table *table = reader->table;
    size_t room = reader->rows_room + reader->rows_room / 2 + 1024;
    double *targets = realloc(table->targets, room * sizeof *targets);
    if (targets)
        table->targets = targets;
    int *words = realloc(table->words, room * sizeof *words);
    if (words)
        table->words = words;
    if (!targets || !words)
        out_of_memory(reader);
    else
        reader->rows_room = room;
} /* analysis: likewise */

static enum status widen(struct csv_table *table, size_t n, size_t room) {
    if (table->bytes && room * sizeof(double) > array_most_bytes())
        return fail(ERROR_DATA, "%s: the table needs more than half of the memory for this process",
                    table->path);
    double *numbers = table->bytes ? malloc(room * sizeof *numbers) : table->numbers;
    if (!numbers)
        return fail(ERROR_RUN, "%s: out of memory", table->path);
    for (size_t i = 0; i < n && table->bytes; i++)
        numbers[i] = table->bytes[i];
    free(table->bytes);
    table->bytes = NULL;
    table->numbers = numbers;
    return OK; /* analysis: likewise */
}

enum status csv_table_widen(struct csv_table *table) {
    size_t n = (size_t)table->n_rows * (size_t)table->n_features;
    return widen(table, n, n);
}

/* ---- the header ---- */

static void find_target(struct reader *reader) {
    struct csv_table *table = reader->table;
    enum status status = csv_find_target(table->names, reader->n_columns, reader->options->target,
                                         &table->target_at);
    if (status)
        stop(reader, status);
    table->n_features = reader->n_columns - 1;
}

static void end_header(struct reader *reader) {
    struct csv_table *table = reader->table;
    reader->n_columns = reader->n_fields;
    table->names = reader->names;
    enum status status = csv_check_names(table->names, reader->n_columns);
    if (status)
        stop(reader, status);
    else
        find_target(reader);
}

static void take_name(struct reader *reader, const char *text) {
    struct pool *pool = &reader->table->pool;
    reader->names = pool_grow(pool, reader->names, reader->n_fields, &reader->names_room,
                              sizeof *reader->names);
    reader->names[reader->n_fields] = pool_text(pool, text);
}

/* ---- rows ---- */

/* Most often it is one of the first classes. */
static int find_word(struct reader *reader, const char *text) {
    struct csv_table *table = reader->table;
    int i = table->n_words > CSV_WORDS ? table->n_words : 0; /* too many: they are no classes */
    while (i < table->n_words && strcmp(table->word[i].text, text) != 0)
        i++;
    if (i == table->n_words && i <= CSV_WORDS)
        table->word[table->n_words++] =
            (struct csv_word){pool_text(&table->pool, text), reader->line};
    return i;
}

static void note_missing(struct reader *reader) {
    if (reader->n_missing++ == 0) {
        reader->missing_line = reader->line;
        reader->missing_column = reader->n_fields;
    }
}

static void take_target(struct reader *reader, const char *text, size_t size) {
    struct csv_table *table = reader->table;
    if (csv_is_missing(text))
        note_missing(reader);
    reader->word = find_word(reader, text);
    reader->target = NAN;
    if (!csv_number(text, size, &reader->target)) {
        reader->target = NAN;
        if (!table->text_line) {
            table->text_line = reader->line;
            table->a_text = pool_text(&table->pool, text);
        }
    } else if (!table->fraction_line && reader->target != floor(reader->target)) {
        table->fraction_line = reader->line;
    }
}

/* Where the field stands, and what it is not. */
static void fail_value(struct reader *reader, const char *text, const char *what,
                       const char *hint) {
    struct pool pool = {0};
    char shown[SHOWN];
    text_show(shown, sizeof shown, text);
    const char *column = column_text(reader, reader->n_fields, &pool);
    stop(reader, fail(ERROR_DATA, "%s: '%s' is no %s%s", column, shown, what, hint));
    pool_free(&pool);
}

static void fail_number(struct reader *reader, const char *text) {
    bool first = reader->n == 0 && reader->table->n_rows == 0;
    fail_value(reader, text, "number",
               first && !reader->table->names ? "; is it a header? Then say data.header: true"
                                              : "");
}

static void take_value(struct reader *reader, const char *text, size_t size) {
    struct csv_table *table = reader->table;
    double value = 0;
    if (!csv_number(text, size, &value)) {
        if (!csv_is_missing(text)) {
            fail_number(reader, text);
            return;
        }
        note_missing(reader);
        value = 0;
    }
    if (reader->n == reader->room)
        grow_values(reader);
    bool is_byte = value >= 0 && value <= UINT8_MAX && value == floor(value) && !signbit(value);
    if (!reader->status && !table->numbers && !is_byte)
        reader->status = widen(table, reader->n, reader->room); /* analysis: likewise */
    if (!reader->status && !isfinite((float)value))
        fail_value(reader, text, "finite number in float32", "");
    if (reader->status)
        return;
    if (table->numbers)
        table->numbers[reader->n++] = value;
    else
        table->bytes[reader->n++] = (uint8_t)value;
}

/* The first row of a file without a header says how many columns there are, and its target cannot
 * be told before: it waits among the names. */
static void end_first_row(struct reader *reader) {
    int n = reader->n_columns = reader->n_fields;
    find_target(reader);
    for (int i = 0; i < n && !reader->status; i++) {
        const char *text = reader->names[i];
        reader->n_fields = i;
        if (i == reader->table->target_at)
            take_target(reader, text, strlen(text));
        else
            take_value(reader, text, strlen(text));
    }
    reader->n_fields = n;
}

static void end_row(struct reader *reader) {
    struct csv_table *table = reader->table;
    if (reader->n_columns == 0) {
        if (reader->options->header) {
            end_header(reader);
            return;
        }
        end_first_row(reader);
    }
    if (!reader->status && reader->n_fields != reader->n_columns)
        stop(reader, fail(ERROR_DATA, "%d field%s, where the first line has %d", reader->n_fields,
                          plural(reader->n_fields), reader->n_columns));
    if (!reader->status && table->n_rows == INT_MAX)
        stop(reader, fail(ERROR_DATA, "more than %d rows", INT_MAX));
    if (!reader->status && (size_t)table->n_rows == reader->rows_room)
        grow_rows(reader);
    if (reader->status)
        return;
    table->targets[table->n_rows] = reader->target;
    table->words[table->n_rows] = reader->word; /* analysis: likewise */
    table->n_rows++;
}

/* ---- what libcsv calls ---- */

/* A field, with a 0 behind it. Those with an end of line in them are in quotes. */
static void on_field(void *bytes, size_t size, void *context) {
    struct reader *reader = context;
    const char *text = bytes ? bytes : "";
    if (reader->status)
        return;
    if (reader->n_columns == 0 && reader->n_fields == COLUMNS)
        stop(reader, fail(ERROR_DATA, "more than %d columns", COLUMNS));
    else if (reader->n_columns == 0)
        take_name(reader, text);
    else if (reader->n_fields < reader->n_columns && reader->n_fields == reader->table->target_at)
        take_target(reader, text, size);
    else if (reader->n_fields < reader->n_columns)
        take_value(reader, text, size);
    reader->n_fields++;
    reader->after_cr = false;
    if (*text < '0' || *text > '9') /* else it is a number */
        for (const char *at = text; (at = strchr(at, '\n')); at++)
            reader->line++;
}

/* An end of line, also of an empty one; -1: the end of the file. */
static void on_end(int character, void *context) {
    struct reader *reader = context;
    if (reader->status)
        return;
    if (reader->n_fields > 0)
        end_row(reader);
    reader->n_fields = 0;
    if (!reader->status && !(character == '\n' && reader->after_cr))
        reader->line++;
    reader->after_cr = character == '\r';
}

/* ---- the file ---- */

static void parse(struct reader *reader, const char *bytes, size_t size) {
    size_t taken = csv_parse(&reader->parser, bytes, size, on_field, on_end, reader);
    if (reader->status || taken == size)
        return;
    if (csv_error(&reader->parser) == CSV_EPARSE)
        stop(reader, fail(ERROR_DATA, "a quote in the middle of a field"));
    else
        out_of_memory(reader);
}

/* A piece of the file; *skip: bytes to pass over. */
static enum status read_piece(struct gz_file *file, bool first, char bytes[CHUNK], size_t *n,
                              size_t *skip) {
    enum status status = gz_read(file, CHUNK, "its rows", bytes, n);
    *skip = 0;
    if (!status && first)
        status = csv_begin(bytes, *n, skip);
    if (!status && memchr(bytes, 0, *n)) /* what a power cut leaves, say */
        status = fail(ERROR_DATA, "is no text: it has zeros in it");
    return status;
}

static enum status read_pieces(struct reader *reader, struct gz_file *file) {
    char *bytes = malloc(CHUNK);
    size_t n = CHUNK, skip;
    if (!bytes)
        return fail(ERROR_RUN, "%s: out of memory", reader->table->path);
    for (bool first = true; !reader->status && n == CHUNK; first = false) {
        enum status status = read_piece(file, first, bytes, &n, &skip);
        if (!status && csv_get_buffer_size(&reader->parser) > FIELD_SIZE)
            status =
                fail(ERROR_DATA, "a field of more than %d bytes; has a quote no end?", FIELD_SIZE);
        if (status) {
            stop(reader, status);
            break;
        }
        if (first)
            csv_set_delim(&reader->parser, (unsigned char)csv_separator(bytes + skip, n - skip));
        parse(reader, bytes + skip, n - skip);
    }
    free(bytes);
    return reader->status;
}

/* The last line may lack its end. */
static enum status end_file(struct reader *reader) {
    struct csv_table *table = reader->table;
    if (csv_fini(&reader->parser, on_field, on_end, reader) != 0 && !reader->status)
        stop(reader, fail(ERROR_DATA, "a quote has no end"));
    if (!reader->status && reader->n_missing > 0) {
        struct pool pool = {0};
        reader->line = reader->missing_line;
        stop(reader, fail(ERROR_DATA,
                          "%s: no value (%ld missing in %ld rows); leave such rows out, or put "
                          "numbers there",
                          column_text(reader, reader->missing_column, &pool), reader->n_missing,
                          table->n_rows));
        pool_free(&pool);
    }
    if (!reader->status && table->n_rows == 0)
        reader->status = fail(ERROR_DATA, "%s: has no rows", table->path);
    return reader->status;
}

static enum status read_open(struct reader *reader, struct gz_file *file) {
    struct csv_table *table = reader->table;
    if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL))
        return fail(ERROR_RUN, "%s: out of memory", table->path);
    csv_set_blk_size(&reader->parser, CHUNK);
    enum status status = read_pieces(reader, file);
    if (!status)
        status = end_file(reader);
    csv_free(&reader->parser);
    if (status)
        return status;
    size_t n = reader->n * value_size(table);
    pages_large(table->numbers ? (void *)table->numbers : (void *)table->bytes, n);
    table->target_name = table->names ? table->names[table->target_at]
                                      : pool_format(&table->pool, "%d", table->target_at);
    return OK;
}

enum status csv_table_read(const char *path, const struct csv_options *options,
                           struct csv_table *table) {
    struct csv_table read = {.path = path};
    struct reader reader = {.table = &read, .options = options, .line = 1};
    struct gz_file file;
    enum status status = gz_open(path, &file);
    if (status)
        return status;
    status = read_open(&reader, &file);
    gz_close(&file);
    if (status) {
        csv_table_free(&read);
        return status;
    }
    *table = read;
    return OK;
}

void csv_table_free(struct csv_table *table) {
    free(table->bytes);
    free(table->numbers);
    free(table->targets);
    free(table->words);
    pool_free(&table->pool);
    *table = (struct csv_table){0};
}
