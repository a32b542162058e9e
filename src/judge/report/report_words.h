/* Names and numbers as people read them. */
#pragma once

#include "base/pool.h"
#include "judge/claim/claim.h"

/* "train.batch_size=2, norm.placement=after" as "mini-batch size 2, placement after". */
const char *report_stratum(const char *stratum, struct pool *pool);
/* What a claim's runs are, in a sentence or two: data, network, what is varied, and how the
 * learning rate was chosen. */
const char *report_setting(const struct claim *claim, struct pool *pool);
/* Does it end with a mark of its own? */
bool report_is_sentence(const char *text);
/* A verdict's word as a class of CSS: "not seen (shortened)" as "not-seen-shortened". */
const char *report_class(const char *word, struct pool *pool);
/* What the word of a verdict means, in half a sentence; NULL: it is no such word. */
const char *report_meaning(const char *word, struct pool *pool);
/* With as many decimals as the width of its interval is worth: two digits of it. Four digits where
 * that is no number above 0. */
const char *report_number(double value, double width, struct pool *pool);
