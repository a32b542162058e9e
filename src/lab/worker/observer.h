/* Training with probes: what is wanted is laid out before, and taken on the way. */
#pragma once

#include "lab/worker/observation.h"

/* Bytes that observer_create takes: the same counting pass. The trainer may be an outline. */
size_t observer_memory(struct trainer *trainer, const struct log_config *log);
/* Bytes that observer_write takes at most, the record's copies among them. */
size_t observer_write_memory(struct trainer *trainer, const struct log_config *log);
/* ERROR_RUN: out of memory. */
enum status observer_create(struct observer *observer, struct trainer *trainer,
                            const struct log_config *log);
/* One in which everything that is wanted has one point, all of them 0, or NaN of layers that a
 * probe is not for: nothing is measured, nothing can be trained, and what observer_write makes of
 * it has the names and scales of a run's series. The trainer may be an outline. ERROR_RUN: out of
 * memory. */
enum status observer_rehearse(struct observer *observer, struct trainer *trainer,
                              const struct log_config *log);
void observer_free(struct observer *observer);

/* Trains to the end (or to divergence), observing what log.* ask for. With a checkpoint: keeps one
 * as often as it says. STOPPED_TERM: the heartbeat asked to leave before the end; the message says
 * what becomes of the steps that are done. */
enum status observer_train(struct observer *observer);
