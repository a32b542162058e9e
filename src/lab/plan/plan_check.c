/* Checks a cell as a whole: what no key by itself can tell. */
#include "lab/plan/plan_check.h"

#include <float.h>
#include <string.h>

#include "base/words.h"
#include "engine/nn/learning_rate.h"

enum status plan_blame(enum status status, const struct experiment *experiment,
                       const struct cell *cell, const char *fallback) {
    struct origin origin = cell->origins[key_find(fallback)];
    for (int key = key_count() - 1; key >= 0; key--)
        if (cell->origins[key].file && words_find(status_keys(), key_get(key)->name) >= 0)
            origin = cell->origins[key];
    if (!origin.file)
        return fail_in(status, "%s", experiment->file);
    return fail_at(status, origin);
}

/* In a sweep a cell that cannot run is left out, not the whole sweep given up: says how. */
static enum status add_hint(enum status status, const struct experiment *experiment,
                            const struct cell *cell, const char *const *names) {
    struct pool pool = {0};
    const char *pairs = "";
    for (; names && *names; names++) {
        int key = key_find(*names);
        if (experiment_axis(experiment, key, NULL) && cell->applies[key])
            pairs = pool_format(&pool, "%s%s%s: %s", pairs, *pairs ? ", " : "", *names,
                                value_yaml(key_get(key), &cell->values[key], &pool));
    }
    if (*pairs)
        fail(status, "%s; to leave such cells out, write exclude: [{%s}]", status_message(), pairs);
    pool_free(&pool);
    return status;
}

static enum status check_model(const struct config *config, const struct dataset *dataset) {
    const struct model_config *model = &config->run.model;
    (void)dataset;
    if (model->n_hidden >= MLP_MAX_LAYERS)
        return fail_key(ERROR_USAGE, "model.hidden", "%d layers are more than %d", model->n_hidden,
                        MLP_MAX_LAYERS - 1);
    return OK;
}

static enum status check_schedule(const struct config *config, const struct dataset *dataset) {
    const struct optimizer_config *optimizer = &config->run.optimizer;
    (void)dataset;
    for (int i = 1; i < optimizer->n_step_at; i++)
        if (!(optimizer->step_at[i] > optimizer->step_at[i - 1]))
            return fail_key(ERROR_USAGE, "optimizer.step_at", "the shares must ascend");
    return OK;
}

/* What steps multiply by is float32 there, and what is less than its smallest normal number is 0:
 * nothing would be learned under a rate that says otherwise. */
static enum status check_optimizer(const struct config *config, const struct dataset *dataset) {
    const struct optimizer_config *optimizer = &config->run.optimizer;
    const struct {
        const char *key;
        double value;
    } factors[] = {
        {"optimizer.lr", learning_rate_effective(optimizer, config->run.train.batch_size)},
        {"optimizer.momentum", optimizer->momentum},
        {"optimizer.weight_decay", optimizer->weight_decay},
        {"optimizer.clip", optimizer->clip},
    };
    (void)dataset;
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        if (factors[i].value != 0 && factors[i].value < (double)FLT_MIN)
            return fail_key(ERROR_USAGE, factors[i].key, "%g is 0 in float32, whose least is %g",
                            factors[i].value, (double)FLT_MIN);
    return OK;
}

static enum status check_momenta(const struct config *config, const struct dataset *dataset) {
    const struct eval_config *eval = &config->run.eval;
    (void)dataset;
    for (int i = 1; i < eval->n_momenta; i++)
        if (!(eval->momenta[i] > eval->momenta[i - 1]))
            return fail_key(ERROR_USAGE, "eval.momenta", "the values must ascend");
    return OK;
}

/* Mini-batches that are only measured are not cut into sub-batches. */
static struct norm_config without_sub_batches(const struct norm_config *norm) {
    const struct key *own = normalizer_get(norm->kind)->own_keys;
    struct norm_config whole = *norm;
    for (int i = 0; own && own[i].name; i++)
        if (!strcmp(own[i].name, "norm.rows"))
            whole.own[i] = -1;
    return whole;
}

/* Mini-batches of other sizes than the trained one's. */
static enum status check_batch_rows(const struct config *config, const struct dataset *dataset) {
    const struct run_config *run = &config->run;
    long rows = run->eval.batch_rows;
    if (rows < 0 || (rows == 1 && normalizer_get(run->norm.kind)->takes_one_row))
        return OK;
    struct norm_config norm = without_sub_batches(&run->norm);
    enum status status =
        mlp_check(&run->model, &norm, dataset->n_features, dataset->n_classes, (int)rows);
    return status ? fail_key(status, "eval.batch_rows", "%s", status_message()) : OK;
}

static enum status check_probes(const struct config *config, const struct dataset *dataset) {
    (void)dataset;
    return probe_check_words(config->log.probes);
}

static enum status check_loss(const struct config *config, const struct dataset *dataset) {
    return train_check_loss(&config->run.train, dataset);
}

static enum status check_batches(const struct config *config, const struct dataset *dataset) {
    return train_check(&config->run.train, dataset);
}

static enum status check_network(const struct config *config, const struct dataset *dataset) {
    const struct run_config *run = &config->run;
    return mlp_check(&run->model, &run->norm, dataset->n_features, dataset->n_classes,
                     (int)run->train.batch_size);
}

/* In this order: the network is laid out only once its number of layers is known to be possible. */
static const struct {
    enum status (*check)(const struct config *config, const struct dataset *dataset);
    const char *key;          /* whose position it is where the failure blames no key */
    const char *const *swept; /* which keys make such cells: of these, those that are swept */
} checks[] = {
    {check_model, "model.hidden", NULL},
    {check_schedule, "optimizer.step_at", NULL},
    {check_optimizer, "optimizer.lr", NULL},
    {check_momenta, "eval.momenta", NULL},
    {check_batch_rows, "eval.batch_rows", NULL},
    {check_probes, "log.probes", NULL},
    {check_loss, "data.name", NULL},
    {check_batches, "train.batch_size",
     (const char *const[]){"train.batch_size", "train.classes_per_batch", NULL}},
    {check_network, "train.batch_size",
     (const char *const[]){"norm.kind", "train.batch_size", NULL}},
};

enum status plan_check(const struct experiment *experiment, const struct cell *cell,
                       const struct config *config, const struct dataset *dataset) {
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        enum status status = checks[i].check(config, dataset);
        if (status) {
            plan_blame(status, experiment, cell, checks[i].key);
            return add_hint(status, experiment, cell, checks[i].swept);
        }
    }
    return OK;
}
