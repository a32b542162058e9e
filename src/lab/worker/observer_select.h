/* What is wanted of an observer, and when. */
#pragma once

#include "lab/worker/observation.h"

/* Is this probe logged in this run (layer -1: as a whole)? */
bool observer_wants(const struct observer *observer, const struct probe *probe, int layer);
/* Any along this axis that is about the run as a whole? */
bool observer_wants_any(const struct observer *observer, enum probe_axis axis);
/* For any of the layers? */
bool observer_wants_a_layer(const struct observer *observer, const struct probe *probe);
/* Are the test rows evaluated at this point of the training? */
bool observer_wants_test(const struct observer *observer);
/* Is a source of evaluation wanted at this point? In the curves where their rows of the probe
 * table are logged, in the final metrics always. */
bool observer_wants_source(const struct observer *observer, int source);
/* Are the test rows that a source gets wrong written down? Never where no test row is looked at. */
bool observer_wants_rows(const struct observer *observer, int source);

/* The last step is done. */
bool observer_at_end(const struct observer *observer);
/* Those of a row along such an axis. */
enum timetable observer_timetable(enum probe_axis axis);
/* Its points beside the first, at most: those that fall on one step are one. */
long observer_timetable_size(const struct observer *observer, enum timetable timetable);
/* Step at which its next point is due: 0, then evenly to the end; of curves 1, then growing by
 * 2^(1/20), the last at the end. After that, and where no probe is on it, never (LONG_MAX). */
long observer_step_due(const struct observer *observer, enum timetable timetable);
/* The earliest of them. */
long observer_next_due(const struct observer *observer);
/* Step at which the epoch in progress ends. */
long observer_epoch_end(const struct observer *observer);
