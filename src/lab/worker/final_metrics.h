/* What a run is measured by in the end. */
#pragma once

#include "lab/store/record.h"
#include "lab/table/summary_columns.h"
#include "lab/worker/observation.h"

/* Evaluates a trained (or diverged) run's training rows, and gathers the rest from the observer,
 * whose `diverged` it sets. ERROR_RUN: out of memory. */
enum status final_metrics_measure(struct observer *observer, struct final_metrics *metrics);
/* Every column of /summary, in its order. */
void final_metrics_write(const struct final_metrics *metrics, struct record *record);
