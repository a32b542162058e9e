/* Rows: which test rows a trained network gets wrong. */
#include "engine/nn/evaluation_sources.h"
#include "engine/probe/applies.h"

/* No answer to numbers is right or wrong. */
static bool has_answers(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return !dataset_has_values(trainer->dataset) && trainer->dataset->n[PART_TEST] > 0;
}

static bool has_source(const struct probe *probe, const struct trainer *trainer, int layer) {
    int source = evaluation_source_of_rows(probe->name);
    return has_answers(probe, trainer, layer) && evaluation_source_applies(source, &trainer->mlp);
}

#define ROW(name, applies, states, memory, curve, summary, bank, cost)                             \
    {"wrong_" #name,                                                                               \
     "1",                                                                                          \
     "as wrong, " curve,                                                                           \
     "a bit a test row, of each member of the bank too",                                           \
     PROBE_ROWS,                                                                                   \
     LOG_BY_NAME,                                                                                  \
     NULL,                                                                                         \
     has_source,                                                                                   \
     NULL},

const struct probe probe_rows_rows[] = {
    {"wrong", "1",
     "test rows that the last evaluation got wrong, running statistics: row r is bit r mod 64 of "
     "word r / 64; of a run that diverged those of the best constant prediction",
     "a bit a test row, of each member of the bank too", PROBE_ROWS, LOG_BY_NAME, NULL, has_answers,
     NULL},
    ROWWISE_SOURCES(ROW){0},
};
