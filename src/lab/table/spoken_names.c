/* The table of what keys and metrics are called where their own names would not say it. */
#include "lab/table/spoken_names.h"

#include <stdbool.h>
#include <string.h>

#include "base/words.h"

static const struct spoken {
    const char *name, *words;
} keys[] = {
    {"data.name", "data set"},
    {"data.train", "training rows"},
    {"data.validation", "validation rows"},
    {"data.test", "test rows"},
    {"data.seed", "seed of the data"},
    {"data.scale", "scaling of the input"},
    {"data.rescale_factor", "factor of the rescaled features"},
    {"data.rescale_offset", "offset of the rescaled features"},
    {"model.hidden", "hidden layers"},
    {"model.init", "initial weights"},
    {"model.init_scale", "scale of the initial weights"},
    {"norm.kind", "normalizer"},
    {"norm.placement", "placement of the normalizer"},
    {"norm.affine", "gamma and beta"},
    {"norm.eps", "eps of the normalizer"},
    {"norm.momentum", "momentum of the running statistics"},
    {"norm.average", "average of the running statistics"},
    {"norm.rows", "rows that are normalized together"},
    {"norm.refresh", "steps between refreshes"},
    {"norm.on_input", "normalizer on the input"},
    {"norm.on_output", "normalizer on the output"},
    {"norm.gamma_initial", "initial gamma"},
    {"norm.beta_initial", "initial beta"},
    {"optimizer.kind", "optimizer"},
    {"optimizer.lr", "learning rate"},
    {"optimizer.lr_scaling", "scaling of the learning rate"},
    {"optimizer.lr_reference_batch", "mini-batch size of the unscaled learning rate"},
    {"optimizer.schedule", "schedule of the learning rate"},
    {"optimizer.momentum", "momentum of the optimizer"},
    {"optimizer.eps", "eps of the optimizer"},
    {"optimizer.clip", "bound of the gradient's norm"},
    {"train.batch_size", "mini-batch size"},
    {"train.order", "order of the rows"},
    {"train.classes_per_batch", "classes in a mini-batch"},
    {"seeds.init", "seed of the initial weights"},
    {"seeds.order", "seed of the order"},
    {"seeds.noise", "seed of the noise"},
};

static const struct spoken metrics[] = {
    {"test_error_scored", "test error"},
    {"train_loss", "training loss"},
    {"train_error", "training error"},
};

static const char *find(const struct spoken *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i].name, name))
            return list[i].words;
    return NULL;
}

/* init_scale -> init scale */
static const char *without_underscores(const char *name, struct pool *pool) {
    char *text = pool_format(pool, "%s", name);
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

const char *key_spoken(const char *key, struct pool *pool) {
    const char *words = find(keys, sizeof keys / sizeof *keys, key), *dot = strrchr(key, '.');
    return words ? words : without_underscores(dot ? dot + 1 : key, pool);
}

const char *metric_spoken(const char *metric, struct pool *pool) {
    const char *words = find(metrics, sizeof metrics / sizeof *metrics, metric);
    return words ? words : without_underscores(metric, pool);
}

const char *spoken_with_unit(const char *words, const char *unit, struct pool *pool) {
    if (unit && !strcmp(unit, "1"))
        unit = strstr(words, "error") ? "fraction" : NULL;
    return unit && *unit && !text_ends_in(words, unit) ? pool_format(pool, "%s (%s)", words, unit)
                                                       : words;
}
