/* How a verdict came about, in sentences: the rule and its questions, looks, what was seen before.
 */
#pragma once

#include "judge/claim/verdict.h"

/* "Rule all: supported if ... Decides: worse (supported), unstable (refuted). Premise: ..." NULL:
 * nothing can decide it. */
const char *rule_text(const struct judgement *judgement, struct pool *pool);
/* Which looks were taken, what they have spent, and what the next one costs. NULL: the claim has
 * none. */
const char *looks_text(const struct judgement *judgement, struct pool *pool);
/* Why more seeds would not settle what is open. NULL: they might, or nothing is. */
const char *blocked_text(const struct judgement *judgement);
/* "On 2026-11-27: refuted: ... Changed since: ..." NULL: nothing was. */
const char *seen_before_text(const struct claim *claim, struct pool *pool);
