#include "lab/plan/plan_data.h"

#include <string.h>

/* `array` of n elements with room for one more. */
static void *grown(struct pool *pool, const void *array, int n, size_t size) {
    void *copy = pool_alloc(pool, (size_t)(n + 1) * size);
    return n > 0 ? memcpy(copy, array, (size_t)n * size) : copy;
}

static enum status find_source(struct plan *plan, const struct data_config *config,
                               const struct data_source **source) {
    for (int i = 0; i < plan->n_sources; i++)
        if (data_source_same(config, &plan->source_configs[i])) {
            *source = plan->sources[i];
            return OK;
        }
    int n = plan->n_sources;
    plan->sources = grown(&plan->pool, plan->sources, n, sizeof *plan->sources);
    plan->source_configs = grown(&plan->pool, plan->source_configs, n, sizeof *config);
    enum status status = data_source_load(config, &plan->sources[n]);
    if (status)
        return status;
    plan->source_configs[n] = *config;
    *source = plan->sources[n];
    plan->n_sources++;
    return OK;
}

/* All that is said about the data, key by key: equal texts are one data set. */
static const char *data_text(const struct cell *cell, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        if (cell->applies[i] && !strncmp(key->name, "data.", 5))
            text = pool_format(pool, "%s%s=%s\n", text, key->name,
                               value_text(key, &cell->values[i], pool));
    }
    return text;
}

enum status plan_dataset(struct plan *plan, const struct cell *cell, const struct config *config,
                         const char ***texts, const struct dataset **dataset) {
    struct pool scratch = {0};
    const char *text = data_text(cell, &scratch);
    int n = plan->n_datasets, found = 0;
    while (found < n && strcmp((*texts)[found], text) != 0)
        found++;
    enum status status = OK;
    if (found == n) {
        const struct data_source *source = NULL;
        status = find_source(plan, &config->run.data, &source);
        if (status)
            goto done;
        plan->datasets = grown(&plan->pool, plan->datasets, n, sizeof *plan->datasets);
        plan->dataset_configs =
            grown(&plan->pool, plan->dataset_configs, n, sizeof *plan->dataset_configs);
        *texts = grown(&plan->pool, *texts, n, sizeof **texts);
        status = dataset_create(&config->run.data, source, &plan->datasets[n]);
        if (status)
            goto done;
        plan->dataset_configs[n] = config->run.data;
        (*texts)[n] = pool_text(&plan->pool, text);
        plan->n_datasets++;
    }
    *dataset = plan->datasets[found];
done:
    pool_free(&scratch);
    return status;
}

void plan_free_data(struct plan *plan) {
    for (int i = 0; i < plan->n_datasets; i++)
        dataset_free(plan->datasets[i]);
    for (int i = 0; i < plan->n_sources; i++)
        data_source_free(plan->sources[i]);
}
