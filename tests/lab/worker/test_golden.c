/* Golden hashes of final weights and running state: whoever changes the bits of training has to
 * raise NUMERICS, so that runs of before and after are never taken for the same.
 *
 * Bits depend on the compiler, so the values hold for one kind of build only: gcc 12, x86-64 with
 * AVX2 and FMA (registers of any width), release flags. Elsewhere the test is skipped, and says
 * why. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/evaluate.h"
#include "lab/config/cell.h"
#include "lab/config/identity.h"
#include "tests/support.h"

/* What a row does not say. */
#define COMMON                                                                                     \
    "model.hidden=[150,40] optimizer.lr=0.05 optimizer.schedule=cosine optimizer.clip=1 "          \
    "optimizer.weight_decay=1e-4 train.steps=30 "

struct golden {
    const char *keys;
    uint64_t trained;   /* final weights and running state */
    uint64_t evaluated; /* test loss and error, by running and by population statistics */
};

/* NUMERICS at which these were taken. */
enum { GOLDEN_NUMERICS = 2 };
static const struct golden goldens[] = {
    {"norm.kind=none", 0xe72494d73b7750b4, 0x5003563f8e3976a9},
    {"norm.kind=batch", 0x05032031ab21098f, 0xc3eb9316dc344911},
    {"norm.kind=batch norm.placement=after model.activation=tanh optimizer.kind=adam "
     "optimizer.lr=0.003 train.batch_size=7",
     0xf3c248e0be577442, 0xa2929bad35710f77},
    {"norm.kind=batch model.activation=sigmoid train.batch_size=2", 0xdeb802d48c7a83f9,
     0xa91fec4b96fef51d},
    {"norm.kind=layer optimizer.kind=adam optimizer.lr=0.003 train.batch_size=33",
     0x67d954fa41cd7f35, 0xf8ec259dfe0369d9},
    {"norm.kind=layer norm.placement=after model.activation=sigmoid train.batch_size=4",
     0x44158910c1eb5503, 0x19d8da0568d30541},
    {"norm.kind=batch norm.placement=after norm.on_input=true model.activation=sigmoid "
     "model.init=glorot optimizer.nesterov=true optimizer.schedule=step train.loss=squared",
     0x18a6cbf301f46dc2, 0xb08497175312ba32},
    {"norm.kind=batch norm.affine=false norm.on_output=true norm.running_var=biased "
     "model.activation=identity optimizer.momentum=0 optimizer.warmup=0.2 train.order=sequential",
     0x981af21781e90f8d, 0x95ba08ca279e2ae7},
    {"norm.kind=layer norm.placement=after norm.on_input=true norm.on_output=true "
     "norm.gamma_initial=0.5 norm.beta_initial=0.1 model.activation=tanh model.init=normal "
     "model.init_scale=0.1 optimizer.decay_on=all optimizer.lr_scaling=linear train.batch_size=16",
     0xef5410b99484461b, 0x5edabc795a4aa7f9},
    {"norm.kind=layer norm.affine=false model.bias=off optimizer.kind=adam optimizer.beta1=0.8 "
     "optimizer.lr=0.003 optimizer.lr_scaling=sqrt optimizer.clip=0.1 train.loss=squared "
     "train.batch_size=25",
     0xe50483719e300cb8, 0x928c594a732c979d},
    {"norm.kind=batch norm.momentum=0.5 norm.eps=0.01 model.bias=on model.init=glorot "
     "optimizer.decay_on=all optimizer.nesterov=true optimizer.schedule=step optimizer.warmup=0.1 "
     "optimizer.step_at=[0.3,0.6] optimizer.step_factor=0.5 seeds.init=3 seeds.order=5",
     0x2de568d82f8e3173, 0x78d77e13f3b6d831},
    {"norm.kind=none model.hidden=[] optimizer.momentum=0 optimizer.schedule=constant "
     "optimizer.clip=0 train.order=sequential train.batch_size=1",
     0x0b62810975315856, 0x998789a8ecf82201},
    {"norm.kind=dyt norm.on_input=true optimizer.decay_on=all", 0xa10f7ae02c3fefab,
     0x7bfeb3145258c359},
    {"norm.kind=derf norm.placement=after norm.on_output=true norm.alpha_initial=0.75 "
     "model.activation=tanh optimizer.kind=adam optimizer.lr=0.003 train.batch_size=7",
     0xb399e2d0c8a77886, 0x665ce20a71158955},
};
enum { GOLDENS = sizeof goldens / sizeof *goldens };

/* NULL where the values hold. */
static const char *why_not(void) {
#if !defined(__x86_64__) || !defined(__AVX2__) || !defined(__FMA__)
    return "not built for x86-64 with AVX2 and FMA";
#elif defined(__clang__) || __GNUC__ != 12
    return "not built with gcc 12";
#elif !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return "not a release build";
#else
    return NULL;
#endif
}

/* ---- from keys to hashes ---- */

/* "name=value name=value", later ones win. */
static void set_keys(struct cell *cell, const char *keys, struct pool *pool) {
    char *copy = pool_text(pool, keys);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        char *value = strchr(word, '=');
        *value++ = 0;
        int key = key_find(word);
        cr_assert(key >= 0, "no key %s", word);
        enum status status = value_parse(key_get(key), value, pool, &cell->values[key]);
        cr_assert(!status, "%s", status_message());
    }
}

/* Keys that would not be looked at do not belong in a row. */
static struct run_config configure(const char *keys, struct pool *pool) {
    struct cell cell;
    struct config config;
    cell_create(&cell, pool);
    set_keys(&cell, COMMON, pool);
    set_keys(&cell, keys, pool);
    cell_finish(&cell, &config);
    for (int i = 0; i < key_count(); i++)
        cr_assert(cell.applies[i] || !strstr(keys, key_get(i)->name), "%s does not apply to '%s'",
                  key_get(i)->name, keys);
    return config.run;
}

/* Weights and running state, not the optimizer's. */
static uint64_t hash_trained(const struct trainer *trainer) {
    const struct mlp *mlp = &trainer->mlp;
    uint64_t hash = test_hash(TEST_HASH_START, mlp->params, mlp->n_params * sizeof(float));
    return test_hash(hash, mlp->states, mlp->n_states * sizeof(float));
}

static uint64_t hash_evaluated(const struct trainer *trainer) {
    long n_train = trainer->dataset->n[PART_TRAIN], n_test = trainer->dataset->n[PART_TEST];
    float *population = test_memory(trainer->mlp.n_states, sizeof *population);
    struct evaluation results[2];
    enum status status = evaluate_population_states(trainer, n_train, population);
    if (!status)
        status = evaluate(trainer, PART_TEST, n_test, NULL, NULL, &results[0]);
    if (!status)
        status = evaluate(trainer, PART_TEST, n_test, population, NULL, &results[1]);
    cr_assert(!status, "%s", status_message());
    free(population);
    return test_hash(TEST_HASH_START, results, sizeof results);
}

static struct golden train(const char *keys, const struct test_data *data) {
    struct pool pool = {0};
    struct run_config config = configure(keys, &pool);
    struct trainer *trainer = test_trainer(&config, data, 1);
    long n = trainer_advance(trainer, trainer->total_steps, NULL);
    cr_assert(n == 30 && trainer->diverged_at_step < 0, "%s: only %ld steps", keys, n);
    struct golden found = {keys, hash_trained(trainer), hash_evaluated(trainer)};
    trainer_free(trainer);
    pool_free(&pool);
    return found;
}

Test(golden, final_weights_and_figures_have_the_bits_of_this_numerics) {
    if (why_not())
        cr_skip_test("golden hashes do not hold here: %s", why_not());
    struct test_data *data = test_data_create(9000, 50, 10, 600, 0, 200);
    struct pool pool = {0};
    const char *table = "";
    bool same = (int)NUMERICS == (int)GOLDEN_NUMERICS;
    for (int i = 0; i < GOLDENS; i++) {
        struct golden found = train(goldens[i].keys, data);
        bool as_before =
            found.trained == goldens[i].trained && found.evaluated == goldens[i].evaluated;
        table = pool_format(&pool, "%s %c 0x%016" PRIx64 ", 0x%016" PRIx64 "  %s\n", table,
                            as_before ? ' ' : '*', found.trained, found.evaluated, found.keys);
        same = same && as_before;
    }
    test_data_free(data);
    cr_assert(
        same,
        "the bits of training or of evaluation changed (*). If that was meant: raise NUMERICS "
        "in src/lab/config/identity.h by one, "
        "set GOLDEN_NUMERICS here to the same, and enter these hashes:\n%s",
        table);
    pool_free(&pool);
}
