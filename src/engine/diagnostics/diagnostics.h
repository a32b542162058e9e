/* What is measured together at a look, for probes that need more than the sample: each where the
 * needs ask for it. */
#pragma once

#include "engine/diagnostics/ablation.h"
#include "engine/diagnostics/batch_noise.h"
#include "engine/diagnostics/decrease.h"
#include "engine/diagnostics/hessian.h"
#include "engine/diagnostics/ics.h"
#include "engine/diagnostics/landscape_scan.h"
#include "engine/diagnostics/ranges.h"
#include "engine/diagnostics/response.h"
#include "engine/diagnostics/unit_statistics.h"

struct studies {
    struct landscape landscape;
    struct landscape_scan near, wide;
    struct ics ics;
    struct decrease decrease;
    struct hessian hessian;
    struct rehearsal rehearsal;
    struct unit_study units; /* at the end of an epoch */
    struct unit_study drift; /* at a trace point: the look before was the one before */
    struct range_study ranges;
    struct noise_study noise;
    struct removal_study removal;
    struct response_study response;
};

void studies_layout(struct studies *studies, struct arena *arena, const struct trainer *trainer,
                    int sample_rows, unsigned needs);
/* Once all is in memory. */
void studies_begin(struct studies *studies, const struct trainer *trainer, unsigned needs);
void studies_look(struct studies *studies, const struct trainer *trainer,
                  const struct workspace *sample, int sample_rows, unsigned needs);
void studies_free(struct studies *studies);
