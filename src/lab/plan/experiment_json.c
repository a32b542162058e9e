/* The experiment as JSON: what was asked for, with every default written out. */
#include <stdio.h>
#include <stdlib.h>

#include "io/json.h"
#include "lab/plan/experiment.h"

static void write_list(FILE *out, const struct value *value, struct pool *pool) {
    putc('[', out);
    for (int i = 0; i < value->n_items; i++)
        fprintf(out, "%s%s", i ? ", " : "", number_text(value->items[i], pool));
    putc(']', out);
}

static void write_value(FILE *out, const struct key *key, const struct value *value,
                        struct pool *pool) {
    bool word = key->type == KEY_INT && key->words && value->integer == -1;
    if (key->type == KEY_INTS || key->type == KEY_REALS)
        write_list(out, value, pool);
    else if (key->type == KEY_CHOICE || key->type == KEY_TEXT || word)
        json_write_text(out, value_text(key, value, pool));
    else
        fputs(value_yaml(key, value, pool), out);
}

/* "name": */
static void write_name(FILE *out, const char *name, const char *separator) {
    fputs(separator, out);
    json_write_text(out, name);
    fputs(": ", out);
}

static void write_values(FILE *out, const struct key *key, int n, const struct value *values,
                         struct pool *pool) {
    write_name(out, key->name, "");
    for (int i = 0; i < n; i++) {
        fputs(i ? ", " : "[", out);
        write_value(out, key, &values[i], pool);
    }
    putc(']', out);
}

static void write_base(FILE *out, const struct experiment *experiment, struct pool *pool) {
    write_name(out, "base", ",\n ");
    putc('{', out);
    for (int i = 0; i < key_count(); i++) {
        write_name(out, key_get(i)->name, i ? ",\n  " : "\n  ");
        write_value(out, key_get(i), &experiment->base.values[i], pool);
    }
    putc('}', out);
}

static void write_axes(FILE *out, const struct experiment *experiment, struct pool *pool) {
    write_name(out, "axes", ",\n ");
    putc('[', out);
    for (int a = 0; a < experiment->n_axes; a++) {
        const struct axis *axis = &experiment->axes[a];
        fputs(a ? ",\n  {" : "\n  {", out);
        for (int k = 0; k < axis->n_keys; k++) {
            fputs(k ? ", " : "", out);
            write_values(out, key_get(axis->keys[k]), axis->n_values,
                         &axis->values[k * axis->n_values], pool);
        }
        putc('}', out);
    }
    putc(']', out);
}

static void write_exclusions(FILE *out, const struct experiment *experiment, struct pool *pool) {
    write_name(out, "exclude", ",\n ");
    putc('[', out);
    for (int e = 0; e < experiment->n_exclusions; e++) {
        const struct exclusion *exclusion = &experiment->exclusions[e];
        fputs(e ? ",\n  {" : "\n  {", out);
        for (int k = 0; k < exclusion->n_keys; k++) {
            fputs(k ? ", " : "", out);
            write_values(out, key_get(exclusion->keys[k]), exclusion->n_values[k],
                         exclusion->values[k], pool);
        }
        putc('}', out);
    }
    putc(']', out);
}

static void write_figures(FILE *out, const struct experiment *experiment) {
    write_name(out, "figures", ",\n ");
    putc('[', out);
    for (int f = 0; f < experiment->n_figures; f++) {
        const struct figure *figure = &experiment->figures[f];
        write_name(out, "script", f ? ",\n  {" : "\n  {");
        json_write_text(out, figure->script);
        write_name(out, "name", ", ");
        json_write_text(out, figure->name);
        for (int i = 0; i < figure->n_options; i++) {
            write_name(out, figure->option_names[i], ", ");
            json_write_text(out, figure->option_values[i]);
        }
        putc('}', out);
    }
    putc(']', out);
}

const char *experiment_json(const struct experiment *experiment, struct pool *pool) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return "{}"; /* out of memory; the definition itself is stored beside it */
    fputs("{\"schema\": 1", out);
    write_name(out, "name", ",\n ");
    json_write_text(out, experiment->name);
    write_name(out, "title", ",\n ");
    json_write_text(out, experiment->title);
    write_base(out, experiment, pool);
    write_axes(out, experiment, pool);
    write_exclusions(out, experiment, pool);
    write_figures(out, experiment);
    fputs("}\n", out);
    const char *json = fclose(out) ? "{}" : pool_text(pool, text);
    free(text);
    return json;
}
