/* From a claim and its results to a verdict. */
#include "judge/claim/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"
#include "lab/plan/definition_change.h"
#include "lab/store/store.h"

static void count_runs(const struct table *summary, struct judgement *judgement) {
    const struct column *states = table_find(summary, "status"), *ids = table_find(summary, "run");
    char *end = pool_alloc(&judgement->pool, (size_t)summary->n_rows * (RUN_ID_SIZE + 1) + 1);
    judgement->n_runs = summary->n_rows;
    judgement->ids = end;
    for (int row = 0; ids && row < summary->n_rows; row++) {
        if (row)
            *end++ = ' ';
        end = stpcpy(end, ids->texts[row]);
    }
    for (int row = 0; states && row < summary->n_rows; row++)
        judgement->n_finished +=
            !strcmp(states->texts[row], "complete") || !strcmp(states->texts[row], "diverged");
}

/* An answer from runs of another definition would be to another question. */
static enum status check_definition(struct judgement *judgement, bool *current) {
    const struct experiment *experiment = &judgement->claim->experiment;
    struct pool *pool = &judgement->pool;
    struct store_header header;
    enum status status = store_read_header(judgement->results, pool, &header);
    const char *change = status ? NULL : definition_change(experiment, header.resolved, pool);
    *current = !change;
    if (change)
        judgement->sentence = pool_format(
            pool, "The runs in %s were made from another version of %s (%s): run it again.",
            judgement->results, experiment->file, change);
    return status;
}

static enum status answer_questions(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    struct table summary;
    bool current;
    enum status status = check_definition(judgement, &current);
    if (status || !current)
        return status;
    status = store_read_summary(judgement->results, &summary);
    if (status)
        return status;
    count_runs(&summary, judgement);
    for (int i = 0; i < claim->n_questions && !status; i++) {
        struct answer *answer = &judgement->answers[judgement->n_answers++];
        answer->question = &claim->questions[i];
        status = answer_make(claim, judgement->results, &summary, answer, &judgement->pool);
    }
    table_free(&summary);
    return status;
}

/* ---- the verdict ---- */

static void compute(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    for (int i = 0; i < claim->n_computations; i++) {
        const struct computation *computation = &claim->computations[i];
        struct computed_value *computed = &judgement->computed[i];
        computed->value = computation_run(computation);
        computed->holds = fabs(computed->value - computation->claimed) <= computation->tolerance;
    }
}

/* Everything as claimed, nothing, or some of it; a universal claim fails with one counter-example.
 */
static void verdict_of_computations(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    int holds = 0;
    for (int i = 0; i < claim->n_computations; i++)
        holds += judgement->computed[i].holds;
    judgement->decided = true;
    judgement->verdict = holds == claim->n_computations   ? VERDICT_SUPPORTED
                         : holds == 0 || claim->universal ? VERDICT_REFUTED
                                                          : VERDICT_DEPENDS;
    judgement->sentence = claim->outcome[judgement->verdict];
}

static void verdict_of_question(struct judgement *judgement) {
    const struct answer *answer = judgement->answers;
    if (!judgement->n_answers)
        return;
    judgement->sentence = answer->open;
    if (answer->open)
        return;
    judgement->decided = true;
    judgement->verdict = answer->decision.verdict;
    judgement->sentence = answer->meaning;
    if (judgement->verdict == VERDICT_REFUTED && claim_is_shortened(judgement->claim))
        judgement->sentence = pool_format(
            &judgement->pool, "%s The run was shortened: no disagreement.", answer->meaning);
}

enum status verdict_judge(const struct claim *claim, const char *out, struct judgement *result) {
    struct judgement judgement = {.claim = claim};
    struct pool *pool = &judgement.pool;
    enum status status = OK;
    judgement.computed =
        pool_alloc(pool, ((size_t)claim->n_computations + 1) * sizeof *judgement.computed);
    judgement.answers =
        pool_alloc(pool, ((size_t)claim->n_questions + 1) * sizeof *judgement.answers);
    compute(&judgement);
    if (claim->has_runs) {
        judgement.results = pool_format(pool, "%s/%s.h5", out, claim->experiment.name);
        judgement.sentence = pool_format(pool, "Not run yet: there is no %s.", judgement.results);
        if (access(judgement.results, F_OK) == 0)
            status = answer_questions(&judgement);
        else if (file_error(errno) == ERROR_UNREADABLE)
            status = fail(ERROR_UNREADABLE, "%s: %s", judgement.results, strerror(errno));
    }
    if (claim->cannot)
        judgement.sentence = claim->cannot;
    else if (claim->n_computations && claim->computed_decides)
        verdict_of_computations(&judgement);
    else
        verdict_of_question(&judgement);
    if (status)
        judgement_free(&judgement);
    else
        *result = judgement;
    return status;
}

void judgement_free(struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++)
        answer_free(&judgement->answers[i]);
    pool_free(&judgement->pool);
    *judgement = (struct judgement){0};
}

const char *judgement_verdict(const struct judgement *judgement, enum verdict verdict) {
    bool shortened = verdict == VERDICT_REFUTED && claim_is_shortened(judgement->claim);
    return shortened ? "not seen" : verdict_name(verdict);
}

const char *judgement_word(const struct judgement *judgement) {
    if (judgement->decided)
        return judgement_verdict(judgement, judgement->verdict);
    return judgement->claim->cannot ? "not tried" : "open";
}
