/* Lays out what a run is to observe, trains it, and takes each point when it is due. */
#include "lab/worker/observer.h"

#include <math.h>

#include "base/clock.h"
#include "lab/worker/checkpoint.h"
#include "lab/worker/observer_eval.h"
#include "lab/worker/observer_select.h"

enum {
    MOST_POINTS = 2000, /* of the step series, below level full */
    STRETCH = 1024,     /* steps at a time, at most */
};

/* How long steps at a time may take. */
static const double BEAT_S = 0.2;

static void add_track(struct observer *observer, const struct probe *probe, int layer, size_t width,
                      long most) {
    double *values = arena_doubles(&observer->arena, (size_t)most * width);
    if (observer->tracks)
        observer->tracks[observer->n_tracks++] = (struct track){probe, layer, width, values};
    observer->reads[probe->axis] |= diagnostic_set(probe->reads);
}

static void add_timed(struct observer *observer, const struct probe *probe, size_t width) {
    enum timetable timetable = observer_timetable(probe->axis);
    add_track(observer, probe, -1, width, observer_timetable_size(observer, timetable) + 1);
    observer->timetables[timetable].wanted = true;
}

/* A layer's numbers stand side by side; each layer's vectors have a track of their own. */
static void add_tracks(struct observer *observer, const struct probe *probe) {
    const struct mlp *mlp = &observer->trainer->mlp;
    switch (probe->axis) {
    case PROBE_STEP:
    case PROBE_EPOCH:
    case PROBE_ROWS:
        break;
    case PROBE_TRACE:
    case PROBE_MILESTONE:
    case PROBE_CURVE:
        if (observer_wants(observer, probe, -1))
            add_timed(observer, probe, 1);
        break;
    case PROBE_TRACE_LAYER:
        if (observer_wants_a_layer(observer, probe))
            add_timed(observer, probe, (size_t)mlp->n_layers);
        break;
    case PROBE_LAYER:
        if (observer_wants_a_layer(observer, probe))
            add_track(observer, probe, -1, (size_t)mlp->n_layers, observer->most_epochs);
        break;
    case PROBE_UNITS:
        for (int k = 0; k < mlp->n_layers; k++)
            if (observer_wants(observer, probe, k))
                add_track(observer, probe, k, (size_t)mlp->layers[k].out, observer->most_epochs);
        break;
    }
}

static bool wants_steps(const struct observer *observer) {
    return observer_wants_any(observer, PROBE_STEP) || observer_wants_any(observer, PROBE_EPOCH);
}

/* Every step at level full, else at most MOST_POINTS points; one more where the run diverges. */
static void layout_points(struct observer *observer) {
    long total = observer->trainer->total_steps;
    if (!wants_steps(observer))
        return;
    observer->stride =
        observer->log.level >= LOG_FULL ? 1 : (total + MOST_POINTS - 1) / MOST_POINTS;
    size_t points = (size_t)((total + observer->stride - 1) / observer->stride) + 1;
    observer->points = arena_alloc(&observer->arena, points, sizeof *observer->points);
}

static void layout_stretch(struct observer *observer) {
    struct arena *arena = &observer->arena;
    if (!wants_steps(observer))
        return;
    observer->stretch = (struct stretch){.loss = arena_doubles(arena, STRETCH),
                                         .error = arena_doubles(arena, STRETCH),
                                         .lr = arena_doubles(arena, STRETCH)};
    if (observer_wants(observer, probe_find(PROBE_STEP, "gradient_norm"), -1) ||
        observer_wants(observer, probe_find(PROBE_STEP, "gradient_norm_largest"), -1))
        observer->stretch.gradient_norm = arena_doubles(arena, STRETCH);
}

/* Every epoch at level full, else the last one's. */
static void layout_bank(struct observer *observer) {
    observer->most_bank_points = observer->log.level >= LOG_FULL ? observer->most_epochs : 1;
    observer->bank = arena_alloc(&observer->arena,
                                 (size_t)(observer->most_bank_points * observer->trainer->bank.n),
                                 sizeof *observer->bank);
}

/* Only what the last evaluation fills: nothing of it is read again. */
static void layout_wrong_rows(struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    size_t words = evaluate_words(trainer->dataset->n[PART_TEST]);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        if (!observer_wants_rows(observer, i))
            continue;
        observer->wrong[i] = arena_alloc(&observer->arena, words, sizeof(uint64_t));
        if (trainer->bank.n > 0 && evaluation_source_get(i)->bank)
            observer->bank_wrong[i] =
                arena_alloc(&observer->arena, words * (size_t)trainer->bank.n, sizeof(uint64_t));
    }
}

/* What is read again later stands last, in one piece without pointers. */
static void layout_kept(struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    struct arena *arena = &observer->arena;
    observer->kept_from = arena->used;
    layout_points(observer);
    observer->most_epochs =
        (trainer->total_steps + trainer->steps_per_epoch - 1) / trainer->steps_per_epoch;
    observer->epochs = arena_alloc(arena, (size_t)observer->most_epochs, sizeof *observer->epochs);
    for (enum timetable i = 0; i < TIMETABLES; i++)
        observer->timetables[i].steps =
            arena_alloc(arena, (size_t)observer_timetable_size(observer, i) + 1, sizeof(long));
    layout_bank(observer);
    for (int i = 0; i < probe_count(); i++)
        add_tracks(observer, probe_get(i));
}

static void layout(struct observer *observer) {
    size_t most_tracks = (size_t)probe_count() * ((size_t)observer->trainer->mlp.n_layers + 1);
    layout_stretch(observer);
    observer->tracks = arena_alloc(&observer->arena, most_tracks, sizeof *observer->tracks);
    layout_wrong_rows(observer);
    layout_kept(observer);
}

/* Counted, not yet in memory. */
static void outline(struct observer *observer, struct trainer *trainer,
                    const struct log_config *log) {
    *observer =
        (struct observer){.trainer = trainer, .log = *log, .at_once = 1, .started = time(NULL)};
    layout(observer);
}

static unsigned all_reads(const struct observer *observer) {
    unsigned set = 0;
    for (int axis = 0; axis < PROBE_AXES; axis++)
        set |= observer->reads[axis];
    return set;
}

size_t observer_memory(struct trainer *trainer, const struct log_config *log) {
    struct observer observer;
    outline(&observer, trainer, log);
    return observer.arena.used + diagnostics_memory(trainer, all_reads(&observer));
}

/* The record's copy of a point, a row or an epoch is smaller than the observer's; scales and what
 * is made on the way to the copy are as much again, and the half of it for short rows. */
size_t observer_write_memory(struct trainer *trainer, const struct log_config *log) {
    struct observer observer;
    outline(&observer, trainer, log);
    return observer.arena.used * 5 / 2;
}

/* Its memory, zeroed and divided. */
static enum status take_memory(struct observer *observer, struct trainer *trainer,
                               const struct log_config *log) {
    outline(observer, trainer, log);
    enum status status = arena_create(&observer->arena);
    if (!status)
        layout(observer);
    return status;
}

enum status observer_create(struct observer *observer, struct trainer *trainer,
                            const struct log_config *log) {
    enum status status = take_memory(observer, trainer, log);
    if (status)
        return status;
    status = diagnostics_create(&observer->diagnostics, trainer, all_reads(observer));
    if (status)
        observer_free(observer);
    return status;
}

/* One row, which has a number for every layer that the probe is for. */
static void rehearse_layers(const struct observer *observer, const struct track *track) {
    enum probe_axis axis = track->probe->axis;
    for (int k = 0; (axis == PROBE_LAYER || axis == PROBE_TRACE_LAYER) && k < (int)track->width;
         k++)
        track->values[k] = probe_applies(track->probe, observer->trainer, k) ? 0 : NAN;
}

enum status observer_rehearse(struct observer *observer, struct trainer *trainer,
                              const struct log_config *log) {
    enum status status = take_memory(observer, trainer, log);
    if (status)
        return status;
    observer->measured = observer->n_points = observer->points != NULL;
    observer->n_epochs = observer->n_bank_points = 1;
    for (enum timetable i = 0; i < TIMETABLES; i++)
        observer->timetables[i].n = observer->timetables[i].wanted;
    for (int i = 0; i < observer->n_tracks; i++)
        rehearse_layers(observer, &observer->tracks[i]);
    return OK;
}

void observer_free(struct observer *observer) {
    diagnostics_free(&observer->diagnostics);
    arena_free(&observer->arena);
}

static void observe_layers(const struct observer *observer, const struct track *track,
                           double *row) {
    for (int k = 0; k < (int)track->width; k++) {
        row[k] = NAN;
        if (probe_applies(track->probe, observer->trainer, k))
            probe_observe(track->probe, &observer->diagnostics, k, &row[k]);
    }
}

/* One row for every track along this axis. */
static void observe(struct observer *observer, enum probe_axis axis, long point) {
    for (int i = 0; i < observer->n_tracks; i++) {
        const struct track *track = &observer->tracks[i];
        double *row = track->values + (size_t)point * track->width;
        if (track->probe->axis != axis)
            continue;
        if (axis == PROBE_LAYER || axis == PROBE_TRACE_LAYER)
            observe_layers(observer, track, row);
        else
            probe_observe(track->probe, &observer->diagnostics, track->layer, row);
    }
}

/* Means over the mini-batches of the steps that belong to this epoch. */
static void mean_of_steps(struct observer *observer, struct epoch_point *point) {
    long begin = observer->n_epochs ? observer->epochs[observer->n_epochs - 1].steps : 0;
    point->train_loss = observer->epoch_loss / (double)(point->steps - begin);
    point->train_error = observer->epoch_error / (double)(point->steps - begin);
    observer->epoch_loss = observer->epoch_error = 0;
}

/* Closes an epoch: evaluation, then probes. */
static enum status end_epoch(struct observer *observer) {
    struct epoch_point point = observer_no_point(observer->trainer->step);
    double begin = clock_seconds();
    if (observer->points)
        mean_of_steps(observer, &point);
    enum status status = observer_evaluate(observer, &point);
    double evaluated = clock_seconds();
    if (!status)
        status = diagnostics_measure(&observer->diagnostics,
                                     observer->reads[PROBE_LAYER] | observer->reads[PROBE_UNITS]);
    if (status)
        return status;
    observe(observer, PROBE_LAYER, observer->n_epochs);
    observe(observer, PROBE_UNITS, observer->n_epochs);
    observer->epochs[observer->n_epochs++] = point;
    observer->eval_s += evaluated - begin;
    observer->log_s += clock_seconds() - evaluated;
    return OK;
}

static enum status take_point(struct observer *observer, enum timetable timetable) {
    static const enum probe_axis axes[] = {PROBE_TRACE, PROBE_TRACE_LAYER, PROBE_MILESTONE,
                                           PROBE_CURVE};
    enum { AXES = sizeof axes / sizeof *axes };
    struct timetable_points *points = &observer->timetables[timetable];
    double begin = clock_seconds();
    unsigned set = 0;
    for (int i = 0; i < AXES; i++)
        if (observer_timetable(axes[i]) == timetable)
            set |= observer->reads[axes[i]];
    enum status status = diagnostics_measure(&observer->diagnostics, set);
    if (status)
        return status;
    for (int i = 0; i < AXES; i++)
        if (observer_timetable(axes[i]) == timetable)
            observe(observer, axes[i], points->n);
    points->steps[points->n++] = observer->trainer->step;
    observer->log_s += clock_seconds() - begin;
    return OK;
}

/* Not-a-number is no gradient that another one could be larger than. */
static void keep_gradient_norm(struct step_point *point, double norm) {
    point->gradient_norm += norm;
    if (!(norm <= point->gradient_norm_largest))
        point->gradient_norm_largest = norm;
}

/* Step i of the stretch becomes part of a point; the diverging one is a point by itself, the last.
 */
static void keep_step(struct observer *observer, long i) {
    const struct stretch *stretch = &observer->stretch;
    long step = observer->measured++;
    if (step % observer->stride == 0 || step == observer->trainer->diverged_at_step)
        observer->points[observer->n_points++].begin = step;
    struct step_point *point = &observer->points[observer->n_points - 1];
    point->train_loss += stretch->loss[i];
    point->train_error += stretch->error[i];
    point->lr += stretch->lr[i];
    if (stretch->gradient_norm)
        keep_gradient_norm(point, stretch->gradient_norm[i]);
    observer->epoch_loss += stretch->loss[i];
    observer->epoch_error += stretch->error[i];
}

/* After a stretch of `n` steps: tells the parent, and chooses the next one's length so that it
 * hears of slow steps as often as of fast ones. */
static void beat(struct observer *observer, long n, double seconds) {
    if (observer->heartbeat)
        atomic_store_explicit(&observer->heartbeat->steps, observer->trainer->step,
                              memory_order_relaxed);
    if (seconds > BEAT_S && n > 1)
        observer->at_once = n / 2;
    else if (seconds < BEAT_S / 2 && n == observer->at_once && n < STRETCH)
        observer->at_once = 2 * n;
}

/* Up to n steps. */
static void advance(struct observer *observer, long n) {
    long now = n < observer->at_once ? n : observer->at_once;
    double begin = clock_seconds();
    long measured = trainer_advance(observer->trainer, now, &observer->stretch);
    for (long i = 0; i < measured && observer->points; i++)
        keep_step(observer, i);
    double seconds = clock_seconds() - begin;
    observer->train_s += seconds;
    beat(observer, now, seconds);
}

/* One step that leaves behind what probes want to see of it. */
static void advance_seen(struct observer *observer) {
    diagnostics_before_step(&observer->diagnostics);
    observer->trainer->keep_gradients = true;
    advance(observer, 1);
    observer->trainer->keep_gradients = false;
}

/* Some of the steps from here to `until`; the last one alone where a probe wants to see its
 * gradients or its update. */
static void advance_towards(struct observer *observer, long until) {
    long n = until - observer->trainer->step;
    bool seen = diagnostic_set_of_last_step(all_reads(observer));
    if (seen && n == 1)
        advance_seen(observer);
    else
        advance(observer, n - seen);
}

/* Takes the points that are due; of those that fall together, in a run of few steps, one. */
static enum status take_due(struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    enum status status = OK;
    for (enum timetable i = 0; i < TIMETABLES && !status; i++) {
        if (observer_step_due(observer, i) > trainer->step)
            continue;
        while (observer_step_due(observer, i) <= trainer->step)
            observer->timetables[i].next++;
        status = take_point(observer, i);
    }
    return status;
}

/* Between two stretches: writes a checkpoint where one is due, and leaves where that is asked. */
static enum status pause_here(struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    struct checkpoint *checkpoint = observer->checkpoint;
    bool leaves = observer->heartbeat && observer->heartbeat->stop, kept = false;
    if (trainer->step == trainer->total_steps)
        return OK;
    if (checkpoint && (leaves || checkpoint_is_due(checkpoint)))
        kept = checkpoint_write(checkpoint, observer) == OK;
    if (!leaves)
        return OK;
    return fail(STOPPED_TERM, "after %ld of %ld steps, %s", trainer->step, trainer->total_steps,
                kept ? "which a checkpoint keeps" : "which are lost");
}

/* From here to the next point in time, or a part of that. */
static enum status train_on(struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    long end = observer_epoch_end(observer), due = observer_next_due(observer);
    bool closes = due >= end;
    long until = closes ? end : due;
    enum status status = OK;
    advance_towards(observer, until);
    if (trainer->step < until)
        return OK;
    if (closes)
        status = end_epoch(observer);
    return status ? status : take_due(observer);
}

enum status observer_train(struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    if (observer->heartbeat)
        atomic_store(&observer->heartbeat->total, trainer->total_steps);
    enum status status = take_due(observer);
    while (!status && trainer->step < trainer->total_steps) {
        status = train_on(observer);
        if (trainer->diverged_at_step >= 0)
            return status; /* a result */
        if (!status)
            status = pause_here(observer);
    }
    return status;
}
