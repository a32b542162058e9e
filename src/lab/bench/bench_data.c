/* Draws generated images: a class's random picture, half covered with noise. */
#include "lab/bench/bench_data.h"

#include <stdlib.h>

#include "base/pages.h"
#include "base/random.h"

enum stream { CENTRES, NOISE, LABELS, WRONG_LABELS };
static const long most_bytes = 1L << 30;
static const double wrong_labels = 0.1; /* share */

long bench_data_rows(int n_features) {
    long most = most_bytes / n_features;
    return most < BENCH_ROWS ? most : BENCH_ROWS;
}

static struct random_key stream_key(enum stream stream) {
    return (struct random_key){0, RANDOM_TEST, stream};
}

/* Random bytes, four of a number. */
static void fill_bytes(enum stream stream, size_t n, uint8_t *bytes) {
    for (size_t i = 0; i < n; i += 4) {
        uint32_t bits = random_bits(stream_key(stream), i / 4);
        for (size_t j = i; j < n && j < i + 4; j++, bits >>= 8)
            bytes[j] = (uint8_t)bits;
    }
}

/* Half the picture of its class, half the noise that is there. */
static void cover(long n_rows, int F, const uint8_t *centres, const uint8_t *classes,
                  uint8_t *bytes) {
    for (long i = 0; i < n_rows; i++) {
        const uint8_t *centre = centres + (size_t)classes[i] * (size_t)F;
        uint8_t *row = bytes + (size_t)i * (size_t)F;
        for (int j = 0; j < F; j++)
            row[j] = (uint8_t)((row[j] + centre[j]) / 2);
    }
}

static void draw_classes(long n_rows, int K, uint8_t *classes) {
    for (long i = 0; i < n_rows; i++)
        classes[i] = (uint8_t)random_below(stream_key(LABELS), (uint64_t)i, (uint32_t)K);
}

static void mislabel(long n_rows, int K, uint8_t *labels) {
    for (long i = 0; i < n_rows; i++)
        if (random_uniform(stream_key(WRONG_LABELS), (uint64_t)i) < wrong_labels)
            labels[i] = (uint8_t)((labels[i] + 1) % K);
}

static enum status fill(struct data_source *source) {
    long n = source->n_train_rows;
    int F = source->n_features, K = source->n_classes;
    uint8_t *centres = malloc((size_t)K * (size_t)F);
    uint8_t *bytes = malloc((size_t)n * (size_t)F), *labels = malloc((size_t)n);
    source->train_bytes = bytes;
    source->train_labels = labels;
    enum status status = OK;
    if (!centres || !bytes || !labels) {
        status = fail(ERROR_RUN, "out of memory for %ld rows of %d features", n, F);
        goto done;
    }
    pages_large(bytes, (size_t)n * (size_t)F); /* as data files are kept */
    fill_bytes(CENTRES, (size_t)K * (size_t)F, centres);
    fill_bytes(NOISE, (size_t)n * (size_t)F, bytes);
    draw_classes(n, K, labels);
    cover(n, F, centres, labels, bytes);
    mislabel(n, K, labels);
done:
    free(centres);
    return status;
}

enum status bench_data_create(int n_features, int n_classes, struct bench_data **data) {
    static const struct data_config config = {.scale = SCALE_STANDARDIZE, .train = -1, .test = -1};
    struct bench_data *created = calloc(1, sizeof *created);
    if (!created)
        return fail(ERROR_RUN, "out of memory for a data set");
    created->source.n_features = n_features;
    created->source.n_classes = n_classes;
    created->source.n_train_rows = bench_data_rows(n_features);
    enum status status = fill(&created->source);
    if (!status)
        status = dataset_create(&config, &created->source, &created->dataset);
    if (status) {
        bench_data_free(created);
        return status;
    }
    *data = created;
    return OK;
}

void bench_data_free(struct bench_data *data) {
    if (!data)
        return;
    dataset_free(data->dataset);
    free((void *)data->source.train_bytes);
    free((void *)data->source.train_labels);
    free(data);
}
