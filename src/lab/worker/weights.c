/* A layer after the other: scales, W, b, and what the normalizer declares. */
#include "lab/worker/weights.h"

static void add_vector(struct record *record, const char *group, const char *name, const char *unit,
                       const char *doc, int n, const float *values) {
    struct series series = {group, name, unit, doc, SERIES_F32, 1, {(size_t)n}, {"unit"}, values};
    record_add_series(record, &series);
}

/* A vector along the units, or a number without dimensions. */
static void add_field(struct record *record, const char *group, const struct norm_field *field,
                      int D, const float *values) {
    struct series number = {group, field->name, field->unit, field->doc, SERIES_F32,
                            0,     {0},         {0},         values};
    if (values && field->length == NORM_OF_LAYER)
        record_add_series(record, &number);
    else if (values)
        add_vector(record, group, field->name, field->unit, field->doc, D, values);
}

static void add_norm(struct record *record, const char *group, const struct norm *norm) {
    for (int i = 0; norm && i < NORM_FIELDS; i++) {
        add_field(record, group, &norm->kind->param[i], norm->D, norm->param[i]);
        add_field(record, group, &norm->kind->state[i], norm->D, norm->state[i]);
    }
}

static void write_layer(const struct layer *layer, const char *group, struct record *record) {
    record_add_count(record, group, "in", "input of the linear layer, from 0", (size_t)layer->in,
                     0);
    record_add_count(record, group, "out", "output of the linear layer, from 0", (size_t)layer->out,
                     0);
    record_add_count(record, group, "unit", "unit of the layer, from 0", (size_t)layer->out, 0);
    struct series W = {group,
                       "W",
                       "1",
                       "weights: z = x W + b",
                       SERIES_F32,
                       2,
                       {(size_t)layer->in, (size_t)layer->out},
                       {"in", "out"},
                       layer->W};
    record_add_series(record, &W);
    if (layer->b)
        add_vector(record, group, "b", "1", "bias: z = x W + b", layer->out, layer->b);
    add_norm(record, group, layer->norm);
}

void weights_write(const struct mlp *mlp, const char *when, struct record *record) {
    for (int k = 0; k < mlp->n_layers; k++)
        write_layer(&mlp->layers[k], pool_format(&record->pool, "weights/%s/layer%d", when, k),
                    record);
    const struct norm *norm = mlp->input_norm;
    if (!norm || !(norm->param[0] || norm->state[0]))
        return;
    const char *group = pool_format(&record->pool, "weights/%s/input", when);
    record_add_count(record, group, "unit", "column of the input, from 0", (size_t)norm->D, 0);
    add_norm(record, group, norm);
}
