/* The words that may stand for a row of a command: files, names of the tables, columns and runs of
 * the results file that the line names. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/words.h"
#include "cli/completion.h"
#include "cli/data_sets.h"
#include "cli/file_format.h"
#include "cli/names.h"
#include "engine/data/source.h"
#include "engine/norm/normalizer.h"
#include "engine/probe/probe.h"
#include "lab/config/keys.h"
#include "lab/plan/figure_kind.h"
#include "lab/plan/figure_option.h"
#include "lab/store/series_list.h"
#include "lab/store/store.h"
#include "lab/table/summary_columns.h"
#include "lab/table/varied_keys.h"

/* ---- files ---- */

/* "~/x" as the shell would open it. */
static const char *opened(const char *folder, struct pool *pool) {
    const char *home = getenv("HOME");
    if (!strncmp(folder, "~/", 2) && home)
        return pool_format(pool, "%s/%s", home, folder + 2);
    return *folder ? folder : ".";
}

/* Folders, and the files that end so ("": all; NULL: none), below what was written up to the last
 * slash. */
static void offer_entries(const struct completion *completion, const char *end) {
    struct pool *pool = completion->pool;
    const char *slash = strrchr(completion->part, '/');
    size_t size = slash ? (size_t)(slash + 1 - completion->part) : 0;
    const char *folder = pool_format(pool, "%.*s", (int)size, completion->part);
    struct dirent **entries = NULL;
    int n = scandir(opened(folder, pool), &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        struct stat about;
        bool shown = *name != '.' || completion->part[size] == '.';
        bool known = shown && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
                     stat(pool_format(pool, "%s/%s", opened(folder, pool), name), &about) == 0;
        const char *path = pool_format(pool, "%s%s", folder, name);
        if (known && S_ISDIR(about.st_mode))
            completion_offer(completion, path, "/", "");
        else if (known && end && text_ends_in(name, end))
            completion_offer(completion, path, "", "");
        free(entries[i]);
    }
    free(entries);
}

static void offer_files(struct completion *completion) {
    offer_entries(completion, "");
}

static void offer_folders(struct completion *completion) {
    offer_entries(completion, NULL);
}

static void offer_objects(struct completion *completion) {
    offer_entries(completion, ".so");
}

static void offer_results(struct completion *completion) {
    offer_entries(completion, ".h5");
}

static void offer_definitions(struct completion *completion) {
    struct words names = names_of_definitions(completion->pool);
    for (int i = 0; i < names.n; i++)
        completion_offer(completion, names.items[i], "", "");
    offer_entries(completion, ".yaml");
}

/* ---- names of the tables ---- */

static void offer_choice(const struct completion *completion, const char *words, const char *doc) {
    while (words && *words) {
        size_t size = strcspn(words, "|");
        completion_offer(completion, pool_format(completion->pool, "%.*s", (int)size, words), "",
                         doc);
        words += size + (words[size] == '|');
    }
}

static void offer_normalizers(struct completion *completion) {
    for (int i = 0; i < normalizer_count(); i++)
        completion_offer(completion, normalizer_get(i)->name, "", normalizer_get(i)->summary);
}

static void offer_placements(struct completion *completion) {
    offer_choice(completion, key_get(key_find("norm.placement"))->words, "");
}

static void offer_levels(struct completion *completion) {
    offer_choice(completion, key_get(key_find("log.level"))->words, "");
}

static void offer_figures(struct completion *completion) {
    for (int i = 0; i < figure_kind_count(); i++)
        completion_offer(completion, figure_kind_get(i)->script, "", figure_kind_get(i)->doc);
    offer_entries(completion, ".gp");
}

static void offer_formats(struct completion *completion) {
    offer_choice(completion, "svg|png|pdf", "");
}

/* What `normlab describe` explains. */
static void offer_described(struct completion *completion) {
    for (int i = 0; i < key_count(); i++)
        completion_offer(completion, key_get(i)->name, "", key_get(i)->doc);
    offer_normalizers(completion);
    for (int i = 0; i < summary_column_count(); i++)
        completion_offer(completion, summary_column_get(i)->name, "", summary_column_get(i)->doc);
    for (int i = 0; i < probe_count(); i++)
        completion_offer(completion, probe_get(i)->name, "", probe_get(i)->doc);
    completion_offer(completion, "file", "", "the reference of experiment files");
    for (int i = 0; file_format_part(i); i++)
        completion_offer(completion, file_format_part(i), "", "a part of experiment files");
}

/* Sets that have a name, and files. */
static void offer_data(struct completion *completion) {
    for (int i = 0; i < source_kind_count(); i++)
        if (data_sets_has(i))
            completion_offer(completion, source_kind_name(i), "", source_kind_get(i)->title);
    offer_files(completion);
}

/* ---- key=value ---- */

/* Is a value being written, "norm.kind=ba"? Then only its last item is completed; returns the name
 * in front of it, or NULL. */
static const char *begin_value(struct completion *completion) {
    const char *word = completion->part, *equals = strchr(word, '=');
    if (!equals)
        return NULL;
    const char *item = equals + 1, *comma = strrchr(item, ',');
    item = comma ? comma + 1 : item;
    completion->done =
        pool_format(completion->pool, "%s%.*s", completion->done, (int)(item - word), word);
    completion->part = item;
    return pool_format(completion->pool, "%.*s", (int)(equals - word), word);
}

static void offer_values_of_key(const struct completion *completion, const char *name) {
    int index = key_find(name);
    if (!strcmp(name, "protocol"))
        offer_choice(completion, "quick|literal", "");
    if (index < 0)
        return;
    const struct key *key = key_get(index);
    offer_choice(completion, key->type == KEY_BOOL ? "true|false" : key->words, "");
    if (!key->words && key->type != KEY_BOOL)
        completion_offer(completion, value_yaml(key, key_default(index), completion->pool), "",
                         "default");
}

static void offer_overrides(struct completion *completion) {
    const char *name = begin_value(completion);
    if (name) {
        offer_values_of_key(completion, name);
        return;
    }
    for (int i = 0; i < key_count(); i++)
        completion_offer(completion, key_get(i)->name, "=", key_get(i)->doc);
    completion_offer(completion, "protocol", "=", "a section of the file, quick or literal");
}

static void offer_norm_overrides(struct completion *completion) {
    const char *name = begin_value(completion);
    for (int i = 0; i < key_count() && !name; i++)
        if (!strncmp(key_get(i)->name, "norm.", 5))
            completion_offer(completion, key_get(i)->name, "=", key_get(i)->doc);
    if (name)
        offer_values_of_key(completion, name);
}

static void offer_figure_options(struct completion *completion) {
    const char *name = begin_value(completion);
    const struct figure_option *option = name ? figure_option_find(name) : NULL;
    for (int i = 0; i < figure_option_count() && !name; i++)
        completion_offer(completion, figure_option_get(i)->name, "=", figure_option_get(i)->doc);
    if (option)
        offer_choice(completion, option->words, "");
}

/* ---- what is in a results file ---- */

/* That of the line, or an empty one. */
static const char *read_summary(const struct completion *completion, struct table *summary) {
    *summary = (struct table){0};
    for (int i = 0; i < completion->operands.n; i++)
        if (store_read_summary(completion->operands.items[i], summary) == OK)
            return completion->operands.items[i];
    return NULL;
}

static void offer_columns_ending(struct completion *completion, const char *end) {
    struct table summary;
    read_summary(completion, &summary);
    for (int i = 0; i < summary.n_columns; i++)
        completion_offer(completion, summary.columns[i].name, end, summary.columns[i].doc);
    table_free(&summary);
}

static void offer_columns(struct completion *completion) {
    offer_columns_ending(completion, "");
}

/* As many as one may want to read. */
static void offer_values_of_column(const struct completion *completion, const char *name) {
    enum { MOST = 200 };
    struct table summary;
    const struct column_value *values;
    read_summary(completion, &summary);
    const struct column *column = table_find(&summary, name);
    int n = column ? column_values(&summary, column, completion->pool, &values) : 0;
    for (int i = 0; i < n && i < MOST; i++)
        completion_offer(completion, values[i].text, "", "");
    table_free(&summary);
}

/* "norm.kind=none|batch" */
static void offer_conditions(struct completion *completion) {
    const char *name = begin_value(completion), *bar = strrchr(completion->part, '|');
    if (!name) {
        offer_columns_ending(completion, "=");
        return;
    }
    if (bar) {
        completion->done = pool_format(completion->pool, "%s%.*s", completion->done,
                                       (int)(bar + 1 - completion->part), completion->part);
        completion->part = bar + 1;
    }
    size_t size = strlen(name);
    bool is_not = size > 0 && name[size - 1] == '!';
    offer_values_of_column(completion,
                           pool_format(completion->pool, "%.*s", (int)size - is_not, name));
}

/* "norm.kind=none,batch": behind the comma stands a value of the same column. */
static void offer_arms(struct completion *completion) {
    const char *equals = strrchr(completion->done, '=');
    if (!equals || strchr(completion->part, '=')) {
        offer_conditions(completion);
        return;
    }
    size_t begin = (size_t)(equals - completion->done);
    while (begin > 0 && !strchr(",:=", completion->done[begin - 1]))
        begin--;
    const char *name =
        pool_format(completion->pool, "%.*s", (int)((size_t)(equals - completion->done) - begin),
                    completion->done + begin);
    offer_values_of_column(completion, name);
}

static void offer_runs(struct completion *completion) {
    struct table summary;
    read_summary(completion, &summary);
    const struct column **varied =
        pool_alloc(completion->pool, ((size_t)summary.n_columns + 1) * sizeof *varied);
    const struct column *ids = table_find(&summary, "run");
    int n = ids ? summary_varied(&summary, varied) : 0;
    for (int row = 0; ids && row < summary.n_rows; row++) {
        const char *doc = "";
        for (int i = 0; i < n; i++)
            doc = pool_format(completion->pool, "%s%s%s", doc, i ? " " : "",
                              table_text(varied[i], row, completion->pool));
        completion_offer(completion, ids->texts[row], "", doc);
    }
    table_free(&summary);
}

static void offer_series(struct completion *completion) {
    struct table summary;
    struct series_list list;
    const char *path = read_summary(completion, &summary);
    if (path && results_list_series(path, &summary, NULL, &list) == OK) {
        for (int i = 0; i < list.n; i++)
            completion_offer(completion, list.items[i].name, "", list.items[i].doc);
        series_list_free(&list);
    }
    table_free(&summary);
}

/* Of `normlab list LIST`: a folder of definitions, or a results file. */
static void offer_listed(struct completion *completion) {
    const char *list = completion->operands.n ? completion->operands.items[0] : "";
    if (!strcmp(list, "runs"))
        offer_results(completion);
    if (strcmp(list, "experiments") != 0)
        return;
    completion_offer(completion, "claims", "", "experiments/claims");
    completion_offer(completion, "papers", "", "experiments/papers");
    offer_folders(completion);
}

void completion_offer_commands(struct completion *completion) {
    for (int i = 0; i < command_count(); i++)
        completion_offer(completion, command_get(i)->name, "", command_get(i)->summary);
}

/* ---- the table ---- */

static const struct {
    const char *what; /* an option, or the name of what stands there */
    void (*offer)(struct completion *completion);
} sources[] = {
    {"--arms", offer_arms},
    {"--by", offer_columns},
    {"--columns", offer_columns},
    {"--figure", offer_figures},
    {"--format", offer_formats},
    {"--log", offer_levels},
    {"--metric", offer_columns},
    {"--metrics", offer_columns},
    {"--norm", offer_normalizers},
    {"--placement", offer_placements},
    {"--series", offer_series},
    {"--sort", offer_columns},
    {"--where", offer_conditions},
    {"A.h5", offer_results},
    {"B.h5", offer_results},
    {"CLAIM.yaml", offer_definitions},
    {"COMMAND", completion_offer_commands},
    {"DIR", offer_folders},
    {"FILE", offer_files},
    {"FILE.so", offer_objects},
    {"FILE.yaml", offer_definitions},
    {"FILE.yaml|DIR", offer_definitions},
    {"ID", offer_runs},
    {"KEY", offer_described},
    {"NORMALIZER", offer_normalizers},
    {"OF", offer_listed},
    {"PATH", offer_data},
    {"RESULTS.h5", offer_results},
    {"key=value", offer_overrides},
    {"norm.KEY=value", offer_norm_overrides},
    {"option=value", offer_figure_options},
};

static bool offer_from(struct completion *completion, const char *what) {
    for (size_t i = 0; what && i < sizeof sources / sizeof *sources; i++)
        if (!strcmp(sources[i].what, what)) {
            sources[i].offer(completion);
            return true;
        }
    return false;
}

void completion_offer_row(struct completion *completion, const struct option_row *row) {
    if (row->words)
        offer_choice(completion, row->words, "");
    else if (option_is_operand(row))
        offer_from(completion, row->name);
    else if (!offer_from(completion, pool_format(completion->pool, "--%s", row->name)))
        offer_from(completion, row->argument);
}
