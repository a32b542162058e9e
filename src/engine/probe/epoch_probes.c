/* The curves: loss and error after every epoch. */
#include "engine/nn/evaluation_sources.h"
#include "engine/probe/applies.h"

/* Errors with other statistics than the running ones. */
static bool has_source(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)layer;
    return evaluation_source_applies(evaluation_source_find(probe->name), &trainer->mlp);
}

static bool has_source_and_validation(const struct probe *probe, const struct trainer *trainer,
                                      int layer) {
    return has_source(probe, trainer, layer) && applies_with_validation(probe, trainer, layer);
}

#define MINI_BATCHES "none: the steps compute it"
#define PASS(rows) "one pass over the " rows " rows"

#define VALIDATION_ROW(name, applies, states, memory, curve, summary, bank, cost)                  \
    {"validation_error_" #name,                                                                    \
     "1",                                                                                          \
     "as test_error_" #name ", on the validation rows",                                            \
     PASS("validation") cost,                                                                      \
     PROBE_EPOCH,                                                                                  \
     LOG_FULL,                                                                                     \
     NULL,                                                                                         \
     has_source_and_validation,                                                                    \
     NULL},
#define TEST_ROW(name, applies, states, memory, curve, summary, bank, cost)                        \
    {"test_error_" #name,                                                                          \
     "1",                                                                                          \
     "share of wrong answers on the test rows, " curve,                                            \
     PASS("test") cost,                                                                            \
     PROBE_EPOCH,                                                                                  \
     LOG_FULL,                                                                                     \
     NULL,                                                                                         \
     has_source,                                                                                   \
     NULL},

const struct probe probe_epoch_rows[] = {
    {"train_loss", UNIT_OF_LOSS, "mean over the epoch's mini-batches of the loss before the update",
     MINI_BATCHES, PROBE_EPOCH, LOG_STANDARD, NULL, NULL, NULL},
    {"train_error", "1", "mean over the epoch's mini-batches of the share of wrong answers",
     MINI_BATCHES, PROBE_EPOCH, LOG_STANDARD, NULL, NULL, NULL},
    {"validation_loss", UNIT_OF_LOSS, "loss on the validation rows, running statistics",
     PASS("validation"), PROBE_EPOCH, LOG_STANDARD, NULL, applies_with_validation, NULL},
    {"validation_error", "1", "share of wrong answers on the validation rows, running statistics",
     PASS("validation"), PROBE_EPOCH, LOG_STANDARD, NULL, applies_with_validation, NULL},
    {"test_loss", UNIT_OF_LOSS, "loss on the test rows, running statistics", PASS("test"),
     PROBE_EPOCH, LOG_STANDARD, NULL, NULL, NULL},
    {"test_error", "1", "share of wrong answers on the test rows, running statistics", PASS("test"),
     PROBE_EPOCH, LOG_STANDARD, NULL, NULL, NULL},
    EVALUATION_SOURCES(VALIDATION_ROW) EVALUATION_SOURCES(TEST_ROW){0},
};
