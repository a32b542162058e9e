/* A run's configuration as attributes, and the scaling of its input as series. */
#include "lab/worker/run_input.h"

#include <string.h>

static void write_key(const struct planned_run *planned, int index, struct record *record) {
    const struct key *key = key_get(index);
    const struct value *value = &planned->cell.values[index];
    struct attributes *list = key->local ? &record->provenance : &record->config;
    switch (key->type) {
    case KEY_BOOL:
        attributes_add_bool(record, list, key->name, value->integer != 0, NULL);
        break;
    case KEY_INT:
        attributes_add_int(record, list, key->name, value->integer, NULL, NULL);
        break;
    case KEY_REAL:
        attributes_add_real(record, list, key->name, value->real, NULL, NULL);
        break;
    case KEY_CHOICE:
    case KEY_TEXT:
    case KEY_INTS:
    case KEY_REALS:
        attributes_add_text(record, list, key->name, value_text(key, value, &record->pool), NULL);
        break;
    }
}

static void write_config(const struct planned_run *planned, struct record *record) {
    memcpy(record->id, planned->id, sizeof record->id);
    for (int i = 0; i < key_count(); i++)
        if (planned->cell.applies[i])
            write_key(planned, i, record);
    const struct run_config *config = &planned->config.run;
    attributes_add_real(record, &record->config, "optimizer.lr_effective",
                        learning_rate_effective(&config->optimizer, config->train.batch_size), NULL,
                        NULL);
    attributes_add_text(record, &record->config, "data.hash", planned->dataset->source->hash, NULL);
    attributes_add_int(record, &record->config, "numerics", NUMERICS, NULL, NULL);
}

static void write_scaling(const struct dataset *dataset, struct record *record) {
    size_t n = (size_t)dataset->n_features;
    const double *origins = dataset->source->origins;
    static const char sentence[] = "x = (pixel - shift) * factor",
                      with_origin[] =
                          "subtracted first, in float64: x = ((pixel - origin) - shift) "
                          "* factor";
    const struct series shift = {"data", "shift", "1",         sentence,      SERIES_F32,
                                 1,      {n},     {"feature"}, dataset->shift},
                        factor = {"data", "factor", "1",         sentence,       SERIES_F32,
                                  1,      {n},      {"feature"}, dataset->factor},
                        origin = {"data", "origin", "1",         with_origin, SERIES_F64,
                                  1,      {n},      {"feature"}, origins};
    record_add_count(record, "data", "feature", "column of the input, from 0", n, 0);
    record_add_series(record, &shift);
    record_add_series(record, &factor);
    if (origins)
        record_add_series(record, &origin);
}

void run_input_write(const struct planned_run *planned, struct record *record) {
    write_config(planned, record);
    write_scaling(planned->dataset, record);
}
