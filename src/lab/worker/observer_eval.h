/* What is evaluated after an epoch. */
#pragma once

#include "lab/worker/observation.h"

/* A point without numbers. */
struct epoch_point observer_no_point(long steps);
/* Evaluates after an epoch: at level economy only after the last, and what takes other statistics
 * than the running ones only then or at level full. */
enum status observer_evaluate(struct observer *observer, struct epoch_point *point);
/* What a run's final metrics have of these: nothing where training diverged; where only the final
 * loss is not finite, those from statistics whose outputs are numbers. */
struct evaluation_pair observer_kept(const struct observer *observer, struct evaluation_pair pair);
/* Those of the last evaluation, with one source. A run that diverged while it trained has none; the
 * step says when. Where it trained to the end, the running statistics alone may be at fault. */
struct evaluation_pair observer_last(const struct observer *observer, int source);
/* And of a member of the bank. */
struct evaluation_pair observer_bank_last(const struct observer *observer, int member, int source);
