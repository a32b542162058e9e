/* The tuned file: the experiment's text with the chosen rates in place of its sweep. */
#include "judge/tune/tuned_file.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "base/words.h"
#include "io/yaml_tree.h"
#include "judge/tune/columns.h"
#include "judge/tune/tuned_comment.h"
#include "judge/tune/tuned_source.h"
#include "lab/table/varied_keys.h"

/* ---- the text, section by section ---- */

static enum status read_root(const struct tune *tune, struct pool *pool, struct yaml_node **root) {
    return yaml_tree_read(tune->experiment->file, tune->experiment->text, pool, root);
}

/* Where line `line`, from 1, begins; the end of the text where there is none. */
static const char *line_at(const char *text, int line) {
    for (; line > 1 && *text; line--) {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return text;
}

/* A file in braces, or one whose lines are not libyaml's, cannot be cut into lines. */
enum status tuned_file_check(const struct tune *tune) {
    struct pool pool = {0};
    struct yaml_node *root;
    enum status status = read_root(tune, &pool, &root);
    for (const struct yaml_node *entry = status ? NULL : root->first; entry && !status;
         entry = entry->next) {
        const char *line = line_at(tune->experiment->text, entry->key_origin.line);
        if (entry->key_origin.column != 1 || strncmp(line, entry->key, strlen(entry->key)) != 0)
            status = fail_at(fail(ERROR_USAGE,
                                  "'%s' must stand at the beginning of a line, without quotes: a "
                                  "tuned file is made line by line",
                                  entry->key),
                             entry->key_origin);
    }
    pool_free(&pool);
    return status;
}

static bool is_replaced(const char *section) {
    return words_find("sweep|zip|exclude|tune", section) >= 0;
}

static bool is_between_sections(const char *line) {
    return *line == '#' || !strncmp(line, "...", 3) || line[strspn(line, " \t\r")] == '\n' ||
           !*line;
}

/* Where a section ends: comments and empty lines after it belong to what comes next. */
static const char *section_end(const char *text, const struct yaml_node *entry) {
    int first = entry->key_origin.line;
    const char *end = entry->next ? line_at(text, entry->next->key_origin.line) : strchr(text, 0);
    int last = first;
    for (int line = first; line_at(text, line) < end; line++)
        if (!is_between_sections(line_at(text, line)))
            last = line;
    return line_at(text, last + 1);
}

/* ---- zip and sweep ---- */

static void write_cells(FILE *out, const struct tune *tune, struct pool *pool) {
    struct columns columns;
    columns_create(&columns, tune->n_keys + 1, tune->n_arms, pool);
    for (int k = 0; k <= tune->n_keys; k++) {
        int key = k < tune->n_keys ? tune->keys[k] : tune->tuning.key;
        columns.names[k] = key_get(key)->name;
        for (int i = 0; i < tune->n_arms; i++) {
            const struct tune_arm *arm = &tune->arms[i];
            double rate = tune->grids[arm->group].rates[arm->choice.best];
            *columns_at(&columns, k, i) =
                key == tune->tuning.key ? number_text(rate, pool)
                                        : value_yaml(key_get(key), &arm->cell->values[key], pool);
        }
    }
    columns_write_entry(&columns, out);
}

/* Seeds that were walked together still are. */
static void write_seeds_zip(FILE *out, const struct axis *axis, struct pool *pool) {
    struct columns columns;
    columns_create(&columns, axis->n_keys, axis->n_values, pool);
    for (int k = 0; k < axis->n_keys; k++) {
        columns.names[k] = key_get(axis->keys[k])->name;
        for (int v = 0; v < axis->n_values; v++)
            *columns_at(&columns, k, v) =
                value_yaml(key_get(axis->keys[k]), &axis->values[k * axis->n_values + v], pool);
    }
    columns_write_entry(&columns, out);
}

/* What is crossed with the cells: seeds, and keys of one value, which can be overridden. */
struct sweep_writer {
    FILE *out;
    bool begun;
};

static void write_sweep_key(struct sweep_writer *writer, int key, const char *values) {
    fprintf(writer->out, "%s  %s: %s\n", writer->begun ? "" : "sweep:\n", key_get(key)->name,
            values);
    writer->begun = true;
}

static void write_axis(struct sweep_writer *writer, const struct tune *tune,
                       const struct axis *axis, struct pool *pool) {
    if (axis->n_keys == 1 && key_is_seed(key_get(axis->keys[0])->name))
        write_sweep_key(writer, axis->keys[0], seeds_text(axis->n_values, axis->values, pool));
    for (int k = 0; k < axis->n_keys; k++) {
        int key = axis->keys[k];
        if (!key_is_seed(key_get(key)->name) && !tune_differs(tune, key))
            write_sweep_key(
                writer, key,
                pool_format(pool, "[%s]",
                            value_yaml(key_get(key), &tune->arms[0].cell->values[key], pool)));
    }
}

/* Cells that are excluded are not in the zip; what is said of seeds is still to be done. */
static void write_exclusion(FILE *out, const struct exclusion *exclusion, struct pool *pool) {
    for (int k = 0; k < exclusion->n_keys; k++) {
        const struct key *key = key_get(exclusion->keys[k]);
        fprintf(out, "%s%s: [", k ? ", " : "  - {", key->name);
        for (int v = 0; v < exclusion->n_values[k]; v++)
            fprintf(out, "%s%s", v ? ", " : "", value_yaml(key, &exclusion->values[k][v], pool));
        fputs("]", out);
    }
    fputs("}\n", out);
}

static void write_exclusions(FILE *out, const struct experiment *experiment, struct pool *pool) {
    bool begun = false;
    for (int e = 0; e < experiment->n_exclusions; e++)
        if (tune_excludes_later(&experiment->exclusions[e])) {
            fputs(begun ? "" : "exclude:\n", out);
            write_exclusion(out, &experiment->exclusions[e], pool);
            begun = true;
        }
}

static bool is_from_command_line(const struct experiment *experiment, int key) {
    const struct origin *origin = &experiment->base.origins[key];
    return origin->file && origin->line == 0 && !experiment_axis(experiment, key, NULL);
}

static void write_runs(FILE *out, const struct tune *tune, struct pool *pool) {
    const struct experiment *experiment = tune->experiment;
    struct sweep_writer sweep = {.out = out};
    fputs("zip:\n", out);
    write_cells(out, tune, pool);
    for (int a = 0; a < experiment->n_axes; a++)
        if (experiment->axes[a].n_keys > 1 &&
            key_is_seed(key_get(experiment->axes[a].keys[0])->name))
            write_seeds_zip(out, &experiment->axes[a], pool);
    for (int a = 0; a < experiment->n_axes; a++)
        write_axis(&sweep, tune, &experiment->axes[a], pool);
    for (int key = 0; key < key_count(); key++)
        if (is_from_command_line(experiment, key))
            write_sweep_key(
                &sweep, key,
                pool_format(pool, "[%s]",
                            value_yaml(key_get(key), &experiment->base.values[key], pool)));
    write_exclusions(out, experiment, pool);
}

/* ---- the whole ---- */

static void write_source(FILE *out, const struct tune *tune, struct pool *pool) {
    const char *file = tune->experiment->file;
    tuned_source_write(out, tune->source ? tune->source : tuned_source_path(file, file, pool),
                       tune->experiment->text);
}

static void write_file(FILE *out, const struct tune *tune, const struct yaml_node *root,
                       struct pool *pool) {
    const char *text = tune->experiment->text, *from = text;
    bool written = false;
    for (const struct yaml_node *entry = root->first; entry; entry = entry->next) {
        if (!is_replaced(entry->key))
            continue;
        const char *begin = line_at(text, entry->key_origin.line);
        fprintf(out, "%.*s", (int)(begin - from), from);
        if (!written) {
            write_source(out, tune, pool);
            tuned_comment_write(tune, out, pool);
            write_runs(out, tune, pool);
        }
        written = true;
        from = section_end(text, entry);
    }
    fputs(from, out);
}

static enum status check_reads_back(const struct tune *tune, const char *text) {
    struct experiment experiment;
    enum status status = experiment_parse("the tuned file", text, 0, NULL, &experiment);
    if (!status)
        experiment_free(&experiment);
    return status ? fail_in(ERROR_RUN, "%s: cannot be written", tune->experiment->file) : OK;
}

enum status tuned_file_text(const struct tune *tune, struct pool *pool, const char **text) {
    struct yaml_node *root;
    struct text written;
    enum status status = read_root(tune, pool, &root);
    if (status)
        return status;
    write_file(text_begin(&written, pool), tune, root, pool);
    *text = text_end(&written);
    return check_reads_back(tune, *text);
}
