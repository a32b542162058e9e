/* What a verdict is called, and the sentence of a headline. */
#pragma once

#include "judge/claim/verdict.h"

/* By the claim's rule, from the answers and their words, which stand in the judgement; in its pool.
 */
const char *judgement_headline(struct judgement *judgement);
