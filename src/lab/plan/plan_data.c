/* Loads each source of a plan once, and makes each data set once. */
#include "lab/plan/plan_data.h"

#include <string.h>

/* `array` of n elements with room for one more. */
static void *grown(struct pool *pool, const void *array, int n, size_t size) {
    void *copy = pool_alloc(pool, (size_t)(n + 1) * size);
    return n > 0 ? memcpy(copy, array, (size_t)n * size) : copy;
}

static enum status find_source(struct plan_data *data, const struct data_config *config,
                               const struct data_source **source) {
    for (int i = 0; i < data->n_sources; i++)
        if (data_source_same(config, &data->source_configs[i])) {
            *source = data->sources[i];
            return OK;
        }
    int n = data->n_sources;
    data->sources = grown(&data->pool, data->sources, n, sizeof *data->sources);
    data->source_configs = grown(&data->pool, data->source_configs, n, sizeof *config);
    enum status status = data_source_load(config, &data->sources[n]);
    if (status)
        return status;
    data->source_configs[n] = *config;
    *source = data->sources[n];
    data->n_sources++;
    return OK;
}

/* All that is said about the data, key by key, and the fold: equal texts are one data set. */
static const char *data_text(const struct cell *cell, const struct data_config *config,
                             struct pool *pool) {
    long fold = config->split == SPLIT_FOLDS ? config->fold : -1;
    const char *text = pool_format(pool, "fold=%ld\n", fold);
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        if (cell->applies[i] && !strncmp(key->name, "data.", 5))
            text = pool_format(pool, "%s%s=%s\n", text, key->name,
                               value_text(key, &cell->values[i], pool));
    }
    return text;
}

enum status plan_dataset(struct plan_data *data, const struct cell *cell,
                         const struct config *config, const struct dataset **dataset) {
    struct pool scratch = {0};
    const char *text = data_text(cell, &config->run.data, &scratch);
    const struct data_source *source = NULL;
    int n = data->n_datasets, found = 0;
    enum status status = OK;
    while (found < n && strcmp(data->texts[found], text) != 0)
        found++;
    if (found == n) {
        status = find_source(data, &config->run.data, &source);
        if (status)
            goto done;
        data->datasets = grown(&data->pool, data->datasets, n, sizeof *data->datasets);
        data->texts = grown(&data->pool, data->texts, n, sizeof *data->texts);
        status = dataset_create(&config->run.data, source, &data->datasets[n]);
        if (status)
            goto done;
        data->texts[n] = pool_text(&data->pool, text);
        data->n_datasets++;
    }
    *dataset = data->datasets[found];
done:
    pool_free(&scratch);
    return status;
}

void plan_data_free(struct plan_data *data) {
    for (int i = 0; i < data->n_datasets; i++)
        dataset_free(data->datasets[i]);
    for (int i = 0; i < data->n_sources; i++)
        data_source_free(data->sources[i]);
    pool_free(&data->pool);
}
