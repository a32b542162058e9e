/* The table of evaluation sources: what every row must hold to, of every normalizer. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/evaluation_sources.h"
#include "tests/support.h"

enum { STEPS = 12, VALIDATION_ROWS = 30, TEST_ROWS = 40, MOMENTA = 2 };
static const double momenta[MOMENTA] = {0.5, 0.99};

static struct test_data *data;

static void create(void) {
    data = test_data_create(11, 9, 4, 90, VALIDATION_ROWS, TEST_ROWS);
}

static void destroy(void) {
    test_data_free(data);
}

TestSuite(nn_evaluation_sources, .init = create, .fini = destroy);

static struct trainer *trained(long kind) {
    struct run_config config = test_config();
    test_norm(&config.norm, kind);
    config.train.epochs = 3;
    config.eval.population_rows = 60;
    config.eval.momenta = momenta;
    config.eval.n_momenta = MOMENTA;
    struct trainer *trainer = test_trainer(&config, data, 1);
    trainer_advance(trainer, STEPS, NULL);
    return trainer;
}

static struct evaluation_pair evaluated(const struct trainer *trainer, int source, int member) {
    struct evaluation_pair pair;
    float *room = test_memory(trainer->mlp.n_states + 1, sizeof *room);
    enum status status =
        evaluate_with(trainer, source, member, (struct test_rows){.wanted = true}, room, &pair);
    cr_assert(!status, "%s", status_message());
    free(room);
    return pair;
}

static bool is_share(double error) {
    return error >= 0 && error <= 1;
}

Test(nn_evaluation_sources, a_column_names_its_source) {
    cr_assert(evaluation_source_find("test_error") == SOURCE_RUNNING);
    cr_assert(evaluation_source_find("validation_error_batch") == SOURCE_batch);
    cr_assert(evaluation_source_find("test_error_population") == SOURCE_population);
    cr_assert(evaluation_source_find("test_loss") == -1);
    cr_assert(evaluation_source_find("test_error_scored") == -1);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        const struct evaluation_source *source = evaluation_source_get(i);
        char column[64];
        snprintf(column, sizeof column, "test_error%s", source->suffix);
        cr_assert(evaluation_source_find(column) == i, "%s is not the column of %s", column,
                  source->name);
    }
}

/* Shares where there are such statistics, else nothing; and what training needs is as it was. */
Test(nn_evaluation_sources, every_source_looks_and_touches_nothing) {
    for (long kind = 0; kind < normalizer_count(); kind++) {
        struct trainer *trainer = trained(kind);
        const struct mlp *mlp = &trainer->mlp;
        size_t size = mlp->n_params + mlp->n_states; /* side by side */
        float *before = test_memory(size + 1, sizeof *before);
        memcpy(before, mlp->params, size * sizeof *before);
        for (int i = 0; i < SOURCE_COUNT; i++) {
            const char *name = evaluation_source_get(i)->name;
            struct evaluation_pair pair = evaluated(trainer, i, -1);
            bool applies = evaluation_source_applies(i, mlp);
            cr_assert(applies ? is_share(pair.test.error) : isnan(pair.test.error),
                      "%s of %s: test error %g", name, normalizer_get(kind)->name, pair.test.error);
            cr_assert(applies ? is_share(pair.validation.error) : isnan(pair.validation.error),
                      "%s of %s: validation error %g", name, normalizer_get(kind)->name,
                      pair.validation.error);
            cr_assert(!memcmp(before, mlp->params, size * sizeof *before),
                      "%s of %s changes parameters or state", name, normalizer_get(kind)->name);
        }
        free(before);
        trainer_free(trainer);
    }
}

/* As many as the error counts, of each member too; of rows that depend on each other none. */
Test(nn_evaluation_sources, wrong_rows_are_those_that_the_error_counts) {
    struct trainer *trainer = trained(normalizer_find("batch"));
    float *room = test_memory(trainer->mlp.n_states, sizeof *room);
    for (int i = 0; i < SOURCE_COUNT; i++)
        for (int member = -1; evaluation_source_get(i)->states && member < trainer->bank.n;
             member++) {
            struct evaluation_pair pair;
            uint64_t wrong = 0;
            struct test_rows test = {true, &wrong};
            cr_assert(!evaluate_with(trainer, i, member, test, room, &pair), "%s",
                      status_message());
            cr_assert(wrong >> TEST_ROWS == 0, "there is no row %d", TEST_ROWS);
            cr_assert((double)__builtin_popcountll(wrong) / TEST_ROWS == pair.test.error,
                      "%s, member %d: %d rows, error %g", evaluation_source_get(i)->name, member,
                      __builtin_popcountll(wrong), pair.test.error);
        }
    free(room);
    trainer_free(trainer);
}

Test(nn_evaluation_sources, a_series_of_wrong_rows_names_its_source) {
    cr_assert(evaluation_source_of_rows("wrong") == SOURCE_RUNNING);
    cr_assert(evaluation_source_of_rows("wrong_population") == SOURCE_population);
    cr_assert(evaluation_source_of_rows("wrong_batch") == -1, "its rows depend on each other");
    cr_assert(evaluation_source_of_rows("wrong_") == -1 && evaluation_source_of_rows("") == -1);
}

/* A member's own statistics are told apart from another's and from the network's. */
Test(nn_evaluation_sources, a_source_of_the_bank_is_of_the_member_asked_for) {
    struct trainer *trainer = trained(normalizer_find("batch"));
    int last = trainer->bank.n - 1;
    cr_assert(last == MOMENTA * NORM_AVERAGES - 1, "%d members", last + 1);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        const struct evaluation_source *source = evaluation_source_get(i);
        if (!source->bank)
            continue;
        double own = evaluated(trainer, i, -1).test.loss,
               first = evaluated(trainer, i, 0).test.loss,
               other = evaluated(trainer, i, last).test.loss;
        cr_assert(first != own && first != other, "%s: losses %g, %g, of the network %g",
                  source->name, first, other, own);
    }
    trainer_free(trainer);
}

Test(nn_evaluation_sources, test_rows_are_left_alone_unless_asked_for) {
    struct trainer *trainer = trained(normalizer_find("batch"));
    float *room = test_memory(trainer->mlp.n_states, sizeof *room);
    struct evaluation expected;
    cr_assert(!evaluate(trainer, PART_VALIDATION, VALIDATION_ROWS, NULL, NULL, &expected));
    for (int i = 0; i < SOURCE_COUNT; i++) {
        struct evaluation_pair pair;
        cr_assert(!evaluate_with(trainer, i, -1, (struct test_rows){0}, room, &pair), "%s",
                  status_message());
        cr_assert(isnan(pair.test.error) && isnan(pair.test.loss), "%s: test error %g",
                  evaluation_source_get(i)->name, pair.test.error);
        cr_assert(i != SOURCE_RUNNING || pair.validation.loss == expected.loss,
                  "validation loss %g, with running statistics %g", pair.validation.loss,
                  expected.loss);
    }
    free(room);
    trainer_free(trainer);
}

Test(nn_evaluation_sources, an_error_without_a_finite_loss_overflowed) {
    struct evaluation_pair pair = evaluation_none;
    cr_assert(!evaluation_overflowed(&pair), "nothing was evaluated");
    pair.validation = (struct evaluation){1.5, 0.25};
    cr_assert(!evaluation_overflowed(&pair), "a finite loss");
    pair.test = (struct evaluation){INFINITY, 0.25};
    cr_assert(evaluation_overflowed(&pair), "an infinite loss");
    pair.test.loss = NAN;
    cr_assert(evaluation_overflowed(&pair), "a loss that is no number");
}
