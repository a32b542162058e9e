/* What a worker process allocates: the same counting passes as the run itself. */
#include "lab/runner/run_memory.h"

#include "engine/nn/evaluation_sources.h"
#include "lab/worker/observer.h"

/* Of the record: initial and final weights are two bits. */
static size_t weights_bytes(const struct mlp *mlp, long weights) {
    size_t times = (weights & LOG_WEIGHTS_INITIAL ? 1 : 0) + (weights & LOG_WEIGHTS_FINAL ? 1 : 0);
    return times * (mlp->n_params + mlp->n_states) * sizeof(float);
}

size_t run_memory(const struct planned_run *run, int n_threads) {
    const struct log_config *log = &run->config.log;
    struct trainer trainer;
    trainer_outline(&trainer, &run->config.run, run->dataset, n_threads);
    size_t size = trainer.arena.used + evaluation_memory(&trainer) +
                  observer_memory(&trainer, log) + observer_write_memory(&trainer, log) +
                  weights_bytes(&trainer.mlp, log->weights);
    trainer_release(&trainer);
    return size;
}
