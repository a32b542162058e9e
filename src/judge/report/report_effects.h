/* The table of effects of a claim that asks for one: how large the difference is under each of its
 * conditions, without a number for all of them. */
#pragma once

#include <stdio.h>

#include "judge/claim/verdict.h"
#include "judge/stats/effect_size.h"

/* Of the figures of an answer's arms, averaged over its strata. */
struct effect_size effects_size(const struct answer *answer);

/* A table of texts for people, a row for each question that claim_tables; false: the claim asks for
 * none, or has no answers. `note`: what a reader of it must know. */
bool effects_table(const struct judgement *judgement, struct table *table, const char **note);
/* The same on the page; nothing where there is none. */
void effects_put_html(FILE *out, const struct judgement *judgement);
