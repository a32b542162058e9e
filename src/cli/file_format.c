/* Prints the reference of experiment files from the tables that read them: sections and their
 * fields, what stands in place of a list, keys. */
#include "cli/file_format.h"

#include <string.h>

#include "cli/print.h"
#include "judge/claim/claim.h"
#include "judge/tune/tune_section.h"
#include "lab/config/key_describe.h"
#include "lab/config/override.h"

enum { MOST_SECTIONS = 32 };

/* The sections that the file's reader leaves to others. */
static const struct {
    const char *name;
    const struct section *section;
} kept[] = {{"tune", &tune_section},
            {"claim", &claim_section},
            {"judge", &claim_question_section},
            {"compute", &computation_section}};

const struct section *field_section(const struct field *field) {
    bool of_file = section_find(&experiment_section, field->name) == field;
    for (size_t i = 0; i < sizeof kept / sizeof *kept && of_file; i++)
        if (!strcmp(kept[i].name, field->name))
            return kept[i].section;
    return field->section;
}

/* ---- paragraphs ---- */

/* `first`, and the text behind it, which goes on `indent` wide. */
static void print_paragraph(FILE *out, const char *first, const char *text, int indent, int width) {
    print_hanging(out, text, fprintf(out, "%s", first), indent, width);
}

/* An example of several lines, as code. */
static void print_code(FILE *out, const char *text, int indent) {
    putc('\n', out);
    while (*text) {
        size_t size = strcspn(text, "\n");
        fprintf(out, "%*s%.*s\n", indent, "", (int)size, text);
        text += size + (text[size] == '\n');
    }
    putc('\n', out);
}

/* ---- sections ---- */

static void print_choice(FILE *out, const struct choice *choice, int width) {
    struct pool pool = {0};
    const char *name;
    for (int i = 0; choice->doc && (name = choice->name(i)); i++)
        print_paragraph(out, pool_format(&pool, "  - %s ", choice->what),
                        pool_format(&pool, "`%s`: %s", name, choice->doc(i, &pool)), 4, width);
    pool_free(&pool);
}

static void print_field(FILE *out, const struct field *field, int width) {
    struct pool pool = {0};
    bool lines = field->like && strchr(field->like, '\n');
    const char *like = field->like && !lines ? pool_format(&pool, ", like `%s`", field->like) : "";
    const char *alias = field->alias ? pool_format(&pool, " (or `%s`)", field->alias) : "";
    print_paragraph(out, pool_format(&pool, "- `%s`%s: ", field->name, alias),
                    pool_format(&pool, "%s%s%s. %s", field_form(field, &pool), like,
                                field->required ? " (required)" : "", field->doc),
                    2, width);
    if (lines)
        print_code(out, field->like, 6);
    if (field->choice)
        print_choice(out, field->choice, width);
    pool_free(&pool);
}

static void print_fields(FILE *out, const struct section *section, int width) {
    struct pool pool = {0};
    if (section->doc)
        print_paragraph(out, "", section->doc, 0, width);
    if (section->like)
        print_code(out, section->like, 4);
    else if (section->doc)
        putc('\n', out);
    for (int i = 0; i < section->n; i++)
        print_field(out, &section->fields[i], width);
    struct field field;
    for (int i = 0; section->option && section->option(i, &field, &pool) && field.doc; i++)
        print_field(out, &field, width);
    pool_free(&pool);
}

/* A section, then those in its fields, each once. */
struct sections {
    int n;
    const struct section *all[MOST_SECTIONS];
    const char *titles[MOST_SECTIONS];
};

static bool is_among(const struct sections *sections, const struct section *section) {
    for (int i = 0; i < sections->n; i++)
        if (sections->all[i] == section)
            return true;
    return false;
}

static void collect(struct sections *sections, const struct section *section, const char *path,
                    struct pool *pool) {
    const char *title = section->title ? section->title : pool_format(pool, "`%s`", section->name);
    if (is_among(sections, section) || sections->n == MOST_SECTIONS)
        return;
    path = *path && !section->shared ? pool_format(pool, "%s: %s", path, title) : title;
    sections->titles[sections->n] = path;
    sections->all[sections->n++] = section;
    for (int i = 0; i < section->n; i++) {
        const struct section *inner = field_section(&section->fields[i]);
        if (inner)
            collect(sections, inner, section == &experiment_section ? "" : path, pool);
    }
}

/* ---- what stands in place of a list ---- */

static void print_sequence(FILE *out, const struct sequence *sequence, int width) {
    struct pool pool = {0};
    print_paragraph(
        out, pool_format(&pool, "- `%s`: ", sequence->name),
        pool_format(&pool, "%s, like `%s`. %s", sequence->form, sequence->like, sequence->doc), 2,
        width);
    pool_free(&pool);
}

/* ---- keys ---- */

static size_t group_size(const char *name) {
    return strcspn(name, ".");
}

static bool same_group(int i, int k) {
    const char *a = key_get(i)->name, *b = key_get(k)->name;
    return group_size(a) == group_size(b) && strncmp(a, b, group_size(a)) == 0;
}

static bool begins_group(int index) {
    int first = 0;
    while (!same_group(first, index))
        first++;
    return first == index;
}

/* "`norm.kind` is batch, layer, and `norm.affine` is true": words between which a line may break.
 */
static const char *where_text(int index, struct pool *pool) {
    const struct condition *when;
    int n = key_conditions(index, &when);
    const char *text = "";
    for (int i = 0; i < n; i++) {
        text = pool_format(pool, "%s%s`%s` is %s", text, i ? ", and " : "", when[i].name,
                           when[i].relation == NOT_EQUAL ? "not " : "");
        for (int v = 0; v < when[i].n_values; v++)
            text = pool_format(pool, "%s%s%s", text, v ? ", " : "", when[i].values[v]);
    }
    return text;
}

static void print_key(FILE *out, int index, int width) {
    struct pool pool = {0};
    const struct key *key = key_get(index);
    const char *range = key_range_text(key, &pool);
    const char *form =
        range ? pool_format(&pool, "%s, %s", key_type_name(key), range) : key_type_name(key);
    if (*key->unit)
        form = pool_format(&pool, "%s (%s)", form, key->unit);
    form = pool_format(&pool, "%s; default `%s`", form, value_yaml(key, key_default(index), &pool));
    if (key->when)
        form = pool_format(&pool, "%s; where %s", form, where_text(index, &pool));
    print_paragraph(out, pool_format(&pool, "- `%s`: ", key->name),
                    pool_format(&pool, "%s. %s", form, key->doc), 2, width);
    pool_free(&pool);
}

/* A group stands under one heading: normalizers' own keys, last in the table, with those of norm.
 */
static void print_keys(FILE *out, int width) {
    for (int i = 0; i < key_count(); i++) {
        const char *name = key_get(i)->name;
        if (!begins_group(i))
            continue;
        fprintf(out, "\n### %.*s\n\n", (int)group_size(name), name);
        for (int k = i; k < key_count(); k++)
            if (same_group(k, i))
                print_key(out, k, width);
    }
}

/* ---- all of it ---- */

static const char beginning[] =
    "The file is YAML without anchors, aliases and tags. A comma in `{}` begins a new key, so "
    "lists go in `[]` there, and `\"range(2, 5)\"` in quotes. A number stands without quotes; "
    "true and false are the only words for yes and no.";

static const char on_overrides[] =
    "`normlab run FILE key=value` replaces a key wherever it stands: in base its value, in sweep "
    "its list. `seed=0,1,2` or `\"seed=range(3)\"` makes an axis of it, also of a key that is on "
    "none; `model.hidden=[64],[100,100]` is two values. `protocol=quick` applies the file's "
    "section `quick`. A key of `zip` cannot be replaced alone.";

void file_format_print(FILE *out, int width) {
    struct pool pool = {0};
    struct sections sections = {0};
    fputs("# The experiment file\n\n", out);
    print_paragraph(out, "",
                    "`normlab describe file` prints this page, `normlab describe zip` a part of "
                    "it, from the tables that read the file; `normlab describe --schema` makes a "
                    "JSON Schema of them for editors, which experiments/schema.json is.",
                    0, width);
    putc('\n', out);
    print_paragraph(out, "", beginning, 0, width);
    collect(&sections, &experiment_section, "", &pool);
    for (int i = 0; i < sections.n; i++) {
        fprintf(out, "\n## %s\n\n", sections.titles[i]);
        print_fields(out, sections.all[i], width);
    }
    fputs("\n## In place of a list of values\n\n", out);
    const struct sequence *sequence;
    for (int i = 0; (sequence = sequence_get(i)); i++)
        print_sequence(out, sequence, width);
    fputs("\n## On the command line\n\n", out);
    print_paragraph(out, "", on_overrides, 0, width);
    fputs("\n## Keys\n\n", out);
    print_paragraph(out, "",
                    "They stand under `base`, `sweep`, `zip`, `exclude`, `set` and `only`, nested "
                    "or dotted; `normlab describe KEY` says more, also what other frameworks call "
                    "it.",
                    0, width);
    print_keys(out, width);
    pool_free(&pool);
}

/* ---- parts ---- */

const struct section *file_format_section(int index) {
    struct pool pool = {0};
    struct sections sections = {0};
    collect(&sections, &experiment_section, "", &pool);
    pool_free(&pool);
    return index < sections.n ? sections.all[index] : NULL;
}

static const struct section *find_section(const char *name) {
    const struct section *section;
    for (int i = 1; (section = file_format_section(i)); i++) {
        const char *dot = strrchr(section->name, '.');
        if (!strcmp(section->name, name) || (dot && !strcmp(dot + 1, name)))
            return section;
    }
    return NULL;
}

static const struct sequence *find_sequence(const char *name) {
    const struct sequence *sequence;
    for (int i = 0; (sequence = sequence_get(i)); i++)
        if (!strcmp(sequence->name, name))
            return sequence;
    return NULL;
}

bool file_format_print_part(FILE *out, const char *name, int width) {
    const struct field *field = section_find(&experiment_section, name);
    const struct sequence *sequence = find_sequence(name);
    const struct section *section = field ? field_section(field) : find_section(name);
    if (sequence)
        print_sequence(out, sequence, width);
    if (field)
        print_field(out, field, width);
    if (section)
        print_fields(out, section, width);
    return sequence || field || section;
}

const char *file_format_part(int index) {
    const struct sequence *sequence;
    if (index < experiment_section.n)
        return experiment_section.fields[index].name;
    sequence = sequence_get(index - experiment_section.n);
    return sequence ? sequence->name : NULL;
}
