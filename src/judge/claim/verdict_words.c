/* A verdict in a word and in a sentence. */
#include "judge/claim/verdict_words.h"

#include <ctype.h>
#include <string.h>

/* ---- in a word ---- */

static const char open_word[] = "open", not_tried[] = "not tried";

static const char *const shortened_words[] = {
    [VERDICT_SUPPORTED] = "seen (shortened)",
    [VERDICT_REFUTED] = "not seen (shortened)",
    [VERDICT_DEPENDS] = "depends (shortened)",
    [VERDICT_INCONCLUSIVE] = "inconclusive (shortened)",
    [VERDICT_SMALL] = "small (shortened)",
    [VERDICT_SIGN_ONLY] = "sign only (shortened)",
    [VERDICT_PREMISE_NOT_MET] = "premise not met (shortened)",
};

const char *judgement_verdict(const struct judgement *judgement, enum verdict verdict) {
    bool shortened = claim_is_shortened(judgement->claim);
    return shortened ? shortened_words[verdict] : verdict_name(verdict);
}

const char *judgement_word(const struct judgement *judgement) {
    if (judgement->decided)
        return judgement_verdict(judgement, judgement->verdict);
    return judgement->claim->cannot ? not_tried : open_word;
}

const char *judgement_word_get(int index) {
    static const char *const others[] = {open_word, not_tried, NULL};
    return index < OUTCOMES       ? verdict_name((enum verdict)index)
           : index < 2 * OUTCOMES ? shortened_words[index - OUTCOMES]
                                  : others[index - 2 * OUTCOMES];
}

/* ---- in a sentence ---- */

/* A question's answer as the headline has it, of which a paper's says that it is shortened. */
static const char *word_of(const struct judgement *judgement, enum verdict verdict) {
    static const char *const papers[] = {
        [VERDICT_SUPPORTED] = "seen", [VERDICT_REFUTED] = "not seen"};
    bool shortened = claim_is_shortened(judgement->claim) && verdict <= VERDICT_REFUTED;
    return shortened ? papers[verdict] : verdict_name(verdict);
}

/* "'fails', the premise 'dropout'": those that count and have this answer. */
static const char *questions_with(struct judgement *judgement, enum verdict verdict,
                                  bool with_premises) {
    const char *text = "";
    for (int i = 0; i < judgement->n_answers; i++) {
        const struct answer *answer = &judgement->answers[i];
        enum role role = answer->question->role;
        bool counts = role == ROLE_DECIDES || (with_premises && role == ROLE_PREMISE);
        if (counts && answer->decision.verdict == verdict)
            text = pool_format(&judgement->pool, "%s%s%s'%s'", text, *text ? ", " : "",
                               role == ROLE_PREMISE ? "the premise " : "", answer->question->name);
    }
    return text;
}

/* "Supported: 'worse'; inconclusive: 'unstable'." */
static const char *told_apart(struct judgement *judgement, bool with_premises) {
    static const enum verdict order[] = {VERDICT_SUPPORTED, VERDICT_REFUTED,
                                         VERDICT_DEPENDS,   VERDICT_SMALL,
                                         VERDICT_SIGN_ONLY, VERDICT_INCONCLUSIVE};
    char *text = pool_text(&judgement->pool, "");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *names = questions_with(judgement, order[i], with_premises);
        if (*names)
            text = pool_format(&judgement->pool, "%s%s%s: %s", text, *text ? "; " : "",
                               word_of(judgement, order[i]), names);
    }
    *text = (char)toupper((unsigned char)*text);
    return pool_format(&judgement->pool, "%s.", text);
}

static const char *unsettled(struct judgement *judgement) {
    return pool_format(&judgement->pool, "Not settled. %s%s", told_apart(judgement, true),
                       judgement->rows_only ? " It is decided on these test rows only." : "");
}

/* The file's sentence; of what depends, or is refuted by one of several, with which it is. */
static const char *own_sentence(struct judgement *judgement, const char *own) {
    bool parts = judgement->verdict == VERDICT_DEPENDS ||
                 (judgement->verdict == VERDICT_REFUTED && judgement->claim->rule.rule == RULE_ALL);
    return parts ? pool_format(&judgement->pool, "%s %s", own, told_apart(judgement, false)) : own;
}

/* An answer as a headline, where its question does not stand above it: a sentence of the file says
 * what it means, one of ours does not say what was asked. */
static const char *headline_of(const struct answer *answer, struct pool *pool) {
    const struct claim_question *question = answer->question;
    enum verdict verdict = answer->decision.verdict;
    bool of_sign = verdict == VERDICT_SMALL || verdict == VERDICT_SIGN_ONLY;
    size_t length = strlen(question->asks);
    if (question->outcome[verdict] || !of_sign)
        return answer->meaning;
    return pool_format(pool, "%s Asked: %s%s", answer->meaning, question->asks,
                       length && ispunct((unsigned char)question->asks[length - 1]) ? "" : ".");
}

const char *judgement_headline(struct judgement *judgement) {
    const struct claim *claim = judgement->claim;
    const struct answer *answer = &judgement->answers[judgement->hangs_on];
    const char *headline = headline_of(answer, &judgement->pool);
    if (judgement->verdict == VERDICT_PREMISE_NOT_MET)
        return pool_format(&judgement->pool, "A premise of it does not hold: %s", headline);
    if (answer->question->role == ROLE_PREMISE)
        return pool_format(&judgement->pool, "A premise of it is not settled: %s", headline);
    if (claim->rule.rule == RULE_ONE)
        return headline;
    const char *own = claim->outcome[judgement->verdict];
    if (own)
        return own_sentence(judgement, own);
    return judgement->verdict == VERDICT_INCONCLUSIVE ? unsettled(judgement) : headline;
}
