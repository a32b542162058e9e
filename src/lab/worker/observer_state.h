/* A run in the middle: all that its steps and points to come depend on, and all that is to be
 * written of those before. */
#pragma once

#include "lab/worker/observation.h"

/* Of trainer, diagnostics and observer, at a moment between two points: filled with what they held
 * in another process, a new observer with a new trainer of the same run and log goes on there. */
void observer_pieces(struct observer *observer, struct pieces *pieces);
/* Are counts and steps such as a run of this shape can have? Asked after pieces were filled. */
bool observer_is_sound(const struct observer *observer);
