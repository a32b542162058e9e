/* What is evaluated after an epoch: with running statistics, and with others from the same weights.
 */
#include "lab/worker/observer_eval.h"

#include <math.h>

#include "lab/worker/observer_select.h"

struct epoch_point observer_no_point(long steps) {
    struct epoch_point point = {.train_loss = NAN, .train_error = NAN, .steps = steps};
    for (int i = 0; i < SOURCE_COUNT; i++)
        point.by[i] = evaluation_none;
    return point;
}

struct evaluation_pair observer_kept(const struct observer *observer, struct evaluation_pair pair) {
    bool trained = observer->trainer->diverged_at_step < 0;
    return !observer->diverged || (trained && !evaluation_overflowed(&pair)) ? pair
                                                                             : evaluation_none;
}

struct evaluation_pair observer_last(const struct observer *observer, int source) {
    bool trained = observer->trainer->diverged_at_step < 0 && observer->n_epochs > 0;
    if (!trained || (observer->diverged && source == SOURCE_RUNNING))
        return evaluation_none;
    return observer_kept(observer, observer->epochs[observer->n_epochs - 1].by[source]);
}

struct evaluation_pair observer_bank_last(const struct observer *observer, int member, int source) {
    if (observer->n_bank_points == 0)
        return evaluation_none;
    const struct bank_point *row = observer_bank_row(observer, observer->n_bank_points - 1);
    return observer_kept(observer, row[member].by[source]);
}

/* What is asked of the test rows now; their words only in the end. */
static struct test_rows test_rows(const struct observer *observer, uint64_t *wrong) {
    return (struct test_rows){.wanted = observer_wants_test(observer),
                              .wrong = observer_at_end(observer) ? wrong : NULL};
}

/* `room` [mlp.n_states], here and below. */
static enum status evaluate_member(const struct observer *observer, int member, float *room,
                                   struct bank_point *point) {
    enum status status = OK;
    for (int i = 0; i < SOURCE_COUNT && !status; i++) {
        if (!evaluation_source_get(i)->bank)
            continue;
        uint64_t *wrong = observer_bank_wrong(observer, i, member);
        status = evaluate_with(observer->trainer, i, member, test_rows(observer, wrong), room,
                               &point->by[i]);
    }
    return status;
}

static enum status evaluate_bank(struct observer *observer, float *room) {
    const struct bank *bank = &observer->trainer->bank;
    long point = observer->log.level >= LOG_FULL ? observer->n_epochs : 0;
    struct bank_point *row = observer_bank_row(observer, point);
    enum status status = OK;
    for (int i = 0; i < bank->n && !status; i++)
        status = evaluate_member(observer, i, room, &row[i]);
    observer->n_bank_points += bank->n > 0;
    return status;
}

enum status observer_evaluate(struct observer *observer, struct epoch_point *point) {
    const struct trainer *trainer = observer->trainer;
    if (!observer_wants_any(observer, PROBE_EPOCH) && !observer_at_end(observer))
        return OK;
    struct pool pool = {0};
    float *room = pool_alloc(&pool, trainer->mlp.n_states * sizeof *room);
    enum status status = OK;
    for (int i = 0; i < SOURCE_COUNT && !status; i++)
        if (observer_wants_source(observer, i))
            status = evaluate_with(trainer, i, -1, test_rows(observer, observer->wrong[i]), room,
                                   &point->by[i]);
    if (!status && (observer->log.level >= LOG_FULL || observer_at_end(observer)))
        status = evaluate_bank(observer, room);
    pool_free(&pool);
    return status;
}
