/* One run: train with probes, evaluate, and write down what came out. */
#pragma once

#include "lab/config/keys.h"
#include "lab/plan/plan.h"
#include "lab/store/record.h"
#include "lab/worker/checkpoint.h"
#include "lab/worker/heartbeat.h"

/* Trains `planned` on `n_threads` threads and fills a record: configuration, final metrics, series
 * (as log.* ask), provenance. `heartbeat` follows its steps; NULL: nobody asks. `checkpoint`:
 * where it goes on from and what it leaves meanwhile; NULL: from the beginning, and nothing. A
 * diverged run is OK. ERROR_RUN: out of memory. ERROR_UNREADABLE: the checkpoint cannot be read
 * now. STOPPED_TERM: it left because the heartbeat asked. */
enum status run_execute(const struct planned_run *planned, int n_threads, int concurrency,
                        struct heartbeat *heartbeat, struct checkpoint *checkpoint,
                        struct record *record);
