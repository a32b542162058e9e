/* normlab describe: what a configuration key, a normalizer, a probe or a final metric is; and the
 * file format. */
#include <string.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/file_format.h"
#include "cli/print.h"
#include "cli/print_table.h"
#include "cli/terminal.h"
#include "engine/norm/normalizer.h"
#include "lab/config/key_describe.h"
#include "lab/config/keys.h"
#include "lab/table/summary_columns.h"
#include "lab/worker/execute.h"

struct describe_options {
    const char *name;
    bool schema;
};

static bool in_group(const char *name, const char *group) {
    size_t size = strlen(group);
    if (size > 0 && group[size - 1] == '.')
        size--;
    return size == 0 || (!strncmp(name, group, size) && name[size] == '.');
}

/* "lr" for optimizer.lr. */
static bool ends_in(const char *name, const char *last) {
    const char *dot = strrchr(name, '.');
    return dot && !strcmp(dot + 1, last);
}

typedef bool is_asked_function(const char *name, const char *what);

static int count_keys(is_asked_function *is_asked, const char *what) {
    int n = 0;
    for (int i = 0; i < key_count(); i++)
        n += is_asked(key_get(i)->name, what);
    return n;
}

/* A line a key that is asked for: name, default, sentence. */
static void print_keys(is_asked_function *is_asked, const char *what) {
    struct table table;
    table_create(&table, count_keys(is_asked, what));
    const char **names = print_texts(&table, "key");
    const char **defaults = print_texts(&table, "default");
    const char **docs = print_texts(&table, "what");
    for (int i = 0, row = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        if (!is_asked(key->name, what))
            continue;
        names[row] = key->name;
        defaults[row] = key->initial;
        docs[row++] = key->doc;
    }
    print_aligned(&table, 0, terminal_width(), stdout);
    table_free(&table);
}

static void print_key(int index) {
    struct pool pool = {0};
    fputs(key_describe(index, &pool), stdout);
    pool_free(&pool);
}

/* A group, all where it is "". */
static bool print_group(const char *group) {
    if (count_keys(in_group, group) == 0)
        return false;
    print_keys(in_group, group);
    return true;
}

/* The key whose last part it is, or a line for each of several. */
static bool print_last_part(const char *name) {
    int n = count_keys(ends_in, name);
    if (n > 1)
        print_keys(ends_in, name);
    for (int i = 0; i < key_count() && n == 1; i++)
        if (ends_in(key_get(i)->name, name))
            print_key(i);
    return n > 0;
}

/* ---- what is not a key ---- */

static void print_fields(const char *what, const struct norm_field fields[NORM_FIELDS]) {
    for (int i = 0; i < norm_fields(fields); i++) {
        printf("    %-9s  %s: %s (starts at ", i ? "" : what, fields[i].name, fields[i].doc);
        if (fields[i].initial_key)
            printf("%s)\n", fields[i].initial_key);
        else
            printf("%g)\n", (double)fields[i].initial);
    }
}

static bool print_normalizer(const char *name) {
    long index = normalizer_find(name);
    if (index < 0)
        return false;
    const struct normalizer *normalizer = normalizer_get(index);
    printf("%s (norm.kind)\n    %s\n    %s\n\n", normalizer->name, normalizer->summary,
           normalizer->source);
    print_fields("learned", normalizer->param);
    print_fields("running", normalizer->state);
    for (const struct key *key = normalizer->own_keys; key && key->name; key++)
        printf("    own key    %s: %s\n", key->name, key->doc);
    return true;
}

/* "epoch/test_error": the name that a series has in the results. */
static const char *series_name(const struct probe *probe, struct pool *pool) {
    return pool_format(pool, "%s/%s", probe_group(probe->axis), probe->name);
}

/* A name may stand in several groups: train_loss a step and an epoch. */
static bool print_probes(const char *name, bool is_next) {
    struct pool pool = {0};
    bool any = false;
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        const char *series = series_name(probe, &pool);
        if (strcmp(probe->name, name) != 0 && strcmp(series, name) != 0)
            continue;
        printf("%s%s (a probe)\n    %s\n\n    unit       %s\n    cost       %s\n",
               is_next || any ? "\n" : "", series, probe->doc, probe->unit, probe->cost);
        any = true;
    }
    pool_free(&pool);
    return any;
}

static bool print_final(const char *name, bool is_next) {
    for (int i = 0; i < summary_column_count(); i++)
        if (!strcmp(summary_column_get(i)->name, name)) {
            printf("%s%s (a final metric)\n    %s\n\n    unit       %s\n", is_next ? "\n" : "",
                   name, summary_column_get(i)->doc, summary_column_get(i)->unit);
            return true;
        }
    return false;
}

/* ---- the command ---- */

/* All that can be described. */
static int all_names(const char **names, struct pool *pool) {
    int n = 0;
    for (int i = 0; i < key_count(); i++)
        names[n++] = key_get(i)->name;
    for (int i = 0; file_format_part(i); i++)
        names[n++] = file_format_part(i);
    for (int i = 0; i < normalizer_count(); i++)
        names[n++] = normalizer_get(i)->name;
    for (int i = 0; i < summary_column_count(); i++)
        names[n++] = summary_column_get(i)->name;
    for (int i = 0; i < probe_count(); i++) {
        names[n++] = probe_get(i)->name;
        names[n++] = series_name(probe_get(i), pool);
    }
    return n;
}

static enum status unknown(const char *name) {
    struct pool pool = {0};
    int parts = 0;
    while (file_format_part(parts))
        parts++;
    int most =
        parts + key_count() + normalizer_count() + summary_column_count() + 2 * probe_count();
    const char **names = pool_alloc(&pool, (size_t)most * sizeof *names);
    const char *meant = words_meant(name, names, all_names(names, &pool), &pool);
    enum status status =
        meant ? fail(ERROR_USAGE, "unknown key '%s' (did you mean %s?)", name, meant)
              : fail(ERROR_USAGE, "unknown key '%s'; `normlab describe` lists all", name);
    pool_free(&pool);
    return status;
}

/* `experiment-file` is the old name. */
static bool print_file(const char *name) {
    bool old = !strcmp(name, "experiment-file");
    if (!old && strcmp(name, "file") != 0)
        return false;
    if (old)
        fputs("normlab: warning: experiment-file is the old name of `describe file`\n", stderr);
    file_format_print(stdout, terminal_prose_width());
    return true;
}

static enum status describe(const char *name) {
    int index = key_find(name);
    if (index >= 0) {
        print_key(index);
        return OK;
    }
    if (print_group(name) || print_normalizer(name) ||
        file_format_print_part(stdout, name, terminal_prose_width()))
        return OK;
    bool any = print_last_part(name);
    any |= print_final(name, any);
    any |= print_probes(name, any);
    return any ? OK : unknown(name);
}

static enum status run(const struct arguments *arguments) {
    const struct describe_options *options = arguments->options;
    const char *name = options->name ? options->name : "";
    if (options->schema && *name)
        return fail(ERROR_USAGE, "--schema is of the whole file: it goes without '%s'", name);
    if (options->schema) {
        file_schema_print(stdout);
        return OK;
    }
    if (print_file(name))
        return OK;
    struct print_fitted fitted;
    print_fitted_begin(&fitted);
    enum status status = describe(name);
    print_fitted_end(&fitted);
    return status;
}

static const struct option_row rows[] = {
    {.name = "KEY", .type = OPERAND_MAYBE, FIELD(struct describe_options, name)},
    {"schema", NULL, "print a JSON Schema of experiment files, for editors and programs",
     OPTION_FLAG, FIELD(struct describe_options, schema)},
    PLUGIN_OPTION,
    {0},
};

const struct command command_describe = {
    .name = "describe",
    .summary = "explain a key: type, range, default, unit, and its name in other frameworks",
    .details =
        "KEY is a key of an experiment file (norm.momentum, or its last word alone), a group of "
        "keys (norm), a normalizer, a probe (also epoch/test_error) or a final metric of a run "
        "(test_error_scored); or a part of an experiment file: a section (sweep, zip, judge), "
        "or what stands in place of a list (range, logrange, sample). Without KEY, describe "
        "lists all keys, one a line. `describe file` prints the reference of experiment "
        "files, in Markdown.",
    .examples = "$ normlab describe norm.momentum\n"
                "$ normlab describe optimizer\n"
                "$ normlab describe zip\n"
                "$ normlab describe test_error_scored",
    .rows = rows,
    .size = sizeof(struct describe_options),
    .paged = true,
    .run = run,
};
