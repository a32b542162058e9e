/* Whose statistics a network is evaluated with: the running ones that training left behind, and
 * what may stand in their place. Columns of /summary, curves, the bank's columns and their
 * descriptions follow from these rows.
 *
 * To add one: a row below, and its functions in evaluation_sources.c. */
#pragma once

#include "engine/nn/evaluate.h"

/* Beside the running ones: row(name, applies, states, memory, curve, summary, bank, cost).
 *
 * name: of the columns test_error_<name>, validation_error_<name>
 * applies, states, memory: the functions of struct evaluation_source
 * curve: what the statistics are, after "share of wrong answers on the test rows, "
 * summary: the same in /summary, after "share of wrong answers on the test rows "
 * bank: the same of a bank's member, after "the bank's statistics"; NULL: not for the bank
 * cost: what finding the statistics costs, after "one pass over the test rows" */
#define EVALUATION_SOURCES(row)                                                                    \
    ROWWISE_SOURCES(row)                                                                           \
    row(batch, mixes_rows, NULL, evaluate_batches_memory,                                          \
        "each mini-batch of eval.batch_rows by its own statistics",                                \
        "in mini-batches of eval.batch_rows, each with its own statistics; nan where the "         \
        "normalizer does not mix rows",                                                            \
        NULL, "")

/* Those with which what becomes of a row does not depend on the other rows. */
#define ROWWISE_SOURCES(row)                                                                       \
    row(debiased, keeps_initial_value, debiased_states, NULL,                                      \
        "running statistics without what is left of their initial value",                          \
        "with the running statistics without what is left in them of their initial value; nan "    \
        "without running statistics",                                                              \
        " without what is left of their initial value", "")                                        \
        row(population, has_state, population_states, population_memory,                           \
            "statistics of eval.population_rows training rows",                                    \
            "with the statistics of eval.population_rows training rows in place of the running "   \
            "ones; "                                                                               \
            "nan without running statistics",                                                      \
            NULL, ", and one over those training rows for both parts")

enum {
    SOURCE_RUNNING,
#define SOURCE_ENUM(name, ...) SOURCE_##name,
    EVALUATION_SOURCES(SOURCE_ENUM)
#undef SOURCE_ENUM
        SOURCE_COUNT,
};

struct evaluation_source {
    const char *name;   /* "running", "debiased" */
    const char *suffix; /* of its columns: test_error<suffix> */
    const char *bank;   /* see above */
    /* Are there such statistics where layers have this normalizer? */
    bool (*applies)(const struct normalizer *kind);
    /* The statistics, into states [mlp.n_states], of the network (member -1) or of a member of its
     * bank. *any false, and nothing written: there are none now. NULL: every mini-batch has its
     * own. */
    enum status (*states)(const struct trainer *trainer, int member, float *states, bool *any);
    /* Bytes that finding them takes; NULL: none. */
    size_t (*memory)(const struct trainer *trainer);
};

/* `index` below SOURCE_COUNT. */
const struct evaluation_source *evaluation_source_get(int index);
/* The one whose column is test_error<...> or validation_error<...>; -1: none. */
int evaluation_source_find(const char *column);
/* The one whose wrong rows are the series wrong<...>; -1: none. */
int evaluation_source_of_rows(const char *series);
/* Has this network such statistics? */
bool evaluation_source_applies(int source, const struct mlp *mlp);

struct evaluation_pair {
    struct evaluation validation, test; /* NaN where it was not evaluated */
};

/* What is asked of the test rows. */
struct test_rows {
    bool wanted;
    uint64_t *wrong; /* [evaluate_words(n)]: which of them are wrong, as of evaluate; NULL: nobody
                        asks. A source whose rows depend on each other (no `states`) has none. */
};

/* Evaluates all validation rows and the test rows as `test` says. `room` [mlp.n_states]. Where
 * there are no such statistics, NaN, and no word is written. ERROR_RUN: out of memory. */
enum status evaluate_with(const struct trainer *trainer, int source, int member,
                          struct test_rows test, float *room, struct evaluation_pair *result);
/* Was an output not a number? Where a part was evaluated there is an error, and its loss is finite
 * as long as all outputs are. */
bool evaluation_overflowed(const struct evaluation_pair *pair);
extern const struct evaluation_pair evaluation_none; /* NaN throughout */

/* Bytes that evaluation of a trainer, which may be an outline, takes at most at a time, with room
 * for the statistics: the same counting passes. */
size_t evaluation_memory(const struct trainer *trainer);
