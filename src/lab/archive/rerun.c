/* From the attributes of a run to a plan of one run, and from that to numbers to compare. */
#include "lab/archive/rerun.h"

#include <string.h>

#include "base/number.h"
#include "lab/store/store.h"
#include "lab/worker/execute.h"

/* ---- from attributes to values ---- */

/* "0.5-1e-5" as "[0.5,1e-5]": the minus of an exponent parts nothing. */
static const char *list_of(const char *text, struct pool *pool) {
    char *list = pool_text(pool, text);
    for (char *at = list; *at; at++)
        if (*at == '-' && at > list && at[-1] != 'e')
            *at = ',';
    return pool_format(pool, "[%s]", list);
}

static const char *value_of(const struct key *key, const struct attribute *attribute,
                            struct pool *pool) {
    switch (key->type) {
    case KEY_BOOL:
        return attribute->integer ? "true" : "false";
    case KEY_INT:
        return attribute->integer == -1 && key->words
                   ? key->words
                   : pool_format(pool, "%ld", attribute->integer);
    case KEY_REAL:
        return number_text(attribute->real, pool);
    case KEY_CHOICE:
    case KEY_TEXT:
        return attribute->text;
    case KEY_INTS:
    case KEY_REALS:
        return list_of(attribute->text, pool);
    }
    return "";
}

/* What a run's attributes have beside its keys. */
static bool is_no_key(const char *name) {
    return !strcmp(name, "optimizer.lr_effective") || !strcmp(name, "data.hash") ||
           !strcmp(name, "numerics");
}

/* Of its key's type: whoever reads a record has seen to that. */
static enum status read_key(const struct attribute *attribute, struct experiment *experiment) {
    struct pool *pool = &experiment->pool;
    int index;
    if (is_no_key(attribute->name))
        return OK;
    enum status status = key_require(attribute->name, &index);
    if (status)
        return status;
    const struct key *key = key_get(index);
    experiment->base.origins[index] = (struct origin){.file = experiment->file};
    return value_parse(key, value_of(key, attribute, pool), pool, &experiment->base.values[index]);
}

/* The keys of a plugin are known where it is loaded. */
static enum status check_normalizer(const struct record *record) {
    const struct attribute *kind = attributes_find(&record->config, "norm.kind");
    const struct attribute *plugin = attributes_find(&record->provenance, "plugin");
    if (!kind || kind->type != TYPE_TEXT || normalizer_find(kind->text) >= 0 || !plugin ||
        plugin->type != TYPE_TEXT)
        return OK;
    return fail(ERROR_USAGE,
                "its normalizer '%s' came from a plugin, %s: where you trust that file, name it "
                "with --plugin",
                kind->text, plugin->text);
}

static enum status read_keys(const struct record *record, struct experiment *experiment) {
    enum status status = check_normalizer(record);
    for (int i = 0; i < record->config.n && !status; i++)
        status = read_key(&record->config.items[i], experiment);
    return status;
}

/* ---- the plan ---- */

static void set_data_dir(const char *dir, struct experiment *experiment) {
    int key = key_find("data.dir");
    if (!dir)
        return;
    experiment->base.values[key].text = pool_text(&experiment->pool, dir);
    experiment->base.origins[key] = (struct origin){.file = "command line: --data"};
}

static enum status check_data(const struct rerun *rerun) {
    const struct attribute *then = attributes_find(&rerun->then.config, "data.hash");
    const char *now = rerun->plan.runs[0].dataset->source->hash;
    if (!then || then->type != TYPE_TEXT || !strcmp(then->text, now))
        return OK;
    return fail(ERROR_DATA,
                "these are not the data that the run had (their hash is %s, it was %s): name "
                "their folder with --data",
                now, then->text);
}

static enum status plan_again(const char *file, const char *data_dir, struct rerun *rerun) {
    enum status status = read_keys(&rerun->then, &rerun->experiment);
    if (status)
        return fail_in(status, "%s", file);
    set_data_dir(data_dir, &rerun->experiment);
    status = plan_create(&rerun->experiment, &rerun->plan);
    if (status)
        return status; /* it says where */
    status = check_data(rerun);
    return status ? fail_in(status, "%s", file) : OK;
}

enum status rerun_prepare(const char *path, const char *id, const char *data_dir,
                          struct rerun *rerun) {
    struct rerun made = {0};
    struct pool pool = {0};
    const char *file = pool_format(&pool, "%s, run %s", path, id);
    enum status status = store_read_run_of(path, id, &made.then);
    if (!status) {
        status = experiment_parse(file, "schema: 1\nname: rerun\n", 0, NULL, &made.experiment);
        if (!status)
            status = plan_again(file, data_dir, &made);
    }
    pool_free(&pool);
    if (status) {
        rerun_free(&made);
        return status;
    }
    *rerun = made;
    rerun->plan.experiment = &rerun->experiment;
    return OK;
}

enum status rerun_train(const struct rerun *rerun, int n_threads, struct record_diff *diff) {
    struct record now = {0};
    enum status status = run_execute(&rerun->plan.runs[0], n_threads, 1, NULL, NULL, &now);
    if (status)
        return status;
    record_compare(&rerun->then, &now, diff);
    record_free(&now);
    return OK;
}

void rerun_free(struct rerun *rerun) {
    plan_free(&rerun->plan);
    experiment_free(&rerun->experiment);
    record_free(&rerun->then);
    *rerun = (struct rerun){0};
}
