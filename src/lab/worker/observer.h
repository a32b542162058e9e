/* What is observed while a run trains, and how it becomes series: the link between the probe table
 * and a record. */
#pragma once

#include "engine/probe/probe.h"
#include "lab/config/keys.h"
#include "lab/store/record.h"

struct part_errors {
    double validation, test;
    bool overflowed; /* an output was no number */
};

/* Loss and error after an epoch: with running statistics, and what the same weights do with others.
 */
struct epoch_point {
    double train_loss, train_error;
    double validation_loss, validation_error;
    double test_loss, test_error;
    struct part_errors debiased;   /* the running ones without their initial value */
    struct part_errors population; /* of eval.population_rows training rows */
    struct part_errors batch;      /* each mini-batch's own */
    long steps;                    /* updates done */
};

/* The same of a member of the trainer's bank. */
struct bank_errors {
    struct part_errors plain, debiased;
};

/* A point of the step series: sums over the steps from `begin` to where the next one begins, and
 * the largest of them. */
struct step_point {
    long begin;
    double train_loss, train_error, lr, gradient_norm;
    double gradient_norm_largest;
};

/* Rows of numbers of one probe, one row a point in time. */
struct track {
    const struct probe *probe;
    int layer;    /* PROBE_UNITS: its layer; else -1 */
    size_t width; /* numbers a point */
    double *values;
};

/* When probes are taken in the course of a run, whatever its epochs. */
enum timetable { TIMETABLE_TRACE, TIMETABLE_MILESTONE, TIMETABLES };

struct timetable_points {
    bool wanted;
    long next;   /* point that is due next: points + 1 where there are no more */
    long n;      /* taken */
    long *steps; /* [points + 1] */
};

struct observer {
    struct trainer *trainer;
    struct log_config log;
    struct arena arena; /* all arrays below */
    struct probe_sampler sampler;
    long measured;                  /* steps, the diverging one among them */
    struct stretch stretch;         /* what the last of them measured; arrays NULL where no
                                       curve is wanted */
    double epoch_loss, epoch_error; /* sums over the steps since the last epoch's end */
    long stride;                    /* steps a point */
    long n_points;
    struct step_point *points; /* NULL where no curve is wanted */
    long n_epochs, most_epochs;
    struct epoch_point *epochs;
    struct timetable_points timetables[TIMETABLES];
    long n_bank_points;
    struct bank_errors *bank; /* [most_epochs at level full, else 1; bank.n] */
    bool diverged;            /* of its final figures only those are figures whose outputs are
                                 numbers; found out after training */
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
/* Evaluates after an epoch: at level economy only after the last, and what takes other statistics
 * than the running ones only then or at level full. */
enum status observer_evaluate(struct observer *observer,
                              struct epoch_point *point); /* observer_eval.c */
/* What a run's final figures have of these errors: none where training diverged; where only the
 * final loss is not finite, those from statistics whose outputs are numbers. */
struct part_errors observer_kept(const struct observer *observer, struct part_errors errors);
/* A point without figures. */
struct epoch_point observer_no_point(long steps);
/* [bank.n]: what the bank's members did at one of its points. */
static inline struct bank_errors *observer_bank_row(const struct observer *observer, long point) {
    return observer->bank + point * observer->trainer->bank.n;
}

/* Adds step/..., epoch/..., layer/..., layer<k>/..., trace/... and bank/... to the record. */
void observer_write(const struct observer *observer, struct record *record); /* observer_series.c */
void observer_write_bank(const struct observer *observer, struct record *record); /* ..._bank.c */

/* Is this probe logged in this run (layer -1: as a whole)? */
bool observer_wants(const struct observer *observer, const struct probe *probe, int layer);
/* Those of a PROBE_TRACE, PROBE_TRACE_LAYER or PROBE_MILESTONE row. */
enum timetable observer_timetable(enum probe_axis axis);
/* Any along this axis that is about the run as a whole? */
bool observer_wants_any(const struct observer *observer, enum probe_axis axis);
