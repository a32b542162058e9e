/* The baseline: what the best constant prediction gets, and a network that learned nothing. */
#pragma once

#include "engine/nn/evaluate.h"

/* Of the first n rows of a part, chosen for them. */
double baseline_loss(const struct dataset *dataset, long loss, enum data_part part, long n);
/* Wrong rows among the first n of a part for the class that is commonest among them, so that no
 * constant has fewer; -1 where targets are numbers. */
long baseline_wrong(const struct dataset *dataset, enum data_part part, long n);
/* Share of wrong answers on a part for the class that is commonest in the training part; NaN where
 * targets are numbers. */
double baseline_error(const struct dataset *dataset, enum data_part part);
/* Which rows of a part those are, where targets are classes, into wrong [evaluate_words(n)]: as of
 * evaluate. */
void baseline_mark_wrong(const struct dataset *dataset, enum data_part part, uint64_t *wrong);
