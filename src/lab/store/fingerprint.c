/* Hashes parts, sorts the hashes, and hashes them. */
#include "lab/store/fingerprint.h"

#include <string.h>

#include "base/sort.h"
#include "base/visible.h"

/* ---- one part ---- */

/* As it is written. */
static void add_text(struct hash *hash, const char *text) {
    struct pool pool = {0};
    const char *written = text_visible(text ? text : "", &pool);
    hash_add(hash, written, strlen(written) + 1);
    pool_free(&pool);
}

static void end_part(struct fingerprint *print, const struct hash *hash) {
    char text[HASH_TEXT_SIZE];
    hash_end(hash, text);
    print->parts =
        pool_grow(&print->pool, print->parts, print->n, &print->capacity, sizeof *print->parts);
    print->parts[print->n++] = pool_text(&print->pool, text);
}

static void add_attributes(struct hash *hash, const struct attributes *list) {
    hash_add(hash, &list->n, sizeof list->n);
    for (int i = 0; i < list->n; i++) {
        const struct attribute *attribute = &list->items[i];
        add_text(hash, attribute->name);
        hash_add(hash, &attribute->type, sizeof attribute->type);
        if (attribute->type == TYPE_TEXT)
            add_text(hash, attribute->text);
        else if (attribute->type == TYPE_REAL)
            hash_add(hash, &attribute->real, sizeof attribute->real);
        else
            hash_add(hash, &attribute->integer, sizeof attribute->integer);
    }
}

static void add_column(struct hash *hash, const struct column *column, int n_rows) {
    size_t n = (size_t)n_rows;
    const char *const texts[] = {column->name, column->unit, column->doc};
    for (int i = 0; i < 3; i++)
        add_text(hash, texts[i]);
    hash_add(hash, &column->type, sizeof column->type);
    if (column->type == TYPE_REAL)
        hash_add(hash, column->reals, n * sizeof *column->reals);
    else if (column->type != TYPE_TEXT)
        hash_add(hash, column->integers, n * sizeof *column->integers);
    else
        for (size_t row = 0; row < n; row++)
            add_text(hash, column->texts[row]);
}

/* ---- parts of a file ---- */

void fingerprint_series(struct fingerprint *print, const struct series *series) {
    const char *const texts[] = {series->group, series->name, series->unit, series->doc};
    size_t n_dims = (size_t)series->n_dims;
    struct hash hash;
    hash_begin(&hash);
    for (int i = 0; i < 4; i++)
        add_text(&hash, texts[i]);
    hash_add(&hash, &series->type, sizeof series->type);
    hash_add(&hash, series->dims, n_dims * sizeof *series->dims);
    for (size_t d = 0; d < n_dims; d++)
        add_text(&hash, series->dim_names[d]);
    size_t count = series_count(series);
    if (series->type != SERIES_TEXT)
        hash_add(&hash, series->data, count * series_element_size(series->type));
    else
        for (size_t i = 0; i < count; i++)
            add_text(&hash, ((const char *const *)series->data)[i]);
    end_part(print, &hash);
}

void fingerprint_attributes(struct fingerprint *print, const struct record *record) {
    struct hash hash;
    hash_begin(&hash);
    add_text(&hash, record->id);
    add_attributes(&hash, &record->config);
    add_attributes(&hash, &record->final);
    add_attributes(&hash, &record->provenance);
    end_part(print, &hash);
}

void fingerprint_header(struct fingerprint *print, const struct store_header *header) {
    const char *const texts[] = {header->name,    header->title, header->source,
                                 header->history, header->yaml,  header->resolved,
                                 header->plan,    header->file,  header->overrides};
    struct hash hash;
    hash_begin(&hash);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(&hash, texts[i]);
    end_part(print, &hash);
}

void fingerprint_table(struct fingerprint *print, const struct table *table) {
    for (int i = 0; i < table->n_columns; i++) {
        struct hash hash;
        hash_begin(&hash);
        add_column(&hash, &table->columns[i], table->n_rows);
        end_part(print, &hash);
    }
}

void fingerprint_end(struct fingerprint *print, char text[HASH_TEXT_SIZE]) {
    struct hash hash;
    hash_begin(&hash);
    if (print->n > 0)
        sort_texts(print->parts, (size_t)print->n);
    for (int i = 0; i < print->n; i++)
        hash_add(&hash, print->parts[i], HASH_TEXT_SIZE);
    hash_end(&hash, text);
    pool_free(&print->pool);
    *print = (struct fingerprint){0};
}
