/* Warns of what a plan says without effect. */
#include "lab/plan/plan_warnings.h"

#include <string.h>

#include "lab/config/key_describe.h"

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

/* Where the command line has changed a key, the exclusion may well be idle: that is no mistake. */
static bool is_overridden(const struct experiment *experiment, const struct exclusion *exclusion) {
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

/* Where a key was asked for in so many words, on the command line or as an axis; file NULL:
 * nowhere. A base may well say more than each sweep over it needs, but not in two ways how long to
 * train. */
static struct origin asked_at(const struct experiment *experiment, int key) {
    const struct origin *base = experiment->base.origins;
    int epochs = key_find("train.epochs"), steps = key_find("train.steps");
    if (base[key].file && base[key].line == 0)
        return base[key];
    int k;
    const struct axis *axis = experiment_axis(experiment, key, &k);
    if (axis)
        return axis->origins[k * axis->n_values];
    bool twice = key == epochs && base[steps].file && base[steps].line > 0;
    return twice ? base[epochs] : (struct origin){0};
}

static void warn_idle_keys(struct plan *plan) {
    for (int key = 0; key < key_count(); key++) {
        struct origin origin = asked_at(plan->experiment, key);
        if (!origin.file || !key_get(key)->when || applies_to_a_run(plan, key))
            continue;
        const char *place = origin.line ? pool_format(&plan->pool, "%s:%d:%d", origin.file,
                                                      origin.line, origin.column)
                                        : origin.file;
        plan_warn(plan, pool_format(&plan->pool, "%s: %s has no effect; where it applies: %s",
                                    place, key_get(key)->name, key_when_text(key, &plan->pool)));
    }
}

/* ---- normalizers without a layer ---- */

static bool norm_is_idle(const struct run_config *config) {
    return config->norm.kind != normalizer_find("none") && config->model.n_hidden == 0 &&
           !config->norm.on_input && !config->norm.on_output;
}

static const char *idle_norm_text(const struct planned_run *run, struct pool *pool) {
    struct origin origin = run->cell.origins[key_find("norm.kind")];
    const char *place =
        !origin.file  ? ""
        : origin.line ? pool_format(pool, "%s:%d:%d: ", origin.file, origin.line, origin.column)
                      : pool_format(pool, "%s: ", origin.file);
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
    warn_idle_norm(plan);
}
