/* Split, scaling and gathering: from a source's content to the rows of a mini-batch. */
#include "engine/data/dataset.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/data/scaling.h"
#include "engine/kernel/vector.h"

enum { CACHE_LINE = 64, PIECE = 256 /* features */, AHEAD = 8 /* rows */ };

/* Training rows are the file's first, validation rows its last; the seed has no part in it. */
static enum status split(const struct data_config *config, struct dataset *dataset) {
    long n = dataset->source->n_train_rows, n_test = dataset->source->n_test_rows;
    long validation = config->validation;
    long train = config->train == -1 ? n - validation : config->train;
    long test = config->test == -1 ? n_test : config->test;
    if (validation < 0 || validation > n)
        return fail_key(ERROR_USAGE, "data.validation", "%ld rows, but there are %ld", validation,
                        n);
    if (train < 1)
        return fail_key(ERROR_USAGE, "data.train",
                        "no rows are left to train on (%ld in all, %ld for validation)", n,
                        validation);
    if (train > n - validation)
        return fail_key(ERROR_USAGE, "data.train|data.validation",
                        "%ld + %ld rows, but there are %ld", train, validation, n);
    if (test < 0 || test > n_test)
        return fail_key(ERROR_USAGE, "data.test", "%ld rows, but there are %ld", test, n_test);
    dataset->n[PART_TRAIN] = train;
    dataset->n[PART_VALIDATION] = validation;
    dataset->first[PART_VALIDATION] = n - validation;
    dataset->n[PART_TEST] = test;
    return OK;
}

static enum status check_colour(const struct data_config *config,
                                const struct data_source *source) {
    bool of_classes =
        config->colour.kind == COLOUR_CLASS || config->colour.kind == COLOUR_CLASS_IN_BATCH;
    if (of_classes && source->train_targets)
        return fail_key(ERROR_USAGE, "data.colour",
                        "these data have no classes that could have colours");
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
    status = split(config, created);
    if (!status)
        status = check_colour(config, source);
    if (!status)
        status = colour_set(&config->colour, source->n_classes, &created->colour);
    if (!status)
        status = scaling_set(config, source, created->n[PART_TRAIN], scaling,
                             scaling + source->n_features);
    if (status)
        goto done;
    created->shift = scaling;
    created->factor = scaling + source->n_features;
    *dataset = created;
    return OK;
done:
    free(scaling);
    free(created);
    return status;
}

void dataset_free(struct dataset *dataset) {
    if (!dataset)
        return;
    free((void *)dataset->shift); /* factor is the second half of the same block */
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

/* One row; and of `ahead`, the content of a row to come (or NULL), every line is asked for
 * meanwhile: shuffled rows lie anywhere, and waiting for memory would take three times as long as
 * the arithmetic. */
static void scale_row(const struct dataset *dataset, const uint8_t *bytes, const float *values,
                      const char *ahead, float *x) {
    size_t size = bytes ? sizeof *bytes : sizeof *values;
    for (int at = 0; at < dataset->n_features; at += PIECE) {
        int n = dataset->n_features - at < PIECE ? dataset->n_features - at : PIECE;
        for (size_t i = 0; ahead && i < (size_t)n * size; i += CACHE_LINE)
            __builtin_prefetch(ahead + (size_t)at * size + i);
        const float *shift = dataset->shift + at, *factor = dataset->factor + at;
        if (bytes)
            scale_bytes(n, bytes + at, shift, factor, x + at);
        else
            scale_values(n, values + at, shift, factor, x + at);
    }
}

static void tint_row(int F, float tint, float *restrict x) {
    for (int j = 0; j < F; j++) /* hot */
        x[j] += tint;
}

/* Numbers are not copied: they stay where they are for as long as there are data. */
static struct target target_of(const struct data_source *source, bool test, size_t at) {
    const uint8_t *labels = test ? source->test_labels : source->train_labels;
    const float *values = test ? source->test_targets : source->train_targets;
    if (labels)
        return (struct target){.label = labels[at]};
    return (struct target){.values = values + at * (size_t)source->n_classes};
}

static void gather(const struct dataset *dataset, const struct colour_batch *batch,
                   enum data_part part, const uint32_t *rows, long n_rows, long first,
                   struct span span, float *x, struct target *targets) {
    const struct data_source *source = dataset->source;
    bool test = part == PART_TEST;
    const uint8_t *bytes = test ? source->test_bytes : source->train_bytes;
    const float *values = test ? source->test_values : source->train_values;
    size_t F = (size_t)dataset->n_features;
    const char *content = bytes ? (const char *)bytes : (const char *)values;
    size_t row_size = bytes ? F : F * sizeof *values;
    for (int i = span.begin; i < span.end; i++) {
        long row = rows ? (long)rows[i] : first + i;
        assert(row >= 0 && row < dataset->n[part]);
        const char *ahead = NULL;
        if (rows && i + AHEAD < n_rows)
            ahead = content + (size_t)(dataset->first[part] + rows[i + AHEAD]) * row_size;
        size_t at = (size_t)(dataset->first[part] + row);
        scale_row(dataset, bytes ? bytes + at * F : NULL, bytes ? NULL : values + at * F, ahead,
                  x + (size_t)i * F);
        targets[i] = target_of(source, test, at);
        float tint = colour_tint(&dataset->colour, batch, test, (long)at, targets[i].label);
        if (tint != 0)
            tint_row(dataset->n_features, tint, x + (size_t)i * F);
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
    return labels ? labels + dataset->first[part] : NULL;
}

const float *dataset_values(const struct dataset *dataset, enum data_part part, long row) {
    const struct data_source *source = dataset->source;
    const float *values = part == PART_TEST ? source->test_targets : source->train_targets;
    return values + (size_t)(dataset->first[part] + row) * (size_t)dataset->n_classes;
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
