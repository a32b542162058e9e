/* Evaluation by mini-batches with their own statistics: against the oracle, row by row, on several
 * threads. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "engine/nn/evaluate.h"
#include "tests/support.h"

enum { FEATURES = 9, TEST_ROWS = 50, STEPS = 20 };

static struct test_data *data;

static void create(void) {
    data = test_data_create(8, FEATURES, 4, 80, 0, TEST_ROWS);
}

static void destroy(void) {
    test_data_free(data);
}

TestSuite(nn_evaluate_batches, .init = create, .fini = destroy);

static struct trainer *trained(long kind, int variant, long rows, int n_threads) {
    struct run_config config = test_config();
    config.norm.kind = kind;
    config.norm.placement = variant % 2;
    config.norm.on_input = variant / 2 % 2;
    config.model.activation = activation_find("tanh");
    config.train.epochs = 3;
    config.eval.batch_rows = rows;
    struct trainer *trainer = test_trainer(&config, data, n_threads);
    trainer->team_size = n_threads;
    trainer_advance(trainer, STEPS, NULL);
    return trainer;
}

static struct evaluation evaluated(const struct trainer *trainer) {
    struct evaluation result;
    enum status status = evaluate_batches(trainer, PART_TEST, &result);
    cr_assert(!status, "%s", status_message());
    return result;
}

/* Mean over the oracle's whole mini-batches of `rows`. */
static struct evaluation by_oracle(const struct trainer *trainer, int rows) {
    struct oracle *oracle = test_oracle(trainer, rows);
    double x[TEST_ROWS * FEATURES];
    int labels[TEST_ROWS], n = TEST_ROWS / rows;
    struct evaluation mean = {0, 0};
    test_widen(TEST_ROWS * FEATURES, data->source.test_values, x);
    for (int i = 0; i < TEST_ROWS; i++)
        labels[i] = data->source.test_labels[i];
    for (int i = 0; i < n; i++) {
        oracle_forward(oracle, rows, x + i * rows * FEATURES, 0);
        mean.loss += oracle_loss(oracle, rows, labels + i * rows) / n;
        mean.error += oracle_error(oracle, rows, labels + i * rows) / n;
    }
    oracle_free(oracle);
    return mean;
}

/* Two rows and their difference near 0 magnify roundings: from 5 rows on. */
Test(nn_evaluate_batches, each_mini_batch_has_its_own_statistics) {
    static const int sizes[] = {5, 8, 25, 50};
    long kinds[] = {normalizer_find("none"), normalizer_find("batch"), normalizer_find("layer")};
    for (int i = 0; i < 3 * 4 * 4; i++) {
        int rows = sizes[i % 4];
        struct trainer *trainer = trained(kinds[i / 16], i / 4 % 4, rows, 1);
        struct evaluation found = evaluated(trainer), expected = by_oracle(trainer, rows);
        cr_assert(fabs(found.loss - expected.loss) <= 1e-5 * (1 + expected.loss),
                  "kind %d, %d rows: loss %.9g, oracle %.9g", i / 16, rows, found.loss,
                  expected.loss);
        cr_assert(fabs(found.error - expected.error) < 1e-12,
                  "kind %d, %d rows: error %g, oracle %g", i / 16, rows, found.error,
                  expected.error);
        trainer_free(trainer);
    }
}

Test(nn_evaluate_batches, auto_is_the_trained_size) {
    struct trainer *by_default = trained(normalizer_find("batch"), 0, -1, 1);
    struct evaluation found = evaluated(by_default), expected = by_oracle(by_default, 8);
    cr_assert(fabs(found.loss - expected.loss) <= 1e-5, "loss %.9g, with 8 rows %.9g", found.loss,
              expected.loss);
    trainer_free(by_default);
}

/* At test one example has no meaningful mean and variance: its output is that of every other. */
Test(nn_evaluate_batches, one_row_alone_gets_the_same_answer_as_all) {
    struct trainer *trainer = trained(normalizer_find("batch"), 0, 1, 1);
    struct evaluation found = evaluated(trainer);
    double share[4] = {0};
    bool one_answer = false;
    for (int i = 0; i < TEST_ROWS; i++)
        share[data->source.test_labels[i]] += 1.0 / TEST_ROWS;
    for (int k = 0; k < 4; k++)
        one_answer |= fabs(found.error - (1 - share[k])) < 1e-9;
    cr_assert(one_answer, "error %g is that of no constant answer", found.error);
    struct evaluation running;
    cr_assert(!evaluate(trainer, PART_TEST, TEST_ROWS, NULL, NULL, &running), "%s",
              status_message());
    cr_assert(running.error < found.error, "running statistics are no better: %g, %g",
              running.error, found.error);
    trainer_free(trainer);
}

Test(nn_evaluate_batches, nothing_is_changed_and_threads_agree) {
    for (int i = 0; i < 8; i++) {
        static const long rows[] = {1, 3, 7, 50};
        struct trainer *one = trained(normalizer_find("batch"), i / 4 * 3, rows[i % 4], 1),
                       *three = trained(normalizer_find("batch"), i / 4 * 3, rows[i % 4], 3);
        uint64_t before = test_hash(TEST_HASH_START, one->arena.base, one->arena.size);
        struct evaluation a = evaluated(one), b = evaluated(three);
        cr_assert(test_hash(TEST_HASH_START, one->arena.base, one->arena.size) == before,
                  "%ld rows: evaluation wrote to the trainer", rows[i % 4]);
        cr_assert(a.loss == b.loss && a.error == b.error, "%ld rows: %.17g, on three threads %.17g",
                  rows[i % 4], a.loss, b.loss);
        trainer_free(one);
        trainer_free(three);
    }
}

Test(nn_evaluate_batches, without_a_whole_mini_batch_there_is_no_figure) {
    struct trainer *trainer = trained(normalizer_find("batch"), 0, TEST_ROWS + 1, 1);
    struct evaluation found = evaluated(trainer);
    cr_assert(isnan(found.loss) && isnan(found.error), "loss %g, error %g of no mini-batch",
              found.loss, found.error);
    cr_assert(evaluate_batches_memory(trainer) == 0, "room for no mini-batch");
    trainer_free(trainer);
}
