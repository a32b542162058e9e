/* What is observed while a run trains: points in time, and the rows of numbers that probes take. */
#pragma once

#include <time.h>

#include "engine/nn/evaluation_sources.h"
#include "engine/probe/probe.h"
#include "lab/config/keys.h"
#include "lab/worker/heartbeat.h"

/* Loss and error after an epoch. */
struct epoch_point {
    double train_loss, train_error;
    struct evaluation_pair by[SOURCE_COUNT]; /* the same weights with each source's statistics */
    long steps;                              /* updates done */
};

/* The same of a member of the trainer's bank, by the sources that bank members have. */
struct bank_point {
    struct evaluation_pair by[SOURCE_COUNT];
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
enum timetable { TIMETABLE_TRACE, TIMETABLE_MILESTONE, TIMETABLE_CURVE, TIMETABLES };

struct timetable_points {
    bool wanted;
    long next;   /* point that is due next: points + 1 where there are no more */
    long n;      /* taken */
    long *steps; /* [points + 1] */
};

struct checkpoint;

struct observer {
    struct trainer *trainer;
    struct heartbeat *heartbeat;   /* follows the steps; NULL: nobody asks */
    struct checkpoint *checkpoint; /* NULL: none is kept */
    struct log_config log;
    struct arena arena; /* all arrays below */
    size_t kept_from;   /* byte of the arena from which on points and rows stand, no pointers */
    struct diagnostics diagnostics;
    long at_once;                   /* steps that take some tenths of a second, at most STRETCH */
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
    long n_bank_points, most_bank_points;
    struct bank_point *bank; /* [most_bank_points, bank.n] */
    /* Which test rows the last evaluation got wrong, by source, [evaluate_words(n)]; of the bank's
     * members side by side. NULL: nobody asks, or there is no such source. */
    uint64_t *wrong[SOURCE_COUNT], *bank_wrong[SOURCE_COUNT];
    bool diverged; /* found out after training */
    int n_tracks;
    struct track *tracks;
    unsigned reads[PROBE_AXES]; /* set of diagnostics that probes along an axis read */
    double train_s, eval_s, log_s;
    time_t started;
    long resumed; /* times that the run was taken up again after that */
};

/* [evaluate_words(n)]: the test rows that a member got wrong in the end, or NULL. */
static inline uint64_t *observer_bank_wrong(const struct observer *observer, int source,
                                            int member) {
    size_t words = evaluate_words(observer->trainer->dataset->n[PART_TEST]);
    uint64_t *wrong = observer->bank_wrong[source];
    return wrong ? wrong + (size_t)member * words : NULL;
}

/* [bank.n]: what the bank's members did at one of its points. */
static inline struct bank_point *observer_bank_row(const struct observer *observer, long point) {
    return observer->bank + point * observer->trainer->bank.n;
}
