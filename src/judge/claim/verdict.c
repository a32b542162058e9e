/* From a claim and its results to a verdict. */
#include "judge/claim/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/visible.h"
#include "base/words.h"
#include "io/draft.h"
#include "io/files.h"
#include "judge/claim/claim_check.h"
#include "judge/claim/machines.h"
#include "judge/claim/verdict_words.h"
#include "lab/plan/definition_change.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"

static bool run_is_finished(const struct table *runs, int row) {
    return run_ended(runs, row, END_COMPLETE) || run_ended(runs, row, END_DIVERGED);
}

static void count_runs(const struct table *summary, struct judgement *judgement) {
    const struct column *ids = table_find(summary, "run");
    char *end = pool_alloc(&judgement->pool, (size_t)summary->n_rows * (RUN_ID_SIZE + 1) + 1);
    judgement->n_runs = summary->n_rows;
    judgement->ids = end;
    for (int row = 0; ids && row < summary->n_rows; row++) {
        if (row)
            *end++ = ' ';
        end = stpcpy(end, ids->texts[row]);
    }
    for (int row = 0; row < summary->n_rows; row++)
        judgement->n_finished += run_is_finished(summary, row);
}

/* An answer from runs of another definition would be to another question. */
static enum status check_definition(struct judgement *judgement, bool *current) {
    const struct experiment *experiment = &judgement->claim->experiment;
    struct pool *pool = &judgement->pool;
    struct store_header header;
    enum status status = store_read_header(judgement->results, pool, &header);
    const char *change = status ? NULL : definition_change(experiment, header.resolved, pool);
    const char *file = path_name(experiment->file);
    *current = !change;
    if (change && *header.file && strcmp(header.file, file) != 0)
        judgement->sentence =
            pool_format(pool,
                        "The runs in %s are those of %s, not of %s: name that file as the "
                        "experiment, or give the experiments different names.",
                        judgement->results, header.file, file);
    else if (change)
        judgement->sentence = pool_format(
            pool, "The runs in %s were made from another version of %s (%s): run it again.",
            judgement->results, experiment->file, change);
    return status;
}

/* ---- the rule ---- */

static enum status ask(struct judgement *judgement, const struct table *summary, double level) {
    const struct claim *claim = judgement->claim;
    enum status status = OK;
    for (int i = 0; i < claim->n_questions && !status; i++) {
        struct answer *answer = &judgement->answers[judgement->n_answers++];
        *answer = (struct answer){.question = &claim->questions[i], .level = level};
        status = answer_make(claim, judgement->results, summary, answer, &judgement->pool);
    }
    return status;
}

static void forget_answers(struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++)
        answer_free(&judgement->answers[i]);
    judgement->n_answers = 0;
}

/* Why one of the questions that count has no answer; NULL: all have. */
static const char *open_question(const struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++) {
        const struct answer *answer = &judgement->answers[i];
        if (answer->question->role != ROLE_BESIDE && answer->open)
            return answer->open;
    }
    return NULL;
}

/* Is it a word that more seeds might make stronger? */
static bool is_open(enum verdict verdict) {
    return verdict == VERDICT_INCONCLUSIVE || verdict == VERDICT_SIGN_ONLY;
}

/* Of the questions that count and are not settled: can any other runs than these, on the same test
 * rows, settle one? */
static bool rows_forbid(const struct judgement *judgement) {
    bool forbid = false;
    if (!is_open(judgement->verdict))
        return false;
    for (int i = 0; i < judgement->n_answers; i++) {
        const struct answer *answer = &judgement->answers[i];
        if (answer->question->role == ROLE_BESIDE || answer_is_settled(answer))
            continue;
        if (!answer->decision.rows_forbid)
            return false;
        forbid = true;
    }
    return forbid;
}

static void apply_rule(struct judgement *judgement) {
    struct ruled_question *questions =
        pool_alloc(&judgement->pool, ((size_t)judgement->n_answers + 1) * sizeof *questions);
    int n = 0,
        *places = pool_alloc(&judgement->pool, ((size_t)judgement->n_answers + 1) * sizeof *places);
    for (int i = 0; i < judgement->n_answers; i++) {
        struct answer *answer = &judgement->answers[i];
        places[n] = i;
        if (!answer->open)
            questions[n++] = (struct ruled_question){answer->question->role, &answer->decision};
    }
    struct ruling ruling = rule_apply(judgement->claim->rule.rule, n, questions);
    for (int i = 0; i < n; i++)
        answer_describe(&judgement->answers[places[i]], &judgement->pool);
    judgement->verdict = ruling.verdict;
    judgement->rows_only = ruling.rows_only;
    judgement->rows_forbid = rows_forbid(judgement);
    judgement->hangs_on = places[ruling.question];
    judgement->decided = true;
    judgement->sentence = judgement_headline(judgement);
}

/* Asks all runs of a table, and applies the rule where the questions that count have answers. */
static enum status decide(struct judgement *judgement, const struct table *runs, double level) {
    enum status status = ask(judgement, runs, level);
    const char *open = open_question(judgement);
    if (!status && open)
        judgement->sentence = open;
    else if (!status && judgement->n_answers)
        apply_rule(judgement);
    return status;
}

/* ---- looks ---- */

static bool is_of_first(const struct axis *axis, int place, int n, double seed) {
    for (int i = 0; i < n && i < axis->n_values; i++)
        if ((double)axis->values[(long)place * axis->n_values + i].integer == seed)
            return true;
    return false;
}

/* The runs of the first n seeds. */
static void take_seeds(const struct claim *claim, const struct table *summary, int n,
                       struct table *runs) {
    struct pool pool = {0};
    int place, n_rows = 0, *rows = pool_alloc(&pool, ((size_t)summary->n_rows + 1) * sizeof *rows);
    const struct axis *axis = experiment_axis(&claim->experiment, key_find("seed"), &place);
    const struct column *seeds = table_find(summary, "seed");
    for (int row = 0; axis && seeds && row < summary->n_rows; row++)
        if (is_of_first(axis, place, n, table_number(seeds, row)))
            rows[n_rows++] = row;
    table_take(summary, n_rows, rows, runs);
    pool_free(&pool);
}

/* Runs of these that are not finished, and the core-seconds that they will take if each is like
 * those that are. */
static int count_lacking(const struct table *runs, double *seconds) {
    static const char *const clocks[] = {"train_s", "eval_s", "log_s"};
    int n_finished = 0;
    double sum = 0;
    for (int row = 0; row < runs->n_rows; row++) {
        if (!run_is_finished(runs, row))
            continue;
        n_finished++;
        for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
            const struct column *clock = table_find(runs, clocks[i]);
            sum += clock ? table_number(clock, row) : NAN;
        }
    }
    int lacking = runs->n_rows - n_finished;
    *seconds = n_finished ? sum / n_finished * lacking : NAN;
    return lacking;
}

/* A look is over where it has a word that more seeds would not make stronger. */
static void note_look(struct judgement *judgement, const struct claim_look *look) {
    const struct claim_rule *rule = &judgement->claim->rule;
    struct looks *looks = &judgement->looks;
    looks->taken[looks->n++] = (struct look){look->n_seeds, look->level, judgement->verdict};
    looks->is_over =
        !is_open(judgement->verdict) || judgement->rows_forbid || looks->n == rule->n_looks;
}

static enum status take_look(struct judgement *judgement, const struct table *summary, int place) {
    const struct claim *claim = judgement->claim;
    struct looks *looks = &judgement->looks;
    const struct claim_look *look = &claim->rule.looks[place];
    struct table runs;
    take_seeds(claim, summary, claim->rule.n_choosing + look->n_seeds, &runs);
    enum status status = OK;
    looks->next_seeds = look->n_seeds;
    looks->n_next = count_lacking(&runs, &looks->next_s);
    if (looks->n_next == 0) {
        forget_answers(judgement);
        judgement->decided = false;
        status = decide(judgement, &runs, look->level);
        if (judgement->decided)
            note_look(judgement, look);
    } else if (place == 0) {
        judgement->sentence =
            pool_format(&judgement->pool, "The first look, at %d seeds, lacks %d run%s.",
                        look->n_seeds, looks->n_next, plural(looks->n_next));
    }
    table_free(&runs);
    return status;
}

/* From look to look, as far as there are runs and until there is a verdict: runs beyond that look
 * have no part in it. */
static enum status take_looks(struct judgement *judgement, const struct table *summary) {
    const struct looks *looks = &judgement->looks;
    enum status status = OK;
    for (int place = 0; place < judgement->claim->rule.n_looks && !status; place++) {
        status = take_look(judgement, summary, place);
        if (looks->n <= place || looks->is_over)
            break;
    }
    return status;
}

/* ---- everything that is asked of runs ---- */

static enum status answer_questions(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    struct table summary;
    bool current;
    enum status status = check_definition(judgement, &current);
    if (!status && !current)
        status = claim_check(claim, NULL);
    if (status || !current)
        return status;
    status = store_read_summary(judgement->results, &summary);
    if (status)
        return status;
    struct log_config logged = claim_logged(&summary, &judgement->pool);
    status = claim_check(claim, &logged);
    count_runs(&summary, judgement);
    if (!status)
        status = claim->rule.n_looks ? take_looks(judgement, &summary)
                                     : decide(judgement, &summary, LEVEL);
    if (!status)
        status = machines_describe(judgement->results, &summary, judgement->n_answers,
                                   judgement->answers, &judgement->pool, &judgement->machines);
    table_free(&summary);
    return status;
}

/* ---- the verdict ---- */

static void compute(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    for (int i = 0; i < claim->n_computations; i++) {
        const struct computation *computation = &claim->computations[i];
        struct computed_value *computed = &judgement->computed[i];
        double low = computation->claimed - computation->tolerance,
               high = computation->claimed + computation->tolerance;
        struct measured measured = computation_run(computation);
        computed->measured = measured;
        computed->holds = measured.low >= low && measured.high <= high;
        computed->open = !computed->holds && measured.high >= low && measured.low <= high;
    }
}

/* Everything as claimed, nothing, or some of it; a universal claim fails with one counter-example.
 * Where a time is open, the rest may still settle it. */
static enum verdict computed_verdict(const struct claim *claim,
                                     const struct computed_value *computed) {
    int n = 0, holds = 0, open = 0;
    for (int i = 0; i < claim->n_computations; i++) {
        bool decides = !claim->computations[i].beside;
        n += decides;
        holds += decides && computed[i].holds;
        open += decides && computed[i].open;
    }
    int fails = n - holds - open;
    if (holds == n)
        return VERDICT_SUPPORTED;
    if (fails == n || (fails > 0 && claim->universal))
        return VERDICT_REFUTED;
    return holds > 0 && fails > 0 ? VERDICT_DEPENDS : VERDICT_INCONCLUSIVE;
}

static void verdict_of_computations(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    judgement->decided = true;
    judgement->hangs_on = -1;
    judgement->verdict = computed_verdict(claim, judgement->computed);
    judgement->sentence = judgement->verdict == VERDICT_INCONCLUSIVE
                              ? "These times do not settle it: what is claimed ends within their "
                                "intervals."
                              : claim->outcome[judgement->verdict];
}

/* As the command that makes them has it. */
static const char *out_option(const char *out, struct pool *pool) {
    return strcmp(out, "results") ? pool_format(pool, " --out %s", text_quoted(out, pool)) : "";
}

static const char *not_run(struct judgement *judgement, const char *out) {
    struct pool *pool = &judgement->pool;
    const char *path = judgement->results, *dir = store_unmerged(path, pool);
    if (dir)
        return pool_format(pool,
                           "Not run yet: there is no %s, but there are runs in %s. `normlab status "
                           "%s` says how far they are.",
                           path, dir, text_quoted(dir, pool));
    return pool_format(pool, "Not run yet: there is no %s. `normlab run %s%s` trains its runs.",
                       path, text_quoted(judgement->claim->file, pool), out_option(out, pool));
}

enum status verdict_judge(const struct claim *claim, const char *out, struct judgement *result) {
    struct judgement judgement = {.claim = claim, .hangs_on = -1};
    struct pool *pool = &judgement.pool;
    enum status status = OK;
    judgement.computed =
        pool_alloc(pool, ((size_t)claim->n_computations + 1) * sizeof *judgement.computed);
    judgement.answers =
        pool_alloc(pool, ((size_t)claim->n_questions + 1) * sizeof *judgement.answers);
    compute(&judgement);
    if (claim->has_runs) {
        judgement.results = pool_format(pool, "%s/%s.h5", out, claim->experiment.name);
        judgement.sentence = not_run(&judgement, out);
        if (access(judgement.results, F_OK) == 0)
            status = answer_questions(&judgement);
        else if (file_error(errno) == ERROR_UNREADABLE)
            status = fail(ERROR_UNREADABLE, "%s: %s", judgement.results, strerror(errno));
        else
            status = claim_check(claim, NULL);
    }
    if (claim->cannot)
        judgement.sentence = claim->cannot;
    else if (claim->n_computations && claim->rule.by_computation)
        verdict_of_computations(&judgement);
    if (status)
        judgement_free(&judgement);
    else
        *result = judgement;
    return status;
}

const struct answer *judgement_answer(const struct judgement *judgement) {
    if (judgement->hangs_on >= 0)
        return &judgement->answers[judgement->hangs_on];
    for (int i = 0; i < judgement->n_answers; i++)
        if (judgement->answers[i].question->role == ROLE_DECIDES)
            return &judgement->answers[i];
    return NULL;
}

void judgement_free(struct judgement *judgement) {
    for (int i = 0; i < judgement->n_answers; i++)
        answer_free(&judgement->answers[i]);
    pool_free(&judgement->pool);
    *judgement = (struct judgement){0};
}
