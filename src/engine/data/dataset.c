/* Split, scaling and gathering: from a source's content to the rows of a mini-batch. */
#include "engine/data/dataset.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/data/scaling.h"
#include "engine/kernel/vector.h"

enum { CACHE_LINE = 64, PIECE = 256 /* features */, AHEAD = 8 /* rows */ };

static enum status check_colour(const struct data_config *config,
                                const struct data_source *source) {
    bool of_classes =
        config->colour.kind == COLOUR_CLASS || config->colour.kind == COLOUR_CLASS_IN_BATCH;
    if (of_classes && source->train_targets)
        return fail_key(ERROR_USAGE, "data.colour",
                        "these data have no classes that could have colours");
    return OK;
}

static uint8_t label_at(const struct data_source *source, struct row_place place) {
    return (place.in_test_file ? source->test_labels : source->train_labels)[place.at];
}

/* Those of a part side by side, which they are not in the files. */
static enum status gather_labels(struct dataset *dataset) {
    const struct data_source *source = dataset->source;
    const long *n = dataset->n;
    if (dataset->split.kind == SPLIT_FILE || !source->train_labels)
        return OK;
    uint8_t *labels = malloc((size_t)(n[PART_TRAIN] + n[PART_VALIDATION] + n[PART_TEST]));
    if (!labels)
        return fail(ERROR_RUN, "out of memory for the labels of a fold");
    dataset->labels = labels;
    for (enum data_part part = PART_TRAIN; part <= PART_TEST; part++)
        for (long row = 0; row < n[part]; row++)
            *labels++ = label_at(source, split_place(&dataset->split, part, row));
    return OK;
}

enum status dataset_create(const struct data_config *config, const struct data_source *source,
                           struct dataset **dataset) {
    struct dataset *created = calloc(1, sizeof *created);
    float *scaling = malloc(2 * (size_t)source->n_features * sizeof *scaling);
    enum status status = OK;
    if (!created || !scaling) {
        status = fail(ERROR_RUN, "out of memory");
        goto done;
    }
    created->source = source;
    created->n_features = source->n_features;
    created->n_classes = source->n_classes;
    status = split_set(config, source, &created->split, created->n);
    if (!status)
        status = gather_labels(created);
    if (!status)
        status = check_colour(config, source);
    if (!status)
        status = colour_set(&config->colour, source->n_classes, &created->colour);
    if (!status)
        status = scaling_set(config, source, &created->split, created->n[PART_TRAIN], scaling,
                             scaling + source->n_features);
    if (status)
        goto done;
    created->shift = scaling;
    created->factor = scaling + source->n_features;
    *dataset = created;
    return OK;
done:
    free(scaling);
    if (created)
        free((void *)created->labels);
    free(created);
    return status;
}

void dataset_free(struct dataset *dataset) {
    if (!dataset)
        return;
    free((void *)dataset->shift); /* factor is the second half of the same block */
    free((void *)dataset->labels);
    free(dataset);
}

/* x = (v - shift) factor; exact in v - shift's operands, so every machine gives the same bits. The
 * last vector may overlap its neighbour. */
static void scale_bytes(int F, const uint8_t *restrict v, const float *restrict shift,
                        const float *restrict factor, float *restrict x) {
    for (int j = 0; F < LANES && j < F; j++)
        x[j] = ((float)v[j] - shift[j]) * factor[j];
    for (int next = 0; F >= LANES && next < F; next += LANES) {
        int j = next + LANES <= F ? next : F - LANES;
        vector_store(x + j,
                     (vector_of_bytes(v + j) - vector_load(shift + j)) * vector_load(factor + j));
    }
}

static void scale_values(int F, const float *restrict v, const float *restrict shift,
                         const float *restrict factor, float *restrict x) {
    for (int j = 0; j < F; j++) /* hot */
        x[j] = (v[j] - shift[j]) * factor[j];
}

/* The content of a row: bytes, or NULL; and values, or NULL. */
struct content {
    const uint8_t *bytes;
    const float *values;
};

static struct content content_of(const struct data_source *source, struct row_place place) {
    const uint8_t *bytes = place.in_test_file ? source->test_bytes : source->train_bytes;
    const float *values = place.in_test_file ? source->test_values : source->train_values;
    size_t at = place.at * (size_t)source->n_features;
    return (struct content){bytes ? bytes + at : NULL, bytes ? NULL : values + at};
}

/* One row; and of `ahead`, the content of a row to come (or NULL), every line is asked for
 * meanwhile: shuffled rows lie anywhere, and waiting for memory would take three times as long as
 * the arithmetic. */
static void scale_row(const struct dataset *dataset, struct content row, struct content ahead,
                      float *x) {
    size_t size = row.bytes ? sizeof *row.bytes : sizeof *row.values;
    const char *next = row.bytes ? (const char *)ahead.bytes : (const char *)ahead.values;
    for (int at = 0; at < dataset->n_features; at += PIECE) {
        int n = dataset->n_features - at < PIECE ? dataset->n_features - at : PIECE;
        for (size_t i = 0; next && i < (size_t)n * size; i += CACHE_LINE)
            __builtin_prefetch(next + (size_t)at * size + i);
        const float *shift = dataset->shift + at, *factor = dataset->factor + at;
        if (row.bytes)
            scale_bytes(n, row.bytes + at, shift, factor, x + at);
        else
            scale_values(n, row.values + at, shift, factor, x + at);
    }
}

static void tint_row(int F, float tint, float *restrict x) {
    for (int j = 0; j < F; j++) /* hot */
        x[j] += tint;
}

/* Numbers are not copied: they stay where they are for as long as there are data. */
static struct target target_of(const struct data_source *source, struct row_place place) {
    const float *values = place.in_test_file ? source->test_targets : source->train_targets;
    if (source->train_labels)
        return (struct target){.label = label_at(source, place)};
    return (struct target){.values = values + place.at * (size_t)source->n_classes};
}

static void gather(const struct dataset *dataset, const struct colour_batch *batch,
                   enum data_part part, const uint32_t *rows, long n_rows, long first,
                   struct span span, float *x, struct target *targets) {
    const struct data_source *source = dataset->source;
    const struct split *split = &dataset->split;
    for (int i = span.begin; i < span.end; i++) {
        long row = rows ? (long)rows[i] : first + i;
        assert(row >= 0 && row < dataset->n[part]);
        struct content ahead = {NULL, NULL};
        if (rows && i + AHEAD < n_rows)
            ahead = content_of(source, split_place(split, part, (long)rows[i + AHEAD]));
        struct row_place place = split_place(split, part, row);
        float *out = x + (size_t)i * (size_t)dataset->n_features;
        scale_row(dataset, content_of(source, place), ahead, out);
        targets[i] = target_of(source, place);
        float tint = colour_tint(&dataset->colour, batch, part == PART_TEST,
                                 split_number(split, place), targets[i].label);
        if (tint != 0)
            tint_row(dataset->n_features, tint, out);
    }
}

void dataset_gather(const struct dataset *dataset, enum data_part part, const uint32_t *rows,
                    long n_rows, long first, struct span span, float *x, struct target *targets) {
    gather(dataset, NULL, part, rows, n_rows, first, span, x, targets);
}

void dataset_gather_batch(const struct dataset *dataset, const struct colour_batch *batch,
                          const uint32_t *rows, long n_rows, long first, struct span span, float *x,
                          struct target *targets) {
    gather(dataset, batch, PART_TRAIN, rows, n_rows, first, span, x, targets);
}

bool dataset_has_values(const struct dataset *dataset) {
    return dataset->source->train_targets != NULL;
}

const uint8_t *dataset_labels(const struct dataset *dataset, enum data_part part) {
    const struct data_source *source = dataset->source;
    const uint8_t *labels = part == PART_TEST ? source->test_labels : source->train_labels;
    if (!labels || dataset->split.kind == SPLIT_FILE)
        return labels ? labels + dataset->split.first[part] : NULL;
    const long *n = dataset->n;
    const long before[] = {0, n[PART_TRAIN], n[PART_TRAIN] + n[PART_VALIDATION]};
    return dataset->labels + before[part];
}

const float *dataset_values(const struct dataset *dataset, enum data_part part, long row) {
    return target_of(dataset->source, split_place(&dataset->split, part, row)).values;
}

void dataset_class_counts(const struct dataset *dataset, enum data_part part, long n,
                          long *counts) {
    const uint8_t *labels = dataset_labels(dataset, part);
    assert(labels && n <= dataset->n[part]);
    for (int k = 0; k < dataset->n_classes; k++)
        counts[k] = 0;
    for (long i = 0; i < n; i++)
        counts[labels[i]]++;
}
