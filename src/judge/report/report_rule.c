/* How a verdict came about, in sentences. */
#include "judge/report/report_rule.h"

#include <math.h>

#include "base/words.h"
#include "judge/claim/verdict_words.h"

/* ---- the rule ---- */

/* "worse (supported), unstable (no answer)" of the questions with that role; "": there is none. */
static const char *questions_text(const struct judgement *judgement, enum role role,
                                  struct pool *pool) {
    const struct claim *claim = judgement->claim;
    const char *text = "";
    for (int i = 0; i < claim->n_questions; i++) {
        if (claim->questions[i].role != role)
            continue;
        const struct answer *answer = i < judgement->n_answers ? &judgement->answers[i] : NULL;
        const char *word = !answer || answer->open
                               ? "no answer"
                               : judgement_verdict(judgement, answer->decision.verdict);
        text = pool_format(pool, "%s%s%s (%s)", text, *text ? ", " : "", claim->questions[i].name,
                           word);
    }
    return text;
}

/* Of what needs no training. */
static const char *computed_text(const struct claim *claim) {
    return claim->universal
               ? "by computation: supported if every number that decides is as claimed, "
                 "refuted if one is not"
               : "by computation: supported if every number that decides is as claimed, "
                 "refuted if none is, depends if some are";
}

const char *rule_text(const struct judgement *judgement, struct pool *pool) {
    static const char *const rules[] = {
        [RULE_ONE] = "one: the verdict is that of the question that decides",
        [RULE_ALL] = "all: supported if every question that decides is, refuted if one is (after "
                     "Holm), small or sign only if one is that and the rest are supported",
        [RULE_DEPENDS] = "depends: supported or refuted if every question that decides is; depends "
                         "if one is supported and another refuted (after Holm)",
    };
    const struct claim *claim = judgement->claim;
    if (claim->rule.by_computation)
        return claim->n_computations ? pool_format(pool, "%s.", computed_text(claim)) : NULL;
    const char *premises = questions_text(judgement, ROLE_PREMISE, pool);
    return pool_format(pool, "%s. Decides: %s.%s%s%s", rules[claim->rule.rule],
                       questions_text(judgement, ROLE_DECIDES, pool),
                       *premises ? " Premise, without which there is no verdict: " : "", premises,
                       *premises ? "." : "");
}

/* ---- looks ---- */

static const char *taken_text(const struct judgement *judgement, struct pool *pool) {
    const struct looks *looks = &judgement->looks;
    const char *text = "";
    double spent = 0;
    for (int i = 0; i < looks->n; i++) {
        const struct look *look = &looks->taken[i];
        text = pool_format(pool, "%s%s%d seeds at %g a side (%s)", text, i ? ", " : "",
                           look->n_seeds, look->level, judgement_verdict(judgement, look->verdict));
        spent += look->level;
    }
    return looks->n ? pool_format(pool, "%s; %g of %g spent.", text, spent, LEVEL) : "none yet.";
}

static const char *next_text(const struct looks *looks, struct pool *pool) {
    const char *cost =
        isnan(looks->next_s) ? "" : pool_format(pool, ", some %.0f core-seconds", looks->next_s);
    return pool_format(pool, "The next look, at %d seeds, lacks %d run%s%s.", looks->next_seeds,
                       looks->n_next, plural(looks->n_next), cost);
}

const char *blocked_text(const struct judgement *judgement) {
    return judgement->rows_forbid ? "cannot settle it: the difference lies so near to a border "
                                    "that these test rows leave "
                                    "it open, however many seeds there are."
                                  : NULL;
}

const char *looks_text(const struct judgement *judgement, struct pool *pool) {
    const struct looks *looks = &judgement->looks;
    if (!judgement->claim->rule.n_looks)
        return NULL;
    const char *taken = taken_text(judgement, pool);
    return looks->is_over || !looks->n_next
               ? taken
               : pool_format(pool, "%s %s", taken, next_text(looks, pool));
}

/* ---- what was seen before ---- */

const char *seen_before_text(const struct claim *claim, struct pool *pool) {
    const char *text = NULL;
    for (int i = 0; i < claim->rule.n_seen_before; i++) {
        const struct seen_before *seen = &claim->rule.seen_before[i];
        text = pool_format(pool, "%s%sOn %s: %s Changed since: %s", text ? text : "",
                           text ? " " : "", seen->date, seen->answer, seen->changed);
    }
    return text;
}
