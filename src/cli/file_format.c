/* Prints the reference of experiment files from the tables that read them: sections, figures'
 * options, keys. */
#include "cli/file_format.h"

#include <string.h>

#include "cli/print.h"
#include "judge/claim/claim.h"
#include "judge/claim/claim_question.h"
#include "judge/claim/metric_read.h"
#include "judge/claim/over.h"
#include "judge/claim/take.h"
#include "judge/compute/computation.h"
#include "judge/compute/formulas.h"
#include "judge/tune/tune_section.h"
#include "lab/config/key_describe.h"
#include "lab/plan/figure_option.h"
#include "lab/plan/protocol.h"

enum { WIDTH = 118 }; /* of a line of prose */

/* A text as a cell of a table, which a | would end. */
static void print_cell(FILE *out, const char *text) {
    fputs(*text ? " " : "", out);
    for (; *text; text++)
        fprintf(out, *text == '|' ? "\\|" : "%c", *text);
    fputs(" |", out);
}

static void print_section(FILE *out, const struct section *section) {
    struct pool pool = {0};
    if (section->doc) {
        print_wrapped(out, section->doc, WIDTH);
        putc('\n', out);
    }
    fputs("| field | what stands there | meaning |\n|---|---|---|\n", out);
    for (int i = 0; i < section->n; i++) {
        const struct field *field = &section->fields[i];
        fprintf(out, "| `%s`%s%s%s%s |", field->name, field->required ? " (required)" : "",
                field->alias ? " (or `" : "", field->alias ? field->alias : "",
                field->alias ? "`)" : "");
        print_cell(out, section_form(field, &pool));
        print_cell(out, field->doc);
        fputs("\n", out);
    }
    pool_free(&pool);
}

static void print_row(FILE *out, const char *name, const char *words, const char *doc) {
    fprintf(out, "| `%s` |", name);
    if (words)
        print_cell(out, words);
    print_cell(out, doc);
    fputs("\n", out);
}

static void print_figure_options(FILE *out) {
    fputs("\nIts other fields are options, as in `normlab plot FILE key=value`; a script of your "
          "own may have others.\n\n| option | words | meaning |\n|---|---|---|\n",
          out);
    for (int i = 0; i < figure_option_count(); i++) {
        const struct figure_option *option = figure_option_get(i);
        print_row(out, option->name, option->words ? option->words : "", option->doc);
    }
}

static void print_takes(FILE *out) {
    fputs("\n| take | what it gives |\n|---|---|\n", out);
    for (int i = 0; i < take_count(); i++)
        print_row(out, take_get(i)->name, NULL, take_get(i)->sentence);
}

static void print_overs(FILE *out) {
    fputs("\n| take | what it gives |\n|---|---|\n", out);
    for (int i = 0; i < over_count(); i++)
        print_row(out, over_get(i)->name, NULL, over_get(i)->sentence);
}

static void print_formulas(FILE *out) {
    fputs("\n| formula | arguments | what it gives |\n|---|---|---|\n", out);
    for (int i = 0; i < formula_count(); i++)
        print_row(out, formula_get(i)->name, formula_get(i)->arguments, formula_get(i)->doc);
}

static const struct {
    const char *title;
    const struct section *section;
    void (*more)(FILE *out); /* what its fields choose from */
} sections[] = {
    {"`quick` and `literal`", &protocol_section, NULL},
    {"`figures`: an entry", &figures_section, print_figure_options},
    {"`tune`", &tune_section, NULL},
    {"`tune`: `grid`", &tune_grid_section, NULL},
    {"`claim`", &claim_section, NULL},
    {"`claim`: an entry of `seen_before`", &seen_before_section, NULL},
    {"`judge`: an entry", &claim_question_section, NULL},
    {"`judge`: `more` and `less`", &claim_arm_section, NULL},
    {"A metric", &metric_section, print_takes},
    {"A metric: `when`", &metric_when_section, NULL},
    {"A metric: `over`", &metric_over_section, print_overs},
    {"`compute`: an entry", &computation_section, print_formulas},
};

enum { SECTIONS_SHOWN = sizeof sections / sizeof *sections };

/* ---- keys ---- */

static size_t group_size(const char *name) {
    return strcspn(name, ".");
}

static bool begins_group(int index) {
    if (index == 0)
        return true;
    const char *name = key_get(index)->name, *last = key_get(index - 1)->name;
    return group_size(name) != group_size(last) || strncmp(name, last, group_size(name)) != 0;
}

static void print_key(FILE *out, int index, struct pool *pool) {
    const struct key *key = key_get(index);
    const char *range = key_range_text(key, pool);
    fprintf(out, "| `%s` |", key->name);
    print_cell(out,
               range ? pool_format(pool, "%s: %s", key_type_name(key), range) : key_type_name(key));
    fprintf(out, " `%s` |", value_yaml(key, key_default(index), pool));
    print_cell(out, key->unit);
    print_cell(out, key->when ? key_when_text(index, pool) : "always");
    print_cell(out, key->doc);
    fputs("\n", out);
}

static void print_keys(FILE *out) {
    struct pool pool = {0};
    for (int i = 0; i < key_count(); i++) {
        const char *name = key_get(i)->name;
        if (begins_group(i))
            fprintf(out,
                    "\n### %.*s\n\n| key | type | default | unit | applies | meaning |\n"
                    "|---|---|---|---|---|---|\n",
                    (int)group_size(name), name);
        print_key(out, i, &pool);
    }
    pool_free(&pool);
}

void file_format_print(FILE *out) {
    fputs(
        "# The experiment file\n\n"
        "`normlab describe experiment-file` prints this page from the tables that read the file; "
        "a test compares the two.\n"
        "The file is YAML without anchors, aliases and tags. A comma in `{}` begins a new key, so "
        "lists go in `[]` there,\nand `\"range(2, 5)\"` in quotes.\n\n",
        out);
    print_section(out, &experiment_section);
    for (int i = 0; i < SECTIONS_SHOWN; i++) {
        fprintf(out, "\n## %s\n\n", sections[i].title);
        print_section(out, sections[i].section);
        if (sections[i].more)
            sections[i].more(out);
    }
    fputs("\n## Keys\n\nThey stand under `base`, `sweep`, `zip`, `exclude` and `set`; "
          "`normlab describe KEY` says more, also what other\nframeworks call it.\n",
          out);
    print_keys(out);
}
