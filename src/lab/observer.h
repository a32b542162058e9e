/* What is observed while a run trains, and how it becomes series: the link between the probe table
 * and a record. */
#pragma once

#include "lab/keys.h"
#include "lab/record.h"
#include "probe/probe.h"

/* Loss and error after an epoch. */
struct epoch_point {
    double train_loss, train_error;
    double validation_loss, validation_error;
    double test_loss, test_error, test_error_population;
    long steps; /* updates done */
};

/* A point of the step series: sums over the steps from `begin` to where the next one begins. */
struct step_point {
    long begin;
    double train_loss, train_error, lr;
};

/* Rows of numbers of one probe, one row a point in time. */
struct track {
    const struct probe *probe;
    int layer;    /* PROBE_UNITS: its layer; else -1 */
    size_t width; /* numbers a point */
    double *values;
};

struct observer {
    struct trainer *trainer;
    struct log_config log;
    struct arena arena; /* all arrays below */
    struct probe_sampler sampler;
    long measured;          /* steps, the diverging one among them */
    struct stretch stretch; /* what the last of them measured; arrays NULL at level economy */
    double epoch_loss, epoch_error; /* sums over the steps since the last epoch's end */
    long stride;                    /* steps a point */
    long n_points;
    struct step_point *points; /* NULL at level economy */
    long n_epochs, most_epochs;
    struct epoch_point *epochs;
    bool tracing;
    long next_trace, n_traces, most_traces;
    long *trace_steps;
    int n_tracks;
    struct track *tracks;
    unsigned needs[PROBE_AXES]; /* of enum probe_needs, together along an axis */
    double train_s, eval_s, log_s;
};

/* Bytes that observer_create takes: the same counting pass. The trainer may be an outline. */
size_t observer_memory(struct trainer *trainer, const struct log_config *log);
/* Bytes that observer_write takes at most, the record's copies among them. */
size_t observer_write_memory(struct trainer *trainer, const struct log_config *log);
/* ERROR_RUN: out of memory. */
enum status observer_create(struct observer *observer, struct trainer *trainer,
                            const struct log_config *log);
void observer_free(struct observer *observer);

/* Trains to the end (or to divergence), observing what log.* ask for. */
enum status observer_train(struct observer *observer);
/* Adds step/..., epoch/..., layer/..., layer<k>/... and trace/... to the record. */
void observer_write(const struct observer *observer, struct record *record); /* observer_series.c */

/* Is this probe logged in this run (layer -1: as a whole)? */
bool observer_wants(const struct observer *observer, const struct probe *probe, int layer);
