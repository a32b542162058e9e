/* The one list of probes. Rows for gamma, beta, running_mean, ... follow from what normalizers
 * declare. */
#include <string.h>

#include "engine/probe/probe.h"

/* A new family: one file in this folder with the rows probe_<family>_rows, the last of them empty,
 * and one word here. */
#define FAMILIES(family)                                                                           \
    family(step) family(epoch) family(layer) family(trace) family(curve) family(landscape)         \
        family(ics) family(decrease) family(hessian) family(condition) family(units) family(noise) \
            family(removal) family(response) family(rows)

#define DECLARE(name) extern const struct probe probe_##name##_rows[];
FAMILIES(DECLARE)

#define FAMILY(name) {#name, probe_##name##_rows},
static const struct {
    const char *family;
    const struct probe *rows;
} tables[] = {FAMILIES(FAMILY)};
enum { TABLES = sizeof tables / sizeof *tables, MOST_FIELD_ROWS = 256 };

/* Of a field's row: how many numbers a layer has. */
static enum norm_length length_of(const struct probe *probe) {
    return probe->axis == PROBE_UNITS ? NORM_OF_UNIT : NORM_OF_LAYER;
}

/* The numbers called `name` that this layer's normalizer owns, or NULL. */
static const float *find_vector(const struct mlp *mlp, int layer, const char *name) {
    const struct norm *norm = mlp->layers[layer].norm;
    for (int i = 0; norm && i < NORM_FIELDS; i++) {
        if (norm->param[i] && !strcmp(norm->kind->param[i].name, name))
            return norm->param[i];
        if (norm->state[i] && !strcmp(norm->kind->state[i].name, name))
            return norm->state[i];
    }
    return NULL;
}

static bool field_applies(const struct probe *probe, const struct trainer *trainer, int layer) {
    return layer >= 0 && layer_owns(&trainer->mlp.layers[layer], probe->name, length_of(probe));
}

static void field_observe(const struct probe_view *view, int layer, double *out) {
    const struct probe *probe = view->probe;
    const struct mlp *mlp = &view->trainer->mlp;
    const float *vector = find_vector(mlp, layer, probe->name);
    int n = length_of(probe) == NORM_OF_UNIT ? mlp->layers[layer].out : 1;
    for (int j = 0; j < n; j++)
        out[j] = (double)vector[j];
}

static struct probe field_rows[MOST_FIELD_ROWS + 1];
static int n_field_rows = -1;

static void add_fields(const struct norm_field *fields) {
    for (int i = 0; i < norm_fields(fields); i++) {
        enum probe_axis axis = fields[i].length == NORM_OF_UNIT ? PROBE_UNITS : PROBE_LAYER;
        bool known = false;
        for (int r = 0; r < n_field_rows; r++)
            known |= field_rows[r].axis == axis && !strcmp(field_rows[r].name, fields[i].name);
        if (!known && n_field_rows < MOST_FIELD_ROWS)
            field_rows[n_field_rows++] =
                (struct probe){.name = fields[i].name,
                               .unit = fields[i].unit,
                               .doc = fields[i].doc,
                               .cost = axis == PROBE_UNITS ? "a copy of the vector"
                                                           : "a copy of one number a layer",
                               .axis = axis,
                               .level = LOG_FULL,
                               .applies = field_applies,
                               .observe = field_observe};
    }
}

/* Made at first use; the registry of normalizers does not change while the program runs. */
static void make_field_rows(void) {
    if (n_field_rows >= 0)
        return;
    n_field_rows = 0;
    for (int i = 0; i < normalizer_count(); i++) {
        add_fields(normalizer_get(i)->param);
        add_fields(normalizer_get(i)->state);
    }
}

static int rows_of(const struct probe *table) {
    int n = 0;
    while (table[n].name)
        n++;
    return n;
}

int probe_count(void) {
    make_field_rows();
    int n = n_field_rows;
    for (int t = 0; t < TABLES; t++)
        n += rows_of(tables[t].rows);
    return n;
}

const struct probe *probe_get(int index) {
    make_field_rows();
    for (int t = 0; t < TABLES; t++) {
        int n = rows_of(tables[t].rows);
        if (index < n)
            return &tables[t].rows[index];
        index -= n;
    }
    return &field_rows[index];
}

const struct probe *probe_find(enum probe_axis axis, const char *name) {
    for (int i = 0; i < probe_count(); i++)
        if (probe_get(i)->axis == axis && !strcmp(probe_get(i)->name, name))
            return probe_get(i);
    return NULL;
}

bool probe_applies(const struct probe *probe, const struct trainer *trainer, int layer) {
    return !probe->applies || probe->applies(probe, trainer, layer);
}

void probe_observe(const struct probe *probe, const struct diagnostics *diagnostics, int layer,
                   double *out) {
    const void *state = probe->reads ? diagnostics_state(diagnostics, probe->reads) : NULL;
    struct probe_view view = {probe, diagnostics->trainer, state};
    probe->observe(&view, layer, out);
}

const char *probe_family(const struct probe *probe) {
    for (int t = 0; t < TABLES; t++)
        for (const struct probe *row = tables[t].rows; row->name; row++)
            if (row == probe)
                return tables[t].family;
    return "vector";
}

const char *probe_group(enum probe_axis axis) {
    static const char *const groups[] = {
        [PROBE_STEP] = "step",           [PROBE_EPOCH] = "epoch", [PROBE_LAYER] = "layer",
        [PROBE_UNITS] = "layer<k>",      [PROBE_TRACE] = "trace", [PROBE_TRACE_LAYER] = "trace",
        [PROBE_MILESTONE] = "milestone", [PROBE_CURVE] = "curve", [PROBE_ROWS] = "rows"};
    return groups[axis];
}

const char *probe_unit(const struct probe *probe, const struct trainer *trainer) {
    bool of_loss = !strcmp(probe->unit, UNIT_OF_LOSS);
    return of_loss ? loss_get(trainer->config.train.loss)->unit : probe->unit;
}
