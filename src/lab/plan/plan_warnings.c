/* Warns of what a plan says without effect. */
#include "lab/plan/plan_warnings.h"

#include <string.h>

#include "lab/config/key_describe.h"
#include "lab/table/varied_keys.h"

void plan_warn(struct plan *plan, const char *text) {
    size_t n = (size_t)plan->n_warnings;
    const char **warnings = pool_alloc(&plan->pool, (n + 1) * sizeof *warnings);
    if (n > 0)
        memcpy(warnings, plan->warnings, n * sizeof *warnings);
    warnings[n] = text;
    plan->warnings = warnings;
    plan->n_warnings++;
}

/* ---- exclusions that match nothing ---- */

/* Where protocol or command line have changed a key, the exclusion may well be idle: that is no
 * mistake. */
static bool is_overridden(const struct experiment *experiment, const struct exclusion *exclusion) {
    if (experiment->protocol)
        return true;
    for (int k = 0; k < exclusion->n_keys; k++) {
        const struct origin *origin = &experiment->base.origins[exclusion->keys[k]];
        if (origin->file && origin->line == 0)
            return true;
    }
    return false;
}

static void warn_idle_exclusions(struct plan *plan, const bool *matched) {
    const struct experiment *experiment = plan->experiment;
    for (int e = 0; e < experiment->n_exclusions; e++) {
        const struct exclusion *exclusion = &experiment->exclusions[e];
        if (!matched[e] && !exclusion->others && !is_overridden(experiment, exclusion))
            plan_warn(plan, pool_format(&plan->pool, "%s:%d:%d: this exclusion matches no cell",
                                        exclusion->origin.file, exclusion->origin.line,
                                        exclusion->origin.column));
    }
}

/* ---- keys without effect ---- */

static bool applies_to_a_run(const struct plan *plan, int key) {
    for (int i = 0; i < plan->n_runs; i++)
        if (plan->runs[i].cell.applies[key])
            return true;
    return false;
}

/* Have protocol or command line changed what the file says? Its base then has keys for the rest. */
static bool is_changed(const struct experiment *experiment) {
    return experiment->protocol || *experiment->overrides;
}

/* Where a key was asked for: on the command line, as an axis, in the base; file NULL: nowhere. */
static struct origin asked_at(const struct experiment *experiment, int key) {
    struct origin base = experiment->base.origins[key];
    if (base.file && base.line == 0)
        return base;
    int k;
    const struct axis *axis = experiment_axis(experiment, key, &k);
    if (axis)
        return axis->origins[k * axis->n_values];
    if (is_changed(experiment))
        base.file = NULL;
    return base;
}

static const char *place_text(const struct origin *origin, struct pool *pool) {
    return origin->line ? pool_format(pool, "%s:%d:%d", origin->file, origin->line, origin->column)
                        : origin->file;
}

static void warn_idle_keys(struct plan *plan) {
    for (int key = 0; key < key_count(); key++) {
        struct origin origin = asked_at(plan->experiment, key);
        if (!origin.file || !key_get(key)->when || applies_to_a_run(plan, key))
            continue;
        plan_warn(plan, pool_format(&plan->pool, "%s: %s has no effect; where it applies: %s",
                                    place_text(&origin, &plan->pool), key_get(key)->name,
                                    key_when_text(key, &plan->pool)));
    }
}

/* ---- a seed in the base ---- */

/* Whoever sets one means something by it. Of other keys a base may well have the usual value beside
 * the axis. */
static void warn_swept_seeds(struct plan *plan) {
    const struct experiment *experiment = plan->experiment;
    for (int key = 0; key < key_count() && !experiment->protocol; key++) {
        struct origin base = experiment->base.origins[key];
        int k;
        const struct axis *axis = experiment_axis(experiment, key, &k);
        if (base.file && base.line > 0 && axis && key_is_seed(key_get(key)->name))
            plan_warn(plan,
                      pool_format(&plan->pool,
                                  "%s: %s has no effect in base, because it is swept in line %d",
                                  place_text(&base, &plan->pool), key_get(key)->name,
                                  axis->origins[k * axis->n_values].line));
    }
}

/* ---- normalizers without a layer ---- */

static bool norm_is_idle(const struct run_config *config) {
    return config->norm.kind != normalizer_find("none") && config->model.n_hidden == 0 &&
           !config->norm.on_input && !config->norm.on_output;
}

static const char *idle_norm_text(const struct planned_run *run, struct pool *pool) {
    struct origin origin = run->cell.origins[key_find("norm.kind")];
    const char *place = origin.file ? pool_format(pool, "%s: ", place_text(&origin, pool)) : "";
    return pool_format(pool,
                       "%snorm.kind: %s has no layer to work on, because model.hidden is [] and "
                       "neither norm.on_input nor norm.on_output is true: every normalizer gives "
                       "the same run",
                       place, normalizer_get(run->config.run.norm.kind)->name);
}

static void warn_idle_norm(struct plan *plan) {
    for (int i = 0; i < plan->n_runs; i++)
        if (norm_is_idle(&plan->runs[i].config.run)) {
            plan_warn(plan, idle_norm_text(&plan->runs[i], &plan->pool));
            return;
        }
}

void plan_warn_idle(struct plan *plan, const bool *matched) {
    warn_idle_exclusions(plan, matched);
    warn_idle_keys(plan);
    warn_swept_seeds(plan);
    warn_idle_norm(plan);
}
