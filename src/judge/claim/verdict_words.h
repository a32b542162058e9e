/* What a verdict is called, and the sentence of a headline. */
#pragma once

#include "judge/claim/verdict.h"

/* "supported", ...; where runs of a paper's experiment were shortened "seen (shortened)", "not seen
 * (shortened)", ...: they may disagree with the paper as they may agree. */
const char *judgement_verdict(const struct judgement *judgement, enum verdict verdict);
/* The same of the judgement's own, or "not tried", "open". */
const char *judgement_word(const struct judgement *judgement);
/* All these words, in the order in which tables count them; NULL behind the last. */
const char *judgement_word_get(int index);

/* By the claim's rule, from the answers and their words, which stand in the judgement; in its pool.
 */
const char *judgement_headline(struct judgement *judgement);
