/* normlab check: does a normalizer keep the laws? */
#include <math.h>
#include <string.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "judge/check/laws.h"
#include "lab/config/cell.h"
#include "lab/config/override.h"

struct check_options {
    const char *normalizer;
    struct words overrides;
    struct output_options output;
};

/* ---- what is checked ---- */

static enum status find_normalizer(const char *name, long *kind) {
    struct pool pool = {0};
    int n = normalizer_count();
    const char **names = pool_alloc(&pool, (size_t)n * sizeof *names);
    for (int i = 0; i < n; i++)
        names[i] = normalizer_get(i)->name;
    *kind = normalizer_find(name);
    const char *near = nearest_word(name, names, n);
    pool_free(&pool);
    if (*kind >= 0)
        return OK;
    return near ? fail(ERROR_USAGE, "no normalizer '%s' (did you mean '%s'?)", name, near)
                : fail(ERROR_USAGE,
                       "no normalizer '%s'; `normlab list normalizers` has all, and one of your "
                       "own is loaded with --plugin FILE.so",
                       name);
}

static enum status set_key(const char *text, struct cell *cell, struct pool *pool) {
    struct override read;
    enum status status = override_read(text, pool, &read);
    if (status)
        return status;
    const char *name = key_get(read.key)->name;
    if (strncmp(name, "norm.", 5) != 0 || !strcmp(name, "norm.kind"))
        return fail(ERROR_USAGE,
                    "'%s': set only keys norm.* of the normalizer; laws depend on nothing else",
                    text);
    if (read.n_values != 1)
        return fail(ERROR_USAGE, "'%s': give one value, not several", text);
    if (!cell_applies(cell, read.key))
        return fail(ERROR_USAGE, "'%s': %s does not apply here; see normlab describe %s", text,
                    name, name);
    cell->values[read.key] = read.values[0];
    return OK;
}

static enum status read_config(const struct check_options *options, struct pool *pool,
                               struct norm_config *norm) {
    struct cell cell;
    struct config config;
    long kind;
    enum status status = find_normalizer(options->normalizer, &kind);
    if (status)
        return status;
    cell_create(&cell, pool);
    cell.values[key_find("norm.kind")].integer = kind;
    for (int i = 0; i < options->overrides.n && !status; i++)
        status = set_key(options->overrides.items[i], &cell, pool);
    cell_finish(&cell, &config);
    *norm = config.run.norm;
    return status;
}

/* ---- what comes out ---- */

static bool is_none(double value) {
    return isnan(value) || value < 0;
}

static const char *number(double value, struct pool *pool) {
    return is_none(value) ? "-" : pool_format(pool, "%.3g", value);
}

/* Numbers as numbers where a program reads them by name; else, as ever, rounded texts. */
static void add_numbers(const char *name, bool typed, const double *values, struct table *table) {
    double *reals = typed ? table_add(table, name, TYPE_REAL, "", "")->reals : NULL;
    const char **texts = typed ? NULL : print_texts(table, name);
    for (int i = 0; i < law_count(); i++)
        if (typed)
            reals[i] = is_none(values[i]) ? NAN : values[i];
        else
            texts[i] = number(values[i], &table->pool);
}

static void add_measured(const struct law_result *results, bool typed, struct table *table) {
    size_t n = (size_t)law_count();
    double *measured = pool_alloc(&table->pool, n * sizeof *measured),
           *bounds = pool_alloc(&table->pool, n * sizeof *bounds);
    for (int i = 0; i < law_count(); i++) {
        measured[i] = results[i].measured;
        bounds[i] = law_get(i)->bound;
    }
    add_numbers("measured", typed, measured, table);
    add_numbers("bound", typed, bounds, table);
}

/* For scripts the detail is a column; for a person, what is worth knowing stands behind the law. */
static void build_table(const struct law_result *results, bool person, bool typed,
                        struct table *table) {
    static const char *const words[] = {
        [LAW_HOLDS] = "pass", [LAW_BROKEN] = "FAIL", [LAW_IDLE] = "-", [LAW_FACT] = "fact"};
    table_create(table, law_count());
    const char **names = print_texts(table, "law"), **verdicts = print_texts(table, "result");
    add_measured(results, typed, table);
    const char **units = print_texts(table, "unit"), **what = print_texts(table, "what"),
               **details = person ? NULL : print_texts(table, "detail");
    for (int i = 0; i < law_count(); i++) {
        const struct law *law = law_get(i);
        const struct law_result *result = &results[i];
        bool tells = result->verdict == LAW_FACT || result->verdict == LAW_IDLE;
        names[i] = law->name;
        verdicts[i] = words[result->verdict];
        units[i] = law->unit;
        what[i] = tells && person ? pool_format(&table->pool, "%s (%s)", law->says, result->detail)
                                  : law->says;
        if (!person)
            details[i] = result->detail;
    }
}

/* A person reads it in a pipe, too: the log of a build. */
static bool for_person(const struct output_options *output) {
    return !output->flag;
}

static enum status print_results(const struct check_options *options,
                                 const struct law_result *results) {
    struct output_options output = options->output;
    const struct output_fact facts[] = {{.name = "normalizer", .text = options->normalizer}};
    const struct output_heading heading = {"check", 1, facts, {0}};
    struct table table;
    if (for_person(&output))
        output.format = OUTPUT_TEXT;
    build_table(results, for_person(&output), output_format(&output) == OUTPUT_JSON, &table);
    enum status status = output_table(&output, &heading, &table, stdout);
    table_free(&table);
    return status;
}

/* Where to look; the table has no room for it. */
static int print_broken(const struct law_result *results, FILE *out) {
    int n = 0;
    for (int i = 0; i < law_count(); i++)
        if (results[i].verdict == LAW_BROKEN) {
            fprintf(out, "%s%s: %s\n", n ? "" : "\n", law_get(i)->name, results[i].detail);
            n++;
        }
    return n;
}

static enum status judge_all(const struct norm_config *config, struct law_result *results) {
    enum status status = OK;
    for (int i = 0; i < law_count() && !status; i++)
        status = law_judge_apart(law_get(i), config, &results[i]);
    return status;
}

static enum status run(const struct arguments *arguments) {
    const struct check_options *options = arguments->options;
    struct norm_config config;
    struct law_result *results = pool_alloc(arguments->pool, (size_t)law_count() * sizeof *results);
    enum status status = read_config(options, arguments->pool, &config);
    if (!status)
        status = judge_all(&config, results);
    if (status)
        return status;
    status = print_results(options, results);
    int n_broken = print_broken(results, for_person(&options->output) ? stdout : stderr);
    return status          ? status
           : n_broken == 0 ? OK
                           : fail(ERROR_RUN, "%s breaks %d law%s", options->normalizer, n_broken,
                                  plural(n_broken));
}

static const struct option_row rows[] = {
    {.name = "NORMALIZER", .type = OPERAND, FIELD(struct check_options, normalizer)},
    {.name = "norm.KEY=value", .type = OPERANDS, FIELD(struct check_options, overrides)},
    {"tsv", NULL, "tab-separated, with the place of the worst value, for scripts", OPTION_EITHER,
     FIELD(struct check_options, output.flag)},
    OUTPUT_JSON_OPTION(struct check_options, output.flag),
    PLUGIN_OPTION,
    {0},
};

const struct command command_check = {
    .name = "check",
    .summary = "test a normalizer against the laws: gradients, spans, state, declarations",
    .details =
        "For authors of normalizers. Each law is a measurement with a bound; below the table "
        "stands where a law is broken. Facts inform and do not judge: invariances (of the "
        "output, in training and in evaluation), the smallest mini-batch, the cost of a "
        "value. Keys norm.* that you do not set have their defaults.\n"
        "Exit status: 0 the normalizer keeps every law, 1 it breaks some, 2 usage.",
    .examples = "$ normlab check batch\n"
                "$ normlab check batch norm.eps=1e-3 norm.affine=false\n"
                "$ normlab check layer --json\n"
                "$ normlab check mine --plugin ./mine.so --tsv",
    .rows = rows,
    .size = sizeof(struct check_options),
    .run = run,
};
