/* The one table of configuration keys, joined from the groups and from what normalizers declare as
 * their own. It drives checking, defaults, `describe`, the attributes in the results and a run's
 * identity. */
#include "lab/config/keys.h"

#include <assert.h>
#include <string.h>

#include "base/words.h"
#include "lab/config/key_group.h"

/* The order of `describe` and of the results. */
static const struct key_group *const groups[] = {&data_keys,      &model_keys, &norm_keys,
                                                 &optimizer_keys, &train_keys, &seed_keys,
                                                 &eval_keys,      &log_keys};

enum { N_GROUPS = sizeof groups / sizeof *groups };

static struct {
    struct pool pool;
    struct key_row *rows; /* [n]; NULL: not built yet */
    struct value *initial;
    struct {
        int n;
        struct condition *all;
    } * when;
    int n;
} table;

/* A table of the engine whose rows a key may belong to. */
struct owner {
    const char *when; /* the key that chooses among the rows */
    const char *(*name)(int index);
    bool (*takes)(const struct key_row *row, int index);
};

static bool normalizer_takes(const struct key_row *row, int index) {
    return row->belongs_to(normalizer_get(index));
}

static bool optimizer_takes(const struct key_row *row, int index) {
    return row->belongs_to_optimizer(optimizer_get(index));
}

static bool source_takes(const struct key_row *row, int index) {
    return source_kind_get(index)->reads & row->source_reads;
}

/* NULL: the key belongs to no table. */
static const struct owner *owner_of(const struct key_row *row) {
    static const struct owner normalizers = {"norm.kind=", normalizer_name, normalizer_takes},
                              optimizers = {"optimizer.kind=", optimizer_name, optimizer_takes},
                              sources = {"data.name=", source_kind_name, source_takes};
    return row->belongs_to             ? &normalizers
           : row->belongs_to_optimizer ? &optimizers
           : row->source_reads         ? &sources
                                       : NULL;
}

/* "norm.kind=batch|layer": the rows of the table that take the key, then the key's own when.
 * "norm.kind=" where there is none: the key applies nowhere. */
static const char *when_belongs(const struct owner *owner, const struct key_row *row) {
    const char *when = owner->when; /* analysis: who calls has asked for an owner */
    bool first = true;
    for (int i = 0; owner->name(i); i++)
        if (owner->takes(row, i)) {
            when = pool_format(&table.pool, "%s%s%s", when, first ? "" : "|", owner->name(i));
            first = false;
        }
    return row->key.when ? pool_format(&table.pool, "%s %s", when, row->key.when) : when;
}

static void add_group(const struct key_group *group) {
    for (int i = 0; i < group->n; i++) {
        struct key_row *row = &table.rows[table.n++];
        *row = group->rows[i];
        if (owner_of(row))
            row->key.when = when_belongs(owner_of(row), row);
        if (row->name)
            row->key.words = words_join(row->name, &table.pool);
        if (row->make_doc)
            row->key.doc = row->make_doc(&table.pool);
        if (row->make_when)
            row->key.when = row->make_when(&table.pool);
    }
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

static bool keys_agree(const struct key *a, const struct key *b) {
    return a->type == b->type && same_text(a->words, b->words) && a->min == b->min &&
           a->max == b->max && a->above_min == b->above_min && same_text(a->initial, b->initial);
}

static struct key_row *find_row(const char *name) {
    for (int i = 0; i < table.n; i++)
        if (!strcmp(table.rows[i].key.name, name))
            return &table.rows[i];
    return NULL;
}

/* ---- own keys of normalizers ---- */

static bool may_be_own(const struct key *key) {
    bool numeric = key->type == KEY_BOOL || key->type == KEY_INT || key->type == KEY_REAL;
    return (numeric || (key->type == KEY_CHOICE && key->words)) && key->initial && key->doc;
}

static enum status check_beside_fixed(const struct key *key) {
    for (int g = 0; g < N_GROUPS; g++)
        for (int i = 0; i < groups[g]->n; i++)
            if (!strcmp(groups[g]->rows[i].key.name, key->name))
                return fail(ERROR_USAGE, "own key %s: that name is taken by a key of normlab",
                            key->name);
    return OK;
}

static enum status check_beside_own(const struct normalizer *kind, const struct key *key) {
    for (int i = 0; i < normalizer_count(); i++) {
        const struct normalizer *other = normalizer_get(i);
        for (const struct key *own = other->own_keys; own && own->name; own++)
            if (other != kind && !strcmp(own->name, key->name) && !keys_agree(own, key))
                return fail(ERROR_USAGE,
                            "own key %s: %s has a key of this name, with another type, range or "
                            "default",
                            key->name, other->name);
    }
    return OK;
}

static enum status check_own_key(const struct normalizer *kind, const struct key *key) {
    if (strncmp(key->name, "norm.", 5) != 0)
        return fail(ERROR_USAGE, "own key %s: its name must begin with norm.", key->name);
    if (!may_be_own(key))
        return fail(ERROR_USAGE,
                    "own key %s: it needs a type (bool, int, real, or choice with words), a "
                    "default and a sentence",
                    key->name);
    struct pool pool = {0};
    struct value value;
    enum status status = value_parse(key, key->initial, &pool, &value);
    pool_free(&pool);
    if (status)
        return fail_in(status, "default of an own key");
    status = check_beside_fixed(key);
    return status ? status : check_beside_own(kind, key);
}

enum status key_check_own(const struct normalizer *kind) {
    enum status status = OK;
    for (int k = 0; kind->own_keys && kind->own_keys[k].name && !status; k++)
        status = k < NORM_OWN_KEYS
                     ? check_own_key(kind, &kind->own_keys[k])
                     : fail(ERROR_USAGE, "more than %d own keys, or no {0} behind the last",
                            NORM_OWN_KEYS);
    return status;
}

/* Two normalizers may declare the same key of their own, if they agree on what it is. */
static void add_own_key(const struct normalizer *kind, const struct key *key) {
    assert(!strncmp(key->name, "norm.", 5));
    assert(key->type != KEY_TEXT && key->type != KEY_INTS && key->type != KEY_REALS);
    struct key_row *row = find_row(key->name);
    if (row) {
        assert(row->own && keys_agree(&row->key, key));
        row->key.when = pool_format(&table.pool, "%s|%s", row->key.when, kind->name);
        return;
    }
    row = &table.rows[table.n++];
    *row = (struct key_row){.key = *key, .own = true};
    row->key.when = pool_format(&table.pool, "norm.kind=%s", kind->name);
    row->key.unit = key->unit ? key->unit : "";
}

static void add_own_keys(void) {
    for (int i = 0; i < normalizer_count(); i++) {
        const struct key *key = normalizer_get(i)->own_keys;
        for (int k = 0; key && key[k].name; k++) {
            assert(k < NORM_OWN_KEYS);
            add_own_key(normalizer_get(i), &key[k]);
        }
    }
}

static void parse_defaults_and_conditions(void) {
    table.initial = pool_alloc(&table.pool, (size_t)table.n * sizeof *table.initial);
    table.when = pool_alloc(&table.pool, (size_t)table.n * sizeof *table.when);
    for (int i = 0; i < table.n; i++) {
        const struct key *key = &table.rows[i].key;
        enum status status = value_parse(key, key->initial, &table.pool, &table.initial[i]);
        if (!status && key->when)
            status = conditions_read(key->when, &table.pool, &table.when[i].n, &table.when[i].all);
        assert(!status);
        (void)status;
    }
}

/* Built at first use, and there until the program ends. */
static const struct key_row *rows(void) {
    if (!table.rows) {
        int room = normalizer_count() * NORM_OWN_KEYS;
        for (int g = 0; g < N_GROUPS; g++)
            room += groups[g]->n;
        table.rows = pool_alloc(&table.pool, (size_t)room * sizeof *table.rows);
        for (int g = 0; g < N_GROUPS; g++)
            add_group(groups[g]);
        add_own_keys();
        parse_defaults_and_conditions();
    }
    return table.rows;
}

int key_count(void) {
    rows();
    return table.n;
}

const struct key *key_get(int index) {
    return &rows()[index].key;
}

const struct value *key_default(int index) {
    rows();
    return &table.initial[index];
}

int key_conditions(int index, const struct condition **conditions) {
    rows();
    *conditions = table.when[index].all;
    return table.when[index].n;
}

int key_find(const char *name) {
    rows();
    const struct key_row *row = find_row(name);
    return row ? (int)(row - table.rows) : -1;
}

static bool is_near(const char *text, const char *(*name)(int index)) {
    struct pool pool = {0};
    int n = 0;
    while (name(n))
        n++;
    const char **names = pool_alloc(&pool, (size_t)n * sizeof *names);
    for (int i = 0; i < n; i++)
        names[i] = name(i);
    bool near = nearest_word(text, names, n) != NULL;
    pool_free(&pool);
    return near;
}

enum status key_parse(const struct key *key, const char *text, struct pool *pool,
                      struct value *value) {
    enum status status = value_parse(key, text, pool, value);
    rows();
    const struct key_row *row = status ? find_row(key->name) : NULL;
    if (row && row->hint && *text && !is_near(text, row->name))
        fail(status, "%s; %s", status_message(), row->hint);
    return status;
}

const char **key_names(struct pool *pool) {
    const char **names = pool_alloc(pool, (size_t)key_count() * sizeof *names);
    for (int i = 0; i < key_count(); i++)
        names[i] = key_get(i)->name;
    return names;
}

enum status key_require(const char *name, int *index) {
    int found = key_find(name);
    if (found >= 0) {
        *index = found;
        return OK;
    }
    struct pool pool = {0};
    const char *meant = words_meant(name, key_names(&pool), key_count(), &pool);
    enum status status =
        meant ? fail(ERROR_USAGE, "unknown key '%s' (did you mean %s?)", name, meant)
              : fail(ERROR_USAGE, "unknown key '%s'; `normlab describe` lists all", name);
    pool_free(&pool);
    return status;
}

static void store_own(const struct key *key, const struct value *value,
                      struct norm_config *config) {
    const struct key *own = normalizer_get(config->kind)->own_keys;
    for (int i = 0; own && own[i].name; i++)
        if (!strcmp(own[i].name, key->name))
            config->own[i] = key->type == KEY_REAL ? value->real : (double)value->integer;
}

void key_store(int index, const struct value *value, struct config *config) {
    const struct key_row *row = &rows()[index];
    char *field = (char *)config + row->offset;
    if (row->own) {
        store_own(&row->key, value, &config->run.norm);
        return;
    }
    switch (row->key.type) {
    case KEY_BOOL:
        *(bool *)field = value->integer != 0;
        break;
    case KEY_INT:
    case KEY_CHOICE:
        *(long *)field = value->integer;
        break;
    case KEY_REAL:
        *(double *)field = value->real;
        break;
    case KEY_TEXT:
        *(const char **)field = value->text;
        break;
    case KEY_INTS:
    case KEY_REALS:
        *(const double **)field = value->items;
        *(int *)((char *)config + row->count_offset) = value->n_items;
        break;
    }
}

bool key_identifies(const struct key *key, const struct value *value) {
    if (key->volatile_)
        return false;
    if (key->since <= 1)
        return true;
    struct pool pool = {0};
    struct value initial;
    bool at_default = value_parse(key, key->initial, &pool, &initial) == OK &&
                      !strcmp(value_text(key, value, &pool), value_text(key, &initial, &pool));
    pool_free(&pool);
    return !at_default;
}
