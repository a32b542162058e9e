/* A run from beginning to end. */
#include "lab/worker/execute.h"

#include <stdlib.h>

#include "lab/worker/final_metrics.h"
#include "lab/worker/observer.h"
#include "lab/worker/observer_rows.h"
#include "lab/worker/observer_series.h"
#include "lab/worker/provenance.h"
#include "lab/worker/run_input.h"
#include "lab/worker/weights.h"

/* Initial and final weights are two bits of log.weights. */
static void write_weights(const struct trainer *trainer, const struct log_config *log, long which,
                          const char *when, struct record *record) {
    if (log->weights & which)
        weights_write(&trainer->mlp, when, record);
}

enum status run_execute(const struct planned_run *planned, int n_threads, int concurrency,
                        struct heartbeat *heartbeat, struct checkpoint *checkpoint,
                        struct record *record) {
    const struct log_config *log = &planned->config.log;
    struct observer observer = {0};
    struct trainer *trainer = NULL;
    struct final_metrics metrics = {.concurrency = concurrency};
    enum status status =
        trainer_create(&trainer, &planned->config.run, planned->dataset, n_threads);
    if (status)
        return status;
    if (getenv("NORMLAB_FULL_TEAM")) /* for checks that are about threads */
        trainer->team_size = n_threads;
    *record = (struct record){0};
    run_input_write(planned, record);
    write_weights(trainer, log, LOG_WEIGHTS_INITIAL, "initial", record);
    status = observer_create(&observer, trainer, log);
    observer.heartbeat = heartbeat;
    if (!status && checkpoint)
        status = checkpoint_resume(checkpoint, planned, &observer);
    if (!status)
        status = observer_train(&observer);
    if (!status)
        status = final_metrics_measure(&observer, &metrics);
    if (status)
        goto done;
    write_weights(trainer, log, LOG_WEIGHTS_FINAL, "final", record);
    observer_write(&observer, record);
    observer_write_rows(&observer, record);
    final_metrics_write(&metrics, record);
    provenance_write(&observer, record);
done:
    if (status)
        record_free(record);
    observer_free(&observer);
    trainer_free(trainer);
    return status;
}

/* ---- without data and without training ---- */

enum { SOME_ROWS = 64, MOST_CLASSES = 1024 };

/* Which rows there will be is known but for `all`; what they hold, nobody asks. */
static struct dataset dataset_of(const struct data_config *config,
                                 const struct data_source *source) {
    long test = config->test < 0 ? SOME_ROWS : config->test;
    return (struct dataset){.source = source,
                            .n_features = 1,
                            .n_classes = MOST_CLASSES,
                            .n = {SOME_ROWS, config->validation, test}};
}

/* A network and its bank, not in memory; one step, which is an epoch. */
static void outline(struct trainer *trainer, const struct run_config *config,
                    const struct dataset *dataset) {
    struct arena counted = {0};
    *trainer = (struct trainer){.config = *config,
                                .dataset = dataset,
                                .n_threads = 1,
                                .B = (int)config->train.batch_size,
                                .steps_per_epoch = 1,
                                .total_steps = 1,
                                .diverged_at_step = -1};
    mlp_create(&trainer->mlp, &config->model, &config->norm, dataset->n_features,
               dataset->n_classes);
    mlp_layout(&trainer->mlp, &counted);
    bank_layout(&trainer->bank, &counted, &trainer->mlp, config->eval.momenta,
                config->eval.n_momenta);
}

enum status run_rehearse(const struct config *config, struct record *record) {
    const struct data_source source = {0};
    const struct dataset dataset = dataset_of(&config->run.data, &source);
    struct trainer trainer;
    struct observer observer;
    struct record made = {0};
    outline(&trainer, &config->run, &dataset);
    enum status status = observer_rehearse(&observer, &trainer, &config->log);
    if (!status) {
        observer_write(&observer, &made);
        observer_write_rows(&observer, &made);
        observer_free(&observer);
        *record = made;
    }
    trainer_release(&trainer);
    return status;
}
