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
