/* What is evaluated after an epoch: with running statistics, and with others from the same weights.
 */
#include <math.h>

#include "lab/worker/observer.h"

static const struct part_errors no_errors = {NAN, NAN, false};

struct part_errors observer_kept(const struct observer *observer, struct part_errors errors) {
    bool trained = observer->trainer->diverged_at_step < 0;
    return !observer->diverged || (trained && !errors.overflowed) ? errors : no_errors;
}

struct epoch_point observer_no_point(long steps) {
    return (struct epoch_point){.train_loss = NAN,
                                .train_error = NAN,
                                .validation_loss = NAN,
                                .validation_error = NAN,
                                .test_loss = NAN,
                                .test_error = NAN,
                                .debiased = no_errors,
                                .population = no_errors,
                                .batch = no_errors,
                                .steps = steps};
}

static bool last_point(const struct observer *observer) {
    return observer->trainer->step == observer->trainer->total_steps;
}

static bool wants_test(const struct observer *observer) {
    return observer->log.test == LOG_TEST_EPOCH ||
           (observer->log.test == LOG_TEST_FINAL && last_point(observer));
}

static enum status evaluate_part(const struct trainer *trainer, enum data_part part, float *states,
                                 struct evaluation *result) {
    return evaluate(trainer, part, trainer->dataset->n[part], states, result);
}

/* Where a part was evaluated there is an error, and its loss is finite as long as all outputs are.
 */
static struct part_errors part_errors(struct evaluation validation, struct evaluation test) {
    bool overflowed = (!isnan(validation.error) && !isfinite(validation.loss)) ||
                      (!isnan(test.error) && !isfinite(test.loss));
    return (struct part_errors){validation.error, test.error, overflowed};
}

/* With state `states` in place of the running state. */
static enum status evaluate_states(const struct observer *observer, float *states,
                                   struct part_errors *errors) {
    struct evaluation validation = {NAN, NAN}, test = {NAN, NAN};
    enum status status = evaluate_part(observer->trainer, PART_VALIDATION, states, &validation);
    if (!status && wants_test(observer))
        status = evaluate_part(observer->trainer, PART_TEST, states, &test);
    *errors = part_errors(validation, test);
    return status;
}

static enum status evaluate_own_batches(const struct observer *observer,
                                        struct part_errors *errors) {
    struct evaluation validation = {NAN, NAN}, test = {NAN, NAN};
    enum status status = evaluate_batches(observer->trainer, PART_VALIDATION, &validation);
    if (!status && wants_test(observer))
        status = evaluate_batches(observer->trainer, PART_TEST, &test);
    *errors = part_errors(validation, test);
    return status;
}

/* Below, `states` is room for one state. */
static enum status evaluate_debiased(const struct observer *observer, int member, float *states,
                                     struct part_errors *errors) {
    *errors = no_errors;
    if (!evaluate_debiased_states(observer->trainer, member, states))
        return OK;
    return evaluate_states(observer, states, errors);
}

static enum status evaluate_population(const struct observer *observer, float *states,
                                       struct part_errors *errors) {
    const struct trainer *trainer = observer->trainer;
    enum status status =
        evaluate_population_states(trainer, evaluate_population_rows(trainer), states);
    return status ? status : evaluate_states(observer, states, errors);
}

static enum status evaluate_bank(struct observer *observer, float *states) {
    const struct bank *bank = &observer->trainer->bank;
    struct bank_errors *row =
        observer_bank_row(observer, observer->log.level >= LOG_FULL ? observer->n_epochs : 0);
    enum status status = OK;
    for (int i = 0; i < bank->n && !status; i++) {
        status = evaluate_states(observer, bank_states(bank, i), &row[i].plain);
        if (!status)
            status = evaluate_debiased(observer, i, states, &row[i].debiased);
    }
    observer->n_bank_points += bank->n > 0;
    return status;
}

/* In the curves where their rows of the probe table are logged, in the final figures always. */
static bool wants(const struct observer *observer, const char *on_validation, const char *on_test) {
    return last_point(observer) ||
           observer_wants(observer, probe_find(PROBE_EPOCH, on_validation), -1) ||
           observer_wants(observer, probe_find(PROBE_EPOCH, on_test), -1);
}

/* With other statistics than the running ones. */
static enum status evaluate_others(struct observer *observer, struct epoch_point *point) {
    const struct mlp *mlp = &observer->trainer->mlp;
    struct pool pool = {0};
    float *states = pool_alloc(&pool, mlp->n_states * sizeof *states);
    enum status status = OK;
    if (mlp->n_states && wants(observer, "validation_error_debiased", "test_error_debiased"))
        status = evaluate_debiased(observer, -1, states, &point->debiased);
    if (!status && mlp->n_states &&
        wants(observer, "validation_error_population", "test_error_population"))
        status = evaluate_population(observer, states, &point->population);
    if (!status && mlp_mixes_rows(mlp) &&
        wants(observer, "validation_error_batch", "test_error_batch"))
        status = evaluate_own_batches(observer, &point->batch);
    if (!status && (observer->log.level >= LOG_FULL || last_point(observer)))
        status = evaluate_bank(observer, states);
    pool_free(&pool);
    return status;
}

enum status observer_evaluate(struct observer *observer, struct epoch_point *point) {
    const struct trainer *trainer = observer->trainer;
    struct evaluation validation = {NAN, NAN}, test = {NAN, NAN};
    if (!observer_wants_any(observer, PROBE_EPOCH) && !last_point(observer))
        return OK;
    enum status status = evaluate_part(trainer, PART_VALIDATION, NULL, &validation);
    if (!status && wants_test(observer))
        status = evaluate_part(trainer, PART_TEST, NULL, &test);
    if (!status)
        status = evaluate_others(observer, point);
    point->validation_loss = validation.loss;
    point->validation_error = validation.error;
    point->test_loss = test.loss;
    point->test_error = test.error;
    return status;
}
