/* From the product of the axes to runs: cells in order, each once, with identity and label. */
#include "lab/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "lab/plan/cost.h"
#include "lab/plan/plan_check.h"
#include "lab/plan/plan_warnings.h"

enum { MAX_CELLS = 50000 };

/* A plan while it is made. */
struct planning {
    const struct experiment *experiment;
    struct plan *plan;
    bool outline; /* no data are loaded */
    int n_cells;
    bool *matched;        /* [n_exclusions] */
    int *slots, n_slots;  /* runs by id: open addressing, -1 is free */
    bool warned_volatile; /* once is enough */
};

static enum status count_cells(struct planning *planning) {
    const struct experiment *experiment = planning->experiment;
    double n = 1;
    for (int a = 0; a < experiment->n_axes; a++)
        n *= experiment->axes[a].n_values;
    if (n > MAX_CELLS)
        return fail(ERROR_USAGE, "%s: the axes make %.0f cells; at most %d are planned at once",
                    experiment->file, n, MAX_CELLS);
    planning->n_cells = (int)n;
    return OK;
}

/* Cell `index` of the product: the last axis runs fastest. */
static void set_cell(const struct experiment *experiment, int index, struct cell *cell) {
    size_t n = (size_t)key_count();
    memcpy(cell->values, experiment->base.values, n * sizeof *cell->values);
    memcpy(cell->origins, experiment->base.origins, n * sizeof *cell->origins);
    for (int a = experiment->n_axes - 1; a >= 0; a--) {
        const struct axis *axis = &experiment->axes[a];
        int v = index % axis->n_values;
        index /= axis->n_values;
        for (int k = 0; k < axis->n_keys; k++) {
            cell->values[axis->keys[k]] = axis->values[k * axis->n_values + v];
            cell->origins[axis->keys[k]] = axis->origins[k * axis->n_values + v];
        }
    }
}

/* Asks all of them, so that each that matches is known to. */
static bool is_excluded(struct planning *planning, const struct cell *cell) {
    bool any = false;
    for (int e = 0; e < planning->experiment->n_exclusions; e++)
        if (exclusion_matches(&planning->experiment->exclusions[e], cell))
            any = planning->matched[e] = true;
    return any;
}

/* ---- runs ---- */

/* The slot of a run's id: its run, or the free slot where it belongs. */
static int *find_slot(struct planning *planning, const char *id) {
    unsigned slot = (unsigned)strtoull(id + 1, NULL, 16) % (unsigned)planning->n_slots;
    while (planning->slots[slot] >= 0 &&
           strcmp(planning->plan->runs[planning->slots[slot]].id, id) != 0)
        slot = (slot + 1) % (unsigned)planning->n_slots;
    return &planning->slots[slot];
}

static void warn_volatile(struct planning *planning, const struct cell *first,
                          const struct cell *second) {
    struct plan *plan = planning->plan;
    for (int i = 0; i < key_count() && !planning->warned_volatile; i++) {
        const struct key *key = key_get(i);
        if (!key->volatile_ || !first->applies[i] ||
            value_equal(key, &second->values[i], &first->values[i]))
            continue;
        plan_warn(plan,
                  pool_format(&plan->pool,
                              "%s: cells that differ in %s alone are one run; the first counts",
                              planning->experiment->file, key->name));
        planning->warned_volatile = true;
    }
}

static void add_run(struct planning *planning, struct planned_run *run, const struct cell *cell) {
    struct plan *plan = planning->plan;
    cell_copy(&run->cell, cell, &plan->pool);
    run->canonical = pool_text(&plan->pool, run->canonical);
    if (!planning->outline) {
        run->total_steps = train_total_steps(&run->config.run.train, run->dataset);
        run->cost = run_cost(&run->config, run->dataset, run->total_steps);
    }
    plan->runs[plan->n_runs++] = *run;
}

/* A cell is a run of its own unless it equals an earlier one. */
static enum status merge_or_add(struct planning *planning, struct planned_run *run,
                                const struct cell *cell) {
    struct plan *plan = planning->plan;
    int *slot = find_slot(planning, run->id);
    if (*slot < 0) {
        *slot = plan->n_runs;
        add_run(planning, run, cell);
        return OK;
    }
    const struct planned_run *equal = &plan->runs[*slot];
    if (strcmp(equal->canonical, run->canonical) != 0)
        return fail(ERROR_RUN, "%s: two different runs have the id %s", planning->experiment->file,
                    run->id);
    plan->n_merged++;
    warn_volatile(planning, &equal->cell, cell);
    return OK;
}

/* Can it be run, with these data? */
static enum status try_cell(struct planning *planning, struct cell *cell, struct planned_run *run) {
    enum status status = plan_dataset(&planning->plan->data, cell, &run->config, &run->dataset);
    if (status)
        return plan_blame(status, planning->experiment, cell,
                          status == ERROR_DATA || status == ERROR_UNREADABLE ? "data.dir"
                                                                             : "data.name");
    return plan_check(planning->experiment, cell, &run->config, run->dataset);
}

static enum status plan_cell(struct planning *planning, struct cell *cell) {
    struct planned_run run = {0};
    cell_finish(cell, &run.config);
    if (is_excluded(planning, cell)) {
        planning->plan->n_excluded++;
        return OK;
    }
    enum status status = planning->outline ? OK : try_cell(planning, cell, &run);
    if (status)
        return status;
    struct pool pool = {0};
    run.canonical = cell_canonical(cell, &pool);
    run_identity(run.canonical, run.dataset ? run.dataset->source->hash : "", run.id);
    status = merge_or_add(planning, &run, cell);
    pool_free(&pool);
    return status;
}

static enum status plan_cells(struct planning *planning) {
    struct pool pool = {0};
    struct cell cell;
    cell_copy(&cell, &planning->experiment->base, &pool);
    enum status status = OK;
    for (int i = 0; i < planning->n_cells && !status; i++) {
        set_cell(planning->experiment, i, &cell);
        status = plan_cell(planning, &cell);
    }
    if (!status && planning->plan->n_runs == 0)
        status = fail(ERROR_USAGE, "%s: every cell is excluded", planning->experiment->file);
    pool_free(&pool);
    return status;
}

/* ---- what varies ---- */

static bool varies(const struct plan *plan, int key) {
    const struct value *first = NULL;
    bool differs = false;
    for (int i = 0; i < plan->n_runs && !differs; i++) {
        const struct cell *cell = &plan->runs[i].cell;
        if (!cell->applies[key])
            continue;
        if (!first)
            first = &cell->values[key];
        differs = !value_equal(key_get(key), &cell->values[key], first);
    }
    return differs;
}

static void find_varied(struct plan *plan) {
    int *varied = pool_alloc(&plan->pool, (size_t)key_count() * sizeof *varied);
    for (int a = 0; a < plan->experiment->n_axes; a++)
        for (int k = 0; k < plan->experiment->axes[a].n_keys; k++)
            if (varies(plan, plan->experiment->axes[a].keys[k]))
                varied[plan->n_varied++] = plan->experiment->axes[a].keys[k];
    plan->varied = varied;
}

int plan_varied(const struct plan *plan, int *keys) {
    if (plan->n_varied > 0)
        memcpy(keys, plan->varied, (size_t)plan->n_varied * sizeof *keys);
    return plan->n_varied;
}

const char *plan_label(const struct plan *plan, int run, struct pool *pool) {
    const struct cell *cell = &plan->runs[run].cell;
    const char *label = "";
    for (int i = 0; i < plan->n_varied; i++) {
        int key = plan->varied[i];
        if (cell->applies[key])
            label = pool_format(pool, "%s%s%s=%s", label, *label ? " " : "", key_get(key)->name,
                                value_text(key_get(key), &cell->values[key], pool));
    }
    return label;
}

/* ---- the whole ---- */

static void prepare(struct planning *planning) {
    struct plan *plan = planning->plan;
    size_t n = (size_t)planning->n_cells;
    plan->runs = pool_alloc(&plan->pool, n * sizeof *plan->runs);
    planning->matched = pool_alloc(&plan->pool, (size_t)planning->experiment->n_exclusions *
                                                    sizeof *planning->matched);
    planning->n_slots = 2 * planning->n_cells + 1;
    planning->slots = pool_alloc(&plan->pool, (size_t)planning->n_slots * sizeof *planning->slots);
    for (int i = 0; i < planning->n_slots; i++)
        planning->slots[i] = -1;
}

static enum status create(const struct experiment *experiment, bool outline, struct plan *plan) {
    struct plan made = {.experiment = experiment};
    struct planning planning = {.experiment = experiment, .plan = &made, .outline = outline};
    enum status status = count_cells(&planning);
    if (!status) {
        prepare(&planning);
        status = plan_cells(&planning);
    }
    if (status) {
        plan_free(&made);
        return status;
    }
    find_varied(&made);
    plan_warn_idle(&made, planning.matched);
    *plan = made;
    return OK;
}

enum status plan_create(const struct experiment *experiment, struct plan *plan) {
    return create(experiment, false, plan);
}

enum status plan_outline(const struct experiment *experiment, struct plan *plan) {
    return create(experiment, true, plan);
}

void plan_free(struct plan *plan) {
    plan_data_free(&plan->data);
    pool_free(&plan->pool);
    *plan = (struct plan){0};
}
