/* From what was observed to the series of a record: means over the steps of a point, scales,
 * groups.
 */
#include "lab/worker/observer_series.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "lab/worker/observer_bank.h"
#include "lab/worker/observer_select.h"

/* Where a point keeps what has no function of its own: by the probe's name. */
struct named_offset {
    const char *name;
    size_t offset;
};

static const struct named_offset step_sums[] = {
    {"train_loss", offsetof(struct step_point, train_loss)},
    {"train_error", offsetof(struct step_point, train_error)},
    {"lr", offsetof(struct step_point, lr)},
    {"gradient_norm", offsetof(struct step_point, gradient_norm)},
    {0},
};

static const struct named_offset step_largest[] = {
    {"gradient_norm_largest", offsetof(struct step_point, gradient_norm_largest)},
    {0},
};

#define OF(field) offsetof(struct epoch_point, field)
#define RUNNING(part) OF(by[SOURCE_RUNNING].part)
#define ERRORS(name, ...)                                                                          \
    {"validation_error_" #name, OF(by[SOURCE_##name].validation.error)},                           \
        {"test_error_" #name, OF(by[SOURCE_##name].test.error)},

static const struct named_offset epoch_values[] = {
    {"train_loss", OF(train_loss)},
    {"train_error", OF(train_error)},
    {"validation_loss", RUNNING(validation.loss)},
    {"validation_error", RUNNING(validation.error)},
    {"test_loss", RUNNING(test.loss)},
    {"test_error", RUNNING(test.error)},
    EVALUATION_SOURCES(ERRORS){0},
};

static const void *named(const struct named_offset *table, const char *name, const void *base) {
    while (table->name && strcmp(table->name, name))
        table++;
    return table->name ? (const char *)base + table->offset : NULL;
}

struct writer {
    const struct observer *observer;
    struct record *record;
    struct pool pool; /* while writing */
};

static void add_vector(struct writer *writer, const char *group, const struct probe *probe,
                       const char *along, const double *values, size_t n) {
    struct series series = {group,      probe->name, probe_unit(probe, writer->observer->trainer),
                            probe->doc, SERIES_F64,  1,
                            {n},        {along},     values};
    record_add_series(writer->record, &series);
}

/* Steps of point i. */
static long steps_of(const struct observer *observer, long i) {
    const struct step_point *points = observer->points;
    long end = i + 1 < observer->n_points ? points[i + 1].begin : observer->measured;
    return end - points[i].begin;
}

/* Of every point the mean over its steps, or the largest. */
static double *step_values(struct writer *writer, const char *name) {
    const struct observer *observer = writer->observer;
    long n = observer->n_points;
    double *values = pool_alloc(&writer->pool, (size_t)n * sizeof *values);
    for (long i = 0; i < n; i++) {
        const double *sum = named(step_sums, name, &observer->points[i]);
        values[i] = sum ? *sum / (double)steps_of(observer, i)
                        : *(const double *)named(step_largest, name, /* analysis: in one or other */
                                                 &observer->points[i]);
    }
    return values;
}

static void write_steps(struct writer *writer) {
    const struct observer *observer = writer->observer;
    size_t n = (size_t)observer->n_points;
    if (!observer_wants_any(observer, PROBE_STEP) || !n)
        return;
    long *begins = pool_alloc(&writer->pool, n * sizeof *begins);
    for (size_t i = 0; i < n; i++)
        begins[i] = observer->points[i].begin;
    record_add_scale(writer->record, "step", "step",
                     "0-based number of an update: the first of those that a point is the mean of",
                     SERIES_I64, n, begins);
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        if (probe->axis == PROBE_STEP && observer_wants(observer, probe, -1))
            add_vector(writer, "step", probe, "step", step_values(writer, probe->name), n);
    }
}

static const char epoch_doc[] = "epochs done, from 1; a last part of an epoch counts as one";

/* Test errors stand in the curves only where log.test asks for them after every epoch. */
static bool epoch_wanted(const struct observer *observer, const struct probe *probe) {
    bool test = !strncmp(probe->name, "test_", 5);
    return observer_wants(observer, probe, -1) && (!test || observer->log.test == LOG_TEST_EPOCH);
}

static void write_epochs(struct writer *writer) {
    const struct observer *observer = writer->observer;
    size_t n = (size_t)observer->n_epochs;
    if (!observer_wants_any(observer, PROBE_EPOCH) || !n)
        return;
    record_add_count(writer->record, "epoch", "epoch", epoch_doc, n, 1);
    long *steps = pool_alloc(&writer->pool, n * sizeof *steps);
    for (size_t e = 0; e < n; e++)
        steps[e] = observer->epochs[e].steps;
    struct series done = {"epoch",    "steps", "steps", "updates done at the end of the epoch",
                          SERIES_I64, 1,       {n},     {"epoch"},
                          steps};
    record_add_series(writer->record, &done);
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        if (probe->axis != PROBE_EPOCH || !epoch_wanted(observer, probe))
            continue;
        double *values = pool_alloc(&writer->pool, n * sizeof *values);
        for (size_t e = 0; e < n; e++)
            values[e] = *(const double *)named(epoch_values, probe->name, &observer->epochs[e]);
        add_vector(writer, "epoch", probe, "epoch", values, n);
    }
}

static const char layer_doc[] = "linear layer, from 0";

static bool has_group(const struct writer *writer, const char *group) {
    for (int i = 0; i < writer->record->n_series; i++)
        if (!strcmp(writer->record->series[i].group, group))
            return true;
    return false;
}

/* The scales of a group of (epoch, ...) series, once. */
static void add_epoch_scales(struct writer *writer, const char *group, const char *name,
                             const char *doc, size_t width) {
    if (has_group(writer, group))
        return;
    record_add_count(writer->record, group, "epoch", epoch_doc, (size_t)writer->observer->n_epochs,
                     1);
    record_add_count(writer->record, group, name, doc, width, 0);
}

static void add_track(struct writer *writer, const struct track *track, const char *group,
                      const char *down, size_t n, const char *along) {
    struct series series = {.group = group,
                            .name = track->probe->name,
                            .unit = probe_unit(track->probe, writer->observer->trainer),
                            .doc = track->probe->doc,
                            .type = SERIES_F64,
                            .n_dims = 2,
                            .dims = {n, track->width},
                            .dim_names = {down, along},
                            .data = track->values};
    record_add_series(writer->record, &series);
}

static void write_track(struct writer *writer, const struct track *track) {
    bool units = track->probe->axis == PROBE_UNITS;
    const char *group = units ? pool_format(&writer->pool, "layer%d", track->layer) : "layer";
    const char *along = units ? "unit" : "layer";
    size_t n = (size_t)writer->observer->n_epochs;
    if (!n)
        return;
    add_epoch_scales(writer, group, along, units ? "unit of the layer, from 0" : layer_doc,
                     track->width);
    add_track(writer, track, group, "epoch", n, along);
}

static bool has_series(const struct writer *writer, const char *group, const char *name) {
    return record_find_series(writer->record, group, name) != NULL;
}

static void write_timed(struct writer *writer, const struct track *track) {
    enum probe_axis axis = track->probe->axis;
    const struct timetable_points *points = &writer->observer->timetables[observer_timetable(axis)];
    const char *group = probe_group(axis);
    size_t n = (size_t)points->n;
    if (!n)
        return;
    if (!has_series(writer, group, "step"))
        record_add_scale(writer->record, group, "step", "updates done when the point was taken",
                         SERIES_I64, n, points->steps);
    if (axis != PROBE_TRACE_LAYER) {
        add_vector(writer, group, track->probe, "step", track->values, n);
        return;
    }
    if (!has_series(writer, group, "layer"))
        record_add_count(writer->record, group, "layer", layer_doc, track->width, 0);
    add_track(writer, track, group, "step", n, "layer");
}

void observer_write(const struct observer *observer, struct record *record) {
    struct writer writer = {observer, record, {0}};
    write_steps(&writer);
    write_epochs(&writer);
    for (int i = 0; i < observer->n_tracks; i++) {
        const struct track *track = &observer->tracks[i];
        if (track->probe->axis == PROBE_LAYER || track->probe->axis == PROBE_UNITS)
            write_track(&writer, track);
        else
            write_timed(&writer, track);
    }
    pool_free(&writer.pool);
    observer_write_bank(observer, record);
}
