/* The curves: loss and error after every epoch. */
#include "engine/probe/rows.h"

static bool has_validation(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->dataset->n[PART_VALIDATION] > 0;
}

static bool has_states(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->mlp.n_states > 0;
}

/* Statistics that keep something of their initial value. */
static bool averages(const struct probe *probe, const struct trainer *trainer, int layer) {
    return has_states(probe, trainer, layer) &&
           !normalizer_get(trainer->config.norm.kind)->needs_population;
}

static bool averages_and_validation(const struct probe *probe, const struct trainer *trainer,
                                    int layer) {
    return averages(probe, trainer, layer) && has_validation(probe, trainer, layer);
}

static bool has_states_and_validation(const struct probe *probe, const struct trainer *trainer,
                                      int layer) {
    return has_states(probe, trainer, layer) && has_validation(probe, trainer, layer);
}

static bool mixes_rows(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return mlp_mixes_rows(&trainer->mlp);
}

static bool mixes_rows_and_validation(const struct probe *probe, const struct trainer *trainer,
                                      int layer) {
    return mixes_rows(probe, trainer, layer) && has_validation(probe, trainer, layer);
}

#define MINI_BATCHES "none: the steps compute it"
#define PASS(rows) "one pass over the " rows " rows"

const struct probe probe_epoch_rows[] = {
    {"train_loss", UNIT_OF_LOSS, "mean over the epoch's mini-batches of the loss before the update",
     MINI_BATCHES, PROBE_EPOCH, LOG_STANDARD, 0, NULL, NULL},
    {"train_error", "1", "mean over the epoch's mini-batches of the share of wrong answers",
     MINI_BATCHES, PROBE_EPOCH, LOG_STANDARD, 0, NULL, NULL},
    {"validation_loss", UNIT_OF_LOSS, "loss on the validation rows, running statistics",
     PASS("validation"), PROBE_EPOCH, LOG_STANDARD, 0, has_validation, NULL},
    {"validation_error", "1", "share of wrong answers on the validation rows, running statistics",
     PASS("validation"), PROBE_EPOCH, LOG_STANDARD, 0, has_validation, NULL},
    {"test_loss", UNIT_OF_LOSS, "loss on the test rows, running statistics", PASS("test"),
     PROBE_EPOCH, LOG_STANDARD, 0, NULL, NULL},
    {"test_error", "1", "share of wrong answers on the test rows, running statistics", PASS("test"),
     PROBE_EPOCH, LOG_STANDARD, 0, NULL, NULL},
    {"validation_error_debiased", "1", "as test_error_debiased, on the validation rows",
     PASS("validation"), PROBE_EPOCH, LOG_FULL, 0, averages_and_validation, NULL},
    {"validation_error_population", "1", "as test_error_population, on the validation rows",
     PASS("validation") ", beside test_error_population", PROBE_EPOCH, LOG_FULL, 0,
     has_states_and_validation, NULL},
    {"validation_error_batch", "1", "as test_error_batch, on the validation rows",
     PASS("validation"), PROBE_EPOCH, LOG_FULL, 0, mixes_rows_and_validation, NULL},
    {"test_error_debiased", "1",
     "share of wrong answers on the test rows, running statistics without what is left of their "
     "initial value",
     PASS("test"), PROBE_EPOCH, LOG_FULL, 0, averages, NULL},
    {"test_error_population", "1",
     "share of wrong answers on the test rows, statistics of eval.population_rows training rows",
     "a pass over those training rows and one over the test rows", PROBE_EPOCH, LOG_FULL, 0,
     has_states, NULL},
    {"test_error_batch", "1",
     "share of wrong answers on the test rows, each mini-batch of eval.batch_rows by its own "
     "statistics",
     PASS("test"), PROBE_EPOCH, LOG_FULL, 0, mixes_rows, NULL},
    {0},
};
