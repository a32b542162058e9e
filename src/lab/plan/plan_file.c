/* Writes and reads plan.json. */
#include "lab/plan/plan_file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/sort.h"
#include "base/text.h"
#include "io/files.h"
#include "io/json.h"
#include "io/json_writer.h"

static const struct json_layout plan_layout = {"\n  ", ",\n  ", "\n"};
static const struct json_layout runs_layout = {"\n    ", ",\n    ", "\n  "};

/* Every value as text, in the words of an experiment file: what is read back is exactly what was
 * meant. */
static void write_config(struct json_writer *out, const struct cell *cell, struct pool *pool) {
    json_open_object(out, "config", &json_one_line);
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        const struct value *value = &cell->values[i];
        if (cell->applies[i])
            json_put_text(out, key->name,
                          key->type == KEY_TEXT ? value->text : value_yaml(key, value, pool));
    }
    json_close(out);
}

static void write_run(struct json_writer *out, const struct plan *plan, int run,
                      struct pool *pool) {
    const struct planned_run *planned = &plan->runs[run];
    json_open_object(out, NULL, &json_one_line);
    json_put_text(out, "id", planned->id);
    json_put_text(out, "data", planned->dataset->source->hash);
    json_put_text(out, "label", plan_label(plan, run, pool));
    json_put(out, "steps", "%ld", planned->total_steps);
    json_put(out, "cost", "%.17g", planned->cost);
    json_break(out, ",\n     ");
    write_config(out, &planned->cell, pool);
    json_close(out);
}

static void write_sums(struct json_writer *out, const struct plan *plan) {
    long steps = 0;
    double cost = 0;
    for (int i = 0; i < plan->n_runs; i++) {
        steps += plan->runs[i].total_steps;
        cost += plan->runs[i].cost;
    }
    json_put(out, "n_runs", "%d", plan->n_runs);
    json_put(out, "steps", "%ld", steps);
    json_put(out, "cost", "%.17g", cost);
}

/* Of what no id is an id of. */
static void definition_hash(const char *name, const char *title, const char *yaml, int n_overrides,
                            const char *const *overrides, char text[HASH_TEXT_SIZE]) {
    const char *const texts[] = {name, title, yaml};
    struct hash hash;
    hash_begin(&hash);
    for (int i = 0; i < 3; i++)
        hash_add(&hash, texts[i], strlen(texts[i]) + 1);
    for (int i = 0; i < n_overrides; i++)
        hash_add(&hash, overrides[i], strlen(overrides[i]) + 1);
    hash_end(&hash, text);
}

static void write_plan(struct json_writer *out, const struct plan *plan, int n_overrides,
                       const char *const *overrides, struct pool *pool) {
    const struct experiment *experiment = plan->experiment;
    const char *title = experiment->title ? experiment->title : "";
    char definition[HASH_TEXT_SIZE];
    definition_hash(experiment->name, title, experiment->text, n_overrides, overrides, definition);
    json_open_object(out, NULL, &plan_layout);
    json_put(out, "schema", "%d", SCHEMA);
    json_put(out, "numerics", "%d", NUMERICS);
    json_put_text(out, "name", experiment->name);
    json_put_text(out, "title", title);
    json_put_text(out, "results", experiment->results);
    json_put_text(out, "file", experiment->file);
    json_open_list(out, "overrides", &json_one_line);
    for (int i = 0; i < n_overrides; i++)
        json_put_text(out, NULL, overrides[i]);
    json_close(out);
    write_sums(out, plan);
    json_put_text(out, "yaml", experiment->text);
    json_put_text(out, "definition", definition);
    json_open_list(out, "runs", &runs_layout);
    for (int i = 0; i < plan->n_runs; i++)
        write_run(out, plan, i, pool);
    json_close(out);
    json_close(out);
}

enum status plan_file_publish(const char *dir, const struct plan *plan, int n_overrides,
                              const char *const *overrides) {
    struct pool pool = {0};
    struct text text;
    struct json_writer out = {.out = text_begin(&text, &pool)};
    write_plan(&out, plan, n_overrides, overrides, &pool);
    enum status status = file_publish(pool_format(&pool, "%s/plan.json", dir), text_end(&text));
    pool_free(&pool);
    return status;
}

/* The file's tree is larger than what is kept of it, and is given back: texts are copied. */
static const char *keep_text(const struct json *json, const char *name, const char *otherwise,
                             struct pool *pool) {
    const char *text = json_text(json, name, otherwise);
    return text ? pool_text(pool, text) : NULL;
}

/* A run's cell from its values as text: keys that are not there do not apply. */
static enum status read_config(const struct json *config, struct pool *pool,
                               struct filed_run *run) {
    cell_create(&run->cell, pool);
    for (const struct json *member = config->first; member; member = member->next) {
        int index;
        enum status status = key_require(member->name, &index);
        if (!status)
            status = value_parse(key_get(index), member->text ? member->text : "", pool,
                                 &run->cell.values[index]);
        if (status)
            return status;
    }
    cell_finish(&run->cell, &run->config);
    return OK;
}

/* The id is what configuration and data give, or something was changed since. */
static enum status check_id(const struct filed_run *run, const char *data_hash) {
    struct pool pool = {0};
    char id[RUN_ID_SIZE];
    run_identity(cell_canonical(&run->cell, &pool), data_hash, id);
    pool_free(&pool);
    if (strcmp(id, run->id) == 0)
        return OK;
    return fail(ERROR_RESULTS,
                "its configuration and data have the id %s: it was changed, or planned with "
                "another plugin",
                id);
}

/* A number that is told for estimates; what makes no sense is none. */
static double within(double number) {
    return number > 0 && number < 1e15 ? number : 0;
}

static enum status read_run(const struct json *json, struct pool *pool, struct filed_run *run) {
    const struct json *config = json_get(json, "config");
    run->id = keep_text(json, "id", NULL, pool);
    run->label = keep_text(json, "label", "", pool);
    run->total_steps = (long)within(json_number(json, "steps", 0));
    run->cost = within(json_number(json, "cost", 0));
    if (!run->id || strlen(run->id) != RUN_ID_SIZE - 1 || !config || config->type != JSON_MAP)
        return fail(ERROR_RESULTS, "a run without an id or a configuration");
    enum status status = read_config(config, pool, run);
    const char *data_hash = json_text(json, "data", NULL); /* earlier builds did not write it */
    if (!status && data_hash)
        status = check_id(run, data_hash);
    return status ? fail_in(ERROR_RESULTS, "run %s", run->id) : OK;
}

static const char *const *read_texts(const struct json *list, struct pool *pool, int *n) {
    *n = 0;
    const char **texts = pool_alloc(pool, (size_t)(list ? list->n : 0) * sizeof *texts + 1);
    for (const struct json *item = list ? list->first : NULL; item; item = item->next)
        if (item->type == JSON_TEXT)
            texts[(*n)++] = pool_text(pool, item->text);
    return texts;
}

static enum status read_runs(const struct json *list, struct plan_file *plan) {
    plan->runs = pool_alloc(&plan->pool, (size_t)list->n * sizeof *plan->runs + 1);
    for (const struct json *item = list->first; item; item = item->next) {
        enum status status = read_run(item, &plan->pool, &plan->runs[plan->n_runs++]);
        if (status)
            return status;
    }
    return OK;
}

/* Each run stands there once, and as many as were planned. */
static enum status check_runs(const struct plan_file *plan, double n_planned) {
    struct pool pool = {0};
    enum status status = OK;
    size_t n = (size_t)plan->n_runs;
    const char **ids = pool_alloc(&pool, n * sizeof *ids + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = plan->runs[i].id;
    sort_texts(ids, n);
    if (n_planned != plan->n_runs)
        status =
            fail(ERROR_RESULTS, "it says that it has %g runs, and has %d", n_planned, plan->n_runs);
    for (size_t i = 1; i < n && !status; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0)
            status = fail(ERROR_RESULTS, "run %s stands there twice", ids[i]);
    pool_free(&pool);
    return status;
}

/* Earlier builds did not write the hash. */
static enum status check_definition(const struct json *root, const struct plan_file *plan) {
    const char *written = json_text(root, "definition", NULL);
    char text[HASH_TEXT_SIZE];
    definition_hash(plan->name, plan->title, plan->yaml, plan->n_overrides, plan->overrides, text);
    return !written || strcmp(written, text) == 0
               ? OK
               : fail(ERROR_RESULTS, "its name, title, overrides or yaml were changed after it was "
                                     "written; the same `normlab run` writes it anew");
}

/* It becomes part of a path. */
static enum status check_results(const struct plan_file *plan) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_-+=,.";
    const char *name = plan->results;
    if (!name || (*name && *name != '.' && !name[strspn(name, letters)] &&
                  strlen(name) <= EXPERIMENT_RESULTS_SIZE))
        return OK;
    return fail(ERROR_RESULTS, "the name of its results, '%s', is none", name);
}

static enum status read_plan(const struct json *root, struct plan_file *plan) {
    const struct json *runs = json_list(root, "runs");
    double schema = json_number(root, "schema", 0), numerics = json_number(root, "numerics", 0);
    struct pool *pool = &plan->pool;
    plan->name = keep_text(root, "name", NULL, pool);
    plan->title = keep_text(root, "title", "", pool);
    plan->results = keep_text(root, "results", NULL, pool);
    plan->file = keep_text(root, "file", "", pool);
    plan->yaml = keep_text(root, "yaml", NULL, pool);
    plan->overrides = read_texts(json_list(root, "overrides"), pool, &plan->n_overrides);
    if (schema != SCHEMA || numerics != NUMERICS)
        return fail(ERROR_RESULTS,
                    "made with schema %g and numerics %g, this program has %d and %d", schema,
                    numerics, SCHEMA, NUMERICS);
    if (!plan->name || !plan->yaml || !runs)
        return fail(ERROR_RESULTS, "not a plan: its name, yaml or runs are not there");
    enum status status = check_results(plan);
    if (!status)
        status = read_runs(runs, plan);
    if (!status)
        status = check_runs(plan, json_number(root, "n_runs", -1));
    return status ? status : check_definition(root, plan);
}

/* "<dir>/<folder>", one that has a plan; NULL: none. */
static const char *find_planned(const char *dir, struct pool *pool) {
    const char *found = NULL;
    DIR *folder = opendir(dir);
    for (const struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        const char *inner = pool_format(pool, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.' && access(pool_format(pool, "%s/plan.json", inner), F_OK) == 0)
            found = inner;
    }
    if (folder)
        closedir(folder);
    return found;
}

static bool is_folder_without_plan(const char *dir) {
    struct pool pool = {0};
    bool is = access(dir, F_OK) == 0 && access(pool_format(&pool, "%s/plan.json", dir), F_OK) != 0;
    pool_free(&pool);
    return is;
}

/* The folder above the right one is what shards with an --out of their own suggest. */
static void explain_absence(const char *dir) {
    struct pool pool = {0};
    const char *inner = find_planned(dir, &pool);
    if (inner)
        fail(ERROR_RESULTS, "no plan in %s; name the folder that `normlab run` filled, such as %s",
             dir, inner);
    else
        fail(ERROR_RESULTS, "no plan in %s; name a folder that `normlab run` filled", dir);
    pool_free(&pool);
}

enum status plan_file_read(const char *dir, struct plan_file *plan) {
    struct plan_file read = {0};
    struct pool file = {0};
    struct json *root;
    char *text;
    read.path = pool_format(&read.pool, "%s/plan.json", dir);
    enum status status = file_read(read.path, &file, &text);
    if (!status) {
        status = json_parse(text, &file, &root);
        if (!status)
            status = read_plan(root, &read);
        if (status)
            status = fail_in(status, "%s", read.path);
    }
    if (status == ERROR_RESULTS && is_folder_without_plan(dir))
        explain_absence(dir);
    pool_free(&file);
    if (!status)
        *plan = read;
    else
        pool_free(&read.pool);
    return status;
}

void plan_file_free(struct plan_file *plan) {
    pool_free(&plan->pool);
    *plan = (struct plan_file){0};
}
