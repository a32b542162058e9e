/* The options of a figure, and what each of them may be. */
#include "lab/plan/figure_option.h"
#include "base/words.h"
#include "lab/config/keys.h"
#include "lab/table/summary_columns.h"

#include <string.h>

#include "lab/plan/figure_kind.h"

const char *figure_option_word(const char **at, const char *separators, struct pool *pool) {
    *at += strspn(*at, " ,[]|");
    size_t size = strcspn(*at, separators);
    if (size == 0)
        return NULL;
    const char *word = *at;
    *at += size;
    while (size > 0 && word[size - 1] == ' ')
        size--;
    return pool_format(pool, "%.*s", (int)size, word);
}

static enum status unknown(const char *name, const char *what, const char *word, int n,
                           const char *const *words, const char *hint) {
    struct pool pool = {0};
    const char *meant = words_meant(word, words, n, &pool);
    enum status status =
        meant ? fail(ERROR_USAGE, "%s: no %s '%s' (did you mean %s?)", name, what, word, meant)
              : fail(ERROR_USAGE, "%s: no %s '%s'; %s", name, what, word, hint);
    pool_free(&pool);
    return status;
}

/* ---- columns ---- */

/* What is a column of /summary: the keys, then the final metrics. */
static int all_columns(const char **names) {
    int n = 0;
    for (int i = 0; i < key_count(); i++)
        names[n++] = key_get(i)->name;
    for (int i = 0; i < summary_column_count(); i++)
        names[n++] = summary_column_get(i)->name;
    return n;
}

static enum status check_column(const char *name, const char *column) {
    struct pool pool = {0};
    size_t most = (size_t)(key_count() + summary_column_count());
    const char **names = pool_alloc(&pool, most * sizeof *names);
    int n = all_columns(names), i = 0;
    while (i < n && strcmp(names[i], column) != 0)
        i++;
    enum status status =
        i < n ? OK : unknown(name, "key", column, n, names, "`normlab describe` lists all");
    pool_free(&pool);
    return status;
}

static enum status check_x(const char *script, const char *name, const char *value) {
    const struct figure_kind *kind = figure_kind_find(script);
    if (kind && kind->group)
        return fail(ERROR_USAGE, "%s: a series is drawn along its own scale, '%s'", name, kind->x);
    return check_column(name, value);
}

enum status figure_grid_check(const char *script, const char *name) {
    const struct figure_kind *kind = figure_kind_find(script);
    if (!kind || strstr(kind->grid, name))
        return OK;
    return fail(ERROR_USAGE, "%s: %s cannot be split by it, only by %s", name, script, kind->grid);
}

static enum status check_grid(const char *script, const char *name, const char *value) {
    if (!*value || !strcmp(value, "none"))
        return OK;
    enum status status = check_column(name, value);
    return status ? status : figure_grid_check(script, name);
}

static enum status check_columns(const char *script, const char *name, const char *value) {
    (void)script;
    struct pool pool = {0};
    enum status status = OK;
    for (const char *word; !status && (word = figure_option_word(&value, ",]", &pool));)
        status = check_column(name, word);
    pool_free(&pool);
    return status;
}

/* Of each condition, the name. */
static enum status check_conditions(const char *script, const char *name, const char *value) {
    (void)script;
    struct pool pool = {0};
    enum status status = OK;
    for (bool more = true; more && !status;) {
        size_t size = list_item_size(value);
        const char *text = pool_format(&pool, "%.*s", (int)size, value);
        text += strspn(text, " ");
        struct condition condition;
        if (condition_read(text, &pool, &condition))
            status =
                fail(ERROR_USAGE, "%s: '%s' is not a condition like norm.kind=batch", name, text);
        else
            status = check_column(name, condition.name);
        more = value[size] == ',';
        value += size + more;
    }
    pool_free(&pool);
    return status;
}

/* ---- metrics ---- */

static enum status check_final(const char *name, const char *word, struct pool *pool) {
    const char **names = pool_alloc(pool, (size_t)summary_column_count() * sizeof *names);
    int n = 0;
    for (int i = 0; i < summary_column_count(); i++)
        if (summary_column_get(i)->type != TYPE_TEXT) {
            names[n++] = summary_column_get(i)->name;
            if (!strcmp(summary_column_get(i)->name, word))
                return OK;
        }
    return unknown(name, "final metric", word, n, names,
                   "a series is written GROUP/NAME, such as epoch/test_error");
}

/* A curve lies along one scale; weights are no probes, and which there are the network says. */
static enum status check_series(const char *name, const char *group, const char *word,
                                struct pool *pool) {
    const char **names = pool_alloc(pool, (size_t)probe_count() * sizeof *names);
    int n = 0;
    if (!strncmp(group, "weights/", strlen("weights/")))
        return OK;
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        bool curve = probe->axis == PROBE_STEP || probe->axis == PROBE_EPOCH ||
                     probe->axis == PROBE_TRACE || probe->axis == PROBE_MILESTONE ||
                     probe->axis == PROBE_CURVE;
        if (!curve || strcmp(probe_group(probe->axis), group) != 0)
            continue;
        names[n++] = probe->name;
        if (!strcmp(probe->name, word))
            return OK;
    }
    if (n == 0)
        return fail(ERROR_USAGE,
                    "%s: '%s' has no curves; step, epoch, trace, milestone and curve have", name,
                    group);
    return unknown(name, pool_format(pool, "series of %s", group), word, n, names,
                   "`normlab list probes` lists all");
}

/* Members of banks are other rows than the runs. */
static enum status check_members(const char *name, const char *value, int n, int n_members) {
    if (n_members == 0 || (n_members == n && !strchr(value, '|')))
        return OK;
    return n_members < n ? fail(ERROR_USAGE,
                                "%s: metrics of banks and of runs do not go into one figure", name)
                         : fail(ERROR_USAGE, "%s: a bank's metric is one name, without |", name);
}

/* "a|b, epoch/c" */
static enum status check_metrics(const char *script, const char *name, const char *value) {
    const struct figure_kind *kind = figure_kind_find(script);
    const char *group = kind ? kind->group : NULL, *word;
    struct pool pool = {0};
    enum status status = OK;
    const char *all = value;
    int n = 0, n_members = 0;
    if (!value[strspn(value, " ,[]|")])
        status = fail(ERROR_USAGE, "%s: names nothing to draw", name);
    while (!status && (word = figure_option_word(&value, ",]|", &pool))) {
        const char *slash = strrchr(word, '/');
        n++;
        if (bank_metric(word) && !(kind && kind->group)) {
            word = bank_metric(word);
            n_members++;
        } else if (slash) {
            group = pool_format(&pool, "%.*s", (int)(slash - word), word);
            word = slash + 1;
        }
        status = group ? check_series(name, group, word, &pool) : check_final(name, word, &pool);
    }
    pool_free(&pool);
    return status ? status : check_members(name, all, n, n_members);
}

/* ---- the table ---- */

static const struct figure_option options[] = {
    {.name = "x", .doc = "The key along the horizontal axis.", .check = check_x},
    {.name = "y",
     .doc = "The metric that is drawn, such as test_loss; or two, the second dashed: `a|b`. A "
            "series is "
            "GROUP/NAME, such as step/train_loss; bank/NAME takes every member of the runs' banks "
            "for a "
            "run.",
     .check = check_metrics},
    {.name = "panel",
     .doc = "The key that has a panel for each of its values; none: one panel.",
     .check = check_grid},
    {.name = "row",
     .doc = "The key that has a row of panels for each of its values.",
     .check = check_grid},
    {.name = "arm", .doc = "The keys that tell the lines apart.", .check = check_columns},
    {.name = "where",
     .doc = "Conditions on the runs, such as norm.kind=batch and seed<4; a word may be several: "
            "`batch|layer`.",
     .check = check_conditions},
    {.name = "title", .doc = "The words above the figure."},
    {.name = "xlabel", .doc = "The words below the horizontal axis."},
    {.name = "ylabel", .doc = "The words beside the vertical axis."},
    {.name = "log", .doc = "Is the vertical axis logarithmic?", .for_script = true, .words = "y|n"},
    {.name = "logx",
     .doc = "The base of a logarithmic horizontal axis; n: it is linear.",
     .for_script = true,
     .words = "2|10|n"},
    {.name = "second", .doc = "What the key calls the dashed lines.", .for_script = true},
};
enum { OPTIONS = sizeof options / sizeof *options };

int figure_option_count(void) {
    return OPTIONS;
}

const struct figure_option *figure_option_get(int index) {
    return &options[index];
}

const struct figure_option *figure_option_find(const char *name) {
    for (int i = 0; i < OPTIONS; i++)
        if (!strcmp(options[i].name, name))
            return &options[i];
    return NULL;
}

static enum status unknown_option(const char *name) {
    struct pool pool = {0};
    const char *names[OPTIONS], *list = "";
    for (int i = 0; i < OPTIONS; i++) {
        names[i] = options[i].name;
        list = pool_format(&pool, "%s%s%s", list, i ? ", " : "", names[i]);
    }
    const char *near = nearest_word(name, names, OPTIONS);
    enum status status = near ? fail(ERROR_USAGE, "no option '%s' (did you mean '%s'?)", name, near)
                              : fail(ERROR_USAGE, "no option '%s'; there are %s", name, list);
    pool_free(&pool);
    return status;
}

static enum status check_words(const struct figure_option *option, const char *value) {
    struct pool pool = {0};
    struct value read;
    const struct key key = {.name = option->name, .type = KEY_CHOICE, .words = option->words};
    enum status status = value_parse(&key, value, &pool, &read);
    pool_free(&pool);
    return status;
}

enum status figure_option_check(const char *script, const char *name, const char *value) {
    const struct figure_option *option = figure_option_find(name);
    if (!option)
        return figure_kind_find(script) ? unknown_option(name) : OK;
    if (option->words)
        return check_words(option, value);
    return option->check ? option->check(script, name, value) : OK;
}

enum status figure_script_check(const char *script) {
    int n = figure_kind_count();
    struct pool pool = {0};
    if (figure_kind_find(script) || figure_script_is_path(script))
        return OK;
    const char **names = pool_alloc(&pool, (size_t)n * sizeof *names), *list = "there are ";
    for (int i = 0; i < n; i++) {
        names[i] = figure_kind_get(i)->script;
        list = pool_format(&pool, "%s%s%s", list, i ? ", " : "", names[i]);
    }
    list = pool_format(&pool, "%s, or a path of your own, such as ./mine.gp", list);
    enum status status = unknown("script", "figure", script, n, names, list);
    pool_free(&pool);
    return status;
}
