/* The one list of diagnostics, and loops over it. */
#include "engine/diagnostics/diagnostics.h"

/* What a row reads stands before it. A new diagnostic: one file in this folder, one word here. */
#define DIAGNOSTICS(row)                                                                           \
    row(update) row(gradient) row(sample) row(sample_states) row(unit_inputs) row(validation)      \
        row(landscape) row(scan_near) row(scan_wide) row(ics) row(decrease) row(hessian)           \
            row(condition_number) row(ranges) row(side_pass) row(unit_statistics) row(unit_drift)  \
                row(batch_noise) row(response) row(ablation)

#define DECLARE(name) extern const struct diagnostic diagnostic_##name;
DIAGNOSTICS(DECLARE)

#define ROW(name) &diagnostic_##name,
static const struct diagnostic *const rows[] = {DIAGNOSTICS(ROW)};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert((int)ROWS < (int)DIAGNOSTICS_MOST, "a set has a bit for each row");

int diagnostic_count(void) {
    return ROWS;
}

const struct diagnostic *diagnostic_get(int index) {
    return rows[index];
}

static int index_of(const struct diagnostic *row) {
    int i = 0;
    while (rows[i] != row)
        i++;
    return i;
}

static bool contains(unsigned set, int i) {
    return set >> i & 1;
}

unsigned diagnostic_set(const struct diagnostic *row) {
    unsigned set = row ? 1u << index_of(row) : 0;
    for (int i = 0; row && i < DIAGNOSTIC_READS && row->reads[i]; i++)
        set |= diagnostic_set(row->reads[i]);
    return set;
}

unsigned diagnostic_set_of_all(void) {
    return (1u << ROWS) - 1;
}

bool diagnostic_set_of_last_step(unsigned set) {
    bool any = false;
    for (int i = 0; i < ROWS; i++)
        any |= contains(set, i) && rows[i]->of_last_step;
    return any;
}

static void prepare(struct diagnostics *all, const struct trainer *trainer, unsigned set) {
    *all = (struct diagnostics){.trainer = trainer, .set = set};
    for (int i = 0; i < ROWS; i++)
        if (contains(set, i))
            all->states[i] = pool_alloc(&all->pool, rows[i]->size);
}

static void layout(struct diagnostics *all) {
    for (int i = 0; i < ROWS; i++)
        if (contains(all->set, i) && rows[i]->layout)
            rows[i]->layout(all->states[i], &all->arena, all->trainer);
}

size_t diagnostics_memory(const struct trainer *trainer, unsigned set) {
    struct diagnostics all;
    prepare(&all, trainer, set);
    layout(&all);
    size_t size = all.arena.used;
    diagnostics_free(&all);
    return size;
}

enum status diagnostics_create(struct diagnostics *all, const struct trainer *trainer,
                               unsigned set) {
    prepare(all, trainer, set);
    layout(all);
    enum status status = arena_create(&all->arena);
    if (status) {
        diagnostics_free(all);
        return status;
    }
    layout(all);
    for (int i = 0; i < ROWS; i++)
        if (contains(set, i) && rows[i]->begin)
            rows[i]->begin(all->states[i], trainer);
    return OK;
}

void diagnostics_free(struct diagnostics *all) {
    for (int i = 0; i < ROWS; i++)
        if (contains(all->set, i) && rows[i]->free)
            rows[i]->free(all->states[i]);
    arena_free(&all->arena);
    pool_free(&all->pool);
    *all = (struct diagnostics){0};
}

void diagnostics_before_step(struct diagnostics *all) {
    for (int i = 0; i < ROWS; i++)
        if (contains(all->set, i) && rows[i]->before_step)
            rows[i]->before_step(all->states[i], all->trainer);
}

enum status diagnostics_measure(struct diagnostics *all, unsigned set) {
    enum status status = OK;
    for (int i = 0; i < ROWS && !status; i++)
        if (contains(set, i) && rows[i]->measure)
            status = rows[i]->measure(all->states[i], all);
    return status;
}

void diagnostics_pieces(struct diagnostics *all, struct pieces *pieces) {
    for (int i = 0; i < ROWS; i++)
        if (contains(all->set, i) && rows[i]->pieces)
            rows[i]->pieces(all->states[i], pieces);
}

void *diagnostics_state(const struct diagnostics *all, const struct diagnostic *row) {
    return all->states[index_of(row)];
}
