/* normlab list: what there is to choose from. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/names.h"
#include "cli/output.h"
#include "cli/print_table.h"
#include "engine/norm/normalizer.h"
#include "engine/probe/probe.h"
#include "lab/config/fields.h"
#include "lab/plan/experiment.h"
#include "lab/store/store.h"
#include "lab/table/varied_keys.h"

struct list_options {
    const char *what, *of;
    struct output_options output;
};

static enum status print_table(const struct list_options *options, const struct table *table) {
    const struct output_heading heading = {.command = "list"};
    return output_table(&options->output, &heading, table, stdout);
}

static const char *or_dash(const char *text) {
    return *text ? text : "-";
}

/* ---- normalizers ---- */

static const char *field_names(const struct norm_field fields[NORM_FIELDS], struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < norm_fields(fields); i++)
        text = pool_format(pool, "%s%s%s", text, i ? "," : "", fields[i].name);
    return or_dash(text);
}

static const char *own_keys(const struct normalizer *normalizer, struct pool *pool) {
    const char *text = "";
    for (const struct key *key = normalizer->own_keys; key && key->name; key++)
        text = pool_format(pool, "%s%s%s", text, *text ? "," : "", key->name);
    return or_dash(text);
}

static enum status list_normalizers(const struct list_options *options) {
    static const char *const axes[] = {
        [NORM_COLUMNS] = "columns", [NORM_ROWS] = "rows", [NORM_WHOLE] = "whole"};
    struct table table;
    table_create(&table, normalizer_count());
    const char **names = print_texts(&table, "name"),
               **statistics = print_texts(&table, "statistics_over"),
               **mixes = print_texts(&table, "mixes_rows"),
               **learned = print_texts(&table, "learned"),
               **running = print_texts(&table, "running"), **keys = print_texts(&table, "own_keys"),
               **summaries = print_texts(&table, "summary"),
               **sources = print_texts(&table, "source");
    for (int i = 0; i < normalizer_count(); i++) {
        const struct normalizer *normalizer = normalizer_get(i);
        names[i] = normalizer->name;
        statistics[i] = axes[normalizer->axis];
        mixes[i] = normalizer->mixes_rows ? "yes" : "no";
        learned[i] = field_names(normalizer->param, &table.pool);
        running[i] = field_names(normalizer->state, &table.pool);
        keys[i] = own_keys(normalizer, &table.pool);
        summaries[i] = normalizer->summary;
        sources[i] = normalizer->source;
    }
    enum status status = print_table(options, &table);
    table_free(&table);
    return status;
}

/* ---- probes ---- */

static enum status list_probes(const struct list_options *options) {
    static const char *const levels[] = {[LOG_ECONOMY] = "economy",
                                         [LOG_STANDARD] = "standard",
                                         [LOG_FULL] = "full",
                                         [LOG_BY_NAME] = "by name"};
    struct table table;
    table_create(&table, probe_count());
    const char **names = print_texts(&table, "name"), **families = print_texts(&table, "family"),
               **where = print_texts(&table, "group"), **level = print_texts(&table, "log.level"),
               **units = print_texts(&table, "unit"), **costs = print_texts(&table, "cost"),
               **docs = print_texts(&table, "what");
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        names[i] = probe->name;
        families[i] = probe_family(probe);
        where[i] = probe_group(probe->axis);
        level[i] = levels[probe->level];
        units[i] = probe->unit;
        costs[i] = probe->cost;
        docs[i] = probe->doc;
    }
    enum status status = print_table(options, &table);
    table_free(&table);
    return status;
}

/* ---- experiments ---- */

static int is_definition(const struct dirent *entry) {
    return entry->d_name[0] != '.' && text_ends_in(entry->d_name, ".yaml");
}

/* A claim has a title of its own, whoever's runs are judged; of other files NULL. */
static const char *claim_title(const char *path, struct pool *pool) {
    struct yaml_node *root = NULL;
    const char *title = NULL;
    if (fields_read_file(path, pool, &root) != OK || !node_find(root, "claim"))
        return NULL;
    const struct yaml_node *node = node_find(root, "title");
    return node && node_text(node, pool, &title) == OK ? title : NULL;
}

/* A definition that cannot be read is listed with what is wrong with it. */
static const char *title_of(const char *path, struct pool *pool) {
    struct experiment experiment;
    const char *claimed = claim_title(path, pool);
    if (claimed)
        return claimed;
    if (experiment_read(path, 0, NULL, &experiment) != OK)
        return pool_format(pool, "cannot be read: %s", status_message());
    const char *title = pool_text(pool, experiment.title);
    experiment_free(&experiment);
    return title;
}

/* "experiments/" as experiments. */
static const char *without_slash(const char *path, struct pool *pool) {
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return pool_format(pool, "%.*s", (int)size, path);
}

/* The folder asked for, or experiments/: here, else of those that come with the program. */
static const char *experiments_folder(const struct list_options *options, struct pool *pool) {
    const char *asked = options->of ? without_slash(options->of, pool) : "experiments";
    const char *found = names_find_folder(asked, pool);
    return found ? found : asked;
}

static enum status list_experiments(const struct list_options *options) {
    struct pool pool = {0};
    struct dirent **entries = NULL;
    const char *folder = experiments_folder(options, &pool);
    int n = scandir(folder, &entries, is_definition, alphasort);
    enum status status = OK;
    if (n < 0) {
        status = fail(ERROR_USAGE, "%s: cannot be read: %s", folder, strerror(errno));
    } else if (n == 0) {
        text_print(stderr, "no experiment files (*.yaml) in %s\n", folder);
    } else {
        struct table table;
        table_create(&table, n);
        const char **files = print_texts(&table, "file"), **titles = print_texts(&table, "title");
        for (int i = 0; i < n; i++) {
            files[i] = pool_format(&table.pool, "%s/%s", folder, entries[i]->d_name);
            titles[i] = title_of(files[i], &table.pool);
            free(entries[i]);
        }
        status = print_table(options, &table);
        table_free(&table);
    }
    free(entries);
    pool_free(&pool);
    return status;
}

/* ---- runs ---- */

static enum status select_run_columns(const struct table *summary, struct table *result) {
    static const char *const head[] = {"run", "status"};
    static const char *const metrics[] = {
        "steps",  "train_loss", "validation_error", "test_error_scored", "test_error_population",
        "train_s"};
    struct pool pool = {0};
    size_t most = (size_t)summary->n_columns + 1;
    const struct column **varied = pool_alloc(&pool, most * sizeof *varied);
    int n_varied = summary_varied(summary, varied), n = 0;
    const char **names = pool_alloc(&pool, ((size_t)n_varied + 16) * sizeof *names);
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        names[n++] = head[i];
    for (int i = 0; i < n_varied; i++)
        names[n++] = varied[i]->name;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        if (table_find(summary, metrics[i]))
            names[n++] = metrics[i];
    enum status status = table_select(summary, n, names, result);
    pool_free(&pool);
    return status;
}

static enum status list_runs(const struct list_options *options) {
    if (!options->of)
        return fail(ERROR_USAGE, "list runs: name the results file: normlab list runs RESULTS.h5");
    struct table summary, result;
    enum status status = store_read_summary(options->of, &summary);
    if (status)
        return status;
    status = select_run_columns(&summary, &result);
    if (!status) {
        status = print_table(options, &result);
        table_free(&result);
    }
    table_free(&summary);
    return status;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    bool of_something; /* takes a second word */
    enum status (*run)(const struct list_options *options);
} lists[] = {{"normalizers", false, list_normalizers},
             {"experiments", true, list_experiments},
             {"probes", false, list_probes},
             {"runs", true, list_runs}};

enum { LISTS = sizeof lists / sizeof *lists };

static enum status run(const struct arguments *arguments) {
    const struct list_options *options = arguments->options;
    const char *names[LISTS], *what = options->what;
    for (int i = 0; i < LISTS; i++) {
        names[i] = lists[i].name;
        if (strcmp(names[i], what) != 0)
            continue;
        if (options->of && !lists[i].of_something)
            return fail(ERROR_USAGE, "list %s: unexpected '%s'", what, options->of);
        return lists[i].run(options);
    }
    const char *near = nearest_word(what, names, LISTS);
    return near ? fail(ERROR_USAGE, "list: no list of '%s' (did you mean '%s'?)", what, near)
                : fail(ERROR_USAGE,
                       "list: no list of '%s'; there are normalizers, experiments, probes and runs",
                       what);
}

static const struct option_row rows[] = {
    {.name = "LIST",
     .type = OPERAND,
     .words = "normalizers|experiments|probes|runs",
     FIELD(struct list_options, what)},
    {.name = "OF", .type = OPERAND_MAYBE, FIELD(struct list_options, of)},
    OUTPUT_OPTIONS(struct list_options, output),
    UNSEALED_OPTION,
    PLUGIN_OPTION,
    {0},
};

const struct command command_list = {
    .name = "list",
    .summary = "list normalizers, experiments, probes, or the runs of a results file",
    .usage = "normalizers | experiments [DIR] | probes | runs RESULTS.h5",
    .details =
        "experiments lists the experiment files in DIR, which may be the name of a folder in "
        "experiments (claims); without DIR, those in experiments: here, or else those that come "
        "with normlab. `normlab run NAME` finds the same files. runs shows the keys that differ "
        "between the "
        "runs.",
    .examples = "$ normlab list normalizers\n"
                "$ normlab list experiments\n"
                "$ normlab list experiments claims\n"
                "$ normlab list runs results/smoke.h5 --tsv",
    .rows = rows,
    .size = sizeof(struct list_options),
    .paged = true,
    .run = run,
};
