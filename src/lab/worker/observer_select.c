/* What is wanted: the probes that log.* names, the parts and sources that are evaluated, and the
 * steps at which points are due. */
#include "lab/worker/observer_select.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

/* ---- timetables: how many spaces a run has, and the step at which each of them ends ---- */

static long even_traces(long total) {
    (void)total;
    return PROBE_TRACES;
}

static long even_milestones(long total) {
    (void)total;
    return PROBE_MILESTONES;
}

static long evenly(long total, long n, long point) {
    return total * point / n;
}

static long growing_points(long total) {
    return (long)ceil(PROBE_CURVE_OCTAVE * log2((double)total));
}

/* round 2^(point / PROBE_CURVE_OCTAVE), the last at the end */
static long growing(long total, long n, long point) {
    return point == n ? total : lround(exp2((double)point / PROBE_CURVE_OCTAVE));
}

static const struct {
    long (*points)(long total);
    long (*due)(long total, long n, long point);
} timetables[] = {
    [TIMETABLE_TRACE] = {even_traces, evenly},
    [TIMETABLE_MILESTONE] = {even_milestones, evenly},
    [TIMETABLE_CURVE] = {growing_points, growing},
};

/* ---- what is wanted ---- */

bool observer_wants(const struct observer *observer, const struct probe *probe, int layer) {
    bool logged =
        (long)probe->level <= observer->log.level || probe_selected(probe, observer->log.probes);
    return logged && probe_applies(probe, observer->trainer, layer);
}

bool observer_wants_any(const struct observer *observer, enum probe_axis axis) {
    for (int i = 0; i < probe_count(); i++)
        if (probe_get(i)->axis == axis && observer_wants(observer, probe_get(i), -1))
            return true;
    return false;
}

bool observer_wants_a_layer(const struct observer *observer, const struct probe *probe) {
    for (int k = 0; k < observer->trainer->mlp.n_layers; k++)
        if (observer_wants(observer, probe, k))
            return true;
    return false;
}

bool observer_wants_test(const struct observer *observer) {
    return observer->log.test == LOG_TEST_EPOCH ||
           (observer->log.test == LOG_TEST_FINAL && observer_at_end(observer));
}

static bool wants_curve(const struct observer *observer, const char *part, int source) {
    char name[64];
    snprintf(name, sizeof name, "%s_error%s", part, evaluation_source_get(source)->suffix);
    return observer_wants(observer, probe_find(PROBE_EPOCH, name), -1);
}

bool observer_wants_source(const struct observer *observer, int source) {
    return source == SOURCE_RUNNING || observer_at_end(observer) ||
           wants_curve(observer, "validation", source) || wants_curve(observer, "test", source);
}

bool observer_wants_rows(const struct observer *observer, int source) {
    char name[64];
    snprintf(name, sizeof name, "wrong%s", evaluation_source_get(source)->suffix);
    const struct probe *probe = probe_find(PROBE_ROWS, name);
    return probe && observer->log.test != LOG_TEST_NEVER && observer_wants(observer, probe, -1);
}

bool observer_at_end(const struct observer *observer) {
    return observer->trainer->step == observer->trainer->total_steps;
}

enum timetable observer_timetable(enum probe_axis axis) {
    return axis == PROBE_MILESTONE ? TIMETABLE_MILESTONE
           : axis == PROBE_CURVE   ? TIMETABLE_CURVE
                                   : TIMETABLE_TRACE;
}

long observer_timetable_size(const struct observer *observer, enum timetable timetable) {
    return timetables[timetable].points(observer->trainer->total_steps);
}

long observer_step_due(const struct observer *observer, enum timetable timetable) {
    const struct timetable_points *points = &observer->timetables[timetable];
    long total = observer->trainer->total_steps, n = timetables[timetable].points(total);
    return points->wanted && points->next <= n ? timetables[timetable].due(total, n, points->next)
                                               : LONG_MAX;
}

long observer_next_due(const struct observer *observer) {
    long step = LONG_MAX;
    for (enum timetable i = 0; i < TIMETABLES; i++) {
        long due = observer_step_due(observer, i);
        step = due < step ? due : step;
    }
    return step;
}

long observer_epoch_end(const struct observer *observer) {
    const struct trainer *trainer = observer->trainer;
    long end = (trainer->step / trainer->steps_per_epoch + 1) * trainer->steps_per_epoch;
    return end < trainer->total_steps ? end : trainer->total_steps;
}
