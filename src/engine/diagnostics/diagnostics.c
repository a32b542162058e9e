#include "engine/diagnostics/diagnostics.h"

#include "engine/probe/probe.h"

enum {
    NEEDS_REHEARSAL =
        PROBE_NEEDS_MOMENTS | PROBE_NEEDS_DRIFT | PROBE_NEEDS_NOISE | PROBE_NEEDS_RESPONSE
};

static void layout_landscape(struct studies *studies, struct arena *arena,
                             const struct trainer *trainer, unsigned needs) {
    if (needs & PROBE_NEEDS_SLOPE)
        landscape_layout(&studies->landscape, arena, trainer);
    if (needs & PROBE_NEEDS_SHIFT)
        ics_layout(&studies->ics, arena, trainer);
    if (needs & PROBE_NEEDS_DECREASE)
        decrease_layout(&studies->decrease, arena, trainer);
    if (needs & PROBE_NEEDS_HESSIAN)
        hessian_layout(&studies->hessian, arena, trainer);
}

void studies_layout(struct studies *studies, struct arena *arena, const struct trainer *trainer,
                    int sample_rows, unsigned needs) {
    layout_landscape(studies, arena, trainer, needs);
    if (needs & NEEDS_REHEARSAL)
        rehearsal_layout(&studies->rehearsal, arena, trainer);
    if (needs & PROBE_NEEDS_MOMENTS)
        unit_study_layout(&studies->units, arena, trainer);
    if (needs & PROBE_NEEDS_DRIFT)
        unit_study_layout(&studies->drift, arena, trainer);
    if (needs & PROBE_NEEDS_RANGES)
        range_study_layout(&studies->ranges, arena, &trainer->mlp, sample_rows);
    if (needs & PROBE_NEEDS_NOISE)
        noise_study_layout(&studies->noise, arena, trainer);
    if (needs & PROBE_NEEDS_REMOVAL)
        removal_study_layout(&studies->removal, arena, trainer);
    if (needs & PROBE_NEEDS_RESPONSE)
        response_study_layout(&studies->response, arena, trainer);
}

void studies_begin(struct studies *studies, const struct trainer *trainer, unsigned needs) {
    if (needs & NEEDS_REHEARSAL)
        rehearsal_begin(&studies->rehearsal, trainer);
    if (needs & PROBE_NEEDS_RESPONSE)
        response_study_begin(&studies->response, trainer);
}

static void look_at_landscape(struct studies *studies, unsigned needs) {
    struct landscape *landscape = &studies->landscape;
    if (needs & PROBE_NEEDS_SLOPE)
        landscape_look(landscape);
    if (needs & PROBE_NEEDS_SCAN)
        studies->near = landscape_scan_near(landscape);
    if (needs & PROBE_NEEDS_WIDE_SCAN)
        studies->wide = landscape_scan_wide(landscape);
    if (needs & PROBE_NEEDS_SHIFT)
        ics_look(&studies->ics, landscape);
    if (needs & PROBE_NEEDS_DECREASE)
        decrease_look(&studies->decrease, landscape);
    if (needs & PROBE_NEEDS_HESSIAN)
        hessian_look(&studies->hessian, landscape);
}

void studies_look(struct studies *studies, const struct trainer *trainer,
                  const struct workspace *sample, int sample_rows, unsigned needs) {
    look_at_landscape(studies, needs);
    if (needs & NEEDS_REHEARSAL)
        rehearsal_refresh(&studies->rehearsal);
    if (needs & PROBE_NEEDS_MOMENTS)
        unit_study_look(&studies->units, &studies->rehearsal);
    if (needs & PROBE_NEEDS_DRIFT)
        unit_study_look(&studies->drift, &studies->rehearsal);
    if (needs & PROBE_NEEDS_RANGES)
        range_study_look(&studies->ranges, &trainer->mlp, sample, sample_rows);
    if (needs & PROBE_NEEDS_NOISE)
        noise_study_look(&studies->noise, &studies->rehearsal);
    if (needs & PROBE_NEEDS_REMOVAL)
        removal_study_look(&studies->removal, trainer);
    if (needs & PROBE_NEEDS_RESPONSE)
        response_study_look(&studies->response, &studies->rehearsal);
}

void studies_free(struct studies *studies) {
    landscape_free(&studies->landscape);
    rehearsal_free(&studies->rehearsal);
    removal_study_free(&studies->removal);
    response_study_free(&studies->response);
    *studies = (struct studies){0};
}
