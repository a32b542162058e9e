/* The table of sources, what finds each one's statistics, and evaluation with any of them. */
#include "engine/nn/evaluation_sources.h"

#include <math.h>
#include <string.h>

/* ---- running ---- */

static bool always(const struct normalizer *kind) {
    (void)kind;
    return true;
}

static enum status running_states(const struct trainer *trainer, int member, float *states,
                                  bool *any) {
    const struct mlp *mlp = &trainer->mlp;
    const float *own = member < 0 ? mlp->states : bank_states(&trainer->bank, member);
    if (mlp->n_states)
        memcpy(states, own, mlp->n_states * sizeof *states);
    *any = true;
    return OK;
}

/* ---- debiased ---- */

static bool keeps_initial_value(const struct normalizer *kind) {
    return norm_fields(kind->state) > 0 && !kind->needs_population;
}

static enum status debiased_states(const struct trainer *trainer, int member, float *states,
                                   bool *any) {
    *any = evaluate_debiased_states(trainer, member, states);
    return OK;
}

/* ---- population ---- */

static bool has_state(const struct normalizer *kind) {
    return norm_fields(kind->state) > 0;
}

static enum status population_states(const struct trainer *trainer, int member, float *states,
                                     bool *any) {
    (void)member;
    *any = true;
    return evaluate_population_states(trainer, evaluate_population_rows(trainer), states);
}

static size_t population_memory(const struct trainer *trainer) {
    return trainer->mlp.n_states ? evaluate_population_memory(trainer) : 0;
}

/* ---- batch ---- */

static bool mixes_rows(const struct normalizer *kind) {
    return kind->mixes_rows;
}

/* ---- the table ---- */

#define SOURCE(name_, applies_, states_, memory_, curve, summary, bank_, cost)                     \
    [SOURCE_##name_] = {#name_, "_" #name_, bank_, applies_, states_, memory_},
static const struct evaluation_source sources[] = {
    [SOURCE_RUNNING] = {"running", "", "", always, running_states, evaluate_memory},
    EVALUATION_SOURCES(SOURCE)};
#undef SOURCE

const struct evaluation_source *evaluation_source_get(int index) {
    return &sources[index];
}

static int find_suffix(const char *suffix) {
    for (int i = 0; i < SOURCE_COUNT; i++)
        if (!strcmp(suffix, sources[i].suffix))
            return i;
    return -1;
}

int evaluation_source_find(const char *column) {
    const char *error = strstr(column, "_error");
    return error ? find_suffix(error + strlen("_error")) : -1;
}

int evaluation_source_of_rows(const char *series) {
    static const char wrong[] = "wrong";
    int source = strncmp(series, wrong, strlen(wrong)) ? -1 : find_suffix(series + strlen(wrong));
    return source >= 0 && sources[source].states ? source : -1;
}

bool evaluation_source_applies(int source, const struct mlp *mlp) {
    return source == SOURCE_RUNNING ||
           (mlp_has_norm(mlp) && sources[source].applies(normalizer_get(mlp->norm_config.kind)));
}

/* ---- evaluation ---- */

const struct evaluation_pair evaluation_none = {{NAN, NAN}, {NAN, NAN}};

static enum status evaluate_part(const struct trainer *trainer, int source, enum data_part part,
                                 float *states, uint64_t *wrong, struct evaluation *result) {
    return sources[source].states
               ? evaluate(trainer, part, trainer->dataset->n[part], states, wrong, result)
               : evaluate_batches(trainer, part, result);
}

enum status evaluate_with(const struct trainer *trainer, int source, int member,
                          struct test_rows test, float *room, struct evaluation_pair *result) {
    struct evaluation_pair pair = evaluation_none;
    bool any = evaluation_source_applies(source, &trainer->mlp);
    enum status status = OK;
    if (any && sources[source].states)
        status = sources[source].states(trainer, member, room, &any);
    if (!status && any)
        status = evaluate_part(trainer, source, PART_VALIDATION, room, NULL, &pair.validation);
    if (!status && any && test.wanted)
        status = evaluate_part(trainer, source, PART_TEST, room, test.wrong, &pair.test);
    if (!status)
        *result = pair;
    return status;
}

static bool overflowed(struct evaluation evaluation) {
    return !isnan(evaluation.error) && !isfinite(evaluation.loss);
}

bool evaluation_overflowed(const struct evaluation_pair *pair) {
    return overflowed(pair->validation) || overflowed(pair->test);
}

size_t evaluation_memory(const struct trainer *trainer) {
    size_t most = 0;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        size_t size = sources[i].memory ? sources[i].memory(trainer) : 0;
        most = size > most ? size : most;
    }
    return most + trainer->mlp.n_states * sizeof(float);
}
