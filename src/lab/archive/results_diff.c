/* Compares two results files: how they were defined, which runs they have, what came out of those
 * that both have. */
#include "lab/archive/results_diff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/sort.h"
#include "base/text.h"
#include "io/json.h"
#include "lab/config/keys.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"

static struct results_difference *add(struct results_diff *diff, const char *part, const char *name,
                                      const char *a, const char *b) {
    struct pool *pool = &diff->pool;
    diff->items = pool_grow(pool, diff->items, diff->n, &diff->capacity, sizeof *diff->items);
    diff->items[diff->n] = (struct results_difference){
        part, pool_text(pool, name), pool_text(pool, a), pool_text(pool, b), 0, NAN};
    return &diff->items[diff->n++];
}

static void compare_texts(struct results_diff *diff, const char *part, const char *name,
                          const char *a, const char *b) {
    if (strcmp(a, b) != 0)
        add(diff, part, name, *a ? a : "-", *b ? b : "-");
}

/* ---- how they were defined ---- */

static const char *json_words(const struct json *value, struct pool *pool) {
    const char *text = "[";
    if (!value)
        return "";
    if (value->type == JSON_TEXT)
        return value->text;
    if (value->type == JSON_NUMBER)
        return number_text(value->number, pool);
    if (value->type == JSON_BOOL)
        return value->number != 0 ? "true" : "false";
    for (const struct json *item = value->first; item; item = item->next)
        text = pool_format(pool, "%s%s%s%s%s", text, item == value->first ? "" : ", ",
                           item->name ? item->name : "", item->name ? ": " : "",
                           json_words(item, pool));
    return pool_format(pool, "%s]", text);
}

/* The values of a key: those of its axis, or that of the base. */
static const char *key_words(const struct json *resolved, const char *name, struct pool *pool) {
    const struct json *axes = json_list(resolved, "axes");
    for (const struct json *axis = axes ? axes->first : NULL; axis; axis = axis->next)
        if (json_get(axis, name))
            return json_words(json_get(axis, name), pool);
    return json_words(json_get(json_get(resolved, "base"), name), pool);
}

/* Keys of `one`; of `other` those that `one` has not are the next call's. */
static void compare_keys(struct results_diff *diff, const struct json *one, const struct json *a,
                         const struct json *b, const struct json *skip) {
    struct pool pool = {0};
    const struct json *base = json_get(one, "base");
    for (const struct json *key = base ? base->first : NULL; key; key = key->next)
        if (key->name && !(skip && json_get(skip, key->name)))
            compare_texts(diff, "definition", key->name, key_words(a, key->name, &pool),
                          key_words(b, key->name, &pool));
    pool_free(&pool);
}

static void compare_definitions(struct results_diff *diff, const struct store_header *a,
                                const struct store_header *b) {
    struct pool pool = {0};
    struct json *left, *right;
    if (*a->resolved && *b->resolved && json_parse(a->resolved, &pool, &left) == OK &&
        json_parse(b->resolved, &pool, &right) == OK && json_get(left, "base") &&
        json_get(right, "base")) {
        compare_keys(diff, left, left, right, NULL);
        compare_keys(diff, right, left, right, json_get(left, "base"));
        compare_texts(diff, "definition", "exclude", json_words(json_list(left, "exclude"), &pool),
                      json_words(json_list(right, "exclude"), &pool));
    }
    pool_free(&pool);
}

static void compare_headers(struct results_diff *diff, const struct store_header *a,
                            const struct store_header *b) {
    compare_texts(diff, "file", "name", a->name, b->name);
    compare_texts(diff, "file", "title", a->title, b->title);
    compare_texts(diff, "file", "file", a->file, b->file);
    compare_texts(diff, "file", "overrides", a->overrides, b->overrides);
    compare_texts(diff, "file", "source", a->source, b->source);
    compare_definitions(diff, a, b);
}

/* ---- which runs they have ---- */

struct side {
    struct pool pool;
    const char *path;
    struct store_header header;
    struct table summary;
    const char *const *ids; /* [n_rows] */
    int *partner;           /* [n_rows] row of the other side; -1: none */
};

static enum status side_open(struct side *side, const char *path) {
    *side = (struct side){.path = path};
    enum status status = store_read_header(path, &side->pool, &side->header);
    if (!status)
        status = store_read_summary(path, &side->summary);
    if (status)
        return status;
    size_t n = (size_t)side->summary.n_rows;
    side->ids = table_find(&side->summary, "run")->texts;
    side->partner = pool_alloc(&side->pool, n * sizeof *side->partner + 1);
    for (size_t i = 0; i < n; i++)
        side->partner[i] = -1;
    return OK;
}

static void side_close(struct side *side) {
    table_free(&side->summary);
    pool_free(&side->pool);
}

static void make_pair(struct side *a, int row_a, struct side *b, int row_b) {
    a->partner[row_a] = row_b;
    b->partner[row_b] = row_a;
}

/* The keys in one text, but for those that say how much was logged. */
static const char *configuration(const struct side *side, int row, struct pool *pool) {
    struct pool scratch = {0};
    struct text text;
    FILE *out = text_begin(&text, pool);
    for (int i = 0; i < side->summary.n_columns; i++) {
        const struct column *column = &side->summary.columns[i];
        int key = key_find(column->name);
        if (key >= 0 && !key_get(key)->volatile_)
            fprintf(out, "%s=%s\n", column->name, table_text(column, row, &scratch));
    }
    pool_free(&scratch);
    return text_end(&text);
}

/* A text for each row of `side`; pairs `a` and `b` where their texts are equal. */
typedef const char *row_text(const struct side *side, int row, struct pool *pool);

static const char *id_of(const struct side *side, int row, struct pool *pool) {
    (void)pool;
    return side->ids[row];
}

struct named_row {
    const char *text;
    int row;
};

static int compare_named(const void *a, const void *b) {
    return strcmp(((const struct named_row *)a)->text, ((const struct named_row *)b)->text);
}

static void pair_by(row_text *text_of, struct side *a, struct side *b) {
    struct pool pool = {0};
    size_t n = 0;
    struct named_row *named = pool_alloc(&pool, (size_t)b->summary.n_rows * sizeof *named + 1);
    for (int row = 0; row < b->summary.n_rows; row++)
        if (b->partner[row] < 0)
            named[n++] = (struct named_row){text_of(b, row, &pool), row};
    sort_items(named, n, sizeof *named, compare_named);
    for (int row = 0; row < a->summary.n_rows; row++) {
        struct named_row wanted = {.row = row};
        if (a->partner[row] >= 0)
            continue;
        wanted.text = text_of(a, row, &pool);
        const struct named_row *found = find_item(&wanted, named, n, sizeof *named, compare_named);
        if (found && b->partner[found->row] < 0)
            make_pair(a, row, b, found->row);
    }
    pool_free(&pool);
}

static void find_pairs(struct side *a, struct side *b) {
    pair_by(id_of, a, b);
    pair_by(configuration, a, b);
    if (a->summary.n_rows == 1 && b->summary.n_rows == 1 && a->partner[0] < 0)
        make_pair(a, 0, b, 0);
}

/* "2 runs, such as r0123456789ab" */
static const char *lonely_words(const struct side *side, int *n, struct pool *pool) {
    const char *first = "";
    *n = 0;
    for (int row = side->summary.n_rows - 1; row >= 0; row--)
        if (side->partner[row] < 0) {
            ++*n;
            first = side->ids[row];
        }
    return *n ? pool_format(pool, "%d, such as %s", *n, first) : "0";
}

static void compare_lists(struct results_diff *diff, const struct side *a, const struct side *b) {
    struct pool pool = {0};
    const char *only_a = lonely_words(a, &diff->n_only_a, &pool);
    const char *only_b = lonely_words(b, &diff->n_only_b, &pool);
    if (diff->n_only_a + diff->n_only_b > 0)
        add(diff, "runs", "only here", only_a, only_b);
    pool_free(&pool);
}

/* ---- what came out ---- */

/* Of all runs that differ in one thing, the values of the one that does most. */
static void count_difference(struct results_diff *diff, const char *part,
                             const struct record_difference *found) {
    struct results_difference *item = NULL;
    for (int i = 0; i < diff->n && !item; i++)
        if (diff->items[i].n_runs > 0 && !strcmp(diff->items[i].part, part) &&
            !strcmp(diff->items[i].name, found->name))
            item = &diff->items[i];
    if (!item)
        item = add(diff, part, found->name, found->a, found->b);
    item->n_runs++;
    if (found->relative > item->relative || (isnan(item->relative) && !isnan(found->relative))) {
        item->a = pool_text(&diff->pool, found->a);
        item->b = pool_text(&diff->pool, found->b);
        item->relative = found->relative;
    }
}

static const char *status_of(const struct side *side, int row) {
    const struct column *status = table_find(&side->summary, "status");
    return status && status->type == TYPE_TEXT ? status->texts[row] : run_end_name(END_COMPLETE);
}

static enum status compare_records(struct results_diff *diff, const struct side *a, int row_a,
                                   const struct side *b, int row_b) {
    struct record left = {0}, right = {0};
    struct record_diff found;
    enum status status = store_read_run_of(a->path, a->ids[row_a], &left);
    if (!status)
        status = store_read_run_of(b->path, b->ids[row_b], &right);
    if (!status) {
        record_compare(&left, &right, &found);
        for (int i = 0; i < found.n; i++)
            count_difference(diff, diff_part_name(found.items[i].part), &found.items[i]);
        record_diff_free(&found);
    }
    record_free(&left);
    record_free(&right);
    return status;
}

/* A run without results has a status alone. */
static enum status compare_pair(struct results_diff *diff, const struct side *a, int row_a,
                                const struct side *b, int row_b) {
    const char *left = status_of(a, row_a), *right = status_of(b, row_b);
    diff->n_both++;
    if (run_has_group(&a->summary, row_a) && run_has_group(&b->summary, row_b))
        return compare_records(diff, a, row_a, b, row_b);
    if (strcmp(left, right) != 0)
        count_difference(diff, "runs",
                         &(struct record_difference){DIFF_METRIC, "status", left, right, NAN});
    return OK;
}

static enum status compare_sides(struct results_diff *diff, struct side *a, struct side *b) {
    enum status status = OK;
    compare_headers(diff, &a->header, &b->header);
    find_pairs(a, b);
    compare_lists(diff, a, b);
    for (int row = 0; row < a->summary.n_rows && !status; row++)
        if (a->partner[row] >= 0)
            status = compare_pair(diff, a, row, b, a->partner[row]);
    return status;
}

enum status results_compare(const char *path_a, const char *path_b, struct results_diff *diff) {
    struct side a, b = {0};
    *diff = (struct results_diff){0};
    enum status status = side_open(&a, path_a);
    if (!status)
        status = side_open(&b, path_b);
    if (!status)
        status = compare_sides(diff, &a, &b);
    side_close(&a);
    side_close(&b);
    if (status)
        results_diff_free(diff);
    return status;
}

void results_diff_free(struct results_diff *diff) {
    pool_free(&diff->pool);
    *diff = (struct results_diff){0};
}
