/* What is tuned: the cells of an experiment, each with the grid that it shares. */
#include "judge/tune/tune_arms.h"

#include <string.h>

#include "lab/config/key_nodes.h"
#include "lab/table/varied_keys.h"

/* ---- what cannot be tuned ---- */

static bool axis_has_seed(const struct axis *axis) {
    for (int k = 0; k < axis->n_keys; k++)
        if (key_is_seed(key_get(axis->keys[k])->name))
            return true;
    return false;
}

static enum status check_axis(const struct tune *tune, const struct axis *axis) {
    for (int k = 0; k < axis->n_keys; k++) {
        struct origin origin = axis->origins[k * axis->n_values];
        const char *name = key_get(axis->keys[k])->name;
        if (axis->keys[k] == tune->tuning.key)
            return fail_at(
                fail(ERROR_USAGE, "%s is swept here, but the section tune chooses it", name),
                origin);
        if (axis_has_seed(axis) && !key_is_seed(key_get(axis->keys[k])->name))
            return fail_at(fail(ERROR_USAGE,
                                "%s is zipped with seeds; tuning has seeds of its own, crossed "
                                "with all cells",
                                name),
                           origin);
    }
    return OK;
}

static enum status check_base(const struct tune *tune) {
    struct origin origin = tune->experiment->base.origins[tune->tuning.key];
    if (!origin.file || origin.line > 0)
        return OK;
    return fail_at(fail(ERROR_USAGE, "the section tune chooses it"), origin);
}

/* A cell would be gone from the tuned file if the excluded rate were the one that is chosen. */
static enum status check_exclusion(const struct tune *tune, const struct exclusion *exclusion) {
    for (int k = 0; k < exclusion->n_keys; k++)
        if (exclusion->keys[k] == tune->tuning.key)
            return fail_at(fail(ERROR_USAGE, "an exclusion by %s, which the section tune chooses",
                                key_get(exclusion->keys[k])->name),
                           exclusion->origin);
    return OK;
}

bool tune_excludes_later(const struct exclusion *exclusion) {
    for (int k = 0; k < exclusion->n_keys; k++)
        if (key_is_seed(key_get(exclusion->keys[k])->name))
            return true;
    return false;
}

/* ---- the cells ---- */

static void set_base(struct tune *tune, struct cell *base) {
    const struct tuning *tuning = &tune->tuning;
    for (int key = 0; key < key_count(); key++)
        if (key_is_seed(key_get(key)->name)) {
            base->values[key] = *key_default(key);
            base->origins[key] = (struct origin){0};
        }
    base->values[key_find("seed")] = tuning->seeds[0];
    base->values[tuning->key].real = tuning->grid.rates[0];
}

/* The experiment with one seed and one rate: each of its runs is a cell. */
static enum status plan_arms(struct tune *tune) {
    struct experiment *arms = pool_alloc(&tune->pool, sizeof *arms);
    *arms = *tune->experiment;
    struct axis *axes = pool_alloc(&tune->pool, (size_t)arms->n_axes * sizeof *axes + 1);
    struct exclusion *exclusions =
        pool_alloc(&tune->pool, (size_t)arms->n_exclusions * sizeof *exclusions + 1);
    arms->n_axes = arms->n_exclusions = 0;
    enum status status = check_base(tune);
    for (int a = 0; a < tune->experiment->n_axes && !status; a++) {
        const struct axis *axis = &tune->experiment->axes[a];
        status = check_axis(tune, axis);
        if (!axis_has_seed(axis))
            axes[arms->n_axes++] = *axis;
    }
    for (int e = 0; e < tune->experiment->n_exclusions && !status; e++) {
        const struct exclusion *exclusion = &tune->experiment->exclusions[e];
        status = check_exclusion(tune, exclusion);
        if (!tune_excludes_later(exclusion))
            exclusions[arms->n_exclusions++] = *exclusion;
    }
    arms->axes = axes;
    arms->exclusions = exclusions;
    cell_copy(&arms->base, &tune->experiment->base, &tune->pool);
    set_base(tune, &arms->base);
    return status ? status : plan_create(arms, &tune->plan);
}

/* `rows`: where it stands how many validation rows there are. */
static enum status check_run(const struct tune *tune, const struct planned_run *run,
                             struct origin origin, struct origin rows) {
    int key = tune->tuning.key;
    if (!run->cell.applies[key])
        return fail_at(
            fail(ERROR_USAGE, "tune: %s does not apply to every cell", key_get(key)->name), origin);
    if (run->dataset->n[PART_VALIDATION] == 0)
        return fail_at(fail(ERROR_USAGE, "data.validation is 0: there are no rows to choose by"),
                       rows);
    if (dataset_has_values(run->dataset) && strcmp(tune->tuning.by, "validation_loss") != 0)
        return fail_at(fail(ERROR_USAGE, "tune: targets that are numbers know no errors; say by: "
                                         "validation_loss"),
                       origin);
    return OK;
}

static enum status check_arm(const struct tune *tune, const struct planned_run *run) {
    struct origin rows = run->cell.origins[key_find("data.validation")],
                  section = tune->tuning.origin;
    return check_run(tune, run, section, rows.file ? rows : section);
}

enum status tune_check_trials(const struct tune *tune, const struct plan *plan) {
    struct origin origin = tune->tuning.n_set ? tune->tuning.set_origin : tune->tuning.origin;
    enum status status = OK;
    for (int i = 0; i < plan->n_runs && !status; i++)
        status = check_run(tune, &plan->runs[i], origin, origin);
    return status;
}

/* ---- what differs ---- */

static bool differs(const struct tune *tune, int key, struct pool *pool) {
    const char *first = value_text(key_get(key), &tune->plan.runs[0].cell.values[key], pool);
    for (int i = 1; i < tune->plan.n_runs; i++)
        if (strcmp(first, value_text(key_get(key), &tune->plan.runs[i].cell.values[key], pool)))
            return true;
    return false;
}

static void find_keys(struct tune *tune) {
    struct pool scratch = {0};
    int *keys = pool_alloc(&tune->pool, (size_t)key_count() * sizeof *keys);
    for (int a = 0; a < tune->plan.experiment->n_axes; a++) {
        const struct axis *axis = &tune->plan.experiment->axes[a];
        for (int k = 0; k < axis->n_keys; k++)
            if (differs(tune, axis->keys[k], &scratch))
                keys[tune->n_keys++] = axis->keys[k];
    }
    tune->keys = keys;
    pool_free(&scratch);
}

bool tune_differs(const struct tune *tune, int key) {
    for (int i = 0; i < tune->n_keys; i++)
        if (tune->keys[i] == key)
            return true;
    return false;
}

const char *tune_text(const struct tune_arm *arm, int key, struct pool *pool) {
    return arm->cell->applies[key] ? value_text(key_get(key), &arm->cell->values[key], pool) : "";
}

/* ---- arms and groups ---- */

static bool share_grid(const struct tune *tune, const struct tune_arm *a, const struct tune_arm *b,
                       struct pool *pool) {
    for (int i = 0; i < tune->tuning.n_within; i++) {
        int key = tune->tuning.within[i];
        if (strcmp(tune_text(a, key, pool), tune_text(b, key, pool)) != 0)
            return false;
    }
    return true;
}

/* An earlier arm's group, or a new one. */
static void set_group(struct tune *tune, int arm) {
    struct pool scratch = {0};
    int other = 0;
    while (other < arm && !share_grid(tune, &tune->arms[arm], &tune->arms[other], &scratch))
        other++;
    if (other == arm)
        tune->grids[tune->n_groups] = tune->tuning.grid;
    tune->arms[arm].group = other == arm ? tune->n_groups++ : tune->arms[other].group;
    pool_free(&scratch);
}

static void add_arm(struct tune *tune, const struct planned_run *run) {
    const struct tuning *tuning = &tune->tuning;
    struct tune_arm *arm = &tune->arms[tune->n_arms];
    size_t most = (size_t)tuning->n_seeds * MOST_RATES;
    arm->cell = &run->cell;
    cell_copy(&arm->trained, &run->cell, &tune->pool);
    for (int i = 0; i < tuning->n_set; i++) {
        arm->trained.values[tuning->set_keys[i]] = tuning->set_values[i];
        arm->trained.origins[tuning->set_keys[i]] = tuning->set_origin;
    }
    arm->scores = pool_alloc(&tune->pool, most * sizeof *arm->scores);
    arm->failed = pool_alloc(&tune->pool, most * sizeof *arm->failed);
    set_group(tune, tune->n_arms++);
}

const char *tune_group_label(const struct tune *tune, int group, struct pool *pool) {
    const struct tune_arm *arm = tune->arms;
    const char *label = "";
    while (arm->group != group)
        arm++;
    for (int i = 0; i < tune->tuning.n_within; i++) {
        int key = tune->tuning.within[i];
        if (tune_differs(tune, key))
            label = pool_format(pool, "%s%s%s=%s", label, *label ? " " : "", key_get(key)->name,
                                tune_text(arm, key, pool));
    }
    return label;
}

const char *tune_cell_label(const struct tune *tune, const struct tune_arm *arm,
                            struct pool *pool) {
    const char *label = "";
    for (int k = 0; k < tune->n_keys; k++) {
        const char *text = tune_text(arm, tune->keys[k], pool);
        if (*text)
            label = pool_format(pool, "%s%s%s=%s", label, *label ? ", " : "",
                                key_get(tune->keys[k])->name, text);
    }
    return label;
}

int tune_failed(const struct tune *tune, const struct tune_arm *arm, int rate) {
    int n = tune->tuning.n_seeds, n_failed = 0;
    for (int s = 0; s < n; s++)
        n_failed += arm->failed[rate * n + s];
    return n_failed;
}

void tune_choose(struct tune *tune) {
    for (int i = 0; i < tune->n_arms; i++) {
        struct tune_arm *arm = &tune->arms[i];
        arm->choice =
            rate_choose(tune->grids[arm->group].n, tune->tuning.n_seeds, arm->scores, arm->failed);
    }
}

bool tune_extend(struct tune *tune, int group) {
    struct pool pool = {0};
    struct rate_choice *choices = pool_alloc(&pool, (size_t)tune->n_arms * sizeof *choices);
    int n = 0;
    for (int i = 0; i < tune->n_arms; i++)
        if (tune->arms[i].group == group)
            choices[n++] = tune->arms[i].choice;
    bool extended = rate_grid_extend(&tune->grids[group], key_get(tune->tuning.key), n, choices);
    pool_free(&pool);
    return extended;
}

/* ---- quick, literal ---- */

/* In the tuned file the cells' keys are zipped with their rates, and a zipped key cannot be set. */
static enum status check_protocol(const struct tune *tune, const char *protocol) {
    struct pool pool = {0};
    struct key_node *nodes;
    const struct yaml_node *set = tune_protocol_set(tune->experiment, protocol, &pool);
    int n = 0;
    enum status status = set ? key_nodes_read(set, &pool, &n, &nodes) : OK;
    for (int i = 0; i < n && !status; i++)
        if (tune_differs(tune, nodes[i].key) || nodes[i].key == tune->tuning.key)
            status = fail_at(fail(ERROR_USAGE,
                                  "%s: %s will be zipped with other keys in the tuned file, and "
                                  "cannot be set; name cells under only",
                                  protocol, key_get(nodes[i].key)->name),
                             nodes[i].node->key_origin);
    pool_free(&pool);
    return status;
}

/* ---- the whole ---- */

enum status tune_create(const struct experiment *experiment, struct tune *tune) {
    struct tune made = {.experiment = experiment};
    enum status status = tuning_read(experiment, &made.pool, &made.tuning);
    if (!status)
        status = plan_arms(&made);
    size_t n = (size_t)made.plan.n_runs;
    made.arms = pool_alloc(&made.pool, n * sizeof *made.arms + 1);
    made.grids = pool_alloc(&made.pool, n * sizeof *made.grids + 1);
    for (size_t i = 0; i < n && !status; i++)
        status = check_arm(&made, &made.plan.runs[i]);
    for (size_t i = 0; i < n && !status; i++)
        add_arm(&made, &made.plan.runs[i]);
    if (!status) {
        find_keys(&made);
        status = check_protocol(&made, "quick");
    }
    if (!status)
        status = check_protocol(&made, "literal");
    if (status)
        tune_free(&made);
    else
        *tune = made;
    return status;
}

void tune_free(struct tune *tune) {
    plan_free(&tune->plan);
    pool_free(&tune->pool);
    *tune = (struct tune){0};
}
