/* Golden hashes of final weights and running state: whoever changes the bits of training has to
 * raise NUMERICS, so that runs of before and after are never taken for the same.
 *
 * Bits depend on the compiler and on the kernels that the matrix library picks for the processor,
 * so the values hold for one kind of build only: gcc 12, x86-64 with AVX2 and FMA, release flags,
 * OpenBLAS 0.3.21 with OPENBLAS_CORETYPE=Haswell (scripts/run-tests.sh sets it for this suite).
 * Elsewhere the test is skipped, and says why. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/gemm.h"
#include "lab/identity.h"
#include "tests/support.h"

struct golden {
    const char *norm;
    long placement, activation, optimizer, batch_size;
    uint64_t hash;
};

/* NUMERICS at which these were taken. */
enum { GOLDEN_NUMERICS = 1 };
static const struct golden goldens[] = {
    {"none", NORM_BEFORE, ACTIVATION_RELU, OPTIMIZER_SGD, 64, 0x5d2f57931ed934dd},
    {"batch", NORM_BEFORE, ACTIVATION_RELU, OPTIMIZER_SGD, 64, 0xdd6fdb778c6897a7},
    {"batch", NORM_AFTER, ACTIVATION_TANH, OPTIMIZER_ADAM, 7, 0xc0d2ce5b191ce764},
    {"batch", NORM_BEFORE, ACTIVATION_SIGMOID, OPTIMIZER_SGD, 2, 0xcb40f661a41b867d},
    {"layer", NORM_BEFORE, ACTIVATION_RELU, OPTIMIZER_ADAM, 33, 0x41fddd5b127516c4},
    {"layer", NORM_AFTER, ACTIVATION_SIGMOID, OPTIMIZER_SGD, 4, 0x6eb4e39b5dcc2b16},
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
    if (!strstr(gemm_library(), "0.3.21 Haswell"))
        return "matrix products are not OpenBLAS 0.3.21 with OPENBLAS_CORETYPE=Haswell";
    return NULL;
#endif
}

/* Weights and running state, not the optimizer's. */
static uint64_t train(const struct golden *golden, const struct test_data *data) {
    static const double hidden[] = {150, 40};
    struct run_config config = test_config();
    config.model.hidden = hidden;
    config.model.activation = golden->activation;
    config.norm.kind = normalizer_find(golden->norm);
    config.norm.placement = golden->placement;
    config.optimizer.kind = golden->optimizer;
    config.optimizer.lr = golden->optimizer == OPTIMIZER_ADAM ? 0.003 : 0.05;
    config.optimizer.momentum = 0.9;
    config.optimizer.schedule = SCHEDULE_COSINE;
    config.optimizer.weight_decay = 1e-4;
    config.optimizer.clip = 1;
    config.train.batch_size = golden->batch_size;
    config.train.steps = 30;
    config.train.order = ORDER_SHUFFLE;
    struct trainer *trainer = test_trainer(&config, data, 1);
    long n = trainer_advance(trainer, 30, NULL);
    cr_assert(n == 30 && trainer->diverged_at_step < 0, "%s: only %ld steps", golden->norm, n);
    const struct mlp *mlp = &trainer->mlp;
    uint64_t hash = test_hash(TEST_HASH_START, mlp->params, mlp->n_params * sizeof(float));
    hash = test_hash(hash, mlp->states, mlp->n_states * sizeof(float));
    trainer_free(trainer);
    return hash;
}

Test(golden, final_weights_have_the_bits_of_this_numerics) {
    if (why_not())
        cr_skip_test("golden hashes do not hold here: %s", why_not());
    struct test_data *data = test_data_create(9000, 50, 10, 600, 0, 10);
    char table[GOLDENS * 64] = "";
    bool same = (int)NUMERICS == (int)GOLDEN_NUMERICS;
    for (int i = 0; i < GOLDENS; i++) {
        uint64_t hash = train(&goldens[i], data);
        same = same && hash == goldens[i].hash;
        snprintf(table + strlen(table), sizeof table - strlen(table),
                 "  0x%016" PRIx64 "  %s, batch %ld\n", hash, goldens[i].norm,
                 goldens[i].batch_size);
    }
    test_data_free(data);
    cr_assert(same,
              "the bits of training changed. If that was meant: raise NUMERICS in "
              "src/lab/identity.h by one, "
              "set GOLDEN_NUMERICS here to the same, and enter these hashes:\n%s",
              table);
}
