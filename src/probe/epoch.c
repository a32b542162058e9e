/* The curves: loss and error after every epoch. */
#include "probe/rows.h"

static bool has_validation(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->dataset->n[PART_VALIDATION] > 0;
}

static bool has_states(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->mlp.n_states > 0;
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
    {"test_error_population", "1",
     "share of wrong answers on the test rows, statistics of 10,000 training rows",
     "a pass over 10,000 training rows and one over the test rows", PROBE_EPOCH, LOG_FULL, 0,
     has_states, NULL},
    {0},
};
