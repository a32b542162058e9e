/* The experiment as JSON: what was asked for, with every default written out. */
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"
#include "io/json_writer.h"
#include "lab/plan/experiment.h"

static const struct json_layout outer = {"", ",\n ", ""}, inner = {"\n  ", ",\n  ", ""};

/* Numbers of a list as the shortest text that reads back as the same. */
static void write_list(struct json_writer *out, const char *name, const struct value *value,
                       struct pool *pool) {
    json_open_list(out, name, &json_one_line);
    for (int i = 0; i < value->n_items; i++)
        json_put(out, NULL, "%s", number_text(value->items[i], pool));
    json_close(out);
}

/* `name` NULL: in a list of values. */
static void write_value(struct json_writer *out, const char *name, const struct key *key,
                        const struct value *value, struct pool *pool) {
    bool word = key->type == KEY_INT && key->words && value->integer == -1;
    if (key->type == KEY_INTS || key->type == KEY_REALS)
        write_list(out, name, value, pool);
    else if (key->type == KEY_CHOICE || key->type == KEY_TEXT || word)
        json_put_text(out, name, value_text(key, value, pool));
    else
        json_put(out, name, "%s", value_yaml(key, value, pool));
}

static void write_values(struct json_writer *out, const struct key *key, int n,
                         const struct value *values, struct pool *pool) {
    json_open_list(out, key->name, &json_one_line);
    for (int i = 0; i < n; i++)
        write_value(out, NULL, key, &values[i], pool);
    json_close(out);
}

static void write_base(struct json_writer *out, const struct experiment *experiment,
                       struct pool *pool) {
    json_open_object(out, "base", &inner);
    for (int i = 0; i < key_count(); i++)
        write_value(out, key_get(i)->name, key_get(i), &experiment->base.values[i], pool);
    json_close(out);
}

static void write_axes(struct json_writer *out, const struct experiment *experiment,
                       struct pool *pool) {
    json_open_list(out, "axes", &inner);
    for (int a = 0; a < experiment->n_axes; a++) {
        const struct axis *axis = &experiment->axes[a];
        json_open_object(out, NULL, &json_one_line);
        for (int k = 0; k < axis->n_keys; k++)
            write_values(out, key_get(axis->keys[k]), axis->n_values,
                         &axis->values[k * axis->n_values], pool);
        json_close(out);
    }
    json_close(out);
}

static void write_exclusions(struct json_writer *out, const struct experiment *experiment,
                             struct pool *pool) {
    json_open_list(out, "exclude", &inner);
    for (int e = 0; e < experiment->n_exclusions; e++) {
        const struct exclusion *exclusion = &experiment->exclusions[e];
        json_open_object(out, NULL, &json_one_line);
        for (int k = 0; k < exclusion->n_keys; k++)
            write_values(out, key_get(exclusion->keys[k]), exclusion->n_values[k],
                         exclusion->values[k], pool);
        json_close(out);
    }
    json_close(out);
}

static void write_figures(struct json_writer *out, const struct experiment *experiment) {
    json_open_list(out, "figures", &inner);
    for (int f = 0; f < experiment->n_figures; f++) {
        const struct figure *figure = &experiment->figures[f];
        json_open_object(out, NULL, &json_one_line);
        json_put_text(out, "script", figure->script);
        json_put_text(out, "name", figure->name);
        for (int i = 0; i < figure->n_options; i++)
            json_put_text(out, figure->option_names[i], figure->option_values[i]);
        json_close(out);
    }
    json_close(out);
}

static void write_experiment(struct json_writer *out, const struct experiment *experiment,
                             struct pool *pool) {
    json_open_object(out, NULL, &outer);
    json_put(out, "schema", "1");
    json_put_text(out, "name", experiment->name);
    json_put_text(out, "title", experiment->title);
    write_base(out, experiment, pool);
    write_axes(out, experiment, pool);
    write_exclusions(out, experiment, pool);
    write_figures(out, experiment);
    json_close(out);
}

const char *experiment_json(const struct experiment *experiment, struct pool *pool) {
    struct text text;
    struct json_writer out = {.out = text_begin(&text, pool)};
    write_experiment(&out, experiment, pool);
    return text_end(&text);
}
