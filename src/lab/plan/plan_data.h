/* The data of a plan: each source is loaded once, each split and scaling made once. */
#pragma once

#include "lab/config/cell.h"

struct plan_data {
    struct pool pool;
    int n_sources, n_datasets;
    struct data_source **sources;
    struct data_config *source_configs;
    struct dataset **datasets;
    const char **texts; /* [n_datasets]: the keys data.* of each */
};

/* Finds or makes the data set of a cell. */
enum status plan_dataset(struct plan_data *data, const struct cell *cell,
                         const struct config *config, const struct dataset **dataset);
void plan_data_free(struct plan_data *data);
