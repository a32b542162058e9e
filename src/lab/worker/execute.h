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
/* What a run of this configuration will record in the course of its training, before there are data
 * or a run: its series with their scales, by what writes them, after one step on no data, so that
 * there is no second list of them. All values are 0, or NaN of layers that a probe
 * is not for, and have one place in time; layers, units and
 * momenta are those of the run, and of the output there are more units than data have classes. Not
 * the network's weights, nor what concerns the input alone. ERROR_RUN: out of memory. */
enum status run_rehearse(const struct config *config, struct record *record);
