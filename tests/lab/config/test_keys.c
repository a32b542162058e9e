/* The table of keys, cells, and what becomes of them: configuration, canonical text, descriptions.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "judge/check/fixture.h"
#include "lab/config/cell.h"
#include "lab/config/key_describe.h"

static struct pool pool;
static struct cell cell;
static struct config config;

static void setup(void) {
    pool = (struct pool){0};
    cell_create(&cell, &pool);
}

static void teardown(void) {
    pool_free(&pool);
}

TestSuite(keys, .init = setup, .fini = teardown);

static int find(const char *name) {
    int index = key_find(name);
    cr_assert(index >= 0, "there is no key %s", name);
    return index;
}

static void set(const char *name, const char *text) {
    int index = find(name);
    enum status status = value_parse(key_get(index), text, &pool, &cell.values[index]);
    cr_assert(!status, "%s", status_message());
}

static bool applies(const char *name) {
    return cell_applies(&cell, find(name));
}

Test(keys, every_key_that_the_contract_names_exists) {
    const char *const names[] = {"data.name",
                                 "data.dir",
                                 "data.scale",
                                 "data.train",
                                 "data.validation",
                                 "data.test",
                                 "data.rescale_features",
                                 "data.rescale_factor",
                                 "data.rescale_offset",
                                 "data.colour",
                                 "data.colour_strength",
                                 "data.colour_seed",
                                 "data.colour_black",
                                 "data.colour_test",
                                 "data.seed",
                                 "data.classes",
                                 "data.features",
                                 "data.rows",
                                 "data.test_rows",
                                 "data.spread",
                                 "data.condition",
                                 "model.hidden",
                                 "model.activation",
                                 "model.init",
                                 "model.init_scale",
                                 "model.bias",
                                 "norm.kind",
                                 "norm.placement",
                                 "norm.affine",
                                 "norm.eps",
                                 "norm.momentum",
                                 "norm.running_var",
                                 "norm.on_output",
                                 "norm.on_input",
                                 "norm.gamma_initial",
                                 "norm.beta_initial",
                                 "optimizer.kind",
                                 "optimizer.lr",
                                 "optimizer.lr_scaling",
                                 "optimizer.lr_reference_batch",
                                 "optimizer.schedule",
                                 "optimizer.warmup",
                                 "optimizer.step_at",
                                 "optimizer.step_factor",
                                 "optimizer.momentum",
                                 "optimizer.nesterov",
                                 "optimizer.beta1",
                                 "optimizer.beta2",
                                 "optimizer.eps",
                                 "optimizer.weight_decay",
                                 "optimizer.decay_on",
                                 "optimizer.clip",
                                 "train.batch_size",
                                 "train.epochs",
                                 "train.steps",
                                 "train.order",
                                 "train.classes_per_batch",
                                 "train.loss",
                                 "seed",
                                 "seeds.init",
                                 "seeds.order",
                                 "seeds.noise",
                                 "log.level",
                                 "log.test",
                                 "log.weights",
                                 "log.probes"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        find(names[i]);
}

Test(keys, every_row_is_complete) {
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        cr_assert(key->doc && *key->doc && key->unit, "%s has no sentence or unit", key->name);
        cr_assert(key->type != KEY_CHOICE || key->words, "%s has no words", key->name);
        cr_assert(key_find(key->name) == i, "%s stands twice", key->name);
        struct value value;
        cr_assert(value_parse(key, key->initial, &pool, &value) == OK, "%s", status_message());
        cr_assert(!strcmp(value_text(key, &value, &pool), value_text(key, key_default(i), &pool)),
                  "default of %s", key->name);
    }
}

/* Without a value a condition holds nowhere: no row of the registry has use for the key. */
static void assert_words_exist(const char *key, const struct condition *when) {
    const struct key *other = key_get(find(when->name));
    for (int i = 0; i < when->n_values; i++) {
        const char *word = when->values[i];
        struct value value;
        if (!*word && when->n_values == 1 && !strcmp(when->name, "norm.kind"))
            continue;
        cr_assert(value_parse(other, word, &pool, &value) == OK, "%s: %s", key, status_message());
        cr_assert(!strcmp(value_yaml(other, &value, &pool), word), "%s: '%s' never equals a value",
                  key, word);
    }
}

Test(keys, every_condition_names_keys_and_words_that_exist) {
    for (int i = 0; i < key_count(); i++) {
        const struct condition *when;
        int n = key_conditions(i, &when);
        cr_assert(n > 0 || !key_get(i)->when, "%s", key_get(i)->name);
        for (int k = 0; k < n; k++)
            assert_words_exist(key_get(i)->name, &when[k]);
    }
}

/* The row of the registry that declares the key as its own, or -1. */
static long owner_of(const struct key *key) {
    for (int i = 0; i < normalizer_count(); i++)
        for (const struct key *own = normalizer_get(i)->own_keys; own && own->name; own++)
            if (!strcmp(own->name, key->name))
                return i;
    return -1;
}

static struct value other_value(int index) {
    static const double items[] = {7};
    struct value value = *key_default(index);
    value.integer = !value.integer;
    value.real += 1;
    value.text = "elsewhere";
    value.items = items;
    value.n_items = 5;
    return value;
}

Test(keys, every_key_is_stored) {
    for (int i = 0; i < key_count(); i++) {
        struct config before, after;
        memset(&before, 0, sizeof before);
        before.run.norm.kind = owner_of(key_get(i)) < 0 ? 0 : owner_of(key_get(i));
        key_store(i, key_default(i), &before);
        after = before;
        struct value other = other_value(i);
        key_store(i, &other, &after);
        cr_assert(memcmp(&before, &after, sizeof before) != 0, "%s is stored nowhere",
                  key_get(i)->name);
    }
}

/* In either order the same comes out: no two keys share a field. (Own keys of different normalizers
 * do.) */
Test(keys, every_key_has_a_field_of_its_own) {
    for (int i = 0; i < key_count(); i++)
        for (int k = 0; k < key_count(); k++) {
            if (i == k || owner_of(key_get(i)) >= 0 || owner_of(key_get(k)) >= 0)
                continue;
            struct config ik, ki;
            memset(&ik, 0, sizeof ik);
            memset(&ki, 0, sizeof ki);
            struct value other = other_value(i);
            key_store(i, &other, &ik);
            key_store(k, key_default(k), &ik);
            key_store(k, key_default(k), &ki);
            key_store(i, &other, &ki);
            cr_assert(!memcmp(&ik, &ki, sizeof ik), "%s and %s share a field", key_get(i)->name,
                      key_get(k)->name);
        }
}

Test(keys, defaults_are_those_of_the_contract) {
    cell_finish(&cell, &config);
    const struct run_config *run = &config.run;
    cr_assert(run->data.name == DATA_FASHION_MNIST && run->data.scale == SCALE_STANDARDIZE, "data");
    cr_assert(run->data.train == -1 && run->data.validation == 5000 && run->data.test == -1,
              "split");
    cr_assert(run->model.n_hidden == 3 && run->model.hidden[2] == 100, "hidden layers");
    cr_assert(run->model.activation == activation_find("relu") &&
                  run->model.init == init_find("he"),
              "model");
    cr_assert(run->model.bias == BIAS_AUTO && run->model.init_scale == 1, "model");
    cr_assert(run->norm.kind == normalizer_find("none") && run->norm.affine, "norm");
    cr_assert(run->norm.placement == NORM_BEFORE && run->norm.eps == 1e-5, "norm");
    cr_assert(run->norm.momentum == 0.9 && run->norm.running_var == RUNNING_VAR_UNBIASED, "norm");
    cr_assert(!run->norm.on_output && !run->norm.on_input, "norm");
    cr_assert(run->norm.gamma_initial == 1 && run->norm.beta_initial == 0, "norm");
    cr_assert(run->optimizer.kind == optimizer_find("sgd") && run->optimizer.lr == 0.025,
              "optimizer");
    cr_assert(run->optimizer.momentum == 0.9 && !run->optimizer.nesterov, "optimizer");
    cr_assert(run->optimizer.lr_scaling == lr_scaling_find("none"), "optimizer");
    cr_assert(run->optimizer.lr_reference_batch == 64, "optimizer");
    cr_assert(run->optimizer.schedule == schedule_find("constant") && run->optimizer.clip == 0,
              "optimizer");
    cr_assert(run->train.batch_size == 64 && run->train.epochs == 3 && run->train.steps == -1,
              "train");
    cr_assert(run->train.order == ORDER_SHUFFLE && run->train.loss == LOSS_CROSS_ENTROPY, "train");
    cr_assert(run->seeds.seed == 0 && run->seeds.init == -1 && run->seeds.noise == -1, "seeds");
    cr_assert(config.log.level == LOG_STANDARD && config.log.test == LOG_TEST_EPOCH, "log");
    cr_assert(config.log.weights == LOG_WEIGHTS_NONE && !*config.log.probes, "log");
}

/* The words of a choice stand in the order of its enum. */
Test(keys, words_match_their_enums) {
    const struct {
        const char *key, *word;
        long value;
    } cases[] = {
        {"data.name", "idx", DATA_IDX},
        {"data.name", "clusters", DATA_CLUSTERS},
        {"data.name", "spirals", DATA_SPIRALS},
        {"data.name", "linear", DATA_LINEAR},
        {"data.scale", "none", SCALE_NONE},
        {"data.scale", "unit", SCALE_UNIT},
        {"data.scale", "standardize_features", SCALE_STANDARDIZE_FEATURES},
        {"data.colour", "row", COLOUR_ROW},
        {"data.colour", "batch", COLOUR_BATCH},
        {"data.colour", "class_in_batch", COLOUR_CLASS_IN_BATCH},
        {"data.colour", "class", COLOUR_CLASS},
        {"data.colour_test", "bound", TEST_COLOUR_BOUND},
        {"data.colour_test", "swapped", TEST_COLOUR_SWAPPED},
        {"model.bias", "on", BIAS_ON},
        {"model.bias", "off", BIAS_OFF},
        {"norm.placement", "after", NORM_AFTER},
        {"norm.running_var", "biased", RUNNING_VAR_BIASED},
        {"optimizer.decay_on", "all", DECAY_ALL},
        {"train.order", "sequential", ORDER_SEQUENTIAL},
        {"train.order", "sorted", ORDER_SORTED},
        {"train.order", "classes", ORDER_CLASSES},
        {"train.loss", "squared", LOSS_SQUARED},
        {"log.level", "economy", LOG_ECONOMY},
        {"log.level", "full", LOG_FULL},
        {"log.test", "never", LOG_TEST_NEVER},
        {"log.test", "final", LOG_TEST_FINAL},
        {"log.weights", "initial", LOG_WEIGHTS_INITIAL},
        {"log.weights", "final", LOG_WEIGHTS_FINAL},
        {"log.weights", "both", LOG_WEIGHTS_BOTH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set(cases[i].key, cases[i].word);
        long value = cell.values[find(cases[i].key)].integer;
        cr_assert(value == cases[i].value, "%s: %s is %ld, not %ld", cases[i].key, cases[i].word,
                  value, cases[i].value);
    }
}

/* The words of a choice among the rows of a table are their names, in their order. */
static void expect_names(const char *key, const char *(*name)(int index)) {
    int n = 0;
    for (; name(n); n++) {
        set(key, name(n));
        cr_assert(cell.values[find(key)].integer == n, "%s: %s", key, name(n));
    }
    int index = words_find(key_get(find(key))->words, name(n - 1));
    cr_assert(index == n - 1, "%s: %s is not the last of %s", key, name(n - 1),
              key_get(find(key))->words);
}

Test(keys, words_are_the_names_of_tables) {
    expect_names("model.activation", activation_name);
    expect_names("model.init", init_name);
    expect_names("optimizer.kind", optimizer_name);
    expect_names("optimizer.lr_scaling", lr_scaling_name);
    expect_names("optimizer.schedule", schedule_name);
    expect_names("train.loss", loss_name);
    expect_names("norm.kind", normalizer_name);
}

/* From the registry: whatever normalizers there are, a key applies to those that have use for it.
 */
Test(keys, normalizer_keys_follow_the_registry) {
    for (int i = 0; i < normalizer_count(); i++) {
        const struct normalizer *kind = normalizer_get(i);
        set("norm.kind", kind->name);
        set("norm.affine", "true");
        bool param = norm_fields(kind->param) > 0, state = norm_fields(kind->state) > 0;
        bool some = strcmp(kind->name, "none") != 0;
        cr_assert(applies("norm.affine") == param, "norm.affine, %s", kind->name);
        bool population = kind->needs_population, running = state && !population;
        cr_assert(applies("norm.momentum") == running, "norm.momentum, %s", kind->name);
        cr_assert(applies("norm.refresh") == population, "norm.refresh, %s", kind->name);
        cr_assert(applies("norm.population_rows") == population, "norm.population_rows, %s",
                  kind->name);
        bool var = running && kind->state[1].name && !strcmp(kind->state[1].name, "running_var");
        cr_assert(applies("norm.running_var") == var, "norm.running_var, %s", kind->name);
        cr_assert(applies("norm.eps") == kind->uses_eps, "norm.eps, %s", kind->name);
        cr_assert(applies("seeds.noise") == kind->draws_noise, "seeds.noise, %s", kind->name);
        cr_assert(applies("norm.placement") == some, "norm.placement, %s", kind->name);
        cr_assert(applies("norm.on_input") == some, "norm.on_input, %s", kind->name);
        for (const struct key *own = kind->own_keys; own && own->name; own++)
            cr_assert(applies(own->name), "%s, %s", own->name, kind->name);
        set("norm.affine", "false");
        cr_assert(!applies("norm.gamma_initial"), "norm.gamma_initial, %s", kind->name);
        cr_assert(!applies("norm.beta_initial"), "norm.beta_initial, %s", kind->name);
    }
}

Test(keys, own_keys_reach_the_normalizer_in_their_order) {
    for (int i = 0; i < normalizer_count(); i++) {
        const struct key *own = normalizer_get(i)->own_keys;
        set("norm.kind", normalizer_get(i)->name);
        cell_finish(&cell, &config);
        for (int k = 0; own && own[k].name; k++) {
            const struct value *value = key_default(find(own[k].name));
            double number = own[k].type == KEY_REAL ? value->real : (double)value->integer;
            cr_assert(config.run.norm.own[k] == number, "%s", own[k].name);
        }
    }
}

Test(keys, conditions) {
    const struct {
        const char *key, *other, *on, *off;
    } cases[] = {
        {"data.dir", "data.name", "idx", "clusters"},
        {"data.seed", "data.name", "spirals", "fashion-mnist"},
        {"data.condition", "data.name", "clusters", "spirals"},
        {"data.rescale_factor", "data.rescale_features", "[3]", "[]"},
        {"data.colour_strength", "data.colour", "batch", "none"},
        {"data.colour_seed", "data.colour", "row", "none"},
        {"data.colour_black", "data.colour", "class", "class_in_batch"},
        {"data.colour_test", "data.colour", "class", "row"},
        {"model.activation", "model.hidden", "[10]", "[]"},
        {"optimizer.momentum", "optimizer.kind", "sgd", "adam"},
        {"optimizer.beta1", "optimizer.kind", "adam", "sgd"},
        {"optimizer.nesterov", "optimizer.momentum", "0.5", "0"},
        {"optimizer.decay_on", "optimizer.weight_decay", "1e-4", "0"},
        {"optimizer.step_at", "optimizer.schedule", "step", "cosine"},
        {"optimizer.lr_reference_batch", "optimizer.lr_scaling", "sqrt", "none"},
        {"train.epochs", "train.steps", "auto", "100"},
        {"seeds.order", "train.order", "shuffle", "sequential"},
        {"seeds.order", "train.order", "sorted", "sequential"},
        {"train.classes_per_batch", "train.order", "classes", "shuffle"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cell_create(&cell, &pool);
        set(cases[i].other, cases[i].on);
        cr_assert(applies(cases[i].key), "%s with %s=%s", cases[i].key, cases[i].other,
                  cases[i].on);
        set(cases[i].other, cases[i].off);
        cr_assert(!applies(cases[i].key), "%s with %s=%s", cases[i].key, cases[i].other,
                  cases[i].off);
    }
}

/* In float32, too, it keeps a division by it from 0/0 and from infinity. */
Test(keys, the_smallest_eps_still_gives_numbers) {
    enum { B = 4, D = 3 };
    const struct key *norm_eps = key_get(find("norm.eps"));
    for (int kind = 0; kind < normalizer_count(); kind++) {
        struct norm_config norm = fixture_config(kind);
        norm.eps = norm_eps->min;
        struct fixture fixture;
        fixture_create(&fixture, &norm, B, D, 3);
        for (int i = 0; i < B * D; i++)
            fixture.x[i] = 2.5f;
        fixture_forward_train(&fixture, 0.1, CUT_NONE);
        fixture_backward(&fixture, CUT_NONE);
        for (int i = 0; i < B * D; i++)
            cr_assert(isfinite(fixture.x[i]) && isfinite(fixture.g[i]), "%s: %g, gradient %g",
                      fixture.name, (double)fixture.x[i], (double)fixture.g[i]);
        fixture_free(&fixture);
    }
    set("optimizer.kind", "adam");
    cell_finish(&cell, &config);
    config.run.optimizer.eps = key_get(find("optimizer.eps"))->min;
    float w = 0.5f, g = 0, slots[2] = {0, 0};
    optimizer_update((struct update){&config.run.optimizer, 0, 0.1f, 0, 1}, 1, &w, &g,
                     (float *[2]){&slots[0], &slots[1]});
    cr_assert(w == 0.5f, "a gradient of 0 makes 0.5 %g", (double)w);
    struct value value;
    cr_assert(value_parse(norm_eps, "1e-31", &pool, &value) == ERROR_USAGE, "norm.eps=1e-31");
    cr_assert(value_parse(norm_eps, "1e-30", &pool, &value) == OK, "%s", status_message());
}

Test(keys, what_does_not_apply_stays_at_its_default) {
    set("train.steps", "100");
    set("train.epochs", "77");
    set("norm.momentum", "0.5");
    cell_finish(&cell, &config);
    cr_assert(config.run.train.epochs == 3, "%ld epochs", config.run.train.epochs);
    cr_assert(config.run.norm.momentum == 0.9, "norm.momentum of a network without one");
}

Test(keys, canonical_text_is_sorted_and_holds_what_applies) {
    cell_finish(&cell, &config);
    const char *text = cell_canonical(&cell, &pool);
    const char *const expected =
        "data.scale=standardize\ndata.test=all\ndata.train=all\ndata.validation=5000\n";
    cr_assert(strstr(text, expected), "%s", text);
    cr_assert(strstr(text, "model.hidden=100-100-100\n"), "%s", text);
    cr_assert(!strstr(text, "norm.momentum"), "it does not apply to none:\n%s", text);
    cr_assert(!strstr(text, "log.") && !strstr(text, "data.dir"), "volatile keys:\n%s", text);
    char previous[64] = "", name[64];
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        cr_assert(sscanf(line, "%63[^=]=", name) == 1, "%s", line);
        cr_assert(strcmp(previous, name) < 0, "%s before %s", previous, name);
        strcpy(previous, name);
    }
}

Test(keys, canonical_text_is_the_same_for_equal_values) {
    set("norm.kind", "batch");
    set("norm.eps", "1e-5");
    cell_finish(&cell, &config);
    const char *a = cell_canonical(&cell, &pool);
    set("norm.eps", "0.00001");
    set("log.level", "full");
    set("optimizer.beta1", "0.5"); /* nothing to sgd */
    cell_finish(&cell, &config);
    const char *b = cell_canonical(&cell, &pool);
    cr_assert(!strcmp(a, b), "%s\n%s", a, b);
    set("norm.eps", "0.000011");
    cell_finish(&cell, &config);
    cr_assert(strcmp(a, cell_canonical(&cell, &pool)) != 0, "another eps, the same text");
}

/* A key that is added later must not change the identity of runs that were made without it. */
Test(keys, later_keys_stay_out_of_the_identity_at_their_default) {
    const struct key later = {.name = "norm.later", .type = KEY_REAL, .initial = "0.5", .since = 2};
    struct key first = later, logged = later;
    first.since = 1;
    logged.volatile_ = true;
    struct value at_default, other;
    cr_assert(value_parse(&later, "5e-1", &pool, &at_default) == OK, "%s", status_message());
    cr_assert(value_parse(&later, "0.25", &pool, &other) == OK, "%s", status_message());
    cr_assert(!key_identifies(&later, &at_default), "a later key at its default");
    cr_assert(key_identifies(&later, &other), "a later key at another value");
    cr_assert(key_identifies(&first, &at_default), "a key of schema 1 at its default");
    cr_assert(!key_identifies(&logged, &other), "a volatile key");
}

Test(keys, unknown_names) {
    const struct {
        const char *name, *message;
    } cases[] = {
        {"norm.momentm", "unknown key 'norm.momentm' (did you mean 'norm.momentum'?)"},
        {"train.batchsize", "unknown key 'train.batchsize' (did you mean 'train.batch_size'?)"},
        {"batch_size", "unknown key 'batch_size' (did you mean 'train.batch_size'?)"},
        {"train.lr", "unknown key 'train.lr' (did you mean 'optimizer.lr'?)"},
        {"sed", "unknown key 'sed' (did you mean 'seed'?)"},
        {"weather", "unknown key 'weather'; `normlab describe` lists all"},
        {"", "unknown key ''; `normlab describe` lists all"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int index = 42;
        cr_assert(key_require(cases[i].name, &index) == ERROR_USAGE, "%s", cases[i].name);
        cr_assert(!strcmp(status_message(), cases[i].message), "%s", status_message());
        cr_assert(index == 42, "%s changed the index", cases[i].name);
    }
}

Test(keys, description_says_all) {
    const char *const expected =
        "norm.momentum\n"
        "    Share of the old value in running statistics: r <- momentum*r + (1-momentum)*batch.\n"
        "\n"
        "    type       number\n"
        "    range      0 to 1\n"
        "    default    0.9\n"
        "    unit       none\n"
        "    applies    norm.kind=batch\n"
        "    elsewhere  PyTorch's momentum is one minus it (its default 0.1 is 0.9 here); Keras: "
        "the "
        "same convention, 0.99\n";
    const char *text = key_describe(find("norm.momentum"), &pool);
    cr_assert(!strncmp(text, expected, 200), "%s", text);
    cr_assert(strstr(text, strstr(expected, "    elsewhere")), "%s", text);
}

Test(keys, every_description_has_type_default_and_range) {
    for (int i = 0; i < key_count(); i++) {
        const char *text = key_describe(i, &pool);
        cr_assert(!strncmp(text, key_get(i)->name, strlen(key_get(i)->name)), "%s", text);
        cr_assert(strstr(text, key_get(i)->doc), "%s", text);
        cr_assert(strstr(text, "\n    type       "), "%s", text);
        cr_assert(strstr(text, "\n    default    "), "%s", text);
        cr_assert(strstr(text, "\n    unit       "), "%s", text);
        cr_assert(strstr(text, "\n    applies    "), "%s", text);
    }
    const char *kinds = key_describe(find("norm.kind"), &pool);
    for (int i = 0; i + 1 < normalizer_count(); i++)
        cr_assert(strstr(kinds,
                         pool_format(&pool, "%s | %s", normalizer_name(i), normalizer_name(i + 1))),
                  "words of a choice: %s", kinds);
    const char *applies_to = strstr(key_describe(find("seeds.noise"), &pool), "    applies    ");
    cr_assert(applies_to[strcspn(applies_to, "\n") - 1] != '=', "%s", applies_to);
    cr_assert(strstr(key_describe(find("train.batch_size"), &pool), "unit       rows"), "a unit");
    cr_assert(strstr(key_describe(find("log.level"), &pool), "identity   no part of it"),
              "volatile");
}

Test(keys, origins_in_messages) {
    fail(ERROR_USAGE, "what");
    fail_at(ERROR_USAGE, (struct origin){"a.yaml", 3, 7});
    cr_assert(!strcmp(status_message(), "a.yaml:3:7: what"), "%s", status_message());
    fail(ERROR_USAGE, "what");
    fail_at(ERROR_USAGE, (struct origin){"command line: 'a=b'", 0, 0});
    cr_assert(!strcmp(status_message(), "command line: 'a=b': what"), "%s", status_message());
    fail(ERROR_USAGE, "what");
    fail_at(ERROR_USAGE, (struct origin){0});
    cr_assert(!strcmp(status_message(), "what"), "%s", status_message());
}

static bool says_plugin(const char *word) {
    struct value value;
    cr_assert(key_parse(key_get(find("norm.kind")), word, &pool, &value) == ERROR_USAGE);
    return strstr(status_message(), "; one of your own is loaded with --plugin FILE.so") != NULL;
}

Test(keys, a_normalizer_that_nobody_knows_may_be_in_a_plugin) {
    cr_expect(says_plugin("power"), "%s", status_message());
    cr_expect(!says_plugin("bacth"), "%s", status_message());
    cr_expect(!says_plugin("bn"), "%s", status_message());
}
