/* One run: train with probes, evaluate, and write down what came out. */
#pragma once

#include "lab/config/keys.h"
#include "lab/plan/plan.h"
#include "lab/store/record.h"
#include "lab/worker/heartbeat.h"

/* Trains `planned` on `n_threads` threads and fills a record: configuration, final metrics, series
 * (as log.* ask), provenance. `heartbeat` follows its steps; NULL: nobody asks. A diverged run is
 * OK. ERROR_RUN: out of memory. */
enum status run_execute(const struct planned_run *planned, int n_threads, int concurrency,
                        struct heartbeat *heartbeat, struct record *record);
