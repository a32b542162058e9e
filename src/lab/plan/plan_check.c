/* Checks a cell as a whole: what no key by itself can tell. */
#include "lab/plan/plan_check.h"

#include "base/words.h"

#include <string.h>

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

/* What makes a cell one that cannot run: of these, those that are swept. */
static const char *const batch_keys[] = {"train.batch_size", "train.classes_per_batch", NULL};
static const char *const norm_keys[] = {"norm.kind", "train.batch_size", NULL};

/* In a sweep a cell that cannot run is left out, not the whole sweep given up: says how. */
static enum status add_hint(enum status status, const struct experiment *experiment,
                            const struct cell *cell, const char *const *names) {
    struct pool pool = {0};
    const char *pairs = "";
    for (; *names; names++) {
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

static enum status check_model(const struct model_config *model) {
    if (model->n_hidden >= MLP_MAX_LAYERS)
        return fail_key(ERROR_USAGE, "model.hidden", "%d layers are more than %d", model->n_hidden,
                        MLP_MAX_LAYERS - 1);
    return OK;
}

static enum status check_schedule(const struct optimizer_config *optimizer) {
    for (int i = 1; i < optimizer->n_step_at; i++)
        if (!(optimizer->step_at[i] > optimizer->step_at[i - 1]))
            return fail_key(ERROR_USAGE, "optimizer.step_at", "the shares must ascend");
    return OK;
}

static enum status check_momenta(const struct eval_config *eval) {
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
static enum status check_batch_rows(const struct run_config *config,
                                    const struct dataset *dataset) {
    long rows = config->eval.batch_rows;
    if (rows < 0 || (rows == 1 && normalizer_get(config->norm.kind)->takes_one_row))
        return OK;
    struct norm_config norm = without_sub_batches(&config->norm);
    enum status status =
        mlp_check(&config->model, &norm, dataset->n_features, dataset->n_classes, (int)rows);
    return status ? fail_key(status, "eval.batch_rows", "%s", status_message()) : OK;
}

static enum status check_mlp(const struct run_config *config, const struct dataset *dataset) {
    return mlp_check(&config->model, &config->norm, dataset->n_features, dataset->n_classes,
                     (int)config->train.batch_size);
}

static enum status check_log(const struct log_config *log) {
    return probe_check_words(log->probes);
}

enum status plan_check(const struct experiment *experiment, const struct cell *cell,
                       const struct config *config, const struct dataset *dataset) {
    enum status status = check_model(&config->run.model);
    if (status)
        return plan_blame(status, experiment, cell, "model.hidden");
    status = check_schedule(&config->run.optimizer);
    if (status)
        return plan_blame(status, experiment, cell, "optimizer.step_at");
    status = check_momenta(&config->run.eval);
    if (status)
        return plan_blame(status, experiment, cell, "eval.momenta");
    status = check_batch_rows(&config->run, dataset);
    if (status)
        return plan_blame(status, experiment, cell, "eval.batch_rows");
    status = check_log(&config->log);
    if (status)
        return plan_blame(status, experiment, cell, "log.probes");
    status = train_check_loss(&config->run.train, dataset);
    if (status)
        return plan_blame(status, experiment, cell, "data.name");
    const char *const *names = batch_keys;
    status = train_check(&config->run.train, dataset);
    if (!status) {
        names = norm_keys;
        status = check_mlp(&config->run, dataset);
    }
    if (!status)
        return OK;
    plan_blame(status, experiment, cell, "train.batch_size");
    return add_hint(status, experiment, cell, names);
}
