/* Compares two records: what was asked for, where it ran, what came out. */
#include "lab/merge/record_diff.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

static const char absent[] = "-";

const char *diff_part_name(enum diff_part part) {
    static const char *const names[DIFF_PARTS] = {[DIFF_CONFIGURATION] = "configuration",
                                                  [DIFF_ENVIRONMENT] = "environment",
                                                  [DIFF_METRIC] = "metric",
                                                  [DIFF_SERIES] = "series"};
    return names[part];
}

static void add(struct record_diff *diff, enum diff_part part, const char *name, const char *a,
                const char *b, double relative) {
    struct pool *pool = &diff->pool;
    diff->items = pool_grow(pool, diff->items, diff->n, &diff->capacity, sizeof *diff->items);
    diff->items[diff->n++] = (struct record_difference){
        part, pool_text(pool, name), pool_text(pool, a), pool_text(pool, b), relative};
}

/* ---- numbers ---- */

/* 0: the same. */
static double relative_difference(double a, double b) {
    if (a == b || (isnan(a) && isnan(b)))
        return 0;
    double difference = fabs(a - b) / fmax(fabs(a), fabs(b));
    return isfinite(difference) ? difference : INFINITY;
}

/* ---- attributes ---- */

static const char *attribute_words(const struct attribute *attribute, struct pool *pool) {
    if (!attribute)
        return absent;
    switch (attribute->type) {
    case TYPE_TEXT:
        return attribute->text;
    case TYPE_BOOL:
        return attribute->integer ? "true" : "false";
    case TYPE_INT:
        return pool_format(pool, "%ld", attribute->integer);
    case TYPE_REAL:
        return number_text(attribute->real, pool);
    }
    return absent;
}

/* What two runs of one configuration differ in, whatever the machine. */
static bool is_of_the_moment(const char *name) {
    static const char *const names[] = {"started", "finished", "resumed", "arguments",
                                        "concurrency"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return length > 2 && !strcmp(name + length - 2, "_s");
}

static double attribute_difference(const struct attribute *a, const struct attribute *b) {
    if (!a || !b || a->type != b->type)
        return INFINITY;
    if (a->type == TYPE_TEXT)
        return strcmp(a->text, b->text) ? INFINITY : 0;
    return a->type == TYPE_REAL ? relative_difference(a->real, b->real)
                                : relative_difference((double)a->integer, (double)b->integer);
}

static void compare_attribute(struct record_diff *diff, enum diff_part part, const char *name,
                              const struct attribute *a, const struct attribute *b) {
    struct pool pool = {0};
    if (is_of_the_moment(name))
        return;
    double relative = attribute_difference(a, b);
    diff->n_metrics += part == DIFF_METRIC;
    if (relative != 0)
        add(diff, part, name, attribute_words(a, &pool), attribute_words(b, &pool),
            part == DIFF_METRIC ? relative : NAN);
    pool_free(&pool);
}

static void compare_attributes(struct record_diff *diff, enum diff_part part,
                               const struct attributes *a, const struct attributes *b) {
    for (int i = 0; i < a->n; i++)
        compare_attribute(diff, part, a->items[i].name, &a->items[i],
                          attributes_find(b, a->items[i].name));
    for (int i = 0; i < b->n; i++)
        if (!attributes_find(a, b->items[i].name))
            compare_attribute(diff, part, b->items[i].name, NULL, &b->items[i]);
}

/* ---- series ---- */

static const char *shape_words(const struct series *series, struct pool *pool) {
    const char *text = "[";
    if (!series)
        return absent;
    for (int d = 0; d < series->n_dims; d++)
        text = pool_format(pool, "%s%s%zu %s", text, d ? ", " : "", series->dims[d],
                           series->dim_names[d]);
    return pool_format(pool, "%s]", text);
}

static bool same_shape(const struct series *a, const struct series *b) {
    bool same = a->type == b->type && a->n_dims == b->n_dims;
    for (int d = 0; d < a->n_dims && same; d++)
        same = a->dims[d] == b->dims[d];
    return same;
}

/* Where two of one shape differ most. */
static void compare_values(struct record_diff *diff, const char *name, const struct series *a,
                           const struct series *b) {
    struct pool pool = {0};
    double largest = 0;
    size_t place = 0, n = series_count(a);
    if (memcmp(a->data, b->data, n * series_element_size(a->type)) == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        double difference = relative_difference(series_number(a, i), series_number(b, i));
        if (difference > largest) {
            largest = difference;
            place = i;
        }
    }
    if (largest > 0)
        add(diff, DIFF_SERIES, name, number_text(series_number(a, place), &pool),
            number_text(series_number(b, place), &pool), largest);
    pool_free(&pool);
}

static void compare_series(struct record_diff *diff, const struct series *series,
                           const struct series *a, const struct series *b) {
    struct pool pool = {0};
    const char *name = pool_format(&pool, "%s/%s", series->group, series->name);
    if (!is_of_the_moment(series->name)) {
        diff->n_series++;
        if (a && b && same_shape(a, b))
            compare_values(diff, name, a, b);
        else
            add(diff, DIFF_SERIES, name, shape_words(a, &pool), shape_words(b, &pool), INFINITY);
    }
    pool_free(&pool);
}

/* ---- records ---- */

void record_compare(const struct record *a, const struct record *b, struct record_diff *diff) {
    *diff = (struct record_diff){0};
    compare_attributes(diff, DIFF_CONFIGURATION, &a->config, &b->config);
    compare_attributes(diff, DIFF_ENVIRONMENT, &a->provenance, &b->provenance);
    compare_attributes(diff, DIFF_METRIC, &a->final, &b->final);
    for (int i = 0; i < a->n_series; i++) {
        const struct series *series = &a->series[i];
        compare_series(diff, series, series, record_find_series(b, series->group, series->name));
    }
    for (int i = 0; i < b->n_series; i++) {
        const struct series *series = &b->series[i];
        if (!record_find_series(a, series->group, series->name))
            compare_series(diff, series, NULL, series);
    }
}

double record_diff_largest(const struct record_diff *diff) {
    double largest = 0;
    for (int i = 0; i < diff->n; i++)
        if (diff->items[i].relative > largest) /* nan: of other parts */
            largest = diff->items[i].relative;
    return largest;
}

void record_diff_free(struct record_diff *diff) {
    pool_free(&diff->pool);
    *diff = (struct record_diff){0};
}
