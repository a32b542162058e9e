/* Experiment files: what is read, and one exact message for everything that is wrong. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/json.h"
#include "lab/plan/experiment.h"
#include "lab/plan/figure_kind.h"

#define HEAD "schema: 1\nname: x\n" /* lines 1 and 2 */

enum { MAX_OVERRIDES = 3 };

static int count(const char *const *texts) {
    int n = 0;
    while (n < MAX_OVERRIDES && texts[n])
        n++;
    return n;
}

static struct experiment read_good(const char *text, const char *const *overrides) {
    struct experiment experiment;
    enum status status =
        experiment_parse("x.yaml", text, overrides ? count(overrides) : 0, overrides, &experiment);
    cr_assert(!status, "%s\n%s", status_message(), text);
    return experiment;
}

static const char *base_text(struct experiment *experiment, const char *name) {
    int key = key_find(name);
    return value_yaml(key_get(key), &experiment->base.values[key], &experiment->pool);
}

/* "seed=0,1,2": an axis of one key. */
static const char *axis_text(struct experiment *experiment, int a, int k) {
    const struct axis *axis = &experiment->axes[a];
    const struct key *key = key_get(axis->keys[k]);
    const char *text = key->name;
    for (int i = 0; i < axis->n_values; i++)
        text =
            pool_format(&experiment->pool, "%s%s%s", text, i ? "," : "=",
                        value_yaml(key, &axis->values[k * axis->n_values + i], &experiment->pool));
    return text;
}

static void expect_axis(struct experiment *experiment, int a, int k, const char *expected) {
    cr_assert(a < experiment->n_axes, "there are %d axes", experiment->n_axes);
    const char *text = axis_text(experiment, a, k);
    cr_assert(!strcmp(text, expected), "axis %d is %s, not %s", a, text, expected);
}

/* ---- bad input ---- */

struct bad {
    const char *text, *message;
    const char *overrides[MAX_OVERRIDES];
};

static const struct bad bads[] = {
    /* no experiment */
    {"", "x.yaml:1:1: is empty", {0}},
    {"# only a comment\n\n", "x.yaml:1:1: is empty", {0}},
    {"---\n", "x.yaml:2:1: is empty", {0}},
    {"just words\n", "x.yaml:1:1: must be a map: schema: 1, name: ..., base: ...", {0}},
    {"- 1\n", "x.yaml:1:1: must be a map: schema: 1, name: ..., base: ...", {0}},
    {"schema: 1\nname: x\n---\nschema: 1\nname: y\n",
     "x.yaml:3:1: a second document begins here; there must be one",
     {0}},

    /* not YAML, or more of it than is supported */
    {HEAD "base:\n\tseed: 1\n",
     "x.yaml:4:1: not YAML: while scanning for the next token found character that cannot start "
     "any "
     "token",
     {0}},
    {HEAD "base: {seed: 1\n",
     "x.yaml:4:1: not YAML: while parsing a flow mapping did not find expected ',' or '}'",
     {0}},
    {HEAD "base:\n  seed: 1\n seed: 2\n",
     "x.yaml:5:2: not YAML: while parsing a block mapping did not find expected key",
     {0}},
    {HEAD "title: \"a\n",
     "x.yaml:4:1: not YAML: while scanning a quoted scalar found unexpected end "
     "of stream",
     {0}},
    {HEAD "title: a: b\n",
     "x.yaml:3:9: not YAML: mapping values are not allowed in this context",
     {0}},
    {HEAD "title: a\xff\n", "x.yaml:3:9: not text in UTF-8: invalid leading UTF-8 octet", {0}},
    {HEAD "title: \"a\\0b\"\n", "x.yaml:3:8: text with a character of code 0", {0}},
    {HEAD "base: &b {seed: 1}\n",
     "x.yaml:3:7: tags (!name) and anchors (&name) are not supported",
     {0}},
    {HEAD "base: {seed: !!int 1}\n",
     "x.yaml:3:14: tags (!name) and anchors (&name) are not supported",
     {0}},
    {HEAD "base: *b\n", "x.yaml:3:7: aliases (*name) are not supported; write the value out", {0}},
    {HEAD "? [a, b]\n: c\n", "x.yaml:3:3: a key must be a word", {0}},
    {HEAD
     "base: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
     "x.yaml:3:38: nested too deeply",
     {0}},

    /* the head */
    {"name: x\n", "x.yaml:1:1: has no schema; write schema: 1", {0}},
    {"schema: 2\nname: x\nbrand_new: 1\n",
     "x.yaml:1:9: schema: 2 is unknown to this program, which reads 1",
     {0}},
    {"schema: one\nname: x\n", "x.yaml:1:9: schema: 'one' is not a whole number", {0}},
    {"schema:\nname: x\n", "x.yaml:1:8: schema: has no value", {0}},
    {"schema: 1\n", "x.yaml:1:1: has no name; its results are results/NAME.h5", {0}},
    {"schema: 1\nname:\n", "x.yaml:2:6: name: has no value", {0}},
    {"schema: 1\nname: a/b\n",
     "x.yaml:2:7: name: must be a word of at most 64 letters, digits, _ and -, like small_batch",
     {0}},
    {"schema: 1\nname: ..\n",
     "x.yaml:2:7: name: must be a word of at most 64 letters, digits, _ and -, like small_batch",
     {0}},
    {"schema: 1\nname: [a]\n",
     "x.yaml:2:7: name: must be a word of at most 64 letters, digits, _ and -, like small_batch, "
     "not a list",
     {0}},
    {HEAD "title: [a]\n", "x.yaml:3:8: title: must be a text, not a list", {0}},
    {HEAD "bsae: {seed: 1}\n", "x.yaml:3:1: unknown field 'bsae' (did you mean 'base'?)", {0}},
    {HEAD "colour: red\n",
     "x.yaml:3:1: unknown field 'colour'; here stand schema, name, title, base, sweep, zip, "
     "exclude, "
     "figures, quick, literal, tune, claim, judge, compute, experiment",
     {0}},
    {HEAD "norm: {kind: batch}\n", "x.yaml:3:1: 'norm' belongs under base, sweep or zip", {0}},
    {HEAD "train.batch_size: 3\n",
     "x.yaml:3:1: 'train.batch_size' belongs under base, sweep or zip",
     {0}},
    {HEAD "name: y\n", "x.yaml:3:1: 'name' stands here a second time; the first is in line 2", {0}},

    /* base */
    {HEAD "base: 3\n", "x.yaml:3:7: base: must be a map of keys, not a single value", {0}},
    {HEAD "base:\n  norm:\n    momentm: 0.9\n",
     "x.yaml:5:5: unknown key 'norm.momentm' (did you mean 'norm.momentum'?)",
     {0}},
    {HEAD "base:\n  nrom: {kind: batch}\n",
     "x.yaml:4:3: unknown key 'nrom' (did you mean 'norm'?)",
     {0}},
    {HEAD "base: {weather: 3}\n",
     "x.yaml:3:8: unknown key 'weather'; `normlab describe` lists all",
     {0}},
    {HEAD "base: {norm: batch}\n",
     "x.yaml:3:8: 'norm' is a group of keys (did you mean 'norm.kind'?); of a group write norm: "
     "{key: value}",
     {0}},
    {HEAD "base: {model: [batch]}\n",
     "x.yaml:3:8: 'model' is a group of keys; write model: {key: value}",
     {0}},
    {HEAD "sweep: {seeds: [1, 2]}\n",
     "x.yaml:3:9: 'seeds' is a group of keys (did you mean 'seed'?); of a group write seeds: "
     "{key: value}",
     {0}},
    {HEAD "base: {p: 0.1}\n",
     "x.yaml:3:8: unknown key 'p' (did you mean 'norm.rate', the rate of dropout?)",
     {0}},
    {HEAD "base: {eps: 0.1}\n",
     "x.yaml:3:8: unknown key 'eps' (did you mean 'norm.eps' or 'optimizer.eps'?)",
     {0}},
    {HEAD "base: {seed: {init: 1}}\n", "x.yaml:3:14: seed: must be a whole number, not a map", {0}},
    {HEAD "base: {seed: 1, seed: 2}\n",
     "x.yaml:3:17: 'seed' stands here a second time; the first is in line 3",
     {0}},
    {HEAD "base:\n  norm: {kind: batch}\n  norm.kind: layer\n",
     "x.yaml:5:3: 'norm.kind' stands here a second time; the first is in line 4",
     {0}},
    {HEAD "base: {optimizer: {lr: \"0,1\"}}\n",
     "x.yaml:3:24: optimizer.lr: '0,1' is text in quotes; write it without them",
     {0}},
    {HEAD "base:\n  optimizer:\n    lr: 0,1\n",
     "x.yaml:5:9: optimizer.lr: '0,1' is not a number; the decimal sign is a point",
     {0}},
    {HEAD "base: {train: {epochs: 2.5}}\n",
     "x.yaml:3:24: train.epochs: '2.5' is not a whole number",
     {0}},
    {HEAD "base: {optimizer: {lr: 1e400}}\n",
     "x.yaml:3:24: optimizer.lr: 1e400 is too large for a number",
     {0}},
    {HEAD "base: {optimizer: {lr: nan}}\n",
     "x.yaml:3:24: optimizer.lr: 'nan' is not a finite number",
     {0}},
    {HEAD "base: {optimizer: {lr: 0.1x}}\n",
     "x.yaml:3:24: optimizer.lr: '0.1x' is not a finite number",
     {0}},
    {HEAD "base: {norm: {momentum: 1.5}}\n",
     "x.yaml:3:25: norm.momentum: 1.5 is outside its range, 0 to 1",
     {0}},
    {HEAD "base: {log: {test: always}}\n",
     "x.yaml:3:20: log.test: 'always' is not never, final or epoch",
     {0}},
    {HEAD "base: {log: {test: final_error}}\n",
     "x.yaml:3:20: log.test: 'final_error' is not never, final or epoch (did you mean 'final'?)",
     {0}},
    {HEAD "base: {norm: {kind: }}\n", "x.yaml:3:21: norm.kind: has no value", {0}},
    {HEAD "base: {norm: {kind: ~}}\n", "x.yaml:3:21: norm.kind: has no value", {0}},
    {HEAD "base: {norm: {kind: [batch, layer]}}\n",
     "x.yaml:3:21: norm.kind: must be a word, not a list",
     {0}},
    {HEAD "base: {norm: {affine: yes}}\n",
     "x.yaml:3:23: norm.affine: 'yes' is not false or true (did you mean 'true'?)",
     {0}},
    {HEAD "base: {model: {hidden: 100}}\n",
     "x.yaml:3:24: model.hidden: must be a list of whole numbers, such as [100, 50], not a single "
     "value",
     {0}},
    {HEAD "base: {model: {hidden: [100, 2.5]}}\n",
     "x.yaml:3:30: model.hidden: '2.5' is not a whole number",
     {0}},
    {HEAD "base: {model: {hidden: [100, 0]}}\n",
     "x.yaml:3:30: model.hidden: 0 is outside its range, 1 to 65536",
     {0}},
    {HEAD "base: {model: {hidden: [100, [50]]}}\n",
     "x.yaml:3:30: model.hidden: must be a whole number, not a list",
     {0}},
    {HEAD "base: {seed: range(3)}\n", "x.yaml:3:14: seed: 'range(3)' is not a whole number", {0}},

    /* sweep and zip */
    {HEAD "sweep: [seed]\n", "x.yaml:3:8: sweep: must be a map of keys, not a list", {0}},
    {HEAD "sweep: {sed: [1]}\n", "x.yaml:3:9: unknown key 'sed' (did you mean 'seed'?)", {0}},
    {HEAD "sweep: {seed: 3}\n",
     "x.yaml:3:15: seed: must be a list of values or range(n), not a single value",
     {0}},
    {HEAD "sweep: {seed: []}\n", "x.yaml:3:15: seed: has no values", {0}},
    {HEAD "sweep: {seed: [0, 1, x]}\n", "x.yaml:3:22: seed: 'x' is not a whole number", {0}},
    {HEAD "sweep: {seed: range(0)}\n",
     "x.yaml:3:15: seed: range(0) makes 0 values; it must be 1 to 100000",
     {0}},
    {HEAD "sweep: {seed: range(100001)}\n",
     "x.yaml:3:15: seed: range(100001) makes 100001 values; it must be 1 to 100000",
     {0}},
    {HEAD "sweep:\n  seed: range(3, x)\n",
     "x.yaml:4:9: seed: 'range(3, x)' is not range(n), range(a, b) or range(a, b, step)",
     {0}},
    {HEAD "sweep:\n  seed: range(1, 2, 3, 4)\n",
     "x.yaml:4:9: seed: 'range(1, 2, 3, 4)' is not range(n), range(a, b) or range(a, b, step)",
     {0}},
    {HEAD "sweep:\n  seed: range()\n",
     "x.yaml:4:9: seed: 'range()' is not range(n), range(a, b) or range(a, b, step)",
     {0}},
    {HEAD "sweep:\n  seed: range(8\n",
     "x.yaml:4:9: seed: 'range(8' is not range(n), range(a, b) or range(a, b, step)",
     {0}},
    {HEAD "sweep:\n  seed: range(1, 9, 0)\n",
     "x.yaml:4:9: seed: range(1, 9, 0): the step must not be 0",
     {0}},
    {HEAD "sweep:\n  seed: range(-1, 2)\n",
     "x.yaml:4:9: seed: -1 is outside its range, 0 to 9007199254740992",
     {0}},
    {HEAD "sweep: {norm.placement: range(2)}\n",
     "x.yaml:3:25: norm.placement: '0' is not before or after",
     {0}},
    {HEAD "sweep: {model.hidden: [100, 50]}\n",
     "x.yaml:3:24: model.hidden: must be a list of whole numbers, such as [100, 50], not a single "
     "value",
     {0}},
    {HEAD "sweep:\n  seed: [1]\nzip:\n  - {seed: [2]}\n",
     "x.yaml:6:6: seed stands in two axes; the other is in line 4",
     {0}},
    {HEAD "zip:\n  - {seed: [2]}\n  - {seed: [3]}\n",
     "x.yaml:5:6: seed stands in two axes; the other is in line 4",
     {0}},
    {HEAD "zip: {seed: [1]}\n", "x.yaml:3:6: zip: must be a list of maps of keys, not a map", {0}},
    {HEAD "zip: [seed]\n", "x.yaml:3:7: zip: each entry must be a map such as {key: value}", {0}},
    {HEAD "zip: [{}]\n", "x.yaml:3:7: zip: each entry must be a map such as {key: value}", {0}},
    {HEAD "zip:\n  - {model.activation: [relu, tanh],\n     model.init: [he, glorot, normal]}\n",
     "x.yaml:5:18: model.init has 3 values, but model.activation has 2; zipped keys are walked "
     "together",
     {0}},

    /* exclude and figures */
    {HEAD "exclude: {seed: 1}\n",
     "x.yaml:3:10: exclude: must be a list of maps of keys, not a map",
     {0}},
    {HEAD "exclude: [{sede: 1}]\n", "x.yaml:3:12: unknown key 'sede' (did you mean 'seed'?)", {0}},
    {HEAD "exclude: [{seed: [1, x]}]\n", "x.yaml:3:22: seed: 'x' is not a whole number", {0}},
    {HEAD "exclude: [{seed: []}]\n", "x.yaml:3:18: seed: has no values", {0}},
    {HEAD "exclude: [{}]\n",
     "x.yaml:3:11: exclude: each entry must be a map such as {key: value}",
     {0}},
    {HEAD "exclude: [{norm: {}}]\n",
     "x.yaml:3:11: exclude: an entry without keys would drop every cell",
     {0}},
    {HEAD "figures: error_vs_batch\n",
     "x.yaml:3:10: figures: must be a list of maps, not a single value",
     {0}},
    {HEAD "figures: [error_vs_batch]\n",
     "x.yaml:3:11: figures: each entry must be a map such as {key: value}",
     {0}},
    {HEAD "figures: [{name: a}]\n",
     "x.yaml:3:11: figures: has no script, such as error_vs_batch",
     {0}},
    {HEAD "figures: [{script: a b}]\n",
     "x.yaml:3:20: script: must be a word of at most 64 letters, digits, _ and -",
     {0}},
    {HEAD "figures: [{script: a/b.gp, y: {b: c}}]\n",
     "x.yaml:3:31: y: must be a value or a list of values",
     {0}},
    {HEAD "figures:\n  - {script: a.gp}\n  - {script: b/a.gp, x: seed}\n",
     "x.yaml:5:5: two figures are named 'a'; give this one a name: of its own",
     {0}},
    {HEAD "figures: [{script: error_vs_bacth}]\n",
     "x.yaml:3:20: script: no figure 'error_vs_bacth' (did you mean 'error_vs_batch'?)",
     {0}},
    {HEAD "figures:\n  - script: error_vs_key\n    pannel: seed\n",
     "x.yaml:5:5: no option 'pannel' (did you mean 'panel'?)",
     {0}},
    {HEAD "figures: [{script: error_vs_key, y: a,test_loss}]\n",
     "x.yaml:3:37: y: no final metric 'a'; a series is written GROUP/NAME, such as "
     "epoch/test_error",
     {0}},
    {HEAD "figures: [{script: error_vs_key, y: bank/test_error|bank/validation_error}]\n",
     "x.yaml:3:37: y: a bank's metric is one name, without |",
     {0}},
    {HEAD "figures: [{script: error_vs_key, y: bank/test_err}]\n",
     "x.yaml:3:37: y: no final metric 'test_err' (did you mean 'test_error'?)",
     {0}},
    {HEAD "figures: [{script: error_vs_key, y: test_loss,test_error}]\n",
     "x.yaml:3:47: no option 'test_error'; there are x, y, panel, row, arm, where, title, xlabel, "
     "ylabel, log, logx, second; a comma begins a new key here, a list is written [a, b]",
     {0}},
    {HEAD "figures: [{script: error_vs_key, x: train.batchsize}]\n",
     "x.yaml:3:37: x: no key 'train.batchsize' (did you mean 'train.batch_size'?)",
     {0}},
    {HEAD "figures: [{script: error_vs_key, row: momentum}]\n",
     "x.yaml:3:39: row: no key 'momentum' (did you mean 'norm.momentum', 1 - PyTorch's momentum, "
     "or 'optimizer.momentum'?)",
     {0}},
    {HEAD "figures: [{script: error_vs_key, row: zzz}]\n",
     "x.yaml:3:39: row: no key 'zzz'; `normlab describe` lists all",
     {0}},
    {HEAD "figures: [{script: error_vs_key, row: norm.momentum}]\n",
     "x.yaml:3:39: row: error_vs_key cannot be split by it, only by panel",
     {0}},
    {HEAD "figures: [{script: error_vs_key, arm: [norm.kind, norm.knd]}]\n",
     "x.yaml:3:39: arm: no key 'norm.knd' (did you mean 'norm.kind'?)",
     {0}},
    {HEAD "figures: [{script: error_vs_key, where: norm.kind}]\n",
     "x.yaml:3:41: where: 'norm.kind' is not a condition like norm.kind=batch",
     {0}},
    {HEAD "figures: [{script: learning_curves, y: test_error_scored}]\n",
     "x.yaml:3:40: y: no series of epoch 'test_error_scored' (did you mean 'test_error'?)",
     {0}},
    {HEAD "figures: [{script: learning_curves, y: layer0/gamma}]\n",
     "x.yaml:3:40: y: 'layer0' has no curves; step, epoch, trace, milestone and curve have",
     {0}},
    {HEAD "figures: [{script: learning_curves, x: seed}]\n",
     "x.yaml:3:40: x: a series is drawn along its own scale, 'epoch'",
     {0}},
    {HEAD "figures: [{script: error_vs_key, log: true}]\n",
     "x.yaml:3:39: log: 'true' is not y or n",
     {0}},

    /* a comma in {} */
    {HEAD "base: {optimizer: {lr: 0,1}}\n",
     "x.yaml:3:26: '1': a comma begins a new key here; the decimal sign is a point, and "
     "range(a, b) goes in quotes",
     {0}},
    {HEAD "sweep: {seed: range(2, 5)}\n",
     "x.yaml:3:24: '5)': a comma begins a new key here; the decimal sign is a point, and "
     "range(a, b) goes in quotes",
     {0}},
    {HEAD "base: {1: 2}\n", "x.yaml:3:8: unknown key '1'; `normlab describe` lists all", {0}},
    {"schema: 1\nname: a123456789012345678901234567890123456789012345678901234567890123x\n",
     "x.yaml:2:7: name: must be a word of at most 64 letters, digits, _ and -, like small_batch",
     {0}},

    /* the command line */
    {HEAD, "command line: 'seed': is not key=value", {"seed"}},
    {HEAD, "command line: 'sede=1': unknown key 'sede' (did you mean 'seed'?)", {"sede=1"}},
    {HEAD, "command line: 'seed=x': seed: 'x' is not a whole number", {"seed=x"}},
    {HEAD, "command line: 'seed=': seed: has no value", {"seed="}},
    {HEAD, "command line: 'seed=1,,2': seed: has no value", {"seed=1,,2"}},
    {HEAD, "command line: 'seed=1,': seed: has no value", {"seed=1,"}},
    {HEAD,
     "command line: 'seed=range(0)': seed: range(0) makes 0 values; it must be 1 to 100000",
     {"seed=range(0)"}},
    {HEAD,
     "command line: 'model.hidden=100': model.hidden: '100' is not a list; write [100]",
     {"model.hidden=100"}},
    {HEAD, "command line: 'seed=2': seed is given twice", {"seed=1", "seed=2"}},
    {HEAD "zip:\n  - {seed: [1, 2], norm.eps: [1e-5, 1e-3]}\n",
     "command line: 'seed=1': seed is zipped with other keys (x.yaml:4) and cannot be overridden",
     {"seed=1"}},
    {HEAD "base: {seed: x}\n", "x.yaml:3:14: seed: 'x' is not a whole number", {"seed=1"}},

    /* quick, and what others read */
    {HEAD, "x.yaml: protocol=quick: the file has no section quick", {"protocol=quick"}},
    {HEAD "quick: {seed: 1}\n",
     "x.yaml:3:9: quick: unknown field 'seed' (did you mean 'set'?)",
     {0}},
    {HEAD "literal: {colour: red}\n",
     "x.yaml:3:11: literal: unknown field 'colour'; here stand set, only",
     {0}},
    {HEAD "quick: {set: {sed: 1}}\n",
     "x.yaml:3:15: unknown key 'sed' (did you mean 'seed'?)",
     {"protocol=quick"}},
    {HEAD "judge: {more: 1}\n", "x.yaml:3:8: judge: must be a list of maps, not a map", {0}},
    {HEAD "claim: [1]\n", "x.yaml:3:8: claim: must be a map, not a list", {0}},
};

Test(experiment, bad_input_of_every_kind) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct experiment experiment = {.n_axes = 42};
        enum status status = experiment_parse("x.yaml", bads[i].text, count(bads[i].overrides),
                                              bads[i].overrides, &experiment);
        cr_expect(status == ERROR_USAGE, "status %d for:\n%s", status, bads[i].text);
        cr_expect(!strcmp(status_message(), bads[i].message), "said  %s\nnot   %s\nfor:\n%s",
                  status_message(), bads[i].message, bads[i].text);
        cr_expect(experiment.n_axes == 42, "changed the experiment:\n%s", bads[i].text);
    }
}

Test(experiment, an_unknown_figure_is_answered_with_all_kinds) {
    struct experiment experiment;
    struct pool pool = {0};
    const char *kinds = "";
    for (int i = 0; i < figure_kind_count(); i++)
        kinds = pool_format(&pool, "%s%s, ", kinds, figure_kind_get(i)->script);
    const char *message = pool_format(&pool,
                                      "x.yaml:3:20: script: no figure 'pie'; there are %sor a path "
                                      "of your own, such as ./mine.gp",
                                      kinds);
    cr_assert(experiment_parse("x.yaml", HEAD "figures: [{script: pie}]\n", 0, NULL, &experiment) ==
                  ERROR_USAGE,
              "pie is drawn");
    cr_expect_str_eq(status_message(), message, "said %s\nnot  %s", status_message(), message);
    pool_free(&pool);
}

/* ---- good input ---- */

static const char whole[] = "schema: 1\n"
                            "name: all-of_it1\n"
                            "title: \"A: \\\"title\\\"\"\n"
                            "base:\n"
                            "  data: {name: clusters, rows: 300}\n"
                            "  norm.kind: batch\n"
                            "  norm: {eps: 1e-3, affine: false}\n"
                            "  model:\n"
                            "    hidden: []\n"
                            "  seed: 7\n"
                            "sweep:\n"
                            "  norm:\n"
                            "    kind: [none, layer]\n"
                            "  optimizer.lr: [.1, 1e-2]\n"
                            "  model.hidden: [[], [100, 50]]\n"
                            "  seed: range(2, 9, 3)\n"
                            "zip:\n"
                            "  - {model.activation: [relu, tanh], model.init: [he, glorot]}\n"
                            "exclude:\n"
                            "  - {norm.kind: layer, seed: [2, 5]}\n"
                            "  - {model.hidden: [100, 50]}\n"
                            "  - {model.hidden: [[], [100, 50]], optimizer.lr: 0.1}\n"
                            "figures:\n"
                            "  - {script: error_vs_batch}\n"
                            "  - {script: error_vs_key, name: other, x: optimizer.lr, y: "
                            "[test_loss, train_loss], log: n}\n";

Test(experiment, everything_is_read) {
    struct experiment e = read_good(whole, NULL);
    cr_assert(!strcmp(e.name, "all-of_it1") && !strcmp(e.title, "A: \"title\""), "%s, %s", e.name,
              e.title);
    cr_assert(!strcmp(e.file, "x.yaml") && !strcmp(e.text, whole), "the text is kept as it is");
    cr_assert(!strcmp(base_text(&e, "data.name"), "clusters"), "data.name");
    cr_assert(!strcmp(base_text(&e, "data.rows"), "300"), "data.rows");
    cr_assert(!strcmp(base_text(&e, "norm.kind"), "batch"), "norm.kind, dotted");
    cr_assert(!strcmp(base_text(&e, "norm.eps"), "0.001"), "norm.eps, nested");
    cr_assert(!strcmp(base_text(&e, "norm.affine"), "false"), "norm.affine");
    cr_assert(!strcmp(base_text(&e, "model.hidden"), "[]"), "model.hidden");
    cr_assert(!strcmp(base_text(&e, "train.epochs"), "3"), "a default");
    cr_assert(e.n_axes == 5, "%d axes", e.n_axes);
    expect_axis(&e, 0, 0, "norm.kind=none,layer");
    expect_axis(&e, 1, 0, "optimizer.lr=0.1,0.01");
    expect_axis(&e, 2, 0, "model.hidden=[],[100, 50]");
    expect_axis(&e, 3, 0, "seed=2,5,8");
    expect_axis(&e, 4, 0, "model.activation=relu,tanh");
    expect_axis(&e, 4, 1, "model.init=he,glorot");
    cr_assert(e.n_exclusions == 3, "%d exclusions", e.n_exclusions);
    cr_assert(e.exclusions[0].n_keys == 2 && e.exclusions[0].n_values[1] == 2, "a list of values");
    cr_assert(e.exclusions[1].n_values[0] == 1 && e.exclusions[1].values[0][0].n_items == 2,
              "a value that is a list");
    cr_assert(e.exclusions[2].n_values[0] == 2, "values that are lists");
    cr_assert(e.n_figures == 2, "%d figures", e.n_figures);
    cr_assert(!strcmp(e.figures[0].name, "error_vs_batch"), "%s", e.figures[0].name);
    const struct figure *figure = &e.figures[1];
    cr_assert(!strcmp(figure->script, "error_vs_key") && !strcmp(figure->name, "other"), "figure");
    cr_assert(figure->n_options == 3, "%d options", figure->n_options);
    cr_assert(!strcmp(figure->option_names[1], "y") &&
                  !strcmp(figure->option_values[1], "test_loss,train_loss"),
              "%s=%s", figure->option_names[1], figure->option_values[1]);
    cr_assert(!strcmp(figure->option_values[2], "n"), "log=%s", figure->option_values[2]);
    experiment_free(&e);
}

Test(experiment, figures_that_plot_would_draw_are_taken) {
    static const char *const figures[] = {
        "{script: ./own.gp, anything: goes}",
        "{script: error_vs_key, x: optimizer.lr_effective, panel: none, row: \"\"}",
        "{script: error_vs_batch, y: \"validation_error|test_error, test_error_population\"}",
        "{script: learning_curves, y: step/train_loss, panel: norm.kind, log: y}",
        "{script: percentiles, y: [percentile_15, percentile_85]}",
        "{script: momentum_heatmap, y: bank/test_error, where: norm.average=variance}",
        "{script: error_vs_key, y: weights/final/layer0/b, logx: 2, second: what else}",
        "{script: error_vs_key, where: [norm.kind!=none, \"model.hidden=[8, 8]\", test_error<0.5]}",
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        struct pool pool = {0};
        struct experiment e =
            read_good(pool_format(&pool, HEAD "figures:\n  - %s\n", figures[i]), NULL);
        cr_assert(e.n_figures == 1, "%s", figures[i]);
        cr_assert(i > 0 || !strcmp(e.figures[0].name, "own"), "%s", e.figures[0].name);
        experiment_free(&e);
        pool_free(&pool);
    }
}

Test(experiment, values_know_where_they_stand) {
    struct experiment e = read_good(whole, (const char *[]){"norm.eps=0.5", NULL, NULL});
    const struct origin *rows = &e.base.origins[key_find("data.rows")];
    cr_assert(rows->line == 5 && rows->column == 32, "%d:%d", rows->line, rows->column);
    const struct origin *kind = &e.axes[0].origins[1];
    cr_assert(kind->line == 13 && kind->column == 18, "%d:%d", kind->line, kind->column);
    const struct origin *seed = &e.axes[3].origins[2];
    cr_assert(seed->line == 16 && seed->column == 9, "%d:%d", seed->line, seed->column);
    const struct origin *eps = &e.base.origins[key_find("norm.eps")];
    cr_assert(eps->line == 0 && !strcmp(eps->file, "command line: 'norm.eps=0.5'"), "%s",
              eps->file);
    cr_assert(!e.base.origins[key_find("train.epochs")].file, "a default comes from nowhere");
    experiment_free(&e);
}

Test(experiment, least_there_can_be) {
    struct experiment e = read_good(HEAD "base:\nsweep: # nothing yet\nfigures: ~\n", NULL);
    cr_assert(e.n_axes == 0 && e.n_exclusions == 0 && e.n_figures == 0, "empty sections");
    cr_assert(!strcmp(e.title, "x"), "the title is the name: %s", e.title);
    experiment_free(&e);
}

Test(experiment, ranges) {
    const struct {
        const char *range, *axis;
    } cases[] = {
        {"range(3)", "seed=0,1,2"},           {"range(2,4)", "seed=2,3"},
        {"range( 0 , 10, 4 )", "seed=0,4,8"}, {"range(9, 0, -3)", "seed=9,6,3"},
        {"range(5, 6, 100)", "seed=5"},
    };
    struct experiment quoted = read_good(HEAD "sweep: {seed: 'range(2, 5)'}\n", NULL);
    expect_axis(&quoted, 0, 0, "seed=2,3,4");
    experiment_free(&quoted);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool pool = {0};
        const char *text = pool_format(&pool, HEAD "sweep:\n  seed: %s\n", cases[i].range);
        struct experiment e = read_good(text, NULL);
        expect_axis(&e, 0, 0, cases[i].axis);
        experiment_free(&e);
        const char *override = pool_format(&pool, "seed=%s,77", cases[i].range);
        e = read_good(HEAD, (const char *[]){override, NULL, NULL});
        expect_axis(&e, 0, 0, pool_format(&pool, "%s,77", cases[i].axis));
        experiment_free(&e);
        pool_free(&pool);
    }
}

Test(experiment, overrides_replace_the_key_wherever_it_stands) {
    const char *text = HEAD "base: {seed: 3, optimizer: {lr: 0.5}}\n"
                            "sweep: {norm.kind: [none, batch], seed: range(8)}\n";
    struct experiment e =
        read_good(text, (const char *[]){"optimizer.lr=0.1", "seed=4,5", "norm.kind=layer"});
    cr_assert(!strcmp(base_text(&e, "optimizer.lr"), "0.1"), "%s", base_text(&e, "optimizer.lr"));
    cr_assert(e.n_axes == 2, "%d axes", e.n_axes);
    expect_axis(&e, 0, 0, "norm.kind=layer");
    expect_axis(&e, 1, 0, "seed=4,5");
    experiment_free(&e);
}

Test(experiment, override_with_commas_makes_an_axis_the_innermost) {
    struct experiment e = read_good(HEAD "base: {optimizer: {lr: 0.5}}\nsweep: {seed: [1]}\n",
                                    (const char *[]){"optimizer.lr= 0.1 , 1e-2", NULL, NULL});
    cr_assert(e.n_axes == 2, "%d axes", e.n_axes);
    expect_axis(&e, 0, 0, "seed=1");
    expect_axis(&e, 1, 0, "optimizer.lr=0.1,0.01");
    experiment_free(&e);
}

Test(experiment, brackets_are_one_value) {
    struct experiment e = read_good(HEAD, (const char *[]){"model.hidden=[100,50]", NULL, NULL});
    cr_assert(e.n_axes == 0 && !strcmp(base_text(&e, "model.hidden"), "[100, 50]"), "%s",
              base_text(&e, "model.hidden"));
    experiment_free(&e);
    e = read_good(HEAD, (const char *[]){"model.hidden=[100,50],[],[7]", NULL, NULL});
    expect_axis(&e, 0, 0, "model.hidden=[100, 50],[],[7]");
    experiment_free(&e);
    e = read_good(HEAD, (const char *[]){"data.dir=", NULL, NULL});
    cr_assert(!strcmp(base_text(&e, "data.dir"), "\"\""), "an empty text is a value");
    experiment_free(&e);
}

Test(experiment, swept_key_may_stand_in_base) {
    struct experiment e = read_good(HEAD "base: {seed: 3}\nsweep: {seed: [4, 5]}\n", NULL);
    expect_axis(&e, 0, 0, "seed=4,5");
    experiment_free(&e);
}

/* ---- the quick protocol ---- */

#define QUICK                                                                                      \
    HEAD "sweep: {train.batch_size: [2, 4], seed: range(10)}\n"                                    \
         "quick: {set: {seed: range(3), train.epochs: 1}, only: {train.batch_size: 4}}\n"

Test(experiment, quick_replaces_keys_and_keeps_cells) {
    struct experiment e = read_good(QUICK, (const char *[]){"protocol=quick", NULL});
    cr_assert(!strcmp(e.name, "x-quick"), "it is named %s", e.name);
    expect_axis(&e, 1, 0, "seed=0,1,2");
    cr_assert(!strcmp(base_text(&e, "train.epochs"), "1"), "epochs");
    cr_assert(e.n_exclusions == 1 && e.exclusions[0].others, "the cells of only");
    experiment_free(&e);
}

Test(experiment, quick_is_nothing_unless_asked_for) {
    struct experiment e = read_good(QUICK, NULL);
    cr_assert(!strcmp(e.name, "x") && e.n_exclusions == 0, "named %s", e.name);
    expect_axis(&e, 1, 0, "seed=0,1,2,3,4,5,6,7,8,9");
    experiment_free(&e);
}

Test(experiment, command_line_wins_over_quick) {
    struct experiment e = read_good(QUICK, (const char *[]){"protocol=quick", "seed=7", NULL});
    expect_axis(&e, 1, 0, "seed=7");
    experiment_free(&e);
}

/* ---- the name of the results ---- */

/* What overrides make of the name x, and what they say of themselves. */
static const struct {
    const char *overrides[MAX_OVERRIDES], *results, *text;
} result_names[] = {
    {{NULL}, "x", ""},
    {{"seed=3"}, "x+seed=3", "seed=3"},
    {{"seed=0,1", "norm.kind=batch"}, "x+norm.kind=batch+seed=0,1", "norm.kind=batch seed=0,1"},
    {{"seed=range(3)"}, "x+seed=0..2", "seed=0,1,2"},
    {{"optimizer.lr=5e-2,1e-1"}, "x+optimizer.lr=0.05,0.1", "optimizer.lr=0.05,0.1"},
    {{"model.hidden=[64, 100],[8]"}, "x+model.hidden=64-100,8", "model.hidden=[64,100],[8]"},
    {{"norm.on_input=true"}, "x+norm.on_input=true", "norm.on_input=true"},
    {{"log.level=full", "data.dir=/tmp", "log.weights=both"}, "x", ""},
    {{"protocol=quick"}, "x-quick", ""},
    {{"protocol=quick", "seed=7"}, "x-quick+seed=7", "seed=7"},
};

Test(experiment, overrides_give_the_results_a_name_of_their_own) {
    for (size_t i = 0; i < sizeof result_names / sizeof *result_names; i++) {
        struct experiment e = read_good(QUICK, result_names[i].overrides);
        cr_expect_str_eq(e.results, result_names[i].results, "%zu: results %s", i, e.results);
        cr_expect_str_eq(e.overrides, result_names[i].text, "%zu: overrides %s", i, e.overrides);
        experiment_free(&e);
    }
}

/* Whatever is cut or left out of the name, the hash still tells apart. */
Test(experiment, a_long_name_of_results_is_cut_and_two_never_meet) {
#define RATES "optimizer.lr=0.0123451,0.0123452,0.0123453,0.0123454,0.0123455,0.0123456,0.0123457,"
    struct experiment one = read_good(HEAD, (const char *[]){RATES "1", NULL});
    struct experiment other = read_good(HEAD, (const char *[]){RATES "2", NULL});
    cr_expect(!strncmp(one.results, other.results, 40), "%s, %s", one.results, other.results);
    cr_expect(strcmp(one.results, other.results) != 0, "one name: %s", one.results);
    cr_expect(strlen(one.results) < 80, "%s", one.results);
    experiment_free(&one);
    experiment_free(&other);
}

/* ---- files ---- */

Test(experiment, files) {
    char dir[] = "/tmp/normlab-test-XXXXXX", path[64], message[256];
    cr_assert(mkdtemp(dir), "no folder");
    struct experiment e;
    snprintf(path, sizeof path, "%s/x.yaml", dir);
    cr_assert(experiment_read(path, 0, NULL, &e) == ERROR_USAGE, "a file that is not there");
    snprintf(message, sizeof message, "%s: cannot be read: No such file or directory", path);
    cr_assert(!strcmp(status_message(), message), "%s", status_message());

    cr_assert(experiment_read(dir, 0, NULL, &e) == ERROR_USAGE, "a folder");
    snprintf(message, sizeof message, "%s: cannot be read: Is a directory", dir);
    cr_assert(!strcmp(status_message(), message), "%s", status_message());

    FILE *out = fopen(path, "wb");
    fwrite("schema: 1\0", 1, 10, out);
    fclose(out);
    cr_assert(experiment_read(path, 0, NULL, &e) == ERROR_USAGE, "a file that is not text");
    snprintf(message, sizeof message, "%s: is not an experiment file", path);
    cr_assert(!strcmp(status_message(), message), "%s", status_message());

    out = fopen(path, "wb");
    fputs("schema: 1\r\nname: dos\r\nbase: {seed: 4}\r\n", out);
    fclose(out);
    cr_assert(experiment_read(path, 0, NULL, &e) == OK, "%s", status_message());
    cr_assert(!strcmp(e.name, "dos") && !strcmp(base_text(&e, "seed"), "4"),
              "lines may end in CR LF");
    experiment_free(&e);
    unlink(path);
    rmdir(dir);
}

static void write_file(const char *path, const char *text) {
    FILE *out = fopen(path, "wb");
    cr_assert(out, "%s", path);
    fputs(text, out);
    fclose(out);
}

Test(experiment, a_file_may_have_the_runs_of_another) {
    char dir[] = "/tmp/normlab-test-XXXXXX", path[64], other[64], message[256];
    cr_assert(mkdtemp(dir), "no folder");
    snprintf(path, sizeof path, "%s/claim.yaml", dir);
    snprintf(other, sizeof other, "%s/runs.yaml", dir);
    struct experiment e;
    write_file(other, "schema: 1\nname: runs\nbase: {seed: 4}\n");
    write_file(path, "schema: 1\nname: claim\nexperiment: runs.yaml\nclaim: {number: 1}\n");
    cr_assert(experiment_read(path, 0, NULL, &e) == OK, "%s", status_message());
    cr_assert(!strcmp(e.name, "runs") && !strcmp(e.file, other), "%s of %s", e.name, e.file);
    experiment_free(&e);

    write_file(path, "schema: 1\nname: claim\nexperiment: runs.yaml\nbase: {seed: 1}\n");
    cr_assert(experiment_read(path, 0, NULL, &e) == ERROR_USAGE, "two definitions");
    snprintf(message, sizeof message, "%s:4:1: 'base' belongs into the file whose runs are judged",
             path);
    cr_assert(!strcmp(status_message(), message), "%s", status_message());
    unlink(path);
    unlink(other);
    rmdir(dir);
}

/* ---- JSON ---- */

static const char *json_member(const struct json *object, const char *name) {
    const char *text = json_text(object, name, NULL);
    cr_assert(text, "there is no text %s", name);
    return text;
}

Test(experiment, json_holds_every_key_and_parses) {
    struct experiment e = read_good(whole, NULL);
    struct pool pool = {0};
    struct json *root;
    const char *text = experiment_json(&e, &pool);
    cr_assert(json_parse(text, &pool, &root) == OK, "%s\n%s", status_message(), text);
    cr_assert(!strcmp(json_member(root, "title"), "A: \"title\""), "%s", text);
    const struct json *base = json_get(root, "base");
    cr_assert(base && base->type == JSON_MAP && base->n == key_count(), "%s", text);
    for (int i = 0; i < key_count(); i++)
        cr_assert(json_get(base, key_get(i)->name), "%s is missing", key_get(i)->name);
    cr_assert(!strcmp(json_member(base, "norm.kind"), "batch"), "a choice");
    cr_assert(json_get(base, "norm.affine")->type == JSON_BOOL, "a boolean");
    cr_assert(json_number(base, "norm.eps", 0) == 1e-3, "a number");
    cr_assert(!strcmp(json_member(base, "data.train"), "all"), "a word for a number");
    const struct json *axes = json_list(root, "axes");
    cr_assert(axes && axes->n == 5, "%s", text);
    const struct json *kinds = json_list(axes->first, "norm.kind");
    cr_assert(kinds && kinds->n == 2 && !strcmp(kinds->first->text, "none"), "%s", text);
    cr_assert(json_list(root, "exclude")->n == 3 && json_list(root, "figures")->n == 2, "%s", text);
    pool_free(&pool);
    experiment_free(&e);
}

/* ---- what is shipped ---- */

static const char *const shipped[] = {"small_batch", "placement", "momentum", "input_scaling",
                                      "smoke"};

Test(experiment, shipped_files_are_read) {
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
        char path[64];
        snprintf(path, sizeof path, "experiments/%s.yaml", shipped[i]);
        if (access(path, R_OK))
            cr_skip_test("runs in the project's folder only");
        struct experiment e;
        cr_assert(experiment_read(path, 0, NULL, &e) == OK, "%s", status_message());
        cr_assert(!strcmp(e.name, shipped[i]), "%s is named %s", path, e.name);
        cr_assert(e.n_figures > 0, "%s has no figure", path);
        experiment_free(&e);
    }
}
